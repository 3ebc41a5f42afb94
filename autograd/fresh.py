"""Methods that make a new tensor of this one's dtype: ``new_zeros`` and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.creation import empty, full, ones, tensor, zeros
from autograd.naming import naming

if TYPE_CHECKING:
    from autograd.tensor import Tensor


@naming
def new_zeros(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """Make zeros of this tensor's dtype; see :func:`autograd.zeros`.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).new_zeros(3)
    tensor([0, 0, 0])

    Source: ``torch.Tensor.new_zeros``.
    """
    return zeros(*size, dtype=self.dtype if dtype is None else dtype, **options)


@naming
def new_ones(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """Make ones of this tensor's dtype; see :func:`autograd.ones`.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).new_ones(3)
    tensor([1, 1, 1])

    Source: ``torch.Tensor.new_ones``.
    """
    return ones(*size, dtype=self.dtype if dtype is None else dtype, **options)


@naming
def new_empty(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """Make a tensor of this one's dtype, whose values are whatever was in memory.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).new_empty(2, 3).shape
    (2, 3)

    Source: ``torch.Tensor.new_empty``.
    """
    return empty(*size, dtype=self.dtype if dtype is None else dtype, **options)


@naming
def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any
) -> Tensor:
    """Make one value of this tensor's dtype; see :func:`autograd.full`.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.0, 2.0]).new_full((2,), 7)
    tensor([7., 7.])

    Source: ``torch.Tensor.new_full``.
    """
    return full(size, fill_value, dtype=self.dtype if dtype is None else dtype, **options)


@naming
def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    """Copy ``data`` to this tensor's dtype; see :func:`autograd.tensor`.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.0, 2.0]).double().new_tensor([7, 8])
    tensor([7., 8.], dtype=float64)

    Source: ``torch.Tensor.new_tensor``.
    """
    return tensor(data, dtype=self.dtype if dtype is None else dtype, **options)
