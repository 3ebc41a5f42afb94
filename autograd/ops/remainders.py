"""Rounded quotients of float32 arrays, and what they leave, by way of double precision.

NumPy finds a remainder bit by bit, 17 ns an element.  In double precision the quotient of two
float32 numbers, if below 2^29, is never rounded up to a whole number that it does not reach: its
distance from one is a 2^24th part of it over the quotient, or more.  So ``floor`` of it is right,
and what is left, a whole number of the smaller unit in the last place, is exact.  The few elements
of greater quotients, and of inf and nan, NumPy does, with the warnings that it gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.blocks import LARGE, in_blocks

SAFE = float(1 << 29)
EXACT = float(1 << 21)  # below, NumPy's rounded quotient is right, too
FEW = 1 << 10  # elements: below, NumPy is done before this has begun

Array = np.ndarray[Any, Any]


def remainder(x: Any, y: Any) -> Any:
    """Return ``np.remainder(x, y)``, with the sign of y."""
    return _quickly(np.remainder, np.floor, True, x, y)


def fmod(x: Any, y: Any) -> Any:
    """Return ``np.fmod(x, y)``, with the sign of x."""
    return _quickly(np.fmod, np.trunc, True, x, y)


def floor_divide(x: Any, y: Any) -> Any:
    """Return ``np.floor_divide(x, y)``."""
    return _quickly(np.floor_divide, np.floor, False, x, y)


def _quickly(ufunc: np.ufunc, rounded: np.ufunc, left: bool, x: Any, y: Any) -> Any:
    """Return ``ufunc(x, y)``: the rounded quotient, or what is ``left``."""
    arrays = [v for v in (x, y) if type(v) is np.ndarray]
    if not arrays or any(
        v.dtype.char != "f" if hasattr(v, "dtype") else type(v) is not float for v in (x, y)
    ):
        return ufunc(x, y)
    size = max(v.size for v in arrays)
    if size < FEW or any(v.shape != arrays[0].shape for v in arrays):
        return ufunc(x, y)
    x, y = (np.float32(v) if type(v) is float else v for v in (x, y))

    def formula(x: Any, y: Any) -> Array:
        return _by_doubles(ufunc, rounded, left, x, y)

    z = in_blocks(formula, (x, y)) if size >= LARGE else None
    return formula(x, y) if z is None else z


def _by_doubles(ufunc: np.ufunc, rounded: Callable[..., Any], left: bool, x: Any, y: Any) -> Array:
    with np.errstate(all="ignore"):
        q = np.divide(x, y, dtype=np.float64)
        rounded(q, out=q)
        certain = np.abs(q, dtype=np.float64) < (SAFE if left else EXACT)  # not nan
        if left:
            np.multiply(q, y, out=q)
            np.subtract(x, q, out=q)
            np.copysign(q, x if ufunc is np.fmod else y, out=q)
        z: Array = q.astype(np.float32)
    certain &= np.isfinite(y)  # 0 times inf
    if not certain.all():
        others = np.logical_not(certain)
        x, y = (v[others] if type(v) is np.ndarray else v for v in (x, y))
        z[others] = ufunc(x, y)
    return z
