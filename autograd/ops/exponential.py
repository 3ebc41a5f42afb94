"""Exponentials, logarithms and the logistic function."""

from __future__ import annotations

from math import log as _log_of
from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.blocks import LARGE, in_blocks, in_cache
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.passing import gate

__all__ = [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logit",
    "sigmoid",
    "xlogy",
]

LN2 = _log_of(2)
LN10 = _log_of(10)


@elementwise(np.exp, promotes="float", x=lambda z: z)
def exp(x: Any) -> Any:
    """Exponential: z = e^x; dz/dx = z.

    Examples
    --------
    >>> import autograd
    >>> autograd.exp(autograd.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])

    Source: ``torch.exp``.
    """
    return np.exp(x)


@elementwise(np.exp2, promotes="float", x=lambda upstream, z: upstream * z * LN2)
def exp2(x: Any) -> Any:
    """Power of two: z = 2^x; dz/dx = z log 2.

    Examples
    --------
    >>> import autograd
    >>> autograd.exp2(autograd.tensor([3.0, -1.0]))
    tensor([8.0000, 0.5000])

    Source: ``torch.exp2``.
    """
    return np.exp2(x)


@elementwise(np.expm1, promotes="float", x=lambda z: z + 1)
def expm1(x: Any) -> Any:
    """Exponential minus one, exact near 0: z = e^x - 1; dz/dx = z + 1.

    Examples
    --------
    >>> import autograd
    >>> autograd.expm1(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 1.7183])

    Source: ``torch.expm1``.
    """
    return np.expm1(x)


@elementwise(np.log, promotes="float", x=lambda upstream, x: upstream / x)
def log(x: Any) -> Any:
    """Natural logarithm: z = log x; dz/dx = 1/x.

    Examples
    --------
    >>> import autograd
    >>> autograd.log(autograd.tensor([1.0, 10.0]))
    tensor([0.0000, 2.3026])

    Source: ``torch.log``.
    """
    return np.log(x)


@elementwise(np.log2, promotes="float", x=lambda upstream, x: upstream / (x * LN2))
def log2(x: Any) -> Any:
    """Logarithm to base 2; dz/dx = 1/(x log 2).

    Examples
    --------
    >>> import autograd
    >>> autograd.log2(autograd.tensor([8.0, 0.5]))
    tensor([ 3., -1.])

    Source: ``torch.log2``.
    """
    return np.log2(x)


@elementwise(np.log10, promotes="float", x=lambda upstream, x: upstream / (x * LN10))
def log10(x: Any) -> Any:
    """Logarithm to base 10; dz/dx = 1/(x log 10).

    Examples
    --------
    >>> import autograd
    >>> autograd.log10(autograd.tensor([2.0, 50.0]))
    tensor([0.3010, 1.6990])

    Source: ``torch.log10``.
    """
    return np.log10(x)


@elementwise(np.log1p, promotes="float", x=lambda upstream, x: upstream / (1 + x))
def log1p(x: Any) -> Any:
    """Logarithm of 1 + x, exact near 0; dz/dx = 1/(1+x).

    Examples
    --------
    >>> import autograd
    >>> autograd.log1p(autograd.tensor([0.0, 1.0]))
    tensor([0.0000, 0.6931])

    Source: ``torch.log1p``.
    """
    return np.log1p(x)


def _sigmoid_of_one(x: Any) -> Any:
    decay = np.exp(-abs(x))  # cannot overflow; both branches are 1/(1+e^-x)
    return (1 if x >= 0 else decay) / (1 + decay)


@elementwise(promotes="float", scalar=_sigmoid_of_one, x=lambda z: z * (1 - z))
def sigmoid(x: Any) -> Any:
    """Logistic function: z = 1 / (1 + e^-x), range (0, 1); dz/dx = z (1 - z) <= 1/4.

    Examples
    --------
    >>> import autograd
    >>> autograd.sigmoid(autograd.tensor([0.0, 2.0]))
    tensor([0.5000, 0.8808])

    Source: ``torch.sigmoid``.
    """
    return in_cache(_logistic, x, into=True)


def _logistic(x: Any, out: Any = None) -> Any:
    with np.errstate(over="ignore"):  # 1 / inf is the 0 that is nearest
        z = np.exp(np.negative(x, out=out), out=out)
    z = z + 1 if not np.ndim(z) else np.add(z, 1, out=z)
    return 1 / z if not np.ndim(z) else np.divide(1, z, out=z)


def _logit_slope(upstream: Any, x: Any, eps: float | None) -> Any:
    """Return upstream / (x (1 - x)): nan outside of [0, 1], or 0 where x was limited."""
    if eps is None or eps < 0:  # + 0 makes 0 of -0
        return np.where((x < 0) | (x > 1), np.nan, upstream / ((x + 0) * (1 - x)))
    outside = (x < eps) | (x > 1 - eps)
    inner = np.where(outside, 0.5, x)
    return gate(upstream / (inner * (1 - inner)), np.logical_not(outside))


@elementwise(
    name="logit",
    promotes="float",
    x=lambda upstream, x, eps: _logit_slope(upstream, x, eps),
    single=True,
)
def logit_within(x: Any, *, eps: float | None) -> Any:
    """Invert the logistic function; see :func:`logit`."""
    inner = x if eps is None or eps < 0 else np.clip(x, eps, 1 - eps)
    return np.log(inner / (1 - inner))


@naming
def logit(x: Any, eps: float | None = None) -> Any:
    """Log-odds, the inverse of the logistic function: z = log(x / (1-x)); dz/dx = 1/(x (1-x)).

    Parameters
    ----------
    x : Tensor
        Probabilities; outside of [0, 1] the result is nan.
    eps : float, optional
        Limit x to [eps, 1 - eps] first; the derivative is 0 where that changes x.

    Raises
    ------
    TypeError
        If ``eps`` is no number.

    Examples
    --------
    >>> import autograd
    >>> autograd.logit(autograd.tensor([0.5, 0.0]), eps=0.25)
    tensor([ 0.0000, -1.0986])

    Source: ``torch.logit``.
    """
    return logit_within(x, eps=None if eps is None else a_number(eps, "eps", "logit"))


@elementwise(
    np.logaddexp,
    promotes="float",
    x=lambda x, y: sigmoid(x - y),
    y=lambda x, y: sigmoid(y - x),
    single=True,
)
def logaddexp(x: Any, y: Any) -> Any:
    """Add in logarithms, without overflow: z = log(e^x + e^y); dz/dx = 1 / (1 + e^(y-x)).

    Examples
    --------
    >>> import autograd
    >>> autograd.logaddexp(autograd.tensor([0.0, 1000.0]), autograd.tensor([0.0, 1000.0]))
    tensor([6.9315e-01, 1.0007e+03])

    Source: ``torch.logaddexp``.
    """
    if type(x) is np.ndarray is type(y) and x.dtype.char == "f" == y.dtype.char:
        z = in_blocks(_logaddexp_single, (x, y), into=True) if x.size >= LARGE else None
        if z is not None:
            return z
    return np.logaddexp(x, y)


def _logaddexp_single(x: Any, y: Any, out: Any = None) -> Any:
    """Return max(x, y) + log(1 + e^-|x-y|) by vector instructions, a tenth of NumPy's time."""
    with np.errstate(invalid="ignore"):
        z = np.subtract(x, y, out=out)
    same = np.isnan(z)  # also of inf and inf
    np.abs(z, out=z)
    np.negative(z, out=z)
    np.exp(z, out=z)
    np.log1p(z, out=z)
    z += np.maximum(x, y)
    if same.any():
        z[same] = np.logaddexp(x[same], y[same])
    return z


@elementwise(
    np.logaddexp2,
    promotes="float",
    x=lambda x, y: sigmoid((x - y) * LN2),
    y=lambda x, y: sigmoid((y - x) * LN2),
    single=True,
)
def logaddexp2(x: Any, y: Any) -> Any:
    """Add in logarithms to base 2: z = log2(2^x + 2^y); dz/dx = 1 / (1 + 2^(y-x)).

    Examples
    --------
    >>> import autograd
    >>> autograd.logaddexp2(autograd.tensor([0.0, 5.0]), autograd.tensor([0.0, 5.0]))
    tensor([1., 6.])

    Source: ``torch.logaddexp2``.
    """
    return np.logaddexp2(x, y)


@elementwise(
    promotes="float",
    x=lambda upstream, x, y: gate(xlogy(upstream, y), np.logical_not((x == 0) & (y <= 0))),  # type: ignore[has-type]
    y=lambda upstream, x, y: upstream * x / y,
    single=True,
)
def xlogy(x: Any, y: Any) -> Any:
    """Multiply by a logarithm: z = x log y, and 0 where x = 0 (also at y = 0, not at y nan).

    dz/dx = log y (0 where x = 0 and y <= 0), dz/dy = x/y.

    Examples
    --------
    >>> import autograd
    >>> autograd.xlogy(autograd.tensor([0.0, 2.0]), autograd.tensor([0.0, 1.0]))
    tensor([0., 0.])

    Source: ``torch.xlogy``.
    """
    if not hasattr(y, "dtype"):
        y = np.asarray(x).dtype.type(y)
    none = (x == 0) & ~np.isnan(y)
    return np.where(none, 0, x * np.log(np.where(none, 1, y)))[()]
