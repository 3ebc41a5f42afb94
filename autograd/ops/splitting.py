"""Splitting: parts of a tensor as views, each of which sends its gradient back to its place.

Parts along one axis are slices (``getitem_at``, whose adjoint ``write_at`` writes into zeros).
Sliding windows, which overlap, are in sliding.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer, as_integer, integers, one_axis
from autograd.naming import naming
from autograd.ops.indexing import getitem_at

__all__ = [
    "chunk",
    "dsplit",
    "hsplit",
    "narrow",
    "select",
    "split",
    "split_with_sizes",
    "tensor_split",
    "unbind",
    "vsplit",
]


def _part(x: Any, axis: int, place: int | slice) -> Any:
    return getitem_at(x, index=(slice(None),) * axis + (place,))


def _parts(x: Any, axis: int, cuts: list[int]) -> tuple[Any, ...]:
    """Return the slices between successive cuts, as Python reads them (negative, too large)."""
    return tuple(_part(x, axis, slice(a, b)) for a, b in zip(cuts, [*cuts[1:], None], strict=True))


def _axis_to_split(x: Any, dim: int, name: str) -> int:
    if not np.ndim(x):
        raise RuntimeError(f"{name}: expected at least one dimension, got a 0-d tensor")
    return one_axis(dim, np.ndim(x), name)


@naming
def narrow(x: Any, dim: int, start: Any, length: int) -> Any:
    """Take ``length`` places along an axis, beginning at ``start``; a view.

    Shapes: (A, n, B) -> (A, length, B) for ``dim`` 1.

    Raises
    ------
    IndexError
        If there is no such axis or start.
    RuntimeError
        If the length is negative or reaches beyond the end.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).narrow(0, 1, 3)
    tensor([1, 2, 3])

    Source: ``torch.narrow``.
    """
    axis = _axis_to_split(x, dim, "narrow")
    size = np.shape(x)[axis]
    first, number = an_integer(start, "start", "narrow"), an_integer(length, "length", "narrow")
    if number < 0:
        raise RuntimeError(f"narrow: expected a length of 0 or more, got {length}")
    if not -size <= first <= size:
        raise IndexError(f"narrow: start {start} is out of range for {size} places along dim {dim}")
    first += size if first < 0 else 0
    if first + number > size:
        raise RuntimeError(
            f"narrow: start {start} and length {length} reach beyond the {size} places along dim "
            f"{dim}"
        )
    return _part(x, axis, slice(first, first + number))


@naming
def select(x: Any, dim: int, index: Any) -> Any:
    """Take one place along an axis, which goes away; a view.

    Shapes: (A, n, B) -> (A, B) for ``dim`` 1.

    Raises
    ------
    IndexError
        If there is no such axis or place.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).select(1, -1)
    tensor([2, 4])

    Source: ``torch.select``.
    """
    if not np.ndim(x):
        raise IndexError("select: a 0-d tensor has no dimension to select from")
    axis = one_axis(dim, np.ndim(x), "select")
    size = np.shape(x)[axis]
    place = an_integer(index, "index", "select")
    if not -size <= place < size:
        raise IndexError(f"select: index {index} is out of range for {size} places along dim {dim}")
    return _part(x, axis, place)


@naming
def split(x: Any, split_size_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Split along an axis into views of one size (the last may be smaller), or of given sizes.

    Shapes: (n, ...) -> parts (size, ...), the last with what is left; or (size_i, ...).

    Raises
    ------
    RuntimeError
        If sizes are negative or do not sum to the length of the axis, or x is 0-d.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).split(2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    >>> autograd.arange(5).split([1, 4])
    (tensor([0]), tensor([1, 2, 3, 4]))

    Source: ``torch.split``.
    """
    axis = _axis_to_split(x, dim, "split")
    length = np.shape(x)[axis]
    size = as_integer(split_size_or_sections)
    if size is not None:
        if size < 0 or (not size and length):
            raise RuntimeError(f"split: expected a size of 1 or more, got {size}")
        return _parts(x, axis, list(range(0, length, size)) if length else [0])
    return _parts_of_sizes("split", x, axis, integers((split_size_or_sections,), "split"))


def _parts_of_sizes(name: str, x: Any, axis: int, sizes: tuple[int, ...]) -> tuple[Any, ...]:
    if any(n < 0 for n in sizes) or sum(sizes) != np.shape(x)[axis]:
        raise RuntimeError(
            f"{name}: sizes {list(sizes)} must be 0 or more and sum to {np.shape(x)[axis]}, the "
            f"length of axis {axis}"
        )
    ends = np.cumsum(sizes, dtype=int).tolist()
    return tuple(
        _part(x, axis, slice(end - size, end)) for end, size in zip(ends, sizes, strict=True)
    )


@naming
def split_with_sizes(x: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """Split along an axis into views of given sizes; see :func:`split`.

    Shapes: (n, ...) -> parts (size_i, ...).

    Raises
    ------
    RuntimeError
        If sizes are negative or do not sum to the length of the axis, or x is 0-d.
    TypeError
        If the sizes are no list or tuple.

    Examples
    --------
    >>> import autograd
    >>> autograd.split_with_sizes(autograd.arange(5), [1, 4])
    (tensor([0]), tensor([1, 2, 3, 4]))

    Source: ``torch.split_with_sizes``.
    """
    axis = _axis_to_split(x, dim, "split_with_sizes")
    if not isinstance(split_sizes, (list, tuple)):
        raise TypeError(f"split_with_sizes: expected a list of sizes, got {split_sizes!r:.60}")
    return _parts_of_sizes(
        "split_with_sizes", x, axis, integers((split_sizes,), "split_with_sizes")
    )


@naming
def chunk(x: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """Split along an axis into at most ``chunks`` views of ceil(n / chunks) places each.

    Shapes: (n, ...) -> parts (ceil(n / chunks), ...), the last with what is left.

    Raises
    ------
    RuntimeError
        If ``chunks`` is not 1 or more, or x is 0-d.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).chunk(3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))

    Source: ``torch.chunk``.
    """
    axis = _axis_to_split(x, dim, "chunk")
    chunks = an_integer(chunks, "chunks", "chunk")
    if chunks < 1:
        raise RuntimeError(f"chunk: expected 1 or more chunks, got {chunks}")
    length = np.shape(x)[axis]
    if not length:
        return _parts(x, axis, [0] * chunks)
    return split(x, -(-length // chunks), axis)


@naming
def tensor_split(
    x: Any,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    sections: Any = None,
    indices: Any = None,
) -> tuple[Any, ...]:
    """Split along an axis into a number of views as even as can be, or before given places.

    Places out of range are as in a slice, so parts may be empty.

    Shapes: (n, ...) -> the first n % parts parts (n // parts + 1, ...), the others (n // parts,
    ...).

    Raises
    ------
    RuntimeError
        If the number of parts is not 1 or more, or x is 0-d.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).tensor_split(2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    >>> autograd.arange(5).tensor_split((1, 4))
    (tensor([0]), tensor([1, 2, 3]), tensor([4]))

    Source: ``torch.tensor_split``.
    """
    given = [n for n in (indices_or_sections, sections, indices) if n is not None]
    if len(given) != 1:
        raise TypeError("tensor_split: expected a number of sections, or indices")
    axis = _axis_to_split(x, dim, "tensor_split")
    wanted = given[0].tolist() if hasattr(given[0], "tolist") else given[0]
    if not isinstance(wanted, int):
        return _parts(x, axis, [0, *integers((wanted,), "tensor_split")])
    if not 1 <= wanted < 1 << 63:  # or it would never end
        raise RuntimeError(f"tensor_split: expected 1 or more sections, got {wanted}")
    size, larger = divmod(np.shape(x)[axis], wanted)
    return _parts(x, axis, [i * size + min(i, larger) for i in range(wanted)])


def _split_along(
    x: Any, indices_or_sections: Any, name: str, least: int, axis: int
) -> tuple[Any, ...]:
    """Split as ``tensor_split``, but into equal parts, along the axis that ``name`` stands for."""
    shape = np.shape(x)
    if len(shape) < least:
        raise RuntimeError(f"{name}: expected at least {least} dimensions, got shape {shape}")
    if isinstance(indices_or_sections, (int, np.integer)):
        parts = int(indices_or_sections)
        if parts < 1 or shape[axis] % parts:
            raise RuntimeError(f"{name}: {shape[axis]} does not divide into {parts} parts")
    return tensor_split(x, indices_or_sections, axis)


@naming
def hsplit(x: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """Split into equal parts, or before given places, along axis 1 (a vector along its only one).

    Shapes: (m, n, ...) -> parts (m, n / sections, ...).

    Raises
    ------
    RuntimeError
        If the axis does not divide evenly, or x is 0-d.

    Examples
    --------
    >>> import autograd
    >>> [part.shape for part in autograd.zeros(2, 4).hsplit(2)]
    [(2, 2), (2, 2)]

    Source: ``torch.hsplit``.
    """
    return _split_along(x, indices_or_sections, "hsplit", 1, 0 if np.ndim(x) == 1 else 1)


@naming
def vsplit(x: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """Split into equal parts, or before given places, along axis 0.

    Shapes: (n, ...) -> parts (n / sections, ...).

    Raises
    ------
    RuntimeError
        If the axis does not divide evenly, or x has fewer than 2 axes.

    Examples
    --------
    >>> import autograd
    >>> [part.shape for part in autograd.zeros(4, 2).vsplit([1])]
    [(1, 2), (3, 2)]

    Source: ``torch.vsplit``.
    """
    return _split_along(x, indices_or_sections, "vsplit", 2, 0)


@naming
def dsplit(x: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """Split into equal parts, or before given places, along axis 2.

    Shapes: (l, m, n, ...) -> parts (l, m, n / sections, ...).

    Raises
    ------
    RuntimeError
        If the axis does not divide evenly, or x has fewer than 3 axes.

    Examples
    --------
    >>> import autograd
    >>> [part.shape for part in autograd.zeros(1, 2, 4).dsplit(2)]
    [(1, 2, 2), (1, 2, 2)]

    Source: ``torch.dsplit``.
    """
    return _split_along(x, indices_or_sections, "dsplit", 3, 2)


@naming
def unbind(x: Any, dim: int = 0) -> tuple[Any, ...]:
    """Return the places along an axis, which goes away, as a tuple of views.

    Shapes: (n, ...) -> n views (...).

    Raises
    ------
    IndexError
        If there is no such axis, as in a 0-d tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).unbind(1)
    (tensor([1, 3]), tensor([2, 4]))

    Source: ``torch.unbind``.
    """
    if not np.ndim(x):
        raise IndexError("unbind: a 0-d tensor has no dimension to unbind")
    axis = one_axis(dim, np.ndim(x), "unbind")
    return tuple(_part(x, axis, i) for i in range(np.shape(x)[axis]))
