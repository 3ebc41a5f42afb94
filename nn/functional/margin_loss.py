"""Hinge losses: nothing to pay once the right answer leads by a margin.

Where a hinge bends, its derivative is that of the flat side, 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.arguments import a_number
from autograd.naming import naming

from .arguments import check_broadcasts, check_floating, shape_of
from .reductions import array_of, reduced, reduction_of
from .smooth import logsigmoid

__all__ = [
    "multi_margin_loss",
    "multiclass_hinge_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "perceptron_loss",
    "soft_margin_loss",
]


@naming
def multiclass_hinge_loss(
    input: Any, target: Any, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """Multiclass SVM of the course: L_i = sum over j != y of max(0, s_j - s_y + margin).

    dL_i/ds_j = 1 where s_j - s_y + margin > 0, and dL_i/ds_y = minus their number. It does not
    divide by the number of classes, as ``multi_margin_loss`` does. Bounds: 0 and infinity; with C
    equal scores it is (C - 1) margin. Scaling the weights and the margin together scales the loss.

    Shapes: input (N, C) or (C,); target (N,) or (); with 'none' the losses are shaped as target.

    Parameters
    ----------
    input : Tensor
        Scores.
    target : Tensor or array of int
        The right classes.
    margin : float
        By how much the right class has to lead.
    reduction : {'mean', 'sum', 'none'}
        What to make of the losses.

    Raises
    ------
    ValueError
        The shapes do not fit, or the reduction is none of these.
    IndexError
        A target is not a class.

    Examples
    --------
    >>> import autograd
    >>> scores = autograd.tensor([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    >>> multiclass_hinge_loss(scores, autograd.tensor([0, 1, 2]), reduction="none")
    tensor([ 2.9000,  0.0000, 12.9000])

    Source: CS231n; Weston and Watkins (1999).
    """
    name = "multiclass_hinge_loss"
    reduction = reduction_of(name, reduction)
    margins = _margins(name, input, target, a_number(margin, "margin", name))
    return reduced(autograd.sum(margins, -1), reduction)


@naming
def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Multiclass SVM of PyTorch: L_i = w_y / C sum over j != y of max(0, s_j - s_y + margin)^p.

    The course's, which does not divide by C, is ``multiclass_hinge_loss``.

    Shapes: input (N, C) or (C,); target (N,) or (); weight (C,).

    Raises
    ------
    ValueError
        p is neither 1 nor 2, the shapes do not fit, or the reduction is unknown.
    IndexError
        A target is not a class.

    Examples
    --------
    >>> import autograd
    >>> multi_margin_loss(autograd.tensor([3.2, 5.1, -1.7]), autograd.tensor(0))
    tensor(0.9667)

    Source: ``torch.nn.functional.multi_margin_loss``.
    """
    name = "multi_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError(f"{name}: p must be 1 or 2, got {p!r}")
    margins = _margins(name, input, target, a_number(margin, "margin", name))
    classes = shape_of(input)[-1]
    if p == 2:
        margins = autograd.square(margins)
    if weight is not None:
        if shape_of(weight) != (classes,):
            raise ValueError(
                f"{name}: weight must have shape {(classes,)}, one for each class, "
                f"got {shape_of(weight)}"
            )
        margins = margins * np.expand_dims(array_of(weight)[array_of(target)], -1)
    return reduced(autograd.sum(margins, -1) / classes, reduction)


@naming
def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Hinge of every right class over every wrong one: 1/C sum_y sum_j max(0, 1 - (s_y - s_j)).

    Shapes: input and target (N, C) or (C,); a row of the target lists classes, and ends at the
    first -1.

    Raises
    ------
    ValueError
        The shapes do not fit, or the reduction is unknown.
    TypeError
        The target does not hold integers.
    IndexError
        A target is not a class.

    Examples
    --------
    >>> import autograd
    >>> scores = autograd.tensor([[0.1, 0.2, 0.4, 0.8]])
    >>> multilabel_margin_loss(scores, autograd.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)

    Source: ``torch.nn.functional.multilabel_margin_loss``.
    """
    name = "multilabel_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input=input)
    labels, shape = array_of(target), shape_of(input)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: target must hold classes, as integers, got {labels.dtype}")
    if len(shape) not in (1, 2) or labels.shape != shape:
        raise ValueError(
            f"{name}: expected input and target of one shape, (N, C) or (C,), "
            f"got {shape} and {labels.shape}"
        )
    classes = shape[-1]
    rows = labels.reshape(-1, classes)
    listed = np.logical_and.accumulate(rows >= 0, axis=1)
    longest = int(listed.sum(1).max(initial=0))
    rows, listed = np.where(listed, rows, 0)[:, :longest], listed[:, :longest]
    if (rows >= classes).any():
        raise IndexError(
            f"{name}: target {rows.max()} is out of range: there are classes 0 to {classes - 1}"
        )
    right = np.zeros((len(rows), classes), bool)
    np.logical_or.at(right, (np.arange(len(rows))[:, None], rows), listed)
    scores = input.reshape((-1, classes))
    ours = autograd.gather(scores, 1, rows)
    margins = autograd.relu(1 - (ours.reshape((*rows.shape, 1)) - scores.reshape((-1, 1, classes))))
    counted = (listed[:, :, None] & ~right[:, None, :]).astype(input.dtype)
    losses = autograd.sum(margins * counted, (1, 2)) / classes
    return reduced(losses if len(shape) == 2 else losses.reshape(()), reduction)


@naming
def soft_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Logistic loss of scores x and labels y = +-1: log(1 + e^(-y x)), without overflow.

    Shapes: input and target alike, of any shape.

    Raises
    ------
    ValueError
        The shapes differ, or the reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> soft_margin_loss(autograd.tensor([0.0, -1000.0]), autograd.tensor([1, 1]), reduction="none")
    tensor([6.9315e-01, 1.0000e+03])

    Source: ``torch.nn.functional.soft_margin_loss``.
    """
    reduction = reduction_of("soft_margin_loss", reduction, size_average, reduce)
    _check_one_shape("soft_margin_loss", input, target)
    return reduced(-logsigmoid(target * input), reduction)


@naming
def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Binary cross-entropy of each class, averaged over the classes: a sample may have several.

    L_i = -1/C sum_j w_j (t_j log s(x_j) + (1 - t_j) log s(-x_j)), s the sigmoid.

    Shapes: input and target (..., C) -> (...); weight (C,).

    Raises
    ------
    ValueError
        The shapes differ, or the reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> multilabel_soft_margin_loss(autograd.zeros(1, 3), autograd.tensor([[1.0, 0.0, 1.0]]))
    tensor(0.6931)

    Source: ``torch.nn.functional.multilabel_soft_margin_loss``.
    """
    name = "multilabel_soft_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    _check_one_shape(name, input, target)
    check_broadcasts(name, input, weight=weight)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        losses = losses * weight
    return reduced(autograd.mean(losses, -1), reduction)


@naming
def perceptron_loss(input: Any, target: Any, reduction: str = "sum") -> Any:
    """Rosenblatt's criterion: -y f summed over the misclassified, f the scores, y = +-1.

    Misclassified are those with y f <= 0: on the boundary, too, the derivative is -y, so that
    learning can begin at weights of 0. Divided by the length of the weights it is a distance.

    Shapes: input and target alike, of any shape.

    Parameters
    ----------
    input : Tensor
        Scores, such as w . x + b.
    target : Tensor or array
        Labels, 1 or -1.
    reduction : {'sum', 'mean', 'none'}
        What to make of max(0, -y f).

    Raises
    ------
    ValueError
        The shapes differ, a label is neither 1 nor -1, or the reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> perceptron_loss(autograd.tensor([3.0, -2.5, -1.0]), autograd.tensor([1, 1, -1]))
    tensor(2.5000)

    Source: Rosenblatt (1958).
    """
    reduction = reduction_of("perceptron_loss", reduction)
    _check_one_shape("perceptron_loss", input, target)
    labels = array_of(target)
    if not (np.abs(labels) == 1).all():
        wrong = labels[np.abs(labels) != 1].flat[0]
        raise ValueError(f"perceptron_loss: labels must be 1 or -1, got {wrong}")
    return reduced(autograd.clamp_min(-(input * target), 0), reduction)


def _margins(name: str, input: Any, target: Any, margin: float) -> Any:
    """Return max(0, s_j - s_y + margin), and 0 at j = y: shaped as input."""
    check_floating(name, input=input)
    classes, shape = array_of(target), shape_of(input)
    if classes.dtype.kind not in "iu":
        raise TypeError(f"{name}: target must hold classes, as integers, got {classes.dtype}")
    if len(shape) not in (1, 2) or classes.shape != shape[:-1]:
        raise ValueError(
            f"{name}: expected input of shape (N, C) and target of shape (N,), or (C,) and (), "
            f"got {shape} and {classes.shape}"
        )
    wrong = (classes < 0) | (classes >= shape[-1])
    if wrong.any():
        raise IndexError(
            f"{name}: target {classes[wrong].flat[0]} is out of range: input of shape {shape} has "
            f"classes 0 to {shape[-1] - 1}"
        )
    index = np.expand_dims(classes.astype(np.int64), -1)
    others = np.ones(shape, input.dtype)
    np.put_along_axis(others, index, 0, -1)
    return autograd.relu(input - autograd.gather(input, len(shape) - 1, index) + margin) * others


def _check_one_shape(function: str, input: Any, target: Any) -> None:
    check_floating(function, input=input)
    if shape_of(input) != shape_of(target):
        raise ValueError(
            f"{function}: input and target must have one shape, "
            f"got {shape_of(input)} and {shape_of(target)}"
        )
