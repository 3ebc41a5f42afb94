"""Columns: from the order in each layer to coordinates, with edges as straight as they can be.

Each card wants to stand where its edges run level; the nearest arrangement that keeps order and
gaps is found exactly, block by block (pool adjacent violators).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from viz.layout.layers import Layers

__all__ = ["column_places", "group_leaves", "settle"]

SWEEPS = 6

Pull = tuple[object, float, float]  # the other box, and where the edge ends on both sides


def group_leaves(
    column: Sequence[object], stem_of: Callable[[object], str | None], rank: Mapping[str, int]
) -> list[object]:
    """Put leaves of one array together (``x1, x2, x3``), in the order of their numbers.

    Runs of leaves only are reordered; an operation between two leaves stays between them.

    Parameters
    ----------
    column : sequence of boxes
        From top to bottom.
    stem_of : callable
        The array of a leaf, None for anything else.
    rank : mapping of str to int
        Which array comes first.

    Examples
    --------
    >>> stems = {"x1": "x", "x2": "x", "k1": "k", "k2": "k"}
    >>> group_leaves(["k1", "x2", "k2", "x1", "z"], stems.get, {"x": 0, "k": 1})
    ['x1', 'x2', 'k1', 'k2', 'z']
    """
    result: list[object] = []
    run: list[object] = []
    for box in [*column, None]:
        if box is not None and stem_of(box) is not None:
            run.append(box)
            continue
        if len(run) > 2:
            run.sort(key=lambda leaf: (rank.get(stem_of(leaf) or "", 0), _natural(str(leaf))))
        result += run
        run = []
        if box is not None:
            result.append(box)
    return result


def column_places(
    layers: Layers, columns: Sequence[Sequence[object]], heights: Mapping[object, float],
    pulls: Sequence[tuple[object, float, object, float]],
    gap: Callable[[object, object], float],
) -> dict[object, float]:  # fmt: skip
    """Return the top of every box.

    Parameters
    ----------
    layers : Layers
    columns : sequence of sequences of boxes
        Each layer from top to bottom.
    heights : mapping of box to float
    pulls : sequence of (source, offset, target, offset)
        Edges between neighbouring layers, with the heights at which they leave and arrive.
    gap : callable
        The distance to keep between two boxes.
    """
    left: dict[object, list[Pull]] = {}
    right: dict[object, list[Pull]] = {}
    for source, out, target, into in pulls:
        right.setdefault(source, []).append((target, out, into))
        left.setdefault(target, []).append((source, into, out))
    tops: dict[object, float] = {}
    for column in columns:
        total = sum(heights[box] for box in column)
        total += sum(gap(a, b) for a, b in zip(column, column[1:], strict=False))
        top = -total / 2
        for i, box in enumerate(column):
            tops[box] = top
            top += heights[box] + (gap(box, column[i + 1]) if i + 1 < len(column) else 0)
    for sweep in range(SWEEPS):
        backward = sweep % 2 == 0
        sides = (right, left) if backward else (left, right)
        for column in reversed(columns) if backward else columns:
            _level(column, tops, heights, gap, sides)
    lowest = min(tops.values(), default=0.0)
    return {box: round(top - lowest) for box, top in tops.items()}


def _level(
    column: Sequence[object], tops: dict[object, float], heights: Mapping[object, float],
    gap: Callable[[object, object], float], sides: tuple[dict[object, list[Pull]], ...],
) -> None:  # fmt: skip
    """Move the boxes of one column to where their edges run level."""
    wanted, weights = [], []
    for box in column:
        pulls = sides[0].get(box, []) or sides[1].get(box, [])
        aims = [tops[other] + there - here for other, here, there in pulls]
        wanted.append(sum(aims) / len(aims) if aims else tops[box])
        weights.append(float(len(aims)) or 0.01)
    offsets, total = [], 0.0
    for i, box in enumerate(column):
        offsets.append(total)
        if i + 1 < len(column):
            total += heights[box] + gap(box, column[i + 1])
    placed = settle([w - o for w, o in zip(wanted, offsets, strict=True)], weights)
    for box, place, offset in zip(column, placed, offsets, strict=True):
        tops[box] = place + offset


def settle(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the rising sequence nearest to what is wanted, in weighted least squares.

    >>> settle([3.0, 1.0, 5.0], [1.0, 1.0, 1.0])
    [2.0, 2.0, 5.0]
    """
    blocks: list[list[float]] = []  # mean, weight, count
    for value, weight in zip(wanted, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, mass, count = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + mean * mass) / (last[1] + mass)
            last[1] += mass
            last[2] += count
    return [mean for mean, _, count in blocks for _ in range(int(count))]


def _natural(name: str) -> list[object]:
    """Sort ``x10`` behind ``x9``."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(part)) if part.isdigit() else (0, part) for part in parts]
