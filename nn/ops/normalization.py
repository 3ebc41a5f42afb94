"""Batch normalisation: each channel brought to mean 0 and variance 1, then scaled and shifted.

In training the statistics come from the batch, so every sample's gradient depends on all others:
by two numbers a channel, which are also the gradients of bias and weight. Forward and backward are
each two passes over the data, in pieces that fit the second-level cache: sums, then, with a few
numbers a channel worked out from them, a x + b (backwards, a y + b x + c).
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

from .moments import FAR, SHORT, backward_formula, far_from_zero, long_rows, row_products, row_sums

__all__ = ["batch_norm", "batch_norm_backward"]

PIECE_FLOATS = 1 << 19  # 2 MB: calls on less are too short for threads to take turns
LONG = 512  # elements of a plane from which on broadcasting over planes is fast (long_rows)
SECONDS_PER_ELEMENT = 4e-10  # of one pass


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
    shift = None
    if training:
        mean, variance, shift = _moments(planes, max(count, 1))
    else:
        mean, variance = running_mean.astype(np.float64), running_var.astype(np.float64)
        if far_from_zero(mean, variance):
            shift = mean.astype(x.dtype)
    rstd = 1 / np.sqrt(variance + eps)
    scale = rstd if weight is None else rstd * weight
    offset = scale * ((0 if shift is None else shift) - mean)
    offset = offset if bias is None else offset + bias
    z = np.empty(planes.shape, x.dtype)
    scale, offset, shift = (_by_channel(a, planes) for a in (scale, offset, shift))

    def work(piece):
        out, part, channels = z[piece], planes[piece], piece[1]
        if shift is not None:
            part = np.subtract(part, shift[channels], out=out)
        np.multiply(part, scale[channels], out=out)
        np.add(out, offset[channels], out=out)

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
    shift = None
    if not np.all(mean * mean * rstd * rstd <= FAR):
        shift = mean.astype(x.dtype)
        mean = mean - shift
    total, product = _sums(planes, values, shift)
    product = (product - mean * total) * rstd
    scale = rstd if weight is None else rstd * weight
    slope = -scale * rstd * product / count
    offset = -slope * mean - scale * total / count
    by_channel = (_by_channel(a, planes) for a in (scale, slope, offset, shift))
    scale, slope, offset, shift = by_channel
    dx = np.empty(x.shape, y.dtype)  # not a view: a leaf takes it as its gradient, uncopied
    results = dx.reshape(planes.shape)

    def work(piece):
        out, channels = results[piece], piece[1]
        np.multiply(values[piece], scale[channels], out=out)
        if training:
            part = planes[piece]
            part = part if shift is None else part - shift[channels]
            part = np.multiply(part, slope[channels])
            np.add(part, offset[channels], out=part)
            np.add(out, part, out=out)

    _run(work, planes)
    return dx, product.astype(y.dtype), total.astype(y.dtype)


# ---------------------------------------------------------------- kernels on (N, C, S)


def _planes(x):
    """Return (N, C, ...) as (N, C, S), contiguous."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _pieces(shape):
    """Cut (N, C, S) into contiguous pieces of one size: samples, or some channels of one sample.

    Channels are the outer loop, so that what is known of each stays in the cache.
    """
    samples, channels, size = shape
    if channels * size <= PIECE_FLOATS:
        step = PIECE_FLOATS // max(channels * size, 1)
        return [(slice(*pair), slice(None)) for pair in block_ranges(samples, step)]
    ranges = block_ranges(channels, max(1, PIECE_FLOATS // size))
    return [(slice(n, n + 1), slice(*pair)) for pair in ranges for n in range(samples)]


def _run(work, planes, blas=False):
    """Run ``work(piece)`` over the pieces; a single one without BLAS needs no threads held."""
    pieces = _pieces(planes.shape)

    def each(number):
        with long_rows(planes.shape[2]):
            work(pieces[number])

    if len(pieces) == 1 and not blas:
        each(0)
        return
    seconds = SECONDS_PER_ELEMENT * planes.size
    parallel_for(each, len(pieces), seconds=seconds, long_calls=True)


def _by_channel(numbers, planes):
    """Return one number a channel as what broadcasts over pieces, fast; None stays."""
    if numbers is None:
        return None
    numbers = numbers.astype(planes.dtype)[:, None]
    if planes.shape[2] >= LONG:
        return numbers
    spread = np.empty(planes.shape[1:], planes.dtype)
    spread[...] = numbers
    return spread


def _moments(planes, count):
    """Return each channel's mean and variance, and what was subtracted to find it, or None."""
    total, square = _sums(planes, None)
    mean = total / count
    variance = square / count - mean * mean
    if not far_from_zero(mean, variance):
        return mean, variance, None
    shift = mean.astype(planes.dtype)
    total, square = _sums(planes, None, shift)
    mean = total / count
    return mean + shift, np.maximum(square / count - mean * mean, 0), shift


def _sums(planes, values, shift=None):
    """Sum values, and values times the shifted planes, a channel; without values, the planes."""
    samples, channels, size = planes.shape
    totals = np.zeros((2, samples, channels), planes.dtype)
    down = size < SHORT and channels * size <= PIECE_FLOATS  # add samples, rather than short rows
    shift = _by_channel(shift, planes)

    def work(piece):
        part = planes[piece] if shift is None else planes[piece] - shift[piece[1]]
        other = part if values is None else values[piece]
        if down:
            first = piece[0].start
            np.add.reduce(np.add.reduce(other, 0), 1, out=totals[0, first])
            np.add.reduce(np.einsum("ncs,ncs->cs", part, other), 1, out=totals[1, first])
        else:
            row_sums(other, totals[0][piece])
            row_products(part, other, totals[1][piece])

    _run(work, planes, blas=not down)
    return np.add.reduce(totals, 1, dtype=np.float64)


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
