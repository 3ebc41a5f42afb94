"""Value: what a Tensor is to Python: lengths, strides, one number, a list, a truth value.

Nothing here records anything but where it returns Tensors: iteration, rounding, division with
remainder.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd.arguments import one_axis
from autograd.devices import CPU, device
from autograd.ops import division, passing
from autograd.ops.indexing import getitem

if TYPE_CHECKING:
    from autograd.tensor import Tensor

SCALARS = (np.ndarray, np.generic, builtins.int, builtins.float)


class Value:
    """What ``Tensor`` inherits: the properties of its value.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> x.shape, x.size(), x.size(-1), x.ndim, x.dim(), x.numel()
    ((2, 3), (2, 3), 3, 2, 2, 6)
    >>> x.dtype, x.itemsize, x.element_size(), x.nbytes
    (dtype('float32'), 4, 4, 24)
    >>> x.is_floating_point(), x.is_signed(), x.is_complex(), x.device, x.is_cuda
    (True, True, False, device(type='cpu'), False)
    >>> view = x[:, 1:]
    >>> view.stride(), view.storage_offset(), view.is_contiguous(), view.contiguous().stride()
    ((3, 1), 1, False, (2, 1))
    >>> view.data_ptr() - x.data_ptr() == view.storage_offset() * x.element_size()
    True
    >>> x[0, 1].item(), x.tolist()
    (2.0, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

    Source: ``torch.Tensor``'s attributes and methods of these names.
    """

    __slots__ = ()

    payload: Any

    shape = property(lambda self: self.payload.shape, doc="Length of each axis, a tuple.")
    dtype = property(lambda self: self.payload.dtype, doc="NumPy dtype of the elements.")
    ndim = property(lambda self: self.payload.ndim, doc="Number of axes.")
    nbytes = property(lambda self: self.payload.nbytes, doc="Bytes of the elements.")
    itemsize = property(lambda self: self.payload.dtype.itemsize, doc="Bytes of an element.")
    is_cuda = property(lambda self: False, doc="Whether it is on a GPU: never.")

    @property
    def device(self) -> device:
        """Where the elements are: on the CPU."""
        return CPU

    # ------------------------------------------------------------ lengths and memory

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of one axis.

        Raises
        ------
        IndexError
            If there is no such axis.

        Source: ``torch.Tensor.size``.
        """
        shape = self.payload.shape
        if dim is None:
            return shape
        if not shape:
            raise IndexError(f"size: dim {dim} is out of range for 0 dimensions")
        return shape[one_axis(dim, len(shape), "size")]

    def dim(self) -> int:
        """Return the number of axes."""
        return cast("int", self.payload.ndim)

    def numel(self) -> int:
        """Return the number of elements."""
        return cast("int", self.payload.size)

    def element_size(self) -> int:
        """Return the bytes of an element."""
        return cast("int", self.payload.dtype.itemsize)

    ndimension = dim
    nelement = numel

    def stride(self, dim: int | None = None) -> Any:
        """Return how many elements lie between neighbours along each axis, or along one.

        Raises
        ------
        IndexError
            If there is no such axis.

        Source: ``torch.Tensor.stride``.
        """
        itemsize = self.payload.dtype.itemsize
        array = np.asarray(self.payload)
        if not array.size:  # NumPy does not tell, PyTorch does as if 0 were 1
            array = np.empty([max(n, 1) for n in array.shape], array.dtype)
        strides = tuple(n // itemsize for n in array.strides)
        return strides if dim is None else strides[one_axis(dim, len(strides), "stride")]

    def data_ptr(self) -> int:
        """Return the address of the first element, which is known only of shared memory."""
        return _address(cast("Tensor", self))

    def storage_offset(self) -> int:
        """Return how many elements of the memory lie before the first.

        Source: ``torch.Tensor.storage_offset``.
        """
        first = _address(cast("Tensor", self))
        owner = self.payload
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        start = np.lib.array_utils.byte_bounds(owner)[0] if owner.size else first
        return cast("int", (first - start) // self.payload.dtype.itemsize)

    def is_contiguous(self) -> builtins.bool:
        """Tell whether the elements lie in row-major order without gaps."""
        return builtins.bool(self.payload.flags.c_contiguous)

    def contiguous(self) -> Tensor:
        """Return the tensor in row-major order; itself if it is."""
        tensor = cast("Tensor", self)
        return tensor if self.is_contiguous() else tensor.clone()

    def is_floating_point(self) -> builtins.bool:
        """Tell whether the dtype is float16, float32 or float64."""
        return builtins.bool(self.payload.dtype.kind == "f")

    def is_complex(self) -> builtins.bool:
        """Tell whether the dtype is complex: never, since no tensor is."""
        return builtins.bool(self.payload.dtype.kind == "c")

    def is_signed(self) -> builtins.bool:
        """Tell whether the dtype has negative numbers."""
        return builtins.bool(self.payload.dtype.kind in "if")

    # ------------------------------------------------------------ Python's numbers and lists

    def item(self) -> Any:
        """Return the only element as a Python number.

        Raises
        ------
        RuntimeError
            If there is another number of elements.
        """
        if self.payload.size != 1:
            raise RuntimeError(
                f"item: expected one element, got a tensor of shape {self.payload.shape}"
            )
        return self.payload.item()

    def tolist(self) -> Any:
        """Return nested lists of Python numbers."""
        return self.payload.tolist()

    def _number(self, name: str) -> Any:
        if self.payload.size != 1:
            raise ValueError(
                f"{name}: only a tensor of one element is a number, got shape {self.payload.shape}"
            )
        return self.payload.item()

    def __float__(self) -> builtins.float:
        return builtins.float(self._number("float"))

    def __int__(self) -> builtins.int:
        return builtins.int(self._number("int"))

    def __complex__(self) -> complex:
        return complex(self._number("complex"))

    def __trunc__(self) -> builtins.int:
        return builtins.int(self._number("trunc"))

    def __index__(self) -> builtins.int:
        if self.payload.dtype.kind not in "iub" or self.payload.size != 1:
            raise TypeError(
                "index: only an integer tensor of one element can be an index, got "
                f"{self.payload.dtype} of shape {self.payload.shape}"
            )
        return builtins.int(self.payload.item())

    def __bool__(self) -> builtins.bool:
        if self.payload.size != 1:
            raise RuntimeError(
                f"bool: a tensor of shape {self.payload.shape} has no single truth value; use "
                "any() or all()"
            )
        return builtins.bool(self.payload)

    def __format__(self, spec: str) -> str:
        if not self.payload.ndim:
            return format(self.payload.item(), spec)
        if spec:
            raise TypeError(f"format: {spec!r} formats one number, got shape {self.payload.shape}")
        return repr(self)

    def __round__(self, ndigits: builtins.int = 0) -> Tensor:
        return cast("Any", self).round(decimals=ndigits)  # type: ignore[no-any-return]

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return division.floor_divide(self, other), division.remainder(self, other)

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return division.floor_divide(other, self), division.remainder(other, self)

    # ------------------------------------------------------------ a sequence

    def __len__(self) -> builtins.int:
        if not self.payload.ndim:
            raise TypeError("len() of a 0-d tensor")
        return cast("int", self.payload.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self.payload.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (getitem(self, i) for i in range(len(self)))

    def __delitem__(self, index: Any) -> None:
        raise TypeError("del x[index]: a tensor cannot lose elements; use a mask, x[keep]")

    def __reversed__(self) -> Tensor:
        return cast(
            "Tensor", passing.clone(getitem(self, slice(None, None, -1) if self.ndim else ...))
        )

    def __contains__(self, element: Any) -> builtins.bool:
        value = element.payload if isinstance(element, Value) else element
        if not isinstance(value, SCALARS):
            raise RuntimeError(
                f"in: expected a Tensor or a number to look for, got {type(element).__name__}"
            )
        return builtins.bool(np.any(self.payload == value))


def _address(tensor: Tensor) -> int:
    tensor.share()
    return cast("int", tensor.payload.__array_interface__["data"][0])
