"""Batch normalisation: each channel brought to mean 0 and variance 1, then scaled and shifted.

In training the statistics come from the batch, so every sample's gradient depends on all others:
by two numbers a channel, which are also the gradients of bias and weight. Channels know nothing of
each other, so threads share them: a block of channels is summed, a few numbers a channel are worked
out from the sums, and it becomes a x + b (backwards, a y + b x + c).
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

from .moments import FAR, SHORT, backward_formula, far_from_zero, long_rows, row_products, row_sums

__all__ = ["batch_norm", "batch_norm_backward"]

BLOCK_FLOATS = 1 << 19  # 2 MB: calls on less are too short for threads to take turns
SHARED = 1 << 19  # elements from which on there are several blocks
RUN = 1 << 10  # elements of a sample, at least, that a block of channels holds side by side,
LONG_RUN = 1 << 14  # and if there are more than two blocks: each run costs some 60 ns a call
LONG = 512  # elements of a plane from which on broadcasting over planes is fast (long_rows)
SECONDS_PER_ELEMENT = 8e-10


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
    z = np.empty(planes.shape, x.dtype)
    mean, variance, rstd = np.empty((3, planes.shape[1]))
    if not training:
        mean[:], variance[:] = running_mean, running_var

    def work(channels):
        block, out = planes[:, channels], z[:, channels]
        if training:
            centre, spread, shift = _moments(block, max(count, 1))
            mean[channels] = centre if shift is None else centre + shift
            variance[channels] = spread
        else:
            centre, spread, shift = mean[channels], variance[channels], None
            if far_from_zero(centre, spread):
                shift = centre.astype(x.dtype)
                centre = centre - shift
        scale = rstd[channels] = 1 / np.sqrt(spread + eps)
        if weight is not None:
            scale = scale * weight[channels]
        offset = centre * -scale
        if bias is not None:
            offset += bias[channels]
        scale, offset, shift = (_by_channel(a, block) for a in (scale, offset, shift))
        for piece in _pieces(block):
            # In place: freed, a temporary array of this thread's would be what the next output is
            # made of, and other threads would fetch each line of it from this one's cache.
            part, into = block[piece], out[piece]
            if shift is not None:
                part = np.subtract(part, shift, out=into)
            np.multiply(part, scale, out=into)
            np.add(into, offset, out=into)

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
    dx = np.empty(x.shape, y.dtype)  # not a view: a leaf takes it as its gradient, uncopied
    results = dx.reshape(planes.shape)
    dbias, dweight = np.empty((2, planes.shape[1]))

    def work(channels):
        block, upstream, out = planes[:, channels], values[:, channels], results[:, channels]
        centre, inverse, shift = mean[channels], rstd[channels], None
        if not np.all(centre * centre * inverse * inverse <= FAR):
            shift = centre.astype(x.dtype)
            centre = centre - shift
        total, product = _sums(block, upstream, shift)
        product = (product - centre * total) * inverse
        dbias[channels], dweight[channels] = total, product
        scale = inverse if weight is None else inverse * weight[channels]
        slope = product * inverse / -count
        offset = total / -count - slope * centre
        by_channel = (_by_channel(a, block) for a in (scale, slope, offset, shift))
        scale, slope, offset, shift = by_channel
        for piece in _pieces(block):
            # Written once: where blocks meet within a sample, threads that write beside each other
            # take each other's cache lines.
            part, sent = block[piece], upstream[piece]
            if training:
                if shift is not None:
                    part = part - shift
                part = np.multiply(part, slope)
                part += offset
                part += sent
                sent = part
            np.multiply(sent, scale, out=out[piece])

    _run(work, planes)
    return dx, dweight.astype(y.dtype), dbias.astype(y.dtype)


# ---------------------------------------------------------------- kernels on (N, C, S)


def _planes(x):
    """Return (N, C, ...) as (N, C, S), contiguous."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _run(work, planes):
    """Run ``work(channels)`` over blocks of channels, an even number if they are worth sharing."""
    _, channels, size = planes.shape
    step = channels
    if planes.size >= SHARED:
        blocks = 2 * -(-planes.size // (2 * BLOCK_FLOATS))
        step = max(-(-channels // blocks), min(-(-channels // 2), LONG_RUN // size), RUN // size)
    ranges = [slice(*pair) for pair in block_ranges(channels, step)]
    seconds = SECONDS_PER_ELEMENT * planes.size
    if len(ranges) == 1 and size < SHORT:  # nothing that BLAS could share either
        work(ranges[0])
        return
    with long_rows(size):
        parallel_for(lambda i: work(ranges[i]), len(ranges), seconds=seconds, long_calls=True)


def _pieces(block):
    """Cut samples into pieces of a block (N, C, S), so that temporary arrays are small."""
    samples, channels, size = block.shape
    step = max(1, BLOCK_FLOATS // max(channels * size, 1))
    if step >= samples > 0:
        return [slice(None)]
    return [slice(*pair) for pair in block_ranges(samples, step)]


def _by_channel(numbers, block):
    """Return one number a channel as what broadcasts over pieces, fast; None stays."""
    if numbers is None:
        return None
    numbers = numbers.astype(block.dtype)[:, None]
    if block.shape[2] >= LONG:
        return numbers
    spread = np.empty(block.shape[1:], block.dtype)
    spread[...] = numbers
    return spread


def _moments(block, count):
    """Return each channel's mean and variance of ``block - shift``, and the shift, or None."""
    mean, variance = _sums(block, None) / count
    square = mean * mean
    variance -= square
    if np.all(square <= FAR * variance):
        return mean, variance, None
    shift = mean.astype(block.dtype)
    mean, variance = _sums(block, None, shift) / count
    return mean, np.maximum(variance - mean * mean, 0), shift


def _sums(block, values, shift=None):
    """Sum values, and values times the shifted block, a channel; without values, the block."""
    totals = np.zeros((2, *block.shape[:2]), block.dtype)
    shift = _by_channel(shift, block)
    for piece in _pieces(block):
        part = block[piece] if shift is None else block[piece] - shift
        other = part if values is None else values[piece]
        if block.shape[2] < SHORT:  # add samples, rather than short rows
            first = piece.start or 0
            np.add.reduce(np.add.reduce(other, 0), 1, out=totals[0, first])
            np.add.reduce(np.einsum("ncs,ncs->cs", part, other), 1, out=totals[1, first])
        else:
            row_products(part, other, totals[1, piece])  # first: row_sums is slow in no cache
            row_sums(other, totals[0, piece])
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
