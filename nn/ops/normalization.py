"""Batch normalisation: each channel brought to mean 0 and variance 1, then scaled and shifted.

In training the statistics come from the batch, so every sample's gradient depends on all others:
by two numbers a channel, which are also the gradients of bias and weight. Channels do not know of
each other, so a block of them, over all samples, goes through a kernel from first sum to last
product while it is in the cache.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

from .moments import (
    SHORT,
    backward_formula,
    far_from_zero,
    long_rows,
    row_products,
    row_sums,
)

__all__ = ["batch_norm", "batch_norm_backward"]

BLOCK_FLOATS = 1 << 17  # 512 KB: several passes over a block stay within the second-level cache
LONG = 512  # elements: a shorter run is not worth a call of its own
SECONDS_PER_ELEMENT = 1e-9


def _batch_norm_vjp(upstream, x, weight, training, eps, mean, rstd):
    statistics = {"training": training, "eps": eps, "mean": mean, "rstd": rstd}
    dx, dweight, dbias = batch_norm_backward(upstream, x, weight, **statistics)
    return dx, dweight, dbias, None, None


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
    divisor n - 1; they are changed in place. Otherwise the running statistics are used. An empty
    batch moves nothing.

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
    planes = _planes(x)
    count = planes.shape[0] * planes.shape[2]
    if training:
        mean, variance = np.zeros((2, planes.shape[1]))
    else:
        mean, variance = running_mean.astype(np.float64), running_var.astype(np.float64)
    rstd = np.empty_like(mean)
    z = np.empty(planes.shape, x.dtype)

    def work(channels):
        block = planes[:, channels]
        shift = None
        if training:
            mean[channels], variance[channels], shift = _moments(block)
        elif far_from_zero(mean[channels], variance[channels]):
            shift = mean[channels].astype(x.dtype)
        rstd[channels] = 1 / np.sqrt(variance[channels] + eps)
        if not count:
            return
        scale = rstd[channels] if weight is None else rstd[channels] * weight[channels]
        offset = (shift if shift is not None else 0) - mean[channels]
        offset = offset * scale if bias is None else offset * scale + bias[channels]
        scale, offset = _spread(scale, block), _spread(offset, block)
        shift = None if shift is None else _spread(shift, block)
        with long_rows(scale.size):
            for part, out in _parts(block, z[:, channels]):
                part = part if shift is None else np.subtract(part, shift, out=out)
                np.multiply(part, scale, out=out)
                np.add(out, offset, out=out)

    _run(work, planes)
    if training and running_mean is not None and count:
        unbiased = variance * (count / (count - 1))
        running_mean += (momentum * (mean - running_mean)).astype(running_mean.dtype)
        running_var += (momentum * (unbiased - running_var)).astype(running_var.dtype)
    return z.reshape(x.shape), mean, rstd


def _backward_vjp(upstream, wanted, y, x, weight, training, eps, mean, rstd):
    shape = (1, x.shape[1]) + (1,) * (len(x.shape) - 2)
    axes = (0, *range(2, len(x.shape)))
    dtype = x.dtype
    fixed = [a.astype(dtype).reshape(shape) for a in (mean, rstd)]

    def formula(y, x, weight):
        return backward_formula(
            y, x, weight, axes=axes, parameters=shape, eps=eps, fixed=None if training else fixed
        )

    return formula_vjp(formula, (y, x, weight), upstream, wanted)


@structural(vjp=_backward_vjp, outputs=("dx", "dweight", "dbias"))
def batch_norm_backward(y, x, weight=None, *, mean, rstd, training=True, eps=1e-5):
    """Gradients of batch norm's input, weight and bias, given y, that of its output.

    dbias = sum y, dweight = sum y xhat, dx = weight rstd (y - dbias / n - xhat dweight / n). Per
    channel dx sums to 0, and so does its product with xhat. Outside training the statistics are
    constants: dx = weight rstd y.
    """
    planes, values = _planes(x), _planes(y)
    count = planes.shape[0] * planes.shape[2] or 1
    dx = np.empty(values.shape, y.dtype)
    dweight, dbias = np.empty((2, planes.shape[1]), y.dtype)

    def work(channels):
        block, upstream, out = planes[:, channels], values[:, channels], dx[:, channels]
        centre = mean[channels]
        shift = None
        if not np.all(centre * centre * rstd[channels] ** 2 <= 8):
            shift = centre.astype(x.dtype)
            centre = centre - shift
        total, product = _sums_of_products(block, upstream, shift)
        product = (product - centre * total) * rstd[channels]
        dweight[channels], dbias[channels] = product, total
        scale = rstd[channels] if weight is None else rstd[channels] * weight[channels]
        slope = -scale * rstd[channels] * product / count
        offset = -slope * centre - scale * total / count
        scale, slope, offset = (_spread(a, block) for a in (scale, slope, offset))
        shift = None if shift is None else _spread(shift, block)
        with long_rows(scale.size):
            spare = None
            for part, y_part, dx_part in _parts(block, upstream, out):
                np.multiply(y_part, scale, out=dx_part)
                if not training:
                    continue
                if spare is None:
                    spare = np.empty(part.shape, y.dtype)
                other = spare[: len(part)]
                part = part if shift is None else np.subtract(part, shift, out=other)
                np.multiply(part, slope, out=other)
                np.add(other, offset, out=other)
                np.add(dx_part, other, out=dx_part)

    _run(work, planes)
    return dx.reshape(x.shape), dweight, dbias


# ---------------------------------------------------------------- kernels on (N, C, S)


def _planes(x):
    """Return (N, C, ...) as (N, C, S), contiguous."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _run(work, planes):
    """Run ``work(channels)`` over blocks of channels, cut by their size."""
    samples, channels, size = planes.shape
    each = max(BLOCK_FLOATS // max(samples * size, 1), -(-LONG // max(size, 1)))
    ranges = [slice(*pair) for pair in block_ranges(channels, min(each, -(-channels // 2)))]
    seconds = SECONDS_PER_ELEMENT * planes.size
    parallel_for(lambda block: work(ranges[block]), len(ranges), seconds=seconds)


def _parts(block, *others):
    """Cut blocks into groups of samples that fit the cache."""
    samples, channels, size = block.shape
    step = max(1, BLOCK_FLOATS // max(channels * size, 1))
    for first in range(0, samples, step):
        yield tuple(each[first : first + step] for each in (block, *others))


def _spread(numbers, block):
    """Return one number a channel as one number an element: then rows are long, however small S."""
    spread = np.empty(block.shape[1:], block.dtype)
    spread[...] = numbers[:, None]
    return spread


def _moments(block):
    """Return each channel's mean and variance, and what was subtracted to find it, or None."""
    count = max(block.shape[0] * block.shape[2], 1)
    total, square = _sums_of_products(block)
    mean = total / count
    variance = square / count - mean * mean
    if not far_from_zero(mean, variance):
        return mean, variance, None
    shift = mean.astype(block.dtype)
    total, square = _sums_of_products(block, shift=shift)
    mean = total / count
    return mean + shift, np.maximum(square / count - mean * mean, 0), shift


def _sums_of_products(block, values=None, shift=None):
    """Sum values, and values times the shifted block; the block itself if there are no values."""
    total, product = np.zeros((2, block.shape[1]))
    narrow = block.shape[2] < SHORT
    for part, *other in _parts(block, *(() if values is None else (values,))):
        part = part if shift is None else part - shift[:, None]
        other = other[0] if other else part
        if narrow:
            total += np.add.reduce(other, 0).sum(1, dtype=np.float64)
            product += np.einsum("ncs,ncs->cs", part, other).sum(1, dtype=np.float64)
        else:
            total += row_sums(other).sum(0, dtype=np.float64)
            product += row_products(part, other).sum(0, dtype=np.float64)
    return total, product


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
    if training and x.size == x.shape[1] and x.size:
        raise ValueError(
            f"batch_norm: expects more than one value a channel in training, got shape {x.shape}"
        )
