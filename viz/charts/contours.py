"""Contours: where a function on a grid passes a level, as closed loops (marching squares).

The grid gets a rim that lies below every level, so that every loop is closed and bounds the region
where the function is *above* its level. Such regions can be filled, one upon the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["contours", "levels_of", "simplified"]

S, E, N, W = range(4)
# By the corners above the level (south-west 1, south-east 2, north-east 4, north-west 8): from
# which side to which the contour runs, with the higher ground on its left.
CASES: tuple[tuple[tuple[int, int], ...], ...] = (
    (), ((S, W),), ((E, S),), ((E, W),), ((N, E),), ((S, W), (N, E)), ((N, S),), ((N, W),),
    ((W, N),), ((S, N),), ((E, S), (W, N)), ((E, N),), ((W, E),), ((S, E),), ((W, S),), (),
)  # fmt: skip


def contours(x: Any, y: Any, values: Any, level: float) -> list[Any]:
    """Return the loops around the regions where ``values > level``.

    Parameters
    ----------
    x, y : array
        Coordinates of the columns and rows.
    values : (rows, columns) array
        Finite.
    level : float

    Returns
    -------
    list of (n, 2) arrays
        Loops; the first point is not repeated at the end.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-2, 2, 81)
    >>> hill = 1 - np.hypot(*np.meshgrid(x, x))
    >>> (loop,) = contours(x, x, hill, 0.0)
    >>> bool(abs(np.hypot(*loop.T) - 1).max() < 1e-3)
    True
    """
    x, y = (np.concatenate([v[:1], v, v[-1:]]).astype(float) for v in (x, y))
    rim = min(float(values.min()), level) - 1
    values = np.pad(np.asarray(values, float), 1, constant_values=rim)
    above = values > level
    code = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1].astype(int)
    width = values.shape[1]
    size = values.size
    after: dict[int, int] = {}
    for i, j in zip(*np.nonzero((code > 0) & (code < 15)), strict=True):
        cell = int(i) * width + int(j)
        # an edge is named by its first corner; those that run north are counted behind the others
        sides = (cell, size + cell + 1, cell + width, size + cell)
        for begin, end in CASES[code[i, j]]:
            after[sides[begin]] = sides[end]
    loops = []
    while after:
        start, end = after.popitem()
        edges = [start]
        while end != start:
            edges.append(end)
            end = after.pop(end)
        loops.append(_points(np.array(edges), x, y, values, level))
    return loops


def _points(edges: Any, x: Any, y: Any, values: Any, level: float) -> Any:
    """Return where edges cross the level, by linear interpolation."""
    upright, corner = np.divmod(edges, values.size)
    i, j = np.divmod(corner, values.shape[1])
    k, m = i + upright, j + 1 - upright
    first, second = values[i, j], values[k, m]
    share = (level - first) / (second - first)
    return np.stack([x[j] + share * (x[m] - x[j]), y[i] + share * (y[k] - y[i])], axis=1)


def levels_of(values: Any, count: int) -> list[float]:
    """Return levels that divide the picture well, closer together where the function is flat.

    They grow as a power, chosen so that the median of the values lies near the middle level, and
    are rounded to two digits where they stay distinct.

    Examples
    --------
    >>> import numpy as np
    >>> levels_of(np.linspace(0, 1, 101) ** 2, 4)
    [0.04, 0.16, 0.36, 0.64]
    """
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return []
    middle = (float(np.median(values)) - low) / (high - low)
    power = float(np.clip(np.log(np.clip(middle, 1e-9, 0.5)) / np.log(0.5), 1, 8))
    exact = [low + (high - low) * (k / (count + 1)) ** power for k in range(1, count + 1)]
    rounded = [float(f"{level:.1e}") for level in exact]
    distinct = all(a < b for a, b in zip([low, *rounded], [*rounded, high], strict=True))
    return rounded if distinct else exact


def simplified(loop: Any, tolerance: float = 0.15) -> Any:
    """Return a loop without the points that lie within a tolerance of the line past them.

    Examples
    --------
    >>> import numpy as np
    >>> square = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1]]
    >>> simplified(np.array(square)).tolist()
    [[0, 0], [2, 0], [2, 2], [0, 2]]
    """
    for turn in range(8):
        before, after = np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0)
        along = after - before
        across = loop - before
        area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0])
        keep = area > tolerance * np.hypot(*along.T)
        keep[turn % 2 :: 2] = True  # every other point, so that no two neighbours go at once
        if len(loop) < 8 or (keep.all() and turn % 2):
            break
        loop = loop[keep]
    return loop
