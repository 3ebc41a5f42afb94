"""Losses that are likelihoods: of distributions, of counts, of numbers with a variance."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

import autograd
from autograd.arguments import a_number
from autograd.naming import naming

from .arguments import check_floating, shape_of
from .reductions import array_of, reduced, reduction_of

__all__ = ["gaussian_nll_loss", "kl_div", "poisson_nll_loss"]


@naming
def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """Kullback-Leibler divergence: t (log t - x), of log-probabilities x and probabilities t.

    0 where t = 0. Its sum over the classes is what the target knows and the input does not.

    Parameters
    ----------
    input : Tensor
        Logarithms of the model's probabilities.
    target : Tensor
        Probabilities, or with ``log_target`` their logarithms.
    size_average, reduce : bool, optional
        The deprecated form of ``reduction``.
    reduction : {'mean', 'batchmean', 'sum', 'none'}
        'batchmean' divides the sum by N, which is the divergence; 'mean' by all elements.
    log_target : bool
        Whether the target holds logarithms.

    Raises
    ------
    ValueError
        The reduction is none of these.

    Warns
    -----
    UserWarning
        With 'mean', which is rarely meant.

    Examples
    --------
    >>> import autograd
    >>> p, q = autograd.tensor([[0.5, 0.5]]), autograd.tensor([[0.25, 0.75]])
    >>> round(kl_div(q.log(), p, reduction="batchmean").item(), 4)
    0.1438

    Source: ``torch.nn.functional.kl_div``.
    """
    old = size_average is not None or reduce is not None
    reduction = reduction_of("kl_div", reduction, size_average, reduce, more=("batchmean",))
    check_floating("kl_div", input=input)
    if reduction == "mean" and not old:
        warnings.warn(
            "kl_div: reduction='mean' divides by all elements, the classes too; "
            "reduction='batchmean' is the divergence",
            stacklevel=3,
        )
    if log_target:
        losses = autograd.exp(target) * (target - input)
    else:
        losses = autograd.xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduced(losses, reduction)
    total = autograd.sum(losses)
    return total / input.shape[0] if input.ndim else total


@naming
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Negative log-likelihood of counts t with the rate e^x: e^x - t x; without log t!.

    Parameters
    ----------
    input : Tensor
        The logarithm of the rate; the rate itself unless ``log_input``.
    target : Tensor
        Counts.
    log_input : bool
        If False, the loss is x - t log(x + eps).
    full : bool
        Whether to add Stirling's form of log t!: t log t - t + log(2 pi t) / 2 where t > 1.
    size_average, reduce : bool, optional
        The deprecated form of ``reduction``.
    eps : float
        Keeps log x finite at 0.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses.

    Raises
    ------
    ValueError
        The reduction is none of these.

    Examples
    --------
    >>> import autograd
    >>> poisson_nll_loss(autograd.tensor([0.0, 1.0]), autograd.tensor([2.0, 0.0]), reduction="none")
    tensor([1.0000, 2.7183])

    Source: ``torch.nn.functional.poisson_nll_loss``.
    """
    reduction = reduction_of("poisson_nll_loss", reduction, size_average, reduce)
    check_floating("poisson_nll_loss", input=input)
    eps = a_number(eps, "eps", "poisson_nll_loss")
    if log_input:
        losses = autograd.exp(input) - target * input
    else:
        losses = input - target * autograd.log(input + eps)
    if full:
        more = array_of(target) > 1
        counts = autograd.where(autograd.tensor(more), target, 1.0)
        stirling = counts * autograd.log(counts) - counts + 0.5 * autograd.log(2 * math.pi * counts)
        losses = losses + stirling * more
    return reduced(losses, reduction)


@naming
def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """Negative log-likelihood of a normal distribution: (log v + (x - t)^2 / v) / 2.

    v = max(var, eps).

    Parameters
    ----------
    input, target : Tensor
        Means, and what was observed.
    var : Tensor or float
        Variances: shaped as input, or without its last axis, or with an axis of length 1. The
        gradient passes where eps is the larger, too.
    full : bool
        Whether to add log(2 pi) / 2.
    eps : float
        The least variance.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses.

    Raises
    ------
    ValueError
        A variance is negative, its shape does not fit, or the reduction is none of these.

    Examples
    --------
    >>> import autograd
    >>> gaussian_nll_loss(autograd.tensor([1.0]), autograd.tensor([3.0]), autograd.tensor([4.0]))
    tensor(1.1931)

    Source: ``torch.nn.functional.gaussian_nll_loss``; Nix and Weigend (1994).
    """
    name = "gaussian_nll_loss"
    reduction = reduction_of(name, reduction)
    check_floating(name, input=input)
    shape = shape_of(input)
    if isinstance(var, (int, float)):
        var = np.full(shape, var, input.dtype)
    check_floating(name, var=var)
    eps = a_number(eps, "eps", name)
    values, of_var = array_of(var), shape_of(var)
    if (values < 0).any():
        raise ValueError(f"{name}: var must not be negative, got {values.min()}")
    if of_var != shape:
        if of_var == shape[:-1]:
            var, values = var.reshape((*of_var, 1)), values.reshape((*of_var, 1))
        elif (
            len(of_var) != len(shape)
            or sum(m for n, m in zip(shape, of_var, strict=True) if n != m) != 1
        ):
            raise ValueError(
                f"{name}: var must be shaped as input, {shape}, or lack its last axis, or have one "
                f"axis of length 1; got {of_var}"
            )
    variance = var + np.maximum(eps - values, 0).astype(input.dtype)
    losses = 0.5 * (autograd.log(variance) + autograd.square(input - target) / variance)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction)
