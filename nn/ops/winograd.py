"""Winograd's minimal filtering F(4x4, 3x3): sixteen outputs of a 3x3 convolution for 36 products.

An output tile of 4x4 is ``A^T [(G w G^T) * (B^T d B)] A`` of its 6x6 input tile d (Lavin & Gray,
"Fast Algorithms for Convolutional Neural Networks", 2016): 36 multiplications instead of 144. Over
channels the product is 36 small matrix products. Both transforms are applied to all tiles at once
as one product with a Kronecker square, ``kron(B^T, B^T)`` (36 x 36); inside a block the image lies
with its channels last, so that every copy moves whole runs of channels.

The price is rounding: a relative error of about 2e-6 where direct summation in float32 has 2e-7;
and a pixel that is infinite or NaN spoils all 16 outputs of its tiles, not nine. It is therefore
used in float32 only, for 3x3 kernels of stride 1 with enough channels; float64, and so every
gradient check, takes the direct way. ``with winograd(False):`` turns it off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_weight", "suits", "winograd"]

TILE = 4  # outputs of a tile along each axis; it reads TILE + 2 inputs
TILE_FLOATS = 128 * 64  # tiles x channels transformed together: long calls, for threads take turns
LEAST_CHANNELS = 32  # fewer, and transforming takes longer than it saves
LEAST_TILES = 32  # in a product: fewer are slow
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB
BLOCKS = 8  # at least, if there are as many images
SECONDS_PER_PRODUCT = 1e-11

_B = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
_A = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])

INPUT = np.kron(_B, _B).astype(np.float32)  # (36, 36)
FILTER = np.kron(_G, _G).astype(np.float32)  # (36, 9)
OUTPUT = np.kron(_A, _A).astype(np.float32)  # (16, 36)
SPREAD = np.ascontiguousarray(OUTPUT.T)  # (36, 16), the adjoint, for the gradient of the filter

_enabled: ContextVar[bool] = ContextVar("winograd", default=True)


@contextmanager
def winograd(enabled: bool) -> Iterator[None]:
    """Allow or forbid Winograd's convolution within a ``with`` block.

    A backward chooses when it runs, so it belongs into the block too.

    Examples
    --------
    >>> with winograd(False):  # direct summation: relative error 2e-7 instead of 2e-6
    ...     pass
    """
    token = _enabled.set(enabled)
    try:
        yield
    finally:
        _enabled.reset(token)


def suits(dtype: np.dtype, weight_shape: tuple[int, ...], grid: WindowGrid) -> bool:
    """Return whether Winograd's way is allowed here, and faster (as measured)."""
    outputs, channels = weight_shape[:2]
    height, width = grid.output
    tiled = -(-height // TILE) * -(-width // TILE) * TILE * TILE
    return (
        _enabled.get()
        and dtype == np.float32
        and grid.kernel == (3, 3)
        and grid.stride == (1, 1)
        and max(grid.padding) <= 2
        and min(channels, outputs) >= LEAST_CHANNELS
        and tiled <= 1.6 * height * width
    )


def correlate(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, padding: tuple[int, int]
) -> np.ndarray:
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c]."""
    channels, outputs = x.shape[1], len(weight)
    height, width = x.shape[2] + 2 * padding[0] - 2, x.shape[3] + 2 * padding[1] - 2
    y = np.empty((len(x), outputs, height, width), np.float32)
    kernels = np.ascontiguousarray(weight.transpose(2, 3, 1, 0)).reshape(9, -1)
    kernels = (FILTER @ kernels).reshape(36, channels, outputs)
    tiling = _Tiling(len(x), (height, width), padding, max(channels, outputs))

    shift = np.float32(0) if bias is None else bias

    def work(block: int) -> None:
        image, tiles, transformed = tiling.rooms(channels, 36, 36)
        _, product, result, laid = tiling.rooms(outputs, 36, 16, 16)
        for piece in tiling.blocks[block]:
            first, last, top, bottom = piece
            v = transformed[: 36 * tiling.count(piece) * channels].reshape(36, -1, channels)
            tiling.input_tiles(x, piece, image, tiles, v)
            size = v.shape[1] * outputs
            m = product[: 36 * size].reshape(36, -1, outputs)
            np.matmul(v, kernels, out=m)
            tiles_out = result[: 16 * size].reshape(16, size)
            np.matmul(OUTPUT, m.reshape(36, size), out=tiles_out)
            rows = laid[: 16 * size].reshape(last - first, -1, TILE * tiling.across, outputs)
            places = _tile_view(rows)
            np.add(tiles_out.reshape(places.shape), shift, out=places)
            start, stop = TILE * top, min(TILE * bottom, height)
            y[first:last, :, start:stop] = rows[:, : stop - start, :width].transpose(0, 3, 1, 2)

    seconds = SECONDS_PER_PRODUCT * 9 * y.size * channels
    parallel_for(work, len(tiling.blocks), seconds=seconds)
    return y


def correlate_weight(dy: np.ndarray, x: np.ndarray, padding: tuple[int, int]) -> np.ndarray:
    """Gradient of the kernel: ``G^T [sum over tiles of (A dy A^T) * (B^T d B)] G``."""
    channels, outputs = x.shape[1], dy.shape[1]
    blocks = min(max(PARTIAL_FLOATS // (36 * outputs * channels), 2), BLOCKS)
    widest = max(channels, outputs)
    tiling = _Tiling(len(x), dy.shape[2:], padding, widest, blocks)
    parts = np.zeros((len(tiling.blocks), 36, outputs, channels), np.float32)
    # Each product adds to 36 sums for every pair of channels: it must be over many tiles to pay.
    together = max(1, widest // tiling.tiles)

    def work(block: int) -> None:
        image, tiles = tiling.rooms(channels, 36)
        laid, gathered = tiling.rooms(outputs, 16, 16)[1:]
        pieces = tiling.blocks[block]
        count = tiling.tiles * min(together, len(pieces))
        v_room = np.empty((36, count, channels), np.float32)
        m_room = np.empty((36, count, outputs), np.float32)
        total = parts[block]
        product = np.empty_like(total) if len(pieces) > together else total
        for start, stop in block_ranges(len(pieces), together):
            filled = 0
            for piece in pieces[start:stop]:
                last = filled + tiling.count(piece)
                tiling.input_tiles(x, piece, image, tiles, v_room[:, filled:last])
                tiling.output_tiles(dy, piece, laid, gathered, m_room[:, filled:last])
                filled = last
            np.matmul(m_room[:, :filled].transpose(0, 2, 1), v_room[:, :filled], out=product)
            if product is not total:
                np.add(total, product, out=total)

    seconds = SECONDS_PER_PRODUCT * 9 * dy.size * channels
    parallel_for(work, len(tiling.blocks), seconds=seconds)
    sums = np.add.reduce(parts, 0).reshape(36, -1)
    return np.ascontiguousarray((FILTER.T @ sums).T).reshape(outputs, channels, 3, 3)


def _tile_view(rows: np.ndarray) -> np.ndarray:
    """View images (N, H, W, C) by place within a tile: (4, 4, N, H / 4, W / 4, C)."""
    images, height, width, channels = rows.shape
    split = rows.reshape(images, height // TILE, TILE, width // TILE, TILE, channels)
    return split.transpose(2, 4, 0, 1, 3, 5)


class _Tiling:
    """How a batch falls into tiles of 4x4 outputs, tiles into pieces, and pieces into blocks.

    A piece ``(first image, last image, top tile row, bottom tile row)`` is transformed at once: a
    strip of one large image, or several small images. The pieces of a block share its buffers.
    """

    def __init__(
        self,
        batch: int,
        output: tuple[int, ...],
        padding: tuple[int, int],
        channels: int,
        blocks: int = 2 * BLOCKS,
    ):
        self.output, self.padding = output, padding
        self.down, self.across = -(-output[0] // TILE), -(-output[1] // TILE)
        tiles = max(TILE_FLOATS // channels, LEAST_TILES)
        self.images = max(1, min(tiles // (self.down * self.across), -(-batch // BLOCKS)))
        self.rows = max(1, min(self.down, tiles // self.across))
        pieces = [
            (*images, *rows)
            for images in block_ranges(batch, self.images)
            for rows in block_ranges(self.down, self.rows)
        ]
        share = -(-len(pieces) // blocks)
        self.tiles = self.images * self.rows * self.across  # of a piece, at most
        self.blocks = [pieces[start:stop] for start, stop in block_ranges(len(pieces), share)]

    def rooms(self, channels: int, *depths: int) -> list[np.ndarray]:
        """Return room for padded images of a piece, and for tiles of each of these depths."""
        tiles = self.tiles * channels
        padded = self.images * (TILE * self.rows + 2) * (TILE * self.across + 2) * channels
        return [np.empty(size, np.float32) for size in (padded, *(d * tiles for d in depths))]

    def count(self, piece: tuple[int, int, int, int]) -> int:
        """Return how many tiles a piece has."""
        first, last, top, bottom = piece
        return (last - first) * (bottom - top) * self.across

    def input_tiles(self, x, piece, image_room, tile_room, out):
        """``kron(B^T, B^T)`` times the overlapping 6x6 tiles of a piece: out (36, T, C)."""
        first, last, top, bottom = piece
        (height, width), channels = x.shape[2:], x.shape[1]
        shape = last - first, TILE * (bottom - top) + 2, TILE * self.across + 2, channels
        image = image_room[: shape[0] * shape[1] * shape[2] * channels].reshape(shape)
        offset, left = self.padding[0] - TILE * top, self.padding[1]  # of the image in its room
        above, below = max(offset, 0), min(shape[1], height + offset)
        right = min(shape[2], width + left)
        image[:, :above] = 0
        image[:, below:] = 0
        image[:, above:below, :left] = 0
        image[:, above:below, right:] = 0
        source = x[first:last, :, above - offset : below - offset, : right - left]
        image[:, above:below, left:right] = source.transpose(0, 2, 3, 1)
        n, h, w, c = image.strides
        tiles = np.ndarray(
            (TILE + 2, TILE + 2, last - first, bottom - top, self.across, channels),
            np.float32,
            image,
            strides=(h, w, n, TILE * h, TILE * w, c),
        )
        gathered = tile_room[: tiles.size].reshape(tiles.shape)
        gathered[...] = tiles
        np.matmul(INPUT, gathered.reshape(36, -1), out=out.reshape(36, -1))

    def output_tiles(self, dy, piece, image_room, tile_room, out):
        """``kron(A, A)`` times the 4x4 tiles of a piece of dy: out (36, T, K)."""
        first, last, top, bottom = piece
        (height, width), channels = self.output, dy.shape[1]
        shape = last - first, TILE * (bottom - top), TILE * self.across, channels
        size = shape[0] * shape[1] * shape[2] * channels
        image = image_room[:size].reshape(shape)
        below = min(shape[1], height - TILE * top)
        image[:, below:] = 0
        image[:, :below, width:] = 0
        source = dy[first:last, :, TILE * top : TILE * top + below]
        image[:, :below, :width] = source.transpose(0, 2, 3, 1)
        tiles = tile_room[:size].reshape(_tile_view(image).shape)
        tiles[...] = _tile_view(image)
        np.matmul(SPREAD, tiles.reshape(16, -1), out=out.reshape(36, -1))
