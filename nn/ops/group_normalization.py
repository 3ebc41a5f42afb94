"""Group and instance normalisation: each sample on its own, its channels in groups.

A group's numbers lie side by side, so its statistics are those of a row. What is scaled is a plane
(one channel of one sample), by one number; the gradients of weight and bias are sums over samples.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

from .moments import (
    backward_formula,
    centred_again,
    long_rows,
    row_moments,
    row_products,
    row_sums,
)

__all__ = ["group_norm", "group_norm_backward", "instance_norm"]

BLOCK_FLOATS = 1 << 19  # 2 MB: calls on less are too short for threads to take turns
SECONDS_PER_ELEMENT = 1e-9


def _group_norm_vjp(upstream, x, weight, groups, eps, mean, rstd):
    return group_norm_backward(upstream, x, weight, groups=groups, mean=mean, rstd=rstd, eps=eps)


@structural(vjp=_group_norm_vjp, caches=("mean", "rstd"))
def group_norm(x, weight=None, bias=None, *, groups, eps=1e-5):
    """Normalise: z = weight * (x - mean) / sqrt(var + eps) + bias, for each group of channels.

    Shapes: x (N, C, ...) -> the same; weight, bias (C,). Mean and var (divisor n) are those of a
    sample's C / groups channels.

    Examples
    --------
    >>> group_norm(np.arange(8.0).reshape(1, 4, 2), groups=2).round(2).tolist()
    [[[-1.34, -0.45], [0.45, 1.34], [-1.34, -0.45], [0.45, 1.34]]]
    """
    z, mean, _, rstd = _forward(x, weight, bias, groups, eps)
    return z, mean, rstd


def _instance_norm_vjp(upstream, x, weight, eps, mean, rstd):
    groups = x.shape[1]
    sent = group_norm_backward(upstream, x, weight, groups=groups, mean=mean, rstd=rstd, eps=eps)
    return *sent, None, None


@structural(vjp=_instance_norm_vjp, caches=("mean", "rstd"))
def instance_norm(
    x, weight=None, bias=None, running_mean=None, running_var=None, *, momentum=0.1, eps=1e-5
):
    """Normalise each channel of each sample: group norm with as many groups as channels.

    Running statistics, where given, move towards the mean over the samples of their statistics
    (the variance with divisor n - 1); they are changed in place.

    Examples
    --------
    >>> instance_norm(np.arange(4.0).reshape(1, 2, 2)).round(2).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    z, mean, variance, rstd = _forward(x, weight, bias, x.shape[1], eps)
    if running_mean is not None and len(x):
        count = math.prod(x.shape[2:])
        unbiased = variance * (count / (count - 1))
        for running, found in ((running_mean, mean), (running_var, unbiased)):
            running += (momentum * (found.mean(0) - running)).astype(running.dtype)
    return z, mean, rstd


def _forward(x, weight, bias, groups, eps):
    """Return z and each group's mean, variance and 1 / sqrt(variance + eps), all (N, groups)."""
    rows = _rows(x, groups)
    z = np.empty(rows.shape, x.dtype)
    mean, variance, rstd = np.empty((3, *rows.shape[:2]))
    scaled = _planes_of(rows, x.shape[1])

    def work(first, last):
        block, out = rows[first:last], z[first:last]
        block, shift, centre, var = row_moments(block)
        mean[first:last] = centre if shift is None else centre + shift
        variance[first:last] = var
        rstd[first:last] = inverse = 1 / np.sqrt(var + eps)
        scale, offset = inverse[..., None], (-centre * inverse)[..., None]
        if weight is not None:
            by_group = weight.reshape(groups, -1)
            scale, offset = scale * by_group, offset * by_group
        if bias is not None:
            offset = offset + bias.reshape(groups, -1)
        one = weight is None and bias is None  # number a group
        shape = (groups, 1, rows.shape[2]) if one else scaled
        block, out = (a.reshape(last - first, *shape) for a in (block, out))
        with long_rows(shape[2]):
            np.multiply(block, scale.astype(x.dtype)[..., None], out=out)
            np.add(out, offset.astype(x.dtype)[..., None], out=out)

    _run(work, rows)
    return z.reshape(x.shape), mean, variance, rstd


def _backward_vjp(upstream, wanted, y, x, weight, groups, eps):
    n, channels, *places = x.shape
    shape = (n, groups, channels // groups, math.prod(places))

    def formula(y, x, weight):
        dx, dweight, dbias = backward_formula(
            np.reshape(y, shape),
            np.reshape(x, shape),
            weight,
            axes=(2, 3),
            parameters=(1, groups, channels // groups, 1),
            eps=eps,
        )
        return np.reshape(dx, (n, channels, *places)), dweight, dbias

    return formula_vjp(formula, (y, x, weight), upstream, wanted)


@structural(vjp=_backward_vjp, outputs=("dx", "dweight", "dbias"))
def group_norm_backward(y, x, weight=None, *, groups, mean, rstd, eps=1e-5):
    """Gradients of group norm's input, weight and bias, given y, that of its output.

    dbias = sum y and dweight = sum y xhat over samples and places; with g = weight y,
    dx = rstd (g - mean(g) - xhat mean(g xhat)), means over a group.
    """
    channels = x.shape[1]
    rows = _rows(x, groups)
    shape = _planes_of(rows, channels)
    values = _rows(y, groups)
    dx = np.empty(x.shape, y.dtype)  # not a view: a leaf takes it as its gradient, uncopied
    results = dx.reshape(rows.shape)
    totals, products = np.empty((2, len(rows), *shape[:2]))
    count = rows.shape[2] or 1

    def work(first, last):
        block, centre, inverse = rows[first:last], mean[first:last], rstd[first:last]
        block, centre = centred_again(block, centre, inverse)
        samples, given, out = last - first, values[first:last], results[first:last]
        block, upstream, out = (a.reshape(samples, *shape) for a in (block, given, out))
        centre, inverse = centre[..., None], inverse[..., None]
        product = row_products(block, upstream)  # first: row_sums is slow where y is in no cache
        totals[first:last] = total = row_sums(upstream).astype(np.float64)
        product = (product - centre * total) * inverse
        products[first:last] = product
        scale = inverse if weight is None else inverse * weight.reshape(groups, -1)
        slope = -inverse * (scale * product).sum(-1, keepdims=True) / count
        offset = -slope * centre - (scale * total).sum(-1, keepdims=True) / count
        scale, slope, offset = (a.astype(y.dtype)[..., None] for a in (scale, slope, offset))
        other = np.empty(block.shape, y.dtype)
        with long_rows(shape[2]):
            np.multiply(upstream, scale, out=out)
            np.multiply(block, slope, out=other)
            np.add(other, offset, out=other)
            np.add(out, other, out=out)

    _run(work, rows)
    dweight, dbias = (a.sum(0).reshape(channels).astype(y.dtype) for a in (products, totals))
    return dx, dweight, dbias


def _rows(x, groups):
    """Return (N, C, ...) as (N, groups, L), contiguous."""
    return np.ascontiguousarray(x).reshape(len(x), groups, math.prod(x.shape[1:]) // groups)


def _planes_of(rows, channels):
    """Return the shape of a sample's planes: (groups, C / groups, S)."""
    _, groups, size = rows.shape
    each = channels // groups
    return groups, each, size // each


def _run(work, rows):
    """Run ``work(first, last)`` over blocks of samples, cut by their size."""
    samples, groups, size = rows.shape
    step = max(1, min(BLOCK_FLOATS // max(groups * size, 1), -(-samples // 2)))
    ranges = block_ranges(samples, step)
    seconds = SECONDS_PER_ELEMENT * rows.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)
