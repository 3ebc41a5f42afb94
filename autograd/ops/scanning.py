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
TILE = 1024  # elements of a row of the buffer
DEEP = 64  # rows of the buffer: it stays in the cache
LONG = 4096  # places that repay blocks


def scanned(
    ufunc: Any, x: Any, axis: int, dtype: Any = None, between: Any = None, reverse: bool = False
) -> Any:
    """Return an array scanned along an axis, from its end in reverse, in row-major order.

    ``between`` is the dtype of the results on the way.  Where other axes are wide, some
    places of a thousand slices side by side are copied to a buffer whose rows are scanned: the axis
    may lie anywhere in memory, and little is held besides the result.
    """
    between = np.dtype(between or x.dtype)
    axis %= x.ndim
    length = x.shape[axis]
    if x.size < WIDE * max(length, 1):
        y = np.array(x, between, order="C")
        scan(ufunc, np.flip(y, axis) if reverse else y, axis)
        return y.astype(dtype or x.dtype, copy=False)
    z = np.empty(x.shape, dtype or x.dtype)
    before, after = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    from_, to = (np.moveaxis(a.reshape(before, length, after), 1, 0) for a in (x, z))
    if before == 1:  # blocks are cut from the axis that is wide
        from_, to = from_.swapaxes(1, 2), to.swapaxes(1, 2)
    if reverse:
        from_, to = from_[::-1], to[::-1]
    _, number, width = from_.shape
    step = min(number, max(1, TILE // width))
    buffer = np.empty((min(DEEP, length), step, width), between)
    for start in range(0, number, step):
        part = slice(start, min(start + step, number))
        last = None
        for begin in range(0, length, DEEP):
            places = slice(begin, min(begin + DEEP, length))
            y = buffer[: places.stop - begin, : part.stop - start]
            y[...] = from_[places, part]
            rows = iter(y)
            last = next(rows) if last is None else last
            for row in rows:
                last = ufunc(last, row, out=row)
            to[places, part] = y
            last = last.copy()  # what follows overwrites it
    return z


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
    if rows.ndim == 1:
        rows = rows[:, None]  # whose rows are arrays, not numbers
    last = rows[start - 1]
    for row in rows[start:]:
        last = ufunc(last, row, out=row)
    return y
