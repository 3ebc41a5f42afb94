"""Why a gradient is zero, and who won: sentences computed from the data of a scene.

A gradient of 0 arises in one of three ways: the value lost a max, it is multiplied by a zero, or
what it feeds receives nothing itself.  Each zero card says which, and the findings gather the
cards of which the same is to be said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from viz.extract import Recording
from viz.fold import Group, Use
from viz.numbers import number, total
from viz.routing import winner
from viz.scene import ZERO, Edge, Finding, Node, Port

__all__ = ["Reasons", "vanishing_factors", "words_list"]

LONGEST_LIST = 4


class Reasons:
    """Explains the nodes of a scene.

    Parameters
    ----------
    nodes : sequence of Node
    edges : mapping of id to Edge
    vanishing : mapping of edge id to str
        Which factor makes an edge's local derivative 0: ``"x4"``.
    precision : int
    """

    def __init__(
        self, nodes: Sequence[Node], edges: Mapping[str, Edge], vanishing: Mapping[str, str],
        precision: int = 3,
    ) -> None:  # fmt: skip
        self.nodes = nodes
        self.by_id = {node.id: node for node in nodes}
        self.edges = edges
        self.vanishing = vanishing
        self.precision = precision

    def of(self, node: Node) -> tuple[str, bool]:
        """Return the sentence of a card, and whether it tells of a win."""
        if not node.rows or node.shape:
            return "", False
        if node.gradient_state == ZERO:
            return self._why_zero(node), False
        return self._victories(node)

    def findings(self) -> tuple[Finding, ...]:
        """Gather the cards without gradient under one sentence each, leaves first."""
        said: dict[str, list[Node]] = {}
        starved: dict[bool, list[Node]] = {}  # nothing arrives at what they feed; did it lose?
        for node in self.nodes:
            if node.gradient_state != ZERO or not node.rows or node.shape:
                continue
            if self._cancel(node) or any(e.state == "dies" for e in self._uses(node)):
                said.setdefault(self._sentence(node), []).append(node)
            else:
                starved.setdefault(all(map(self._lost, self._receivers(node))), []).append(node)
        for lost, nodes in starved.items():
            fed = [receiver.name for node in nodes for receiver in self._receivers(node)]
            reach = "reaches" if len(nodes) == 1 else "reach"
            which = "which lost" if lost else "where no gradient arrives"
            said[f"{reach} only {words_list(list(dict.fromkeys(fed)))}, {which}"] = nodes
        order = sorted(said.items(), key=lambda item: bool(item[1][0].ports))
        return tuple(Finding(names=tuple(n.name for n in nodes), words=w) for w, nodes in order)

    def _uses(self, node: Node) -> list[Edge]:
        return [self.edges[row.edge] for row in node.rows]

    def _port(self, edge: Edge) -> Port:
        return self.by_id[edge.target].ports[edge.port]

    def _lost(self, node: Node) -> bool:
        """Whether a card's gradient is 0 because it lost wherever gradient arrived."""
        dying = [edge for edge in self._uses(node) if edge.state == "dies"]
        return bool(dying) and all(self._port(edge).state == "lost" for edge in dying)

    def _cancel(self, node: Node) -> bool:
        return any(e.contribution is not None and np.any(e.contribution) for e in self._uses(node))

    def _receivers(self, node: Node) -> list[Node]:
        return [self.by_id[id] for id in dict.fromkeys(edge.target for edge in self._uses(node))]

    def _why_zero(self, node: Node) -> str:
        """Say it on the card, in few words: the numbers stand beside it."""
        uses = self._uses(node)
        if self._cancel(node):
            return f"{total([e.contribution for e in uses], self.precision)}: they cancel"
        dying = [edge for edge in uses if edge.state == "dies"]
        if not dying:
            receivers = self._receivers(node)
            names = words_list([receiver.name for receiver in receivers])
            if all(map(self._lost, receivers)):
                return f"{names} lost"
            return f"{names} {'receives' if len(receivers) == 1 else 'receive'} 0"
        said: list[str] = []
        losses: dict[str, list[str]] = {}
        for edge in dying:
            target, port = self.by_id[edge.target], self._port(edge)
            if port.state:
                losses.setdefault(self._lost_to(port, target), []).append(target.name)
            elif edge.id in self.vanishing:
                said.append(f"{self.vanishing[edge.id]} = 0 in {target.name}")
            else:
                said.append(f"∂{target.name}/∂{node.name} = 0")
        for words, where in losses.items():
            if len(dying) > 1:
                words = words.replace("lost", f"lost {words_list(where)}", 1)
            said.append(words)
        return ", ".join(dict.fromkeys(said))

    def _lost_to(self, port: Port, target: Node) -> str:
        best = winner(target.ports)
        if best is None or best is port:
            return "tie: nobody receives"
        mine, theirs = number(port.value, self.precision), number(best.value, self.precision)
        name = "the constant" if best.constant and best.label == "const" else best.label
        if port.value == best.value:
            return f"tie with {name} at {theirs}: {name} takes all"
        sign = "<" if port.value < best.value else ">"
        return f"lost to {name}: {mine} {sign} {theirs}"

    def _victories(self, node: Node) -> tuple[str, bool]:
        won: list[str] = []
        lost: list[str] = []
        for edge in self._uses(node):
            target, port = self.by_id[edge.target], self._port(edge)
            if port.state == "won":
                won.append(target.name)
            elif port.state == "lost":
                best = winner(target.ports)
                lost.append(f"{target.name} to {_called(best, self.precision)}")
        if not won:
            return "", False
        words = f"won {words_list(list(dict.fromkeys(won)))}"
        return (f"{words}, lost {words_list(lost)}" if lost else words), True

    def _sentence(self, node: Node) -> str:
        """Say it in the findings, where nothing stands beside it."""
        uses = self._uses(node)
        dying = [edge for edge in uses if edge.state == "dies"]
        if self._cancel(node):
            return "its contributions cancel"
        parts = []
        for edge in dying:
            target, port = self.by_id[edge.target], self._port(edge)
            if port.state == "lost":
                called = _called(winner(target.ports), self.precision)
                parts.append(f"lost every max to {called}" if len(dying) == len(uses)
                             else f"lost {target.name} to {called}")  # fmt: skip
            elif port.state == "tied":
                parts.append(f"tied in {target.name}, and the policy gives nothing")
            elif edge.id in self.vanishing:
                factor, sent = self.vanishing[edge.id], number(edge.upstream, self.precision)
                parts.append(f"{target.name} passes {sent} × {factor}, and {factor} = 0")
            else:
                parts.append(f"∂{target.name}/∂{node.name} = 0")
        return "; ".join(dict.fromkeys(parts))


def vanishing_factors(
    recording: Recording, group: Group, locals_: Sequence[Any], name: Callable[[Use], str]
) -> dict[int, str]:
    """Say which factor makes a local derivative zero: ``{position of the input: "x4"}``.

    Parameters
    ----------
    recording : Recording
    group : Group
    locals_ : sequence
        The local derivatives, parallel to ``group.uses``.
    name : callable
        From a ``Use`` to its name.
    """
    entries = {use.entry: use for use in group.uses}
    found = {}
    for i, (use, local) in enumerate(zip(group.uses, locals_, strict=True)):
        if local is None or np.ndim(local) or local != 0:
            continue
        for index, position in group.path(use):
            record = recording.records[index]
            if record.op != "multiply":
                continue
            payload = record.saved[1 - position]
            factor = entries.get((index, 1 - position))
            if factor is not None and payload is not None and not np.ndim(payload) and not payload:
                found[i] = name(factor)
                break
    return found


def words_list(names: Sequence[str]) -> str:
    """Join names: ``a, b and c``; of many the first few.

    >>> words_list(["a"]), words_list(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    shown = list(names)
    if len(shown) > LONGEST_LIST + 1:
        shown = [*shown[:LONGEST_LIST], f"{len(names) - LONGEST_LIST} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _called(port: Port | None, precision: int) -> str:
    if port is None:
        return "nobody"
    return f"the constant {number(port.value, precision)}" if port.constant else port.label
