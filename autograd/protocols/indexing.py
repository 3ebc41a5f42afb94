"""NumPy's functions that pick, sort and count elements, with NumPy's signatures and meaning."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.ops import counting, gathering, indexing, joining, masking, slices, sorting
from autograd.ops import shape as shapes
from autograd.ops.axes import expand_to
from autograd.ops.positions import payload, positions, signed
from autograd.promotion import dtype_of
from autograd.protocols.dispatch import means
from autograd.record import handle, is_tensor


@means(np.take)
def _take(a: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    indices = signed(positions("np.take", indices))
    if axis is None:
        a, axis = shapes.ravel(a), 0
    axis = one_axis(axis, np.ndim(a), "np.take")
    if mode != "raise":
        length, ids = a.shape[axis], payload(indices)
        indices = np.clip(ids, 0, length - 1) if mode == "clip" else ids % length
    return indexing.getitem(a, (slice(None),) * axis + (indices,))


@means(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    return gathering.take_along_dim(arr, indices, axis)


@means(np.compress)
def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    if axis is None:
        a, axis = shapes.ravel(a), 0
    kept = np.flatnonzero(payload(condition))
    return slices.index_select(a, axis, kept)


@means(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return indexing.getitem(shapes.ravel(arr), np.flatnonzero(payload(condition)))


@means(np.choose)
def _choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    pieces = [piece if is_tensor(piece) else np.asarray(piece) for piece in choices]
    which = np.asarray(payload(positions("np.choose", a)))
    if mode != "raise":
        which = np.clip(which, 0, len(pieces) - 1) if mode == "clip" else which % len(pieces)
    if which.size and not (which.min() >= 0 and which.max() < len(pieces)):
        raise ValueError(f"np.choose: an index lies outside [0, {len(pieces)})")
    shape = np.broadcast_shapes(which.shape, *[piece.shape for piece in pieces])
    stacked = joining.stack([expand_to(piece, shape=shape) for piece in pieces])
    chosen = gathering.gather(stacked, 0, np.broadcast_to(which, shape)[None])
    return indexing.getitem(chosen, 0)


@means(np.sort)
def _sort(
    a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    return sorting.sort(shapes.ravel(a) if axis is None else a, -1 if axis is None else axis).values


@means(np.argsort)
def _argsort(
    a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    return sorting.argsort(shapes.ravel(a) if axis is None else a, -1 if axis is None else axis)


@means(np.nonzero)
def _nonzero(a: Any) -> Any:
    return masking.nonzero(a, as_tuple=True)


@means(np.flatnonzero)
def _flatnonzero(a: Any) -> Any:
    return masking.nonzero(shapes.ravel(a), as_tuple=True)[0]


@means(np.argwhere)
def _argwhere(a: Any) -> Any:
    return masking.argwhere(a)


@means(np.unravel_index)
def _unravel_index(indices: Any, shape: Any) -> Any:
    return _plain(np.unravel_index, indices, shape)


@means(np.unique)
def _unique(ar: Any, *args: Any, **options: Any) -> Any:
    return _plain(np.unique, ar, *args, **options)


@means(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    return counting.bincount(x, weights, minlength)


@means(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    return counting.searchsorted(a, v, side=side, sorter=sorter)


@means(np.digitize)
def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    return _plain(np.digitize, x, bins, right)


@means(np.histogram)
def _histogram(a: Any, *args: Any, **options: Any) -> Any:
    return _plain(np.histogram, a, *args, **options)


@means(np.isin)
def _isin(element: Any, test_elements: Any, **options: Any) -> Any:
    return _plain(np.isin, element, test_elements, **options)


def _plain(function: Any, *args: Any, **options: Any) -> Any:
    """Call a NumPy function that has no derivative; its arrays become Tensors."""
    options = {name: payload(value) for name, value in options.items()}
    found = function(*map(payload, args), **options)
    for each in found if isinstance(found, tuple) else (found,):
        dtype_of(np.asarray(each).dtype, f"np.{function.__name__}")
    if isinstance(found, tuple):
        made = [handle(np.asarray(each)[()], None) for each in found]
        return type(found)(*made) if hasattr(found, "_fields") else tuple(made)
    return handle(np.asarray(found)[()], None)
