"""Batch normalisation: each channel brought to mean 0 and variance 1, then scaled and shifted.

In training the statistics come from the batch, so every sample's gradient depends on all others;
``batch_norm_sums`` holds what couples them, two numbers a channel. The fast kernels are operations
whose own rules are the composed formula, so that they can be differentiated again.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

__all__ = ["batch_norm", "batch_norm_input", "batch_norm_sums"]

BLOCK_FLOATS = 1 << 17  # 512 KB: several passes over a block stay within the second-level cache
SECONDS_PER_ELEMENT = 5e-10


def _batch_norm_vjp(upstream, x, weight, training, eps, mean, rstd):
    statistics = {"training": training, "eps": eps, "mean": mean, "rstd": rstd}
    sums = batch_norm_sums(upstream, x, **statistics)
    dx = batch_norm_input(upstream, x, weight, sums, **statistics)
    return dx, sums[1], sums[0], None, None


@structural(vjp=_batch_norm_vjp, caches=("mean", "rstd"))
def batch_norm(
    x,
    weight=None,
    bias=None,
    running_mean=None,
    running_var=None,
    *,
    training=True,
    momentum=0.1,
    eps=1e-5,
):
    """Normalise: z = weight * (x - mean) / sqrt(var + eps) + bias, for each channel.

    Shapes: x (N, C, ...) -> the same; weight, bias, running_mean, running_var (C,). In training,
    mean and var are over all axes but C (var with divisor n), and the running statistics, where
    given, move towards them: ``running += momentum * (batch - running)``, the variance with
    divisor n - 1; they are changed in place. Otherwise the running statistics are used.

    Raises
    ------
    ValueError
        If the shapes do not fit, or training has only one value a channel.

    Examples
    --------
    >>> x = np.array([[1.0], [2.0], [3.0], [6.0]])
    >>> batch_norm(x, eps=0.0).round(4).ravel().tolist()
    [-1.069, -0.5345, 0.0, 1.6036]
    """
    _check(
        x, training, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var
    )
    rows = _rows(x)
    if training:
        count = rows.shape[0] * rows.shape[2]
        mean = (_channel_sums(_sum, rows) / count).astype(x.dtype)
        variance = _channel_sums(_sum_of_squares, rows, mean=mean) / count
        if running_mean is not None:
            unbiased = variance * (count / (count - 1))
            running_mean += (momentum * (mean - running_mean)).astype(running_mean.dtype)
            running_var += (momentum * (unbiased - running_var)).astype(running_var.dtype)
    else:
        mean, variance = running_mean.astype(x.dtype), running_var.astype(np.float64)
    rstd = (1 / np.sqrt(variance + eps)).astype(x.dtype)
    scale = rstd if weight is None else rstd * weight
    z = np.empty(rows.shape, x.dtype)

    def work(first, last):
        block = np.subtract(rows[first:last], mean[:, None], out=z[first:last])
        np.multiply(block, scale[:, None], out=block)
        if bias is not None:
            np.add(block, bias[:, None], out=block)

    _run(work, rows)
    return z.reshape(x.shape), mean, rstd


def _sums_vjp(upstream, wanted, y, x, training, eps, mean, rstd):
    def formula(y, x):
        normalised = _normalised(x, training, eps, mean, rstd)
        axes = _all_but_channel(x)
        return np.stack([np.sum(y, axes), np.sum(y * normalised, axes)])

    return formula_vjp(formula, (y, x), upstream, wanted)


@structural(vjp=_sums_vjp)
def batch_norm_sums(y, x, *, mean, rstd, training=True, eps=1e-5):
    """Sum y, and y times the normalised x, over all axes but the channel: shape (2, C).

    With y the gradient of batch norm's output these are the gradients of bias and weight, and all
    that one sample's gradient needs to know of the others.
    """
    rows, values = _rows(x), _rows(y)
    total = _channel_sums(_sum, values)
    product = _channel_sums(_sum_of_products, rows, values, mean=mean)
    return np.stack([total, product * rstd]).astype(y.dtype)


def _input_vjp(upstream, wanted, y, x, weight, sums, training, eps, mean, rstd):
    def formula(y, x, weight, sums):
        shape = _channel_shape(x)
        scale = rstd.reshape(shape)
        if training:
            normalised = _normalised(x, training, eps, mean, rstd)
            n = x.size // x.shape[1] if isinstance(x, np.ndarray) else x.numel() // x.shape[1]
            y = y - (np.reshape(sums[0], shape) + normalised * np.reshape(sums[1], shape)) / n
            scale = _rstd(x, eps)
        return y * scale if weight is None else y * scale * np.reshape(weight, shape)

    return formula_vjp(formula, (y, x, weight, sums), upstream, wanted)


@structural(vjp=_input_vjp)
def batch_norm_input(y, x, weight, sums, *, mean, rstd, training=True, eps=1e-5):
    """Gradient of the input: dx = weight * rstd * (y - sums[0] / n - xhat * sums[1] / n).

    Shapes: y and x (N, C, ...), weight (C,) or None, sums (2, C) of `batch_norm_sums`. Per channel
    the result sums to 0, and so does its product with xhat. Outside training the statistics are
    constants: dx = weight * rstd * y.
    """
    rows, values = _rows(x), _rows(y)
    scale = (rstd if weight is None else rstd * weight)[:, None]
    dx = np.empty(values.shape, y.dtype)
    if not training:
        _run(lambda first, last: np.multiply(values[first:last], scale, out=dx[first:last]), rows)
        return dx.reshape(x.shape)
    count = y.dtype.type(rows.shape[0] * rows.shape[2])
    mean, shift = mean[:, None], (sums[0] / count)[:, None]
    slope = (sums[1] * rstd / count)[:, None]

    def work(first, last):
        block = np.subtract(rows[first:last], mean, out=dx[first:last])
        np.multiply(block, slope, out=block)
        np.add(block, shift, out=block)
        np.subtract(values[first:last], block, out=block)
        np.multiply(block, scale, out=block)

    _run(work, rows)
    return dx.reshape(x.shape)


# ---------------------------------------------------------------- kernels on (N, C, L)


def _rows(x):
    """Return (N, C, ...) as (N, C, L), contiguous."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _run(work, rows):
    """Run ``work(first, last)`` over blocks of samples, cut by their size."""
    ranges = _ranges(rows)
    seconds = SECONDS_PER_ELEMENT * rows.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)


def _ranges(rows):
    """Cut the samples into blocks of one size, an even number of them if there are several."""
    blocks = max(1, -(-rows.size // BLOCK_FLOATS))
    blocks += blocks % 2 if blocks > 1 else 0
    return block_ranges(len(rows), -(-len(rows) // blocks))


def _channel_sums(kernel, rows, *others, mean=None):
    """Sum over samples and places by ``kernel``, block by block; blocks are added in float64."""
    ranges = _ranges(rows)
    parts = np.zeros((len(ranges), rows.shape[1]), rows.dtype)

    def work(block):
        first, last = ranges[block]
        kernel(rows[first:last], *(other[first:last] for other in others), mean, parts[block])

    parallel_for(work, len(ranges), seconds=SECONDS_PER_ELEMENT * rows.size)
    return np.add.reduce(parts, 0, dtype=np.float64)


def _sum(rows, mean, out):
    np.einsum("ncl->c", rows, out=out)


def _sum_of_squares(rows, mean, out):
    centred = rows - mean[:, None]
    np.einsum("ncl,ncl->c", centred, centred, out=out)


def _sum_of_products(rows, values, mean, out):
    np.einsum("ncl,ncl->c", rows - mean[:, None], values, out=out)


# ---------------------------------------------------------------- formulas on arrays or Tensors


def _all_but_channel(x):
    return (0, *range(2, x.ndim))


def _channel_shape(x):
    return (1, x.shape[1]) + (1,) * (x.ndim - 2)


def _rstd(x, eps):
    axes = _all_but_channel(x)
    centred = x - np.mean(x, axes, keepdims=True)
    return 1 / np.sqrt(np.mean(centred * centred, axes, keepdims=True) + eps)


def _normalised(x, training, eps, mean, rstd):
    """Return (x - mean) / sqrt(var + eps), the statistics being functions of x in training."""
    if training:
        return (x - np.mean(x, _all_but_channel(x), keepdims=True)) * _rstd(x, eps)
    shape = _channel_shape(x)
    return (x - mean.reshape(shape)) * rstd.reshape(shape)


def _check(x, training, **by_channel):
    """Raise unless x has channels, and every other array one value for each of them."""
    if x.ndim < 2:
        raise ValueError(f"batch_norm: expects x (N, C, ...), got shape {x.shape}")
    for name, array in by_channel.items():
        if array is not None and array.shape != x.shape[1:2]:
            raise ValueError(
                f"batch_norm: {name} expects shape ({x.shape[1]},) for x of shape {x.shape}, "
                f"got {array.shape}"
            )
    if not training and (by_channel["running_mean"] is None or by_channel["running_var"] is None):
        raise ValueError("batch_norm: expects running_mean and running_var when not training")
    if training and x.size <= x.shape[1]:
        raise ValueError(
            f"batch_norm: expects more than one value a channel in training, got shape {x.shape}"
        )
