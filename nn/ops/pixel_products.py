"""Convolution as matrix products with channels last: for images of many channels.

With its channels last, the row of pixels that a row of the kernel meets is one run of memory. A
window is a few such runs, the window matrix (windows, kernel) is made of long copies, without the
windows at row ends that `nn.ops.window_products` computes in vain, and its product with the kernels
is of the shape that BLAS likes best. Turning the image costs a copy; it pays with so many channels
that the products of `nn.ops.row_products` are large. Groups are images of their own.
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.parallel import block_ranges, parallel_for
from nn.ops.channels_last import gathered, padded, pixels_together
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

LEAST_CHANNELS = 96
LEAST_WINDOWS = 256  # in a product, if there are as many: fewer, and BLAS packs kernels in vain
MATRIX_BYTES = 1 << 19  # of the window matrix: half a second-level cache
BLOCKS = 8  # at least, if there are as many images
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB
SECONDS_PER_PRODUCT = 2e-11


def suits(weight_shape: tuple[int, ...], grid: WindowGrid) -> bool:
    """Return whether this way pays, as measured.

    It does with channels enough, if windows stride; or if images are so small that of padded ones
    a fifth is padding.
    """
    wasteful = grid.plane > 1.2 * prod(grid.output)
    return weight_shape[1] >= LEAST_CHANNELS and (grid.stride != (1, 1) or wasteful)


class _Plan:
    """How a batch is cut into blocks of images, and their windows into chunks: by shape alone."""

    def __init__(self, x: np.ndarray, outputs: int, grid: WindowGrid, groups: int, blocks: int):
        batch, channels = x.shape[:2]
        self.grid, self.groups, self.depth = grid, groups, channels // groups
        self.kernel = prod(grid.kernel) * self.depth  # numbers in a window
        down, across = (
            (n - 1) * s + d * (k - 1) + 1
            for n, s, d, k in zip(grid.output, grid.stride, grid.dilation, grid.kernel, strict=True)
        )
        together = pixels_together(x.dtype)
        self.wide = -(-grid.image[1] // together) * together  # an image, in whole groups of pixels
        self.size = down, max(across, grid.padding[1] + self.wide)  # of a padded image
        height, width = grid.output
        windows = max(MATRIX_BYTES // (self.kernel * x.itemsize), LEAST_WINDOWS)
        self.images = max(1, min(windows // (height * width), -(-batch // 2)))  # in a product
        self.rows = max(1, min(height, windows // width))
        share = max(-(-batch // blocks), self.images)
        self.blocks = block_ranges(batch, share)
        self.seconds = SECONDS_PER_PRODUCT * batch * height * width * self.kernel * outputs

    def pixels(self, images: np.ndarray) -> np.ndarray:
        """Return images (N, C, H, W), padded, as (N, groups, height, width, C / groups)."""
        number = len(images)
        images = images.reshape(number * self.groups, self.depth, *self.grid.image)
        height = min(self.grid.image[0], self.size[0] - self.grid.padding[0])
        images = images[:, :, : max(height, 0)]
        rooms = np.empty((2, prod(images.shape[:2]) * (height + 1) * self.wide), images.dtype)
        images = padded(images, (0, 0), (images.shape[2], self.wide), rooms[0])
        by_group = gathered(images, rooms[1])
        laid = np.empty((len(images), *self.size, self.depth), images.dtype)
        top, left = self.grid.padding
        bottom, right = top + by_group.shape[1], left + self.wide
        laid[:, :top] = 0
        laid[:, bottom:] = 0
        laid[:, top:bottom, :left] = 0
        laid[:, top:bottom, right:] = 0
        inside = laid[:, top:bottom, left:right].reshape(*by_group.shape[:3], -1, self.depth)
        inside[...] = by_group.swapaxes(-1, -2)
        return laid.reshape(number, self.groups, *self.size, self.depth)

    def chunks(self, images: int) -> list[tuple[slice, slice]]:
        """Cut the windows of a block into products: (images, rows of output)."""
        return [
            (slice(*some), slice(*rows))
            for some in block_ranges(images, self.images)
            for rows in block_ranges(self.grid.output[0], self.rows)
        ]

    def matrix(self, pixels: np.ndarray, images: slice, rows: slice, room: np.ndarray):
        """im2col: the windows of some rows of some images (N, height, width, C), one a row."""
        grid = self.grid
        image, down, across, channel = pixels.strides
        number = len(range(*images.indices(len(pixels))))
        shape = (number, rows.stop - rows.start, grid.output[1], *grid.kernel, self.depth)
        (stride_h, stride_w), (apart_h, apart_w) = grid.stride, grid.dilation
        strides = (
            image, stride_h * down, stride_w * across, apart_h * down, apart_w * across, channel
        )  # fmt: skip
        first = pixels[images, rows.start * stride_h :]
        met = as_strided(first, shape, strides)
        if apart_w == 1:
            shape = (*shape[:4], shape[4] * shape[5])
            met = as_strided(first, shape, (*strides[:4], channel))
        matrix = room[: prod(shape)].reshape(shape)
        matrix[...] = met
        return matrix.reshape(-1, self.kernel)

    def add_matrix(self, spread: np.ndarray, pixels: np.ndarray, images: slice, rows: slice):
        """col2im, the adjoint of `matrix`: add windows (n, rows, columns, kernel, C) to pixels."""
        grid = self.grid
        for i in range(grid.kernel[0]):
            top = rows.start * grid.stride[0] + i * grid.dilation[0]
            down = slice(top, top + (spread.shape[1] - 1) * grid.stride[0] + 1, grid.stride[0])
            for j in range(grid.kernel[1]):
                left = j * grid.dilation[1]
                across = slice(left, left + (spread.shape[2] - 1) * grid.stride[1] + 1)
                place = pixels[images, down, across][:, :, :: grid.stride[1]]
                np.add(place, spread[:, :, :, i, j], out=place)

    def pick_up(self, pixels: np.ndarray, images: np.ndarray) -> None:
        """Copy pixels to images (N, groups, C, H, W): the adjoint of `pixels`."""
        top, left = self.grid.padding
        height, width = self.grid.image
        inside = pixels[:, :, top : top + height, left : left + width].transpose(0, 1, 4, 2, 3)
        if inside.shape[3:] != (height, width):
            images[...] = 0
        images[..., : inside.shape[3], : inside.shape[4]] = inside

    def room(self, dtype) -> np.ndarray:
        """Return room for a window matrix."""
        return np.empty(self.images * self.rows * self.grid.output[1] * self.kernel, dtype)


def correlate(x, weight, bias, grid, groups):
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], c in the group of k."""
    outputs = len(weight) // groups
    plan = _Plan(x, len(weight), grid, groups, BLOCKS)
    y = np.empty((len(x), groups, outputs, *grid.output), x.dtype)
    kernels = weight.reshape(groups, outputs, plan.depth, -1).transpose(0, 3, 2, 1)
    kernels = np.ascontiguousarray(kernels).reshape(groups, plan.kernel, outputs)
    shifts = None if bias is None else bias.reshape(groups, outputs)

    def work(block):
        first, last = plan.blocks[block]
        pixels = plan.pixels(x[first:last])
        room = plan.room(x.dtype)
        for images, rows in plan.chunks(last - first):
            for g in range(groups):
                product = plan.matrix(pixels[:, g], images, rows, room) @ kernels[g]
                if shifts is not None:
                    np.add(product, shifts[g], out=product)
                place = y[first:last][images, g, :, rows]
                product = product.reshape(len(place), *place.shape[2:], outputs)
                place[...] = product.transpose(0, 3, 1, 2)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return y.reshape(len(x), -1, *grid.output)


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    outputs, depth = len(weight) // groups, weight.shape[1]
    batch = len(dy)
    whole = np.empty((batch, groups * depth, *grid.image), dy.dtype)  # a leaf takes it uncopied
    dx = whole.reshape(batch, groups, depth, *grid.image)
    plan = _Plan(dx.reshape(batch, -1, *grid.image), len(weight), grid, groups, BLOCKS)
    values = dy.reshape(batch, groups, outputs, *grid.output)
    kernels = weight.reshape(groups, outputs, depth, -1).transpose(0, 1, 3, 2)
    kernels = np.ascontiguousarray(kernels).reshape(groups, outputs, plan.kernel)

    def work(block):
        first, last = plan.blocks[block]
        pixels = np.zeros((last - first, groups, *plan.size, depth), dy.dtype)
        for images, rows in plan.chunks(last - first):
            for g in range(groups):
                given = values[first:last][images, g, :, rows]
                shape = len(given), *given.shape[2:], *grid.kernel, depth
                given = np.ascontiguousarray(given.transpose(1, 0, 2, 3)).reshape(outputs, -1)
                spread = (given.T @ kernels[g]).reshape(shape)
                plan.add_matrix(spread, pixels[:, g], images, rows)
        plan.pick_up(pixels, dx[first:last])

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    return whole


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernel: for each of its offsets, dy times the pixels that it met."""
    outputs, depth = dy.shape[1] // groups, x.shape[1] // groups
    floats = dy.shape[1] * depth * prod(grid.kernel)
    plan = _Plan(x, dy.shape[1], grid, groups, min(max(PARTIAL_FLOATS // floats, 2), BLOCKS))
    parts = np.zeros((len(plan.blocks), groups, outputs, plan.kernel), x.dtype)
    values = dy.reshape(len(dy), groups, outputs, *grid.output)

    def work(block):
        first, last = plan.blocks[block]
        pixels = plan.pixels(x[first:last])
        room = plan.room(x.dtype)
        for images, rows in plan.chunks(last - first):
            for g in range(groups):
                matrix = plan.matrix(pixels[:, g], images, rows, room)
                given = values[first:last][images, g, :, rows]
                given = np.ascontiguousarray(given.transpose(1, 0, 2, 3)).reshape(outputs, -1)
                parts[block, g] += given @ matrix

    parallel_for(work, len(plan.blocks), seconds=plan.seconds)
    dw = np.add.reduce(parts, 0).reshape(-1, *grid.kernel, depth)
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))
