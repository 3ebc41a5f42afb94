"""Exchange: the memory of a Tensor handed to NumPy, PyTorch and others, and taken from them.

Nothing is copied unless asked.  A tensor that requires grad is not handed over unasked: what
another library computed from it would have no gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.naming import naming
from autograd.payload import payload_of
from autograd.record import handle

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["from_dlpack"]


@naming
def numpy(self: Tensor, *, force: bool = False) -> np.ndarray[Any, Any]:
    """Return the elements as an ndarray on the same memory, read-only if a gradient flows.

    Parameters
    ----------
    force : bool
        Whether it shall be writable all the same; who writes there answers for the gradients.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> x.numpy()[0] = 5
    >>> x
    tensor([5., 2.])

    Source: ``torch.Tensor.numpy`` (which refuses where ours is read-only).
    """
    self.share()
    array: np.ndarray[Any, Any] = self.payload.view()
    if self.node is not None and not force:
        array.flags.writeable = False
    return array


def array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
    """Answer ``np.asarray(t)``: the same memory, where dtype and copy allow it.

    Raises
    ------
    RuntimeError
        If the tensor requires grad.
    ValueError
        If a copy is needed and forbidden.
    """
    if self.node is not None:  # unasked-for, as in np.sum([x, y]), the gradient would be lost
        raise RuntimeError(
            "array: NumPy would lose the gradient of a tensor that requires grad; join tensors "
            "with autograd.stack, or ask for the values with t.numpy()"
        )
    values = numpy(self)
    if dtype is not None and dtype != values.dtype:
        if copy is False:
            raise ValueError(f"array: {values.dtype} cannot become {dtype} without a copy")
        return values.astype(dtype)
    return values.copy() if copy else values


def dlpack(self: Tensor, **options: Any) -> Any:
    """Hand the memory over to a library that speaks DLPack.

    Raises
    ------
    BufferError
        If the tensor requires grad, or is a view that reads memory backwards.
    """
    if self.node is not None:
        raise BufferError(
            "dlpack: a tensor that requires grad cannot be handed over, since its gradient would "
            "be lost; use t.detach()"
        )
    memory = numpy(self)
    if not options.get("copy") and any(step < 0 for step in memory.strides):
        raise BufferError(
            f"dlpack: memory that is read backwards (strides {memory.strides}) is not handed over, "
            "since PyTorch aborts the process when it meets it; use t.clone()"
        )
    return memory.__dlpack__(**options)


def dlpack_device(self: Tensor) -> tuple[int, int]:
    """Answer where the memory is: on the CPU."""
    return 1, 0


@naming
def from_dlpack(x: Any) -> Tensor:
    """Make a tensor on the memory of an array of another library that speaks DLPack.

    Raises
    ------
    TypeError
        If it does not speak it, or its numbers are of a kind that tensors cannot hold.
    BufferError
        If it does not hand its memory over: a tensor that requires grad does not.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> array = np.zeros(2)
    >>> autograd.from_dlpack(array).fill_(3.0)
    tensor([3., 3.], dtype=float64)
    >>> array
    array([3., 3.])

    Source: ``torch.from_dlpack``; the DLPack protocol.
    """
    if not hasattr(x, "__dlpack__"):
        raise TypeError(
            f"from_dlpack: expected an array with __dlpack__ (of NumPy, PyTorch, ...), got "
            f"{type(x).__name__}"
        )
    try:
        memory = np.from_dlpack(x)
    except BufferError as error:
        if isinstance(x, np.ndarray):
            raise TypeError(f"from_dlpack: expected an array of numbers: {error}") from None
        raise BufferError(f"from_dlpack: {error}") from None  # whoever's it is says why
    return handle(payload_of(memory, copy=False, name="from_dlpack"), None)
