"""From a scene and its cards to a placed scene: columns, straight edges, and the figure's size."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from viz.cards.parts import Card, pill_width
from viz.layout.clusters import HEAD, SIDE, has_modules, module_of
from viz.layout.columns import column_places, group_leaves
from viz.layout.engines import order
from viz.layout.layers import Layers, layered
from viz.names import stem
from viz.scene import Edge, Node, Scene

__all__ = ["Arrangement", "arrange"]

MARGIN = 16
BEND = 10.0  # height that an edge takes where it passes a column
NARROW, WIDE = 52, 92  # between columns


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """Where everything stands.

    Attributes
    ----------
    places : dict of id to (x, y)
        Top left corners of the cards.
    ways : dict of edge id to list of (x, y)
        Points that an edge passes: its tail, both borders of every column it crosses, its head.
    width, height : float
    engine, note : str
    """

    places: dict[str, tuple[float, float]]
    ways: dict[str, list[tuple[float, float]]]
    width: float
    height: float
    engine: str
    note: str


def arrange(
    scene: Scene, cards: dict[str, Card], make: Callable[[Node], Card], engine: str | None
) -> tuple[Scene, Arrangement]:
    """Place the cards; inputs of an operation are put into the order of their producers.

    Parameters
    ----------
    scene : Scene
    cards : dict of id to Card
        Replaced where the order of the inputs changes.
    make : callable
        From a Node to its card.
    engine : str, optional
        See ``viz.layout.engines.order``.
    """
    layers = layered([n.id for n in scene.nodes], [(e.source, e.target) for e in scene.edges])
    sizes = {
        box: (cards[box].width, cards[box].height) if isinstance(box, str) else (8.0, BEND)
        for box in layers.rank
    }
    found, name, note = order(layers, sizes, engine)
    columns = [sorted(column, key=found.__getitem__) for column in layers.columns()]
    columns = _grouped(scene, columns)
    scene = _sort_ports(scene, columns)
    for node in scene.nodes:
        if node is not cards[node.id].node:
            cards[node.id] = make(node)
    _widen(columns, cards)
    tops = _tops(scene, layers, columns, cards)
    if has_modules(scene):  # the topmost card may bear the name of its module above it
        tops = {box: top + HEAD for box, top in tops.items()}
    lefts = _lefts(scene, layers, columns, cards)
    places = {
        box: (lefts[rank][0] + lefts[rank][1] - cards[box].width, MARGIN + tops[box])
        for box, rank in layers.rank.items()
        if isinstance(box, str)
    }
    ways = {e.id: _way(e, scene, layers, cards, places, lefts, tops) for e in scene.edges}
    width = max(x + cards[id].width for id, (x, _) in places.items()) + MARGIN
    height = max(y + cards[id].height for id, (_, y) in places.items()) + MARGIN
    return scene, Arrangement(places, ways, width, height, name, note)


def _grouped(scene: Scene, columns: list[list[object]]) -> list[list[object]]:
    by_id = {node.id: node for node in scene.nodes}
    rank: dict[str, int] = {}
    for node in scene.nodes:
        if not node.op:
            rank.setdefault(stem(node.name), len(rank))
    first_inputs = {s: (by_kind, i) for s, i, by_kind in _kinds(scene, rank)}
    ordered = {s: i for i, s in enumerate(sorted(rank, key=first_inputs.__getitem__))}

    def stem_of(box: object) -> str | None:
        node = by_id.get(box) if isinstance(box, str) else None
        return stem(node.name) if node is not None and not node.op else None

    return [group_leaves(column, stem_of, ordered) for column in columns]


def _kinds(scene: Scene, rank: Mapping[str, int]) -> list[tuple[str, int, bool]]:
    """Return (array, place, whether it holds parameters): inputs stand above parameters."""
    parameters = {stem(n.name) for n in scene.nodes if n.kind == "parameter"}
    return [(s, i, s in parameters) for s, i in rank.items()]


def _sort_ports(scene: Scene, columns: list[list[object]]) -> Scene:
    """Put the inputs of each card into the order in which their producers stand.

    A max keeps the order of its arguments, and so does a card with two inputs: little can cross.
    """
    place = {box: i for column in columns for i, box in enumerate(column)}
    layer = {box: i for i, column in enumerate(columns) for box in column}
    source = {edge.id: edge.source for edge in scene.edges}
    nodes, moved = [], {}
    for node in scene.nodes:
        ports = node.ports
        if len(ports) > 1 and not any(port.state for port in ports):
            at = {p.edge: _entry(source[p.edge], node.id, place, layer) for p in ports if p.edge}
            ports = tuple(sorted(ports, key=lambda p: at.get(p.edge, (1, 0))))
            node = dataclasses.replace(node, ports=ports)
        moved.update({port.edge: i for i, port in enumerate(ports) if port.edge})
        nodes.append(node)
    edges = tuple(dataclasses.replace(edge, port=moved[edge.id]) for edge in scene.edges)
    return dataclasses.replace(scene, nodes=tuple(nodes), edges=edges)


def _entry(
    source: str, target: str, place: Mapping[object, int], layer: Mapping[object, int]
) -> tuple[int, float]:
    """Return where an edge comes from, as seen from the column before its consumer."""
    before = layer[target] - 1
    box: object = source if layer[source] == before else (source, target, before)
    return 0, place[box]


def _widen(columns: list[list[object]], cards: dict[str, Card]) -> None:
    """Give the cards of a column one width, unless some are far wider than others."""
    for column in columns:
        mine = [cards[box] for box in column if isinstance(box, str)]
        widest = max((card.width for card in mine), default=0.0)
        widest = -(-widest // 4) * 4
        for card in mine:
            if card.width * 1.7 >= widest:
                card.widen(widest)


def _tops(
    scene: Scene, layers: Layers, columns: list[list[object]], cards: dict[str, Card]
) -> dict[object, float]:
    heights = {b: cards[b].height if isinstance(b, str) else BEND for b in layers.rank}
    kinds = {node.id: (not node.op, stem(node.name)) for node in scene.nodes}
    grounds = has_modules(scene)
    modules = {node.id: module_of(node) for node in scene.nodes}
    pulls = []
    for edge in scene.edges:
        way = layers.ways[edge.source, edge.target]
        out = cards[edge.source].rows[edge.row]
        into = cards[edge.target].ports[edge.port]
        for i, (a, b) in enumerate(zip(way, way[1:], strict=False)):
            pulls.append(
                (a, out if i == 0 else BEND / 2, b, into if i + 2 == len(way) else BEND / 2)
            )

    def gap(a: object, b: object) -> float:
        if not (isinstance(a, str) and isinstance(b, str)):
            return 8.0
        if grounds and modules[a] != modules[b]:
            return HEAD + 2 * SIDE + 2
        if kinds[a][0] and kinds[b][0]:
            return 8.0 if kinds[a][1] == kinds[b][1] else 16.0
        return 16.0 if kinds[a][0] or kinds[b][0] else 24.0

    return column_places(layers, columns, heights, pulls, gap)


def _lefts(
    scene: Scene, layers: Layers, columns: list[list[object]], cards: dict[str, Card]
) -> list[tuple[float, float]]:
    """Return left border and width of every column; more room where more edges run."""
    crowd = [0] * len(columns)
    for edge in scene.edges:
        for box in layers.ways[edge.source, edge.target][1:]:
            crowd[layers.rank[box]] += edge.state != "dead"
    found = []
    x = float(MARGIN)
    half = _half_pills(scene)
    for i, column in enumerate(columns):
        width = max((cards[box].width for box in column if isinstance(box, str)), default=8.0)
        if i == 0:
            x += max((half.get(box, 0.0) for box in column if isinstance(box, str)), default=0.0)
        found.append((x, width))
        room = max(NARROW, min(WIDE, 40 + 4 * (crowd[i + 1] if i + 1 < len(crowd) else 0)))
        x += width + room
    return found


def _half_pills(scene: Scene) -> dict[str, float]:
    return {
        node.id: max((pill_width(port, scene.precision) / 2 for port in node.ports), default=0.0)
        for node in scene.nodes
    }


def _way(
    edge: Edge, scene: Scene, layers: Layers, cards: dict[str, Card],
    places: dict[str, tuple[float, float]], lefts: list[tuple[float, float]],
    tops: dict[object, float],
) -> list[tuple[float, float]]:  # fmt: skip
    source, target = cards[edge.source], cards[edge.target]
    x, y = places[edge.source]
    points = [(x + source.width, y + source.rows[edge.row])]
    for bend in layers.ways[edge.source, edge.target][1:-1]:
        left, width = lefts[layers.rank[bend]]
        height = MARGIN + tops[bend] + BEND / 2
        points += [(left, height), (left + width, height)]
    x, y = places[edge.target]
    port = target.node.ports[edge.port]
    half = pill_width(port, scene.precision) / 2
    points.append((x - half, y + target.ports[edge.port]))
    return points
