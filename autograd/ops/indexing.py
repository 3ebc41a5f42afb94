"""Indexing: reading at an index and writing to it are each other's derivative.

``getitem`` and ``write_at`` form an adjoint pair.  A basic index (integers, slices, None, ...)
gives a view; an index with arrays gives a copy, and cells named twice receive both gradients.
As in PyTorch, integers among arrays are taken first, so they move no axis (``x[0, :, [1, 2]]``
has the shape of ``x[0][:, [1, 2]]``), and uint8 arrays are masks.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.naming import naming
from autograd.op import structural
from autograd.ops.adding_at import (
    add_at,
    are_positions,
    axes_used,
    names_once,
    position_blocks,
    without_ellipsis,
)
from autograd.record import is_tensor
from autograd.storage import Storage

__all__ = [
    "index_put",
]

_PLAIN_ENDS = frozenset({int, type(None)})  # of a slice
_BASIC = (int, slice, type(None), type(Ellipsis))


class ArrayIndex(tuple[Any, ...]):
    """An index with arrays, and the versions of the Tensors that they belong to."""

    watched: tuple[tuple[Storage, int], ...] = ()


def is_basic(index: Any) -> bool:
    """Tell whether an index, as :func:`plain` returns it, selects without arrays."""
    return type(index) is not ArrayIndex


def plain(index: Any) -> Any:
    """Return an index of integers, slices, None, Ellipsis, booleans and arrays.

    Tensors, lists and ranges become arrays, 0-d integers Python's, and uint8 arrays masks.  An
    index with arrays or booleans is an ``ArrayIndex``.

    Raises
    ------
    IndexError
        If a part of the index is nothing of the kind.
    """
    kind = type(index)
    if kind is int:
        return index
    if kind is tuple:
        for part in index:  # what nearly every index is made of
            if type(part) is not int and not (type(part) is slice and _slice(part) is part):
                break
        else:
            return index
    watched: list[tuple[Storage, int]] = []
    if kind is tuple:
        parts = tuple([_part(part, watched) for part in index])
        basic = all(type(part) in _BASIC for part in parts)
    else:
        part = _part(index, watched)
        if type(part) in _BASIC:
            return part
        parts, basic = (part,), False
    if basic:
        return parts
    found = ArrayIndex(parts)
    found.watched = tuple(watched)
    return found


def _slice(part: slice) -> slice:
    """Return a slice without Tensors in it."""
    ends = (part.start, part.stop, part.step)
    if _PLAIN_ENDS.issuperset(map(type, ends)):
        return part
    return slice(*[None if end is None else operator.index(end) for end in ends])


def _part(part: Any, watched: list[tuple[Storage, int]]) -> Any:
    if isinstance(part, _BASIC):
        return _slice(part) if type(part) is slice else part
    array = part
    if is_tensor(part):
        array = part.payload
        if array.ndim:  # of a number there is a copy
            storage = part.storage or part.share()
            watched.append((storage, storage.version))
    elif isinstance(part, (list, tuple, range)):
        array = _array(part)
    if not isinstance(array, (np.ndarray, np.generic)):
        raise IndexError(
            "an index is made of integers, slices, None, ..., and arrays or lists of integers or "
            f"booleans, got {type(part).__name__}"
        )
    if not array.size and not is_tensor(part):
        array = array.astype(array.dtype if array.dtype.kind in "biu" else np.intp)
    if array.dtype.kind not in "biu":
        raise IndexError(f"index arrays hold integers or booleans, got {array.dtype}")
    if array.dtype == np.uint8 and not isinstance(part, np.generic):
        array = array != 0
    if array.ndim:
        return array
    return bool(array) if array.dtype.kind == "b" else int(array)


def _array(part: Any) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(part if isinstance(part, range) else [_number(item) for item in part])
    except ValueError:
        raise IndexError(f"expected lists of equal length, got {part!r}") from None


def _number(item: Any) -> Any:
    """Return an element of a list that is an index, where Tensors stand for their values."""
    if isinstance(item, (list, tuple)):
        return [_number(each) for each in item]
    return item.payload if is_tensor(item) else item


def _unchanged(index: Any) -> Any:
    """Return an index; refuse one whose arrays were changed since the values were read."""
    if type(index) is ArrayIndex:
        for storage, version in index.watched:
            if storage.version != version:
                raise RuntimeError(
                    "getitem: its index, which the derivative needs, was changed in place since "
                    "it was used; change a copy instead (index.clone())"
                )
    return index


def _whole(index: Any) -> tuple[Any, ...]:
    """Let a basic index of every axis give a 0-d view, where NumPy would give a copy."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)


@structural(
    name="getitem",
    view=True,
    x=lambda upstream, x_shape, index: write_at(upstream, shape=x_shape, index=_unchanged(index)),  # type: ignore[has-type]
)
def getitem_at(x: Any, *, index: Any) -> Any:
    """Read at a plain index; the gradient is written back where the values came from."""
    if is_basic(index):
        return x[_whole(index)]
    lead = len(index)
    if x.flags.c_contiguous and lead <= x.ndim and are_positions(index):
        return x.take(index[0], axis=0) if lead == 1 else _take_at(x, index)
    return x[index]


def _add_window(total: Any, upstream: Any, *, index: Any) -> bool:
    """Add what reading at a basic index sends back, in place."""
    if not is_basic(index):
        return False
    window = total[_whole(index)]
    window += upstream
    return True


getitem_at.row.add_at = _add_window  # type: ignore[attr-defined]


def _take_at(x: Any, index: Any) -> Any:
    """Read at several arrays of positions, made one: NumPy does so in a third of the time."""
    lead = len(index)
    cells = x.reshape(math.prod(x.shape[:lead]), *x.shape[lead:])
    z = np.empty(window(x.shape, index), x.dtype)
    for part, ids in position_blocks(list(index), x.shape[:lead]):
        cells.take(ids, axis=0, out=z[part], mode="clip")
        del ids  # before there are others
    return z if z.ndim else z[()]


@structural(x=lambda upstream, index: getitem_at(upstream, index=_unchanged(index)))
def write_at(x: Any, *, shape: tuple[int, ...], index: Any) -> Any:
    """Write into zeros of ``shape`` at a plain index, adding up where a cell is named twice."""
    z = np.zeros(shape, x.dtype)
    if is_basic(index):
        z[_whole(index)] = x
    elif names_once(index):
        z[index] = x
    else:
        add_at(z, index, x, blank=True)
    return z


@structural(
    name="index_put",
    x=lambda upstream, index: put_at(upstream, upstream.dtype.type(0), index=_unchanged(index)),  # type: ignore[has-type]
    value=lambda upstream, index: getitem_at(upstream, index=_unchanged(index)),
)
def put_at(x: Any, value: Any, *, index: Any) -> Any:
    """Return a copy of x with ``value`` at a plain index; x keeps the gradient elsewhere."""
    z = np.array(x, order="C")
    z[index] = value
    return z


@structural(
    name="index_put",
    x=lambda upstream: upstream,
    value=lambda upstream, index: getitem_at(upstream, index=_unchanged(index)),
)
def add_to(x: Any, value: Any, *, index: Any) -> Any:
    """Return a copy of x with ``value`` added at a plain index of its shape, repeats included."""
    z = np.array(x, order="C")
    add_at(z, index, np.broadcast_to(value, window(x.shape, index)))
    return z


def parts_of(index: ArrayIndex, ndim: int) -> tuple[Any, ArrayIndex]:
    """Split an index into a basic one (or None), to be read first, and one with arrays.

    NumPy counts an integer, and an Ellipsis that stands for no axis, among what lies between
    arrays and so moves axes; PyTorch does not.
    """
    parts = without_ellipsis(index, ndim) if any(p is Ellipsis for p in index) else index
    if not any(type(part) is int for part in parts):
        return None, _array_index(parts, index)
    basic: list[Any] = []
    arrays: list[Any] = []
    for part in parts:
        if isinstance(part, np.ndarray) or type(part) is bool:
            basic += [slice(None)] * axes_used(part)
            arrays.append(part)
        else:
            basic.append(part)
            arrays += [] if type(part) is int else [slice(None)]
    return tuple(basic), _array_index(arrays, index)


def _array_index(parts: Any, like: ArrayIndex) -> ArrayIndex:
    made = ArrayIndex(parts)
    made.watched = like.watched
    return made


def getitem(x: Any, index: Any) -> Any:
    """Read at an index of integers, slices, None, Ellipsis, boolean or integer arrays.

    Without arrays the result is a view.  Cells that are named twice receive both gradients.
    Slices may have negative steps, as in NumPy.

    Raises
    ------
    IndexError
        If the index does not fit the shape; the message names both.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([10.0, 20.0, 30.0], requires_grad=True)
    >>> x[[0, 0, 2]].sum().backward()
    >>> x.grad
    tensor([2., 0., 1.])

    Source: ``torch.Tensor.__getitem__``.
    """
    try:
        where = plain(index)
        if is_basic(where):
            return getitem_at(x, index=where)
        basic, arrays = parts_of(where, np.ndim(x))
        return getitem_at(x if basic is None else getitem_at(x, index=basic), index=arrays)
    except IndexError as error:
        raise IndexError(
            f"x[index]: index {shown(index)} does not fit shape {np.shape(x)}: {error}"
        ) from None


def shown(index: Any) -> str:
    """Return an index as a short text: arrays by their shapes."""
    if isinstance(index, tuple):
        return f"({', '.join(map(shown, index))})"
    if (is_tensor(index) or isinstance(index, np.ndarray)) and index.ndim:
        return f"<{index.dtype} of shape {index.shape}>"
    text = repr(index)
    return text if len(text) <= 60 else text[:57] + "..."


@naming
def index_put(x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Return a copy of x with ``x[indices] = values``, or ``+= values`` counting repeats.

    Shapes: ``values`` broadcasts to the shape of ``x[indices]``.

    Parameters
    ----------
    x : Tensor
    indices : tuple of Tensor
        Integers or booleans, one an axis.
    values : Tensor or number
        Of x's dtype.
    accumulate : bool
        Whether to add, as often as a cell is named; else the last write stays, and each value
        receives the gradient of its cell, as in PyTorch.

    Raises
    ------
    TypeError
        If ``indices`` is no tuple or list.
    IndexError
        If the indices do not fit x.
    RuntimeError
        If ``values`` has another dtype, or a shape that does not broadcast.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros(3)
    >>> autograd.index_put(x, ([0, 0, 2],), autograd.tensor([1.0, 2.0, 4.0]), accumulate=True)
    tensor([3., 0., 4.])

    Source: ``torch.index_put``.
    """
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"index_put: expected a tuple of index tensors, got {type(indices).__name__}"
        )
    if not len(indices):
        raise IndexError("index_put: expected at least one index tensor, got none")
    index = plain(tuple(indices))
    if is_basic(index):  # integers alone: one cell or one slice
        index = ArrayIndex(np.asarray(part) if type(part) is int else part for part in index)
    same_dtype("index_put", x, values)
    try:
        shape = window(np.shape(x), index)
    except IndexError as error:
        raise IndexError(f"index_put: {error}; x has shape {np.shape(x)}") from None
    if not fits(np.shape(values), shape):
        raise RuntimeError(
            f"index_put: values of shape {np.shape(values)} do not broadcast to x[indices] of "
            f"shape {shape}"
        )
    return (add_to if accumulate else put_at)(x, values, index=index)


def fits(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Tell whether an array of one shape broadcasts to another."""
    try:
        return np.broadcast_shapes(given, shape) == shape
    except ValueError:
        return False


def window(shape: tuple[int, ...], index: Any) -> tuple[int, ...]:
    """Return the shape of ``x[index]``, reading nothing of x."""
    read: Any = np.broadcast_to(np.zeros((), bool), shape)[index]
    return tuple(read.shape)


def same_dtype(name: str, x: Any, values: Any) -> None:
    """Refuse values of another dtype than x's; Python numbers take x's.

    Raises
    ------
    RuntimeError
        If the dtypes differ.
    """
    if hasattr(values, "dtype") and values.dtype != x.dtype:
        raise RuntimeError(f"{name}: expected values of x's dtype {x.dtype}, got {values.dtype}")
