"""NumPy's protocols: ``np.exp(t)`` and ``np.sum(t, axis=0)`` are our ops, with NumPy's meaning.

The functions below are those whose signature or meaning is NumPy's own (``axis``, ``ddof`` 0,
``np.split`` by sections); the others are found in the rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.op import NUMPY
from autograd.ops import elementwise, indexing, linalg, reduction
from autograd.ops import shape as shapes
from autograd.record import is_tensor


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Answer a NumPy ufunc applied to a Tensor."""
    function = NUMPY.get(ufunc)
    if options.get("out") is not None:
        raise TypeError(
            f"np.{ufunc.__name__}: out= cannot be recorded; assign the result, or change a tensor "
            "in place with a method such as add_"
        )
    if function is None or method != "__call__" or options:
        asked = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
        raise TypeError(
            f"{asked} with {sorted(options) or 'these arguments'} has no recorded counterpart; "
            "use a function of autograd, or t.detach().numpy()"
        )
    return function(*inputs)


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Answer a NumPy function given a Tensor."""
    ours = NUMPY.get(function)
    if ours is None:
        raise TypeError(
            f"{_name(function)} has no recorded counterpart; use a function of autograd, or "
            "t.detach().numpy()"
        )
    if kwargs.get("out") is not None:
        raise TypeError(f"{_name(function)}: out= cannot be recorded; assign the result")
    kwargs.pop("out", None)
    return ours(*args, **kwargs)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


F = TypeVar("F", bound=Callable[..., Any])


def _means(*functions: Any) -> Callable[[F], F]:
    def register(ours: F) -> F:
        for function in functions:
            NUMPY[function] = ours
        return ours

    return register


@_means(np.sum)
def _sum(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    total = reduction.sum(a, axis, keepdims)
    return total if dtype is None else total.to(dtype)


@_means(np.mean)
def _mean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    average = reduction.mean(a, axis, keepdims)
    return average if dtype is None else average.to(dtype)


@_means(np.var)
def _var(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False
) -> Any:
    return reduction.var(a, axis, correction=ddof, keepdim=keepdims)


@_means(np.std)
def _std(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False
) -> Any:
    return reduction.std(a, axis, correction=ddof, keepdim=keepdims)


@_means(np.max, np.amax)
def _max(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amax(a, axis, keepdims)


@_means(np.min, np.amin)
def _min(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amin(a, axis, keepdims)


@_means(np.argmax)
def _argmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.argmax(a, axis, keepdims)


@_means(np.argmin)
def _argmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.argmin(a, axis, keepdims)


@_means(np.any)
def _any(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.any(a, axis, keepdims)


@_means(np.all)
def _all(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.all(a, axis, keepdims)


@_means(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise TypeError("np.where: with a Tensor expected a condition and two values")
    return elementwise.where(condition, x, y)


@_means(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    return elementwise.clamp(a, low, high)


@_means(np.reshape)
def _reshape(a: Any, shape: Any) -> Any:
    return shapes.reshape_(a, shape) if isinstance(shape, int) else shapes.reshape_(a, *shape)


@_means(np.ravel)
def _ravel(a: Any) -> Any:
    return shapes.ravel(a)


@_means(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    order = range(a.ndim)[::-1] if axes is None else axes
    return shapes.permute(a, dims=tuple(order))


@_means(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return shapes.transpose(a, axis1, axis2)


@_means(np.expand_dims)
def _expand_dims(a: Any, axis: int) -> Any:
    return shapes.unsqueeze(a, axis)


@_means(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    return shapes.squeeze(a, axis)


@_means(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return shapes.expand(array, *shape)


@_means(np.dot)
def _dot(a: Any, b: Any) -> Any:
    """Return NumPy's dot, which is ``@`` for vectors and matrices and ``*`` with a scalar."""
    if not (np.ndim(a) and np.ndim(b)):
        return elementwise.multiply(a, b)
    if np.ndim(a) > 2 or np.ndim(b) > 2:
        raise TypeError(
            f"np.dot: expected vectors or matrices, got shapes {a.shape} and {b.shape}; use @"
        )
    return linalg.matmul(a, b)


@_means(np.concatenate)
def _concatenate(arrays: Any, axis: int = 0) -> Any:
    return shapes.cat(arrays, axis)


@_means(np.stack)
def _stack(arrays: Any, axis: int = 0) -> Any:
    return shapes.stack(arrays, axis)


@_means(np.take)
def _take(a: Any, indices: Any, axis: int | None = None) -> Any:
    if axis is None:
        return indexing.getitem(shapes.ravel(a), indices)
    return indexing.getitem(a, (slice(None),) * (axis % a.ndim) + (indices,))


@_means(np.split)
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


@_means(np.zeros_like)
def _zeros_like(a: Any, dtype: Any = None) -> Any:
    return np.zeros(a.shape, a.dtype if dtype is None else dtype)


@_means(np.ones_like)
def _ones_like(a: Any, dtype: Any = None) -> Any:
    return np.ones(a.shape, a.dtype if dtype is None else dtype)


@_means(np.shape)
def _shape(a: Any) -> Any:
    return a.shape


@_means(np.ndim)
def _ndim(a: Any) -> int:
    return int(a.ndim)


@_means(np.size)
def _size(a: Any, axis: int | None = None) -> int:
    return int(a.payload.size) if axis is None else int(a.shape[axis])


def _payload(value: Any) -> Any:
    return value.payload if is_tensor(value) else value


@_means(np.allclose)
def _allclose(a: Any, b: Any, **options: Any) -> bool:
    return np.allclose(_payload(a), _payload(b), **options)


@_means(np.array_equal)
def _array_equal(a: Any, b: Any, **options: Any) -> bool:
    return np.array_equal(_payload(a), _payload(b), **options)
