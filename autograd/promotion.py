"""Type promotion: PyTorch's rules, in one function, decided before the forward.

Operands fall into three classes: tensors with dimensions, 0-d tensors, and Python numbers.  A
later class changes the result's dtype only if its category (bool < integer < float < complex) is
higher.  NumPy 2 differs for 0-d operands (f32 vector * f64 0-d), for integers mixed with floats
(i64 * f32) and for functions of integers (exp(int)).  Source: the "Type promotion" section of
PyTorch's tensor attributes page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
_default = [np.dtype(np.float32)]


def get_default_dtype() -> np.dtype[Any]:
    """Return the dtype of tensors made from Python floats (float32 unless set)."""
    return _default[0]


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype of tensors made from Python floats.

    Raises
    ------
    TypeError
        If ``dtype`` is not a floating-point dtype.
    """
    chosen = np.dtype(dtype)
    if chosen.kind != "f":
        raise TypeError(f"set_default_dtype: expected a floating-point dtype, got {chosen}")
    _default[0] = chosen


def category(dtype: np.dtype[Any]) -> int:
    """Return 0 for bool, 1 for integers, 2 for floats, 3 for complex."""
    try:
        return _CATEGORY[dtype.kind]
    except KeyError:
        raise TypeError(f"expected numbers, got an array of dtype {dtype}") from None


def promote_types(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype that holds both, an integer never widening a float."""
    if a == b:
        return a
    left, right = category(a), category(b)
    if left != right:
        return a if left > right else b
    return np.promote_types(a, b)


def result_type(operands: Sequence[Any]) -> np.dtype[Any]:
    """Return PyTorch's result dtype of ndarrays, NumPy scalars (0-d) and Python numbers."""
    classes: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, (np.ndarray, np.generic)):
            dtype, place = operand.dtype, 0 if operand.ndim else 1
        elif isinstance(operand, bool):
            dtype, place = np.dtype(np.bool_), 2
        elif isinstance(operand, int):
            dtype, place = np.dtype(np.int64), 2
        elif isinstance(operand, float):
            dtype, place = get_default_dtype(), 2
        elif isinstance(operand, complex):
            dtype, place = np.dtype(np.complex64), 2
        else:
            continue
        seen = classes[place]
        classes[place] = dtype if seen is None else promote_types(seen, dtype)
    result: np.dtype[Any] | None = None
    for dtype_of_class in classes:
        if dtype_of_class is None:
            continue
        if result is None or category(dtype_of_class) > category(result):
            result = dtype_of_class
    return get_default_dtype() if result is None else result


def promote(operands: list[Any], to_float: bool) -> list[Any]:
    """Cast the arrays among ``operands`` to their common dtype; Python numbers stay as they are.

    Parameters
    ----------
    operands : list of ndarray, NumPy scalar, Python number or None
    to_float : bool
        Whether integers become the default float (``exp``, ``divide``).
    """
    common = None
    for operand in operands:
        kind = type(operand)
        if kind is float or kind is int or operand is None:
            continue
        dtype = getattr(operand, "dtype", None)
        if dtype is None or (common is not None and dtype is not common):
            break
        common = dtype
    else:
        if common is not None and common.char in "fdeg":
            return list(operands)
    dtype = result_type(operands)
    if to_float and dtype.kind in "biu":
        dtype = get_default_dtype()
    return [_cast(operand, dtype) for operand in operands]


def _cast(operand: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(operand, (np.ndarray, np.generic)):
        return operand if operand.dtype == dtype else operand.astype(dtype)
    if isinstance(operand, (bool, int, float, complex)) and dtype.kind in "fc":
        return operand if not isinstance(operand, bool) else float(operand)
    return operand
