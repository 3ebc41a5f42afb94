"""Tensors of another tensor's shape and dtype: zeros, ones, a number, or whatever was in memory.

``sampling`` draws the random ones; the methods ``new_zeros`` and so on are in ``fresh``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.creation import chosen_dtype, filled, made_of
from autograd.naming import naming
from autograd.promotion import dtype_of
from autograd.record import is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["empty_like", "full_like", "ones_like", "zeros_like"]


def like(x: Any, dtype: Any, name: str, device: Any) -> tuple[Any, np.dtype[Any]]:
    """Return another tensor's (or array's) shape and dtype, or the dtype asked for."""
    if not is_tensor(x) and not isinstance(x, np.ndarray):
        raise TypeError(f"{name}: expected a Tensor, got {type(x).__name__}")
    own = dtype_of(x.dtype, name) if dtype is None else x.dtype
    return x.shape, chosen_dtype(dtype, name, device, own)


@naming
def zeros_like(
    x: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make zeros of another tensor's shape and dtype.

    Raises
    ------
    TypeError
        If ``x`` is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros_like(autograd.tensor([1, 2]))
    tensor([0, 0])

    Source: ``torch.zeros_like``.
    """
    return made_of(np.zeros(*like(x, dtype, "zeros_like", device)), requires_grad)


@naming
def ones_like(
    x: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make ones of another tensor's shape and dtype.

    Raises
    ------
    TypeError
        If ``x`` is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.ones_like(autograd.tensor([1, 2]), dtype=autograd.float32)
    tensor([1., 1.])

    Source: ``torch.ones_like``.
    """
    return made_of(np.ones(*like(x, dtype, "ones_like", device)), requires_grad)


@naming
def empty_like(
    x: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of another's shape and dtype, whose values are whatever was in memory.

    Raises
    ------
    TypeError
        If ``x`` is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.empty_like(autograd.zeros(2, 3)).shape
    (2, 3)

    Source: ``torch.empty_like``.
    """
    return made_of(np.empty(*like(x, dtype, "empty_like", device)), requires_grad)


@naming
def full_like(
    x: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Make one value of another tensor's shape and dtype.

    Raises
    ------
    TypeError
        If ``fill_value`` is no number.
    RuntimeError
        If it does not fit in the dtype.

    Examples
    --------
    >>> import autograd
    >>> autograd.full_like(autograd.zeros(2), 3)
    tensor([3., 3.])

    Source: ``torch.full_like``.
    """
    shape, kind = like(x, dtype, "full_like", device)
    return filled(shape, fill_value, kind, None, requires_grad, "full_like")
