"""Order statistics: what stands at a place when the numbers are sorted.

The gradient goes to the elements that stand there.  Where equal numbers compete, the index is the
one that a stable sort would give (PyTorch's is whatever its selection leaves there); ``median()``
of all elements shares the gradient among equals, as PyTorch's does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import as_integer, numpy_like
from autograd.op import structural
from autograd.ops.extrema import to_winners
from autograd.ops.picking import picked, to_the_picked
from autograd.ops.reduced_axes import axis_of, lengthened, some
from autograd.parallel import block_ranges, parallel_for

__all__ = [
    "kthvalue",
    "median",
    "mode",
    "nanmedian",
]

PIECE = 1 << 16  # elements sorted at a time: copies of them are held, not of the whole
SECONDS = 3e-8  # to sort one of them, on one thread


def _at_place(x: Any, value: Any, place: Any, axis: int) -> Any:
    """Return the index at which a stable sort finds its element of that place, the value given."""
    unknown = np.isnan(x)
    equal = (x == value) | (unknown & np.isnan(value))
    below = (x < value) | (np.isnan(value) & ~unknown)
    rank = place - np.sum(below, axis=axis, keepdims=True)
    return np.argmax(np.cumsum(equal, axis=axis) == rank + 1, axis=axis, keepdims=True)


def _kth(x: Any, place: int, axis: int) -> Any:
    """Return the element of a place of the sorted numbers; nan comes last."""
    value = np.take(np.partition(x, place, axis=axis), [place], axis=axis)
    return _at_place(x, value, place, axis)


def _median_index(x: Any, axis: int) -> Any:
    """Return the index of the lower median; of the first nan, if there is one."""
    index = _kth(x, (x.shape[axis] - 1) // 2, axis)
    unknown = np.isnan(x)
    first = np.argmax(unknown, axis=axis, keepdims=True)
    return np.where(np.any(unknown, axis=axis, keepdims=True), first, index)


def _nanmedian_index(x: Any, axis: int) -> Any:
    """Return the index of the lower median of what is not nan."""
    known = np.sum(~np.isnan(x), axis=axis, keepdims=True)
    place = np.maximum(known - 1, 0) // 2
    value = np.take_along_axis(np.sort(x, axis=axis), place, axis)
    return _at_place(x, value, place, axis)


def _over_all(x: Any, index_of: Any, name: str) -> Any:
    flat = np.ravel(x)
    if not flat.size:
        if flat.dtype.kind != "f":
            raise RuntimeError(f"{name}: there is no element in a tensor of shape {x.shape}")
        return flat.dtype.type(np.nan)
    return flat[index_of(flat, 0)[0]]


@structural(name="median", x=to_winners)
def median_over(x: Any, *, dim: None = None) -> Any:
    """Lower median of all elements; those that equal it share the gradient."""
    return _over_all(x, _median_index, "median")


@structural(name="nanmedian", x=to_winners)
def nanmedian_over(x: Any, *, dim: None = None) -> Any:
    """Lower median of all elements that are not nan; those that equal it share the gradient."""
    return _over_all(x, _nanmedian_index, "nanmedian")


def _along(x: Any, dim: int, keepdim: bool, index_of: Any, name: str) -> tuple[Any, Any]:
    axis = axis_of(x, dim, name)
    some(x, dim, name)
    row = lengthened(x)
    index = np.zeros(_kept(row.shape, axis), np.int64)
    cut = int(np.argmax(index.shape))
    step = max(1, PIECE * index.shape[cut] // max(1, row.size))
    ranges = block_ranges(index.shape[cut], step)

    def find(i: int) -> None:
        part = (slice(None),) * cut + (slice(*ranges[i]),)
        index[part] = index_of(row[part], axis)

    if index.size == 1:
        index = index_of(row, axis)
    elif row.size:
        parallel_for(find, len(ranges), seconds=row.size * SECONDS)
    return picked(x, index, axis, keepdim)


def _kept(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis + 1 :])


@structural(name="median", outputs=("values", "indices"), x=to_the_picked)
def median_along(x: Any, *, dim: int, keepdim: bool = False) -> Any:
    """Lower median and its index, which receives the gradient."""
    return _along(x, dim, keepdim, _median_index, "median")


@structural(name="nanmedian", outputs=("values", "indices"), x=to_the_picked)
def nanmedian_along(x: Any, *, dim: int, keepdim: bool = False) -> Any:
    """Lower median of what is not nan and its index, which receives the gradient."""
    return _along(x, dim, keepdim, _nanmedian_index, "nanmedian")


@structural(name="kthvalue", outputs=("values", "indices"), x=to_the_picked)
def kthvalue_along(x: Any, *, k: int, dim: int, keepdim: bool = False) -> Any:
    """Element of place k (from 1) and its index, which receives the gradient."""
    return _along(x, dim, keepdim, lambda row, axis: _kth(row, k - 1, axis), "kthvalue")


@structural(name="mode", outputs=("values", "indices"), x=to_the_picked)
def mode_along(x: Any, *, dim: int, keepdim: bool = False) -> Any:
    """Most frequent value, and the index of its last occurrence, which receives the gradient."""
    return _along(x, dim, keepdim, _mode_index, "mode")


def _mode_index(x: Any, axis: int) -> Any:
    """Sort, and find the first of the longest runs of equal numbers; its end is the index."""
    order = np.argsort(x, axis=axis, kind="stable")
    ordered = np.moveaxis(np.take_along_axis(x, order, axis), axis, -1)
    places = np.arange(ordered.shape[-1])
    starts = np.ones(ordered.shape, bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    since = np.maximum.accumulate(np.where(starts, places, 0), axis=-1)
    longest = np.argmax(places - since, axis=-1, keepdims=True)
    return np.take_along_axis(order, np.moveaxis(longest, -1, axis), axis)


class OrderStatistic(NamedTuple):
    """Values and indices of ``median(dim)``, ``nanmedian(dim)``, ``kthvalue`` and ``mode``."""

    values: Any
    indices: Any


@numpy_like
def median(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Lower median of all elements, or (values, indices) over ``dim``; nan if one is nan.

    Of an even number of elements it is the lower of the two in the middle (``quantile(x, 0.5)``
    is their average).  Without ``dim`` elements equal to it share the gradient, with ``dim`` the
    one whose index is returned receives it.

    Shapes: (), or values and indices of x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError
        If there is no such axis, or it is empty.

    Examples
    --------
    >>> import autograd
    >>> autograd.median(autograd.tensor([4.0, 1.0, 3.0, 2.0])).item()
    2.0
    >>> autograd.median(autograd.tensor([4.0, 1.0, 3.0, 2.0]), 0).indices.item()
    3

    Source: ``torch.median``.
    """
    if dim is None:
        return median_over(x)
    axis_of(x, dim, "median")
    return OrderStatistic(*median_along(x, dim=dim, keepdim=keepdim))


@numpy_like
def nanmedian(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Lower median of what is not nan, or (values, indices) over ``dim``; see :func:`median`.

    Shapes: (), or values and indices of x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError
        As :func:`median`.

    Examples
    --------
    >>> import autograd
    >>> autograd.nanmedian(autograd.tensor([float("nan"), 1.0, 3.0])).item()
    1.0

    Source: ``torch.nanmedian``.
    """
    if dim is None:
        return nanmedian_over(x)
    axis_of(x, dim, "nanmedian")
    return OrderStatistic(*nanmedian_along(x, dim=dim, keepdim=keepdim))


@numpy_like
def kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> OrderStatistic:
    """Find the k-th smallest element along ``dim``, counted from 1, and its index; nan comes last.

    Shapes: values and indices: x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError
        If there is no such axis, or it is empty.
    RuntimeError
        If k is not between 1 and the number of elements along it.

    Examples
    --------
    >>> import autograd
    >>> autograd.kthvalue(autograd.tensor([4.0, 1.0, 3.0]), 2)
    OrderStatistic(values=tensor(3.), indices=tensor(2))

    Source: ``torch.kthvalue``.
    """
    axis = axis_of(x, dim, "kthvalue")
    some(x, dim, "kthvalue")
    length = np.shape(x)[axis] if np.ndim(x) else 1
    number = None if isinstance(k, bool) else as_integer(k)
    if number is None:
        raise TypeError(f"kthvalue: k must be an integer, got {k!r}")
    k = number
    if not 1 <= k <= length:
        raise RuntimeError(f"kthvalue: expected k between 1 and {length} along dim {dim}, got {k}")
    return OrderStatistic(*kthvalue_along(x, k=k, dim=dim, keepdim=keepdim))


@numpy_like
def mode(x: Any, dim: int = -1, keepdim: bool = False) -> OrderStatistic:
    """Find the most frequent value along ``dim``, and the index of its last occurrence.

    Of several that are as frequent it is the smallest.

    Shapes: values and indices: x without ``dim`` (length 1 with ``keepdim``).

    Raises
    ------
    IndexError
        If there is no such axis, or it is empty.

    Examples
    --------
    >>> import autograd
    >>> autograd.mode(autograd.tensor([2, 1, 2, 1, 3]))
    OrderStatistic(values=tensor(1), indices=tensor(3))

    Source: ``torch.mode``.
    """
    axis_of(x, dim, "mode")
    return OrderStatistic(*mode_along(x, dim=dim, keepdim=keepdim))
