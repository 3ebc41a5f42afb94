"""Splitting: parts of a tensor as views, each of which sends its gradient back to its place.

Parts along one axis are slices (``getitem_at``, whose adjoint ``write_at`` writes into zeros);
sliding windows overlap, so their adjoint ``fold`` adds up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer, as_integer, integers, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.indexing import getitem_at
from autograd.ops.shape import Shape

__all__ = [
    "chunk",
    "dsplit",
    "hsplit",
    "narrow",
    "select",
    "split",
    "tensor_split",
    "unbind",
    "unfold",
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
    sizes = integers((split_size_or_sections,), "split")
    if any(n < 0 for n in sizes) or sum(sizes) != length:
        raise RuntimeError(
            f"split: sizes {list(sizes)} must be 0 or more and sum to {length}, the length of dim "
            f"{dim}"
        )
    ends = np.cumsum(sizes, dtype=int).tolist()
    return tuple(
        _part(x, axis, slice(end - size, end)) for end, size in zip(ends, sizes, strict=True)
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


@structural(
    name="unfold",
    view=True,
    x=lambda upstream, x_shape, dim, size, step: fold(  # type: ignore[has-type]
        upstream, shape=x_shape, dim=dim, size=size, step=step
    ),
)
def windows(x: Any, *, dim: int, size: int, step: int) -> Any:
    """Slide a window along an axis: z[..., i, ..., k] = x[..., i step + k, ...]."""
    x = np.asarray(x)
    if not x.ndim:
        x = x.reshape(1)
    apart = size <= step and x.flags.writeable  # each element is in one window at most
    every = np.lib.stride_tricks.sliding_window_view(x, size, dim, writeable=apart)
    return every[(slice(None),) * dim + (slice(None, None, step),)]


@structural(
    x=lambda upstream, dim, size, step: windows(upstream, dim=dim, size=size, step=step),
)
def fold(x: Any, *, shape: Shape, dim: int, size: int, step: int) -> Any:
    """Add windows up where they came from: the adjoint of ``windows``."""
    z = np.zeros(shape or (1,), x.dtype)
    count = x.shape[dim]
    lead = (slice(None),) * dim
    if count <= size:
        for i in range(count):
            z[(*lead, slice(i * step, i * step + size))] += np.moveaxis(x[(*lead, i)], -1, dim)
    else:
        for k in range(size):
            z[(*lead, slice(k, k + (count - 1) * step + 1, step))] += x[..., k]
    return z.reshape(shape)


@naming
def unfold(x: Any, dimension: int, size: int, step: int) -> Any:
    """Return the windows of ``size`` places along an axis, one every ``step``; a view.

    Shapes: (A, n, B) -> (A, (n - size) // step + 1, B, size) for ``dimension`` 1.  Windows that
    overlap cannot be changed in place.

    Raises
    ------
    RuntimeError
        If the window is longer than the axis, its size negative, or the step not 1 or more.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])

    Source: ``torch.Tensor.unfold``.
    """
    axis = one_axis(dimension, np.ndim(x), "unfold")
    length = np.shape(x)[axis] if np.ndim(x) else 1
    if not 0 <= size <= length:
        raise RuntimeError(
            f"unfold: expected a size from 0 to {length}, the length of dimension {dimension}, got "
            f"{size}"
        )
    if step < 1:
        raise RuntimeError(f"unfold: expected a step of 1 or more, got {step}")
    z = windows(x, dim=axis, size=size, step=step)
    return z if np.ndim(x) else getitem_at(z, index=0)
