"""Convolution of each channel by itself, as products with banded matrices.

Without a sum over channels there is no product of channels to make, and nine shifted sums would
pass nine times over memory. But a few rows of output are a matrix times the rows of the image that
they meet, stacked once for each column of the kernel. Most of that matrix is zeros, and a stack of
such products is three times faster all the same: they are small enough for BLAS to make them where
they lie. Zero times infinity is NaN, so finite images only: the others are left to
the products of `nn.ops.correlation`.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

ROWS = 8  # of output in a product, at most: the share of zeros grows with them
COLUMNS = 24  # in a product, at least: images less wide lie side by side
BLOCK_FLOATS = 1 << 19  # of a block's stacked rows, about: two megabytes in float32
SECONDS_PER_PRODUCT = 5e-11


def suits(images: np.ndarray, weight_shape: tuple[int, ...], groups: int) -> bool:
    """Return whether these images (the operand that is not the kernel) can go this way."""
    if groups == 1 or weight_shape[1] != 1:
        return False
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.add.reduce(images, None)))


class _Stacks:
    """Where rows and columns of a batch lie, and how it is cut into blocks: by shape alone.

    Padded images, ``side`` of them side by side, are (strips, C, height, side, width). A stack
    holds for each column of the kernel the ``met`` rows that a tile of ``rows`` rows of output
    meets, from that column on: (strips, C, tiles, columns of the kernel x met, side x pitch).
    """

    def __init__(self, batch: int, outputs: int, groups: int, grid: WindowGrid):
        self.grid, self.multiplier = grid, outputs // groups
        height, width = grid.output
        reach_h, reach_w = (d * (k - 1) for d, k in zip(grid.dilation, grid.kernel, strict=True))
        self.tiles = -(-height // ROWS)
        self.rows = -(-height // self.tiles)
        self.met = (self.rows - 1) * grid.stride[0] + reach_h + 1
        self.height = (self.tiles - 1) * self.rows * grid.stride[0] + self.met
        self.width = (width - 1) * grid.stride[1] + reach_w + 1
        self.flat = grid.stride[1] == 1  # so that a stack is made of long runs
        self.pitch = self.width if self.flat else width
        self.side = min(batch, 1 if width >= COLUMNS else -(-3 * COLUMNS // self.pitch))
        self.columns = (self.side - 1) * self.pitch + width
        self.whole = self.side == 1 and self.tiles * self.rows == height
        self.depth = grid.kernel[1] * self.met
        together = max(1, BLOCK_FLOATS // (self.depth * self.pitch * self.side))
        self.spans = [slice(*tiles) for tiles in block_ranges(self.tiles, together)]
        plane = self.tiles * self.depth * self.pitch
        some = max(1, min(groups, BLOCK_FLOATS // (plane * self.side)))
        strips = max(1, BLOCK_FLOATS // (plane * self.side * some))
        self.batches = block_ranges(batch, strips * self.side)
        self.blocks = [
            (part, images, channels)
            for part, images in enumerate(self.batches)
            for channels in block_ranges(groups, some)
        ]
        products = batch * self.tiles * self.rows * self.depth * self.pitch * outputs
        self.seconds = SECONDS_PER_PRODUCT * products

    def strips(self, images: np.ndarray, size: tuple[int, int], inside: list[slice]) -> np.ndarray:
        """Return images (N, C, H, W) as (strips, C, height, side, width), zero but ``inside``."""
        number = -(-len(images) // self.side)
        height, width = size
        # A stack's last runs end beyond the last row.
        floats = number * images.shape[1] * height * self.side * width
        shape = number, images.shape[1], height, self.side, width
        laid = np.ndarray(shape, images.dtype, np.zeros(floats + self.width, images.dtype))
        for s in range(self.side):
            some = images[s :: self.side]
            laid[: len(some), :, inside[0], s, inside[1]] = some
        return laid

    def lay(self, images: np.ndarray) -> np.ndarray:
        """Return images (N, C, H, W), padded, as strips."""
        inside, source = self._inside()
        return self.strips(images[(..., *source)], (self.height, self.width), inside)

    def lay_output(self, values: np.ndarray) -> np.ndarray:
        """Return outputs (N, C, H_out, W_out) by tiles, (strips, C, tiles, rows, columns)."""
        if self.whole:
            return values.reshape(*values.shape[:2], self.tiles, self.rows, -1)
        height, width = self.grid.output
        size = self.tiles * self.rows, self.pitch
        return self._by_tiles(self.strips(values, size, [slice(height), slice(width)]))

    def _by_tiles(self, strips: np.ndarray) -> np.ndarray:
        shape = *strips.shape[:2], self.tiles, self.rows, self.side * self.pitch
        return strips.reshape(shape)[..., : self.columns]

    def pick_up_output(self, room: np.ndarray, values: np.ndarray) -> None:
        """Copy outputs out of room for tiles: the adjoint of `lay_output`."""
        height, width = self.grid.output
        by_image = room.reshape(*room.shape[:2], -1, self.side, self.pitch)
        for s in range(self.side):
            some = values[s :: self.side]
            some[...] = by_image[: len(some), :, :height, s, :width]

    def pick_up(self, laid: np.ndarray, images: np.ndarray) -> None:
        """Take the images out of their padding: the adjoint of `lay`."""
        inside, source = self._inside()
        if any(s.stop - s.start < n for s, n in zip(source, self.grid.image, strict=True)):
            images[...] = 0
        for s in range(self.side):
            some = images[s :: self.side]
            some[(..., *source)] = laid[: len(some), :, inside[0], s, inside[1]]

    def _inside(self) -> tuple[list[slice], list[slice]]:
        """Where images lie in their padding, and what of them does."""
        inside, source = [], []
        for p, n, room in zip(
            self.grid.padding, self.grid.image, (self.height, self.width), strict=True
        ):
            start = min(p, room)
            stop = min(p + n, room)
            inside.append(slice(start, stop))
            source.append(slice(start - p if start > p else 0, max(stop - p, 0)))
        return inside, source

    def stacked(self, laid: np.ndarray, span: slice) -> np.ndarray:
        """Return the stacks of strips for some tiles, (strips, C, tiles, depth, columns)."""
        met = self.views(laid)[:, :, span]
        shape = *met.shape[:3], self.depth, self.side * self.pitch
        stack = np.empty(shape, laid.dtype)
        if self.flat:  # the same numbers in one run
            shape = *met.shape[:4], self.met * self.side * self.width
            strides, begin = (*met.strides[:4], laid.itemsize), span.start * met.strides[2]
            met = np.ndarray(shape, laid.dtype, laid.base, begin, strides)
        stack.reshape(met.shape)[...] = met
        return stack[..., : self.columns]

    def views(self, laid: np.ndarray) -> np.ndarray:
        """View what stacks hold: (strips, C, tiles, columns of the kernel, met, side, width)."""
        strip, channel, row, image, column = laid.strides
        (down, across), (_, apart) = self.grid.stride, self.grid.dilation
        shape = *laid.shape[:2], self.tiles, self.grid.kernel[1], self.met, self.side
        strides = strip, channel, row * self.rows * down, column * apart, row, image
        shape, strides = (*shape, self.grid.output[1]), (*strides, column * across)
        return np.ndarray(shape, laid.dtype, laid, 0, strides)

    def matrices(self, kernels: np.ndarray) -> np.ndarray:
        """Return kernels (C, kernel_h, kernel_w) as matrices (C, 1, rows, depth)."""
        bands = np.zeros((len(kernels), 1, self.rows, self.depth), kernels.dtype)
        self.diagonals(bands)[...] = kernels[:, None, :, :, None]
        return bands

    def diagonals(self, bands: np.ndarray) -> np.ndarray:
        """View where kernels stand in matrices: (C, 1, kernel_h, kernel_w, rows)."""
        channel, tile, down, across = bands.strides
        stride, apart = self.grid.stride[0], self.grid.dilation[0]
        strides = channel, tile, across * apart, across * self.met, down + across * stride
        shape = *bands.shape[:2], *self.grid.kernel, self.rows
        return np.ndarray(shape, bands.dtype, bands, 0, strides)


def correlate(x, weight, bias, grid, groups):
    """y[n, c m + i] = bias[c m + i] + weight[c m + i] * x[n, c], i below the multiplier m."""
    batch = len(x)
    stacks = _Stacks(batch, len(weight), groups, grid)
    whole = np.empty((batch, len(weight), *grid.output), x.dtype)  # a leaf takes it uncopied
    y = whole.reshape(batch, groups, stacks.multiplier, *grid.output)
    kernels = weight.reshape(groups, stacks.multiplier, *grid.kernel)
    matrices = [stacks.matrices(kernels[:, i]) for i in range(stacks.multiplier)]
    shifts = None if bias is None else bias.reshape(groups, stacks.multiplier, 1, 1)

    def work(block):
        _, (first, last), (low, high) = stacks.blocks[block]
        laid = stacks.lay(x[first:last, low:high])
        shape = *laid.shape[:2], stacks.tiles, stacks.rows, stacks.side * stacks.pitch
        rooms = [None if stacks.whole else np.empty(shape, x.dtype) for _ in matrices]
        for span in stacks.spans:
            stack = stacks.stacked(laid, span)
            for i, (matrix, room) in enumerate(zip(matrices, rooms, strict=True)):
                if room is None:
                    target = stacks.lay_output(y[first:last, low:high, i])
                else:
                    target = room[..., : stacks.columns]
                np.matmul(matrix[low:high], stack, out=target[:, :, span])
        for i, room in enumerate(rooms):
            values = y[first:last, low:high, i]
            if room is not None:
                stacks.pick_up_output(room, values)
            if shifts is not None:
                np.add(values, shifts[low:high, i], out=values)

    parallel_for(work, len(stacks.blocks), seconds=stacks.seconds)
    return whole


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, times the kernel of its channel."""
    batch, multiplier = len(dy), len(weight) // groups
    dy = np.ascontiguousarray(dy)  # products of transposed arrays round otherwise
    values = dy.reshape(batch, groups, multiplier, *grid.output)
    kernels = weight.reshape(groups, multiplier, *grid.kernel)
    turned = grid.turned()
    if turned:
        flipped = kernels[:, :, None, ::-1, ::-1]
        dx = correlate(values[:, :, 0], flipped[:, 0], None, turned, groups)
        for i in range(1, multiplier):
            np.add(dx, correlate(values[:, :, i], flipped[:, i], None, turned, groups), out=dx)
        return dx
    stacks = _Stacks(batch, len(weight), groups, grid)
    dx = np.empty((batch, groups, *grid.image), dy.dtype)
    matrices = [stacks.matrices(kernels[:, i]) for i in range(stacks.multiplier)]

    def work(block):
        _, (first, last), (low, high) = stacks.blocks[block]
        strips = -(-(last - first) // stacks.side)
        shape = strips, high - low, stacks.height, stacks.side, stacks.width
        laid = np.zeros(shape, dy.dtype)
        places = stacks.views(laid)
        given = [stacks.lay_output(values[first:last, low:high, i]) for i in range(multiplier)]
        for span in stacks.spans:
            met = places[:, :, span]
            shape = *met.shape[:3], stacks.depth, stacks.side * stacks.pitch
            spread, room = (np.empty(shape, dy.dtype) for _ in range(2))
            total, product = spread[..., : stacks.columns], room[..., : stacks.columns]
            for i, matrix in enumerate(matrices):
                turned = matrix[low:high].swapaxes(-1, -2)
                np.matmul(turned, given[i][:, :, span], out=product if i else total)
                if i:
                    np.add(total, product, out=total)
            spread = spread.reshape(*met.shape[:6], stacks.pitch)[..., : grid.output[1]]
            for tile in range(met.shape[2]):
                for j in range(grid.kernel[1]):
                    place = met[:, :, tile, j]
                    np.add(place, spread[:, :, tile, j], out=place)
        stacks.pick_up(laid, dx[first:last, low:high])

    parallel_for(work, len(stacks.blocks), seconds=stacks.seconds)
    return dx


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernels: the sums along the diagonals of dy's tiles times stacks of x."""
    batch, outputs = dy.shape[:2]
    stacks = _Stacks(batch, outputs, groups, grid)
    dy = np.ascontiguousarray(dy)  # products of transposed arrays round otherwise
    shape = len(stacks.batches), groups, stacks.multiplier, *grid.kernel
    parts = np.zeros(shape, x.dtype)
    values = dy.reshape(batch, groups, stacks.multiplier, *grid.output)

    def work(block):
        part, (first, last), (low, high) = stacks.blocks[block]
        laid = stacks.lay(x[first:last, low:high])
        for span in stacks.spans:
            stack = stacks.stacked(laid, span).swapaxes(-1, -2)
            for i in range(stacks.multiplier):
                given = stacks.lay_output(values[first:last, low:high, i])[:, :, span]
                products = np.add.reduce(given @ stack, (0, 2))[:, None]
                parts[part, low:high, i] += np.add.reduce(stacks.diagonals(products), -1)[:, 0]

    parallel_for(work, len(stacks.blocks), seconds=stacks.seconds)
    return np.add.reduce(parts, 0).reshape(-1, 1, *grid.kernel)
