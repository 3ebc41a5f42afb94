"""The picture of a placed scene: edges, then cards, then key, findings and notes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from viz.cards import card_for
from viz.cards.parts import Card
from viz.cards.several import SeveralCard
from viz.layout.arrange import MARGIN, Arrangement, arrange
from viz.layout.clusters import find_clusters, ground
from viz.layout.docking import docked_cards, joined, parted
from viz.metrics import shorten
from viz.render.edges import draw_edges
from viz.render.legend import (
    Block,
    Rectangle,
    findings_block,
    in_columns,
    legend_block,
    notes_block,
    place_block,
)
from viz.render.svg import Pen
from viz.scene import ZERO, Node, Scene
from viz.theme import style_sheet

__all__ = ["Picture", "place"]

SMALLEST = 360.0  # width of a figure
SAMPLES = 12  # of an edge, to keep blocks clear of it


@dataclasses.dataclass(frozen=True)
class Picture:
    """A scene with its cards in their places: all that drawing needs."""

    scene: Scene
    cards: dict[str, Card]
    arrangement: Arrangement
    blocks: tuple[tuple[Block, float, float], ...]

    def svg(self) -> str:
        """Draw it."""
        scene = self.scene
        pen = Pen(scene.prefix)
        _draw_clusters(pen, self)
        docked = {node.id for nodes in docked_cards(scene).values() for node in nodes}
        draw_edges(pen, scene, self.arrangement.ways, docked)
        for node in scene.nodes:
            x, y = self.arrangement.places[node.id]
            self.cards[node.id].draw(pen, x, y)
        for block, x, y in self.blocks:
            block.draw(pen, x, y)
        return pen.document(
            scene.width, scene.height, title=scene.title, description=scene.description,
            style=style_sheet(scene.prefix, scene.theme),
        )  # fmt: skip


def place(scene: Scene, *, engine: str | None = None, key: bool = True) -> Picture:
    """Return the picture of a scene.

    Parameters
    ----------
    scene : Scene
    engine : str, optional
        Which layout engine; each in turn if None.
    key : bool
        Whether there is a legend.
    """
    root = scene.node(scene.root).name

    docked = docked_cards(scene)
    density, precision = scene.density, scene.precision

    def make(node: Node) -> Card:
        if node.id in docked:
            inner = [card_for(part, density, precision, root) for part in docked[node.id]]
            return SeveralCard(node, precision, root, inner)
        return card_for(node, density, precision, root)

    whole = joined(scene, docked) if docked else scene
    cards = {node.id: make(node) for node in whole.nodes}
    whole, arrangement = arrange(whole, cards, make, engine)
    scene = parted(scene, whole, docked, cards, arrangement.places, arrangement.ways)
    width, height = max(arrangement.width, SMALLEST), arrangement.height
    blocks: list[tuple[Block, float, float]] = []
    clusters = find_clusters(scene, cards, arrangement.places)
    taken = list(_rectangles(cards, arrangement))
    taken += [ground(cluster.nodes, cards, arrangement.places) for cluster in clusters]
    wanted = [findings_block(scene.findings), legend_block(scene) if key else None]
    for block in wanted:
        if block is None:
            continue
        near = _near(block, scene, arrangement, width)
        width = max(width, block.width + 2 * MARGIN)
        found = place_block(block, (width, height), taken, near=near)
        if found is None:  # below everything
            if block.part == "legend":
                block = in_columns(block, width - 2 * MARGIN)
            found = (float(MARGIN), height)
            height += block.height + MARGIN
        blocks.append((block, *found))
        x, y = found
        taken.append((x, y, x + block.width, y + block.height))
    notes = [*scene.notes, arrangement.note] if arrangement.note else list(scene.notes)
    block = notes_block(notes, width - 2 * MARGIN)
    if block is not None:
        blocks.append((block, float(MARGIN), height))
        height += block.height + 8
    nodes = tuple(
        dataclasses.replace(
            node, x=arrangement.places[node.id][0], y=arrangement.places[node.id][1],
            width=cards[node.id].width, height=cards[node.id].height,
        )
        for node in scene.nodes
    )  # fmt: skip
    edges = tuple(
        dataclasses.replace(
            edge, tail=arrangement.ways[edge.id][0], head=arrangement.ways[edge.id][-1]
        )
        for edge in scene.edges
    )
    scene = dataclasses.replace(
        scene, nodes=nodes, edges=edges, width=width, height=height, engine=arrangement.engine,
        notes=tuple(notes), clusters=clusters,
    )  # fmt: skip
    return Picture(scene, cards, arrangement, tuple(blocks))


def _near(
    block: Block, scene: Scene, arrangement: Arrangement, width: float
) -> tuple[float, float]:
    """Return where a block would stand best: findings near what they explain, the key on top."""
    if block.part != "findings":
        return width, 0.0
    zero = [arrangement.places[n.id] for n in scene.nodes if n.gradient_state == ZERO and n.ports]
    zero = zero or [arrangement.places[n.id] for n in scene.nodes if n.gradient_state == ZERO]
    if not zero:
        return 0.0, arrangement.height
    return sum(x for x, _ in zero) / len(zero), arrangement.height


def _rectangles(cards: dict[str, Card], arrangement: Arrangement) -> Iterable[Rectangle]:
    for id, (x, y) in arrangement.places.items():
        yield x - 16, y, x + cards[id].width, y + cards[id].height
    for points in arrangement.ways.values():
        for i, ((x, y), (end, height)) in enumerate(zip(points, points[1:], strict=False)):
            for step in range(SAMPLES):
                a, b = step / SAMPLES, (step + 1) / SAMPLES
                ya, yb = (y + (height - y) * _bow(t) if i % 2 == 0 else y for t in (a, b))
                yield (x + (end - x) * a, min(ya, yb) - 3, x + (end - x) * b, max(ya, yb) + 3)


def _bow(t: float) -> float:
    """Height along an edge's curve, roughly."""
    return t * t * (3 - 2 * t)


def _draw_clusters(pen: Pen, picture: Picture) -> None:
    """Draw a ground behind the cards of each module, its name at the top."""
    for cluster in picture.scene.clusters:
        left, top, right, bottom = ground(cluster.nodes, picture.cards, picture.arrangement.places)
        with pen.group(id=f"m-{cluster.id}", cls="module", title=f"module {cluster.label}"):
            pen.rect(left, top, right - left, bottom - top, "cluster", 8)
            name = shorten(cluster.label, right - left - 16, bold=True)
            pen.text(left + 8, top + 15, name, "sb ink2")
