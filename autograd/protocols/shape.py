"""NumPy's functions of shapes, and those that join and split."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import indexing
from autograd.ops import shape as shapes
from autograd.protocols.dispatch import means


@means(np.reshape)
def _reshape(a: Any, shape: Any) -> Any:
    return shapes.reshape(a, shape) if isinstance(shape, int) else shapes.reshape(a, *shape)


@means(np.ravel)
def _ravel(a: Any) -> Any:
    return shapes.ravel(a)


@means(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    order = range(a.ndim)[::-1] if axes is None else axes
    return shapes.permute(a, *order)


@means(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return shapes.transpose(a, axis1, axis2)


@means(np.expand_dims)
def _expand_dims(a: Any, axis: int) -> Any:
    return shapes.unsqueeze(a, axis)


@means(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    return shapes.squeeze(a, axis)


@means(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return shapes.expand(array, *shape)


@means(np.concatenate)
def _concatenate(arrays: Any, axis: int = 0) -> Any:
    return shapes.cat(arrays, axis)


@means(np.stack)
def _stack(arrays: Any, axis: int = 0) -> Any:
    return shapes.stack(arrays, axis)


@means(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    length = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        if length % indices_or_sections:
            raise ValueError(f"np.split: {length} does not divide into {indices_or_sections} parts")
        cuts = list(range(0, length + 1, length // indices_or_sections))
    else:
        cuts = [0, *indices_or_sections, length]
    lead = (slice(None),) * (axis % ary.ndim)
    return [
        indexing.getitem(ary, (*lead, slice(a, b))) for a, b in zip(cuts, cuts[1:], strict=False)
    ]


@means(np.zeros_like)
def _zeros_like(a: Any, dtype: Any = None) -> Any:
    return np.zeros(a.shape, a.dtype if dtype is None else dtype)


@means(np.ones_like)
def _ones_like(a: Any, dtype: Any = None) -> Any:
    return np.ones(a.shape, a.dtype if dtype is None else dtype)


@means(np.shape)
def _shape(a: Any) -> Any:
    return a.shape


@means(np.ndim)
def _ndim(a: Any) -> int:
    return int(a.ndim)


@means(np.size)
def _size(a: Any, axis: int | None = None) -> int:
    return int(a.payload.size) if axis is None else int(a.shape[axis])
