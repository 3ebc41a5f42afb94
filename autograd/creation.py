"""Tensors from nothing: constants, ranges and random numbers, with PyTorch's signatures."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import integers
from autograd.payload import payload_of
from autograd.promotion import get_default_dtype
from autograd.random import generator
from autograd.record import handle
from autograd.tensor import Tensor

__all__ = [
    "arange",
    "as_tensor",
    "bernoulli",
    "empty",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "normal",
    "ones",
    "ones_like",
    "rand",
    "randint",
    "randn",
    "randperm",
    "tensor",
    "zeros",
    "zeros_like",
]


def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor by copying ``data``: a number, nested lists, an array or a Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    return Tensor(data, requires_grad, dtype)


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Make a tensor, sharing the memory of an array of the right dtype; a Tensor stays itself."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return handle(payload_of(data, dtype, copy=False), None)


def from_numpy(array: Any) -> Tensor:
    """Make a tensor on the memory of an ndarray."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an ndarray, got {type(array).__name__}")
    return handle(payload_of(array, copy=False), None)


def _made(array: Any, requires_grad: bool) -> Tensor:
    made = handle(array if array.ndim else array[()], None)
    return made.requires_grad_() if requires_grad else made


def _shape(size: Any, name: str) -> tuple[int, ...]:
    """Return a size given as integers or as one sequence of them, which are lengths."""
    shape = integers(size, name)
    if any(n < 0 for n in shape):
        raise ValueError(f"{name}: expected lengths of 0 or more, got {shape}")
    return shape


def _dtype(dtype: Any) -> Any:
    return get_default_dtype() if dtype is None else dtype


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of zeros: ``zeros(2, 3)`` or ``zeros((2, 3))``."""
    return _made(np.zeros(_shape(size, "zeros"), _dtype(dtype)), requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of ones."""
    return _made(np.ones(_shape(size, "ones"), _dtype(dtype)), requires_grad)


def empty(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor whose values are whatever was in memory."""
    return _made(np.empty(_shape(size, "empty"), _dtype(dtype)), requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of one value, whose kind decides the dtype if none is given."""
    if dtype is None:
        dtype = payload_of(fill_value).dtype
    shape = _shape((size,) if isinstance(size, int) else size, "full")
    return _made(np.full(shape, fill_value, dtype), requires_grad)


def zeros_like(x: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make zeros of another tensor's shape and dtype."""
    return zeros(x.shape, dtype=dtype or x.dtype, requires_grad=requires_grad)


def ones_like(x: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make ones of another tensor's shape and dtype."""
    return ones(x.shape, dtype=dtype or x.dtype, requires_grad=requires_grad)


def full_like(
    x: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make one value of another tensor's shape and dtype."""
    return full(x.shape, fill_value, dtype=dtype or x.dtype, requires_grad=requires_grad)


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Count from ``start`` (or 0) to below ``end``; integers give int64, floats the default."""
    if end is None:
        start, end = 0, start
    if not step:
        raise ValueError("arange: step must not be 0")
    if dtype is None:
        whole = all(isinstance(n, (int, np.integer)) for n in (start, end, step))
        dtype = np.int64 if whole else get_default_dtype()
    return _made(np.arange(start, end, step).astype(dtype), requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Divide [start, end] evenly into ``steps`` numbers, both ends among them."""
    if steps < 0:
        raise ValueError(f"linspace: steps must be 0 or more, got {steps}")
    return _made(np.linspace(start, end, steps).astype(_dtype(dtype)), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a matrix with ones on its diagonal."""
    return _made(np.eye(n, m, dtype=_dtype(dtype)), requires_grad)


def rand(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Draw from the uniform distribution on [0, 1)."""
    drawn = generator().random(_shape(size, "rand")) if size else generator().random(())
    return _made(np.asarray(drawn).astype(_dtype(dtype)), requires_grad)


def randn(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Draw from the normal distribution of mean 0 and variance 1."""
    drawn = generator().standard_normal(_shape(size, "randn") if size else ())
    return _made(np.asarray(drawn).astype(_dtype(dtype)), requires_grad)


def randint(low: int, high: Any, size: Any = None, *, dtype: Any = np.int64) -> Tensor:
    """Draw integers from [low, high); ``randint(high, size)`` draws from [0, high)."""
    if size is None:
        low, high, size = 0, low, high
    shape = _shape((size,) if isinstance(size, int) else size, "randint")
    if not low < high:
        raise ValueError(f"randint: there is no integer in [{low}, {high})")
    return _made(np.asarray(generator().integers(low, high, shape, dtype)), False)


def randperm(n: int, *, dtype: Any = np.int64) -> Tensor:
    """Draw an order of the integers 0 to n - 1."""
    return _made(generator().permutation(n).astype(dtype), False)


def normal(mean: float = 0.0, std: float = 1.0, size: Any = (), *, dtype: Any = None) -> Tensor:
    """Draw from the normal distribution of ``mean`` and ``std``."""
    drawn = np.asarray(generator().normal(mean, std, tuple(size)))
    return _made(drawn.astype(_dtype(dtype)), False)


def bernoulli(p: Any) -> Tensor:
    """Draw 1 with probability ``p``, elementwise, else 0."""
    chance = p.payload if isinstance(p, Tensor) else np.asarray(p, get_default_dtype())
    return _made(np.asarray(generator().random(chance.shape) < chance).astype(chance.dtype), False)
