"""Casting: another dtype for a tensor's elements, and PyTorch's short names for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.arguments import a_flag
from autograd.devices import device as Device
from autograd.devices import only_cpu
from autograd.ops import passing
from autograd.promotion import dtype_of
from autograd.record import is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor


def to(
    self: Tensor,
    *what: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return the tensor in another dtype; itself if it has it and no copy is asked for.

    Parameters
    ----------
    *what : dtype, device or Tensor
        ``to(dtype)``, ``to("cpu")``, ``to("cpu", dtype)``, or ``to(other)`` for other's dtype.
    dtype, device : optional
        The same by name.
    non_blocking, memory_format
        Accepted and without meaning here.
    copy : bool
        Whether the memory must be another.

    Raises
    ------
    RuntimeError
        If another device than the CPU is asked for.
    TypeError
        If an argument is neither of these.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.5, 2.5]).to(autograd.int64)
    tensor([1, 2])

    Source: ``torch.Tensor.to``.
    """
    wanted = wanted_dtype(what, dtype, device) or self.dtype
    if wanted != self.dtype:
        return passing.cast(self, dtype=wanted)  # type: ignore[no-any-return]
    return self.clone() if copy is not False and a_flag(copy, "copy", "to") else self


def wanted_dtype(what: tuple[Any, ...], dtype: Any, device: Any) -> np.dtype[Any] | None:
    """Return the dtype that arguments of ``to`` ask for, or None; refuse other devices."""
    found: dict[str, Any] = {"device": device, "dtype": dtype}
    for argument in what:
        kind, value = _meant(argument)
        if found[kind] is not None:
            raise TypeError(f"to: got two {kind}s, {found[kind]!r} and {value!r}")
        found[kind] = value
    only_cpu(found["device"], "to")
    return None if found["dtype"] is None else dtype_of(found["dtype"], "to")


def _meant(argument: Any) -> tuple[str, Any]:
    """Tell whether an argument of ``to`` is a device or a dtype; a Tensor gives its dtype."""
    if is_tensor(argument):
        return "dtype", argument.dtype
    if isinstance(argument, Device):
        return "device", argument
    if isinstance(argument, str):
        try:
            return "dtype", np.dtype(argument)
        except TypeError:
            return "device", only_cpu(argument, "to")
    return "dtype", dtype_of(argument, "to")


def as_type(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the tensor in another dtype, or without one its dtype's name.

    Raises
    ------
    TypeError
        If ``dtype`` is no dtype that tensors have.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.5, 2.5])
    >>> x.type(), x.type(autograd.int64)
    ('float32', tensor([1, 2]))

    Source: ``torch.Tensor.type``.
    """
    return self.dtype.name if dtype is None else to(self, dtype_of(dtype, "type"))


def astype(self: Tensor, dtype: Any, copy: bool = True) -> Tensor:
    """Return the tensor in another dtype (``np.ndarray.astype``); a copy unless told.

    Raises
    ------
    TypeError
        If ``dtype`` is no dtype that tensors have.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.5, 2.5]).astype("int64")
    tensor([1, 2])

    Source: ``numpy.ndarray.astype``.
    """
    return to(self, dtype_of(dtype, "astype"), copy=a_flag(copy, "copy", "astype"))


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the tensor in the dtype of another.

    Raises
    ------
    TypeError
        If ``other`` is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.5, 2.5]).type_as(autograd.tensor(1))
    tensor([1, 2])

    Source: ``torch.Tensor.type_as``.
    """
    if not is_tensor(other):
        raise TypeError(f"type_as: expected a Tensor, got {type(other).__name__}")
    return to(self, other.dtype)


def _to(dtype: Any, name: str) -> Callable[..., Tensor]:
    meant = np.dtype(dtype)

    def convert(self: Tensor) -> Tensor:
        return to(self, meant)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"""Return the tensor in {meant}; itself if it has that dtype.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([0.0, 1.0], dtype=autograd.float64).{name}().dtype
    {meant!r}

    Source: ``torch.Tensor.{name}``.
    """
    return convert


half = _to(np.float16, "half")
float_ = _to(np.float32, "float")
double = _to(np.float64, "double")
char = _to(np.int8, "char")
short = _to(np.int16, "short")
int_ = _to(np.int32, "int")
long = _to(np.int64, "long")
byte = _to(np.uint8, "byte")
bool_ = _to(np.bool_, "bool")


def cpu(self: Tensor) -> Tensor:
    """Return the tensor itself, which is on the CPU.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0])
    >>> x.cpu() is x
    True

    Source: ``torch.Tensor.cpu``.
    """
    return self


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False) -> Tensor:
    """Refuse: there is no device but the CPU.

    Raises
    ------
    RuntimeError
        Always.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1.0]).cuda()
    Traceback (most recent call last):
    RuntimeError: cuda: there is no device but the CPU; leave the tensor where it is

    Source: ``torch.Tensor.cuda``.
    """
    raise RuntimeError("cuda: there is no device but the CPU; leave the tensor where it is")
