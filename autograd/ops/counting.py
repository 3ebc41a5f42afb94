"""Counting: how often a value is there, and between which boundaries it lies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import a_number, an_integer
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.indexing import getitem_at, plain
from autograd.ops.positions import like, payload, positions
from autograd.promotion import get_default_dtype
from autograd.record import is_tensor

__all__ = [
    "bincount",
    "bucketize",
    "histc",
    "histogram",
    "one_hot",
    "searchsorted",
]

Array = np.ndarray[Any, Any]


class Histogram(NamedTuple):
    """What :func:`histogram` returns."""

    hist: Any
    bin_edges: Any


@structural(
    name="bincount",
    weights=lambda upstream, x: getitem_at(upstream, index=plain((x,))),
)
def count_bins(x: Any, weights: Any, *, minlength: int) -> Any:
    """Add up the weights of each bin."""
    total = np.bincount(x.astype(np.intp, copy=False), weights, minlength)
    return total.astype(np.float32 if weights.dtype == np.float32 else np.float64, copy=False)


@naming
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Count how often each number 0, 1, ... is there, or add up the weights of those that are.

    Shapes: x (n,), weights (n,) -> (max(x) + 1,), or ``minlength`` if that is more.  A weight
    receives the gradient of its bin.

    Raises
    ------
    RuntimeError
        If x is no vector of integers from 0 up, weights have another shape, or ``minlength`` is
        negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.bincount(autograd.tensor([0, 1, 1, 4]))
    tensor([1, 2, 0, 0, 1])

    Source: ``torch.bincount``.
    """
    value = np.asarray(payload(positions("bincount", x)))
    if value.ndim != 1 or (value.size and value.min() < 0):
        raise RuntimeError(
            f"bincount: expected a vector of integers from 0 up, got shape {value.shape}"
            + (f" with {value.min()}" if value.size else "")
        )
    minlength = an_integer(minlength, "minlength", "bincount")
    if minlength < 0:
        raise RuntimeError(f"bincount: minlength must be 0 or more, got {minlength}")
    if weights is None:
        return like(x, np.bincount(value.astype(np.intp, copy=False), minlength=minlength))
    if not hasattr(weights, "dtype"):
        weights = np.asarray(weights, get_default_dtype())
    if weights.shape != value.shape:
        raise RuntimeError(f"bincount: weights of shape {weights.shape} for {len(value)} integers")
    x = x if is_tensor(x) and value.dtype.kind == "i" else value.astype(np.intp)
    return count_bins(x, weights, minlength=minlength)


@naming
def searchsorted(
    sorted_sequence: Any,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Return before which element of a sorted sequence each value would be inserted.

    The index i of a value v has s[i - 1] < v <= s[i], with ``right`` s[i - 1] <= v < s[i].
    Shapes: sequence (..., n), values (..., m) -> (..., m); a sequence (n,) takes values of any
    shape.  No derivative.

    Parameters
    ----------
    sorted_sequence : Tensor
        Rising along its last dim.
    values : Tensor or number
    out_int32 : bool
        Whether the indices are int32 instead of int64.
    right : bool
    side : {"left", "right"}, optional
        Another way to say ``right``.
    sorter : Tensor of integers, optional
        The order that sorts the sequence.

    Raises
    ------
    RuntimeError
        If shapes do not go together, or ``side`` is no side or contradicts ``right``.

    Examples
    --------
    >>> import autograd
    >>> s = autograd.tensor([1.0, 3.0, 5.0])
    >>> autograd.searchsorted(s, autograd.tensor([3.0, 6.0])), autograd.searchsorted(s, 4)
    (tensor([1, 3]), tensor(2))

    Source: ``torch.searchsorted``.
    """
    name = "searchsorted"
    if side not in (None, "left", "right"):
        raise RuntimeError(f"{name}: side must be 'left' or 'right', got {side!r}")
    if side == "left" and right:
        raise RuntimeError(f"{name}: side 'left' contradicts right=True")
    sequence, sought = np.asarray(payload(sorted_sequence)), np.asarray(payload(values))
    if not sequence.ndim:
        raise RuntimeError(f"{name}: expected a sequence with a dimension, got a 0-d tensor")
    if sequence.ndim > 1 and sequence.shape[:-1] != sought.shape[:-1]:
        raise RuntimeError(
            f"{name}: a sequence of shape {sequence.shape} takes values whose leading dimensions "
            f"are {sequence.shape[:-1]}, got {sought.shape}"
        )
    if sequence.ndim > 1 and not sought.ndim:
        raise RuntimeError(f"{name}: a number is sought in a vector, got shape {sequence.shape}")
    if sorter is not None:
        order = np.asarray(payload(positions(name, sorter)))
        if order.shape != sequence.shape:
            raise RuntimeError(
                f"{name}: sorter of shape {order.shape} for a sequence of shape {sequence.shape}"
            )
        if order.size and (order.min() < 0 or order.max() >= sequence.shape[-1]):
            raise RuntimeError(f"{name}: sorter has an index outside [0, {sequence.shape[-1]})")
        sequence = np.take_along_axis(sequence, order, -1)
    where: Any = "right" if right or side == "right" else "left"
    if sequence.ndim == 1:
        found = np.asarray(np.searchsorted(sequence, sought, where))
    else:
        found = np.empty(sought.shape, np.intp)
        for row in np.ndindex(sequence.shape[:-1]):
            found[row] = np.searchsorted(sequence[row], sought[row], where)
    indices = found.astype(np.int32 if out_int32 else np.int64, copy=False)[()]
    return like(values if is_tensor(values) else sorted_sequence, indices)


@naming
def bucketize(x: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """Return between which boundaries each element lies: ``searchsorted(boundaries, x)``.

    Shapes: boundaries (m,) -> that of x.

    Raises
    ------
    RuntimeError
        If the boundaries are no vector.

    Examples
    --------
    >>> import autograd
    >>> autograd.bucketize(autograd.tensor([0.5, 2.0, 9.0]), autograd.tensor([1.0, 2.0, 3.0]))
    tensor([0, 1, 3])

    Source: ``torch.bucketize``.
    """
    if np.ndim(payload(boundaries)) != 1:
        raise RuntimeError(
            f"bucketize: expected a vector of boundaries, got shape {np.shape(payload(boundaries))}"
        )
    return searchsorted(boundaries, x, out_int32=out_int32, right=right)


@naming
def histc(x: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """Count the elements in ``bins`` equal intervals of [min, max], or of x's range if both are 0.

    Elements outside, and nan, are not counted.  Shapes: any -> (bins,), in x's dtype.  No
    derivative.

    Raises
    ------
    RuntimeError
        If there is no bin, the range is not finite, or max lies below min.
    NotImplementedError
        If x has no floats.

    Examples
    --------
    >>> import autograd
    >>> autograd.histc(autograd.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])

    Source: ``torch.histc``.
    """
    value = np.asarray(payload(x)).reshape(-1)
    if value.dtype.kind != "f":
        raise NotImplementedError(f"histc: expected a floating-point tensor, got {value.dtype}")
    bins = an_integer(bins, "bins", "histc")
    min, max = a_number(min, "min", "histc"), a_number(max, "max", "histc")
    if bins < 1:
        raise RuntimeError(f"histc: bins must be 1 or more, got {bins}")
    if min > max:
        raise RuntimeError(f"histc: max {max} lies below min {min}")
    if min == max and value.size:
        min, max = float(value.min()), float(value.max())
    if min == max:
        min, max = min - 1, max + 1
    if not np.isfinite([min, max]).all():
        raise RuntimeError(f"histc: the range [{min}, {max}] is not finite")
    low, high = value.dtype.type(min), value.dtype.type(max)
    inside = value[(value >= low) & (value <= high)]
    if high > low:
        with np.errstate(over="ignore"):  # a range as wide as the dtype
            scale = 1 if np.isfinite((high - low) * bins) else 4 * bins
        inside, low, high = (inside / scale, low / scale, high / scale)
        place = ((inside - low) * bins / (high - low)).astype(np.intp)
    else:  # of a number so large that 1 is nothing beside it
        place = np.full(inside.shape, bins // 2)
    counts = np.bincount(np.minimum(place, bins - 1), minlength=bins)
    return like(x, counts.astype(value.dtype))


@naming
def histogram(
    x: Any,
    bins: Any,
    *,
    range: tuple[float, float] | None = None,
    weight: Any = None,
    density: bool = False,
) -> Histogram:
    """Count the elements, or add up their weights, between edges; returns ``hist, bin_edges``.

    With ``density`` the counts are divided by their sum and by the width of their bin.
    Shapes: any -> (bins,), (bins + 1,), in x's dtype.  No derivative.

    Parameters
    ----------
    x : Tensor
    bins : int or Tensor
        How many, or their edges.
    range : (float, float), optional
        Of the bins; that of x if not given.
    weight : Tensor, optional
        Of x's shape.
    density : bool

    Raises
    ------
    RuntimeError
        If there is no bin, or weights have another shape.
    NotImplementedError
        If x has no floats.

    Examples
    --------
    >>> import autograd
    >>> hist, edges = autograd.histogram(autograd.tensor([1.0, 2.0, 1.0]), 2, range=(0.0, 4.0))
    >>> hist, edges
    (tensor([2., 1.]), tensor([0., 2., 4.]))

    Source: ``torch.histogram``.
    """
    value = np.asarray(payload(x))
    if value.dtype.kind != "f":
        raise NotImplementedError(f"histogram: expected a floating-point tensor, got {value.dtype}")
    weights = None if weight is None else np.asarray(payload(weight))
    if weights is not None and weights.shape != value.shape:
        raise RuntimeError(
            f"histogram: weight of shape {weights.shape} for a tensor of shape {value.shape}"
        )
    edges = payload(bins)
    if np.ndim(edges) == 0 and int(edges) < 1:
        raise RuntimeError(f"histogram: bins must be 1 or more, got {bins}")
    kept = np.isfinite(value)
    try:
        hist, edges = np.histogram(
            value[kept], edges, range, density, None if weights is None else weights[kept]
        )
    except ValueError as error:
        raise RuntimeError(f"histogram: {error}") from None
    return Histogram(like(x, hist.astype(value.dtype)), like(x, edges.astype(value.dtype)))


@naming
def one_hot(x: Any, num_classes: int = -1) -> Any:
    """Return for each class number the row of the identity matrix that it names, in int64.

    Shapes: x (*) -> (*, num_classes); without it there are max(x) + 1.  No derivative.

    Raises
    ------
    RuntimeError
        If x is no integers, a class lies outside [0, num_classes), or the number of classes
        cannot be told of an empty tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.one_hot(autograd.tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]])

    Source: ``torch.nn.functional.one_hot``.
    """
    value = np.asarray(payload(positions("one_hot", x)))
    num_classes = an_integer(num_classes, "num_classes", "one_hot")
    if not value.size and num_classes <= 0:
        raise RuntimeError("one_hot: the number of classes cannot be told of an empty tensor")
    if value.size and value.min() < 0:
        raise RuntimeError(f"one_hot: classes are numbered from 0, got {value.min()}")
    number = int(value.max()) + 1 if num_classes == -1 else num_classes
    if value.size and value.max() >= number:
        raise RuntimeError(f"one_hot: class {value.max()} is none of {number}")
    z = np.zeros((value.size, number), np.int64)
    z[np.arange(value.size), value.reshape(-1)] = 1
    return like(x, z.reshape(*value.shape, number))
