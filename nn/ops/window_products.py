"""Convolution as matrix products, for any kernel, stride, padding, dilation and number of groups.

With an image laid out as in `nn.ops.windows`, the matrix of all windows (im2col) is a handful of
contiguous copies; the convolution, its adjoint and the gradient of its kernel are one matrix
product each (one a group), before or after those copies. Blocks of a few images keep the matrices
in cache.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight"]

MATRIX_BYTES = 1 << 19  # of the window matrix: half a second-level cache
MOST_WINDOWS = 509  # in a product: longer rows are slower, unless the matrix is small
SMALL_MATRIX_BYTES = 1 << 17
BLOCK_BYTES = 1 << 20  # of the images of one block
BLOCKS = 8  # at least, if there are as many images: they balance two or four threads
SECONDS_PER_PRODUCT = 2e-11


class _Plan:
    """How a batch is cut into blocks of images, and their windows into chunks: by shape alone."""

    def __init__(
        self,
        batch: int,
        weight_shape: tuple[int, ...],
        grid: WindowGrid,
        itemsize: int,
        groups: int,
    ):
        outputs, depth = weight_shape[:2]
        self.grid = grid
        self.inputs = _parts(groups * depth, groups)
        self.outputs = _parts(outputs, groups)
        image_bytes = (groups * depth + outputs) * grid.plane * itemsize
        images = max(1, min(-(-batch // BLOCKS), BLOCK_BYTES // max(image_bytes, 1)))
        self.blocks = block_ranges(batch, images)
        self.depth = len(grid.offsets) * depth
        self.itemsize = itemsize
        self.seconds = SECONDS_PER_PRODUCT * batch * grid.plane * self.depth * outputs

    def chunks(self, run: int, most: int = 0) -> list[tuple[int, int]]:
        """Cut a run of windows into equal pieces whose window matrix stays in cache."""
        column = self.depth * self.itemsize
        most = most or max(MOST_WINDOWS, SMALL_MATRIX_BYTES // column)
        pieces = max(1, min(-(-run * column // MATRIX_BYTES), run // 256), -(-run // most))
        return block_ranges(run, _odd(-(-run // pieces)))

    def room(self, outputs: int, images: int, dtype) -> tuple[np.ndarray, np.ndarray]:
        """Return room for window values: (K, images, rows, columns), and flat (K, run)."""
        length = images * self.grid.plane
        flat = np.empty((outputs, _odd(length)), dtype)[:, :length]
        return flat.reshape(outputs, images, self.grid.rows, self.grid.columns), flat


def _odd(length: int) -> int:
    """Return a length of rows that does not put them all into the same lines of the cache."""
    return length if length % 128 else length + 5


def _parts(channels: int, groups: int) -> list[slice]:
    """Return which channels belong to each group."""
    size = channels // groups
    return [slice(g * size, (g + 1) * size) for g in range(groups)]


def correlate(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, grid: WindowGrid, groups: int
) -> np.ndarray:
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], c in the group of k."""
    batch, channels = x.shape[:2]
    outputs = len(weight)
    y = np.empty((batch, outputs, *grid.output), x.dtype)
    kernels = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(outputs, -1)
    plan = _Plan(batch, weight.shape, grid, x.itemsize, groups)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, x.dtype)
        grid.lay(x[first:last], planes)
        room, flat = plan.room(outputs, last - first, x.dtype)
        chunks = plan.chunks(grid.run(last - first))
        matrix = np.empty(plan.depth * chunks[0][1], x.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            for theirs, ours in zip(plan.inputs, plan.outputs, strict=True):
                grid.columns_of(planes[:, :, theirs], columns, start, stop)
                product = flat[ours, start:stop]
                np.matmul(kernels[ours], columns, out=product)
                if bias is not None:
                    np.add(product, bias[ours, None], out=product)
        y[first:last] = grid.windows_in(room)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return y


def correlate_input(
    dy: np.ndarray, weight: np.ndarray, grid: WindowGrid, groups: int
) -> np.ndarray:
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    batch, outputs = dy.shape[:2]
    channels = groups * weight.shape[1]
    dx = np.empty((batch, channels, *grid.image), dy.dtype)
    plan = _Plan(batch, weight.shape, grid, dy.itemsize, groups)
    kernels = np.ascontiguousarray(weight.transpose(2, 3, 1, 0)).reshape(plan.depth, outputs)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, dy.dtype)
        planes[...] = 0
        room, flat = plan.room(outputs, last - first, dy.dtype)
        grid.lay_output(dy[first:last], room)
        run = grid.run(last - first)
        chunks = plan.chunks(run, most=run)
        matrix = np.empty(plan.depth * chunks[0][1], dy.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            for theirs, ours in zip(plan.inputs, plan.outputs, strict=True):
                np.matmul(kernels[:, ours], flat[ours, start:stop], out=columns)
                grid.add_columns(columns, planes[:, :, theirs], start, stop)
        grid.pick_up(planes, dx[first:last])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return dx


def correlate_weight(dy: np.ndarray, x: np.ndarray, grid: WindowGrid, groups: int) -> np.ndarray:
    """Gradient of the kernel: for each of its offsets, dy times the pixels that it met.

    The places at the row ends have dy = 0, which makes nan of an infinite pixel: then once more
    without them.
    """
    dw = _correlate_weight(dy, x, grid, groups, dense=True)
    if grid.reach and not np.isfinite(dw).all():
        dw = _correlate_weight(dy, x, grid, groups, dense=False)
    return dw


def _correlate_weight(
    dy: np.ndarray, x: np.ndarray, grid: WindowGrid, groups: int, dense: bool
) -> np.ndarray:
    batch, channels = x.shape[:2]
    outputs = dy.shape[1]
    shape = outputs, channels // groups, *grid.kernel
    plan = _Plan(batch, shape, grid, x.itemsize, groups)
    parts = np.zeros((len(plan.blocks), plan.depth, outputs), x.dtype)

    def work(block: int) -> None:
        first, last = plan.blocks[block]
        planes = grid.planes(channels, last - first, x.dtype)
        grid.lay(x[first:last], planes)
        room, flat = plan.room(outputs, last - first, x.dtype)
        grid.lay_output(dy[first:last], room)
        chunks = plan.chunks(grid.run(last - first))
        matrix = np.empty(plan.depth * chunks[0][1], x.dtype)
        for start, stop in chunks:
            columns = matrix[: plan.depth * (stop - start)].reshape(plan.depth, -1)
            served = slice(start, stop) if dense else start + grid.served(start, stop)
            for theirs, ours in zip(plan.inputs, plan.outputs, strict=True):
                grid.columns_of(planes[:, :, theirs], columns, start, stop)
                met = columns if dense else columns[:, served - start]
                parts[block, :, ours] += met @ flat[ours, served].T

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    dw = np.add.reduce(parts, 0).reshape(*grid.kernel, channels // groups, outputs)
    return np.ascontiguousarray(dw.transpose(3, 2, 0, 1))
