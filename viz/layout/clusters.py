"""Modules as grounds behind their cards, wherever no stranger stands in between."""

from __future__ import annotations

from collections.abc import Mapping

from viz.cards.parts import Card
from viz.render.svg import safe_id
from viz.scene import Cluster, Node, Scene

__all__ = ["HEAD", "SIDE", "find_clusters", "ground", "has_modules", "module_of"]

HEAD, SIDE = 22.0, 8.0  # of a ground, beyond its cards
PILL = 20.0  # how far pills stick out on the left

Place = tuple[float, float]


def has_modules(scene: Scene) -> bool:
    """Tell whether any card was recorded within a module."""
    return any(node.module for node in scene.nodes)


def module_of(node: Node) -> str:
    """Return the path of a card's module; a parameter's is part of its name."""
    return node.module or (node.name.rpartition(".")[0] if not node.op else "")


def find_clusters(
    scene: Scene, cards: Mapping[str, Card], places: Mapping[str, Place]
) -> tuple[Cluster, ...]:
    """Return the modules whose cards stand together.

    A parameter belongs to the module that its path names. A module whose ground would lie under a
    card of another one, or meet another ground, is left out: a ground says "all of this, and
    nothing else".
    """
    members: dict[str, list[str]] = {}
    paths = {node.module for node in scene.nodes if node.module}
    for node in scene.nodes:
        path = module_of(node)
        if path in paths:
            members.setdefault(path, []).append(node.id)
    found: list[Cluster] = []
    grounds: list[tuple[float, float, float, float]] = []
    for path, ids in members.items():
        left, top, right, bottom = ground(ids, cards, places)
        strangers = (
            id for id, (x, y) in places.items()
            if id not in ids and x - PILL < right and left < x + cards[id].width
            and y < bottom and top < y + cards[id].height
        )  # fmt: skip
        meets = any(
            left < r and x < right and top < b and y < bottom for x, y, r, b in grounds
        )  # fmt: skip
        if len(ids) > 1 and not meets and next(strangers, None) is None:
            grounds.append((left, top, right, bottom))
            found.append(Cluster(id=safe_id(path), label=path, nodes=tuple(ids)))
    return tuple(found)


def ground(
    ids: list[str] | tuple[str, ...], cards: Mapping[str, Card], places: Mapping[str, Place]
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the ground of some cards."""
    left = min(places[id][0] - (PILL if cards[id].node.ports else 0) for id in ids) - SIDE
    top = min(places[id][1] for id in ids) - HEAD
    right = max(places[id][0] + cards[id].width for id in ids) + SIDE
    bottom = max(places[id][1] + cards[id].height for id in ids) + SIDE
    return left, top, right, bottom
