"""Floating-point numbers taken apart: mantissa and exponent, powers of two, and the next number.

To scale by a power of two is exact, so these functions are linear but for the steps of exponents.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.naming import naming
from autograd.op import elementwise, structural
from autograd.ops.arithmetic import multiply
from autograd.ops.exponential import exp2
from autograd.ops.matrices import given
from autograd.ops.passing import cast
from autograd.promotion import get_default_dtype

__all__ = ["frexp", "ldexp", "nextafter"]


class Frexp(NamedTuple):
    """Mantissas m, 1/2 <= |m| < 1 or 0, and exponents e: x = m 2^e."""

    mantissa: Any
    exponent: Any


@elementwise(name="ldexp", promotes=None, x=lambda upstream, y: scaled(upstream, y))  # type: ignore[has-type]
def scaled(x: Any, y: Any) -> Any:
    """Return x 2^y for whole y: exact, also where 2^y alone would overflow."""
    return np.ldexp(x, y)


@structural(
    name="frexp",
    outputs=("mantissa", "exponent"),
    x=lambda upstream, exponent: scaled(upstream[0], -exponent),
)
def parts_of(x: Any) -> tuple[Any, Any]:
    """Split into mantissas and exponents; see :func:`frexp`."""
    mantissa, exponent = np.frexp(x)
    return mantissa, np.asarray(exponent, np.int32)[()]


@naming
def frexp(x: Any) -> Any:
    """Split floating-point numbers: x = mantissa 2^exponent, 1/2 <= |mantissa| < 1 or x = 0.

    The exponent is constant between its steps: dmantissa/dx = 2^-exponent.

    Raises
    ------
    RuntimeError
        If x is not of floating point.

    Examples
    --------
    >>> import autograd
    >>> autograd.frexp(autograd.tensor([1.0, -6.0]))
    Frexp(mantissa=tensor([ 0.5000, -0.7500]), exponent=tensor([1, 3], dtype=int32))

    Source: ``torch.frexp``.
    """
    x = given("frexp", x)
    if x.dtype.kind != "f":
        raise RuntimeError(f"frexp: expected a floating-point tensor, got {x.dtype}")
    return Frexp(*parts_of(x))


@naming
def ldexp(x: Any, y: Any) -> Any:
    """Multiply by powers of two: z = x 2^y; dz/dx = 2^y, dz/dy = z log 2.

    For integers y, to which no gradient flows, the result is exact, also where 2^y alone would
    overflow.

    Raises
    ------
    TypeError
        If an operand is no numbers.

    Examples
    --------
    >>> import autograd
    >>> autograd.ldexp(autograd.tensor([0.5, -0.75]), autograd.tensor([1, 3]))
    tensor([ 1., -6.])

    Source: ``torch.ldexp``.
    """
    x, y = given("ldexp", x), given("ldexp", y)
    if y.dtype.kind == "f":
        return multiply(x, exp2(y))
    if x.dtype.kind != "f":
        x = cast(x, dtype=get_default_dtype())
    return scaled(x, cast(y, dtype=np.dtype(np.int64)))


@elementwise(np.nextafter, x=lambda x, y: x != y, y=0)
def nextafter(x: Any, y: Any) -> Any:
    """Return the number next to x, on the way to y, that the dtype can hold; x where x = y.

    dz/dx = 1, or 0 where x = y; dz/dy = 0.

    Raises
    ------
    NotImplementedError
        If the operands are not of floating point.

    Examples
    --------
    >>> import autograd
    >>> autograd.nextafter(autograd.tensor(1.0), autograd.tensor(2.0)).item() - 1
    1.1920928955078125e-07

    Source: ``torch.nextafter``.
    """
    if "f" not in (np.asarray(x).dtype.kind, np.asarray(y).dtype.kind):  # either may be a number
        raise NotImplementedError("nextafter: expected floating-point tensors, got integers")
    return np.nextafter(x, y)
