"""Exponentials, logarithms and the logistic function."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "exp",
    "expm1",
    "log",
    "log1p",
    "sigmoid",
]


@elementwise(np.exp, promotes="float", x=lambda z: z)
def exp(x: Any) -> Any:
    """Exponential: z = e^x; dz/dx = z."""
    return np.exp(x)


@elementwise(np.expm1, promotes="float", x=lambda z: z + 1)
def expm1(x: Any) -> Any:
    """Exponential minus one, exact near 0: z = e^x - 1; dz/dx = z + 1."""
    return np.expm1(x)


@elementwise(np.log, promotes="float", x=lambda upstream, x: upstream / x)
def log(x: Any) -> Any:
    """Natural logarithm: z = log x; dz/dx = 1/x."""
    return np.log(x)


@elementwise(np.log1p, promotes="float", x=lambda upstream, x: upstream / (1 + x))
def log1p(x: Any) -> Any:
    """Logarithm of 1 + x, exact near 0; dz/dx = 1/(1+x)."""
    return np.log1p(x)


@elementwise(promotes="float", x=lambda z: z * (1 - z))
def sigmoid(x: Any) -> Any:
    """Logistic function: z = 1 / (1 + e^-x), range (0, 1); dz/dx = z (1 - z) <= 1/4."""
    # e^-|x| cannot overflow; both branches are 1/(1+e^-x).
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay)[()].astype(decay.dtype) / (1 + decay)
