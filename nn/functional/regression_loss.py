"""Losses of regression: squares, sizes, and what is between them.

A target of another shape is broadcast with a warning: (N,) against (N, 1) is N^2 differences.
"""

from __future__ import annotations

import warnings
from typing import Any

import autograd
from autograd.arguments import a_number
from autograd.naming import naming
from nn import ops

from .arguments import check_floating, shape_of
from .reductions import reduced, reduction_of

__all__ = [
    "half_squared_error",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "smooth_l1_loss",
]


@naming
def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """Squared error: the mean (or sum) of (x - t)^2, without the factor 1/2; d/dx = 2 (x - t) / n.

    Parameters
    ----------
    input, target : Tensor
        Of one shape.
    size_average, reduce : bool, optional
        The deprecated form of ``reduction``.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses.
    weight : Tensor, optional
        Shaped as input: multiplies each loss, and the mean divides by its sum.

    Raises
    ------
    ValueError
        The reduction is none of these, or weight has another shape.

    Warns
    -----
    UserWarning
        The target has another shape.

    Examples
    --------
    >>> import autograd
    >>> mse_loss(autograd.tensor([1.0, 3.0]), autograd.tensor([0.0, 1.0])).item()
    2.5

    Source: ``torch.nn.functional.mse_loss``.
    """
    reduction = reduction_of("mse_loss", reduction, size_average, reduce)
    _compare("mse_loss", input, target)
    return _weighted("mse_loss", autograd.square(input - target), input, weight, reduction)


@naming
def half_squared_error(input: Any, target: Any, reduction: str = "sum") -> Any:
    """Total squared error of the textbooks: the sum of (x - t)^2 / 2; d/dx = x - t.

    ``mse_loss`` is the mean, and without the 1/2. Up to a constant it is the negative logarithm of
    the likelihood of normal residuals.

    Parameters
    ----------
    input, target : Tensor
        Of one shape.
    reduction : {'sum', 'mean', 'none'}
        What to make of the losses.

    Raises
    ------
    ValueError
        The reduction is none of these.

    Examples
    --------
    >>> import autograd
    >>> o, t = autograd.tensor([0.75136507, 0.772928465]), autograd.tensor([0.01, 0.99])
    >>> half_squared_error(o, t)
    tensor(0.2984)

    Source: the course; Rumelhart, Hinton and Williams (1986).
    """
    reduction = reduction_of("half_squared_error", reduction)
    _compare("half_squared_error", input, target)
    return reduced(autograd.square(input - target) * 0.5, reduction)


@naming
def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """Absolute error: the mean (or sum) of |x - t|; arguments and errors are those of ``mse_loss``.

    Examples
    --------
    >>> import autograd
    >>> l1_loss(autograd.tensor([1.0, 3.0]), autograd.tensor([0.0, 1.0])).item()
    1.5

    Source: ``torch.nn.functional.l1_loss``.
    """
    reduction = reduction_of("l1_loss", reduction, size_average, reduce)
    _compare("l1_loss", input, target)
    return _weighted("l1_loss", autograd.absolute(input - target), input, weight, reduction)


@naming
def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """Absolute error with a round tip: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2.

    d = x - t. The slope is d / beta, limited to [-1, 1]; with beta = 0 it is ``l1_loss``.

    Raises
    ------
    RuntimeError
        beta is negative.

    Examples
    --------
    >>> import autograd
    >>> smooth_l1_loss(autograd.tensor([0.5, 3.0]), autograd.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])

    Source: ``torch.nn.functional.smooth_l1_loss``; Girshick (2015).
    """
    name = "smooth_l1_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    _compare(name, input, target)
    beta = a_number(beta, "beta", name)
    if not beta >= 0:
        raise RuntimeError(f"{name}: beta must not be negative, got {beta}")
    difference = input - target
    if beta == 0:
        return reduced(autograd.absolute(difference), reduction)
    return reduced(ops.huber(difference, delta=beta) / beta, reduction)


@naming
def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """Square near 0, size beyond: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2).

    d = x - t. The slope is d, limited to [-delta, delta]: an outlier pulls no harder than delta.

    Parameters
    ----------
    input, target : Tensor
        Of one shape.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses.
    delta : float
        Where the square ends; above 0.
    weight : Tensor, optional
        Shaped as input: multiplies each loss; the mean is that of the weighted losses.

    Raises
    ------
    RuntimeError
        delta is not above 0.
    ValueError
        The reduction is none of these, or weight has another shape.

    Examples
    --------
    >>> import autograd
    >>> huber_loss(autograd.tensor([0.5, 3.0]), autograd.zeros(2), "none")
    tensor([0.1250, 2.5000])

    Source: ``torch.nn.functional.huber_loss``; Huber (1964).
    """
    reduction = reduction_of("huber_loss", reduction)
    _compare("huber_loss", input, target)
    delta = a_number(delta, "delta", "huber_loss")
    if not delta > 0:
        raise RuntimeError(f"huber_loss: delta must be above 0, got {delta}")
    losses = ops.huber(input - target, delta=delta)
    if weight is not None:
        _check_weight("huber_loss", input, weight)
        losses = losses * weight
    return reduced(losses, reduction)


def _weighted(function: str, losses: Any, input: Any, weight: Any, reduction: str) -> Any:
    if weight is None:
        return reduced(losses, reduction)
    _check_weight(function, input, weight)
    losses = losses * weight
    if reduction == "mean":
        return autograd.sum(losses) / autograd.sum(weight)
    return reduced(losses, reduction)


def _check_weight(function: str, input: Any, weight: Any) -> None:
    if shape_of(weight) != shape_of(input):
        raise ValueError(
            f"{function}: weight must have the input's shape, {shape_of(input)}, "
            f"got {shape_of(weight)}"
        )


def _compare(function: str, input: Any, target: Any) -> None:
    check_floating(function, input=input)
    if shape_of(input) != shape_of(target):
        warnings.warn(
            f"{function}: input of shape {shape_of(input)} and target of shape {shape_of(target)} "
            "are broadcast; this is rarely meant",
            stacklevel=4,
        )
