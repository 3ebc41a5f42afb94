"""Sorting: the order of the elements along a dim, and the elements in that order.

Orders are plain integers, found first; the values are gathered by them, so that the gradient goes
back to where each value came from.  All sorts are stable; nan is the largest of all numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import as_integer, numpy_names, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.gathering import gather_along
from autograd.ops.matrices import given

__all__ = [
    "argsort",
    "msort",
    "sort",
    "topk",
]


class Sorted(NamedTuple):
    """What :func:`sort` returns."""

    values: Any
    indices: Any


class TopK(NamedTuple):
    """What :func:`topk` returns."""

    values: Any
    indices: Any


@structural(name="argsort")
def order_along(x: Any, *, dim: int, descending: bool) -> Any:
    """Return the stable order along ``dim``."""
    return _order(np.atleast_1d(x), dim, descending).reshape(np.shape(x))[()]


def _order(x: Any, dim: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    # The order of the mirror image, mirrored: equal elements keep their order.
    order = np.flip(np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)
    return x.shape[dim] - 1 - order


@structural(name="topk")
def top_order(x: Any, *, k: int, dim: int, largest: bool) -> Any:
    """Return the positions of the k largest or smallest along ``dim``, in order."""
    x = np.atleast_1d(x)
    length = x.shape[dim]
    if 4 * k >= length:
        chosen = np.take(_order(x, dim, largest), np.arange(k), axis=dim)
        return np.ascontiguousarray(chosen)
    found = _top_of_candidates(x, k, largest) if dim % x.ndim == x.ndim - 1 else None
    if found is not None:
        return found
    border = min(length - k if largest else k, length - 1)
    parted = np.argpartition(x, border, axis=dim)
    chosen = np.take(parted, np.arange(length - k, length) if largest else np.arange(k), axis=dim)
    chosen.sort(axis=dim)  # so that equal elements keep their order
    order = _order(np.take_along_axis(x, chosen, dim), dim, largest)
    return np.take_along_axis(chosen, order, dim)


def _top_of_candidates(x: Any, k: int, largest: bool) -> Any:
    """Return what ``top_order`` does along the last axis, or None where this way does not lead.

    The maxima of small blocks are few, and the k-th of them is no larger than the k-th of all:
    what reaches it is little more than k elements, found in a quarter of the time that
    ``np.argpartition`` takes.
    """
    length = x.shape[-1]
    if not k or length < 256 or x.dtype.kind != "f" or not x.size:
        return None
    blocks = math.isqrt(length * k // 2)
    side = length // blocks
    rows = x.reshape(-1, length)
    tops = rows[:, : blocks * side].reshape(-1, side, blocks)  # a block is every so many
    tops = tops.max(1) if largest else tops.min(1)
    kth = blocks - k if largest else k - 1
    border = np.partition(tops, kth, axis=-1)[:, kth, None]
    reach = np.logical_not(rows < border) if largest else rows <= border  # nan is the largest
    found = np.flatnonzero(reach)
    row = found // length
    counts = np.bincount(row, minlength=len(rows))
    width = int(counts.max())
    if width > 8 * k or counts.min() < k:  # many equals, or nan
        return None
    place = found - row * length
    turn = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    values = np.full((len(rows), width), -np.inf if largest else np.inf, x.dtype)
    places = np.zeros((len(rows), width), np.intp)
    values[row, turn], places[row, turn] = rows[row, place], place
    order = _order(values, -1, largest)[:, :k]  # what fills up comes last, being stable
    return np.take_along_axis(places, order, -1).reshape(*x.shape[:-1], k)


@numpy_names
def sort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Sorted:
    """Sort along ``dim``; returns ``values`` and ``indices``, where values = gather(x, indices).

    The gradient of a value goes back to where it came from.  Equal elements keep their order
    whatever ``stable`` says; nan comes last, or first if ``descending``.
    Shapes: those of x.

    Raises
    ------
    IndexError
        If there is no such dim.

    Examples
    --------
    >>> import autograd
    >>> values, indices = autograd.sort(autograd.tensor([3.0, 1.0, 2.0]), descending=True)
    >>> values, indices
    (tensor([3., 2., 1.]), tensor([0, 2, 1]))

    Source: ``torch.sort``.
    """
    x = given("sort", x)
    dim = one_axis(dim, len(x.shape) or 1, "sort")
    indices = order_along(x, dim=dim, descending=bool(descending))
    return Sorted(gather_along(x, indices, dim=dim), indices)


@numpy_names
def argsort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """Return the indices that sort x along ``dim``; see :func:`sort`.  No derivative.

    Shapes: that of x.

    Raises
    ------
    IndexError
        If there is no such dim.

    Examples
    --------
    >>> import autograd
    >>> autograd.argsort(autograd.tensor([3.0, 1.0, 2.0]))
    tensor([1, 2, 0])

    Source: ``torch.argsort``.
    """
    x = given("argsort", x)
    dim = one_axis(dim, len(x.shape) or 1, "argsort")
    return order_along(x, dim=dim, descending=bool(descending))


@naming
def msort(x: Any) -> Any:
    """Sort along the first dim, from small to large; see :func:`sort`.

    Shapes: that of x.

    Raises
    ------
    TypeError
        If x is no tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.msort(autograd.tensor([[3, 1], [2, 4]]))
    tensor([[2, 1],
            [3, 4]])

    Source: ``torch.msort``.
    """
    return sort(given("msort", x), 0).values


@numpy_names
def topk(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> TopK:
    """Return the k largest (or smallest) elements along ``dim``, and their indices.

    They are in order whatever ``sorted`` says; nan is the largest.  The gradient of a value goes
    back to where it came from.  Shapes: x (N, M) -> (N, k) for dim 1.

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If there are no k elements.
    TypeError
        If k is no integer.

    Examples
    --------
    >>> import autograd
    >>> values, indices = autograd.topk(autograd.tensor([3.0, 1.0, 5.0, 2.0]), 2)
    >>> values, indices
    (tensor([5., 3.]), tensor([2, 0]))

    Source: ``torch.topk``.
    """
    x = given("topk", x)
    dim = one_axis(dim, len(x.shape) or 1, "topk")
    number = None if isinstance(k, bool) else as_integer(k)
    if number is None:
        raise TypeError(f"topk: expected an integer k, got {type(k).__name__}")
    k = number
    length = (x.shape or (1,))[dim]
    if not 0 <= k <= length:
        raise RuntimeError(f"topk: k = {k} is out of range for dim {dim} of length {length}")
    if not x.shape:
        return TopK(*sort(x))
    indices = top_order(x, k=k, dim=dim, largest=bool(largest))
    return TopK(gather_along(x, indices, dim=dim), indices)
