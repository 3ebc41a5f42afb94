"""Cards: how large a node is and what it shows; one page for each sort."""

from __future__ import annotations

from viz.cards.compact import CompactCard, MiniCard
from viz.cards.leaf import LeafCard
from viz.cards.operation import OperationCard
from viz.cards.parts import Card
from viz.cards.routing import RoutingCard
from viz.cards.tensor import TensorCard
from viz.scene import Node

__all__ = ["Card", "card_for"]


def card_for(node: Node, density: str, precision: int, root: str) -> Card:
    """Return the card of a node at a density: ``"full"``, ``"compact"`` or ``"mini"``."""
    if density != "full":
        return (CompactCard if density == "compact" else MiniCard)(node, precision, root)
    if node.shape:
        return TensorCard(node, precision, root)
    if not node.ports and (not node.op or node.kind == "operation"):  # an output in its op's card
        return LeafCard(node, precision, root)
    if any(port.state for port in node.ports):
        return RoutingCard(node, precision, root)
    return OperationCard(node, precision, root)
