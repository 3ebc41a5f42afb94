"""Where cards stand when a graph branches: the longest way straight, by-ways in rows below.

A card's column is the length of the longest way from an input, so every edge runs to the right.
The longest way keeps the first row; what leaves it and comes back stands below, and an edge that
passes over columns (a residual's bypass) runs in a track of its own under the cards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from viz.tensors.layers import Layer
from viz.tensors.placement import (
    CARD,
    CARD_HEIGHT,
    COLUMN,
    FOOT,
    HEAD,
    NARROW,
    SIDE,
    WIDE_HEIGHT,
    Box,
    ClusterBox,
    Placement,
    attached_height,
    columns_of,
)

__all__ = ["Track", "place_branches", "tracks_of"]

TRACK = 30  # height of a bypass's track: both lanes
BETWEEN = 24


@dataclass(frozen=True)
class Track:
    """A bypass: the edge, and the y of its two lanes under the cards."""

    source: int
    target: int
    y: float


def place_branches(layers: Sequence[Layer], top: float) -> tuple[Placement, tuple[Track, ...]]:
    """Place any acyclic graph of layers from left to right."""
    ranks = _ranks(layers)
    rows = _rows(layers, ranks)
    lefts = _lefts(layers, ranks)
    skips = tracks_of(layers, ranks, rows)
    boxes: list[Box] = []
    grounds: list[tuple[float, float, float]] = []
    tracks: list[Track] = []
    y = top
    for row in range(max(rows, default=-1) + 1):
        bottom = y
        for position, layer in enumerate(layers):
            if rows[position] != row:
                continue
            first = layer.kind == "input"
            height = WIDE_HEIGHT if first or columns_of(layer) > 1 else CARD_HEIGHT
            width = NARROW if first else CARD + (columns_of(layer) - 1) * COLUMN
            x = lefts[ranks[position]]
            boxes.append(Box(position, x, y + HEAD, width, height, row, ranks[position]))
            below = attached_height(layer) if height == CARD_HEIGHT else 0
            bottom = max(bottom, y + HEAD + height + below)
        bottom += FOOT
        lanes: list[list[tuple[int, int]]] = []
        for source, target in skips:
            if max(rows[source], rows[target]) != row:
                continue
            span = (ranks[source], ranks[target])
            lane = next((n for n, used in enumerate(lanes) if all(
                span[1] <= a or b <= span[0] for a, b in used)), len(lanes))  # fmt: skip
            if lane == len(lanes):
                lanes.append([])
            lanes[lane].append(span)
            tracks.append(Track(source, target, bottom + 16 + lane * TRACK))
        bottom += len(lanes) * TRACK
        grounds.append((y, bottom, 0.0))
        y = bottom + BETWEEN
    right = max((box.right for box in boxes), default=0.0)
    placement = Placement(
        tuple(boxes), _clusters(layers, boxes), tuple(grounds), right + 24, y - BETWEEN + 14, None
    )
    return placement, tuple(tracks)


def tracks_of(
    layers: Sequence[Layer], ranks: Sequence[int], rows: Sequence[int]
) -> list[tuple[int, int]]:
    """Find the edges that cannot run straight: they pass over a card, or change rows."""
    held = {(rows[p], ranks[p]) for p in range(len(layers))}
    found = []
    for target, layer in enumerate(layers):
        for source in layer.inputs:
            between = range(ranks[source] + 1, ranks[target])
            free = not any((rows[source], rank) in held for rank in between)
            if rows[source] == rows[target] and free:
                continue
            if rows[source] == rows[target] or ranks[target] - ranks[source] > 1:
                found.append((source, target))
    return sorted(found, key=lambda edge: ranks[edge[1]] - ranks[edge[0]])


def _ranks(layers: Sequence[Layer]) -> list[int]:
    ranks = [0] * len(layers)
    for position, layer in enumerate(layers):
        ranks[position] = max((ranks[source] + 1 for source in layer.inputs), default=0)
    for position, layer in enumerate(layers):  # an input stands just before its first use
        if not layer.inputs:
            uses = [ranks[t] for t, other in enumerate(layers) if position in other.inputs]
            ranks[position] = max(0, min(uses, default=1) - 1)
    return ranks


def _rows(layers: Sequence[Layer], ranks: Sequence[int]) -> list[int]:
    """Put the longest way in row 0, then each by-way in the first row that is free."""
    rows = [-1] * len(layers)
    taken: set[tuple[int, int]] = set()
    for end in sorted(range(len(layers)), key=lambda p: -ranks[p]):
        if rows[end] >= 0:
            continue
        way = [end]
        while True:
            before = [s for s in layers[way[-1]].inputs if rows[s] < 0]
            if not before:
                break
            way.append(max(before, key=lambda s: (ranks[s], s)))
        row = 0
        while any((row, ranks[p]) in taken for p in way):
            row += 1
        for position in way:
            rows[position] = row
            taken.add((row, ranks[position]))
    return rows


def _lefts(layers: Sequence[Layer], ranks: Sequence[int]) -> list[float]:
    lefts, x = [], 32.0
    for rank in range(max(ranks, default=-1) + 1):
        lefts.append(x)
        here = [layer for layer, r in zip(layers, ranks, strict=True) if r == rank]
        narrow = all(layer.kind == "input" for layer in here)
        widest = max((columns_of(layer) for layer in here), default=1)
        x += (NARROW if narrow else CARD + (widest - 1) * COLUMN) + COLUMN - CARD
    return lefts


def _clusters(layers: Sequence[Layer], boxes: Sequence[Box]) -> tuple[ClusterBox, ...]:
    """Draw a module's ground where its cards stand side by side in one row, alone."""
    found: list[ClusterBox] = []
    seen: set[str] = set()
    for row in range(max((box.row for box in boxes), default=-1) + 1):
        here = sorted((box for box in boxes if box.row == row), key=lambda box: box.x)
        run: list[Box] = []
        for box in [*here, None]:
            path = layers[box.layer].cluster if box else None
            if run and (path != layers[run[0].layer].cluster):
                name = layers[run[0].layer].cluster
                if name:
                    bottom = max(b.y + b.height + attached_height(layers[b.layer]) for b in run)
                    x, y = run[0].x - SIDE, run[0].y - HEAD
                    found.append(
                        ClusterBox(name, x, y, run[-1].right + SIDE - x, bottom + FOOT - y,
                                   name not in seen)
                    )  # fmt: skip
                    seen.add(name)
                run = []
            if box:
                run.append(box)
    return tuple(found)
