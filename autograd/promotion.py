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
    """Return the dtype of tensors made from Python floats (float32 unless set).

    Examples
    --------
    >>> import autograd
    >>> autograd.get_default_dtype()
    dtype('float32')

    Source: ``torch.get_default_dtype``.
    """
    return _default[0]


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype of tensors made from Python floats.

    Raises
    ------
    TypeError
        If ``dtype`` is not float16, float32 or float64.

    Examples
    --------
    >>> import autograd
    >>> autograd.set_default_dtype(autograd.float64)
    >>> autograd.tensor([1, 2]) / 2
    tensor([0.5000, 1.0000])
    >>> autograd.set_default_dtype(autograd.float32)

    Source: ``torch.set_default_dtype``.
    """
    chosen = dtype_of(dtype, "set_default_dtype")
    if chosen.kind != "f":
        raise TypeError(f"set_default_dtype: expected a floating-point dtype, got {chosen}")
    _default[0] = chosen


def dtype_of(dtype: Any, function: str) -> np.dtype[Any]:
    """Return the dtype that is meant by a dtype, a NumPy or Python type, or a name.

    Raises
    ------
    TypeError
        If it is none, or one that tensors cannot have (complex, text, objects).
    """
    try:
        if dtype is None:  # which NumPy takes for float64
            raise TypeError
        meant = np.dtype(dtype)
    except TypeError:
        raise TypeError(
            f"{function}: expected a dtype such as autograd.float64 or np.int64, got {dtype!r}"
        ) from None
    if meant.kind == "c":
        raise TypeError(f"{function}: {COMPLEX}, got dtype {meant}")
    if meant.kind not in "biuf" or meant.itemsize > 8:
        raise TypeError(f"{function}: a tensor cannot have the dtype {meant}")
    return own(meant)


def own(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return NumPy's own object for a dtype, in native order, which hot code compares by ``is``."""
    native: np.dtype[Any] = np.dtype(dtype.type)
    return native


COMPLEX = "expected real numbers (complex tensors are not part of Backlight)"


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
    common = np.promote_types(a, b)
    if common.kind != a.kind and common.kind == "f":  # NumPy's answer to uint64 and int64
        raise RuntimeError(f"there is no integer dtype that holds both {a} and {b}")
    return common


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


def promote(
    operands: list[Any], to_float: bool, name: str = "promote", single: bool = False
) -> list[Any]:
    """Cast the arrays among ``operands`` to their common dtype; Python floats stay as they are.

    Parameters
    ----------
    operands : list of ndarray, NumPy scalar, Python number or None
    to_float : bool
        Whether integers become the default float (``exp``, ``divide``).
    name : str
        The function that errors name.
    single : bool
        Whether a 0-d array beside half floats becomes a float32, as PyTorch reads it: the function
        is computed in single precision, where 0 times 70000 is 0, and not 0 times inf.
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
    try:
        dtype = result_type(operands)
    except (RuntimeError, TypeError) as error:
        raise type(error)(f"{name}: {error}") from None
    if to_float and dtype.kind in "biu":
        dtype = get_default_dtype()
    elif name in _NOT_OF_BOOLEANS and (dtype.kind == "b" or name == "subtract"):
        _refuse_booleans(operands, dtype, name)
    if single and dtype.char == "e" and any(_is_half(operand) for operand in operands):
        return [_beside_halves(operand, dtype, name) for operand in operands]
    return [_cast(operand, dtype, name) for operand in operands]


# PyTorch subtracts no booleans, and has these of integers and floats only.
_NOT_OF_BOOLEANS = frozenset(
    {
        *("subtract", "floor_divide", "remainder", "fmod", "power"),
        *("bitwise_left_shift", "bitwise_right_shift", "absolute", "relu"),
        *("floor", "ceil", "trunc", "round", "frac"),
    }
)


def _is_half(operand: Any) -> bool:
    return getattr(operand, "dtype", None) == np.float16


def _beside_halves(operand: Any, half: np.dtype[Any], name: str) -> Any:
    alone = isinstance(operand, (np.ndarray, np.generic)) and not operand.ndim
    return np.float32(operand) if alone and not _is_half(operand) else _cast(operand, half, name)


def _refuse_booleans(operands: list[Any], dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind == "b" and name != "subtract":
        raise NotImplementedError(f"{name}: is not defined for booleans; cast them, x.int()")
    if any(getattr(x, "dtype", None) == np.bool_ or isinstance(x, bool) for x in operands):
        raise RuntimeError(
            f"{name}: booleans cannot be subtracted; invert a mask with ~x, compare masks with "
            "x ^ y, or cast them, x.float()"
        )


def _cast(operand: Any, dtype: np.dtype[Any], name: str) -> Any:
    if isinstance(operand, (np.ndarray, np.generic)):
        if dtype.kind in "iu":  # an array, if only 0-d, wraps around without a warning
            return np.asarray(operand, dtype)
        return operand if operand.dtype == dtype else operand.astype(dtype)
    if isinstance(operand, (bool, int, float)):
        if dtype.kind in "fc":
            return operand if isinstance(operand, float) else float(operand)
        if dtype.kind in "iu":
            return wrapped(operand, dtype, name)
    return operand


def wrapped(number: Any, dtype: np.dtype[Any], name: str) -> np.ndarray[Any, Any]:
    """Return a Python integer modulo what an integer dtype holds, as PyTorch does.

    Raises
    ------
    OverflowError
        If it does not fit in 64 bits.
    """
    if not -(1 << 63) <= number < 1 << 64:
        raise OverflowError(
            f"{name}: the integer {number} does not fit in the 64 bits of an integer tensor; "
            "write a float (1e30), or use a float tensor"
        )
    return np.asarray(int(number) % (1 << 64), np.uint64).astype(dtype)
