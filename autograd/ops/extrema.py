"""Extrema: the largest and the smallest, and where the gradient goes when several are.

The gradient goes to the winner, and losers receive exactly 0, whatever arrives.  Winners that tie
share evenly in ``amax``, ``amin``, ``aminmax`` and ``max()``, and the first one is given all by
``max(dim)``, whose index names it: PyTorch's conventions, which ``autograd.ties`` changes.  A nan
is larger and smaller than any number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import Dim, all_axes, numpy_like
from autograd.modes import MODE
from autograd.op import structural
from autograd.ops.axes import expand_to
from autograd.ops.passing import gate
from autograd.ops.picking import picked, to_the_picked
from autograd.ops.reduced_axes import axis_of, lengthened, restore, some
from autograd.ops.selection import maximum, minimum
from autograd.record import is_tensor

__all__ = [
    "amax",
    "amin",
    "aminmax",
    "argmax",
    "argmin",
    "max",
    "min",
]


@structural()
def winners(x: Any, z: Any, *, dim: Dim, policy: str) -> Any:
    """Tell which elements are the one chosen, ``z`` with its axes kept, and receive its gradient.

    ``policy`` says which of those that tie: all ("even"), the first one, or none.
    """
    wins = (x == z) | (np.isnan(x) & np.isnan(z))
    axes = all_axes(dim, np.ndim(x), "amax")
    if policy == "none":
        return wins & (np.sum(wins, axis=axes, keepdims=True) == 1)
    if policy == "first":
        return _first(wins, axes)
    return wins


def _first(wins: Any, axes: tuple[int, ...]) -> Any:
    """Return the first true element of each slice."""
    last = range(np.ndim(wins) - len(axes), np.ndim(wins))
    moved = np.moveaxis(wins, axes, last)
    flat = moved.reshape(*moved.shape[: np.ndim(wins) - len(axes)], -1)
    first = np.zeros(flat.shape, bool)
    if flat.shape[-1]:
        np.put_along_axis(first, flat.argmax(-1)[..., None], flat.any(-1)[..., None], -1)
    return np.moveaxis(first.reshape(moved.shape), last, axes)


@structural()
def number_of(wins: Any, *, dim: Dim, dtype: Any) -> Any:
    """Count the winners of each slice (of an empty one 1, to divide by)."""
    axes = all_axes(dim, np.ndim(wins), "amax")
    return np.maximum(np.sum(wins, axis=axes, keepdims=True, dtype=dtype), dtype.type(1))


def to_winners(upstream: Any, x: Any, z: Any, x_shape: tuple[int, ...], dim: Dim, ties: str) -> Any:
    """Give the upstream to the elements that equal the one chosen, as the ties policy says."""
    policy = "even" if ties == "torch" else ties
    wins = winners(x, restore(z, x_shape, dim), dim=dim, policy=policy)
    share = restore(upstream, x_shape, dim)
    if policy == "even":
        share = share / number_of(wins, dim=dim, dtype=x.dtype)
    return gate(expand_to(share, shape=x_shape), wins)


@structural(name="amax", x=to_winners)
def amax_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Maximum; the gradient goes to the winners."""
    return np.max(x, axis=some(x, dim, "amax"), keepdims=keepdim)


@structural(name="amin", x=to_winners)
def amin_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Minimum; the gradient goes to the winners."""
    return np.min(x, axis=some(x, dim, "amin"), keepdims=keepdim)


def _to_both(upstream: Any, x: Any, z: Any, x_shape: tuple[int, ...], dim: Dim, ties: str) -> Any:
    """Add up what goes to the smallest and what goes to the largest; either may be None."""
    lower, upper = (
        None if part is None else to_winners(part, x, extremum, x_shape, dim, ties)
        for part, extremum in zip(upstream, z, strict=True)
    )
    return upper if lower is None else lower if upper is None else lower + upper


@structural(name="aminmax", outputs=("min", "max"), x=_to_both)
def aminmax_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Minimum and maximum at once."""
    axes = some(x, dim, "aminmax")
    return np.min(x, axis=axes, keepdims=keepdim), np.max(x, axis=axes, keepdims=keepdim)


@structural(name="max", outputs=("values", "indices"), x=to_the_picked)
def max_along(x: Any, *, dim: int, keepdim: bool = False) -> Any:
    """Maximum and the index of the first winner, which receives the gradient."""
    axis = axis_of(x, dim, "max")
    some(x, dim, "max")
    return picked(x, np.argmax(lengthened(x), axis, keepdims=True), axis, keepdim)


@structural(name="min", outputs=("values", "indices"), x=to_the_picked)
def min_along(x: Any, *, dim: int, keepdim: bool = False) -> Any:
    """Minimum and the index of the first winner, which receives the gradient."""
    axis = axis_of(x, dim, "min")
    some(x, dim, "min")
    return picked(x, np.argmin(lengthened(x), axis, keepdims=True), axis, keepdim)


@structural(name="argmax")
def argmax_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first maximum (of the flattened tensor without ``dim``)."""
    some(x, dim, "argmax", IndexError)
    axis = None if dim is None or not np.ndim(x) else axis_of(x, dim, "argmax")
    return np.argmax(x, axis=axis, keepdims=keepdim)


@structural(name="argmin")
def argmin_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first minimum (of the flattened tensor without ``dim``)."""
    some(x, dim, "argmin", IndexError)
    axis = None if dim is None or not np.ndim(x) else axis_of(x, dim, "argmin")
    return np.argmin(x, axis=axis, keepdims=keepdim)


class Extremum(NamedTuple):
    """Values and indices of ``max(dim)`` and ``min(dim)``."""

    values: Any
    indices: Any


class MinMax(NamedTuple):
    """Minimum and maximum of ``aminmax``."""

    min: Any
    max: Any


@numpy_like
def amax(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Maximum over ``dim``, or over all elements; winners that tie share the gradient evenly.

    Shapes: x of any shape; the axes of ``dim`` (all if None or ()) go, or stay with length 1.

    Raises
    ------
    IndexError
        If there is no such axis, or it is empty.
    RuntimeError
        If the tensor is empty, or an axis is named twice.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 3.0, 3.0], requires_grad=True)
    >>> x.amax().backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 0.5000])

    Source: ``torch.amax``.
    """
    return amax_over(x, dim=dim, keepdim=keepdim)


@numpy_like
def amin(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Minimum over ``dim``, or over all elements; winners that tie share the gradient evenly.

    Shapes and errors as of :func:`amax`.

    Examples
    --------
    >>> import autograd
    >>> autograd.amin(autograd.tensor([[1.0, 2.0], [4.0, 3.0]]), dim=(0, 1)).item()
    1.0

    Source: ``torch.amin``.
    """
    return amin_over(x, dim=dim, keepdim=keepdim)


@numpy_like
def aminmax(x: Any, *, dim: int | None = None, keepdim: bool = False) -> MinMax:
    """Minimum and maximum, in one operation; see :func:`amin` and :func:`amax`.

    Shapes: both: x without ``dim`` (length 1 with ``keepdim``), () without dim.

    Raises
    ------
    TypeError
        If ``dim`` is not one integer.

    Examples
    --------
    >>> import autograd
    >>> autograd.aminmax(autograd.tensor([2.0, 1.0, 3.0])).min.item()
    1.0

    Source: ``torch.aminmax``.
    """
    if dim is not None:
        axis_of(x, dim, "aminmax")
    return MinMax(*aminmax_over(x, dim=dim, keepdim=keepdim))


@numpy_like
def max(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Maximum of all elements, or (values, indices) over ``dim``, of the first winner.

    Without ``dim`` winners that tie share the gradient; with ``dim`` the one whose index is
    returned receives all of it.  ``max(x, y)`` of two tensors is ``maximum(x, y)``.

    Shapes: (), or values and indices of x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError
        If there is no such axis, or it is empty.
    RuntimeError
        If the tensor is empty and no ``dim`` is given.

    Examples
    --------
    >>> import autograd
    >>> autograd.max(autograd.tensor([[1.0, 3.0], [5.0, 2.0]]), 1)
    Extremum(values=tensor([3., 5.]), indices=tensor([1, 0]))

    Source: ``torch.max``.
    """
    if dim is None:
        if 0 in (x.shape if is_tensor(x) else np.shape(x)):
            raise RuntimeError(f"max: there is no element in a tensor of shape {np.shape(x)}")
        return amax_over(x, keepdim=keepdim)
    if is_tensor(dim):
        return maximum(x, dim)
    axis_of(x, dim, "max")
    if MODE.get().ties in ("even", "none"):  # the index names one winner, the gradient goes to more
        return Extremum(
            amax_over(x, dim=dim, keepdim=keepdim), argmax_over(x, dim=dim, keepdim=keepdim)
        )
    return Extremum(*max_along(x, dim=dim, keepdim=keepdim))


@numpy_like
def min(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Minimum of all elements, or (values, indices) over ``dim``, of the first winner.

    As :func:`max`, with the smallest.

    Shapes: (), or values and indices of x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError, RuntimeError
        As :func:`max`.

    Examples
    --------
    >>> import autograd
    >>> autograd.min(autograd.tensor([[1.0, 3.0], [5.0, 2.0]]), 1)
    Extremum(values=tensor([1., 2.]), indices=tensor([0, 1]))

    Source: ``torch.min``.
    """
    if dim is None:
        if 0 in (x.shape if is_tensor(x) else np.shape(x)):
            raise RuntimeError(f"min: there is no element in a tensor of shape {np.shape(x)}")
        return amin_over(x, keepdim=keepdim)
    if is_tensor(dim):
        return minimum(x, dim)
    axis_of(x, dim, "min")
    if MODE.get().ties in ("even", "none"):
        return Extremum(
            amin_over(x, dim=dim, keepdim=keepdim), argmin_over(x, dim=dim, keepdim=keepdim)
        )
    return Extremum(*min_along(x, dim=dim, keepdim=keepdim))


@numpy_like
def argmax(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first maximum over ``dim``, or in the flattened tensor; no derivative.

    A nan counts as the largest, as in PyTorch.

    Shapes: x without ``dim`` (length 1 with ``keepdim``), () without dim.

    Raises
    ------
    IndexError
        If there is no such axis, or nothing to choose from.
    TypeError
        If ``dim`` is not one integer.

    Examples
    --------
    >>> import autograd
    >>> autograd.argmax(autograd.tensor([[1.0, 3.0], [5.0, 2.0]]), dim=1)
    tensor([1, 0])

    Source: ``torch.argmax``.
    """
    if dim is not None:
        axis_of(x, dim, "argmax")
    return argmax_over(x, dim=dim, keepdim=keepdim)


@numpy_like
def argmin(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Index of the first minimum over ``dim``, or in the flattened tensor; no derivative.

    As :func:`argmax`, with the smallest; a nan counts as that, too.

    Shapes: x without ``dim`` (length 1 with ``keepdim``), () without dim.

    Raises
    ------
    IndexError, RuntimeError, TypeError
        As :func:`argmax`.

    Examples
    --------
    >>> import autograd
    >>> autograd.argmin(autograd.tensor([[1.0, 3.0], [5.0, 2.0]])).item()
    0

    Source: ``torch.argmin``.
    """
    if dim is not None:
        axis_of(x, dim, "argmin")
    return argmin_over(x, dim=dim, keepdim=keepdim)
