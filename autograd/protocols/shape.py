"""NumPy's functions of shapes and axes, and those that rearrange and pad."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.ops import arrangement, axes, diagonals, padding
from autograd.ops import shape as shapes
from autograd.protocols.dispatch import means


@means(np.reshape)
def _reshape(a: Any, /, shape: Any = None, order: str = "C", **options: Any) -> Any:
    _row_major("np.reshape", order)
    return shapes.reshape(a, options.get("newshape", shape))


@means(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    _row_major("np.ravel", order)
    return shapes.ravel(a)


def _row_major(name: str, order: str) -> None:
    if order != "C":
        raise TypeError(f"{name}: only the row-major order 'C' is recorded, got {order!r}")


@means(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return _permute(a, range(np.ndim(a))[::-1] if axes is None else axes)


@means(np.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    return axes.matrix_transpose(x)


def _permute(a: Any, order: Any) -> Any:
    return axes.permute(a, tuple(order))


@means(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return axes.transpose(a, axis1, axis2)


@means(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return axes.movedim(a, source, destination)


@means(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    ndim = np.ndim(a) + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = np.lib.array_utils.normalize_axis_tuple(axis, ndim)
    lengths = iter(np.shape(a))
    return shapes.reshape(a, tuple(1 if i in new else next(lengths) for i in range(ndim)))


@means(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    named = () if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if np.ndim(a) and any(
        np.shape(a)[one_axis(i, np.ndim(a), "np.squeeze")] != 1 for i in named
    ):  # PyTorch leaves it as it is
        raise ValueError(f"np.squeeze: axis {axis} of shape {np.shape(a)} is not of length 1")
    return shapes.squeeze(a, axis)


@means(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return axes.broadcast_to(array, shape)


@means(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    return axes.broadcast_tensors(*args)


@means(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if sparse:
        raise TypeError("np.meshgrid: sparse=True has no recorded counterpart")
    if indexing not in ("xy", "ij"):
        raise ValueError(f'np.meshgrid: indexing must be "xy" or "ij", got {indexing!r}')
    vectors = [shapes.ravel(x) for x in xi]
    return tuple(axes.meshgrid(*vectors, indexing=indexing))


NUMPY_AT_LEAST = {
    np.atleast_1d: shapes.atleast_1d,
    np.atleast_2d: shapes.atleast_2d,
    np.atleast_3d: shapes.atleast_3d,
}
for _theirs, _ours in NUMPY_AT_LEAST.items():
    means(_theirs)(_ours)


@means(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    return arrangement.flip(m, tuple(range(np.ndim(m))) if axis is None else axis)


means(np.fliplr)(arrangement.fliplr)
means(np.flipud)(arrangement.flipud)


@means(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    if axis is not None:
        shift, axis = np.broadcast_arrays(shift, axis)  # one shift may serve several axes
        shift, axis = shift.ravel().tolist(), axis.ravel().tolist()
    return arrangement.roll(a, shift, axis)


@means(np.rot90)
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return arrangement.rot90(m, k, tuple(axes))


@means(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    return arrangement.tile(A, reps)


@means(np.repeat)
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    return arrangement.repeat_interleave(a, np.asarray(repeats), axis)


PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@means(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    value = options.pop("constant_values", 0)
    if mode not in PAD_MODES or options or np.ndim(value):
        raise TypeError(
            f"np.pad: recorded are the modes {', '.join(PAD_MODES)}, with one constant_values; got "
            f"{mode!r} {options or ''}"
        )
    widths = np.broadcast_to(np.asarray(pad_width), (np.ndim(array), 2))
    flat = widths[::-1].ravel().tolist()
    return padding.pad(array, flat, PAD_MODES[mode], value if mode == "constant" else None)


@means(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return diagonals.tril(m, k)


@means(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return diagonals.triu(m, k)


@means(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    return diagonals.diag(v, k)


@means(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return diagonals.diagflat(v, k)


@means(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return diagonals.diagonal(a, offset, axis1, axis2)


@means(np.shape)
def _shape(a: Any) -> Any:
    return a.shape


@means(np.ndim)
def _ndim(a: Any) -> int:
    return int(a.ndim)


@means(np.size)
def _size(a: Any, axis: int | None = None) -> int:
    return int(a.payload.size) if axis is None else int(a.shape[axis])
