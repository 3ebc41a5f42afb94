"""NumPy's elementwise functions that are no ufuncs, or have arguments of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.ops import arithmetic, powers, rounding
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
