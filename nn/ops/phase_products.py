"""The image's gradient of a convolution that strides, as products phase by phase.

Pixels that lie a stride apart, a *phase*, meet the same taps of the kernel: with stride 2 a 3x3
kernel falls into four, of 2x2, 2x1, 1x2 and 1x1 taps. Each phase is a correlation of stride 1 of
the gradient with its taps turned round, whose sums BLAS makes; spreading products over windows
would pass over nine times as many numbers. A phase's products are stacks of small ones, a row of
pixels each, as in `nn.ops.row_products`.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.calls import MANY, Calls
from nn.ops.row_layout import COLUMNS, block_number
from nn.ops.small_products import pieces_of
from nn.ops.windows import WindowGrid

__all__ = ["correlate_input", "suits"]

LEAST_CHANNELS, LEAST_PIXELS = 16, 16  # of a product
STRIP_FLOATS = 1 << 19  # of what is laid out at a time, and of the phases made of it, about
LEAST_STEPS = 4  # down an image, in a piece
SECONDS_PER_PRODUCT, SECONDS_PER_FLOAT = 1e-11, 6e-10  # copied
APART = 16  # floats between channels of a phase: 4 KB apart they would share lines of the cache


def suits(weight_shape: tuple[int, ...], grid: WindowGrid) -> bool:
    """Return whether windows overlap by whole strides, and this way pays, as measured.

    It does with channels enough and phases wide enough: by 8 to 30 % of the time.
    """
    overlap = any(k > s > 1 for k, s in zip(grid.kernel, grid.stride, strict=True))
    wide = grid.image[1] >= LEAST_PIXELS * grid.stride[1]
    return overlap and wide and grid.dilation == (1, 1) and weight_shape[1] >= LEAST_CHANNELS


class Phase(NamedTuple):
    """Pixels ``first``, ``first + stride``, ...: the t-th meets dy[start + t - m] with tap m.

    There are ``taps`` of them, of which the first is the kernel's number ``tap``.
    """

    tap: int
    taps: int
    first: int
    start: int
    pixels: int


def _phases(size: int, kernel: int, stride: int, padding: int) -> list[Phase]:
    firsts = [(tap - padding) % stride for tap in range(stride)]
    return [
        Phase(
            tap,
            len(range(tap, kernel, stride)),
            first,
            (first + padding) // stride,
            len(range(first, size, stride)),
        )
        for tap, first in enumerate(firsts)
    ]


class _Plan:
    """How a batch is cut into blocks of pieces: (first image, last, first step down, last).

    ``side`` images lie side by side in a strip; a piece has some strips, or a band of one.
    """

    def __init__(self, batch: int, weight_shape: tuple[int, ...], grid: WindowGrid, groups: int):
        outputs, depth = weight_shape[:2]
        sizes = zip(grid.image, grid.kernel, grid.stride, grid.padding, strict=True)
        self.down, self.across = (_phases(*each) for each in sizes)
        width = -(-grid.image[1] // grid.stride[1])
        self.side = min(batch, -(-COLUMNS // width))
        begin = grid.padding[0] // grid.stride[0]
        steps = (grid.image[0] - 1 + grid.padding[0]) // grid.stride[0] + 1 - begin
        floats = width * (grid.kernel[1] * outputs + prod(grid.stride) * depth * groups) * steps
        products = prod(grid.kernel) * depth * outputs * prod(grid.output)
        self.seconds = batch * (SECONDS_PER_PRODUCT * products + SECONDS_PER_FLOAT * floats)
        blocks, strips = block_number(self.seconds), -(-batch // self.side)
        floats *= self.side
        bands = max(-(-floats // (2 * STRIP_FLOATS)), -(-blocks // strips))
        self.band = min(steps, max(LEAST_STEPS, -(-steps // bands)))
        self.strips = min(max(1, STRIP_FLOATS // floats), -(-strips // blocks))
        pieces = [
            (*images, begin + top, begin + bottom)
            for images in block_ranges(batch, self.strips * self.side)
            for top, bottom in block_ranges(steps, self.band)
        ]
        share = -(-len(pieces) // blocks)
        self.blocks = [pieces[start:stop] for start, stop in block_ranges(len(pieces), share)]


def correlate_input(dy: np.ndarray, weight: np.ndarray, grid: WindowGrid, groups: int):
    """Gradient of the image: each pixel's sum over the windows that it is in."""
    outputs, depth = len(weight) // groups, weight.shape[1]
    (stride, step), (height, width) = grid.stride, grid.output
    dx = np.empty((len(dy), groups * depth, *grid.image), dy.dtype)
    plan = _Plan(len(dy), weight.shape, grid, groups)
    side, most = plan.side, max(phase.taps for phase in plan.down)
    met = [phase for phase in plan.across if phase.taps and phase.pixels]
    # With its channels last a kernel is a transposed factor, which BLAS likes best.
    by_tap = weight.reshape(groups, outputs, depth, *grid.kernel).transpose(0, 3, 4, 1, 2)
    by_tap = np.ascontiguousarray(by_tap)
    kernels = {}
    for up in plan.down:
        for along in met if up.taps else ():
            taps = by_tap[:, up.tap :: stride][:, ::-1, along.tap :: step]
            size = up.taps * along.taps * outputs
            pieces = pieces_of(depth, size * side * along.pixels)
            taps = taps.reshape(groups, size, 1, pieces, -1)
            kernels[up, along] = taps.transpose(0, 2, 3, 4, 1)

    def by_image(images):
        """Split images (N, groups C, H, W) by their place in a strip: (strips, groups, C, H, W)."""
        shape = groups, images.shape[1] // groups, *images.shape[2:]
        return [images[s::side].reshape(-1, *shape) for s in range(min(side, len(images)))]

    def lay(images, rows, along, laid, calls):
        """Copy rows of dy, once for each tap: (strips, groups, rows, taps, K, side, pixels)."""
        for s, some in enumerate(images):
            source = some[:, :, :, rows].swapaxes(2, 3)
            for m in range(along.taps):
                start = along.start - m  # of dy, of which columns [0, width) exist
                left = min(max(-start, 0), along.pixels)
                right = max(min(width - start, along.pixels), left)
                target = laid[: len(some), :, :, m, :, s]
                calls.clear(target[..., :left], target[..., right:])
                calls.copy(target[..., left:right], source[..., start + left : start + right])

    def multiply(along, laid, made, begin, end, shift, calls):
        """Make the pixels of a phase across, (strips, groups, C, rows, side x pixels)."""
        strips = len(made)
        strip, group, row, _, line, *_ = laid.strides
        for up in plan.down:
            first, last = max(begin, up.start), min(end, up.start + up.pixels)
            top = (first - begin) * stride + up.tap
            place = made[:, :, :, top : top + (last - first - 1) * stride + 1 : stride]
            if first >= last or not up.taps:
                calls.clear(*([place] if first < last else []))
                continue
            kernel = kernels[up, along]
            windows = np.ndarray(
                (strips, groups, last - first, 1, kernel.shape[-1], made.shape[-1]),
                laid.dtype,
                laid,
                (first - up.taps + 1 - shift) * row,
                (strip, group, row, 0, line, laid.itemsize),
            )
            place = place.swapaxes(2, 3)
            place = place.reshape(*place.shape[:3], *kernel.shape[2:4], -1)
            calls.add(np.matmul, kernel, windows, place)

    def work(block):
        rows = plan.band + most - 1  # of dy, that are met
        rooms = []
        for along in met:
            laid = plan.strips, groups, rows, along.taps, outputs, side, along.pixels
            laid = np.empty(laid, dy.dtype)
            if side > 1:  # a strip may have fewer images
                laid[...] = 0
            size = plan.band * stride, side * along.pixels
            made = np.empty((plan.strips, groups, depth, prod(size) + APART), dy.dtype)
            rooms.append((along, laid, made[..., : prod(size)].reshape(*made.shape[:3], *size)))
        calls = Calls()
        for first, last, begin, end in plan.blocks[block]:
            images, targets = by_image(dy[first:last]), by_image(dx[first:last])
            strips = len(images[0])
            top = begin * stride - grid.padding[0]  # the first pixel, perhaps beyond the image
            inside = slice(max(top, 0), min(end * stride - grid.padding[0], grid.image[0]))
            shift = begin - most + 1  # the first row of dy, perhaps beyond it
            above = min(max(-shift, 0), rows)
            below = max(min(height - shift, end - shift), above)
            for along, laid, made in rooms:
                calls.clear(laid[:strips, :, :above], laid[:strips, :, below:])
                part = slice(shift + above, shift + below)
                lay(images, part, along, laid[:, :, above:below], calls)
                multiply(along, laid, made[:strips], begin, end, shift, calls)
                found = made[:, :, :, inside.start - top : inside.stop - top]
                found = found.reshape(*found.shape[:4], side, along.pixels)
                for s, target in enumerate(targets):
                    place = target[..., inside, along.first :: step]
                    calls.add(np.copyto, place, found[: len(target), ..., s, :])
            for phase in plan.across:
                if not phase.taps:
                    calls.clear(dx[first:last, :, inside, phase.first :: step])
            calls.make(MANY)
        calls.make()

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    return dx
