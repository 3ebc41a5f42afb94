"""Losses of classification: how improbable a model finds the class that is right.

Shapes follow PyTorch: classes are axis 1 of (N, C) or (N, C, d1, ...), or the only axis of (C,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.arguments import a_number
from autograd.naming import naming
from nn import ops

from .arguments import check_broadcasts, check_floating, shape_of
from .reductions import array_of, mean_of, reduced, reduction_of
from .smooth import logsigmoid

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "nll_loss",
]


@naming
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Softmax loss L_i = -log(e^(s_y) / sum_j e^(s_j)); dL_i/ds = softmax(s) - onehot(y).

    Bounds: 0 and infinity; with C classes and tiny weights it starts at log C.

    Shapes: input (N, C), (C,) or (N, C, d1, ...); target without the axis of classes, or as input.

    Parameters
    ----------
    input : Tensor
        Scores (logits).
    target : Tensor or array
        Classes in [0, C), integers; or probabilities, floating-point.
    weight : Tensor, optional
        (C,), the weight of each class; the mean is then a weighted one.
    ignore_index : int
        Samples with this target do not count.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses; size_average and reduce are its deprecated form.
    label_smoothing : float
        In [0, 1]: the share of the target that is spread evenly over all classes.

    Raises
    ------
    ValueError
        The shapes do not fit, or an argument is out of its range.
    IndexError
        A target is not a class.
    RuntimeError
        There is an ``ignore_index`` for probabilities.
    TypeError
        The input is not floating-point, or the target holds neither classes nor probabilities.

    Examples
    --------
    >>> import autograd
    >>> scores = autograd.tensor([[3.2, 5.1, -1.7]])
    >>> round(cross_entropy(scores, autograd.tensor([0])).item(), 4)
    2.0404

    Source: ``torch.nn.functional.cross_entropy``.
    """
    name = "cross_entropy"
    reduction = reduction_of(name, reduction, size_average, reduce)
    label_smoothing = a_number(label_smoothing, "label_smoothing", name)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing must be in [0, 1], got {label_smoothing}")
    check_floating(name, input=input)
    targets = array_of(target)
    if targets.dtype.kind == "f":
        _check_probabilities(name, shape_of(input), targets, weight)
        if ignore_index >= 0:
            raise RuntimeError(
                f"{name}: ignore_index={ignore_index} is for classes, and the target holds "
                "probabilities"
            )
        if getattr(target, "requires_grad", False):
            return _composed(input, target, weight, reduction, label_smoothing)
    else:
        targets = _checked_shape(name, shape_of(input), targets, weight)
    scores, targets, kept = _grouped(input, targets)
    losses = ops.cross_entropy(
        scores,
        target=targets,
        reduction=reduction,
        weight=None if weight is None else array_of(weight),
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    return losses.reshape(kept) if reduction == "none" and losses.shape != kept else losses


@naming
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Negative log-likelihood L_i = -x_y of log-probabilities x.

    ``cross_entropy(scores, classes)`` is ``nll_loss(log_softmax(scores, 1), classes)``; arguments,
    shapes and errors are its.

    Raises
    ------
    ValueError, IndexError
        As ``cross_entropy``.

    Examples
    --------
    >>> import autograd
    >>> round(nll_loss(autograd.tensor([[0.25, 0.75]]).log(), autograd.tensor([0])).item(), 4)
    1.3863

    Source: ``torch.nn.functional.nll_loss``.
    """
    reduction = reduction_of("nll_loss", reduction, size_average, reduce)
    check_floating("nll_loss", input=input)
    classes = _classes("nll_loss", input, array_of(target), weight, ignore_index)
    counted = classes != ignore_index
    index = np.where(counted, classes, 0)
    weights = np.ones((), input.dtype) if weight is None else array_of(weight)[index]
    weights = np.where(counted, weights, 0).astype(input.dtype)
    dim = 1 if input.ndim > 1 else 0
    chosen = autograd.gather(input, dim, np.expand_dims(index, dim)).reshape(classes.shape)
    if not np.all(counted):
        chosen = autograd.where(counted, chosen, 0)  # nan does not count either
    losses = -(chosen * weights)
    if reduction == "mean":
        return mean_of(autograd.sum(losses), weights.sum())
    return reduced(losses, reduction)


@naming
def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """-(t log x + (1 - t) log(1 - x)), of probabilities x and t; logarithms end at -100.

    Computed from logits it is exact where x is near 0 or 1: ``binary_cross_entropy_with_logits``.

    Parameters
    ----------
    input, target : Tensor
        Of one shape.
    weight : Tensor, optional
        Multiplies each loss; it is broadcast.
    size_average, reduce, reduction
        As of ``cross_entropy``.

    Raises
    ------
    ValueError
        The shapes differ.
    RuntimeError
        An input or a target is outside of [0, 1], or ``weight`` does not broadcast to the input.

    Examples
    --------
    >>> import autograd
    >>> x, t = autograd.tensor([0.5, 1.0]), autograd.tensor([1.0, 0.0])
    >>> binary_cross_entropy(x, t, reduction="none")
    tensor([  0.6931, 100.0000])

    Source: ``torch.nn.functional.binary_cross_entropy``.
    """
    name = "binary_cross_entropy"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input=input)
    _check_one_shape(name, input, target)
    values = array_of(input)
    if not ((values >= 0) & (values <= 1)).all():
        raise RuntimeError(
            f"{name}: input must hold probabilities in [0, 1], got values from {values.min()} to "
            f"{values.max()}; for scores use binary_cross_entropy_with_logits"
        )
    wanted = array_of(target)
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise RuntimeError(
            f"{name}: target must hold probabilities in [0, 1], got values from {wanted.min()} to "
            f"{wanted.max()}"
        )
    check_broadcasts(name, input, weight=weight)
    losses = ops.binary_cross_entropy(input, target)
    return reduced(losses if weight is None else losses * weight, reduction)


@naming
def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """-(p t log s(z) + (1 - t) log(1 - s(z))), s the sigmoid, of logits z and probabilities t.

    Computed as (1 - t) z - (1 + (p - 1) t) log s(z), which cannot overflow; d/dz = s(z) - t.
    For two classes, or for several that may hold at once.

    Parameters
    ----------
    input, target : Tensor
        Of one shape.
    weight : Tensor, optional
        Multiplies each loss; it is broadcast.
    size_average, reduce, reduction
        As of ``cross_entropy``.
    pos_weight : Tensor, optional
        p, the weight of the positive cases, (C,) for a class each; it is broadcast.

    Raises
    ------
    ValueError
        The shapes differ.
    RuntimeError
        A weight does not broadcast to the input.

    Examples
    --------
    >>> import autograd
    >>> z, t = autograd.tensor([-2.0, 0.0, 3.0]), autograd.tensor([0.0, 1.0, 1.0])
    >>> binary_cross_entropy_with_logits(z, t, reduction="none")
    tensor([0.1269, 0.6931, 0.0486])

    Source: ``torch.nn.functional.binary_cross_entropy_with_logits``.
    """
    name = "binary_cross_entropy_with_logits"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input=input)
    _check_one_shape(name, input, target)
    check_broadcasts(name, input, weight=weight, pos_weight=pos_weight)
    losses = ops.binary_cross_entropy_with_logits(input, target)
    if pos_weight is not None:
        losses = losses + (pos_weight - 1) * target * -logsigmoid(input)
    return reduced(losses if weight is None else losses * weight, reduction)


def _composed(input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float) -> Any:
    """Return the cross-entropy with a derivative for the probabilities, too."""
    dim = 1 if input.ndim > 1 else 0
    classes = input.shape[dim]
    wanted = target * (1 - label_smoothing) + label_smoothing / classes
    if weight is not None:
        wanted = wanted * array_of(weight).reshape(-1, *(1,) * max(input.ndim - 2, 0))
    losses = -autograd.sum(autograd.log_softmax(input, dim) * wanted, dim)
    return reduced(losses, reduction)


def _grouped(input: Any, targets: np.ndarray[Any, Any]) -> tuple[Any, Any, tuple[int, ...]]:
    """Return scores as (N, C) or (N, C, L), targets to match, and the shape of the losses."""
    shape = shape_of(input)
    kept = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if len(shape) in (2, 3):
        return input, targets, kept
    if len(shape) == 1:
        return input.reshape((1, -1)), targets.reshape((1, *targets.shape)), kept
    places = (shape[0], shape[1], int(np.prod(shape[2:])))
    of_targets = places if targets.dtype.kind == "f" else (places[0], places[2])
    return input.reshape(places), targets.reshape(of_targets), kept


def _checked_shape(
    function: str, shape: tuple[int, ...], classes: np.ndarray[Any, Any], weight: Any
) -> np.ndarray[Any, Any]:
    """Return the classes as int64; refuse other things than classes, and shapes that do not fit."""
    if classes.dtype.kind not in "iu":
        raise TypeError(
            f"{function}: target must hold classes, as integers, got {classes.dtype} of shape "
            f"{classes.shape}"
        )
    if not shape or classes.shape != (shape[:1] + shape[2:] if len(shape) > 1 else ()):
        raise ValueError(
            f"{function}: expected input of shape (N, C) and target of shape (N,), or input of "
            f"shape (N, C, d1, ...) and target of shape (N, d1, ...), "
            f"got {shape} and {classes.shape}"
        )
    _check_weight(function, weight, shape[1] if len(shape) > 1 else shape[0])
    return classes.astype(np.int64, copy=False)


def _classes(
    function: str, input: Any, classes: np.ndarray[Any, Any], weight: Any, ignore_index: int
) -> np.ndarray[Any, Any]:
    """Return the classes as int64, checked against the input's shape and number of classes."""
    shape = shape_of(input)
    classes = _checked_shape(function, shape, classes, weight)
    number = shape[1] if len(shape) > 1 else shape[0]
    wrong = ((classes < 0) | (classes >= number)) & (classes != ignore_index)
    if wrong.any():
        raise IndexError(
            f"{function}: target {classes[wrong].flat[0]} is out of range: input of shape {shape} "
            f"has classes 0 to {number - 1}"
        )
    return classes


def _check_probabilities(
    function: str, shape: tuple[int, ...], targets: np.ndarray[Any, Any], weight: Any
) -> None:
    if not shape or targets.shape != shape:
        raise ValueError(
            f"{function}: expected classes, as integers, of shape (N,) or probabilities shaped as "
            f"the input, {shape}, got {targets.dtype} targets of shape {targets.shape}"
        )
    _check_weight(function, weight, shape[1] if len(shape) > 1 else shape[0])


def _check_weight(function: str, weight: Any, classes: int) -> None:
    if weight is None:
        return
    if shape_of(weight) != (classes,):
        raise ValueError(
            f"{function}: weight must have shape {(classes,)}, one for each class, "
            f"got {shape_of(weight)}"
        )
    if getattr(weight, "requires_grad", False):
        raise RuntimeError(f"{function}: has no derivative for weight; give weight.detach()")


def _check_one_shape(function: str, input: Any, target: Any) -> None:
    if shape_of(input) != shape_of(target):
        raise ValueError(
            f"{function}: input and target must have one shape, "
            f"got {shape_of(input)} and {shape_of(target)}"
        )
