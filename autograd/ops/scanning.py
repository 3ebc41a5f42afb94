"""Scanning: a ufunc run along an axis, every place with the result of the one before.

``ufunc.accumulate`` computes element by element, each waiting for the last (3 to 15 ns).  Where
other axes are wide it is faster to take a whole row at a time; a long narrow scan runs in blocks
side by side, to which then what came before them is added.  A million numbers take 1 to 3 ms.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

WIDE = 256  # elements of a row that repay one call of NumPy
LONG = 4096  # places that repay blocks


def scan(ufunc: Any, y: Any, axis: int) -> Any:
    """Run ``ufunc`` along an axis of an array that is overwritten, and return it."""
    rows = np.moveaxis(y, axis, 0)
    length = len(rows)
    if not y.size or length == 1:
        return y
    if y.size // length >= WIDE:
        return _by_rows(ufunc, y, rows, 1)
    if length < LONG or ufunc is np.multiply:  # a block's product may overflow where all are 0
        ufunc.accumulate(y, axis, out=y)
        return y
    side = math.isqrt(length)
    whole = length - length % side
    blocks = rows[:whole].reshape(whole // side, side, *rows.shape[1:])
    for k in range(1, side):
        ufunc(blocks[:, k - 1], blocks[:, k], out=blocks[:, k])
    carried = ufunc.accumulate(blocks[:, -1].copy(), 0)
    ufunc(carried[:-1, None], blocks[1:], out=blocks[1:])
    return _by_rows(ufunc, y, rows, whole)


def _by_rows(ufunc: Any, y: Any, rows: Any, start: int) -> Any:
    for k in range(start, len(rows)):
        ufunc(rows[k - 1], rows[k], out=rows[k, ...])  # of a vector, a 0-d array
    return y
