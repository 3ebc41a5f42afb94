"""Convolution of each channel by itself: multiply and add, offset by offset.

Without a sum over channels there is no matrix product to make; a window matrix would only be
written and read again. With the image laid out as in `nn.ops.windows`, every kernel offset is one
shift of a flat run, times one number a channel. Blocks of a few channels stay in cache.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight"]

BLOCK_FLOATS = 1 << 15  # of image in a block: with its product and sum it stays in cache
SECONDS_PER_PRODUCT = 3e-10


class _Plan:
    """Blocks ``(images, channels)`` of a batch, and the time they take: by shape alone."""

    def __init__(self, batch: int, outputs: int, groups: int, grid: WindowGrid):
        self.multiplier = outputs // groups
        planes = max(1, BLOCK_FLOATS // max(grid.plane, 1))
        channels = min(groups, planes)
        self.blocks = [
            (images, some)
            for some in block_ranges(groups, channels)
            for images in block_ranges(batch, max(1, planes // channels))
        ]
        self.seconds = SECONDS_PER_PRODUCT * len(grid.offsets) * batch * outputs * grid.plane


def _runs(planes, grid, run):
    """View, for each kernel offset, what it meets: (C, run)."""
    flat = planes.reshape(*planes.shape[:3], -1)
    return [flat[a, b, :, shift : shift + run] for a, b, shift in grid.offsets]


def correlate(x, weight, bias, grid, groups):
    """y[n, c m + i] = bias[c m + i] + weight[c m + i] * x[n, c], i below the multiplier m."""
    batch = len(x)
    plan = _Plan(batch, len(weight), groups, grid)
    y = np.empty((batch, groups, plan.multiplier, *grid.output), x.dtype)
    kernels = weight.reshape(groups, plan.multiplier, -1, 1)

    def work(block):
        (first, last), (low, high) = plan.blocks[block]
        planes = grid.planes(high - low, last - first, x.dtype)
        grid.lay(x[first:last, low:high], planes)
        room = np.empty((high - low, last - first, grid.rows, grid.columns), x.dtype)
        run = grid.run(last - first)
        total = room.reshape(high - low, -1)[:, :run]
        product = np.empty(total.shape, x.dtype)
        met = _runs(planes, grid, run)
        for i in range(plan.multiplier):
            np.multiply(met[0], kernels[low:high, i, 0], out=total)
            for k, pixels in enumerate(met[1:], 1):
                np.multiply(pixels, kernels[low:high, i, k], out=product)
                np.add(total, product, out=total)
            y[first:last, low:high, i] = grid.windows_in(room)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    y = y.reshape(batch, -1, *grid.output)
    return y if bias is None else np.add(y, bias[:, None, None], out=y)


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, times the kernel of its channel."""
    batch = len(dy)
    plan = _Plan(batch, len(weight), groups, grid)
    dx = np.empty((batch, groups, *grid.image), dy.dtype)
    values = dy.reshape(batch, groups, plan.multiplier, *grid.output)
    kernels = weight.reshape(groups, plan.multiplier, -1, 1)

    def work(block):
        (first, last), (low, high) = plan.blocks[block]
        planes = grid.planes(high - low, last - first, dy.dtype)
        planes[...] = 0
        run = grid.run(last - first)
        met = _runs(planes, grid, run)
        room = np.empty((high - low, last - first, grid.rows, grid.columns), dy.dtype)
        laid = room.reshape(high - low, -1)[:, :run]
        product = np.empty(laid.shape, dy.dtype)
        for i in range(plan.multiplier):
            grid.lay_output(values[first:last, low:high, i], room)
            for k, place in enumerate(met):
                np.multiply(laid, kernels[low:high, i, k], out=product)
                np.add(place, product, out=place)
        grid.pick_up(planes, dx[first:last, low:high])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return dx


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernels: for each offset, dy times the pixels that it met."""
    batch, outputs = dy.shape[:2]
    plan = _Plan(batch, outputs, groups, grid)
    parts = np.zeros((len(plan.blocks), groups, plan.multiplier, len(grid.offsets)), x.dtype)
    values = dy.reshape(batch, groups, plan.multiplier, *grid.output)

    def work(block):
        (first, last), (low, high) = plan.blocks[block]
        planes = grid.planes(high - low, last - first, x.dtype)
        grid.lay(x[first:last, low:high], planes)
        run = grid.run(last - first)
        met = _runs(planes, grid, run)
        room = np.empty((high - low, last - first, grid.rows, grid.columns), x.dtype)
        laid = room.reshape(high - low, -1)[:, :run]
        for i in range(plan.multiplier):
            grid.lay_output(values[first:last, low:high, i], room)
            for k, pixels in enumerate(met):
                parts[block, low:high, i, k] = np.einsum("cl,cl->c", laid, pixels)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return np.add.reduce(parts, 0).reshape(outputs, 1, *grid.kernel)
