"""Adding values up at positions that may repeat, in NumPy: what the backward of indexing costs.

``np.add.at`` is fast for single elements of a flat array (2 ns each while the memory is in the
cache) and slow for anything else (10 ns an element for rows).  So single elements are given flat
positions, and rows are added in *rounds*: the first row of every cell, then the second of every
cell, and so on, or from the last to the first where few cells repeat.  No cell repeats within a
round, so NumPy adds whole rows.  The order of a sum follows from the positions alone: the same bits
on every run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Index = tuple[Any, ...]

BLOCK = 1 << 17  # bytes of positions in work at once, and needed beside arrays and gradients
ROWS = 1 << 16  # bytes of rows copied at once, twice: no larger block is faster by 10 %
NARROW = 64  # elements; rows of fewer are added one by one, in less time where ids repeat
PEELED = 3  # rounds found from the end, each in a third of the time that sorting takes
FEW = 16  # rows; when a round has fewer, the rest is added cell by cell, or row by row

FULL = slice(None)


def add_at(z: Array, index: Index, x: Any, blank: bool = False) -> None:
    """Add ``x`` to ``z[index]``, as often as a cell is named.

    Parameters
    ----------
    z : ndarray
        In row-major order; changed in place.
    index : tuple
        An index with arrays that is known to fit ``z``.
    x : ndarray
        Of the shape of ``z[index]``.
    blank : bool
        Whether z is all zeros, so that what comes first is written and not added.
    """
    x = np.asarray(x)
    if not x.size:
        return
    parts = without_ellipsis(index, z.ndim)
    while _is_full(parts[-1]):
        parts.pop()
    lead = next(i for i, part in enumerate(parts) if not _is_full(part))
    used = sum(map(axes_used, parts))
    rows = z.shape[used:]
    if are_positions(parts[lead:]) and (not lead or math.prod(z.shape[:lead] + rows) >= NARROW):
        before, lengths = z.shape[:lead], z.shape[lead:used]
        width = math.prod(rows)
        if width < NARROW and not lead:
            x = x.reshape(*np.broadcast_shapes(*[part.shape for part in parts]), width)
            for part, ids in position_blocks(parts, lengths):
                _add_elements(z.reshape(-1), ids.reshape(-1), x[part].reshape(-1, width), width)
                del ids  # before there are others
            return
        ids = flat_positions(parts[lead:], lengths)
        cells = z.reshape(*before, math.prod(lengths), *rows)
        given = x.reshape(*before, ids.size, *rows)
        lines = np.moveaxis(cells, lead, 0)
        add_rows(lines, ids.reshape(-1), np.moveaxis(given, lead, 0), blank)
        return
    reached = z.shape[:used]
    ids = np.arange(math.prod(reached)).reshape(reached)[tuple(parts)]
    add_rows(z.reshape(-1, *rows), ids.reshape(-1), x.reshape(-1, *rows), blank)


def _is_full(part: Any) -> bool:
    return isinstance(part, slice) and part == FULL


def axes_used(part: Any) -> int:
    """Return how many axes of an array a part of an index selects from."""
    if isinstance(part, np.ndarray):
        return part.ndim if part.dtype.kind == "b" else 1
    return 0 if part is None or part is Ellipsis or isinstance(part, bool) else 1


def names_once(index: Index) -> bool:
    """Tell whether an index is one mask, with slices, and so names no cell twice."""
    arrays = [part for part in index if isinstance(part, np.ndarray)]
    return len(arrays) == 1 and arrays[0].dtype.kind == "b"


def without_ellipsis(index: Index, ndim: int) -> list[Any]:
    """Return the parts of an index with ``...`` written out as slices."""
    places = [i for i, part in enumerate(index) if part is Ellipsis]
    if not places:
        return list(index)
    if len(places) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    at = places[0]
    used = sum(map(axes_used, index))
    return [*index[:at], *[FULL] * (ndim - used), *index[at + 1 :]]


def are_positions(parts: list[Any]) -> bool:
    """Tell whether all parts are arrays of integers."""
    return all(isinstance(part, np.ndarray) and part.dtype.kind in "iu" for part in parts)


def flat_positions(parts: list[Array], lengths: tuple[int, ...]) -> Array:
    """Return arrays of positions, one an axis, as one array of positions from 0 in row-major order.

    Raises
    ------
    IndexError
        If a position lies outside its axis, or the arrays do not broadcast.
    """
    flat: Any = None
    for axis, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        ids = from_zero(part, length, f"axis {axis} with size")
        if flat is None:
            flat = ids
        else:
            flat = flat * length
            flat = np.add(flat, ids, out=flat if flat.shape == ids.shape else None)
    return flat  # type: ignore[no-any-return]


def position_blocks(parts: list[Array], lengths: tuple[int, ...]) -> Iterator[tuple[Any, Array]]:
    """Yield pieces of the arrays' common first axis, and the flat positions in each."""
    try:
        parts = list(np.broadcast_arrays(*parts)) if len(parts) > 1 else parts
    except ValueError:
        shapes = ", ".join(str(part.shape) for part in parts)
        raise IndexError(f"index arrays of shapes {shapes} do not broadcast") from None
    if len(parts) == 1 or not parts[0].ndim:
        yield ..., flat_positions(parts, lengths)
        return
    step = max(1, BLOCK // (8 * max(1, math.prod(parts[0].shape[1:]))))
    for begin in range(0, len(parts[0]), step):
        part = slice(begin, begin + step)
        yield part, flat_positions([ids[part] for ids in parts], lengths)


def from_zero(ids: Array, length: int, where: str) -> Array:
    """Return positions with the negative ones counted from 0, in NumPy's index dtype.

    Raises
    ------
    IndexError
        If a position lies outside ``[-length, length)``.
    """
    ids = ids.astype(np.intp, copy=False)
    if not within(ids, length):
        least, most = int(ids.min()), int(ids.max())
        if least < -length or most >= length:
            wrong = most if most >= length else least
            raise IndexError(f"index {wrong} is out of bounds for {where} {length}")
        return np.where(ids < 0, ids + length, ids)
    return ids


def within(ids: Array, length: int) -> bool:
    """Tell whether all positions lie in [0, length), reading them once."""
    if not ids.size:
        return True
    if ids.dtype == np.int64:  # a negative integer is a large unsigned one
        return bool(ids.view(np.uint64).max() < length)
    return bool(ids.min() >= 0 and ids.max() < length)


def add_rows(z: Array, ids: Array, x: Array, blank: bool = False) -> None:
    """Add row ``x[i]`` to ``z[ids[i]]`` for every i; the positions count from 0.

    Where z is ``blank``, all zeros, one row of each cell is written and not added.
    """
    width = math.prod(x.shape[1:])
    if width < NARROW and z.flags.c_contiguous:
        _add_elements(z.reshape(-1), ids, x.reshape(len(ids), width), width)
        return
    last = np.empty(len(z), np.intp)
    early = np.flatnonzero(_named_again(ids, last))
    if not early.size:
        _add_distinct(z, ids, x, None, blank)
        return
    if not blank or 4 * early.size >= ids.size:
        _add_in_rounds(z, ids, x, None, blank)
        return
    z[ids] = x  # leaves the last row of each cell behind: NumPy assigns in order
    for _ in range(PEELED):
        if early.size < FEW:
            break
        again = _named_again(ids[early], last)
        _add_distinct(z, ids, x, early[~again], False)
        early = early[again]
    if early.size < FEW:
        _add_by_cell(z, ids, x, early)
    else:
        _add_in_rounds(z, ids, x, early, False)


def _named_again(ids: Array, last: Array) -> Array:
    """Tell of each position whether a later one names the same cell; ``last`` is written to."""
    turns = np.arange(len(ids))
    last[ids] = turns
    again: Array = last[ids] != turns
    return again


def _add_in_rounds(z: Array, ids: Array, x: Array, rows: Array | None, blank: bool) -> None:
    """Add rows, all of them or those named: the first of every cell, then the second, ..."""
    order, rounds = _rounds(ids if rows is None else ids[rows], len(z))
    order = order if rows is None else rows[order]
    begin = 0
    for size in rounds:
        if size < FEW:
            break
        _add_distinct(z, ids, x, order[begin : begin + size], blank and not begin)
        begin += size
    _add_by_cell(z, ids, x, order[begin:])


def _add_elements(z: Array, ids: Array, x: Array, width: int) -> None:
    if width == 1:
        np.add.at(z, ids, x.reshape(-1))
        return
    step = max(1, BLOCK // (8 * width))
    within_row = np.arange(width)
    for begin in range(0, len(ids), step):
        part = slice(begin, begin + step)
        np.add.at(z, (ids[part, None] * width + within_row).reshape(-1), x[part].reshape(-1))


def _rounds(ids: Array, cells: int) -> tuple[Array, list[int]]:
    """Return the order in which no cell repeats within a round, and the rounds' lengths."""
    order = _sorting(ids, cells)
    ordered = ids[order]
    first = np.ones(len(ids), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    begins = np.flatnonzero(first)
    counts = np.diff(begins, append=len(ids))
    turn = np.arange(len(ids)) - np.repeat(begins, counts)
    return order[_sorting(turn, int(counts.max()))], np.bincount(turn).tolist()


def _sorting(ids: Array, limit: int) -> Array:
    """Return the stable order of integers below ``limit``; 16 bits are sorted ten times as fast."""
    return np.argsort(ids.astype(np.uint16) if limit <= 1 << 16 else ids, kind="stable")


def _add_distinct(z: Array, ids: Array, x: Array, rows: Array | None, blank: bool) -> None:
    """Add rows, all of them or those named, to cells that are distinct, or write them."""
    number = len(ids) if rows is None else len(rows)
    step = max(1, ROWS // (x.itemsize * math.prod(x.shape[1:])))
    for begin in range(0, number, step):
        named = slice(begin, begin + step) if rows is None else rows[begin : begin + step]
        if blank:
            z[ids[named]] = x[named]
        else:
            z[ids[named]] += x[named]


def _add_by_cell(z: Array, ids: Array, x: Array, rows: Array) -> None:
    """Add rows that belong to a few cells, one cell after the other; a few rows one by one."""
    if len(rows) < FEW:
        for row in rows.tolist():
            z[ids[row]] += x[row]
        return
    step = max(1, ROWS // (x.itemsize * math.prod(x.shape[1:])))
    cells = ids[rows]
    for cell in np.unique(cells).tolist():
        own = rows[cells == cell]
        for begin in range(0, len(own), step):
            z[cell] += np.add.reduce(x[own[begin : begin + step]], axis=0)
