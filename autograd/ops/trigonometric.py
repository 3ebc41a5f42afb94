"""Trigonometric and hyperbolic functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "cos",
    "cosh",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


@elementwise(np.sin, promotes="float", x=lambda x: np.cos(x))
def sin(x: Any) -> Any:
    """Sine; dz/dx = cos x."""
    return np.sin(x)


@elementwise(np.cos, promotes="float", x=lambda x: -np.sin(x))
def cos(x: Any) -> Any:
    """Cosine; dz/dx = -sin x."""
    return np.cos(x)


@elementwise(np.tan, promotes="float", x=lambda z: 1 + z * z)
def tan(x: Any) -> Any:
    """Tangent; dz/dx = 1 + z^2."""
    return np.tan(x)


@elementwise(np.sinh, promotes="float", x=lambda x: np.cosh(x))
def sinh(x: Any) -> Any:
    """Hyperbolic sine; dz/dx = cosh x."""
    return np.sinh(x)


@elementwise(np.cosh, promotes="float", x=lambda x: np.sinh(x))
def cosh(x: Any) -> Any:
    """Hyperbolic cosine; dz/dx = sinh x."""
    return np.cosh(x)


@elementwise(np.tanh, promotes="float", x=lambda z: 1 - z * z)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent: range (-1, 1), saturating at both ends; dz/dx = 1 - z^2."""
    return np.tanh(x)
