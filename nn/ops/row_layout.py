"""How rows of images are laid out for stacks of small products, and a batch is cut for it.

For each column of a kernel, the pixels that a row of windows meets there are laid out as a run;
`nn.ops.row_products` multiplies them. What is copied is prepared as calls (`nn.ops.calls`).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

import numpy as np

from autograd.parallel import block_ranges
from nn.ops.calls import Calls
from nn.ops.channels_last import pixels_together, shaped
from nn.ops.windows import WindowGrid

__all__ = ["BLOCKS", "COLUMNS", "Piece", "Plan", "block_number"]

COLUMNS = 16  # in a product, at least: rows of smaller images lie side by side
STRIP_FLOATS = 1 << 19  # of what is laid out at a time, about, if images are small
BAND_FLOATS = 1 << 19  # of it at most, about: larger images are cut into bands
# Of few images bands are made for several threads to share, if that is worth laying out twice what
# two bands meet.
BANDS, LEAST_ROWS, WORTH_BANDS = 4, 6, 2e-3
# Threads wait for each other at the end of NumPy's short calls, so blocks are few, and calls long.
BLOCKS, FOUR_BLOCKS, TWO_BLOCKS = 8, 1e-2, 2.5e-3  # seconds of what is cut in no more
SECONDS_PER_PRODUCT, SECONDS_PER_FLOAT = 1e-11, 8e-10  # copied


class Piece(NamedTuple):
    """Images [first, last) and rows of output [top, bottom), laid out at once."""

    first: int
    last: int
    top: int
    bottom: int


class Plan:
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
        laid = self.lines * (grid.stride[0] + whole_images * grid.kernel[0])
        floats = self.columns * groups * max(laid, self.outputs)  # of a row
        products = grid.kernel[0] * self.lines * outputs * height * width
        copied = height * width * (grid.stride[0] * self.lines * groups + outputs)
        self.seconds = batch * (SECONDS_PER_PRODUCT * products + SECONDS_PER_FLOAT * copied)
        bands = 1
        if not whole_images and self.seconds > WORTH_BANDS:
            bands = min(-(-BANDS // strips), -(-height // LEAST_ROWS))
        bands = min(max(bands, -(-floats * height // BAND_FLOATS)), height)
        self.band = -(-height // bands)
        blocks = min(blocks, block_number(self.seconds))
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

    def clear_sides(self, by_column: np.ndarray) -> None:
        """Set to zero what columns of the kernel meet beside images: (kernel columns, ...)."""
        for lines, (left, _) in zip(by_column, self.met_columns, strict=True):
            lines[..., : left.start] = 0
            lines[..., left.stop :] = 0

    def by_column(self, lines: np.ndarray) -> np.ndarray:
        """View lines as (strips, groups, rows, columns of the kernel, C, side, columns)."""
        shape = *lines.shape[:3], self.grid.kernel[1], self.depth, *lines.shape[4:]
        return lines[:, :, :, : self.lines].reshape(shape)

    def lay(self, images: np.ndarray, piece: Piece, laid: np.ndarray, calls: Calls) -> None:
        """Copy what rows of a piece meet into ``laid``, `by_column`: its columns beyond are 0."""
        top, rows = self.met_rows(piece)
        calls.clear(laid[:, :, : top.start], laid[:, :, top.stop :])
        for s, some in enumerate(self.by_image(images[piece.first : piece.last])):
            target = laid[: len(some), :, top, ..., s, :]
            for j, left, source in self.columns_apart(some[:, :, :, rows], calls):
                calls.copy(target[:, :, :, j, :, left], source.swapaxes(2, 3))

    def lay_by_phase(
        self, images: np.ndarray, piece: Piece, laid: np.ndarray, calls: Calls
    ) -> None:
        """Do it as (strips, groups, kernel columns, C, phases, rows, side, columns)."""
        stride, number = self.grid.stride[0], piece.last - piece.first
        shift, size = self.grid.padding[0] - piece.top * stride, self.grid.image[0]
        _, met = _cut(laid.shape[5] * stride, 1, shift, size)
        cuts = []
        for f in range(laid.shape[4]):
            top, rows = _cut(laid.shape[5], stride, shift - f, size)
            cuts.append((f, top, slice(max(rows.start - met.start, 0), None, stride)))
            calls.clear(laid[:, :, :, :, f, : top.start], laid[:, :, :, :, f, top.stop :])
        for s, some in enumerate(self.by_image(images[piece.first : piece.last])):
            for j, left, source in self.columns_apart(some[:, :, :, met], calls):
                for f, top, rows in cuts:
                    target = laid[: len(some), :, j, :, f, top, s, left]
                    calls.copy(target, source[:, :, :, rows][:, :, :, : target.shape[3]])
        if number % self.side:  # whatever was there before
            calls.clear(laid[number // self.side, ..., number % self.side :, :])

    def met_in_phase(self, phase: int) -> list[tuple[int, slice, int]]:
        """Return columns of the kernel, places in rows of output, and where in a phase they meet.

        A phase is every ``stride``-th column of an image.
        """
        stride = self.grid.stride[1]
        return [
            (j, places, columns.start // stride)
            for j, (places, columns) in enumerate(self.met_columns)
            if columns.start % stride == phase and places.start < places.stop
        ]

    def columns_apart(
        self, images: np.ndarray, calls: Calls
    ) -> Iterator[tuple[int, slice, np.ndarray]]:
        """Yield columns of the kernel, places in rows of output, and images that are met there."""
        stride, apart = self.grid.stride[1], images
        for phase in range(stride):
            if met := self.met_in_phase(phase):
                if stride > 1:  # in one pass for all rows
                    some = images[..., phase::stride]
                    apart = calls.room("apart", some.shape, some.dtype)
                    calls.add(np.copyto, apart, some)
                for j, places, first in met:
                    yield j, places, apart[..., first : first + places.stop - places.start]

    def turn(self, values: np.ndarray, turned: np.ndarray, room: np.ndarray, calls: Calls) -> None:
        """Lay outputs out as (strips, groups, positions, K), zero where a strip has no image."""
        positions, group = prod(values.shape[2:]), pixels_together(values.dtype)
        if self.side == 1 and positions % group == 0:
            shape = *values.shape[:1], self.groups, self.outputs, positions // group
            pixels = values.reshape(*shape, group).view(np.complex128)[..., 0].swapaxes(2, 3)
            room = shaped(room.reshape(-1), (*pixels.shape, group))
            calls.add(np.copyto, room.view(np.complex128)[..., 0], pixels)
            room = room.swapaxes(-1, -2)
            calls.add(np.copyto, turned.reshape(room.shape), room)
            return
        by_row = turned.reshape(*turned.shape[:2], values.shape[2], self.side, -1, self.outputs)
        for s, some in enumerate(self.by_image(values)):
            calls.add(np.copyto, by_row[: len(some), :, :, s], some.transpose(0, 1, 3, 4, 2))
        if len(values) % self.side:
            calls.clear(by_row[-1, :, :, len(values) % self.side :])

    def by_image(self, images: np.ndarray) -> list[np.ndarray]:
        """Split images (N, groups C, H, W) by their place in a strip: (strips, groups, C, H, W)."""
        shape = self.groups, images.shape[1] // self.groups, *images.shape[2:]
        return [
            images[s :: self.side].reshape(-1, *shape) for s in range(min(self.side, len(images)))
        ]


def block_number(seconds: float) -> int:
    """Return into how many blocks so much work is cut."""
    return 2 if seconds < TWO_BLOCKS else 4 if seconds < FOUR_BLOCKS else BLOCKS


def _cut(places: int, stride: int, shift: int, size: int) -> tuple[slice, slice]:
    """Return which places k meet an image at ``k stride - shift``, and where they do."""
    start = min(max(-(-shift // stride), 0), places)
    stop = min(max((size - 1 + shift) // stride + 1, start), places)
    first = start * stride - shift
    return slice(start, stop), slice(first, first + (stop - start) * stride, stride)
