"""The cross-entropy, fused with the softmax before it.

One pass takes exponentials, which the backward pass scales: dL/dx = e^x / sum - onehot. Scores have
their classes along axis 1, (N, C) or (N, C, L), as they lie in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.ops.probabilities import softmax_over
from autograd.ops.single import exponential
from autograd.parallel import block_ranges, parallel_for

from .moments import long_rows

__all__ = ["cross_entropy", "cross_entropy_input"]


BOUND = 2.0**24  # sums of exponentials within 1 / BOUND and BOUND lose nothing that counts
RARE = 2.0**100  # sum / exponential: of a sum so bounded, a float32 has the exponential in full
LARGE = 1 << 18  # elements from which on samples are taken in blocks
BLOCK = 1 << 16  # elements of a block
MANY = 4096  # classes from which on they are added in pairs, which rounds less and takes longer


def _cross_entropy_vjp(
    upstream, x, target, reduction, weight, ignore_index, label_smoothing, exponentials, sums, known
):
    options = {
        "target": target,
        "reduction": reduction,
        "weight": weight,
        "ignore_index": ignore_index,
        "label_smoothing": label_smoothing,
    }
    kept = {"exponentials": exponentials, "sums": sums, "known": known}
    return (cross_entropy_input(upstream, x, **options, **kept),)


@structural(vjp=_cross_entropy_vjp, caches=("exponentials", "sums", "known"))
def cross_entropy(
    x, *, target, reduction="mean", weight=None, ignore_index=-100, label_smoothing=0.0
):
    """L_i = -log(e^{x_i,t_i} / sum over j of e^{x_i,j}), then its mean, its sum, or all L_i.

    Shapes: x (N, C) or (N, C, L); target, class indices without the axis of classes, or
    probabilities shaped as x; weight (C,) or None.  Places with target ``ignore_index`` count
    neither in the sum nor in the mean's divisor, which is the sum of the targets' weights.
    Smoothing mixes the target with the uniform distribution.

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
    if target.dtype.kind == "f" or label_smoothing:
        known = None
        rows, divisor = _dense(x, target, weight, ignore_index, label_smoothing, x.dtype)
        losses, exponentials, sums = _against_distributions(x, rows)
    else:
        known = index, scale, divisor = _classes(x, target, weight, ignore_index)
        losses, exponentials, sums = _against_classes(x, index)
        if scale is not None:
            losses *= scale
            losses[scale == 0] = 0  # an ignored place, whatever its scores
    if reduction == "none":
        return losses, exponentials, sums, known
    total = np.add.reduce(losses, axis=None)
    if reduction == "mean":
        total = total / divisor if divisor else total * x.dtype.type(np.nan)  # of none, as PyTorch
    return total, exponentials, sums, known


def _against_classes(x, index):
    """Return log(sum_j e^x_j / e^x_t), the exponentials and their sums, by blocks of samples."""
    losses, exponentials = np.empty(index.shape, x.dtype), np.empty_like(x)
    sums = np.empty_like(losses)

    def block(start, stop):
        part = slice(start, stop)
        losses[part], sums[part] = _of_samples(x[part], index[part], exponentials[part])

    _by_blocks(block, x)
    return losses, exponentials, sums


def _of_samples(x, index, exponentials):
    """Write the exponentials; return the losses and the sums.

    Moderate scores are not shifted, which saves two passes; the quotient, at least 1, loses
    nothing.  Whether they were moderate is seen in the sums.
    """
    if x.size and x.dtype.itemsize >= 4:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            exponential(x, exponentials)
            sums = _added(exponentials)
            quotient = sums / _picked(exponentials, index)
        least, most = np.minimum.reduce(sums, None), np.maximum.reduce(sums, None)
        if 1 / BOUND <= least and most <= BOUND and np.maximum.reduce(quotient, None) <= RARE:
            return np.log(quotient), sums
    np.subtract(x, np.maximum.reduce(x, axis=1, keepdims=True), out=exponentials)
    chosen = _picked(exponentials, index)
    np.exp(exponentials, out=exponentials)
    sums = _added(exponentials)
    return np.log(sums) - chosen, sums


def _by_blocks(work, x):
    """Call ``work(start, stop)`` for blocks of samples, which threads share if there are many."""
    if x.size <= LARGE:
        work(0, len(x))
        return
    ranges = block_ranges(len(x), max(1, BLOCK * len(x) // x.size))
    parallel_for(lambda i: work(*ranges[i]), len(ranges), seconds=x.size * 0.5e-9)


def _against_distributions(x, rows):
    """Return log(sum_j e^x_j) sum_j q_j - sum_j q_j x_j, the exponentials and their sums."""
    exponentials = x - np.maximum.reduce(x, axis=1, keepdims=True)
    losses = -np.einsum("nc...,nc...->n...", exponentials, rows)
    np.exp(exponentials, out=exponentials)
    sums = _added(exponentials)
    mass = rows.sum(1)
    losses += np.log(sums) * mass
    losses[mass == 0] = 0
    return losses, exponentials, sums


def _added(exponentials):
    """Return the sums over the classes; of not too many, einsum's are three times as fast."""
    if exponentials.ndim == 2 and exponentials.shape[1] < MANY:
        return np.einsum("nc->n", exponentials)
    return np.add.reduce(exponentials, axis=1)


def _input_vjp(
    upstream, wanted, y, x, target, reduction, weight, ignore_index, label_smoothing, sums
):
    options = (target, weight, ignore_index, label_smoothing)

    def formula(y, x):
        rows, divisor = _dense(x, *options, sums.dtype)
        dx = softmax_over(x, dim=1) * rows.sum(1, keepdims=True) - rows
        return dx * _at_each_place(y, reduction, divisor, target, ignore_index)

    return formula_vjp(formula, (y, x), upstream, wanted)


@structural(vjp=_input_vjp)
def cross_entropy_input(
    y,
    x,
    *,
    target,
    exponentials,
    sums,
    known,
    reduction="mean",
    weight=None,
    ignore_index=-100,
    label_smoothing=0.0,
):
    """dL/dx = p - onehot(t) at each place, times y (and divided as the mean is): shaped as x.

    p is ``exponentials / sums``, and ``known`` what the forward pass found out about the classes.
    With weights or smoothing the one-hot vector is the target distribution q, and the gradient
    p * sum(q) - q.
    """
    if known is None:
        rows, divisor = _dense(x, target, weight, ignore_index, label_smoothing, x.dtype)
        p = exponentials / np.expand_dims(sums, 1)
        return (p * rows.sum(1, keepdims=True) - rows) * _at_each_place(
            y, reduction, divisor, target, ignore_index
        )
    index, scale, divisor = known
    y = _at_each_place(y, reduction, divisor, target, ignore_index)
    if scale is not None:
        y = y * scale[:, None]
    scales = y / sums[:, None]
    dx = np.empty_like(exponentials)

    def block(start, stop):
        part = slice(start, stop)
        with long_rows(dx.shape[-1]):
            np.multiply(exponentials[part], scales[part], out=dx[part])

    _by_blocks(block, dx)
    if index.ndim == 1:
        dx[np.arange(len(index)), index] -= y.reshape(-1) if np.ndim(y) else y
    else:
        index = np.expand_dims(index, 1)
        np.put_along_axis(dx, index, np.take_along_axis(dx, index, 1) - y, 1)
    return dx


def _picked(x, index):
    """Return the score of each place's class."""
    if index.ndim == 1:
        return x[np.arange(len(index)), index]
    return np.take_along_axis(x, np.expand_dims(index, 1), 1)[:, 0]


def _at_each_place(y, reduction, divisor, target, ignore_index):
    """Return what multiplies the gradient of each place: a number, or one a place."""
    if reduction == "none":
        return np.expand_dims(y, 1)
    if reduction == "sum":
        return y
    if divisor:
        return y / divisor
    if target.dtype.kind == "f":  # of no place
        return 0 * y
    # As in PyTorch a mean by weights that sum to 0 is 0 / 0 at each place that is not ignored.
    dtype = y.dtype.type
    missing = np.where(target != ignore_index, dtype(np.nan), dtype(0))
    return y * np.expand_dims(missing, 1)


def _dense(x, target, weight, ignore_index, label_smoothing, dtype):
    """Return the target distributions, shaped as x, and the divisor of their mean."""
    classes = x.shape[1]
    if weight is not None:
        weight = weight.astype(dtype)
        weights = weight.reshape(-1, *(1,) * (x.ndim - 2))
    if target.dtype.kind == "f":
        rows = target.astype(dtype)
        rows = rows * dtype.type(1 - label_smoothing) + dtype.type(label_smoothing / classes)
        places = target.size // max(classes, 1)
        return (rows if weight is None else rows * weights), dtype.type(places)
    index, scale, _ = _classes(x, target, None, ignore_index)
    rows = np.zeros(x.shape, dtype)
    np.put_along_axis(rows, np.expand_dims(index, 1), 1, 1)
    rows = rows * dtype.type(1 - label_smoothing) + dtype.type(label_smoothing / classes)
    scale = np.ones(index.shape, dtype) if scale is None else scale.astype(dtype)
    rows *= np.expand_dims(scale, 1)
    if weight is None:
        return rows, scale.sum()
    return rows * weights, (scale * weight[index]).sum()


def _classes(x, target, weight, ignore_index):
    """Return class indices, their scales, and the divisor of their mean.

    Where a target is ignored its index and its scale are 0; scales that are all 1 are None.
    """
    index: Any = target
    ignored = None
    if target.size and not (
        0 <= np.minimum.reduce(target, None) and np.maximum.reduce(target, None) < x.shape[1]
    ):
        ignored = target == ignore_index
        index = np.where(ignored, 0, target)
        wrong = (index < 0) | (index >= x.shape[1])
        if wrong.any():
            raise IndexError(
                f"cross_entropy: target {target[wrong].flat[0]} (row {int(np.argmax(wrong))}) is "
                f"out of range: input of shape {x.shape} has classes 0 to {x.shape[1] - 1}"
            )
    elif ignore_index >= 0:
        ignored = target == ignore_index
    if weight is None and ignored is None:
        return index, None, x.dtype.type(index.size)
    scale = np.ones(index.shape, x.dtype) if weight is None else weight[index].astype(x.dtype)
    if ignored is not None:
        scale = np.where(ignored, x.dtype.type(0), scale)
    return index, scale, scale.sum()


def _check(x, target, reduction):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"cross_entropy: reduction is mean, sum or none, got {reduction!r}")
    fits = x.shape if target.dtype.kind == "f" else x.shape[:1] + x.shape[2:]
    if x.ndim not in (2, 3) or target.shape != fits or target.dtype.kind not in "iuf":
        raise ValueError(
            "cross_entropy: expects x (N, C) or (N, C, L) and class indices (N,) or (N, L), or "
            f"probabilities shaped as x, got x of shape {x.shape} and {target.dtype} targets of "
            f"shape {target.shape}"
        )
