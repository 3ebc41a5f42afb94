"""Smooth nonlinearities, with PyTorch's arguments; the rows are autograd's."""

from __future__ import annotations

from typing import Any

import autograd
from autograd.arguments import a_number
from autograd.ops import smooth
from autograd.ops.rectifiers import real

from .rectifiers import applied, changing

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "logsigmoid",
    "selu",
    "selu_",
    "sigmoid",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]

sigmoid = autograd.sigmoid
tanh = autograd.tanh


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Exponential linear unit: z = x where x > 0, else alpha (e^x - 1); dz/dx = 1, else alpha e^x.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> elu(autograd.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])

    Source: ``torch.nn.functional.elu``; Clevert et al. (2016).
    """
    alpha = a_number(alpha, "alpha", "elu")
    return applied("elu", smooth.exponential_linear, real("elu", input), inplace, alpha=alpha)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Exponential linear unit with slope 1 at 0: z = x where x > 0, else alpha (e^(x/alpha) - 1).

    Raises
    ------
    RuntimeError
        If alpha is 0.

    Examples
    --------
    >>> import autograd
    >>> celu(autograd.tensor([-1.0, 2.0]), alpha=2.0)
    tensor([-0.7869,  2.0000])

    Source: ``torch.nn.functional.celu``.
    """
    return applied("celu", autograd.celu, input, inplace, alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """Exponential linear unit, scaled so that mean 0 and variance 1 stay: see ``autograd.selu``.

    Raises
    ------
    RuntimeError
        ``inplace``, and the input is a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> selu(autograd.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])

    Source: ``torch.nn.functional.selu``; Klambauer et al. (2017).
    """
    return applied("selu", autograd.selu, input, inplace)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """Smooth rectifier: z = log(1 + e^(beta x)) / beta, and x where beta x > threshold.

    dz/dx = 1 / (1 + e^(-beta x)).

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> softplus(autograd.tensor([-2.0, 0.0, 30.0]))
    tensor([ 0.1269,  0.6931, 30.0000])

    Source: ``torch.nn.functional.softplus``.
    """
    beta = a_number(beta, "beta", "softplus")
    threshold = a_number(threshold, "threshold", "softplus")
    return smooth.softplus(real("softplus", input), beta=beta, threshold=threshold)


def logsigmoid(input: Any) -> Any:
    """Logarithm of the logistic function: z = -log(1 + e^-x), without overflow; dz/dx = s(-x).

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> logsigmoid(autograd.tensor([-1000.0, 0.0]))
    tensor([-1.0000e+03, -6.9315e-01])

    Source: ``torch.nn.functional.logsigmoid``.
    """
    return smooth.logsigmoid(real("logsigmoid", input))


def softsign(input: Any) -> Any:
    """Squash to (-1, 1), slowly: z = x / (1 + |x|); dz/dx = 1 / (1 + |x|)^2.

    Examples
    --------
    >>> import autograd
    >>> softsign(autograd.tensor([-1.0, 3.0]))
    tensor([-0.5000,  0.7500])

    Source: ``torch.nn.functional.softsign``.
    """
    return smooth.softsign(input)


def tanhshrink(input: Any) -> Any:
    """Subtract the hyperbolic tangent: z = x - tanh x; dz/dx = tanh(x)^2.

    Examples
    --------
    >>> import autograd
    >>> tanhshrink(autograd.tensor([-1.0, 0.0]))
    tensor([-0.2384,  0.0000])

    Source: ``torch.nn.functional.tanhshrink``.
    """
    return smooth.tanhshrink(input)


elu_ = changing(elu)
celu_ = changing(celu)
selu_ = changing(selu)
