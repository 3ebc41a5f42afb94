"""Docking: the cards of an op's outputs stand within the card of the op.

For the layout they are one box, whose ledger rows are those of the cards within; afterwards each
has its own place again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from viz.cards.parts import Card
from viz.scene import Edge, LedgerRow, Node, Scene

__all__ = ["docked_cards", "joined", "parted"]

Places = dict[str, tuple[float, float]]


def docked_cards(scene: Scene) -> dict[str, tuple[Node, ...]]:
    """Return the cards that stand within each op's card, those of its outputs without inputs.

    Only large cards dock: small ones stand apart, joined by an edge.
    """
    if scene.density != "full":
        return {}
    by_id = {node.id: node for node in scene.nodes}
    order = {node.id: [output.node for output in node.outputs] for node in scene.nodes}
    found: dict[str, list[Node]] = {}
    for edge in scene.edges:
        if edge.output and edge.target in by_id:
            found.setdefault(edge.source, []).append(by_id[edge.target])
    return {
        op: tuple(
            dataclasses.replace(node, ports=())
            for node in sorted(nodes, key=lambda n: (order[op] + [n.id]).index(n.id))
        )
        for op, nodes in found.items()
    }


def joined(scene: Scene, docked: Mapping[str, tuple[Node, ...]]) -> Scene:
    """Return a scene in which the docked cards are part of their op's."""
    home = {node.id: op for op, nodes in docked.items() for node in nodes}
    rows: dict[str, list[LedgerRow]] = {}
    first: dict[str, int] = {}
    for op, nodes in docked.items():
        mine = rows.setdefault(op, [])
        for node in nodes:
            first[node.id] = len(mine)
            mine += node.rows
    edges = tuple(
        dataclasses.replace(edge, source=home[edge.source], row=first[edge.source] + edge.row)
        if edge.source in home else edge
        for edge in scene.edges
        if edge.target not in home
    )  # fmt: skip
    nodes = tuple(
        dataclasses.replace(node, rows=tuple(rows[node.id])) if node.id in rows else node
        for node in scene.nodes
        if node.id not in home
    )
    return dataclasses.replace(scene, nodes=nodes, edges=edges)


def parted(
    scene: Scene, whole: Scene, docked: Mapping[str, tuple[Node, ...]],
    cards: dict[str, Card], places: Places, ways: dict[str, list[tuple[float, float]]],
) -> Scene:  # fmt: skip
    """Return the first scene again, its inputs in the order that the layout of `whole` gave them.

    The docked cards get places, and the edges to them ways of no length, which are not drawn.
    """
    moved = {node.id: node for node in whole.nodes}
    for op, nodes in docked.items():
        x, y = places[op]
        card: Any = cards[op]
        for node, inner, (dx, dy) in zip(nodes, card.inner, card.offsets, strict=True):
            cards[node.id] = inner
            places[node.id] = x + dx, y + dy
    nodes = tuple(
        dataclasses.replace(node, ports=moved[node.id].ports) if node.id in moved else node
        for node in scene.nodes
    )
    port = {edge.id: edge.port for edge in whole.edges}
    edges: list[Edge] = []
    for edge in scene.edges:
        if edge.id in port:
            edges.append(dataclasses.replace(edge, port=port[edge.id]))
            continue
        edges.append(edge)
        x, y = places[edge.target]
        ways[edge.id] = [(x, y + 12.0), (x, y + 12.0)]
    return dataclasses.replace(scene, nodes=nodes, edges=tuple(edges))
