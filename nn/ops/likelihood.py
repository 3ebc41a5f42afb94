"""Losses of one number each: the binary cross-entropy, and the robust square."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise
from autograd.ops.exponential import sigmoid

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "huber"]

LEAST = -100.0  # at which logarithms end, as in PyTorch
SMALLEST = 1e-12  # of x (1 - x) in the derivative


def _logarithm(x: Any) -> Any:
    with np.errstate(divide="ignore"):  # log 0 is -inf, which ends at LEAST
        return np.maximum(np.log(x), LEAST)


@elementwise(
    x=lambda upstream, x, target: upstream * (x - target) / np.maximum((1 - x) * x, SMALLEST),
    target=lambda upstream, x: upstream * (_logarithm(1 - x) - _logarithm(x)),
)
def binary_cross_entropy(x: Any, target: Any) -> Any:
    """Compute z = -(t log x + (1 - t) log(1 - x)), where logarithms end at -100.

    Examples
    --------
    >>> binary_cross_entropy(np.array([0.5, 1.0]), np.array([1.0, 0.0])).round(4).tolist()
    [0.6931, 100.0]
    """
    with np.errstate(divide="ignore"):
        other = np.maximum(np.log1p(-x), LEAST)
    return (target - 1) * other - target * _logarithm(x)


@elementwise(
    x=lambda upstream, x, target: upstream * (sigmoid(x) - target),
    target=lambda upstream, x: -(upstream * x),
)
def binary_cross_entropy_with_logits(x: Any, target: Any) -> Any:
    """Compute z = max(x, 0) - t x + log(1 + e^-|x|): of a sigmoid, exactly.

    Examples
    --------
    >>> binary_cross_entropy_with_logits(np.array([-2.0, 1000.0]), np.array([0.0, 0.0])).round(4)
    array([1.269e-01, 1.000e+03])
    """
    return x * ((x > 0) - target) + np.log1p(np.exp(-np.abs(x)))


@elementwise(x=lambda upstream, x, delta: upstream * np.clip(x, -delta, delta))
def huber(x: Any, *, delta: float) -> Any:
    """Compute z = x^2 / 2 where |x| <= delta, else delta (|x| - delta / 2); dz/dx is x, limited.

    Examples
    --------
    >>> huber(np.array([0.5, -3.0]), delta=1.0).tolist()
    [0.125, 2.5]
    """
    inner = np.clip(x, -delta, delta)
    return inner * (x - inner * 0.5)
