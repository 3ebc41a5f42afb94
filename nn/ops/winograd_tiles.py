"""Tiles of Winograd's F(4x4, 3x3) and their transforms, with channels last and in long runs.

A 1-D transform is a handful of sums and differences, done for whole arrays at a time. For that the
columns of an image lie apart by their place within a tile: (N, rows, 4, columns / 4, C), so that
each of the six columns of all tiles is one shift.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges
from nn.ops.channels_last import gathered, padded, shaped

__all__ = ["TILE", "Tiling"]

TILE = 4  # outputs of a tile along each axis; it reads TILE + 2 inputs
TILE_FLOATS = 128 * 64  # tiles x channels transformed together
LEAST_TILES = 64  # in a product: fewer are slow
BLOCKS = 4  # at least, if there are as many images

Piece = tuple[int, int, int, int]

_TWO, _FOUR, _EIGHT = np.float32(2), np.float32(4), np.float32(8)


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
        first, last, top, bottom = piece
        channels, number, down, across = x.shape[1], last - first, bottom - top, self.across
        a, b, c = rooms
        origin = self.padding[0] - TILE * top, self.padding[1]
        image = padded(x[first:last], origin, (TILE * down + 2, TILE * (across + 1)), a)
        pixels = _channels_last(image, b, a)  # (N, rows, 4, across + 1, C)
        n, row, *rest = pixels.strides
        lines = np.ndarray(
            (TILE + 2, number, down, *pixels.shape[2:]),
            np.float32,
            pixels,
            strides=(row, n, TILE * row, *rest),
        )
        along = shaped(b, lines.shape)
        _six_of_six(lines[:4], lines[4:], along, c)
        columns = along.transpose(3, 0, 1, 2, 4, 5)
        _six_of_six(
            columns[..., :across, :],
            columns[:2, ..., 1:, :],
            out.reshape(TILE + 2, TILE + 2, number, down, across, channels),
            c,
        )

    def spread_tiles(self, dy: np.ndarray, piece: Piece, rooms: list[np.ndarray], out: np.ndarray):
        """Put A dy A^T of the 4x4 tiles of a piece into out (36, T, K), by columns."""
        first, last, top, bottom = piece
        number, down, across, channels = last - first, bottom - top, self.across, dy.shape[1]
        a, b, c = rooms
        image = dy[first:last, :, TILE * top : TILE * bottom]
        image = padded(image, (0, 0), (TILE * down, TILE * across), a)
        pixels = _channels_last(image, b, a)
        lines = pixels.reshape(number, down, TILE, *pixels.shape[2:]).transpose(2, 0, 1, 3, 4, 5)
        along = shaped(b, (TILE + 2, *lines.shape[1:]))
        _six_of_four(lines, along, c)
        tiles = out.reshape(TILE + 2, TILE + 2, number, down, across, channels)
        _six_of_four(along.transpose(3, 0, 1, 2, 4, 5), tiles, c)

    def output_tiles(self, m: np.ndarray, piece: Piece, rooms: list[np.ndarray], y: np.ndarray):
        """Put A^T m A into the tiles of y that are a piece; m is (36, T, K), by columns."""
        first, last, top, bottom = piece
        (height, width), outputs = self.output, y.shape[1]
        number, down, across = last - first, bottom - top, self.across
        a, b, c = rooms
        along = shaped(a, (TILE, TILE + 2, m.shape[1], outputs))
        _four_of_six(m.reshape(TILE + 2, TILE + 2, *m.shape[1:]), along, c)
        tiles = shaped(b, (TILE, TILE, number, down, across, outputs))
        _four_of_six(along.transpose(1, 0, 2, 3), tiles.reshape(TILE, TILE, *m.shape[1:]), c)
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


def _channels_last(image: np.ndarray, room: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return (N, C, H, W) as (N, H, 4, W / 4, C), in ``out``, which may hold the image."""
    pixels = gathered(image, room)
    laid = shaped(out, (*pixels.shape[:2], TILE, *pixels.shape[2:4]))
    laid[...] = pixels.transpose(0, 1, 4, 2, 3)
    return laid


# The 1-D transforms act along the first axis, as sums that share what they can; ``room`` is for
# what is shared. B^T has the rows (4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0),
# (0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0), (0, 4, 0, -5, 0, 1), and A^T the rows
# (1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1).


def _six_of_six(head: np.ndarray, tail: np.ndarray, out: np.ndarray, room: np.ndarray) -> None:
    """Apply B^T to six lines: four are ``head``, the last two begin ``tail``."""
    shape = out.shape[1:]
    low, high, product = shaped(room, (6, *shape)).reshape(3, 2, *shape)
    np.subtract(head[2:4], head[:2], out=low)  # d2 - d0, d3 - d1
    np.subtract(tail[:2], head[2:4], out=high)  # d4 - d2, d5 - d3
    np.multiply(low, _FOUR, out=product)
    np.subtract(high, product, out=out[::5])
    np.multiply(low[1], _TWO, out=product[0])
    np.add(high[0], product[0], out=out[3])
    np.subtract(high[0], product[0], out=out[4])
    np.multiply(head[1:3], _FOUR, out=product)
    np.subtract(head[3], product[0], out=low[0])  # d3 - 4 d1
    np.subtract(tail[0], product[1], out=low[1])  # d4 - 4 d2
    np.add(low[1], low[0], out=out[1])
    np.subtract(low[1], low[0], out=out[2])


def _four_of_six(m: np.ndarray, out: np.ndarray, room: np.ndarray) -> None:
    """Apply A^T to six lines."""
    shape = out.shape[1:]
    sums, differences, product = shaped(room, (6, *shape)).reshape(3, 2, *shape)
    np.add(m[1:5:2], m[2:5:2], out=sums)  # m1 + m2, m3 + m4
    np.subtract(m[1:5:2], m[2:5:2], out=differences)
    np.add(sums[0], sums[1], out=product[0])
    np.add(product[0], m[0], out=out[0])
    np.multiply(sums[1], _FOUR, out=product[0])
    np.add(sums[0], product[0], out=out[2])
    np.multiply(differences[1], _TWO, out=product[0])
    np.add(differences[0], product[0], out=out[1])
    np.multiply(differences[1], _EIGHT, out=product[0])
    np.add(differences[0], product[0], out=product[1])
    np.add(product[1], m[5], out=out[3])


def _six_of_four(lines: np.ndarray, out: np.ndarray, room: np.ndarray) -> None:
    """Apply A to four lines."""
    shape = out.shape[1:]
    sums, product = shaped(room, (4, *shape)).reshape(2, 2, *shape)
    out[0] = lines[0]
    out[5] = lines[3]
    np.add(lines[:2], lines[2:], out=sums)  # y0 + y2, y1 + y3
    np.add(sums[0], sums[1], out=out[1])
    np.subtract(sums[0], sums[1], out=out[2])
    np.multiply(lines[2:], _FOUR, out=product)
    np.add(lines[:2], product, out=sums)  # y0 + 4 y2, y1 + 4 y3
    np.multiply(sums[1], _TWO, out=product[0])
    np.add(sums[0], product[0], out=out[3])
    np.subtract(sums[0], product[0], out=out[4])
