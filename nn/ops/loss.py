"""The cross-entropy, fused with the softmax before it."""

from __future__ import annotations

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.ops.probabilities import softmax_over

__all__ = ["cross_entropy", "cross_entropy_input"]


def _cross_entropy_vjp(upstream, x, target, reduction, weight, ignore_index, label_smoothing, p):
    options = {
        "target": target,
        "reduction": reduction,
        "weight": weight,
        "ignore_index": ignore_index,
        "label_smoothing": label_smoothing,
    }
    return (cross_entropy_input(upstream, x, p=p, **options),)


@structural(vjp=_cross_entropy_vjp, caches=("p",))
def cross_entropy(
    x, *, target, reduction="mean", weight=None, ignore_index=-100, label_smoothing=0.0
):
    """L_i = -log(e^{x_i,t_i} / sum over j of e^{x_i,j}), then its mean, its sum, or all L_i.

    Shapes: x (N, C); target (N,) class indices, or (N, C) probabilities; weight (C,) or None.
    Rows with target ``ignore_index`` count neither in the sum nor in the mean's divisor, which is
    the sum of the targets' weights. Smoothing mixes the target with the uniform distribution.

    Raises
    ------
    IndexError
        If a target is not a class.
    ValueError
        If the shapes do not fit, or ``reduction`` is unknown.

    Examples
    --------
    >>> x = np.array([[3.2, 5.1, -1.7]])
    >>> round(float(cross_entropy(x, target=np.array([0]))), 8)
    2.04035515
    """
    _check(x, target, reduction)
    rows, divisor = _target_rows(x, target, weight, ignore_index, label_smoothing)
    p = x - np.max(x, axis=1, keepdims=True)
    if isinstance(rows, tuple):
        index, scale = rows
        chosen, mass = p[np.arange(len(x)), index], 1
    else:
        chosen, mass, scale = np.einsum("nc,nc->n", p, rows), rows.sum(1), 1
    np.exp(p, out=p)
    sums = np.sum(p, axis=1, keepdims=True)
    p /= sums
    losses = (np.log(sums[:, 0]) * mass - chosen) * scale
    losses[mass * scale == 0] = 0  # an ignored row, whatever its scores
    if reduction == "none":
        return losses, p
    total = np.sum(losses)
    if reduction == "sum":
        return total, p
    with np.errstate(invalid="ignore"):  # the mean of no rows is NaN, as in PyTorch
        return total / divisor, p


def _input_vjp(upstream, wanted, y, x, target, reduction, weight, ignore_index, label_smoothing, p):
    def formula(y, x):
        rows, divisor = _dense(x, target, weight, ignore_index, label_smoothing, p.dtype)
        dx = softmax_over(x, dim=1) * rows.sum(1, keepdims=True) - rows
        return dx * _per_row(y, reduction, divisor)

    return formula_vjp(formula, (y, x), upstream, wanted)


@structural(vjp=_input_vjp)
def cross_entropy_input(
    y, x, *, target, p, reduction="mean", weight=None, ignore_index=-100, label_smoothing=0.0
):
    """dL/dx = p - onehot(t), for each row, times y (and divided as the mean is): shape (N, C).

    ``p`` is softmax(x). With weights or smoothing the one-hot row is the target distribution q,
    and the gradient p * sum(q) - q.
    """
    rows, divisor = _target_rows(x, target, weight, ignore_index, label_smoothing)
    if isinstance(rows, tuple):
        index, scale = rows
        scale = scale[:, None] * _per_row(y, reduction, divisor)
        dx = p * scale
        dx[np.arange(len(x)), index] -= scale[:, 0]
        return dx
    return (p * rows.sum(1, keepdims=True) - rows) * _per_row(y, reduction, divisor)


def _per_row(y, reduction, divisor):
    """Return what multiplies each row's gradient: a number, or a column of numbers."""
    if reduction == "none":
        return np.reshape(y, (-1, 1))
    if reduction == "sum":
        return y
    return y / divisor if divisor else 0 * y  # the mean of no rows moves nothing, as in PyTorch


def _target_rows(x, target, weight, ignore_index, label_smoothing):
    """Return the target distributions, and the divisor of their mean.

    The distributions are ``(class indices, scales)`` for plain classes, or dense rows (N, C).
    """
    if target.ndim == 2 or label_smoothing:
        return _dense(x, target, weight, ignore_index, label_smoothing, x.dtype)
    index, scale = _classes(x, target, weight, ignore_index)
    return (index, scale), scale.sum()


def _dense(x, target, weight, ignore_index, label_smoothing, dtype):
    classes = x.shape[1]
    if target.ndim == 2:
        rows = target.astype(dtype)
        rows = rows * (1 - label_smoothing) + label_smoothing / classes
        return (rows if weight is None else rows * weight), dtype.type(max(len(target), 1))
    index, scale = _classes(x, target, None, ignore_index)
    rows = np.zeros((len(target), classes), dtype)
    rows[np.arange(len(target)), index] = 1
    rows = rows * dtype.type(1 - label_smoothing) + dtype.type(label_smoothing / classes)
    rows *= scale[:, None]
    if weight is None:
        return rows, scale.sum()
    return rows * weight, (scale * weight[index]).sum()


def _classes(x, target, weight, ignore_index):
    """Return class indices (0 for ignored rows) and each row's scale (0 for ignored rows)."""
    ignored = target == ignore_index
    index = np.where(ignored, 0, target) if ignored.any() else target
    wrong = (index < 0) | (index >= x.shape[1])
    if wrong.any():
        raise IndexError(
            f"cross_entropy: target {target[wrong][0]} (row {int(np.argmax(wrong))}) is not one of "
            f"the {x.shape[1]} classes 0 to {x.shape[1] - 1}"
        )
    scale = np.ones(len(x), x.dtype) if weight is None else weight[index].astype(x.dtype)
    return index, np.where(ignored, x.dtype.type(0), scale)


def _check(x, target, reduction):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"cross_entropy: reduction is mean, sum or none, got {reduction!r}")
    fits = target.shape == x.shape if target.dtype.kind == "f" else target.shape == x.shape[:1]
    if x.ndim != 2 or not fits or target.dtype.kind not in "iuf":
        raise ValueError(
            "cross_entropy: expects x (N, C) and class indices (N,) or probabilities (N, C), "
            f"got x of shape {x.shape} and {target.dtype} targets of shape {target.shape}"
        )
