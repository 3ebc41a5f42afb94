"""Tensors from numbers, arrays and nothing: copies, views and constants.

Signatures and dtypes are PyTorch's: integers give int64, truth values bool, floats the default
float, arrays keep their dtype.  What counts up is in ``ranges``, what is random in ``sampling``,
what is like another tensor in ``alike``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.arguments import a_flag, integers
from autograd.devices import only_cpu
from autograd.naming import naming
from autograd.payload import payload_of
from autograd.promotion import dtype_of, get_default_dtype
from autograd.record import handle, is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "as_tensor",
    "asarray",
    "empty",
    "eye",
    "from_numpy",
    "full",
    "ones",
    "tensor",
    "zeros",
]

# ---------------------------------------------------------------- from data


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor by copying ``data``: a number, nested lists, an array or a Tensor.

    Shapes: () of a number; of nested lists the lengths at each depth; that of an array.

    Raises
    ------
    TypeError
        If ``data`` holds anything but real numbers.
    ValueError
        If lists have unequal lengths, or an integer does not fit in 64 bits.
    RuntimeError
        If a number does not fit in the dtype, or a gradient is asked of integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])

    Source: ``torch.tensor``.
    """
    only_cpu(device, "tensor")
    made = handle(payload_of(data, dtype), None)
    if requires_grad is False:
        return made
    return made.requires_grad_(a_flag(requires_grad, "requires_grad", "tensor"))


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Make a tensor, sharing the memory of an array of the right dtype; a Tensor stays itself.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As :func:`tensor`.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0])
    >>> autograd.as_tensor(x) is x
    True

    Source: ``torch.as_tensor``.
    """
    only_cpu(device, "as_tensor")
    if is_tensor(data):
        return data if dtype is None else data.to(dtype_of(dtype, "as_tensor"))  # type: ignore[no-any-return]
    return handle(payload_of(data, dtype, copy=False, name="as_tensor"), None)


@naming
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Make a tensor; with ``copy`` True memory is never shared, with False always.

    Raises
    ------
    ValueError
        If ``copy`` is False and the memory cannot be shared.

    Examples
    --------
    >>> import autograd
    >>> autograd.asarray([1, 2], dtype=autograd.float32)
    tensor([1., 2.])

    Source: ``torch.asarray``.
    """
    made = as_tensor(obj, dtype, device)
    given = obj.payload if is_tensor(obj) else obj
    shared = made is obj or (
        isinstance(given, np.ndarray) and np.may_share_memory(made.payload, given)
    )
    if copy is False and not shared:
        raise ValueError("asarray: copy=False, but the memory cannot be shared")
    if copy and shared:
        made = made.clone()
    if requires_grad and not made.requires_grad:
        made.requires_grad_()
    return made


def from_numpy(ndarray: Any) -> Tensor:
    """Make a tensor on the memory of an ndarray.

    Raises
    ------
    TypeError
        If it is no ndarray, or one of complex numbers, text or objects.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> array = np.zeros(2)
    >>> _ = autograd.from_numpy(array).fill_(1)
    >>> array
    array([1., 1.])

    Source: ``torch.from_numpy``.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected an ndarray, got {type(ndarray).__name__}")
    return handle(payload_of(ndarray, copy=False, name="from_numpy"), None)


# ---------------------------------------------------------------- constants


def made_of(array: Any, requires_grad: bool) -> Tensor:
    """Return a new array as a Tensor."""
    made = handle(array if array.ndim else array[()], None)
    if requires_grad is False:
        return made
    return made.requires_grad_(a_flag(requires_grad, "it", "requires_grad"))


def shape_of(size: Any, name: str) -> tuple[int, ...]:
    """Return a size given as integers or as one sequence of them, which are lengths."""
    if size == ():
        raise TypeError(f"{name}: expected a size, as in {name}(2, 3) or {name}((2, 3))")
    shape = integers(size, name)
    if any(n < 0 for n in shape):
        raise RuntimeError(f"{name}: expected lengths of 0 or more, got {shape}")
    return shape


def chosen_dtype(dtype: Any, name: str, device: Any = None, default: Any = None) -> np.dtype[Any]:
    """Return the dtype asked for, or else the default."""
    only_cpu(device, name)
    return (default or get_default_dtype()) if dtype is None else dtype_of(dtype, name)


@naming
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of zeros: ``zeros(2, 3)`` or ``zeros((2, 3))``.

    Raises
    ------
    RuntimeError
        If a length is negative, or a gradient is asked of integers.
    TypeError
        If a length is no integer.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(3)
    tensor([0., 0., 0.])

    Source: ``torch.zeros``.
    """
    dtype = chosen_dtype(dtype, "zeros", device)
    return made_of(np.zeros(shape_of(size, "zeros"), dtype), requires_grad)


@naming
def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of ones; see :func:`zeros`.

    Raises
    ------
    RuntimeError, TypeError
        As :func:`zeros`.

    Examples
    --------
    >>> import autograd
    >>> autograd.ones(2, dtype=autograd.int64)
    tensor([1, 1])

    Source: ``torch.ones``.
    """
    dtype = chosen_dtype(dtype, "ones", device)
    return made_of(np.ones(shape_of(size, "ones"), dtype), requires_grad)


@naming
def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor whose values are whatever was in memory; see :func:`zeros`.

    Raises
    ------
    RuntimeError, TypeError
        As :func:`zeros`.

    Examples
    --------
    >>> import autograd
    >>> autograd.empty(2, 0).shape
    (2, 0)

    Source: ``torch.empty``.
    """
    dtype = chosen_dtype(dtype, "empty", device)
    return made_of(np.empty(shape_of(size, "empty"), dtype), requires_grad)


@naming
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Make a tensor of one value, whose kind decides the dtype if none is given.

    Raises
    ------
    TypeError
        If ``fill_value`` is no number.
    RuntimeError
        If it does not fit in the dtype, a length is negative, or a gradient is asked of integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.full((2,), 7)
    tensor([7, 7])

    Source: ``torch.full``.
    """
    return filled(size, fill_value, dtype, device, requires_grad, "full")


def filled(
    size: Any, fill_value: Any, dtype: Any, device: Any, requires_grad: bool, name: str
) -> Tensor:
    """Return a tensor of one number, in its own dtype if none is given.

    Raises
    ------
    RuntimeError
        If the dtype cannot hold it.
    """
    number = number_of(fill_value, name)
    with np.errstate(over="ignore"):
        kind = None if dtype is not None else payload_of(number, name=name).dtype
        dtype = chosen_dtype(dtype, name, device, kind)
        value = payload_of(number, dtype, name=name)
    if math.isinf(value) and not math.isinf(number):
        raise RuntimeError(f"{name}: a number does not fit in {dtype}, got {number}")
    return made_of(np.full(shape_of((size,), name), value, dtype), requires_grad)


def number_of(value: Any, name: str) -> Any:
    """Return a Python number, also of a 0-d tensor or array."""
    if hasattr(value, "item") and np.ndim(value) == 0:
        value = value.item()
    if not isinstance(value, (bool, int, float)):
        raise TypeError(f"{name}: expected a number, got {value!r:.60}")
    return value


@naming
def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Make an n by m matrix (n by n) with ones on its diagonal.

    Shapes: (n, m).

    Raises
    ------
    RuntimeError
        If a length is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.eye(2)
    tensor([[1., 0.],
            [0., 1.]])

    Source: ``torch.eye``.
    """
    rows, columns = shape_of((n, n if m is None else m), "eye")
    return made_of(np.eye(rows, columns, dtype=chosen_dtype(dtype, "eye", device)), requires_grad)
