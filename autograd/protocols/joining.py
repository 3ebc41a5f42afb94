"""NumPy's functions that join and split, and those that make an array like another."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import joining, splitting
from autograd.ops import shape as shapes
from autograd.protocols.dispatch import means
from autograd.record import is_tensor


@means(np.concatenate)
def _concatenate(arrays: Any, /, axis: int | None = 0, *, dtype: Any = None) -> Any:
    if axis is None:
        arrays, axis = [shapes.ravel(array) for array in arrays], 0
    return _cast(joining.cat(arrays, axis), dtype)


@means(np.stack)
def _stack(arrays: Any, axis: int = 0, *, dtype: Any = None) -> Any:
    return _cast(joining.stack(arrays, axis), dtype)


@means(np.hstack)
def _hstack(tup: Any, *, dtype: Any = None) -> Any:
    return _cast(joining.hstack(tup), dtype)


@means(np.vstack)
def _vstack(tup: Any, *, dtype: Any = None) -> Any:
    return _cast(joining.vstack(tup), dtype)


@means(np.dstack)
def _dstack(tup: Any) -> Any:
    return joining.dstack(tup)


@means(np.column_stack)
def _column_stack(tup: Any) -> Any:
    return joining.column_stack(tup)


def _cast(x: Any, dtype: Any) -> Any:
    return x if dtype is None else x.to(dtype)


@means(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    both = [x if is_tensor(x) else np.asarray(x) for x in (arr, values)]
    if axis is None:
        both, axis = [shapes.ravel(x) for x in both], 0
    return joining.cat(both, axis)


def _split_at(ary: Any, indices_or_sections: Any, axis: int, name: str, even: bool) -> list[Any]:
    """Split into a number of sections, or before given places."""
    if isinstance(indices_or_sections, (int, np.integer)):
        length = np.shape(ary)[axis]
        if indices_or_sections < 1 or (even and length % indices_or_sections):
            raise ValueError(f"{name}: {length} does not divide into {indices_or_sections} parts")
    else:
        indices_or_sections = [int(n) for n in indices_or_sections]
    return list(splitting.tensor_split(ary, indices_or_sections, axis))


@means(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return _split_at(ary, indices_or_sections, axis, "np.split", even=True)


@means(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return _split_at(ary, indices_or_sections, axis, "np.array_split", even=False)


@means(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    axis = 0 if _least(ary, 1, "np.hsplit") == 1 else 1
    return _split_at(ary, indices_or_sections, axis, "np.hsplit", even=True)


@means(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    _least(ary, 2, "np.vsplit")
    return _split_at(ary, indices_or_sections, 0, "np.vsplit", even=True)


@means(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    _least(ary, 3, "np.dsplit")
    return _split_at(ary, indices_or_sections, 2, "np.dsplit", even=True)


def _least(ary: Any, ndim: int, name: str) -> int:
    """Return the number of axes, which must be ``ndim`` or more."""
    if ary.ndim < ndim:
        raise ValueError(f"{name}: expected at least {ndim} dimensions, got shape {ary.shape}")
    return int(ary.ndim)


def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    return splitting.unbind(x, axis)


if hasattr(np, "unstack"):  # from NumPy 2.1 on
    means(np.unstack)(_unstack)


def _alike(make: Any) -> Any:
    """Return an ndarray maker, such as np.zeros, as one of another array's shape and dtype."""

    def made(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None,
             **options: Any) -> Any:  # fmt: skip
        return make(
            a.shape if shape is None else shape,
            dtype=a.dtype if dtype is None else dtype,
            **options,
        )

    return made


means(np.zeros_like)(_alike(np.zeros))
means(np.ones_like)(_alike(np.ones))
means(np.empty_like)(_alike(np.empty))


@means(np.full_like)
def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None, **options: Any
) -> Any:
    if is_tensor(fill_value):
        raise TypeError("np.full_like: expected a number to fill with, got a Tensor")
    return np.full(
        a.shape if shape is None else shape, fill_value, a.dtype if dtype is None else dtype
    )
