"""Trigonometric and hyperbolic functions, their inverses, and angles.

The inverses' derivatives are written with (1 - x)(1 + x), which loses nothing near 1.
"""

from __future__ import annotations

from math import factorial, pi
from typing import Any

import numpy as np

from autograd.op import elementwise
from autograd.ops.passing import gate

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


@elementwise(np.sin, promotes="float", x=lambda x: np.cos(x))
def sin(x: Any) -> Any:
    """Sine; dz/dx = cos x.

    Examples
    --------
    >>> import autograd
    >>> autograd.sin(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])

    Source: ``torch.sin``.
    """
    return np.sin(x)


@elementwise(np.cos, promotes="float", x=lambda x: -np.sin(x))
def cos(x: Any) -> Any:
    """Cosine; dz/dx = -sin x.

    Examples
    --------
    >>> import autograd
    >>> autograd.cos(autograd.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])

    Source: ``torch.cos``.
    """
    return np.cos(x)


@elementwise(np.tan, promotes="float", x=lambda z: 1 + z * z)
def tan(x: Any) -> Any:
    """Tangent; dz/dx = 1 + z^2.

    Examples
    --------
    >>> import autograd
    >>> autograd.tan(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])

    Source: ``torch.tan``.
    """
    return np.tan(x)


# The slopes of the inverses are rows of their own: composed of the factors 1 - x and 1 + x their
# derivatives at the ends would be 0 times inf.


@elementwise(x=lambda x, z: x * z * z * z)
def asin_slope(x: Any) -> Any:
    """Return (1 - x^2)^(-1/2), the slope of asin."""
    return 1 / np.sqrt((1 - x) * (1 + x))


@elementwise(x=lambda x, z: -x * z * z * z)
def acosh_slope(x: Any) -> Any:
    """Return (x^2 - 1)^(-1/2), the slope of acosh."""
    return 1 / np.sqrt((x - 1) * (x + 1) + 0)  # 0, not -0, at -1


@elementwise(x=lambda x, z: 2 * x * z * z)
def atanh_slope(x: Any) -> Any:
    """Return 1 / (1 - x^2), the slope of atanh."""
    return 1 / ((1 - x) * (1 + x))


@elementwise(np.arcsin, promotes="float", x=lambda x: asin_slope(x))
def asin(x: Any) -> Any:
    """Inverse sine, nan outside of [-1, 1]; dz/dx = (1 - x^2)^(-1/2).

    Examples
    --------
    >>> import autograd
    >>> autograd.asin(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5708])

    Source: ``torch.asin``.
    """
    return np.arcsin(x)


@elementwise(np.arccos, promotes="float", x=lambda x: -asin_slope(x))
def acos(x: Any) -> Any:
    """Inverse cosine, nan outside of [-1, 1]; dz/dx = -(1 - x^2)^(-1/2).

    Examples
    --------
    >>> import autograd
    >>> autograd.acos(autograd.tensor([0.0, 1.0]))
    tensor([1.5708, 0.0000])

    Source: ``torch.acos``.
    """
    return np.arccos(x)


@elementwise(np.arctan, promotes="float", x=lambda upstream, x: upstream / (x * x + 1), single=True)
def atan(x: Any) -> Any:
    """Inverse tangent; dz/dx = 1 / (1 + x^2).

    Examples
    --------
    >>> import autograd
    >>> autograd.atan(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])

    Source: ``torch.atan``.
    """
    return np.arctan(x)


@elementwise(np.sinh, promotes="float", x=lambda x: np.cosh(x))
def sinh(x: Any) -> Any:
    """Hyperbolic sine; dz/dx = cosh x.

    Examples
    --------
    >>> import autograd
    >>> autograd.sinh(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])

    Source: ``torch.sinh``.
    """
    return np.sinh(x)


@elementwise(np.cosh, promotes="float", x=lambda x: np.sinh(x))
def cosh(x: Any) -> Any:
    """Hyperbolic cosine; dz/dx = sinh x.

    Examples
    --------
    >>> import autograd
    >>> autograd.cosh(autograd.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])

    Source: ``torch.cosh``.
    """
    return np.cosh(x)


@elementwise(np.tanh, promotes="float", x=lambda z: 1 - z * z)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent: range (-1, 1), saturating at both ends; dz/dx = 1 - z^2.

    Examples
    --------
    >>> import autograd
    >>> autograd.tanh(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])

    Source: ``torch.tanh``.
    """
    return np.tanh(x)


@elementwise(
    np.arcsinh, promotes="float", x=lambda upstream, x: upstream / np.sqrt(x * x + 1), single=True
)
def asinh(x: Any) -> Any:
    """Inverse hyperbolic sine; dz/dx = (1 + x^2)^(-1/2).

    Examples
    --------
    >>> import autograd
    >>> autograd.asinh(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8814])

    Source: ``torch.asinh``.
    """
    return np.arcsinh(x)


@elementwise(np.arccosh, promotes="float", x=lambda x: acosh_slope(x), single=True)
def acosh(x: Any) -> Any:
    """Inverse hyperbolic cosine, nan below 1; dz/dx = (x^2 - 1)^(-1/2).

    Examples
    --------
    >>> import autograd
    >>> autograd.acosh(autograd.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])

    Source: ``torch.acosh``.
    """
    return np.arccosh(x)


@elementwise(np.arctanh, promotes="float", x=lambda x: atanh_slope(x))
def atanh(x: Any) -> Any:
    """Inverse hyperbolic tangent, nan outside of [-1, 1]; dz/dx = 1 / (1 - x^2).

    Examples
    --------
    >>> import autograd
    >>> autograd.atanh(autograd.tensor([0.0, 0.5]))
    tensor([0.0000, 0.5493])

    Source: ``torch.atanh``.
    """
    return np.arctanh(x)


def _per_square(x: Any, y: Any) -> Any:
    """Return 1 / (x^2 + y^2), and 0 at the origin, where an angle has no derivative."""
    square = x * x + y * y
    return np.where(square == 0, 0, 1 / np.where(square == 0, 1, square))


@elementwise(
    np.arctan2,
    promotes="float",
    x=lambda x, y: y * _per_square(x, y),
    y=lambda x, y: -x * _per_square(x, y),
    single=True,
)
def atan2(x: Any, y: Any) -> Any:
    """Angle of the point (y, x): z = atan(x / y) in the right quadrant, within [-pi, pi].

    dz/dx = y / (x^2 + y^2), dz/dy = -x / (x^2 + y^2), and 0 at the origin.

    Examples
    --------
    >>> import autograd
    >>> autograd.atan2(autograd.tensor([1.0, -1.0]), autograd.tensor([1.0, -1.0]))
    tensor([ 0.7854, -2.3562])

    Source: ``torch.atan2``.
    """
    return np.arctan2(x, y)


@elementwise(np.hypot, promotes="float", x=lambda x, z: x / z, y=lambda y, z: y / z, single=True)
def hypot(x: Any, y: Any) -> Any:
    """Length of the hypotenuse, without overflow: z = (x^2 + y^2)^(1/2); dz/dx = x/z, dz/dy = y/z.

    Examples
    --------
    >>> import autograd
    >>> autograd.hypot(autograd.tensor([3.0, 5.0]), autograd.tensor([4.0, 12.0]))
    tensor([ 5., 13.])

    Source: ``torch.hypot``.
    """
    return np.hypot(x, y)


# (sin a / a)' / a as a series in a^2: the k-th coefficient is -(-1)^k (2k+2) / (2k+3)!.
_SINC_SERIES = tuple(-((-1) ** k) * (2 * k + 2) / factorial(2 * k + 3) for k in range(7))


def _sinc_slope(x: Any) -> Any:
    """Return (pi x cos(pi x) - sin(pi x)) / (pi x^2), by its series where that would cancel."""
    near = np.abs(x) < 0.15
    small = np.where(near, x, 0) * pi
    square = small * small
    series = 0.0
    for coefficient in reversed(_SINC_SERIES):
        series = series * square + coefficient
    inner = np.where(near, 1, x)
    angle = inner * pi
    direct = (angle * np.cos(angle) - np.sin(angle)) / (angle * inner)
    return np.where(near, series * small * pi, direct)


def _sinc_rule(upstream: Any, x: Any) -> Any:
    """Multiply by the slope; at 0, where it is 0, neither inf nor nan passes."""
    return gate(upstream, (x != 0) | np.isfinite(upstream)) * _sinc_slope(x)


@elementwise(np.sinc, promotes="float", x=lambda upstream, x: _sinc_rule(upstream, x), single=True)
def sinc(x: Any) -> Any:
    """Normalised sinc: z = sin(pi x) / (pi x), and 1 at 0.

    dz/dx = (pi x cos(pi x) - sin(pi x)) / (pi x^2), and 0 at 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.sinc(autograd.tensor([0.0, 0.5]))
    tensor([1.0000, 0.6366])

    Source: ``torch.sinc``.
    """
    angle = np.where(x == 0, 1, x)[()] * pi
    return np.where(x == 0, 1, np.sin(angle) / angle)[()]


@elementwise(np.deg2rad, np.radians, promotes="float", x=lambda upstream: upstream * (pi / 180))
def deg2rad(x: Any) -> Any:
    """Convert degrees to radians: z = x pi / 180.

    Examples
    --------
    >>> import autograd
    >>> autograd.deg2rad(autograd.tensor([180.0, -90.0]))
    tensor([ 3.1416, -1.5708])

    Source: ``torch.deg2rad``.
    """
    return x * (pi / 180)


@elementwise(np.rad2deg, np.degrees, promotes="float", x=lambda upstream: upstream * (180 / pi))
def rad2deg(x: Any) -> Any:
    """Convert radians to degrees: z = x 180 / pi.

    Examples
    --------
    >>> import autograd
    >>> autograd.rad2deg(autograd.tensor([0.0, 1.0]))
    tensor([ 0.0000, 57.2958])

    Source: ``torch.rad2deg``.
    """
    return x * (180 / pi)


arcsin = asin
arccos = acos
arctan = atan
arcsinh = asinh
arccosh = acosh
arctanh = atanh
arctan2 = atan2
