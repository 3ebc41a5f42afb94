"""Nonlinearities, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

import autograd
from nn import ops

from .arguments import check_floating, shape_of

__all__ = ["leaky_relu", "log_softmax", "relu", "sigmoid", "softmax", "tanh"]


def relu(input: Any, inplace: bool = False) -> Any:
    """Rectifier: max(x, 0); the derivative at 0 is 0."""
    return input.relu_() if inplace else autograd.relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """Leaky rectifier: x where x > 0, else negative_slope x."""
    if inplace:
        raise NotImplementedError("leaky_relu: inplace=True is not supported")
    return autograd.where(input > 0, input, negative_slope * input)


def sigmoid(input: Any) -> Any:
    """Logistic function: 1 / (1 + exp(-x))."""
    return autograd.sigmoid(input)


def tanh(input: Any) -> Any:
    """Hyperbolic tangent."""
    return autograd.tanh(input)


def softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """exp(x_i) / sum_j exp(x_j) along ``dim``: non-negative, sums to 1, the same for x + c.

    Raises
    ------
    TypeError
        ``dim`` is not given, or the input is not floating-point.
    """
    return ops.softmax(_along("softmax", input, dim, dtype), dim=dim)


def log_softmax(input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """x_i - log sum_j exp(x_j) along ``dim``: the logarithm of ``softmax``, without overflow."""
    return ops.log_softmax(_along("log_softmax", input, dim, dtype), dim=dim)


def _along(function: str, input: Any, dim: int | None, dtype: Any) -> Any:
    """Return the input in ``dtype``; raise unless it has the axis ``dim``."""
    if dtype is not None:
        input = input.to(dtype)
    check_floating(function, input=input)
    if dim is None:
        raise TypeError(
            f"{function}: give the axis along which to normalise, e.g. dim=1 for the classes of "
            f"(N, C); got input of shape {shape_of(input)}"
        )
    if not -len(shape_of(input)) <= dim < len(shape_of(input)):
        raise IndexError(f"{function}: dim {dim} is out of range for shape {shape_of(input)}")
    return input
