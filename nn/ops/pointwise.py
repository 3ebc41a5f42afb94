"""Convolution with one pixel, or one window, to an output: products without a window matrix.

A 1x1 kernel multiplies the channels of every position: W @ x[n], image by image, where x lies.
A kernel as large as the image meets one window, all of it: then every pixel is a channel, and the
layer is fully connected. Operands are contiguous first, for products of transposed arrays round
otherwise.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for

__all__ = ["correlate", "correlate_input", "correlate_weight"]

BLOCKS = 8  # at least, if there are as many images
LEAST_DEPTH = 512  # positions that a product of the kernel's gradient sums over
SECONDS_PER_PRODUCT = 2e-11


class _Plan:
    """Blocks of images, for arrays (N, C, positions) and a kernel (K, C / groups)."""

    def __init__(self, x_shape, weight_shape):
        batch, _, positions = x_shape
        self.blocks = block_ranges(batch, -(-batch // BLOCKS))
        self.seconds = SECONDS_PER_PRODUCT * batch * positions * int(np.prod(weight_shape))


def correlate(x, weight, bias, groups, shape=None):
    """y[n, k, l] = bias[k] + sum over c of weight[k, c] x[n, c, l], of another shape if wished."""
    x, weight = np.ascontiguousarray(x), np.ascontiguousarray(weight)
    batch, _, positions = x.shape
    outputs, depth = weight.shape
    if positions == 1 and groups == 1:  # fully connected
        y = x[:, :, 0] @ weight.T
        y = y if bias is None else np.add(y, bias, out=y)
        return y.reshape(shape or (batch, outputs, 1))
    whole = np.empty(shape or (batch, outputs, positions), x.dtype)  # a leaf takes it uncopied
    y = whole.reshape(batch, outputs, positions)
    images = x.reshape(batch, groups, depth, positions)
    maps = y.reshape(batch, groups, -1, positions)
    kernels = weight.reshape(groups, -1, depth)
    plan = _Plan(x.shape, weight.shape)
    # Rows 4 KB apart share few lines of the cache; products of a few columns need no more.
    chunks = block_ranges(positions, positions if positions % 1024 else 128)

    def work(block):
        first, last = plan.blocks[block]
        for n in range(first, last):
            for start, stop in chunks:
                np.matmul(kernels, images[n, ..., start:stop], out=maps[n, ..., start:stop])
            if bias is not None:
                np.add(y[n], bias[:, None], out=y[n])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return whole


def correlate_input(dy, weight, groups, shape):
    """Gradient of the image: the same with the kernel transposed."""
    outputs, depth = weight.shape
    transposed = weight.reshape(groups, -1, depth).transpose(0, 2, 1)
    kernels = transposed.reshape(groups * depth, outputs // groups)
    return correlate(dy, kernels, None, groups, shape)


def correlate_weight(dy, x, groups):
    """Gradient of the kernel: dy[n] @ x[n].T, summed over images."""
    dy, x = np.ascontiguousarray(dy), np.ascontiguousarray(x)
    batch, channels, positions = x.shape
    outputs = dy.shape[1]
    if positions == 1 and groups == 1:
        return dy[:, :, 0].T @ x[:, :, 0]
    shape = groups, outputs // groups, channels // groups
    plan = _Plan(x.shape, (outputs, channels // groups))
    parts = np.zeros((len(plan.blocks), *shape), x.dtype)
    together = max(1, LEAST_DEPTH // positions)  # images

    def side_by_side(images):
        """(n, groups, C, positions) as (groups, C, n positions): no copy of one image."""
        return images.transpose(1, 2, 0, 3).reshape(groups, images.shape[2], -1)

    def work(block):
        for start, stop in block_ranges(plan.blocks[block][1] - plan.blocks[block][0], together):
            some = slice(plan.blocks[block][0] + start, plan.blocks[block][0] + stop)
            values = side_by_side(dy[some].reshape(-1, *shape[:2], positions))
            pixels = side_by_side(x[some].reshape(-1, groups, shape[2], positions))
            parts[block] += values @ pixels.transpose(0, 2, 1)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return np.add.reduce(parts, 0).reshape(outputs, -1)
