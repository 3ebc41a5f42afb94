"""Positions: arguments of gathering and scattering, checked before anything is written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.ops.adding_at import within
from autograd.ops.indexing import getitem, same_dtype
from autograd.ops.shape import ravel, reshape_to
from autograd.record import handle, is_tensor, numbers


def positions(name: str, index: Any, error: type[Exception] = RuntimeError) -> Any:
    """Return positions as a Tensor or an array of integers.

    Raises
    ------
    RuntimeError
        If they are no integers (or the error given).
    """
    if not is_tensor(index):
        index = numbers(name, index) if isinstance(index, (list, tuple)) else np.asarray(index)
        if not index.size and index.dtype.kind == "f":  # an empty list
            index = index.astype(np.intp)
    if index.dtype.kind not in "iu":
        raise error(f"{name}: expected an index of integers, got {index.dtype}")
    return index


def tensor(name: str, x: Any) -> None:
    """Refuse what is neither a Tensor nor an array.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if not hasattr(x, "dtype"):
        raise TypeError(f"{name}: expected a Tensor, got {type(x).__name__}")


def payload(value: Any) -> Any:
    """Return a Tensor's array, or what is none as it is."""
    return value.payload if is_tensor(value) else value


def like(x: Any, array: Any) -> Any:
    """Return an array without a derivative as a Tensor if x is one."""
    return handle(array, None) if is_tensor(x) else array


def in_range(
    name: str, index: Any, length: int, dim: int, error: type[Exception] = RuntimeError
) -> None:
    """Refuse positions outside [0, length).

    Raises
    ------
    RuntimeError
        If a position lies outside (``error``: PyTorch's class differs from function to function).
    """
    ids = np.asarray(payload(index))
    if not within(ids, length):
        wrong = ids.max() if ids.max() >= length else ids.min()
        raise error(f"{name}: index {wrong} is out of bounds for dim {dim} of length {length}")


def along(name: str, x: Any, dim: int, index: Any, src: Any = None) -> tuple[int, Any, Any]:
    """Check the arguments of a function along ``dim``; return dim, index, and src of its shape.

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If the index is no integers, lies outside, or the shapes do not go together.
    """
    index = positions(name, index)
    tensor(name, x)
    if src is not None:
        tensor(name, src)
    shape, own = x.shape or (1,), index.shape or (1,)
    dim = one_axis(dim, len(shape), name)
    given = own if src is None else (src.shape or (1,))
    if math.prod(own):
        if len(own) != len(shape) or len(given) != len(shape):
            raise RuntimeError(
                f"{name}: index of shape {index.shape} must have as many dimensions as x of shape "
                f"{x.shape}" + ("" if src is None else f" and src of shape {src.shape}")
            )
        axes = [axis for axis in range(len(shape)) if axis != dim]
        if any(own[axis] > shape[axis] for axis in axes) or any(
            n > m for n, m in zip(own, given, strict=True)
        ):
            raise RuntimeError(
                f"{name}: index of shape {index.shape} must be no larger than x of shape {x.shape} "
                f"apart from dim {dim}"
                + ("" if src is None else f", and no larger than src of shape {src.shape}")
            )
        in_range(name, index, shape[dim], dim)
    if src is not None and src.shape != index.shape:
        if not math.prod(own):
            src = getitem(ravel(src), slice(0, 0))
            src = reshape_to(src, shape=index.shape)
        elif not index.shape or not src.shape:
            src = reshape_to(getitem(ravel(src), slice(0, 1)), shape=index.shape)
        else:
            src = getitem(src, tuple(slice(0, n) for n in own))
    return dim, index, src


def source(name: str, x: Any, src: Any) -> Any:
    """Return a src as a Tensor or an array of x's dtype.

    Raises
    ------
    TypeError
        If it is a number.
    RuntimeError
        If it has another dtype.
    """
    tensor(name, x)
    if isinstance(src, (list, tuple)):
        src = numbers(name, src, x.dtype)
    if not hasattr(src, "dtype"):
        raise TypeError(f"{name}: expected src as a Tensor, got {type(src).__name__}")
    same_dtype(name, x, src)
    return src


def signed(index: Any) -> Any:
    """Return positions of a dtype that is no mask's: uint8 arrays are masks when indexing."""
    return index if index.dtype.kind == "i" else payload(index).astype(np.intp)
