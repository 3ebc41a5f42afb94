"""Tiles of Winograd's F(4x4, 3x3) and their transforms, with channels last.

A 1-D transform is a product with a matrix of 6x6 or 4x6. Six lines of pixels, channels last, are a
matrix (6, columns x channels), and so are six columns of the result: one stack of products does all
tiles in one call, at four times the speed of sums and differences of whole arrays, for what it
reads and writes once stays in the cache. The columns of a line lie apart by their place within a
tile, (N, rows, 6, tiles, C), the two that tiles share twice.
"""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.parallel import block_ranges
from nn.ops.channels_last import gathered, padded, shaped

__all__ = ["TILE", "Tiling"]

TILE = 4  # outputs of a tile along each axis; it reads TILE + 2 inputs
TILE_FLOATS = 128 * 64  # tiles x channels transformed together
LEAST_TILES = 64  # in a product: fewer are slow
BLOCKS = 4  # at least, if there are as many images

Piece = tuple[int, int, int, int]

_INPUT = np.array(  # B^T
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    np.float32,
)
_OUTPUT = np.array(  # A^T
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    np.float32,
)


class Tiling:
    """How a batch falls into tiles of 4x4 outputs, tiles into pieces, and pieces into blocks.

    A piece ``(first image, last image, top tile row, bottom tile row)`` is transformed at once: a
    strip of one large image, or several small images. The pieces of a block share its rooms.
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

    def count(self, piece: Piece) -> int:
        """Return how many tiles a piece has."""
        first, last, top, bottom = piece
        return (last - first) * (bottom - top) * self.across

    def room(self, channels: int, depth: int = 36) -> np.ndarray:
        """Return room for ``depth`` numbers of every tile and channel, and for work beside them."""
        image = (TILE * self.rows + 3) * TILE * (self.across + 1)  # padded
        return np.empty(channels * max(depth * self.tiles, self.images * image), np.float32)

    def input_tiles(self, x: np.ndarray, piece: Piece, rooms: list[np.ndarray], out: np.ndarray):
        """Put B^T d B of the overlapping 6x6 tiles d of a piece into out (36, T, C), by columns."""
        channels, down, across = x.shape[1], piece[3] - piece[2], self.across
        laid = self._laid(x, piece, self.padding, TILE + 2, rooms)
        number = len(laid)
        n, row, *_ = laid.strides
        shape = number, down, TILE + 2, (TILE + 2) * across * channels
        lines = np.ndarray(shape, np.float32, laid, strides=(n, TILE * row, row, laid.itemsize))
        along = shaped(rooms[1], shape)
        np.matmul(_INPUT, lines, out=along)
        along = along.reshape(number, down, TILE + 2, TILE + 2, across * channels)
        np.matmul(_INPUT, along, out=self._by_columns(out, number, down))

    def spread_tiles(self, dy: np.ndarray, piece: Piece, rooms: list[np.ndarray], out: np.ndarray):
        """Put A dy A^T of the 4x4 tiles of a piece into out (36, T, K), by columns."""
        down, across, channels = piece[3] - piece[2], self.across, dy.shape[1]
        laid = self._laid(dy, piece, (0, 0), TILE, rooms)
        number = len(laid)
        along = shaped(rooms[1], (number, down, TILE + 2, TILE * across * channels))
        np.matmul(_OUTPUT.T, laid.reshape(number, down, TILE, -1), out=along)
        along = along.reshape(number, down, TILE + 2, TILE, across * channels)
        np.matmul(_OUTPUT.T, along, out=self._by_columns(out, number, down))

    def _laid(
        self,
        images: np.ndarray,
        piece: Piece,
        padding: tuple[int, int],
        lines: int,
        rooms: list[np.ndarray],
    ) -> np.ndarray:
        """Return what tiles of ``lines`` x ``lines`` pixels hold, (N, rows, lines, tiles, C)."""
        first, last, top, bottom = piece
        start, rows = TILE * top - padding[0], TILE * (bottom - top - 1) + lines
        above, below = max(-start, 0), min(images.shape[2] - start, rows)
        apart = prod(images.shape[2:]) % 1024  # channels 4 KB apart share few lines of the cache
        images = images[first:last, :, start + above : start + below]
        width = images.shape[3]
        if width % TILE or not apart:
            width = -(-width // TILE) * TILE
            images = padded(images, (0, 0), (images.shape[2], width), rooms[0])
        pixels = gathered(images, rooms[1])
        laid = shaped(rooms[0], (last - first, rows, lines, self.across, images.shape[1]))
        laid[:, :above] = 0
        laid[:, below:] = 0
        inside = laid[:, above:below]
        whole = not padding[1] and width >= TILE * self.across
        if whole:
            inside[:, :, :TILE] = pixels[:, :, : self.across].transpose(0, 1, 4, 2, 3)
        for j in range(TILE if whole else 0, lines):
            shift = j - padding[1]  # tile t begins at pixel 4 t + shift
            begin = min(-min(shift // TILE, 0), self.across)
            end = max(min((width - 1 - shift) // TILE + 1, self.across), begin)
            if begin:
                inside[:, :, j, :begin] = 0
            if end < self.across:
                inside[:, :, j, end:] = 0
            if j >= TILE:  # is at hand, but for the last tile
                inside[:, :, j, :-1] = inside[:, :, j - TILE, 1:]
                begin = max(begin, self.across - 1)
            if begin < end:
                some = slice(begin + shift // TILE, end + shift // TILE)
                inside[:, :, j, begin:end] = pixels[:, :, some, :, shift % TILE]
        return laid

    def _by_columns(self, out: np.ndarray, number: int, down: int) -> np.ndarray:
        """View (36, T, C) as (N, tile rows, 6 rows, 6 columns, across C)."""
        by_tile = out.reshape(TILE + 2, TILE + 2, number, down, -1)
        return by_tile.transpose(2, 3, 1, 0, 4)

    def output_tiles(self, m: np.ndarray, piece: Piece, rooms: list[np.ndarray], y: np.ndarray):
        """Put A^T m A into the tiles of y that are a piece; m is (36, T, K), by columns."""
        first, last, top, bottom = piece
        (height, width), outputs = self.output, y.shape[1]
        number, down, across = last - first, bottom - top, self.across
        a, b = rooms
        along = shaped(a, (TILE, TILE + 2, m.shape[1] * outputs))
        columns = m.reshape(TILE + 2, TILE + 2, -1)
        np.matmul(_OUTPUT, columns.swapaxes(0, 1), out=along.swapaxes(0, 1))
        tiles = shaped(b, (TILE, TILE, number, down, across, outputs))
        by_column = tiles.reshape(TILE, TILE, -1).swapaxes(0, 1)
        np.matmul(_OUTPUT, along, out=by_column)
        by_four = shaped(a, (number, down, TILE, across, outputs, TILE))
        places = by_four.transpose(5, 2, 0, 1, 3, 4)
        for j in range(TILE):
            places[j] = tiles[:, j]
        by_four = by_four.view(np.complex128).reshape(number, down * TILE, across, outputs)
        by_four = by_four.transpose(0, 3, 1, 2)
        below = min(TILE * down, height - TILE * top)
        target = y[first:last, :, TILE * top : TILE * top + below]
        if width == TILE * across:
            target.view(np.complex128)[...] = by_four[:, :, :below]
        else:
            image = shaped(b, (number, outputs, below, TILE * across))
            image.view(np.complex128)[...] = by_four[:, :, :below]
            target[...] = image[..., :width]
