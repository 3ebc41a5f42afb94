"""Quantiles: what stands at a fraction of the way through the sorted numbers, between two places.

Sorting has no derivative, picking has: a quantile is two picked elements, and the way between
them, so that its gradient goes to both (and to ``q``, if that is a tensor that requires grad).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import all_axes, numpy_like
from autograd.ops.arithmetic import lerp
from autograd.ops.axes import permute_axes
from autograd.ops.gathering import gather_along
from autograd.ops.matrices import plain
from autograd.ops.reduced_axes import axis_of, kept_shape
from autograd.ops.rounding import floor
from autograd.ops.selection import where
from autograd.ops.shape import reshape_to
from autograd.record import is_tensor, numbers

__all__ = [
    "nanquantile",
    "quantile",
]

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantiles(
    x: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, name: str, ignore_nan: bool = False
) -> Any:
    """Compute quantiles over ``dim``, an axis, several or None: all; with NumPy's ``axis``, too."""
    q = _fractions(x, q, name)
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(
            f"{name}: interpolation must be one of {', '.join(INTERPOLATIONS)}, "
            f"got {interpolation!r}"
        )
    axes = all_axes(dim, x.ndim, name)
    kept = kept_shape(x.shape, dim)
    left = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    rows = reshape_to(
        permute_axes(x, dims=(*others, *axes)) if x.ndim > 1 else x, shape=(*left, -1)
    )
    found = _of_rows(rows, reshape_to(q, shape=(-1,)), interpolation, ignore_nan, name)
    if np.ndim(q) == 0:
        return reshape_to(found, shape=kept if keepdim else left)
    found = permute_axes(found, dims=(len(left), *range(len(left))))
    return reshape_to(found, shape=(found.shape[0], *(kept if keepdim else left)))


def _fractions(x: Any, q: Any, name: str) -> Any:
    """Return q in the dtype of x, checked."""
    if x.dtype.kind != "f" or 0 in x.shape:
        raise RuntimeError(
            f"{name}: expected a floating-point tensor that is not empty, got {x.dtype} of shape "
            f"{x.shape}"
        )
    if is_tensor(q) and q.dtype != x.dtype:
        raise RuntimeError(f"{name}: q must have the dtype of x, {x.dtype}, got {q.dtype}")
    given = q.payload if is_tensor(q) else numbers(name, q, x.dtype)
    if np.ndim(given) > 1:
        raise RuntimeError(f"{name}: q must be a number or a vector, got shape {given.shape}")
    if not np.all((given >= 0) & (given <= 1)):
        raise RuntimeError(f"{name}: q must be between 0 and 1, got {given}")
    return q if is_tensor(q) else given


def _of_rows(x: Any, q: Any, interpolation: str, ignore_nan: bool, name: str) -> Any:
    """Compute the quantiles q, a vector, of the last axis, which they replace."""
    values = x.payload if is_tensor(x) else x
    order = np.argsort(values, axis=-1, kind="stable")  # nan comes last
    unknown = np.isnan(values)
    length = values.shape[-1]
    known = np.sum(~unknown, axis=-1, keepdims=True)
    last = np.maximum(known - 1, 0) if ignore_nan else np.full_like(known, length - 1)
    place = q * last.astype(values.dtype)
    if not ignore_nan:  # one nan makes the row's quantiles nan: it stands at the end
        place = where(known < length, values.dtype.type(length - 1), place)
    exact = place.payload if is_tensor(place) else place

    def pick(places: Any) -> Any:
        index = np.take_along_axis(order, places.astype(np.int64), -1)
        return gather_along(x, index, dim=x.ndim - 1)

    if interpolation == "lower":
        return pick(np.floor(exact))
    if interpolation == "higher":
        return pick(np.ceil(exact))
    if interpolation == "nearest":
        return pick(np.rint(exact))
    below, above = pick(np.floor(exact)), pick(np.ceil(exact))
    if name.endswith("median"):  # NumPy's, a mean, which may be inf
        return where(np.floor(exact) < exact, (below + above) / 2, below)
    way = place - floor(place)
    if interpolation == "midpoint":
        way = values.dtype.type(0.5)
    between = lerp(below, above, way)
    if name.startswith("np."):  # of one infinity PyTorch has nan, NumPy itself
        return where(np.isinf(plain(below)) & (plain(below) == plain(above)), below, between)
    return between


@numpy_like
def quantile(
    x: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """Find what stands q of the way through the sorted numbers, over ``dim`` or all elements.

    At place p = q (n - 1), which lies between two elements: a + (p - floor(p)) (b - a), or as
    ``interpolation`` says.  A nan among the numbers makes the result nan.

    Shapes: q a number: x without ``dim`` (length 1 with ``keepdim``); q of shape (Q,): (Q, ...).

    Parameters
    ----------
    q : float, or Tensor of the dtype of x
        Between 0 and 1.
    interpolation : {"linear", "lower", "higher", "midpoint", "nearest"}

    Raises
    ------
    RuntimeError
        If x is empty or not floating-point, or q is not between 0 and 1.

    Examples
    --------
    >>> import autograd
    >>> autograd.quantile(autograd.tensor([4.0, 1.0, 3.0, 2.0]), 0.5).item()
    2.5

    Source: ``torch.quantile``.
    """
    if dim is not None:
        axis_of(x, dim, "quantile")
    return quantiles(x, q, dim, keepdim, interpolation, "quantile")


@numpy_like
def nanquantile(
    x: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """Find the quantile of what is not nan; nan of none.  See :func:`quantile`.

    Shapes: as those of :func:`quantile`.

    Raises
    ------
    RuntimeError
        As :func:`quantile`.

    Examples
    --------
    >>> import autograd
    >>> autograd.nanquantile(autograd.tensor([float("nan"), 1.0, 3.0]), 0.5).item()
    2.0

    Source: ``torch.nanquantile``.
    """
    if dim is not None:
        axis_of(x, dim, "nanquantile")
    return quantiles(x, q, dim, keepdim, interpolation, "nanquantile", ignore_nan=True)
