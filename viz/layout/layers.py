"""Layers: every edge runs from one layer to the next, with a bend in each layer that it crosses.

An operation stands one layer after its latest operand, a leaf in the layer before its first
consumer.  An edge over several layers is cut by *bends*, small boxes of their own, so that cards
make room for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Layers", "layered"]

Bend = tuple[str, str, int]  # source, target, layer


@dataclasses.dataclass(frozen=True)
class Layers:
    """Boxes in layers, and the short edges between them.

    Attributes
    ----------
    rank : dict of box to int
        Of nodes (by id) and of bends.
    links : list of (box, box)
        From one layer to the next.
    ways : dict of (source, target) to list of boxes
        The boxes that an edge visits, its ends included.
    """

    rank: dict[object, int]
    links: list[tuple[object, object]]
    ways: dict[tuple[str, str], list[object]]

    def columns(self) -> list[list[object]]:
        """Return the boxes of each layer, in the order in which they were given."""
        found: list[list[object]] = [[] for _ in range(max(self.rank.values(), default=-1) + 1)]
        for box, rank in self.rank.items():
            found[rank].append(box)
        return found


def layered(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layers:
    """Return the layers of a graph whose nodes come operands first.

    Parameters
    ----------
    nodes : sequence of str
        In an order in which every source stands before its targets.
    edges : iterable of (source, target)
        Several between the same two nodes are one here.

    Examples
    --------
    >>> layers = layered(["x", "w", "y", "z"], [("x", "y"), ("y", "z"), ("w", "z"), ("x", "z")])
    >>> layers.rank["w"], layers.ways["x", "z"]
    (1, ['x', ('x', 'z', 1), 'z'])
    """
    pairs = list(dict.fromkeys(edges))
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for source, target in pairs:
        into.setdefault(target, []).append(source)
        out.setdefault(source, []).append(target)
    level = _levels(nodes, into, out)
    rank: dict[object, int] = dict(level)
    links: list[tuple[object, object]] = []
    ways: dict[tuple[str, str], list[object]] = {}
    for source, target in pairs:
        bends = [(source, target, layer) for layer in range(level[source] + 1, level[target])]
        rank.update({bend: bend[2] for bend in bends})
        way = [source, *bends, target]
        ways[source, target] = way
        links += zip(way, way[1:], strict=False)
    return Layers(rank, links, ways)


def _levels(
    nodes: Sequence[str], into: Mapping[str, list[str]], out: Mapping[str, list[str]]
) -> dict[str, int]:
    level: dict[str, int] = {}
    for node in nodes:
        level[node] = 1 + max((level[source] for source in into.get(node, ())), default=-1)
    for node in reversed(nodes):  # a leaf moves to the right, up to its first consumer
        if node not in into and node in out:
            level[node] = min(level[target] for target in out[node]) - 1
    lowest = min(level.values(), default=0)
    if lowest < 0:
        level = {node: rank - lowest for node, rank in level.items()}
    return level
