"""Passes over a scene before it is laid out: how much of it is shown, and how large."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from viz.extract import Recording
from viz.fold import Group
from viz.names import Names
from viz.scene import Finding, Node, Scene

__all__ = ["at_most", "density", "fold_level", "show_only", "within"]

SMALL = 12  # operations: a graph that is read op by op
LARGE = 64  # numbers of an array
FULL, COMPACT = 24, 80  # cards of operations
SHOWN = ("value", "grad", "local")


def fold_level(recording: Recording, names: Names, view: str) -> str:
    """Return how far a graph folds: a small one not at all, a large one by its names."""
    if view == "op":
        return "op"
    if view == "names":
        return "names"
    return "routes" if len(recording.operations) <= SMALL else "names"


def is_layered(recording: Recording) -> bool:
    """Tell whether a graph is a network's: recorded in modules, and too large for cells."""
    return any(record.module for record in recording.operations) and any(
        math.prod(record.shape) > LARGE for record in recording.records
    )


def density(scene: Scene) -> str:
    """Return how much a card says, by how many there are."""
    operations = sum(bool(node.ports) for node in scene.nodes)
    if operations <= FULL and len(scene.nodes) <= 2.5 * FULL:
        return "full"
    return "compact" if len(scene.nodes) <= COMPACT else "mini"


def show_only(scene: Scene, show: Sequence[str]) -> Scene:
    """Hide values, gradients or local derivatives.

    Raises
    ------
    ValueError
        If something else is asked for.
    """
    unknown = [part for part in show if part not in SHOWN]
    if isinstance(show, str) or unknown:
        raise ValueError(f"graph: show takes some of {', '.join(SHOWN)}, got {show!r}")
    if set(show) == set(SHOWN):
        return scene
    edges = tuple(
        dataclasses.replace(
            edge,
            **({"upstream": None, "contribution": None, "state": "pending"}
               if "grad" not in show else {}),
            **({"local": None} if "local" not in show else {}),
        )
        for edge in scene.edges
    )  # fmt: skip
    nodes = tuple(_hide(node, show) for node in scene.nodes)
    findings = scene.findings if "grad" in show else ()
    return dataclasses.replace(scene, nodes=nodes, edges=edges, findings=findings)


def _hide(node: Node, show: Sequence[str]) -> Node:
    if "grad" not in show:
        rows = tuple(
            dataclasses.replace(row, upstream=None, contribution=None) for row in node.rows
        )
        node = dataclasses.replace(
            node,
            gradient=None,
            gradient_state="not computed",
            rows=rows,
            reason="",
            won=False,
            seed=False,
        )
    if "local" not in show:
        ports = tuple(dataclasses.replace(p, local=None, local_text="") for p in node.ports)
        rows = tuple(dataclasses.replace(row, local=None) for row in node.rows)
        node = dataclasses.replace(node, ports=ports, rows=rows)
    if "value" not in show:
        node = dataclasses.replace(node, value=None, value_missing="—", worked=())
    return node


def within(scene: Scene, groups: Mapping[str, Group], recording: Recording, focus: Any) -> Scene:
    """Keep what lies on a path through one value.

    Raises
    ------
    ValueError
        If the value is not part of the graph.
    """
    wanted = {
        record.index for record in recording.records if record.node is getattr(focus, "node", None)
    }
    start = next((id for id, g in groups.items() if wanted & set(g.members)), None)
    if start is None:
        raise ValueError("graph: focus is not part of the graph of the root")
    kept = {start}
    for edge in scene.edges:  # in the order of their consumers
        if edge.source in kept:
            kept.add(edge.target)
    down = {start}
    for edge in reversed(scene.edges):
        if edge.target in down:
            down.add(edge.source)
    kept |= down
    return keep(scene, kept, f"Only what lies on a path through {scene.node(start).name} is drawn.")


def at_most(scene: Scene, limit: int) -> Scene:
    """Keep the cards nearest to the root, operations before leaves, and say how many are left out.

    A leaf is kept with the operation that uses it as long as there is room.
    """
    if len(scene.nodes) <= limit:
        return scene
    sources: dict[str, list[str]] = {}
    for edge in scene.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    leaves = {node.id for node in scene.nodes if not node.ports}
    kept, reached = {scene.root}, [scene.root]
    for id in reached:
        found = dict.fromkeys(source for source in sources.get(id, ()) if source not in kept)
        for source in sorted(found, key=leaves.__contains__):
            if len(kept) < limit:
                kept.add(source)
                reached.append(source)
    left = len(scene.nodes) - len(kept)
    note = (
        f"{left} of {len(scene.nodes)} cards are not drawn: those farthest from "
        f"{scene.node(scene.root).name}. Name more values, or give focus= or max_nodes=."
    )
    return keep(scene, kept, note)


def keep(scene: Scene, kept: set[str], note: str) -> Scene:
    """Drop all other cards, and the ports and rows of edges that end at one."""
    edges, nodes = [], []
    alive = {e.id for e in scene.edges if e.source in kept and e.target in kept}
    place: dict[str, list[int]] = {}
    for node in scene.nodes:
        if node.id not in kept:
            continue
        ports = tuple(port for port in node.ports if port.constant or port.edge in alive)
        rows = tuple(row for row in node.rows if row.edge in alive)
        for i, port in enumerate(ports):
            if port.edge:
                place.setdefault(port.edge, [0, 0])[1] = i
        for i, row in enumerate(rows):
            place.setdefault(row.edge, [0, 0])[0] = i
        nodes.append(dataclasses.replace(node, ports=ports, rows=rows))
    for edge in scene.edges:
        if edge.id in alive:
            row, port = place[edge.id]
            edges.append(dataclasses.replace(edge, row=row, port=port))
    names = {node.name for node in nodes}
    findings = tuple(
        Finding(names=shown, words=finding.words)
        for finding in scene.findings
        if (shown := tuple(name for name in finding.names if name in names))
    )
    frames = tuple(
        dataclasses.replace(frame, edges=tuple(e for e in frame.edges if e in alive))
        for frame in scene.frames
        if frame.node in kept and (frame.phase == "forward" or set(frame.edges) & alive)
    )
    return dataclasses.replace(
        scene, nodes=tuple(nodes), edges=tuple(edges), findings=findings, frames=frames,
        notes=(*scene.notes, note),
    )  # fmt: skip
