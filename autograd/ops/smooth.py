"""Smooth nonlinearities: an exponential where a rectifier has its corner, or a bounded end.

Each saturates on at least one side, where its derivative goes to 0; ``sigmoid`` is in
exponential.py and ``tanh`` in trigonometric.py.  What PyTorch has in ``nn.functional`` alone is
public there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.blocks import in_cache
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.exponential import sigmoid
from autograd.ops.passing import gate, select
from autograd.ops.rectifiers import real
from autograd.ops.selection import choose

__all__ = ["celu", "selu"]

# The fixed point: numbers of mean 0 and variance 1 keep both (Klambauer et al., 2017).
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


@elementwise(x=lambda x: x < 0)
def negative_part(x: Any) -> Any:
    """Return min(x, 0), and 0 of nan: against zeros, as a number is compared without vectors."""
    return np.fmin(x, np.zeros_like(x))


def _bent(x: Any, left: float, inner: float = 1.0, right: float = 1.0) -> Any:
    """Return right x where x > 0, else left (e^(inner x) - 1)."""

    def formula(x: Any) -> Any:
        z = np.expm1(np.minimum(x, 0) * inner)
        z *= left
        z += np.maximum(x, 0) * right
        return z

    def above_its_tangent(x: Any, out: Any = None) -> Any:
        z = np.minimum(x, np.zeros_like(x), out=out)
        z = z if inner == 1 else np.multiply(z, inner, out=z)
        np.expm1(z, out=z)
        z = z if left == 1 else np.multiply(z, left, out=z)
        return np.maximum(x, z, out=z)

    if type(x) is np.ndarray and x.ndim and right == 1 and inner > 0 and 0 <= left * inner <= 1:
        return in_cache(above_its_tangent, x, into=True)  # so the greater of both is right
    return in_cache(formula, x)


def _slope(x: Any, left: float, inner: float = 1.0, right: float = 1.0) -> Any:
    """Return the derivative of ``_bent``; at 0 that of the left side, which is constant there."""
    if left * inner == right == 1:
        return np.exp(negative_part(x) if inner == 1 else negative_part(x) * inner)
    return choose(x <= 0, np.exp(gate(x, x < 0) * inner) * (left * inner), right)


@elementwise(name="elu", x=lambda x, alpha: _slope(x, alpha))
def exponential_linear(x: Any, *, alpha: float) -> Any:
    """Exponential linear unit: z = x where x > 0, else alpha (e^x - 1)."""
    return _bent(x, alpha)


@elementwise(name="celu", x=lambda x, alpha: _slope(x, alpha, 1 / alpha))
def exponential_linear_of(x: Any, *, alpha: float) -> Any:
    """Exponential linear unit with slope 1 at 0; see :func:`celu`."""
    return _bent(x, alpha, 1 / alpha)


@elementwise(name="selu", x=lambda x: _slope(x, SELU_SCALE * SELU_ALPHA, 1.0, SELU_SCALE))
def scaled_exponential_linear(x: Any) -> Any:
    """Exponential linear unit that keeps mean 0 and variance 1; see :func:`selu`."""
    return _bent(x, SELU_SCALE * SELU_ALPHA, 1.0, SELU_SCALE)


@naming
def celu(input: Any, alpha: float = 1.0) -> Any:
    """Exponential linear unit with slope 1 at 0: z = x where x > 0, else alpha (e^(x/alpha) - 1).

    dz/dx = 1 where x > 0, else e^(x/alpha).

    Raises
    ------
    RuntimeError
        If alpha is 0.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.celu(autograd.tensor([-1.0, 2.0]), alpha=2.0)
    tensor([-0.7869,  2.0000])

    Source: ``torch.celu``; Barron (2017).
    """
    alpha = a_number(alpha, "alpha", "celu")
    if alpha == 0:
        raise RuntimeError("celu: alpha must not be 0")
    return exponential_linear_of(real("celu", input), alpha=alpha)


@naming
def selu(input: Any) -> Any:
    """Exponential linear unit, scaled: z = s x where x > 0, else s a (e^x - 1).

    s = 1.0507009873554805 and a = 1.6732632423543772: normal numbers of mean 0 and variance 1 keep
    both.  dz/dx = s where x > 0, else s a e^x.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.selu(autograd.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])

    Source: ``torch.selu``; Klambauer et al., "Self-normalizing neural networks" (2017).
    """
    return scaled_exponential_linear(real("selu", input))


@elementwise(
    name="softplus",
    x=lambda upstream, x, beta, threshold: choose(
        x * beta > threshold, upstream, upstream * sigmoid(x * beta)
    ),
)
def softplus(x: Any, *, beta: float, threshold: float) -> Any:
    """Smooth rectifier: z = log(1 + e^(beta x)) / beta, and x where beta x > threshold."""

    def formula(x: Any) -> Any:
        t = x * beta
        z = np.exp(-np.abs(t))  # cannot overflow
        z = np.log1p(z) + np.maximum(t, 0)
        z /= beta
        return select(np.asarray(t > threshold), np.asarray(x), np.asarray(z))

    return in_cache(formula, x)[()]


@elementwise(name="logsigmoid", x=lambda x: sigmoid(-x))
def logsigmoid(x: Any) -> Any:
    """Logarithm of the logistic function: z = -log(1 + e^-x), without overflow."""
    return in_cache(lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), x)


@elementwise(name="softsign", promotes="float", x=lambda upstream, x: _softsign_rule(upstream, x))
def softsign(x: Any) -> Any:
    """Squash to (-1, 1), slowly: z = x / (1 + |x|); dz/dx = 1 / (1 + |x|)^2."""
    return in_cache(lambda x: x / (np.abs(x) + 1), x)


def _softsign_rule(upstream: Any, x: Any) -> Any:
    """Divide twice: a square, and its slope, would overflow."""
    size = np.abs(x) + 1
    return upstream / size / size


@elementwise(name="tanhshrink", promotes="float", x=lambda x: np.square(np.tanh(x)))
def tanhshrink(x: Any) -> Any:
    """Subtract the hyperbolic tangent: z = x - tanh x; dz/dx = tanh(x)^2."""
    return in_cache(lambda x: x - np.tanh(x), x)
