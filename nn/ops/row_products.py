"""Convolution as stacks of small matrix products, one for each row of output.

For each column of a kernel, the pixels that a row of windows meets there are laid out as a run. The
runs of all columns and channels, row below row, are such that what a row of output meets is one
matrix, and what the next row meets is the same matrix moved on: nothing is copied once more for
each row of the kernel. Products of up to a million multiplications BLAS makes where operands lie;
a stack of them reaches its full speed, in one call.
"""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.channels_last import gathered, pixels_together
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

SMALL = 1_000_000  # multiplications of a product that BLAS makes without copying operands first
COLUMNS = 16  # in a product, at least: rows of smaller images lie side by side
FEW_LINES = 32  # that a row of the kernel meets
POSITIONS = 256  # that a product of the kernel's gradient sums over, about
STRIP_FLOATS = 1 << 17  # of what is laid out at a time, about
BLOCKS = 8  # at least, if there are as many images
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB
SECONDS_PER_PRODUCT, SECONDS_PER_FLOAT = 1e-11, 8e-10  # copied


def suits(grid: WindowGrid) -> bool:
    """Return whether rows of the kernel meet consecutive rows."""
    return grid.dilation[0] == 1


class _Plan:
    """How a batch is cut into blocks, and laid out: by shape alone.

    ``side`` images lie side by side in a strip. Of those a chunk has some, laid out at once.
    """

    def __init__(
        self,
        batch: int,
        weight_shape: tuple[int, ...],
        grid: WindowGrid,
        groups: int,
        blocks: int = BLOCKS,
    ):
        outputs, self.depth = weight_shape[:2]
        self.grid, self.groups, self.outputs = grid, groups, outputs // groups
        height, width = grid.output
        self.rows = (height - 1) * grid.stride[0] + grid.kernel[0]  # met
        self.side = min(batch, -(-COLUMNS // width))
        self.columns = self.side * width  # of a product
        self.lines = grid.kernel[1] * self.depth  # laid out for each row
        self.met_rows = _cut(self.rows, 1, grid.padding[0], grid.image[0])
        self.met_columns = [
            _cut(width, grid.stride[1], grid.padding[1] - j * grid.dilation[1], grid.image[1])
            for j in range(grid.kernel[1])
        ]
        floats = self.columns * groups * max(self.rows * self.lines, height * self.outputs)
        self.strips = max(1, STRIP_FLOATS // floats)
        strips = -(-batch // self.side)
        self.share = -(-strips // blocks) * self.side
        self.blocks = block_ranges(batch, self.share)
        products = grid.kernel[0] * self.lines * outputs * height * width
        copied = width * (self.rows * self.lines * groups + height * outputs)
        self.seconds = batch * (SECONDS_PER_PRODUCT * products + SECONDS_PER_FLOAT * copied)

    def chunks(self, block: int) -> list[tuple[int, int]]:
        """Return the ranges of images that are laid out together."""
        first, last = self.blocks[block]
        images = self.strips * self.side
        return [(first + a, first + b) for a, b in block_ranges(last - first, images)]

    def room(self, lines: tuple[int, ...], dtype, zero: bool = False) -> np.ndarray:
        """Return room for lines of a chunk: (strips, groups, *lines, side, columns)."""
        strips = min(self.strips, -(-self.share // self.side))
        shape = strips, self.groups, *lines, self.side, self.grid.output[1]
        return np.zeros(shape, dtype) if zero else np.empty(shape, dtype)

    def by_column(self, lines: np.ndarray) -> np.ndarray:
        """View lines as (strips, groups, rows, columns of the kernel, C, side, columns)."""
        shape = *lines.shape[:3], self.grid.kernel[1], self.depth, *lines.shape[4:]
        return lines[:, :, :, : self.lines].reshape(shape)

    def lay(self, images: np.ndarray, laid: np.ndarray) -> None:
        """Copy what rows of images meet into ``laid``, `by_column`, which is zero elsewhere."""
        top, rows = self.met_rows
        for s, some in enumerate(self.by_image(images)):
            source = some[:, :, :, rows].swapaxes(2, 3)
            target = laid[: len(some), :, top, ..., s, :]
            for j, (left, columns) in enumerate(self.met_columns):
                target[:, :, :, j, :, left] = source[..., columns]

    def lay_by_phase(self, images, laid, met_rows) -> None:
        """Lay rows out as (strips, groups, kernel columns, C, phases, rows, side, columns)."""
        for s, some in enumerate(self.by_image(images)):
            for f, (top, rows) in enumerate(met_rows):
                source = some[:, :, :, rows]
                target = laid[: len(some), :, :, :, f, top, s]
                for j, (left, columns) in enumerate(self.met_columns):
                    target[:, :, j, ..., left] = source[..., columns]
        if len(images) % self.side:  # whatever was there before
            laid[-1, ..., len(images) % self.side :, :] = 0

    def turn(self, values: np.ndarray, turned: np.ndarray, room: np.ndarray) -> None:
        """Lay outputs out as (strips, groups, positions, K), zero where a strip has no image."""
        positions = prod(self.grid.output)
        if self.side == 1 and positions % pixels_together(values.dtype) == 0:
            by_group = values.reshape(-1, self.outputs, 1, positions)
            by_group = gathered(by_group, room.reshape(-1)).swapaxes(-1, -2)
            turned.reshape(by_group.shape)[...] = by_group
            return
        by_row = turned.reshape(*turned.shape[:2], self.grid.output[0], self.side, -1, self.outputs)
        for s, some in enumerate(self.by_image(values)):
            by_row[: len(some), :, :, s] = some.transpose(0, 1, 3, 4, 2)
        if len(values) % self.side:
            by_row[-1, :, :, len(values) % self.side :] = 0

    def by_image(self, images: np.ndarray) -> list[np.ndarray]:
        """Split images (N, groups C, H, W) by their place in a strip: (strips, groups, C, H, W)."""
        shape = self.groups, images.shape[1] // self.groups, *images.shape[2:]
        return [
            images[s :: self.side].reshape(-1, *shape) for s in range(min(self.side, len(images)))
        ]


def _cut(places: int, stride: int, shift: int, size: int) -> tuple[slice, slice]:
    """Return which places k meet an image at ``k stride - shift``, and where they do."""
    start = min(max(-(-shift // stride), 0), places)
    stop = min(max((size - 1 + shift) // stride + 1, start), places)
    first = start * stride - shift
    return slice(start, stop), slice(first, first + (stop - start) * stride, stride)


def _pieces(rows: int, size: int) -> int:
    """Cut rows into equal pieces, of which each times ``size`` is a small product, or not."""
    least = -(-rows * size // SMALL)
    return next((n for n in range(least, 3 * least + 1) if rows % n == 0), 1)


def correlate(x, weight, bias, grid, groups):
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], c in the group of k.

    The bias is the weight of a line of ones.
    """
    batch, outputs = len(x), len(weight)
    plan = _Plan(batch, weight.shape, grid, groups)
    y = np.empty((batch, outputs, *grid.output), x.dtype)
    ones = int(bias is not None)
    kernels = weight.reshape(groups, plan.outputs, plan.depth, *grid.kernel)
    kernels = kernels.transpose(0, 1, 3, 4, 2).reshape(groups, plan.outputs, grid.kernel[0], -1)
    if ones:
        kernels = np.pad(kernels, ((0, 0), (0, 0), (0, 0), (0, 1)))
        kernels[:, :, 0, -1] = bias.reshape(groups, -1)
    size = grid.kernel[0] * (plan.lines + ones)
    pieces = _pieces(plan.outputs, size * plan.columns)
    kernels = np.ascontiguousarray(kernels).reshape(groups, 1, pieces, -1, size)
    # Rows of y that lie 4 KB apart share few lines of the cache.
    aside = plan.side > 1 or prod(grid.output) % 1024 == 0

    def work(block):
        lines = plan.room((plan.rows, plan.lines + ones), x.dtype, zero=True)
        strip, group, row, line, *_ = lines.strides
        if ones:
            lines[:, :, :, -1] = 1
        laid = plan.by_column(lines)
        shape = *lines.shape[:2], grid.output[0], 1, size, plan.columns
        strides = strip, group, grid.stride[0] * row, 0, line, lines.itemsize
        windows = np.ndarray(shape, lines.dtype, lines, 0, strides)
        room = plan.room((grid.output[0], plan.outputs), x.dtype) if aside else None
        for first, last in plan.chunks(block):
            plan.lay(x[first:last], laid)
            some = slice(-(-(last - first) // plan.side))
            if aside:
                products = room[some]
            else:
                products = plan.by_image(y[first:last])[0].swapaxes(2, 3)[..., None, :]
            split = *products.shape[:3], pieces, -1, plan.columns
            np.matmul(kernels, windows[some], out=products.reshape(split))
            if aside:
                for s, target in enumerate(plan.by_image(y[first:last])):
                    target[...] = room[: len(target), ..., s, :].swapaxes(2, 3)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return y


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    batch, outputs = dy.shape[:2]
    dy = np.ascontiguousarray(dy)
    dx = np.empty((batch, groups * weight.shape[1], *grid.image), dy.dtype)
    plan = _Plan(batch, weight.shape, grid, groups)
    lines = grid.kernel[0], plan.lines
    pieces = _pieces(prod(lines), plan.outputs * plan.columns)
    kernels = weight.reshape(groups, plan.outputs, -1, *grid.kernel).transpose(0, 3, 4, 2, 1)
    kernels = np.ascontiguousarray(kernels).reshape(groups, 1, pieces, -1, plan.outputs)
    stride, height = grid.stride[0], grid.output[0]
    rows, of_rows = plan.met_rows
    phases = [j * grid.dilation[1] % grid.stride[1] for j in range(grid.kernel[1])]
    first_there = [phases.index(phase) == j for j, phase in enumerate(phases)]
    aside = plan.side > 1 or prod(grid.output) % 1024 == 0

    def work(block):
        given = plan.room((height, plan.outputs), dy.dtype) if aside else None
        spread = plan.room((height, *lines), dy.dtype)
        products = spread.reshape(*spread.shape[:3], pieces, -1, plan.columns)
        laid = plan.room((plan.rows, plan.lines), dy.dtype, zero=stride > grid.kernel[0])
        for first, last in plan.chunks(block):
            some = slice(-(-(last - first) // plan.side))
            if aside:
                for s, images in enumerate(plan.by_image(dy[first:last])):
                    given[: len(images), ..., s, :] = images.swapaxes(2, 3)
                values = given[some].reshape(*given[some].shape[:4], plan.columns)
            else:
                values = plan.by_image(dy[first:last])[0].swapaxes(2, 3)
            np.matmul(kernels, values[:, :, :, None], out=products[some])
            for i in range(grid.kernel[0]):
                place = laid[some, :, i : i + (height - 1) * stride + 1 : stride]
                new = max(height - 1, 0) if i >= stride else 0  # rows that none came to before
                place[:, :, new:] = spread[some, :, new:, i]
                if new:
                    np.add(place[:, :, :new], spread[some, :, :new, i], out=place[:, :, :new])
            dx[first:last] = 0
            by_column = plan.by_column(laid)
            for s, target in enumerate(plan.by_image(dx[first:last])):
                source = by_column[: len(target), ..., s, :].transpose(0, 1, 4, 2, 3, 5)
                for j, (columns, of_columns) in enumerate(plan.met_columns):
                    place = target[..., of_rows, of_columns]
                    if first_there[j]:
                        place[...] = source[..., rows, j, columns]
                    else:
                        np.add(place, source[..., rows, j, columns], out=place)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return dx


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernel: for each of its offsets, dy times the pixels that it met.

    What a row of the kernel meets with one of its columns, in all rows of output, is one run if
    rows that lie ``stride`` apart are laid out together, channel by channel.
    """
    outputs, depth = dy.shape[1], x.shape[1] // groups
    shape = outputs, depth, *grid.kernel
    blocks = min(max(PARTIAL_FLOATS // prod(shape), 2), BLOCKS)
    plan = _Plan(len(x), shape, grid, groups, blocks)
    dy = np.ascontiguousarray(dy)
    stride, height = grid.stride[0], grid.output[0]
    phases, reach = min(stride, grid.kernel[0]), height + (grid.kernel[0] - 1) // stride
    met_rows = [_cut(reach, stride, grid.padding[0] - f, grid.image[0]) for f in range(phases)]
    near = max(1, min(height, POSITIONS // plan.columns))  # rows in a product
    near = next(n for n in range(near, 0, -1) if height % n == 0)
    positions = near * plan.columns
    # A product of few lines takes those of all rows of the kernel, and dy as it lies.
    few = plan.lines < FEW_LINES
    as_it_lies = few and plan.side == 1
    together = grid.kernel[0] if few else 1
    lines = together * plan.lines
    across = _pieces(plan.outputs, positions * min(lines, FEW_LINES))
    down = _pieces(lines, positions * plan.outputs // across)
    shape = groups, across, down, lines // down, plan.outputs // across
    parts = np.zeros((len(plan.blocks), grid.kernel[0] // together, *shape), x.dtype)

    def work(block):
        shape = grid.kernel[1], depth, phases, reach
        laid = plan.room(shape, x.dtype, zero=True)
        turned = np.empty((*laid.shape[:2], height * plan.columns, plan.outputs), x.dtype)
        room = np.empty_like(turned)
        for first, last in plan.chunks(block):
            strips = -(-(last - first) // plan.side)
            plan.lay_by_phase(x[first:last], laid[:strips], met_rows)
            if as_it_lies:
                values = dy[first:last].reshape(
                    strips, groups, across, -1, height // near, positions
                )
                values = values.transpose(0, 1, 4, 2, 5, 3)
            else:
                plan.turn(dy[first:last], turned[:strips], room)
                values = turned[:strips]
                values = values.reshape(strips, groups, height // near, positions, across, -1)
                values = values.transpose(0, 1, 2, 4, 3, 5)
            starts = [divmod(i, stride) for i in range(grid.kernel[0])]
            met = [laid[:strips, :, :, :, f, q : q + height] for q, f in starts]
            for n, some in enumerate([np.stack(met, 2)] if few else met):
                some = some.reshape(strips, groups, 1, down, -1, height // near, positions)
                products = some.transpose(0, 1, 5, 2, 3, 4, 6) @ values[:, :, :, :, None]
                parts[block, n] += np.add.reduce(products, (0, 2))

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    dw = np.add.reduce(parts, 0).transpose(1, 2, 5, 0, 3, 4)
    dw = dw.reshape(outputs, *grid.kernel, depth)
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))
