"""Convolution as stacks of small matrix products, one for each row of output.

For each column of a kernel, the pixels that a row of windows meets there are laid out as a run. The
runs of all columns and channels, row below row, are such that what a row of output meets is one
matrix, and what the next row meets is the same matrix moved on: nothing is copied once more for
each row of the kernel. Products of up to a million multiplications BLAS makes where operands lie;
a stack of them reaches its full speed, in one call.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.channels_last import gathered, pixels_together
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

SMALL = 1_000_000  # multiplications of a product that BLAS makes without copying operands first
COLUMNS = 16  # in a product, at least: rows of smaller images lie side by side
FEW_LINES = 32  # that a row of the kernel meets
POSITIONS = 256  # that a product of the kernel's gradient sums over, about
STRIP_FLOATS = 1 << 17  # of what is laid out at a time, about, if images are small
BAND_FLOATS = 1 << 19  # of it at most, about: larger images are cut into bands
# Of few images bands are made for several threads to share, if that is worth laying out twice what
# two bands meet.
BANDS, LEAST_ROWS, WORTH_BANDS = 4, 6, 2e-3
BLOCKS = 8  # at least, if there are as many images
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB
SECONDS_PER_PRODUCT, SECONDS_PER_FLOAT = 1e-11, 8e-10  # copied


def suits(grid: WindowGrid) -> bool:
    """Return whether rows of the kernel meet consecutive rows."""
    return grid.dilation[0] == 1


class Piece(NamedTuple):
    """Images [first, last) and rows of output [top, bottom), laid out at once."""

    first: int
    last: int
    top: int
    bottom: int


class _Plan:
    """How a batch is cut into blocks, those into pieces, and how a piece is laid out: by shape.

    ``side`` images lie side by side in a strip; a piece has some strips, or a band of one.
    """

    def __init__(
        self,
        batch: int,
        weight_shape: tuple[int, ...],
        grid: WindowGrid,
        groups: int,
        blocks: int = BLOCKS,
        whole_images: bool = False,
    ):
        outputs, self.depth = weight_shape[:2]
        self.grid, self.groups, self.outputs = grid, groups, outputs // groups
        height, width = grid.output
        self.side = min(batch, -(-COLUMNS // width))
        self.columns = self.side * width  # of a product
        self.lines = grid.kernel[1] * self.depth  # laid out for each row
        self.met_columns = [
            _cut(width, grid.stride[1], grid.padding[1] - j * grid.dilation[1], grid.image[1])
            for j in range(grid.kernel[1])
        ]
        strips = -(-batch // self.side)
        floats = self.columns * groups * max(grid.stride[0] * self.lines, self.outputs)  # of a row
        products = grid.kernel[0] * self.lines * outputs * height * width
        copied = height * width * (grid.stride[0] * self.lines * groups + outputs)
        self.seconds = batch * (SECONDS_PER_PRODUCT * products + SECONDS_PER_FLOAT * copied)
        bands = 1
        if not whole_images and self.seconds > WORTH_BANDS:
            bands = min(-(-BANDS // strips), -(-height // LEAST_ROWS))
        bands = min(max(bands, -(-floats * height // BAND_FLOATS)), height)
        self.band = -(-height // bands)
        self.strips = max(1, STRIP_FLOATS // (floats * height))
        self.strips = min(self.strips, -(-strips // blocks))
        self.bands = block_ranges(height, self.band)
        pieces = [
            Piece(*images, *rows)
            for images in block_ranges(batch, self.strips * self.side)
            for rows in self.bands
        ]
        unit = len(self.bands) if whole_images else 1
        share = -(-len(pieces) // (unit * blocks)) * unit
        self.blocks = [pieces[start:stop] for start, stop in block_ranges(len(pieces), share)]

    def met(self, rows: int) -> int:
        """Return how many rows are met by so many rows of output."""
        return (rows - 1) * self.grid.stride[0] + self.grid.kernel[0]

    def met_rows(self, piece: Piece) -> tuple[slice, slice]:
        """Return which of the rows that a piece meets are in the image, and where."""
        shift = self.grid.padding[0] - piece.top * self.grid.stride[0]
        return _cut(self.met(piece.bottom - piece.top), 1, shift, self.grid.image[0])

    def room(self, lines: tuple[int, ...], dtype, zero: bool = False) -> np.ndarray:
        """Return room for lines of a piece: (strips, groups, *lines, side, columns)."""
        shape = self.strips, self.groups, *lines, self.side, self.grid.output[1]
        return np.zeros(shape, dtype) if zero else np.empty(shape, dtype)

    def by_column(self, lines: np.ndarray) -> np.ndarray:
        """View lines as (strips, groups, rows, columns of the kernel, C, side, columns)."""
        shape = *lines.shape[:3], self.grid.kernel[1], self.depth, *lines.shape[4:]
        return lines[:, :, :, : self.lines].reshape(shape)

    def lay(self, images: np.ndarray, piece: Piece, laid: np.ndarray) -> None:
        """Copy what rows of a piece meet into ``laid``, `by_column`: its columns beyond are 0."""
        top, rows = self.met_rows(piece)
        if len(self.bands) > 1:
            laid[:, :, : top.start] = 0
            laid[:, :, top.stop :] = 0
        for s, some in enumerate(self.by_image(images[piece.first : piece.last])):
            source = some[:, :, :, rows].swapaxes(2, 3)
            target = laid[: len(some), :, top, ..., s, :]
            for j, (left, columns) in enumerate(self.met_columns):
                target[:, :, :, j, :, left] = source[..., columns]

    def lay_by_phase(self, images: np.ndarray, piece: Piece, laid: np.ndarray) -> None:
        """Do it as (strips, groups, kernel columns, C, phases, rows, side, columns)."""
        stride, number = self.grid.stride[0], piece.last - piece.first
        for f in range(laid.shape[4]):
            shift = self.grid.padding[0] - f - piece.top * stride
            top, rows = _cut(laid.shape[5], stride, shift, self.grid.image[0])
            if len(self.bands) > 1:
                laid[:, :, :, :, f, : top.start] = 0
                laid[:, :, :, :, f, top.stop :] = 0
            for s, some in enumerate(self.by_image(images[piece.first : piece.last])):
                source = some[:, :, :, rows]
                target = laid[: len(some), :, :, :, f, top, s]
                for j, (left, columns) in enumerate(self.met_columns):
                    target[:, :, j, ..., left] = source[..., columns]
        if number % self.side:  # whatever was there before
            laid[number // self.side, ..., number % self.side :, :] = 0

    def turn(self, values: np.ndarray, turned: np.ndarray, room: np.ndarray) -> None:
        """Lay outputs out as (strips, groups, positions, K), zero where a strip has no image."""
        positions = prod(values.shape[2:])
        if self.side == 1 and positions % pixels_together(values.dtype) == 0:
            by_group = values.reshape(-1, self.outputs, 1, positions)
            by_group = gathered(by_group, room.reshape(-1)).swapaxes(-1, -2)
            turned.reshape(by_group.shape)[...] = by_group
            return
        by_row = turned.reshape(*turned.shape[:2], values.shape[2], self.side, -1, self.outputs)
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
        lines = plan.room((plan.met(plan.band), plan.lines + ones), x.dtype, zero=True)
        strip, group, row, line, *_ = lines.strides
        if ones:
            lines[:, :, :, -1] = 1
        laid = plan.by_column(lines)
        shape = *lines.shape[:2], plan.band, 1, size, plan.columns
        strides = strip, group, grid.stride[0] * row, 0, line, lines.itemsize
        windows = np.ndarray(shape, lines.dtype, lines, 0, strides)
        room = plan.room((plan.band, plan.outputs), x.dtype) if aside else None
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            plan.lay(x, piece, laid)
            targets = plan.by_image(y[first:last, :, top:bottom])
            if aside:
                products = room[: len(targets[0]), :, : bottom - top]
            else:
                products = targets[0].swapaxes(2, 3)[..., None, :]
            split = *products.shape[:3], pieces, -1, plan.columns
            some = windows[: len(products), :, : bottom - top]
            np.matmul(kernels, some, out=products.reshape(split))
            if aside:
                for s, target in enumerate(targets):
                    target[...] = products[: len(target), ..., s, :].swapaxes(2, 3)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return y


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    batch, outputs = dy.shape[:2]
    dy = np.ascontiguousarray(dy)
    dx = np.empty((batch, groups * weight.shape[1], *grid.image), dy.dtype)
    plan = _Plan(batch, weight.shape, grid, groups, whole_images=True)
    lines = grid.kernel[0], plan.lines
    pieces = _pieces(prod(lines), plan.outputs * plan.columns)
    kernels = weight.reshape(groups, plan.outputs, -1, *grid.kernel).transpose(0, 3, 4, 2, 1)
    kernels = np.ascontiguousarray(kernels).reshape(groups, 1, pieces, -1, plan.outputs)
    stride = grid.stride[0]
    phases = [j * grid.dilation[1] % grid.stride[1] for j in range(grid.kernel[1])]
    first_there = [
        len(plan.bands) == 1 and phases.index(phase) == j for j, phase in enumerate(phases)
    ]
    aside = plan.side > 1 or prod(grid.output) % 1024 == 0

    def work(block):
        given = plan.room((plan.band, plan.outputs), dy.dtype) if aside else None
        spread = plan.room((plan.band, *lines), dy.dtype)
        split = *spread.shape[:3], pieces, -1, plan.columns
        products = spread.reshape(split)
        laid = plan.room((plan.met(plan.band), plan.lines), dy.dtype, zero=stride > grid.kernel[0])
        by_column = plan.by_column(laid)
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            height = bottom - top
            sources = plan.by_image(dy[first:last, :, top:bottom])
            some = slice(len(sources[0]))
            if aside:
                values = given[some, :, :height]
                for s, images in enumerate(sources):
                    values[: len(images), ..., s, :] = images.swapaxes(2, 3)
                values = values.reshape(*values.shape[:4], plan.columns)
            else:
                values = sources[0].swapaxes(2, 3)
            np.matmul(kernels, values[:, :, :, None], out=products[some, :, :height])
            for i in range(grid.kernel[0]):
                place = laid[some, :, i : i + (height - 1) * stride + 1 : stride]
                new = height - 1 if i >= stride else 0  # rows before were added to already
                place[:, :, new:] = spread[some, :, new:height, i]
                if new:
                    np.add(place[:, :, :new], spread[some, :, :new, i], out=place[:, :, :new])
            if not top:
                dx[first:last] = 0
            rows, of_rows = plan.met_rows(piece)
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
    stride = grid.stride[0]
    phases, reach = min(stride, grid.kernel[0]), (grid.kernel[0] - 1) // stride
    most = max(1, POSITIONS // plan.columns)  # rows in a product
    positions = min(most, plan.band) * plan.columns
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
        laid = plan.room((grid.kernel[1], depth, phases, plan.band + reach), x.dtype, zero=True)
        turned = np.empty((*laid.shape[:2], plan.band * plan.columns, plan.outputs), x.dtype)
        room = np.empty_like(turned)
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            strips, height = -(-(last - first) // plan.side), bottom - top
            plan.lay_by_phase(x, piece, laid)
            near = next(n for n in range(min(most, height), 0, -1) if height % n == 0)
            split = strips, groups, height // near, near * plan.columns
            values = dy[first:last, :, top:bottom]
            if as_it_lies:
                values = values.reshape(strips, groups, across, -1, *split[2:])
                values = values.transpose(0, 1, 4, 2, 5, 3)
            else:
                into = turned[:strips, :, : height * plan.columns]
                plan.turn(values, into, room)
                values = into.reshape(*split, across, -1).transpose(0, 1, 2, 4, 3, 5)
            starts = [divmod(i, stride) for i in range(grid.kernel[0])]
            met = [laid[:strips, :, :, :, f, q : q + height] for q, f in starts]
            for n, some in enumerate([np.stack(met, 2)] if few else met):
                some = some.reshape(*split[:2], 1, down, -1, *split[2:])
                products = some.transpose(0, 1, 5, 2, 3, 4, 6) @ values[:, :, :, :, None]
                parts[block, n] += np.add.reduce(products, (0, 2))

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    dw = np.add.reduce(parts, 0).transpose(1, 2, 5, 0, 3, 4)
    dw = dw.reshape(outputs, *grid.kernel, depth)
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))
