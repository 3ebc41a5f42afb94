"""Mean and variance in single precision, safely, and what all normalisations compute with them.

A variance as E[x^2] - E[x]^2 needs no second look at the data, but loses all its digits where the
mean is far from zero compared with the spread. The kernels take it where |mean| is below three
standard deviations (it then loses one digit of seven), and otherwise centre their block first, on
its approximate mean. Sums within a block are of the dtype, sums of blocks are float64.

The formulas below are the mathematics of normalisation, on arrays or Tensors: they differentiate
the fast backward kernels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

__all__ = [
    "backward_formula",
    "centred_again",
    "far_from_zero",
    "long_rows",
    "row_moments",
    "row_products",
    "row_sums",
]

FAR = 8.0  # (mean / standard deviation)^2, above which a block is centred before its squares
SHORT = 32  # elements: a sum over a shorter last axis costs more in calls than in additions


def far_from_zero(mean: np.ndarray, variance: np.ndarray) -> bool:
    """Tell whether a variance found as E[x^2] - E[x]^2 may have lost more than a digit."""
    return not bool(np.all(mean * mean <= FAR * variance))


def row_sums(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Sum over the last axis."""
    if x.shape[-1] < SHORT:
        return np.add.reduce(x, -1, out=out)
    return np.matmul(x, np.ones(x.shape[-1], x.dtype), out=out)  # four times np.add.reduce's speed


def row_products(x: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Sum x * y over the last axis."""
    if x.shape[-1] < SHORT:
        return np.add.reduce(x * y, -1, out=out)
    return np.vecdot(x, y, out=out)


def row_moments(
    x: np.ndarray,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """Return ``x - shift`` and the shift (None: nothing was shifted), its mean and variance.

    Statistics are over the last axis, in float64; the mean is that of ``x - shift``.
    """
    count = np.float64(x.shape[-1] or 1)
    shift = None
    while True:
        variance = row_products(x, x) / count  # first: row_sums is slow where x is in no cache
        mean = row_sums(x) / count
        square = mean * mean
        variance -= square
        if shift is not None:
            return x, shift, mean, np.maximum(variance, 0)
        if bool((square <= FAR * variance).all()):
            return x, shift, mean, variance
        shift = mean.astype(x.dtype)
        x = x - shift[..., None]


def centred_again(
    x: np.ndarray, mean: np.ndarray, rstd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``x - shift`` and the mean that is left, where rows are far from zero; else both."""
    if bool(np.all(mean * mean * rstd * rstd <= FAR)):
        return x, mean
    shift = mean.astype(x.dtype)
    return x - shift[..., None], mean - shift


@contextmanager
def long_rows(length: int) -> Iterator[None]:
    """Make broadcasting over rows of at least 256 elements faster, up to twice.

    NumPy (2.4, measured) copies what is broadcast through a buffer of 8,192 elements, which pays
    for short rows only; where the buffer is shorter than a row it works in place.
    """
    if length < 256:
        yield
        return
    before = np.setbufsize(16)
    try:
        yield
    finally:
        np.setbufsize(before)


# ---------------------------------------------------------------- formulas on arrays or Tensors


def backward_formula(
    y: Any,
    x: Any,
    weight: Any,
    *,
    axes: tuple[int, ...],
    parameters: tuple[int, ...],
    eps: float,
    centred: bool = True,
    fixed: tuple[Any, Any] | None = None,
) -> tuple[Any, Any, Any]:
    """Return the gradients of input, weight and bias of z = weight * xhat + bias, given y = dz.

    xhat = (x - mean) / sqrt(var + eps), statistics over ``axes``; without ``centred`` the mean is
    taken for 0; ``fixed`` statistics (mean and 1 / sqrt(var + eps)) do not depend on x.

    dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps), g = weight y.

    ``parameters`` is the shape of weight and bias that broadcasts over x.
    """
    if fixed is None:
        centre = x - np.mean(x, axes, keepdims=True) if centred else x
        rstd = 1 / np.sqrt(np.mean(centre * centre, axes, keepdims=True) + eps)
    else:
        mean, rstd = fixed
        centre = x - mean
    xhat = centre * rstd
    g = y if weight is None else y * np.reshape(weight, parameters)
    dx = g
    if fixed is None:
        dx = g - xhat * np.mean(g * xhat, axes, keepdims=True)
        dx = dx - np.mean(g, axes, keepdims=True) if centred else dx
    over = tuple(axis for axis, n in enumerate(parameters) if n == 1)
    flat = (math.prod(parameters),)
    return dx * rstd, np.reshape(np.sum(y * xhat, over), flat), np.reshape(np.sum(y, over), flat)
