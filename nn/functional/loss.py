"""Losses with PyTorch's arguments: N losses, then their mean, their sum, or themselves."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn import ops

from .arguments import check_floating, check_reduction, shape_of

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "l1_loss",
    "mse_loss",
    "nll_loss",
]


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Softmax loss L_i = -log(exp(s_y) / sum_j exp(s_j)); dL_i/ds = softmax(s) - onehot(y).

    Parameters
    ----------
    input : Tensor
        Scores (logits), (N, C), or (C,) for one sample.
    target : Tensor or array
        Classes in [0, C), integers (N,), or () for one sample; or probabilities shaped as input.
    weight : Tensor, optional
        (C,), the weight of each class; the mean is then a weighted one.
    ignore_index : int
        Samples with this target do not count.
    reduction : {'mean', 'sum', 'none'}
        What to make of the N losses.
    label_smoothing : float
        In [0, 1]: the share of the target that is spread evenly over all classes.

    Raises
    ------
    ValueError
        The shapes do not fit, or an argument is out of its range.
    IndexError
        A target is not a class.

    Examples
    --------
    >>> import autograd
    >>> scores = autograd.tensor([[3.2, 5.1, -1.7]])
    >>> round(cross_entropy(scores, autograd.tensor([0])).item(), 4)
    2.0404
    """
    _refuse_old_arguments("cross_entropy", size_average, reduce)
    check_reduction("cross_entropy", reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], got {label_smoothing}")
    if _array(target).dtype.kind == "f":  # probabilities
        check_floating("cross_entropy", input=input)
        scores, target = (input[None], target[None]) if input.ndim == 1 else (input, target)
        target = _array(target)
    else:
        scores, target = _classes("cross_entropy", input, target, weight, ignore_index)
    losses = ops.cross_entropy(
        scores,
        target=target,
        reduction=reduction,
        weight=None if weight is None else _array(weight),
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    return losses[0] if reduction == "none" and scores is not input else losses


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
) -> Any:
    """Negative log-likelihood L_i = -x_y of log-probabilities x.

    Arguments and errors are those of ``cross_entropy``, which is
    ``nll_loss(log_softmax(scores, 1), target)``.
    """
    _refuse_old_arguments("nll_loss", size_average, reduce)
    check_reduction("nll_loss", reduction)
    logs, classes = _classes("nll_loss", input, target, weight, ignore_index)
    counted = classes != ignore_index
    index = np.where(counted, classes, 0)
    weights = np.ones(shape_of(logs)[1], logs.dtype) if weight is None else _array(weight)
    weights = np.where(counted, weights[index], 0).astype(logs.dtype)
    losses = -(logs[np.arange(len(index)), index] * weights)
    if reduction == "none":
        return losses[0] if logs is not input else losses
    return losses.sum() / weights.sum() if reduction == "mean" else losses.sum()


def mse_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
) -> Any:
    """Squared error: the mean (or sum) of (x - t)^2, without the factor 1/2.

    A target of another shape is broadcast, with a warning: (N,) against (N, 1) is N^2 differences.
    """
    _refuse_old_arguments("mse_loss", size_average, reduce)
    _compare("mse_loss", input, target)
    return _reduced("mse_loss", autograd.square(input - target), reduction)


def l1_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
) -> Any:
    """Absolute error: the mean (or sum) of |x - t|; see ``mse_loss``."""
    _refuse_old_arguments("l1_loss", size_average, reduce)
    _compare("l1_loss", input, target)
    return _reduced("l1_loss", autograd.absolute(input - target), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """-(t log s(z) + (1 - t) log(1 - s(z))), s the sigmoid, of logits z and probabilities t.

    Computed as (1 - t) z + (1 + (p - 1) t) (log(1 + exp(-|z|)) + max(-z, 0)), which cannot
    overflow; p is ``pos_weight``, ``weight`` multiplies each loss.
    """
    name = "binary_cross_entropy_with_logits"
    _refuse_old_arguments(name, size_average, reduce)
    check_floating(name, input=input)
    if shape_of(input) != shape_of(target):
        raise ValueError(
            f"{name}: input and target must have one shape, "
            f"got {shape_of(input)} and {shape_of(target)}"
        )
    softplus = autograd.log1p(autograd.exp(-autograd.absolute(input))) + autograd.relu(-input)
    if pos_weight is not None:
        softplus = softplus * (1 + (pos_weight - 1) * target)
    losses = (1 - target) * input + softplus
    return _reduced(name, losses if weight is None else losses * weight, reduction)


def _classes(
    function: str, input: Any, target: Any, weight: Any, ignore_index: int
) -> tuple[Any, np.ndarray[Any, Any]]:
    """Return the scores as (N, C) (a new tensor if it was one sample) and the classes as (N,)."""
    check_floating(function, input=input)
    classes = _array(target)
    shape = shape_of(input)
    if classes.dtype.kind not in "iu":
        raise TypeError(
            f"{function}: target must hold classes, as integers, got {classes.dtype} of shape "
            f"{classes.shape}"
        )
    if len(shape) not in (1, 2) or classes.shape != shape[:-1]:
        raise ValueError(
            f"{function}: expected input of shape (N, C) and target of shape (N,), "
            f"got {shape} and {classes.shape}"
        )
    if weight is not None and shape_of(weight) != shape[-1:]:
        raise ValueError(
            f"{function}: weight must have shape {shape[-1:]}, one for each class, "
            f"got {shape_of(weight)}"
        )
    classes = classes.astype(np.int64, copy=False)
    wrong = ((classes < 0) | (classes >= shape[-1])) & (classes != ignore_index)
    if wrong.any():
        raise IndexError(
            f"{function}: target {classes[wrong].flat[0]} is out of range: input of shape {shape} "
            f"has classes 0 to {shape[-1] - 1}"
        )
    if len(shape) == 1:
        return input[None], classes.reshape(1)
    return input, classes


def _compare(function: str, input: Any, target: Any) -> None:
    check_floating(function, input=input)
    if shape_of(input) != shape_of(target):
        warnings.warn(
            f"{function}: input of shape {shape_of(input)} and target of shape {shape_of(target)} "
            "are broadcast; this is rarely meant",
            stacklevel=3,
        )


def _reduced(function: str, losses: Any, reduction: str) -> Any:
    check_reduction(function, reduction)
    if reduction == "none":
        return losses
    return autograd.mean(losses) if reduction == "mean" else autograd.sum(losses)


def _refuse_old_arguments(function: str, size_average: Any, reduce: Any) -> None:
    if size_average is not None or reduce is not None:
        raise ValueError(
            f"{function}: size_average and reduce are deprecated in PyTorch and not supported; "
            "use reduction='mean', 'sum' or 'none'"
        )


def _array(value: Any) -> np.ndarray[Any, Any]:
    return np.asarray(value.payload if isinstance(value, Tensor) else value)
