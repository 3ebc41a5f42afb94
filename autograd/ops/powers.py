"""Powers and roots.

A power whose exponent is a number keeps its short rule; one whose exponent is a tensor takes care
of 0^0, where x^0 is 1 for every x, also for 0 and nan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.passing import cast
from autograd.record import is_tensor

__all__ = [
    "float_power",
    "pow",
    "power",
    "reciprocal",
    "rsqrt",
    "sqrt",
    "square",
]


@elementwise(np.square, x=lambda x: 2 * x, scalar=lambda x: x * x)
def square(x: Any) -> Any:
    """Square: z = x^2; dz/dx = 2x.

    Examples
    --------
    >>> import autograd
    >>> autograd.square(autograd.tensor([1.0, -3.0]))
    tensor([1., 9.])

    Source: ``torch.square``.
    """
    if getattr(x, "dtype", None) == np.bool_:
        return x.astype(np.int64)
    return x * x


@elementwise(np.reciprocal, promotes="float", x=lambda z: -(z * z), single=True)
def reciprocal(x: Any) -> Any:
    """Invert: z = 1/x; dz/dx = -z^2.

    Examples
    --------
    >>> import autograd
    >>> autograd.reciprocal(autograd.tensor([2.0, -4.0]))
    tensor([ 0.5000, -0.2500])

    Source: ``torch.reciprocal``.
    """
    return 1 / x


@elementwise(np.sqrt, promotes="float", x=lambda upstream, z: upstream / (2 * z))
def sqrt(x: Any) -> Any:
    """Square root: z = x^(1/2); dz/dx = 1/(2z), inf at 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.sqrt(autograd.tensor([0.0, 9.0]))
    tensor([0., 3.])

    Source: ``torch.sqrt``.
    """
    return np.sqrt(x)


@elementwise(promotes="float", x=lambda upstream, z: -0.5 * upstream * (z * z * z), single=True)
def rsqrt(x: Any) -> Any:
    """Invert the square root: z = x^(-1/2); dz/dx = -z^3 / 2.

    Examples
    --------
    >>> import autograd
    >>> autograd.rsqrt(autograd.tensor([4.0, 16.0]))
    tensor([0.5000, 0.2500])

    Source: ``torch.rsqrt``.
    """
    return 1 / np.sqrt(x)


@elementwise(
    np.power,
    name="power",
    scalar=lambda x, y: x**y,
    x=lambda upstream, x, y: np.where(
        y == 0, 0, upstream * (y * x ** np.where((y == 0) & ~(np.abs(x) > 0), 0, y - 1))
    ),
    y=lambda upstream, x, y, z: upstream * _log_slope(x, z, (x == 0) & (y >= 0)),
    single=True,
)
def power_of(x: Any, y: Any) -> Any:
    """Raise to a power that may need a gradient itself: z = x^y; see :func:`power`."""
    if np.asarray(y).dtype.kind == "i" and np.asarray(x).dtype.kind in "iu":
        return _whole_power(x, y)
    return x**y


def _log_slope(x: Any, z: Any, closed: Any) -> Any:
    """Return z log x, and 0 where closed; ones_like gives a number x the dtype of z."""
    if isinstance(x, (int, float)):  # which may be beyond that dtype, but its logarithm is not
        with np.errstate(divide="ignore"):
            slope = float(np.log(np.float64(x)))
        return z * np.where(closed, np.zeros_like(z), slope)
    return np.where(closed, 0, z * np.log(np.where(closed, np.ones_like(z), x)))


def _whole_power(x: Any, y: Any) -> Any:
    """Raise integers to integers: to a negative one gives 0, but for 1 and -1."""
    unit = (x == 1) | (x == -1)
    power = np.power(x, np.abs(np.where((y < 0) & ~unit, 0, y)))
    return np.where((y < 0) & ~unit, 0, power).astype(np.result_type(x, y))[()]


@elementwise(
    name="power",
    scalar=lambda x, y: x**y,
    x=lambda upstream, x, y: (
        upstream * (y * power_constant(x, y - 1)) if y else np.zeros_like(x)  # type: ignore[has-type]
    ),
    single=True,
)
def power_constant(x: Any, y: Any) -> Any:
    """Raise to a power that is a number: z = x^y; dz/dx = y x^(y-1), and 0 for y = 0."""
    if y < 0 and np.asarray(x).dtype.kind in "iu" and np.asarray(y).dtype.kind in "iu":
        raise RuntimeError(
            f"power: integers cannot be raised to the negative power {y}; convert them with float()"
        )
    return _raised(x, y) if type(x) is np.ndarray and x.dtype.kind == "f" else x**y


def _raised(x: Any, y: Any) -> Any:
    """Raise an array of floats to a number.

    NumPy raises negative numbers one at a time, in 90 ns: whole powers are raised without their
    sign, in 2 ns, and short ones multiplied.
    """
    if y == 3:
        return x * x * x
    if y == -0.5:
        return 1 / np.sqrt(x)
    if y % 1 or -1 <= y <= 2:  # inf and nan too; NumPy has ways for the small
        return x**y
    z = np.abs(x) ** y
    if not y % 2:
        return z
    return np.copysign(z, x, out=z if type(z) is np.ndarray else None)  # of 0-d, a scalar


def raised(x: Any, y: Any) -> Any:
    """Raise to a power, as the operator does; see :func:`power`."""
    if isinstance(y, (int, float)):
        return power_constant(x, y)
    return power_of(x, y)


@naming
def power(x: Any, y: Any) -> Any:
    """Raise to a power: z = x^y; dz/dx = y x^(y-1), dz/dy = z log x (0 at x = 0, y >= 0).

    Raises
    ------
    RuntimeError
        If integers shall be raised to a negative number.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> (x**2).backward()
    >>> x.grad
    tensor(6.)

    Source: ``torch.pow``.
    """
    return raised(x, y)


@naming
def float_power(x: Any, y: Any) -> Any:
    """Raise to a power in float64, whatever the operands' dtypes; see :func:`power`.

    Examples
    --------
    >>> import autograd
    >>> autograd.float_power(autograd.tensor([2, 4]), -1)
    tensor([0.5000, 0.2500], dtype=float64)

    Source: ``torch.float_power``.
    """
    return power(_double(x), _double(y))


def _double(x: Any) -> Any:
    if is_tensor(x):
        return x if x.dtype == np.float64 else cast(x, dtype=np.dtype(np.float64))
    return float(x) if isinstance(x, (int, float)) else np.asarray(x, np.float64)


pow = power
