"""Reductions: many numbers become fewer, and the gradient is spread back over them.

The public functions have PyTorch's signatures (``dim``, ``keepdim``, or NumPy's ``axis`` and
``keepdims``); the operations beneath them take their attributes by keyword.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import Dim, all_axes, numpy_names
from autograd.op import structural
from autograd.ops.axes import expand_to
from autograd.ops.passing import gate
from autograd.ops.selection import maximum, minimum
from autograd.ops.shape import reshape_to
from autograd.record import is_tensor

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "logsumexp",
    "max",
    "mean",
    "min",
    "std",
    "sum",
    "var",
]


def _kept(shape: tuple[int, ...], dim: Dim) -> tuple[int, ...]:
    axes = all_axes(dim, len(shape), "reduce")
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def _count(shape: tuple[int, ...], dim: Dim) -> int:
    number = 1
    for axis in all_axes(dim, len(shape), "reduce"):
        number *= shape[axis]
    return number


def _freedom(shape: tuple[int, ...], dim: Dim, correction: float) -> Any:
    """Return n - correction, or nan where too few numbers were given (then var is nan, too)."""
    freedom = _count(shape, dim) - correction
    return freedom if freedom > 0 else np.nan


def _restore(reduced: Any, shape: tuple[int, ...], dim: Dim) -> Any:
    """Give a reduced value its axes back, of length 1."""
    return reshape_to(reduced, shape=_kept(shape, dim))


def _axis(x: Any, dim: Dim, name: str) -> tuple[int, ...]:
    return all_axes(dim, np.ndim(x), name)


def _some(x: Any, dim: Dim, name: str) -> tuple[int, ...]:
    """Return the axes, along which there must be something to choose from."""
    axes = _axis(x, dim, name)
    if 0 in (x.shape[axis] for axis in axes):
        raise RuntimeError(f"{name}: there is no element along dim {dim} of shape {x.shape}")
    return axes


@structural(x=lambda upstream, x_shape: expand_to(upstream, shape=x_shape))
def sum_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    """Sum over the axes that broadcasting would add to ``shape``: the adjoint of broadcasting."""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and x.shape[lead + i] != 1
    )
    return np.add.reduce(x, axis=axes).reshape(shape)[()] if axes else x.reshape(shape)[()]


@structural(
    name="sum",
    x=lambda upstream, x_shape, dim: expand_to(_restore(upstream, x_shape, dim), shape=x_shape),
)
def sum_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Sum; each operand receives the upstream of its sum."""
    dtype = np.int64 if x.dtype.kind in "biu" else None
    return np.sum(x, axis=_axis(x, dim, "sum"), keepdims=keepdim, dtype=dtype)


@structural(
    name="mean",
    x=lambda upstream, x_shape, dim: expand_to(
        _restore(upstream, x_shape, dim) / _count(x_shape, dim), shape=x_shape
    ),
)
def mean_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Average; each of n operands receives 1/n of the upstream."""
    if x.dtype.kind != "f":
        raise RuntimeError(f"mean: expected a floating-point tensor, got {x.dtype}")
    axis = _axis(x, dim, "mean")
    number = _count(x.shape, dim)
    total = np.sum(x, axis=axis, keepdims=keepdim)
    return total / np.array(number, x.dtype)[()] if number else total * x.dtype.type(np.nan)


@structural(
    name="var",
    x=lambda upstream, x, x_shape, dim, correction: (
        _restore(upstream, x_shape, dim)
        * (2 / _freedom(x_shape, dim, correction))
        * (x - mean_over(x, dim=dim, keepdim=True))
    ),
)
def var_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Variance: sum (x - mean)^2 / (n - correction); d/dx = 2 (x - mean) / (n - correction)."""
    return np.var(x, axis=_axis(x, dim, "var"), ddof=correction, keepdims=keepdim)


@structural(
    name="std",
    x=lambda upstream, x, z, x_shape, dim, correction: (
        _restore(gate(upstream, z != 0) / (z + (z == 0)), x_shape, dim)
        / _freedom(x_shape, dim, correction)
        * (x - mean_over(x, dim=dim, keepdim=True))
    ),
)
def std_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Take the standard deviation; d/dx = (x - mean) / ((n - correction) std), 0 if std = 0."""
    return np.std(x, axis=_axis(x, dim, "std"), ddof=correction, keepdims=keepdim)


@structural()
def extremum_share(x: Any, z: Any, *, dim: Dim, policy: str) -> Any:
    """Return what share of its slice's gradient each operand receives: 1, 0, or 1/winners.

    ``z`` is the extremum with its axes kept.  A nan is the extremum of its slice.
    """
    wins = (x == z) | np.isnan(x)
    axis = _axis(x, dim, "amax")
    if policy == "even":
        return wins / np.sum(wins, axis=axis, keepdims=True).astype(x.dtype)
    if policy == "none":
        return wins & (np.sum(wins, axis=axis, keepdims=True) == 1)
    moved = np.moveaxis(wins, axis, range(x.ndim - len(axis), x.ndim))
    flat = moved.reshape(*moved.shape[: x.ndim - len(axis)], -1)
    first = np.zeros(flat.shape, bool)
    if flat.shape[-1]:
        np.put_along_axis(first, flat.argmax(-1)[..., None], flat.any(-1)[..., None], -1)
    return np.moveaxis(first.reshape(moved.shape), range(x.ndim - len(axis), x.ndim), axis)


def _extremum_rule(
    upstream: Any, x: Any, z: Any, x_shape: tuple[int, ...], dim: Dim, prefer: str, ties: str
) -> Any:
    policy = prefer if ties == "torch" else ties
    spread = expand_to(_restore(upstream, x_shape, dim), shape=x_shape)
    share = extremum_share(x, _restore(z, x_shape, dim), dim=dim, policy=policy)
    return gate(spread, share != 0) * share if policy == "even" else gate(spread, share)


@structural(name="amax", x=_extremum_rule)
def amax_over(x: Any, *, dim: Dim = None, keepdim: bool = False, prefer: str = "even") -> Any:
    """Maximum; the gradient goes to the winners as ``prefer`` or the ties policy says."""
    return np.max(x, axis=_some(x, dim, "amax"), keepdims=keepdim)


@structural(name="amin", x=_extremum_rule)
def amin_over(x: Any, *, dim: Dim = None, keepdim: bool = False, prefer: str = "even") -> Any:
    """Minimum; the gradient goes to the winners as ``prefer`` or the ties policy says."""
    return np.min(x, axis=_some(x, dim, "amin"), keepdims=keepdim)


@structural(
    name="logsumexp",
    promotes="float",
    x=lambda upstream, x, z, x_shape, dim: (
        _restore(upstream, x_shape, dim) * np.exp(x - _restore(z, x_shape, dim))
    ),
)
def logsumexp_over(x: Any, *, dim: Dim, keepdim: bool = False) -> Any:
    """Compute log sum e^x without overflow; d/dx = softmax(x)."""
    axis = _axis(x, dim, "logsumexp")
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    z = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return z if keepdim else np.squeeze(z, axis)[()]


@structural(name="argmax")
def argmax_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first maximum (of the flattened tensor without ``dim``)."""
    _some(x, dim, "argmax")
    return np.argmax(x, axis=dim, keepdims=keepdim)


@structural(name="argmin")
def argmin_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first minimum (of the flattened tensor without ``dim``)."""
    _some(x, dim, "argmin")
    return np.argmin(x, axis=dim, keepdims=keepdim)


@structural(name="any")
def any_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether some element is true (not zero)."""
    return np.any(x, axis=_axis(x, dim, "any"), keepdims=keepdim)


@structural(name="all")
def all_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether all elements are true (not zero)."""
    return np.all(x, axis=_axis(x, dim, "all"), keepdims=keepdim)


class Extremum(NamedTuple):
    """Values and indices of ``max(dim)`` and ``min(dim)``."""

    values: Any
    indices: Any


@numpy_names
def sum(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Sum over ``dim``, or over all elements; integers add up in int64.

    Parameters
    ----------
    x : Tensor
    dim : int or tuple of int, optional
        Axes to sum over; all of them if None.
    keepdim : bool
        Whether the axes stay, with length 1.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> x.sum(0)
    tensor([4., 6.], grad_fn=<sum>)
    """
    return sum_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def mean(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Average over ``dim``, or over all elements: d/dx = 1/n."""
    return mean_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def var(
    x: Any,
    dim: Dim = None,
    *,
    correction: float = 1,
    keepdim: bool = False,
    unbiased: bool | None = None,
) -> Any:
    """Variance: sum (x - mean)^2 / (n - correction); ``unbiased`` means a correction of 1, else 0.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0, 3.0])
    >>> x.var().item(), round(x.var(unbiased=False).item(), 4)
    (1.0, 0.6667)
    """
    if unbiased is not None:
        correction = int(unbiased)
    return var_over(x, dim=dim, correction=correction, keepdim=keepdim)


@numpy_names
def std(
    x: Any,
    dim: Dim = None,
    *,
    correction: float = 1,
    keepdim: bool = False,
    unbiased: bool | None = None,
) -> Any:
    """Take the standard deviation: the square root of :func:`var`."""
    if unbiased is not None:
        correction = int(unbiased)
    return std_over(x, dim=dim, correction=correction, keepdim=keepdim)


@numpy_names
def amax(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Maximum over ``dim``; operands that tie share the gradient evenly."""
    return amax_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def amin(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Minimum over ``dim``; operands that tie share the gradient evenly."""
    return amin_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def max(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Maximum of all elements, or over ``dim`` with the index of the first winner.

    Without ``dim`` ties share the gradient; with ``dim`` the index named receives all of it.
    ``max(x, y)`` of two tensors is ``maximum(x, y)``, as in PyTorch.
    """
    if dim is None:
        return amax_over(x)
    if is_tensor(dim):
        return maximum(x, dim)
    values = amax_over(x, dim=dim, keepdim=keepdim, prefer="first")
    return Extremum(values, argmax_over(x, dim=dim, keepdim=keepdim))


@numpy_names
def min(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Minimum of all elements, or over ``dim`` with the index of the first winner; see max."""
    if dim is None:
        return amin_over(x)
    if is_tensor(dim):
        return minimum(x, dim)
    values = amin_over(x, dim=dim, keepdim=keepdim, prefer="first")
    return Extremum(values, argmin_over(x, dim=dim, keepdim=keepdim))


@numpy_names
def logsumexp(x: Any, dim: Dim, keepdim: bool = False) -> Any:
    """Compute log sum e^x over ``dim``, without overflow; d/dx = softmax(x)."""
    return logsumexp_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def argmax(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first maximum; no derivative."""
    return argmax_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def argmin(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first minimum; no derivative."""
    return argmin_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def any(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether some element is true (not zero)."""
    return any_over(x, dim=dim, keepdim=keepdim)


@numpy_names
def all(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether all elements are true (not zero)."""
    return all_over(x, dim=dim, keepdim=keepdim)
