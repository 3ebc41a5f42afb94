"""Pooling 2x2 float32 pixels, the commonest pool, by flat operations on pairs.

Windows of two by two make short strided runs, between which NumPy spends most of its time. Here
every step runs over a whole block at once. Two neighbours in a row are one 64-bit word, and a
gradient is sent to one of them, or to neither, by a shift. A row and the one below it are the same
array, read one row further on; what that computes between two windows is not used. A last row or
column without a window is left out first, and receives zeros.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from nn.ops.lines import Line

__all__ = ["are_pairs", "find_winners", "fold_pairs", "send_to_winners"]


def are_pairs(x: np.ndarray, lines: Sequence[Line]) -> bool:
    """Whether the windows are 2x2 side by side and cover float32 images, but for an odd edge."""
    return (
        len(lines) == 2
        and x.dtype == np.float32
        and sys.byteorder == "little"
        and all(_halves(line) for line in lines)
    )


def _halves(line: Line) -> bool:
    if not line.windows or not line.dense or len(line.meets) != 2:
        return False
    if line.size == 2 * line.windows + 1:
        return line.stride == 2 and line.dilation == 1 and not line.starts[0]
    return line.size == 2 * line.windows


def _without_edge(images: np.ndarray, windows: np.ndarray) -> np.ndarray:
    height, width = windows.shape[1:]
    return np.ascontiguousarray(images[:, : 2 * height, : 2 * width])


def fold_pairs(ufunc: np.ufunc, images: np.ndarray, out: np.ndarray) -> bool:
    """Fold each 2x2 window of images (B, H, W): with the neighbour, then with the row below.

    Returns False if a number overflowed or was invalid, perhaps only between two windows.
    """
    half, flat = out.shape[2], _without_edge(images, out).reshape(-1)
    folded = np.empty(flat.shape, flat.dtype)
    try:
        with np.errstate(over="raise", invalid="raise"):
            ufunc(flat[:-1], flat[1:], out=folded[:-1])
            rows = _low_halves(folded)
            folded = folded[: len(rows)]
            ufunc(rows[:-half], rows[half:], out=folded[:-half])
    except FloatingPointError:
        return False
    _copy_even_rows(folded, half, out.reshape(-1))
    return True


def find_winners(images: np.ndarray, out: np.ndarray, shifts: np.ndarray) -> bool:
    """Write the largest of each 2x2 window of images (B, 2 H, 2 W), and who has it.

    ``shifts`` (B, 2 H, W), bytes, says for each word how far a gradient at its left is to be
    shifted: not at all, by 32 bits to the right neighbour, or by 64, out of the word, where the
    other row of the window wins. The first of equals wins. Returns False if there is a NaN: its
    windows have other winners.
    """
    height, half = shifts.shape[1:]
    flat, shift, largest = (
        _without_edge(images, out).reshape(-1),
        shifts.reshape(-1),
        out.reshape(-1),
    )
    left, right = _low_halves(flat), np.empty(len(flat) // 2, np.float32)
    right.view(np.uint32)[:-1] = flat[1:-1].view(np.uint64)  # in half the time of flat[1::2]
    right[-1] = flat[-1]
    np.greater(right, left, out=shift.view(np.bool_))
    shift *= 32
    larger = np.maximum(left, right, out=left)
    np.maximum(larger[:-half], larger[half:], out=right[:-half])
    _copy_even_rows(right, half, largest)
    if np.isnan(largest.max()):
        return False
    upper = np.zeros((height, half), np.uint8)
    upper[::2] = 64
    lost = np.zeros((len(images), height * half), np.uint8)
    np.greater(larger[half:], larger[:-half], out=lost.reshape(-1)[:-half].view(np.bool_))
    lost *= upper.reshape(-1)  # of upper rows, whose lower row has the larger value
    shift |= lost.reshape(-1)
    lost ^= upper.reshape(-1)  # of upper rows that win, so that the row below loses
    shift[half:] |= lost.reshape(-1)[:-half]
    return True


def send_to_winners(values: np.ndarray, shifts: np.ndarray, out: np.ndarray) -> None:
    """Send values (B, H, W) to the winners among pixels (B, 2 H, 2 W), and zeros elsewhere."""
    batch, height, width = values.shape[0], 2 * values.shape[1], 2 * values.shape[2]
    if out.shape[1:] != (height, width):
        covered = np.empty((batch, height, width), out.dtype)
        send_to_winners(values, shifts, covered)
        out[:, :height, :width] = covered
        out[:, height:] = out[:, :, width:] = 0
        return
    words = values.view(np.uint32).astype(np.uint64).reshape(-1, values.shape[2])
    sent = np.take(words, np.arange(2 * len(words)) >> 1, axis=0)  # repeat holds other threads up
    moved = out.reshape(-1).view(np.uint64)
    moved[...] = shifts.reshape(-1)  # cast by itself, which is quicker than within the shift
    np.left_shift(sent.reshape(-1), moved, out=moved)


def _low_halves(pixels: np.ndarray) -> np.ndarray:
    """Return every second pixel, from the first: the low halves of 64-bit words."""
    return pixels.view(np.uint64).astype(np.uint32).view(np.float32)


def _copy_even_rows(pixels: np.ndarray, width: int, out: np.ndarray) -> None:
    row = np.dtype((np.void, width * pixels.itemsize))  # copied whole, in two thirds of the time
    out.view(row)[...] = pixels.view(row)[::2]
