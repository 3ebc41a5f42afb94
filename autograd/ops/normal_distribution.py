"""The normal distribution function Phi in float32, by one exponential.

Phi(x) = 1 / (1 + e^(-x q(x^2))) holds exactly with a smooth function q, of which the fraction
q(t) = a t + b + c1 / (t + d1 + c2 / (t + d2)) is left: within 5.4e-8 of Phi everywhere.  It was
fitted here by least squares whose weights follow the error (Lawson's iteration).  As a continued
fraction it takes eight passes over a block, for NumPy divides as fast as it adds; a polynomial
that is as close takes twelve.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.single import BASE, power

__all__ = ["gelu_single", "gelu_slope_single"]

Array = np.ndarray[Any, Any]


def _constant(value: float) -> Array:
    """Return a 0-d array, which NumPy adds to a block in two thirds of a number's time."""
    return np.array(value, np.float32)


# -q times the exponential's base, as a fraction of v = _SLOPE x^2.
_SLOPE = -0.03627728 * BASE
_A = _constant(_SLOPE)
_B = _constant(-2.36655197 * BASE)
_C1, _D1 = _constant(5.331663724 * BASE * _SLOPE), _constant(-23.60613977 * _SLOPE)
_C2, _D2 = _constant(1383.413820 * _SLOPE * _SLOPE), _constant(45.32312042 * _SLOPE)
_ONE = _constant(1)
_HALF = np.float32(0.5)
_EXPONENT = _constant(-0.5 * BASE)
_DENSITY = _constant(1 / math.sqrt(2 * math.pi))  # at 0


def gelu_single(x: Array, out: Array | None = None) -> Array:
    """Return x Phi(x) of a block."""
    with np.errstate(over="ignore"):  # where x^2 or the power is inf, Phi is 1 or 0
        v = x * x
        v *= _A
        z: Array = np.add(v, _D2, out=out)
        np.divide(_C2, z, out=z)
        z += v
        z += _D1
        np.divide(_C1, z, out=z)
        z += v
        z += _B
        z *= x
        power(z, out=z)
        z += _ONE
        return np.divide(x, z, out=z)


def gelu_slope_single(x: Array, z: Array) -> Array:
    """Return Phi(x) + x phi(x) of a block, where z = x Phi(x)."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        slope: Array = x * x
        slope *= _EXPONENT
        power(slope, out=slope)
        slope *= _DENSITY
        slope *= x
        slope += z / x
        if not np.isfinite(np.vdot(slope, slope)):  # in half the time of a look at each
            slope[x == 0] = _HALF
    return slope
