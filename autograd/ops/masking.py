"""Masks: a boolean for every element says which are filled, read, written or counted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import integers
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.axes import expand_to
from autograd.ops.indexing import getitem_at, plain, put_at, same_dtype
from autograd.ops.matrices import given
from autograd.ops.passing import select
from autograd.ops.positions import like, payload, positions
from autograd.ops.shape import ravel
from autograd.payload import held_by
from autograd.record import numbers

__all__ = [
    "argwhere",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "nonzero",
    "unravel_index",
]


@elementwise(
    name="masked_fill",
    promotes=None,
    x=lambda mask: np.logical_not(mask),
    value=lambda mask: mask != 0,  # a boolean of its own is a gate
)
def fill_where(x: Any, mask: Any, value: Any) -> Any:
    """Choose value, in x's dtype, where mask holds, else x."""
    return select(np.asarray(mask), np.asarray(value).astype(x.dtype), np.asarray(x))[()]


def _mask(name: str, mask: Any) -> Any:
    mask = given(name, mask)
    if mask.dtype != np.bool_:
        raise RuntimeError(f"{name}: expected a boolean mask, got {mask.dtype}")
    return mask


def _broadcast(name: str, x: Any, mask: Any) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(x.shape, mask.shape)
    except ValueError:
        raise RuntimeError(
            f"{name}: x of shape {x.shape} and mask of shape {mask.shape} do not broadcast"
        ) from None


def _expanded(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else expand_to(x, shape=shape)


@naming
def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """Write a number where the mask holds: z = value there, x elsewhere.

    dz/dx = 0 where the mask holds, else 1; a 0-d ``value`` receives the rest.
    Shapes: x and mask broadcast.

    Raises
    ------
    RuntimeError
        If the mask is not boolean, the shapes do not broadcast, or ``value`` has dimensions or
        does not fit in x's dtype.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, -2.0, 3.0])
    >>> autograd.masked_fill(x, x < 0, 0)
    tensor([1., 0., 3.])

    Source: ``torch.masked_fill``.
    """
    x, mask = given("masked_fill", x), _mask("masked_fill", mask)
    if np.ndim(value):
        raise RuntimeError(
            f"masked_fill: expected a number or a 0-d value, got shape {np.shape(value)}"
        )
    _broadcast("masked_fill", x, mask)
    held_by(x.dtype, value, "masked_fill")
    return fill_where(x, mask, value)


@naming
def masked_select(x: Any, mask: Any) -> Any:
    """Read the elements at which the mask holds, as a vector in row-major order.

    Shapes: x and mask broadcast; z (n,) for n places that hold.

    Raises
    ------
    RuntimeError
        If the mask is not boolean, or the shapes do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, -2.0, 3.0])
    >>> autograd.masked_select(x, x > 0)
    tensor([1., 3.])

    Source: ``torch.masked_select``.
    """
    x, mask = given("masked_select", x), _mask("masked_select", mask)
    shape = _broadcast("masked_select", x, mask)
    where = np.broadcast_to(payload(mask), shape)
    return getitem_at(_expanded(x, shape), index=plain((where,)))


@naming
def masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    """Write the elements of ``source``, in order, to the places at which the mask holds.

    dz/dx = 0 where the mask holds, else 1; source receives the rest.
    Shapes: x and mask broadcast; source has at least as many elements as places that hold.

    Raises
    ------
    RuntimeError
        If the mask is not boolean, shapes do not broadcast, source is too short or of another
        dtype.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros(4)
    >>> mask = autograd.tensor([True, False, True, False])
    >>> autograd.masked_scatter(x, mask, autograd.tensor([5.0, 6.0, 7.0]))
    tensor([5., 0., 6., 0.])

    Source: ``torch.masked_scatter``.
    """
    x, mask = given("masked_scatter", x), _mask("masked_scatter", mask)
    if not hasattr(source, "dtype"):
        source = numbers("masked_scatter", source, x.dtype)
    same_dtype("masked_scatter", x, source)
    shape = _broadcast("masked_scatter", x, mask)
    where = np.broadcast_to(payload(mask), shape)
    number, available = int(np.count_nonzero(where)), math.prod(source.shape)
    if available < number:
        raise RuntimeError(
            f"masked_scatter: the mask holds at {number} places, source has {available} elements"
        )
    values = getitem_at(ravel(source), index=slice(0, number))
    return put_at(_expanded(x, shape), values, index=plain((where,)))


@naming
def nonzero(x: Any, *, as_tuple: bool = False) -> Any:
    """Return where x is not 0: positions (n, ndim), or with ``as_tuple`` a vector for each axis.

    Positions are in row-major order; nan is not 0.  No derivative.

    Shapes: any -> (n, ndim) for n elements that are not 0; ``as_tuple``: ndim vectors (n,).

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[0, 5], [7, 0]])
    >>> autograd.nonzero(x)
    tensor([[0, 1],
            [1, 0]])
    >>> x[autograd.nonzero(x, as_tuple=True)]
    tensor([5, 7])

    Source: ``torch.nonzero``.
    """
    value = np.asarray(payload(x))
    if as_tuple:
        return tuple(like(x, each) for each in np.nonzero(np.atleast_1d(value)))
    return like(x, np.argwhere(value))


@naming
def argwhere(x: Any) -> Any:
    """Return the positions (n, ndim) at which x is not 0; see :func:`nonzero`.

    Shapes: any -> (n, ndim) for n elements that are not 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.argwhere(autograd.tensor([0, 5, 7]))
    tensor([[1],
            [2]])

    Source: ``torch.argwhere``.
    """
    return nonzero(x)


@naming
def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """Return the positions in ``shape`` of places counted in row-major order, a tensor an axis.

    Places are counted modulo the number of elements, so negative ones count back.  No derivative.

    Shapes: indices of any shape -> one of the same shape for each axis of ``shape``.

    Raises
    ------
    TypeError
        If indices or lengths are no integers.
    ValueError
        If a length is negative.
    RuntimeError
        If a length is 0, and there is a place to be found.

    Examples
    --------
    >>> import autograd
    >>> autograd.unravel_index(autograd.tensor([1, 5]), (2, 3))
    (tensor([0, 1]), tensor([1, 2]))

    Source: ``torch.unravel_index``.
    """
    places = np.asarray(payload(positions("unravel_index", indices, TypeError)), np.int64)
    lengths = integers((shape,), "unravel_index")
    if any(n < 0 for n in lengths):
        raise ValueError(f"unravel_index: expected lengths of 0 or more, got {lengths}")
    if places.size and 0 in lengths:
        raise RuntimeError(f"unravel_index: shape {lengths} has no element to be found")
    found = []
    for n in reversed(lengths):
        places, at = np.divmod(places, n) if n else (places, places)
        found.append(like(indices, at))
    return tuple(reversed(found))
