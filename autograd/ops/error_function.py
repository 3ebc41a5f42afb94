"""The error function and its complement, on arrays, in blocks that stay in the cache.

In float64 by Cody's rational approximations, in float32 by one rational function of x^2 and by one
polynomial.

Source: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23
(1969), whose coefficients stand in _NEAR, _MIDDLE and _FAR, the highest power first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.ops.passing import select

Array = np.ndarray[Any, Any]

_BLOCK = 1 << 16  # bytes; a block and its intermediates stay in the second-level cache
_ROOT_PI = math.sqrt(math.pi)

# erf(x) / x as P(x^2) / Q(x^2) for |x| <= 0.46875.
_NEAR = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e00,
        1.13864154151050156e02,
        3.77485237685302021e02,
        3.20937758913846947e03,
    ),
    (
        1.0,
        2.36012909523441209e01,
        2.44024637934444173e02,
        1.28261652607737228e03,
        2.84423683343917062e03,
    ),
)
# erfc(y) e^(y^2) as P(y) / Q(y) for 0.46875 <= y <= 4.
_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e01,
        2.98635138197400131e02,
        8.81952221241769090e02,
        1.71204761263407058e03,
        2.05107837782607147e03,
        1.23033935479799725e03,
    ),
    (
        1.0,
        1.57449261107098347e01,
        1.17693950891312499e02,
        5.37181101862009858e02,
        1.62138957456669019e03,
        3.29079923573345963e03,
        4.36261909014324716e03,
        3.43936767414372164e03,
        1.23033935480374942e03,
    ),
)
# y e^(y^2) erfc(y) as pi^(-1/2) - t P(t) / Q(t), t = y^-2, for y >= 4.
_FAR = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e00,
        1.87295284992346725e00,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)
# erf(x) / x as P(x^2) / Q(x^2) for |x| <= 3.95, within 2.1e-8.  Beyond, erf is 1 to the last bit
# of a float32.  This and the next were fitted here by least squares whose weights follow the error
# (Lawson's iteration).
_SINGLE = (
    (2.025867717e-06, 0.0002846840287, 0.003808142153, 0.05287538846, 0.1915503147, 1.128379144),
    (3.783118434e-05, 0.001170714669, 0.01505505823, 0.114559571, 0.5030897228, 1.0),
)
_SINGLE_END = 3.95
# erfc(y) e^(y^2) / t as a polynomial in t - 0.61, t = 3 / (3 + y), for 0 <= y <= 10.6, within
# 2.6e-9.  About the middle of t's range the terms fall quickly: little is lost to rounding.
_SINGLE_MIDDLE = 0.61
_SINGLE_TAIL = (
    0.05510785285,
    0.01372349554,
    -0.1433947588,
    -0.1351191643,
    0.2335655076,
    0.7837669683,
    1.141647103,
    1.110169799,
    0.7957157531,
    0.4335067348,
)


def _coefficients(values: tuple[float, ...], dtype: Any) -> list[Array]:
    """Return 0-d arrays, which NumPy adds to a block in two thirds of a number's time."""
    return [np.array(value, dtype) for value in values]


def _ratio_of(
    pair: tuple[tuple[float, ...], tuple[float, ...]], dtype: Any
) -> Callable[..., Array]:
    """Return the function P(t) / Q(t)."""
    above, below = (_coefficients(values, dtype) for values in pair)

    def ratio(t: Array) -> Array:
        z = _polynomial(t, above)
        z /= _polynomial(t, below)
        return z

    return ratio


def _polynomial(t: Array, coefficients: list[Array]) -> Array:
    z: Array = t * coefficients[0]
    z += coefficients[1]
    for coefficient in coefficients[2:]:
        z *= t
        z += coefficient
    return z


_near, _middle, _far = (_ratio_of(pair, np.float64) for pair in (_NEAR, _MIDDLE, _FAR))
_single = _ratio_of(_SINGLE, np.float32)
_single_tail = _coefficients(_SINGLE_TAIL, np.float32)
_exponential = _coefficients((1 / 24, 1 / 6, 1 / 2, 1.0, 1.0), np.float32)


def _erf_near(x: Array, size: Array) -> Array:
    """Return erf where the size is at most 0.46875, and what does not matter beyond."""
    t = np.minimum(size, 0.46875)
    t *= t
    z = _near(t)
    z *= x
    return z


def _scaled_complement(y: Array) -> Array:
    """Return e^(y^2) erfc(y) where y > 0.46875, and what does not matter below."""
    z = _middle(np.minimum(y, 4))
    beyond = np.flatnonzero(y > 4)
    if beyond.size:
        y = y[beyond]
        t = 1 / (y * y)
        z[beyond] = (1 / _ROOT_PI - t * _far(t)) / y
    return z


# Both formulas are computed for all of a block and one selected: to gather those of one kind, and
# to put them back, takes 2 ns an element each, as much as the formula of those near 0.
def _erf_double(x: Array, z: Array) -> None:
    size = np.abs(x)
    near = size <= 0.46875
    z[...] = _erf_near(x, size)
    if not near.all():
        y = np.minimum(size, 6, out=size)  # from there on erf is 1 to the last bit; nan stays
        away = _scaled_complement(y)
        y *= y
        away *= np.exp(np.negative(y, out=y), out=y)
        np.subtract(1, away, out=away)
        z[...] = select(near, z, np.copysign(away, x, out=away))


def _erfc_double(x: Array, z: Array) -> None:
    size = np.abs(x)
    near = size <= 0.46875
    np.subtract(1, _erf_near(x, size), out=z)
    if not near.all():
        y = np.minimum(size, 28, out=size)  # from there on erfc is 0
        z[...] = select(near, z, _both_sides(x, _scaled_complement(y), y, 16, np.exp))


def _both_sides(
    x: Array, scaled: Array, y: Array, grid: int, exp_of_little: Callable[[Array], Array]
) -> Array:
    """Return erfc(x) where ``scaled`` is e^(y^2) erfc(y) and y = |x|; ``scaled`` is used up.

    y^2 in two parts, of which the first is exact: the exponential magnifies its rounding.
    """
    high = y * grid
    np.trunc(high, out=high)
    high /= grid
    low = high - y
    low *= high + y
    scaled *= exp_of_little(low)
    high *= high
    scaled *= np.exp(np.negative(high, out=high), out=high)
    # 2 - erfc(|x|) on the left: s = -1 and 1 there, 1 and 0 on the right.
    scaled *= np.copysign(1, x, out=low)
    scaled -= np.subtract(low, 1, out=low)
    return scaled


def _erf_single(x: Array, z: Array) -> None:
    near = np.clip(x, -_SINGLE_END, _SINGLE_END)
    np.multiply(near, _single(near * near), out=z)


def _erfc_single(x: Array, z: Array) -> None:
    y = np.abs(x)
    np.minimum(y, 10.6, out=y)  # from there on erfc is 0
    t = y + 3
    np.divide(3, t, out=t)
    scaled = _polynomial(t - _SINGLE_MIDDLE, _single_tail)
    scaled *= t
    z[...] = _both_sides(x, scaled, y, 256, _exp_of_little)


def _exp_of_little(x: Array) -> Array:
    """Return e^x for -0.09 < x <= 0, exact to half a unit, where NumPy's is off by two."""
    return _polynomial(x, _exponential)


def _in_blocks(x: Any, single: Callable[..., None], double: Callable[..., None]) -> Any:
    """Run the kernel of x's dtype over blocks of x; float16 is computed as float32."""
    x = np.asarray(x)
    kernel = double if x.dtype == np.float64 else single
    flat = np.ascontiguousarray(x, np.float64 if kernel is double else np.float32).reshape(-1)
    z = np.empty_like(flat)
    step = _BLOCK // flat.itemsize
    with np.errstate(under="ignore"):
        for start in range(0, flat.size, step):
            kernel(flat[start : start + step], z[start : start + step])
    return z.reshape(x.shape).astype(x.dtype, copy=False)[()]


def erf(x: Any) -> Any:
    """Return 2 pi^(-1/2) times the integral of e^(-t^2) from 0 to x."""
    return _in_blocks(x, _erf_single, _erf_double)


def erfc(x: Any) -> Any:
    """Return 1 - erf(x), exact also where erf(x) is near 1."""
    return _in_blocks(x, _erfc_single, _erfc_double)
