"""Convolution of each channel by itself, as products with banded matrices.

Without a sum over channels there is no product of channels to make, and nine shifted sums would
pass nine times over memory. But a row of the kernel acts on a row of the image as a banded matrix,
the same for all rows of a channel: (rows, columns in) @ (columns in, columns out). Nine tenths of
it are zeros, and BLAS is faster all the same. Zero times infinity is NaN, so finite images only:
the others are left to `nn.ops.window_products`.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

BLOCK_FLOATS = 1 << 17  # of images in a block: with what it becomes, it stays near the core
COLUMNS = 32  # of outputs in a product, for wide images: a band grows with its square
SECONDS_PER_PRODUCT = 2e-11


def suits(images: np.ndarray, weight_shape: tuple[int, ...], groups: int) -> bool:
    """Return whether these images (the operand that is not the kernel) can go this way."""
    if groups == 1 or weight_shape[1] != 1:
        return False
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.add.reduce(images, None)))


class _Bands:
    """Where rows and columns of a batch lie, and how it is cut into blocks: by shape alone.

    Padded images lie row below row, (C, N, height, width), and ``height`` is a multiple of the
    stride: so the input row that output row r meets at kernel row a is ``r stride + a dilation``
    for all images at once, and ``step`` rows of output belong to each image.
    """

    def __init__(self, batch: int, outputs: int, groups: int, grid: WindowGrid):
        self.grid, self.multiplier = grid, outputs // groups
        (down, across), (height, width) = grid.stride, grid.output
        reach_h, reach_w = (d * (k - 1) for d, k in zip(grid.dilation, grid.kernel, strict=True))
        self.step = height + -(-reach_h // down)
        self.height, self.width = self.step * down, (width - 1) * across + reach_w + 1
        plane = self.height * self.width
        images = max(1, min(batch, BLOCK_FLOATS // plane))
        channels = max(1, BLOCK_FLOATS // (images * plane))
        self.batches = block_ranges(batch, images)
        self.blocks = [
            (part, images, channels)
            for channels in block_ranges(groups, channels)
            for part, images in enumerate(self.batches)
        ]
        size = COLUMNS if width > COLUMNS + COLUMNS // 2 else width
        self.chunks = [  # columns of output, and the columns of input that they meet
            (slice(a, b), slice(a * across, (b - 1) * across + reach_w + 1))
            for a, b in block_ranges(width, size)
        ]
        products = batch * self.step * size * (self.width if size == width else size * across)
        self.seconds = SECONDS_PER_PRODUCT * products * len(self.chunks) * outputs * grid.kernel[0]

    def lay(self, images: np.ndarray) -> np.ndarray:
        """Return images (N, C, H, W), padded, as (C, N, height, width)."""
        laid = np.empty((*images.shape[1::-1], self.height, self.width), images.dtype)
        inside, source = self._inside()
        (rows, columns), whole = inside, slice(None)
        laid[:, :, : rows.start] = 0
        laid[:, :, rows.stop :] = 0
        laid[:, :, rows, : columns.start] = 0
        laid[:, :, rows, columns.stop :] = 0
        laid[:, :, rows, columns] = images[(whole, whole, *source)].transpose(1, 0, 2, 3)
        return laid

    def pick_up(self, laid: np.ndarray, images: np.ndarray) -> None:
        """Take the images out of their padding: the adjoint of `lay`."""
        inside, source = self._inside()
        if any(s.stop - s.start < n for s, n in zip(source, self.grid.image, strict=True)):
            images[...] = 0
        whole = slice(None), slice(None)
        images[(*whole, *source)] = laid[(*whole, *inside)].transpose(1, 0, 2, 3)

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

    def lay_output(self, values: np.ndarray) -> np.ndarray:
        """Return outputs (N, C, H_out, W_out) as (C, N step, W_out), zero where no window is."""
        batch, channels, height, width = values.shape
        laid = np.empty((channels, batch, self.step, width), values.dtype)
        laid[:, :, height:] = 0
        laid[:, :, :height] = values.transpose(1, 0, 2, 3)
        return laid.reshape(channels, -1, width)

    def rows(self, laid: np.ndarray, a: int) -> np.ndarray:
        """View the input rows that kernel row ``a`` meets: (C, rows of output, width)."""
        channels, batch = laid.shape[:2]
        channel, _, row, column = laid.strides
        number = (batch - 1) * self.step + self.grid.output[0]
        first = laid.reshape(channels, -1, self.width)[:, a * self.grid.dilation[0] :]
        strides = channel, row * self.grid.stride[0], column
        return as_strided(first, (channels, number, self.width), strides)

    def matrices(self, kernels: np.ndarray) -> np.ndarray:
        """Return kernels (C, kernel_h, kernel_w) as bands (kernel_h, C, columns in, out)."""
        outputs, inputs = self.chunks[0]
        shape = inputs.stop - inputs.start, outputs.stop - outputs.start
        bands = np.zeros((kernels.shape[1], len(kernels), *shape), kernels.dtype)
        for j, diagonal in enumerate(self.diagonals(bands)):
            diagonal[...] = kernels[:, :, j].T[..., None]
        return bands

    def diagonals(self, bands: np.ndarray) -> list[np.ndarray]:
        """View, for each kernel column, where it stands in bands (..., columns in, out)."""
        *outer, down, across = bands.strides
        shape = *bands.shape[:-2], bands.shape[-1]
        strides = *outer, down * self.grid.stride[1] + across
        shift = self.grid.dilation[1]
        return [
            as_strided(bands[..., j * shift :, :], shape, strides)
            for j in range(self.grid.kernel[1])
        ]


def correlate(x, weight, bias, grid, groups):
    """y[n, c m + i] = bias[c m + i] + weight[c m + i] * x[n, c], i below the multiplier m."""
    batch = len(x)
    bands = _Bands(batch, len(weight), groups, grid)
    y = np.empty((batch, groups, bands.multiplier, *grid.output), x.dtype)
    kernels = weight.reshape(groups, bands.multiplier, *grid.kernel)
    shifts = None if bias is None else bias.reshape(groups, bands.multiplier, 1, 1)

    def work(block):
        _, (first, last), (low, high) = bands.blocks[block]
        laid = bands.lay(x[first:last, low:high])
        room = np.empty((high - low, last - first, bands.step, grid.output[1]), x.dtype)
        flat = room.reshape(high - low, -1, grid.output[1])
        rows = [bands.rows(laid, a) for a in range(grid.kernel[0])]
        product = np.empty((high - low, rows[0].shape[1], grid.output[1]), x.dtype)
        total = flat[:, : rows[0].shape[1]]
        for i in range(bands.multiplier):
            matrices = bands.matrices(kernels[low:high, i])
            for a, row in enumerate(rows):
                target = product if a else total
                for outputs, inputs in bands.chunks:
                    matrix = matrices[a, :, : inputs.stop - inputs.start]
                    matrix = matrix[..., : outputs.stop - outputs.start]
                    np.matmul(row[..., inputs], matrix, out=target[..., outputs])
                if a:
                    np.add(total, product, out=total)
            values = room[:, :, : grid.output[0]].transpose(1, 0, 2, 3)
            if shifts is None:
                y[first:last, low:high, i] = values
            else:
                np.add(values, shifts[low:high, i], out=y[first:last, low:high, i])

    parallel_for(work, len(bands.blocks), seconds=bands.seconds)
    return y.reshape(batch, -1, *grid.output)


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, times the kernel of its channel."""
    turned = grid.turned()
    if turned and len(weight) == groups:
        return correlate(dy, weight[:, :, ::-1, ::-1], None, turned, groups)
    batch = len(dy)
    bands = _Bands(batch, len(weight), groups, grid)
    dx = np.empty((batch, groups, *grid.image), dy.dtype)
    values = dy.reshape(batch, groups, bands.multiplier, *grid.output)
    kernels = weight.reshape(groups, bands.multiplier, *grid.kernel)

    def work(block):
        _, (first, last), (low, high) = bands.blocks[block]
        laid = np.zeros((high - low, last - first, bands.height, bands.width), dy.dtype)
        for i in range(bands.multiplier):
            matrices = bands.matrices(kernels[low:high, i]).swapaxes(-1, -2)
            given = bands.lay_output(values[first:last, low:high, i])
            for a in range(grid.kernel[0]):
                rows = bands.rows(laid, a)
                for outputs, inputs in bands.chunks:
                    matrix = matrices[a, :, : outputs.stop - outputs.start]
                    matrix = matrix[..., : inputs.stop - inputs.start]
                    place = rows[..., inputs]
                    np.add(place, given[:, : rows.shape[1], outputs] @ matrix, out=place)
        bands.pick_up(laid, dx[first:last, low:high])

    parallel_for(work, len(bands.blocks), seconds=bands.seconds)
    return dx


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernels: the sums along the bands of rows of x, transposed, times dy's."""
    batch, outputs = dy.shape[:2]
    bands = _Bands(batch, outputs, groups, grid)
    shape = len(bands.batches), groups, bands.multiplier, *grid.kernel
    parts = np.zeros(shape, x.dtype)
    values = dy.reshape(batch, groups, bands.multiplier, *grid.output)

    def work(block):
        part, (first, last), (low, high) = bands.blocks[block]
        laid = bands.lay(x[first:last, low:high])
        rows = [bands.rows(laid, a) for a in range(grid.kernel[0])]
        for i in range(bands.multiplier):
            given = bands.lay_output(values[first:last, low:high, i])[:, : rows[0].shape[1]]
            for a, row in enumerate(rows):
                for outputs, inputs in bands.chunks:
                    products = row[..., inputs].swapaxes(-1, -2) @ given[..., outputs]
                    for j, diagonal in enumerate(bands.diagonals(products)):
                        parts[part, low:high, i, a, j] += np.add.reduce(diagonal, -1)

    parallel_for(work, len(bands.blocks), seconds=bands.seconds)
    return np.add.reduce(parts, 0).reshape(-1, 1, *grid.kernel)
