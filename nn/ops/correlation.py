"""Convolution as matrix products, for any kernel, stride, padding and float dtype.

With an image laid out as in `nn.ops.windows`, the matrix of all windows (im2col) is a handful of
contiguous copies; the convolution, its adjoint and the gradient of its kernel are one matrix
product each, before or after those copies. Blocks of a few images keep the matrices in cache.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight"]

MATRIX_BYTES = 1 << 19  # of the window matrix: half a second-level cache
BLOCK_BYTES = 1 << 20  # of the images of one block
BLOCKS = 8  # at least, if there are as many images: they balance two or four threads
SECONDS_PER_PRODUCT = 2e-11


class _Plan:
    """How a batch is cut into blocks of images, and their windows into chunks: by shape alone."""

    def __init__(self, batch: int, channels: int, outputs: int, grid: WindowGrid, itemsize: int):
        image_bytes = (channels + outputs) * grid.plane * itemsize
        images = max(1, min(-(-batch // BLOCKS), BLOCK_BYTES // max(image_bytes, 1)))
        self.blocks = block_ranges(batch, images)
        self.depth = len(grid.offsets) * channels
        self.itemsize = itemsize
        self.seconds = SECONDS_PER_PRODUCT * batch * grid.plane * self.depth * outputs

    def chunks(self, run: int) -> list[tuple[int, int]]:
        """Cut a run of windows into equal pieces whose window matrix stays in cache."""
        pieces = -(-run * self.depth * self.itemsize // MATRIX_BYTES)
        pieces = max(1, min(pieces, run // 256))
        return block_ranges(run, -(-run // pieces))


def correlate(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, grid: WindowGrid
) -> np.ndarray:
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c]."""
    batch, channels = x.shape[:2]
    outputs = len(weight)
    y = np.empty((batch, outputs, *grid.output), x.dtype)
    kernels = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(outputs, -1)
    plan = _Plan(batch, channels, outputs, grid, x.itemsize)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, x.dtype)
        grid.lay(x[first:last], planes)
        room = np.empty((outputs, last - first, grid.rows, grid.columns), x.dtype)
        flat = room.reshape(outputs, -1)
        chunks = plan.chunks(grid.run(last - first))
        matrix = np.empty(plan.depth * chunks[0][1], x.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            grid.columns_of(planes, columns, start, stop)
            np.matmul(kernels, columns, out=flat[:, start:stop])
        if bias is None:
            y[first:last] = grid.windows_in(room)
        else:
            np.add(grid.windows_in(room), bias[:, None, None], out=y[first:last])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return y


def correlate_input(dy: np.ndarray, weight: np.ndarray, grid: WindowGrid) -> np.ndarray:
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    batch, outputs = dy.shape[:2]
    channels = weight.shape[1]
    dx = np.empty((batch, channels, *grid.image), dy.dtype)
    kernels = np.ascontiguousarray(weight.transpose(2, 3, 1, 0)).reshape(-1, outputs)
    plan = _Plan(batch, channels, outputs, grid, dy.itemsize)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, dy.dtype)
        planes[...] = 0
        room = np.empty((outputs, last - first, grid.rows, grid.columns), dy.dtype)
        grid.lay_output(dy[first:last], room)
        flat = room.reshape(outputs, -1)
        chunks = plan.chunks(grid.run(last - first))
        matrix = np.empty(plan.depth * chunks[0][1], dy.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            np.matmul(kernels, flat[:, start:stop], out=columns)
            grid.add_columns(columns, planes, start, stop)
        grid.pick_up(planes, dx[first:last])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return dx


def correlate_weight(dy: np.ndarray, x: np.ndarray, grid: WindowGrid) -> np.ndarray:
    """Gradient of the kernel: for each of its offsets, dy times the pixels that it met."""
    batch, channels = x.shape[:2]
    outputs = dy.shape[1]
    plan = _Plan(batch, channels, outputs, grid, x.itemsize)
    parts = np.zeros((len(plan.blocks), plan.depth, outputs), x.dtype)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, x.dtype)
        grid.lay(x[first:last], planes)
        room = np.empty((outputs, last - first, grid.rows, grid.columns), x.dtype)
        grid.lay_output(dy[first:last], room)
        flat = room.reshape(outputs, -1)
        chunks = plan.chunks(grid.run(last - first))
        matrix = np.empty(plan.depth * chunks[0][1], x.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            grid.columns_of(planes, columns, start, stop)
            parts[block] += columns @ flat[:, start:stop].T

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    dw = np.add.reduce(parts, 0).reshape(*grid.kernel, channels, outputs)
    return np.ascontiguousarray(dw.transpose(3, 2, 0, 1))
