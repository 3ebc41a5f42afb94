"""Convolution with one pixel, or one window, to an output: products without a window matrix.

A 1x1 kernel multiplies the channels of every position: W @ x[n], image by image.
A kernel as large as the image meets one window, all of it: then every pixel is a channel, and the
layer is fully connected. Operands are contiguous first, for products of transposed arrays round
otherwise.
"""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.row_layout import block_number
from nn.ops.small_products import SMALL, divisor

__all__ = ["correlate", "correlate_input", "correlate_weight"]

WORTH_SHARING = 1e-3  # seconds
FEW_IMAGES = 4  # as many blocks at least, if images have as many pieces
# A stack of small products takes a third less time than large ones, and one call.
PIECE = 128  # positions of a product, if that is small; or half as many
APART = 1024  # rows of a multiple of that many positions fall on each other in the cache
APART_FLOATS = 1 << 19  # that are set apart at a time
STACK_FLOATS = 1 << 18  # of products made in one call, about
LEAST_DEPTH = 512  # positions that a product of the kernel's gradient sums over
# Small products with a transposed factor are fast if they are no larger than that, and sum over so
# many positions at least: half as long as large products, which copy both factors first.
TILE, LEAST_TILE, LEAST_TILED = (32, 16), 8, 256
SECONDS_PER_PRODUCT = 2e-11


class _Plan:
    """Blocks of images, for arrays (N, C, positions) and a kernel (K, C / groups).

    Of few images a block has some of the positions, a whole number of pieces.
    """

    def __init__(self, x_shape, weight_shape):
        batch, _, positions = x_shape
        self.seconds = SECONDS_PER_PRODUCT * batch * positions * prod(weight_shape)
        cuts = min(-(-FEW_IMAGES // batch), positions // (2 * PIECE))
        if cuts < 2 or self.seconds < WORTH_SHARING:
            self.size = positions
        else:
            self.size = -(-positions // (cuts * PIECE)) * PIECE
        blocks = block_number(self.seconds)
        self.blocks = [
            (*images, *some)
            for images in block_ranges(batch, -(-batch // blocks))
            for some in block_ranges(positions, self.size)
        ]


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
    kernels = weight.reshape(groups, -1, depth)
    plan = _Plan(x.shape, weight.shape)
    fitting = SMALL // (len(kernels[0]) * (depth + 1))
    piece = PIECE if fitting >= PIECE else PIECE // 2 if fitting >= PIECE // 2 else positions
    small = piece < positions
    together = max(1, STACK_FLOATS // (outputs * positions)) if small else batch  # images
    # Of rows 4 KB apart small products read each number many times, and find few in the cache: the
    # images are set apart first. Then the bias is the weight of a line of ones beside them.
    long = bias is not None and 2 * positions > APART
    aside = small and (long or positions % APART == 0)
    line = int(aside and bias is not None)
    if line:
        kernels = np.concatenate((kernels, bias.reshape(groups, -1, 1)), 2)
    # Positions that are set apart at a time, whole pieces of them.
    apart = (
        max(1, APART_FLOATS // (groups * (depth + line) * piece)) * piece if aside else positions
    )

    def work(block):
        first, last, left, right = plan.blocks[block]
        most = min(together, last - first)
        if aside:
            shape = most, groups, depth + line, min(apart, right - left) + 16
            room = np.empty(shape, x.dtype)
            room[:, :, depth:] = 1
        for start, stop in block_ranges(last - first, together):
            some = slice(first + start, first + stop)
            for begin, end in block_ranges(right - left, apart):
                width = end - begin
                split = width // piece * piece if small else 0
                part = slice(left + begin, left + end)
                given, target = images[some, ..., part], y[some, :, part]
                maps = target.reshape(stop - start, groups, -1, width)
                if aside:
                    room[: stop - start, :, :depth, :width] = given
                    given = room[: stop - start, ..., :width]
                if split:
                    pieces, places = (_pieces(a, split, piece) for a in (given, maps))
                    np.matmul(kernels[:, None], pieces, out=places)
                if split < width:
                    np.matmul(kernels, given[..., split:], out=maps[..., split:])
                if bias is not None and not line:
                    np.add(target, bias[:, None], out=target)

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    return whole


def _pieces(maps, split, piece):
    """View maps (N, groups, C, positions) by pieces: (N, groups, pieces, C, their positions)."""
    shape = *maps.shape[:3], split // piece, piece
    return maps[..., :split].reshape(shape).swapaxes(2, 3)


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
    tile = tuple(map(divisor, shape[1:], TILE))
    tiled = min(tile) >= LEAST_TILE and plan.size >= LEAST_TILED
    if not tiled:
        tile = shape[1:]
    down, across = shape[1] // tile[0], shape[2] // tile[1]
    parts = np.zeros((len(plan.blocks), groups, down, across, *tile), x.dtype)
    together = max(1, LEAST_DEPTH // plan.size)  # images in a product
    most = together * max(1, STACK_FLOATS // (dy.shape[1] * shape[2] * together))

    def side_by_side(images, channels, length):
        """(N, groups C, positions) as (n, chunks, groups, C, together): no copy of one image."""
        number, width = len(images), images.shape[2]
        by_product = images.reshape(-1, min(together, number), groups, channels, width)
        by_product = by_product.transpose(0, 2, 3, 1, 4)
        by_product = by_product.reshape(*by_product.shape[:3], -1, length)
        return by_product.transpose(0, 3, 1, 2, 4)

    def work(block):
        first, last, left, right = plan.blocks[block]
        whole = (last - first) // together * together  # what is left makes a smaller product
        for start, stop in [*block_ranges(whole, most), (whole, last - first)]:
            if start < stop:
                some = slice(first + start, first + stop), slice(None), slice(left, right)
                length = (right - left) * min(together, stop - start)
                if tiled:
                    length = divisor(length, SMALL // prod(tile))
                values = side_by_side(dy[some], shape[1], length)
                pixels = side_by_side(x[some], shape[2], length)
                values = values.reshape(*values.shape[:3], down, 1, tile[0], length)
                pixels = pixels.reshape(*pixels.shape[:3], 1, across, tile[1], length)
                parts[block] += np.add.reduce(values @ pixels.swapaxes(-1, -2), (0, 1))

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    return np.add.reduce(parts, 0).swapaxes(2, 3).reshape(outputs, -1)
