"""NumPy's elementwise functions that are no ufuncs, or have arguments of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.ops import arithmetic, floating_point, identities, powers, rounding, special
from autograd.ops.matrices import given
from autograd.ops.passing import cast
from autograd.ops.selection import choose
from autograd.protocols.dispatch import means
from autograd.record import handle, is_tensor


@means(np.round, np.around)
def _round(a: Any, decimals: int = 0) -> Any:
    return rounding.round(a, decimals=decimals)


@means(np.positive)
def _positive(x: Any) -> Any:
    return arithmetic.positive(x)


@means(np.float_power)
def _float_power(x1: Any, x2: Any) -> Any:
    return powers.float_power(x1, x2)


@means(np.i0)
def _i0(x: Any) -> Any:
    return special.i0(_floating("np.i0", x))


@means(np.fix)
def _fix(x: Any) -> Any:
    return rounding.trunc(x)


@means(np.isclose)
def _isclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    a, b = (t.payload if is_tensor(t) else t for t in (a, b))
    rtol, atol = a_number(rtol, "rtol", "np.isclose"), a_number(atol, "atol", "np.isclose")
    return handle(np.isclose(a, b, rtol, atol, equal_nan), None)


@means(np.real)
def _real(val: Any) -> Any:
    return identities.real(val)


@means(np.conjugate)
def _conjugate(x: Any) -> Any:
    return identities.conj(x)


def _floating(name: str, x: Any) -> Any:
    x = given(name, x)
    return x if x.dtype.kind == "f" else cast(x, dtype=np.dtype(np.float64))


@means(np.heaviside)
def _heaviside(x1: Any, x2: Any) -> Any:
    """Unlike PyTorch's, nan where x1 is nan."""
    x1 = _floating("np.heaviside", x1)
    return choose(np.isnan(x1), x1, rounding.unit_step(x1, x2))


@means(np.frexp)
def _frexp(x: Any) -> Any:
    return tuple(floating_point.frexp(_floating("np.frexp", x)))


@means(np.ldexp)
def _ldexp(x1: Any, x2: Any) -> Any:
    if given("np.ldexp", x2).dtype.kind == "f":
        raise TypeError("np.ldexp: expected integer exponents, got floating-point numbers")
    return floating_point.ldexp(_floating("np.ldexp", x1), x2)
