"""Edges: level at both ends, under all cards; live ones over dead ones, with a halo of the ground.

The consumer's end bears the forward arrowhead, the producer's end the gradient's own, on every
edge that carries gradient.  An edge into a card that received no gradient adds nothing to the
ledger rows: it is drawn as two stubs, and whole while it is pointed at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from viz.numbers import number
from viz.render.svg import Pen, coordinate
from viz.scene import Edge, Scene

__all__ = ["draw_edges"]

BOW = 0.55  # of the distance: how far the control points stand from the ends
STUB = 12.0
ORDER = {"dead": 0, "pending": 1, "dies": 2, "live": 3, "won": 4}

Points = Sequence[tuple[float, float]]


def draw_edges(
    pen: Pen, scene: Scene, ways: Mapping[str, Points], docked: Collection[str] = ()
) -> None:
    """Draw all edges but those into docked cards, those that matter most last."""
    names = {node.id: node.name for node in scene.nodes}
    root = names[scene.root]
    drawn = [edge for edge in scene.edges if edge.target not in docked]
    for edge in sorted(drawn, key=lambda edge: ORDER[edge.state]):
        title = _title(edge, names[edge.source], names[edge.target], root, scene.precision)
        with pen.group(id=f"e-{edge.id}", cls=f"edge {edge.state}", title=title):
            _draw(pen, edge, ways[edge.id])


def _draw(pen: Pen, edge: Edge, points: Points) -> None:
    c = coordinate
    (x, y), (end, height) = points[0], points[-1]
    line = curve([*points[:-1], (end - 6, height)])
    live = edge.state in ("live", "won")
    pen.path(line, "hit")
    if live:
        pen.path(line, "halo")
        pen.path(line, "e ew" if edge.state == "won" else "e")
    elif edge.state == "dead":
        pen.path(f"M{c(x)} {c(y)}h{c(STUB)}M{c(end - 6 - STUB)} {c(height)}h{c(STUB)}", "ed near")
        pen.path(line, "ed far")
    else:
        pen.path(line, "ed")
    wide = 4.5 if edge.state == "won" else 3.5
    pen.path(f"M{c(end)} {c(height)}l-7 {c(-wide)}v{c(2 * wide)}z", "ah" if live else "ahd")
    back = 4.5 if edge.state == "won" else 3.5
    # The attribute gives way to a style sheet: a stepper shows it on the active edge.
    pen.path(f"M{c(x)} {c(y)}l7 {c(-back)}v{c(2 * back)}z", "bk",
             visibility=None if live else "hidden")  # fmt: skip


def curve(points: Points) -> str:
    """Return the path through the points: bows between columns, straight through them.

    >>> curve([(0, 0), (100, 40)])
    'M0 0C55 0 45 40 100 40'
    """
    c = coordinate
    x, y = points[0]
    path = [f"M{c(x)} {c(y)}"]
    for i, (right, height) in enumerate(points[1:]):
        if i % 2:
            path.append(f"L{c(right)} {c(height)}")
        elif abs(y - height) < 0.01:
            path.append(f"H{c(right)}")
        else:
            bow = BOW * (right - x)
            path.append(f"C{c(x + bow)} {c(y)} {c(right - bow)} {c(height)} {c(right)} {c(height)}")
        x, y = right, height
    return "".join(path)


def _title(edge: Edge, source: str, target: str, root: str, precision: int) -> str:
    words = f"{source} → {target}"
    factors = (edge.upstream, edge.local, edge.contribution)
    if edge.contribution is None:
        return words
    if any(factor is None or np.ndim(factor) for factor in factors):
        return f"{words}: ∂{root}/∂{source} receives from {target}"
    upstream, local, sent = (number(factor, precision) for factor in factors)
    return f"{words}: {upstream} × {local} = {sent}"
