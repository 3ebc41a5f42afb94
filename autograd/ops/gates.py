"""Gates: x times a number between 0 and 1 that x itself, or its other half, decides.

Where a rectifier opens at once, these open by degrees, and dip below 0 before they do.  They are
public in ``nn.functional``, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.blocks import in_cache
from autograd.op import elementwise, structural
from autograd.ops.exponential import sigmoid
from autograd.ops.normal_distribution import gelu_single, gelu_slope_single
from autograd.ops.single import BASE, power
from autograd.ops.special import erf

_HALF_ROOT = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution, at 0
_ROOT = math.sqrt(2 / math.pi)
_CUBIC = 0.044715
_ONE = np.array(1, np.float32)  # a 0-d array takes two thirds of a number's time
_DECAY = np.array(-BASE, np.float32)

Array = np.ndarray[Any, Any]


def _silu_slope(x: Any) -> Any:
    s = sigmoid(x)
    return s * (x * (1 - s) + 1)


def _one_and_decay(x: Array, out: Array | None = None) -> Array:
    """Return 1 + e^-x of a block in single precision."""
    z: Array = np.multiply(x, _DECAY, out=out)
    with np.errstate(over="ignore"):  # what is divided by inf is the 0 that is nearest
        power(z, out=z)
    z += _ONE
    return z


def _silu_single(x: Array, out: Array | None = None) -> Array:
    z = _one_and_decay(x, out)
    return np.divide(x, z, out=z)


def _silu_slope_of(x: Any) -> Any:
    s = sigmoid(x)
    return s * (1 - s) * (x * (1 - 2 * s) + 2)


@elementwise(x=lambda x: _silu_slope_of(x))
def silu_slope(x: Any) -> Any:
    """Return the slope of silu, s (1 + x (1 - s))."""
    if type(x) is not np.ndarray or x.dtype != np.float32 or not x.ndim:
        return _silu_slope(x)
    s = _one_and_decay(x)
    np.divide(_ONE, s, out=s)
    z = _ONE - s
    z *= x
    z += _ONE
    z *= s
    return z


@elementwise(name="silu", x=lambda x: silu_slope(x))
def silu(x: Any) -> Any:
    """Swish: z = x s(x), s the logistic function; dz/dx = s (1 + x (1 - s))."""
    if type(x) is np.ndarray and x.dtype == np.float32 and x.ndim:
        return in_cache(_silu_single, x, into=True)
    return in_cache(lambda x: x * sigmoid(x), x)


def _tanh_of_softplus(x: Any) -> Any:
    """Return tanh(log(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2): 1 to the last bit at 40.

    In float16 it is so at 5, and n would not fit at 6.
    """
    e = np.exp(np.minimum(x, 40 if x.dtype.itemsize > 2 else 5))
    n = e * (e + 2)
    return n / (n + 2)


def _mish_slope(x: Any) -> Any:
    t = _tanh_of_softplus(x)
    return t + x * sigmoid(x) * (1 - t * t)


@elementwise(name="mish", x=lambda x: _mish_slope(x))
def mish(x: Any) -> Any:
    """Compute z = x t, t = tanh(log(1 + e^x)); dz/dx = t + x s(x) (1 - t^2)."""
    return in_cache(lambda x: x * _tanh_of_softplus(x), x)


def _gelu_slope(x: Any) -> Any:
    below = erf(x * _HALF_ROOT) * 0.5 + 0.5
    return below + x * (np.exp(x * x * -0.5) * _DENSITY)


@elementwise(x=lambda x: (2 - x * x) * np.exp(x * x * -0.5) * _DENSITY)
def gelu_slope(x: Any, y: Any) -> Any:
    """Return the slope of gelu at x, where y = gelu(x): a function of x."""
    if type(x) is np.ndarray and x.dtype == np.float32 and x.ndim:
        return gelu_slope_single(x, y)
    if type(x) is np.float32:  # by the same steps as an array
        return gelu_slope_single(np.reshape(x, 1), y)[0]
    return _gelu_slope(x)


@elementwise(name="gelu", x=lambda x, z: gelu_slope(x, z))
def gelu(x: Any) -> Any:
    """Multiply by the share of a normal distribution below: z = x (1 + erf(x / 2^(1/2))) / 2.

    dz/dx = z / x + x e^(-x^2 / 2) (2 pi)^(-1/2).
    """
    if type(x) is np.ndarray and x.dtype == np.float32 and x.ndim:
        return in_cache(gelu_single, x, into=True)
    if type(x) is np.float32:
        return gelu_single(np.reshape(x, 1))[0]
    return in_cache(lambda x: x * (erf(x * _HALF_ROOT) * 0.5 + 0.5), x)


def _inner(x: Any) -> Any:
    return np.tanh(x * (x * x * (_ROOT * _CUBIC) + _ROOT))


def _tanh_slope(x: Any) -> Any:
    t = _inner(x)
    inner = x * x * (3 * _ROOT * _CUBIC) + _ROOT
    return (t + 1) * 0.5 + x * 0.5 * (1 - t * t) * inner


@elementwise(name="gelu", x=lambda x: _tanh_slope(x))
def gelu_by_tanh(x: Any) -> Any:
    """Approximate gelu: z = x (1 + tanh((2/pi)^(1/2) (x + 0.044715 x^3))) / 2, off by 5e-4."""
    return in_cache(lambda x: x * (_inner(x) * 0.5 + 0.5), x)


def _halves(x: Any, dim: int) -> tuple[Any, Any]:
    """Return the two halves along an axis, as views."""
    half = x.shape[dim] // 2
    before = (slice(None),) * dim
    return x[(*before, slice(0, half))], x[(*before, slice(half, None))]


def _glu_input(upstream: Any, x: Any, dim: int) -> Any:
    a, b = _halves(x, dim)
    s = sigmoid(b)
    passed = upstream * s
    return np.concatenate([passed, passed * a * (1 - s)], axis=dim)


@structural(name="glu", x=lambda upstream, x, dim: _glu_input(upstream, x, dim))
def gated_half(x: Any, *, dim: int) -> Any:
    """Gated linear unit: z = a s(b), where a and b are the halves along ``dim``."""
    a, b = _halves(x, dim)
    return a * sigmoid(b)
