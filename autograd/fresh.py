"""Methods that make a new tensor of this one's dtype: ``new_zeros`` and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.creation import empty, full, ones, tensor, zeros

if TYPE_CHECKING:
    from autograd.tensor import Tensor


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


def new_ones(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """Make ones of this tensor's dtype; see :func:`autograd.ones`."""
    return ones(*size, dtype=self.dtype if dtype is None else dtype, **options)


def new_empty(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """Make a tensor of this one's dtype, whose values are whatever was in memory."""
    return empty(*size, dtype=self.dtype if dtype is None else dtype, **options)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any
) -> Tensor:
    """Make one value of this tensor's dtype; see :func:`autograd.full`."""
    return full(size, fill_value, dtype=self.dtype if dtype is None else dtype, **options)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    """Copy ``data`` to this tensor's dtype; see :func:`autograd.tensor`."""
    return tensor(data, dtype=self.dtype if dtype is None else dtype, **options)
