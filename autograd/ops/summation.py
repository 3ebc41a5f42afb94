"""Adding up along axes, where NumPy is slow: many short rows.

``np.add.reduce`` calls its inner loop once a row, so a million rows of three take thirty times as
long as they need.  Two rearrangements of contiguous memory avoid it: short rows at the end are
multiplied by ones (a matrix-vector product), and rows elsewhere are laid side by side into lanes
of about a thousand numbers before they are added.  Both add in blocks, so they are no less exact.
Measured, float32, one thread: (1000000, 3) over 0 in 0.3 ms for 15, over 1 in 1.4 ms for 15;
(256, 64, 8, 8) over (0, 2, 3) in 0.1 ms for 0.44.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.blas import product
from autograd.blocks import WORTH_THREADS
from autograd.parallel import block_ranges, parallel_for

SMALL = 2048  # elements: below, NumPy's one call is quicker
SHORT = 1024  # elements of a row at the end: above, NumPy's pairwise sum is more exact
ROW = 512  # elements that are added by one product where all are
BLOCK = 1 << 11  # rows that a thread adds up at a time
SECONDS_PER_BYTE = 1e-10
LANES = 1024  # numbers that are added at a time


def add_up(x: Any, axes: tuple[int, ...]) -> Any:
    """Sum an array over ``axes`` (counted from 0), which are dropped."""
    if x.dtype.char == "e":  # as PyTorch: half floats add up in single precision
        return np.add.reduce(x, axis=axes, dtype=np.float32).astype(x.dtype)[()]
    if x.size < SMALL or not axes or not _suits(x):
        return np.add.reduce(x, axis=axes)
    if len(axes) == x.ndim:
        return _add_all(x.reshape(-1))
    shape = x.shape
    kept = [n for i, n in enumerate(shape) if i not in axes]
    end = len(shape)
    while end - 1 in axes:
        end -= 1
    if end < len(shape):
        row = math.prod(shape[end:])
        rows = x.reshape(-1, row)
        x = product(rows, np.ones(row, x.dtype)) if row <= SHORT else np.add.reduce(rows, axis=1)
    for first, stop in _runs([axis for axis in axes if axis < end]):
        number = math.prod(shape[first:stop])
        before = math.prod([n for i, n in enumerate(shape[:first]) if i not in axes])
        x = _add_lanes(x.reshape(before, number, math.prod(shape[stop:end])))
    return x.reshape(kept)


def _add_all(x: Any) -> Any:
    """Sum a vector: rows by ones, and what they give pairwise; a million in 0.07 ms for 0.15."""
    whole = len(x) - len(x) % ROW
    rows, ones = x[:whole].reshape(-1, ROW), np.ones(ROW, x.dtype)
    if x.nbytes < WORTH_THREADS:
        totals = product(rows, ones)
    else:
        totals = np.empty(len(rows), x.dtype)
        ranges = block_ranges(len(rows), BLOCK)

        def add_rows(block: int) -> None:
            start, stop = ranges[block]
            totals[start:stop] = product(rows[start:stop], ones)

        parallel_for(add_rows, len(ranges), seconds=x.nbytes * SECONDS_PER_BYTE)
    return np.add.reduce(totals) + np.add.reduce(x[whole:])


def _suits(x: Any) -> bool:
    return x.dtype.char in "fd" and x.flags.c_contiguous


def _runs(axes: list[int]) -> list[tuple[int, int]]:
    """Return the ranges of neighbouring axes."""
    runs: list[tuple[int, int]] = []
    for axis in sorted(axes):
        if runs and runs[-1][1] == axis:
            runs[-1] = (runs[-1][0], axis + 1)
        else:
            runs.append((axis, axis + 1))
    return runs


def _add_lanes(x: Any) -> Any:
    """Sum (before, number, width) over its middle axis."""
    before, number, width = x.shape
    side = min(LANES // width, math.isqrt(number)) if width else 0
    if side < 2:
        return np.add.reduce(x, axis=1)
    whole = number - number % side
    lanes = x[:, :whole].reshape(before, whole // side, side * width)
    total = np.add.reduce(np.add.reduce(lanes, axis=1).reshape(before, side, width), axis=1)
    return total if whole == number else total + np.add.reduce(x[:, whole:], axis=1)
