"""Gathering and scattering: at every place of an index, one element along ``dim``.

``gather`` reads ``x[index[i, j], j]`` (for dim 0), ``scatter`` writes there, and each is the
other's derivative.  An index becomes flat positions a block at a time, so that they stay in the
cache; what is checked is checked before anything is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arguments import a_number, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.adding_at import from_zero
from autograd.ops.axes import expand_to
from autograd.ops.indexing import add_to, getitem, plain, put_at, same_dtype
from autograd.ops.matrices import given
from autograd.ops.positions import along, payload, positions, signed
from autograd.ops.shape import ravel, reshape_to
from autograd.parallel import parallel_for, shrinking_ranges

__all__ = [
    "gather",
    "put",
    "take",
    "take_along_dim",
]

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]

SECONDS = 3e-9  # to read one element, on one thread
BLOCK = 1 << 18  # bytes of positions in work at once: they stay in the cache
LEAST = 1 << 15  # of the last ones, for which there is room in what is not yet written
ANYWHERE = 1 << 17  # of those along the first axis, which lead anywhere: there is no such room


@structural(
    name="gather",
    x=lambda upstream, index, x_shape, dim: spread_along(upstream, index, dim=dim, shape=x_shape),  # type: ignore[has-type]
)
def gather_along(x: Any, index: Any, *, dim: int) -> Any:
    """Read along ``dim`` at positions that are known to fit."""
    z = np.empty(np.shape(index) or (1,), x.dtype)
    flat = np.ascontiguousarray(x).reshape(-1)
    blocks = Blocks(index, x.shape, dim)

    def read(i: int) -> None:
        begin, end = blocks.ranges[i]
        blocks.met(flat, i).take(blocks.ids(i), out=z[begin:end].reshape(-1), mode="clip")

    blocks.each(read, sharing=True)
    return z if np.ndim(index) else z[0]


@structural(x=lambda upstream, index, dim: gather_along(upstream, index, dim=dim))
def spread_along(x: Any, index: Any, *, dim: int, shape: Shape) -> Any:
    """Add along ``dim`` into zeros of ``shape``, at positions that are known to fit."""
    dense = dim and 2 * np.size(index) >= math.prod(shape)
    z = (np.empty if dense else np.zeros)(shape or (1,), x.dtype)
    _add(z, index, np.atleast_1d(x), dim, unset=bool(dense))
    return z if shape else z[0]


@structural(
    name="scatter",
    x=lambda upstream, index, dim: scatter_along(  # type: ignore[has-type]
        upstream, index, upstream.dtype.type(0), dim=dim
    ),
    src=lambda upstream, index, dim: gather_along(upstream, index, dim=dim),
)
def scatter_along(x: Any, index: Any, src: Any, *, dim: int) -> Any:
    """Return a copy of x with ``src`` (of the index's shape, or a number) written along ``dim``."""
    z = np.array(x, order="C", ndmin=1)
    flat = z.reshape(-1)
    blocks = Blocks(index, z.shape, dim)
    single = np.ndim(src) == 0

    def write(i: int) -> None:
        begin, end = blocks.ranges[i]
        blocks.met(flat, i)[blocks.ids(i)] = src if single else src[begin:end].reshape(-1)

    blocks.each(write, sharing=dim > 0)  # blocks of rows meet no cell of one another
    return z if np.ndim(x) else z[0]


@structural(
    name="scatter_add",
    x=lambda upstream: upstream,
    src=lambda upstream, index, dim: gather_along(upstream, index, dim=dim),
)
def scatter_add_along(x: Any, index: Any, src: Any, *, dim: int) -> Any:
    """Return a copy of x with ``src``, of the index's shape, added along ``dim``."""
    z = np.array(x, order="C", ndmin=1)
    _add(z, index, np.atleast_1d(src), dim)
    return z if np.ndim(x) else z[0]


def _add(z: Array, index: Any, x: Array, dim: int, unset: bool = False) -> None:
    """Add x to z, in row-major order, along ``dim``; or to zeros, where z holds nothing yet.

    ``np.add.at`` is the fastest on one thread and lets no other thread run.  ``np.bincount`` lets
    them, and sums in float64, where it is as fast if there are as many elements as cells.
    """
    blocks = Blocks(index, z.shape, dim)
    flat = z.reshape(-1)
    sharing = dim and z.dtype == np.float64 and 2 * np.size(index) >= z.size

    def add(i: int) -> None:
        begin, end = blocks.ranges[i]
        own, ids, given = blocks.met(flat, i), blocks.ids(i), x[begin:end].reshape(-1)
        if sharing and unset:
            own[...] = np.bincount(ids, given, own.size)
        elif sharing:
            own += np.bincount(ids, given, own.size)
        else:
            if unset:  # here, and not all at once: now they are in the cache
                own[...] = 0
            np.add.at(own, ids, given)

    if unset:
        z[len(blocks.index) :] = 0
    blocks.each(add, sharing=bool(sharing))


class Blocks:
    """Pieces of an index's first axis, as flat positions in an array of ``shape``.

    The positions along the other axes than ``dim`` are the places in the index.  Unless dim is the
    first, a piece meets its own rows alone, and its positions count from the first of these.

    Attributes
    ----------
    ranges : list of (int, int)
        Where each piece begins and ends.
    """

    def __init__(self, index: Any, shape: Shape, dim: int) -> None:
        self.index: Array = np.atleast_1d(index)
        lengths = self.index.shape
        bytes_a_row = 8 * max(1, math.prod(lengths[1:]))
        size = max(1, (BLOCK if dim else ANYWHERE) // bytes_a_row)
        least = max(1, LEAST // bytes_a_row) if dim else size
        self.ranges = shrinking_ranges(0, lengths[0], size, least)
        strides = [math.prod(shape[axis + 1 :]) for axis in range(len(lengths))]
        self.row = strides[0] if dim else 0
        self.stride = strides[dim]
        others: Any = 0
        for axis, length in enumerate(lengths):
            if axis != dim:
                places = np.arange(min(length, size) if axis == 0 else length) * strides[axis]
                others = others + places.reshape(-1, *[1] * (len(lengths) - axis - 1))
        self.others: Any = others

    def each(self, work: Callable[[int], None], sharing: bool) -> None:
        """Run the work of every piece, in order or, if they may share it, between threads."""
        if sharing and len(self.ranges) > 1:
            parallel_for(work, len(self.ranges), seconds=self.index.size * SECONDS)
        else:
            for i in range(len(self.ranges)):
                work(i)

    def ids(self, i: int) -> Array:
        """Return the positions of a piece, in one axis."""
        begin, end = self.ranges[i]
        ids: Array = self.index[begin:end].astype(np.intp, copy=False)
        if ids.ndim > 1:
            others = self.others[: end - begin] if self.row else self.others
            if self.stride == 1:
                ids = ids + others
            else:
                ids = ids * self.stride
                ids += others
        return ids.reshape(-1)

    def met(self, flat: Array, i: int) -> Array:
        """Return the part of an array of one axis that the positions of a piece count in."""
        begin, end = self.ranges[i]
        return flat[begin * self.row : end * self.row] if self.row else flat


@naming
def gather(x: Any, dim: int, index: Any) -> Any:
    """Read one element for each of the index's: z[i, j] = x[index[i, j], j] for dim 0.

    The gradient is added back where the values came from.
    Shapes: x (N, M), index (n, m) -> (n, m), where only n at ``dim`` may exceed N.

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If the index is no integers, lies outside [0, N), or its shape does not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1, 2], [3, 4]])
    >>> autograd.gather(x, 1, autograd.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])

    Source: ``torch.gather``.
    """
    x = given("gather", x)
    dim, index, _ = along("gather", x, dim, index)
    return gather_along(x, index, dim=dim)


@naming
def take_along_dim(x: Any, indices: Any, dim: int | None = None) -> Any:
    """Read along ``dim`` as :func:`gather`, where the other dims broadcast; negatives count back.

    Without ``dim`` both are taken as vectors.  Shapes: x (N, M), indices (n, 1) -> (n, M) for dim
    0.

    Raises
    ------
    IndexError
        If there is no such dim, or an index lies outside.
    RuntimeError
        If x and indices have different numbers of dimensions or do not broadcast, or indices are no
        integers.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[10, 30, 20], [60, 40, 50]])
    >>> autograd.take_along_dim(x, autograd.argsort(x), dim=1)
    tensor([[10, 20, 30],
            [40, 50, 60]])

    Source: ``torch.take_along_dim``.
    """
    name = "take_along_dim"
    x = given(name, x)
    indices = positions(name, indices)
    if dim is None:
        x, dim = ravel(x), 0
        indices = payload(indices).reshape(-1)
    if len(x.shape) != len(indices.shape):
        raise RuntimeError(
            f"{name}: x of shape {x.shape} and indices of shape {indices.shape} must have as many "
            "dimensions as each other"
        )
    dim = one_axis(dim, len(x.shape) or 1, name)
    length = (x.shape or (1,))[dim]
    try:
        ids = from_zero(np.asarray(payload(indices)), length, f"dim {dim} of length")
    except IndexError as error:
        raise IndexError(f"{name}: {error}") from None
    try:
        wide = list(np.broadcast_shapes(*[_without(shape, dim) for shape in (x.shape, ids.shape)]))
    except ValueError:
        raise RuntimeError(
            f"{name}: x of shape {x.shape} and indices of shape {ids.shape} do not broadcast "
            f"apart from dim {dim}"
        ) from None
    if x.shape and wide != _without(x.shape, dim):
        x = expand_to(x, shape=(*wide[:dim], length, *wide[dim + 1 :]))
    if x.shape and wide != _without(ids.shape, dim):
        ids = np.broadcast_to(ids, (*wide[:dim], ids.shape[dim], *wide[dim + 1 :]))
    return gather_along(x, indices if ids is payload(indices) else ids, dim=dim)


def _without(shape: Shape, dim: int) -> list[int]:
    """Return a shape whose length along ``dim`` is 1."""
    return [1 if axis == dim else n for axis, n in enumerate(shape)]


@naming
def take(x: Any, index: Any) -> Any:
    """Read elements of x as if it were a vector: z[i] = x.ravel()[index[i]].

    Shapes: the index's.  Negative positions count from the end.

    Raises
    ------
    IndexError
        If a position lies outside.
    RuntimeError
        If the index is no integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.take(autograd.tensor([[4, 3], [2, 1]]), autograd.tensor([0, -1]))
    tensor([4, 1])

    Source: ``torch.take``.
    """
    index = signed(positions("take", index))
    try:
        return getitem(ravel(x), index)
    except IndexError as error:
        raise IndexError(f"take: {error}") from None


@naming
def put(x: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """Return x with ``source`` written at positions of x as a vector, or added if ``accumulate``.

    Shapes: ``source`` has as many elements as ``index``; the result has x's shape.

    Raises
    ------
    IndexError
        If a position lies outside, or the numbers of elements differ.
    RuntimeError
        If the index is no integers, or source has another dtype.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros(2, 2)
    >>> autograd.put(x, autograd.tensor([3, 0]), autograd.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 1.]])

    Source: ``torch.Tensor.put``.
    """
    x = given("put", x)
    index = signed(positions("put", index))
    accumulate = bool(a_number(accumulate, "accumulate", "put"))
    if isinstance(source, (list, tuple)) or not hasattr(source, "dtype"):
        source = np.asarray(source, x.dtype)
    same_dtype("put", x, source)
    number, sent = math.prod(index.shape), math.prod(source.shape)
    if number != sent:
        raise IndexError(f"put: {number} positions, but {sent} elements of source")
    size = math.prod(x.shape)
    ids = np.asarray(payload(index)).reshape(-1)
    try:
        from_zero(ids, size, f"x of shape {x.shape} with size")
    except IndexError as error:
        raise IndexError(f"put: {error}") from None
    where = plain((index if len(index.shape) == 1 else ids,))
    flat, values = reshape_to(x, shape=(size,)), reshape_to(source, shape=(number,))
    z = (add_to if accumulate else put_at)(flat, values, index=where)
    return reshape_to(z, shape=x.shape)
