"""Dtypes: NumPy's, under PyTorch's names, and what may be asked of them.

``autograd.float64`` is ``np.dtype("float64")``, so either library's name can be handed to either.
``autograd.float``, ``autograd.int`` and ``autograd.bool`` exist as in PyTorch (float32, int32 and
bool), but ``from autograd import *`` leaves Python's own names alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import promotion
from autograd.naming import naming
from autograd.promotion import COMPLEX, category, dtype_of
from autograd.record import is_tensor

__all__ = [
    "can_cast",
    "double",
    "dtype",
    "finfo",
    "float16",
    "float32",
    "float64",
    "half",
    "iinfo",
    "int16",
    "int32",
    "int64",
    "int8",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_tensor",
    "long",
    "numel",
    "promote_types",
    "result_type",
    "short",
    "uint8",
]

dtype = np.dtype
finfo = np.finfo
iinfo = np.iinfo

float16 = half = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
uint8 = np.dtype(np.uint8)

PYTHONS_NAMES = {"bool": np.dtype(np.bool_), "float": float32, "int": int32}


@naming
def can_cast(from_: Any, to: Any) -> bool:
    """Tell whether a result of dtype ``from_`` may be written into a tensor of dtype ``to``.

    It may if its category (bool < integer < float) is no higher; precision is not asked about.

    Raises
    ------
    TypeError
        If one is no dtype that tensors have.

    Examples
    --------
    >>> import autograd
    >>> autograd.can_cast(autograd.float64, autograd.float32)
    True
    >>> autograd.can_cast(autograd.float32, autograd.int64)
    False

    Source: ``torch.can_cast``.
    """
    given, wanted = dtype_of(from_, "can_cast"), dtype_of(to, "can_cast")
    return category(given) <= category(wanted)


@naming
def promote_types(type1: Any, type2: Any) -> np.dtype[Any]:
    """Return the smallest dtype that holds both, an integer never widening a float.

    Raises
    ------
    TypeError
        If one is no dtype.
    RuntimeError
        If there is none (uint64 and a signed integer).

    Examples
    --------
    >>> import autograd
    >>> autograd.promote_types(autograd.int64, autograd.float16)
    dtype('float16')

    Source: ``torch.promote_types``.
    """
    a, b = dtype_of(type1, "promote_types"), dtype_of(type2, "promote_types")
    try:
        return promotion.promote_types(a, b)
    except RuntimeError as error:
        raise RuntimeError(f"promote_types: {error}") from None


@naming
def result_type(tensor1: Any, tensor2: Any) -> np.dtype[Any]:
    """Return the dtype of ``tensor1 + tensor2``, two tensors or numbers.

    Tensors of dimension 0, and Python numbers after them, change the result only if their category
    (bool < integer < float) is higher.

    Raises
    ------
    TypeError
        If an argument is neither a Tensor nor a number.

    Examples
    --------
    >>> import autograd
    >>> autograd.result_type(autograd.tensor([1, 2]), 1.0)
    dtype('float32')

    Source: ``torch.result_type``.
    """
    operands = []
    for operand in (tensor1, tensor2):
        if is_tensor(operand):
            operand = operand.payload
        elif isinstance(operand, np.generic):
            operand = operand.item()
        if isinstance(operand, complex):
            raise TypeError(f"result_type: {COMPLEX}, got {operand!r}")
        if not isinstance(operand, (np.ndarray, int, float, np.generic)):
            raise TypeError(
                f"result_type: expected tensors or numbers, got {type(operand).__name__}"
            )
        operands.append(operand)
    return promotion.result_type(operands)


@naming
def is_floating_point(input: Any) -> bool:
    """Tell whether a tensor's dtype is float16, float32 or float64.

    Raises
    ------
    TypeError
        If the argument is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.is_floating_point(autograd.tensor(1)), autograd.is_floating_point(autograd.ones(1))
    (False, True)

    Source: ``torch.is_floating_point``.
    """
    return bool(_tensor(input, "is_floating_point").dtype.kind == "f")


@naming
def numel(input: Any) -> int:
    """Count the elements of a tensor: the product of its lengths.

    Raises
    ------
    TypeError
        If the argument is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.numel(autograd.zeros(2, 3))
    6

    Source: ``torch.numel``.
    """
    return int(_tensor(input, "numel").numel())


@naming
def is_complex(input: Any) -> bool:
    """Tell whether a tensor is complex: never, since none are.

    Raises
    ------
    TypeError
        If the argument is no Tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.is_complex(autograd.zeros(2))
    False

    Source: ``torch.is_complex``.
    """
    return bool(_tensor(input, "is_complex").dtype.kind == "c")


@naming
def is_nonzero(input: Any) -> bool:
    """Tell whether a tensor of one element is not 0.

    Raises
    ------
    RuntimeError
        If it has another number of elements.

    Examples
    --------
    >>> import autograd
    >>> autograd.is_nonzero(autograd.tensor([-0.0])), autograd.is_nonzero(autograd.tensor(True))
    (False, True)

    Source: ``torch.is_nonzero``.
    """
    return bool(_tensor(input, "is_nonzero"))


def _tensor(value: Any, function: str) -> Any:
    if not is_tensor(value):
        raise TypeError(f"{function}: expected a Tensor, got {type(value).__name__}")
    return value
