"""Comparisons and tests of values: answers are booleans, so nothing here has a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.matrices import given
from autograd.record import handle, is_tensor

__all__ = [
    "allclose",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "le",
    "less",
    "less_equal",
    "lt",
    "ne",
    "not_equal",
    "signbit",
]


def _compared(name: str, ufunc: np.ufunc, relation: str, shown: str) -> Any:
    def compare(x: Any, y: Any) -> Any:
        return ufunc(x, y)

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = f"""Tell where x {relation} y; a comparison with nan is False but for !=.

    Examples
    --------
    >>> import autograd
    >>> autograd.{name}(autograd.tensor([1.0, 2.0, 3.0]), 2)
    tensor([{shown}])

    Source: ``torch.{name}``.
    """
    return elementwise(ufunc, name=name)(compare)


def _tested(name: str, function: Any, what: str, shown: str) -> Any:
    def test(x: Any) -> Any:
        return function(x)

    test.__name__ = test.__qualname__ = name
    test.__doc__ = f"""Tell where x is {what}.

    Examples
    --------
    >>> import autograd
    >>> autograd.{name}(autograd.tensor([-1.0, float("inf"), float("-inf"), float("nan")]))
    tensor([{shown}])

    Source: ``torch.{name}``.
    """
    return elementwise(function, promotes=None, name=name)(test)


eq = _compared("eq", np.equal, "=", "False,  True, False")
ne = _compared("ne", np.not_equal, "!=", " True, False,  True")
lt = _compared("lt", np.less, "<", " True, False, False")
le = _compared("le", np.less_equal, "<=", " True,  True, False")
gt = _compared("gt", np.greater, ">", "False, False,  True")
ge = _compared("ge", np.greater_equal, ">=", "False,  True,  True")

isnan = _tested("isnan", np.isnan, "nan", "False, False, False,  True")
isinf = _tested("isinf", np.isinf, "inf or -inf", "False,  True,  True, False")
isfinite = _tested("isfinite", np.isfinite, "neither inf nor nan", " True, False, False, False")
isposinf = _tested("isposinf", np.isposinf, "inf", "False,  True, False, False")
isneginf = _tested("isneginf", np.isneginf, "-inf", "False, False,  True, False")

isreal = _tested("isreal", np.isreal, "real: everywhere", "True, True, True, True")


@elementwise(np.signbit, promotes=None)
def signbit(x: Any) -> Any:
    """Tell where x has a minus sign, as -0 has.

    Examples
    --------
    >>> import autograd
    >>> autograd.signbit(autograd.tensor([1.0, -0.0, -2.0]))
    tensor([False,  True,  True])

    Source: ``torch.signbit``.
    """
    return np.signbit(x) if np.asarray(x).dtype.kind == "f" else np.less(x, 0)


@naming
def isclose(
    x: Any, y: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    """Tell where x and y are close: |x - y| <= atol + rtol |y|, or x = y.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype.
    rtol, atol : float
        Relative and absolute tolerance, not negative.
    equal_nan : bool
        Whether nan is close to nan.

    Raises
    ------
    RuntimeError
        If the dtypes differ or the shapes do not broadcast.
    ValueError
        If a tolerance is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.isclose(autograd.tensor([1.0, 2.0]), autograd.tensor([1.000001, 2.1]))
    tensor([ True, False])

    Source: ``torch.isclose``.
    """
    return handle(_close("isclose", x, y, rtol, atol, equal_nan), None)


@naming
def allclose(
    x: Any, y: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Tell whether x and y are close everywhere; see :func:`isclose`.

    Raises
    ------
    RuntimeError
        If the dtypes differ or the shapes do not broadcast.
    ValueError
        If a tolerance is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.allclose(autograd.tensor([1.0, 2.0]), autograd.tensor([1.000001, 2.1]))
    False

    Source: ``torch.allclose``.
    """
    return bool(np.all(_close("allclose", x, y, rtol, atol, equal_nan)))


def _close(name: str, x: Any, y: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    rtol, atol = a_number(rtol, "rtol", name), a_number(atol, "atol", name)
    for argument, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise ValueError(f"{name}: {argument} must not be negative, got {tolerance}")
    if is_tensor(x) and is_tensor(y) and x.dtype != y.dtype:
        raise RuntimeError(f"{name}: expected one dtype, got {x.dtype} and {y.dtype}")
    a, b = (t.payload if is_tensor(t) else np.asarray(given(name, t)) for t in (x, y))
    try:
        return np.isclose(a, b, rtol, atol, equal_nan)
    except ValueError:
        raise RuntimeError(
            f"{name}: operands of shapes {a.shape} and {b.shape} do not broadcast"
        ) from None


@naming
def equal(x: Any, y: Any) -> bool:
    """Tell whether x and y have one shape and equal elements.

    Examples
    --------
    >>> import autograd
    >>> autograd.equal(autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 2.0]))
    True

    Source: ``torch.equal``.
    """
    a, b = (t.payload if is_tensor(t) else np.asarray(t) for t in (x, y))
    return bool(np.array_equal(a, b))


not_equal = ne
less = lt
less_equal = le
greater = gt
greater_equal = ge
