"""From a recording and its trace to a scene: cards, ports, ledger rows, edges, reasons, frames.

Nothing here knows where a card will stand or how it is drawn.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from viz.derivatives import local_derivatives
from viz.expression import brief, expression, terms
from viz.extract import Record, Recording
from viz.fold import MAXIMA, Group, Use, fold
from viz.formulas import rule_text
from viz.names import Names
from viz.numbers import MINUS, number, operand
from viz.outputs import index_words, outputs_of
from viz.reasons import Reasons, vanishing_factors
from viz.render.svg import safe_id
from viz.routing import is_routing, route
from viz.scene import NO_PATH, Edge, Frame, LedgerRow, Node, Port, Scene
from viz.trace import Trace

__all__ = ["build_scene"]

SHORT = {
    "multiply": "mul", "subtract": "sub", "divide": "div", "power": "pow", "negative": "neg",
    "maximum": "max", "minimum": "min",
    "reciprocal": "inv", "absolute": "abs", "square": "sq", "getitem": "part",
    "concatenate": "cat", "broadcast_to": "spread", "cross_entropy": "loss",
}  # fmt: skip
NO_VALUE = "not kept"
RECOMPUTED = "recomputed in backward"
HOOKED = "a hook changed the gradient"


def build_scene(
    recording: Recording, trace: Trace, names: Names, *, level: str = "names", precision: int = 3,
    theme: str = "auto",
) -> tuple[Scene, dict[str, Group]]:  # fmt: skip
    """Return the scene, its cards not yet placed, and the group of records behind each card.

    Parameters
    ----------
    recording : Recording
    trace : Trace
    names : Names
    level : {"op", "routes", "names"}
        How far unnamed temporaries fold, see ``viz.fold``.
    precision : int
        Significant digits.
    theme : {"auto", "light", "dark"}
    """
    builder = _Builder(recording, trace, names, level, precision)
    groups = {builder.ids[group.head]: group for group in builder.groups}
    return builder.scene(theme), groups


class _Builder:
    def __init__(
        self, recording: Recording, trace: Trace, names: Names, level: str, precision: int
    ) -> None:
        self.recording, self.trace, self.names = recording, trace, names
        self.precision = precision
        self.groups = fold(recording, names.of, level)
        self.called = _call(recording, self.groups, names)
        self.ids = _ids(self.groups, self.called)
        self.vanishing: dict[str, str] = {}

    def scene(self, theme: str) -> Scene:
        edges: dict[str, Edge] = {}
        ports: dict[str, tuple[Port, ...]] = {}
        for group in self.groups:
            ports[self.ids[group.head]] = self._ports(group, edges)
        rows = self._rows(edges, ports)
        nodes = [self._node(group, ports, rows) for group in self.groups]
        nodes = self._unreached() + nodes
        reasons = Reasons(nodes, edges, self.vanishing, self.precision)
        explained = []
        for node in nodes:
            sentence, won = reasons.of(node)
            explained.append(dataclasses.replace(node, reason=sentence, won=won))
        root = self.ids[self.recording.root.index]
        scene = Scene(
            root=root, nodes=tuple(explained), edges=tuple(edges.values()),
            findings=reasons.findings(), frames=self._frames(ports),
            notes=self._notes(), precision=self.precision, theme=theme,
            title=f"Computation graph of {self.called[self.recording.root.index]}",
        )  # fmt: skip
        scene = dataclasses.replace(scene, description=_describe(scene))
        return dataclasses.replace(scene, prefix=_prefix(scene))

    # ------------------------------------------------------------ ports, edges, rows

    def _ports(self, group: Group, edges: dict[str, Edge]) -> tuple[Port, ...]:
        """Return the inputs of a card, and enter an edge for each that is no constant."""
        record = self.recording.records[group.head]
        if record.is_leaf:
            return ()
        target = self.ids[group.head]
        locals_ = local_derivatives(self.recording, group, self.trace)
        vanish = vanishing_factors(self.recording, group, locals_, self._name)
        upstream, arrived = self.trace.upstream.get(group.head), self.trace.arrived(group.head)
        whole = {group.head, *(record.operands if record.part is not None else ())}
        found, used = [], Counter[str]()
        for i, (use, local) in enumerate(zip(group.uses, locals_, strict=True)):
            op = self.recording.records[use.entry[0]].op
            if use.source is None:
                label = self.names.constant(use.payload, op)
                if label or (op in MAXIMA and is_routing(record)):
                    found.append((Port(label=label or "const", value=use.payload), None))
                continue
            source = self.ids[use.source]
            used[source] += 1
            edge = f"{source}-{target}" + (f"-{used[source]}" if used[source] > 1 else "")
            if i in vanish:
                self.vanishing[edge] = vanish[i]
            text = ""
            if local is None or np.ndim(local):
                text = rule_text(op, use.entry[1]) if use.entry[0] in whole else "chain rule"
            if record.part is not None and use.entry == (group.head, 0):
                text = "g"
            port = Port(edge=edge, label=self.called[use.source], value=use.payload, local=local,
                        local_text=text)  # fmt: skip
            found.append((port, use))
        ports = [port for port, _ in found]
        if is_routing(record):
            ports = route(record, ports, self.precision)
        for place, port in enumerate(ports):
            if port.edge:
                use = found[place][1]
                sent = self.trace.contributions.get(use.entry)
                edges[port.edge] = Edge(
                    id=port.edge, source=self.ids[use.source], target=target, row=-1, port=place,
                    upstream=upstream, local=port.local, contribution=sent,
                    state=_edge_state(arrived, sent, port),
                    output=op.rpartition(".")[2] if use.entry == (group.head, 0)
                    and record.part is not None else "",
                )  # fmt: skip
        return tuple(ports)

    def _rows(
        self, edges: dict[str, Edge], ports: dict[str, tuple[Port, ...]]
    ) -> dict[str, list[LedgerRow]]:
        """Return each card's ledger in the order of its consumers, and number the edges by it."""
        rows: dict[str, list[LedgerRow]] = {}
        by_id = {self.ids[group.head]: self.called[group.head] for group in self.groups}
        for id, edge in edges.items():  # entered consumer by consumer
            mine = rows.setdefault(edge.source, [])
            edges[id] = dataclasses.replace(edge, row=len(mine))
            mine.append(
                LedgerRow(
                    edge=id, consumer=by_id[edge.target], upstream=edge.upstream, local=edge.local,
                    local_text=ports[edge.target][edge.port].local_text,
                    contribution=edge.contribution,
                    missing="" if edge.contribution is not None else self.trace.source,
                )
            )  # fmt: skip
        return rows

    # ------------------------------------------------------------ cards

    def _node(
        self, group: Group, ports: dict[str, tuple[Port, ...]], rows: dict[str, list[LedgerRow]]
    ) -> Node:
        record = self.recording.records[group.head]
        id = self.ids[group.head]
        value = self.recording.value(group.head)
        full = "" if record.is_leaf else expression(self.recording, group, self._name)
        gradient = self.trace.upstream.get(group.head)
        is_root = record.index == self.recording.root.index
        missing = RECOMPUTED if record.recomputed else NO_VALUE
        outputs = outputs_of(self.recording, self.trace, record, self.ids)
        if outputs:
            missing = f"{len(outputs)} outputs"
        notes = (
            self._changed_words(record, value), index_words(self.recording, record),
            HOOKED if _hooked(gradient, rows.get(id, ())) else "",
        )  # fmt: skip
        return Node(
            id=id, name=self.called[group.head], kind=self._kind(record), op=record.op,
            expression=brief(full), full_expression=full,
            worked=self._worked(group, value), value=value,
            value_missing="" if value is not None else missing,
            gradient=gradient, gradient_state=self.trace.state(group.head),
            ports=ports[id], rows=tuple(rows.get(id, ())),
            seed=is_root and gradient is not None,
            folded=group.folded_words(self.recording),
            changed=self.recording.changed(group.head), note="; ".join(filter(None, notes)),
            shape=() if outputs else record.shape, dtype=record.dtype, module=record.module,
            source=record.source, records=group.members, outputs=outputs,
        )  # fmt: skip

    def _kind(self, record: Record) -> str:
        if record.is_leaf:
            return "parameter" if record.index in self.names.parameters else "input"
        return "result" if record.index == self.recording.root.index else "operation"

    def _worked(self, group: Group, value: Any) -> tuple[str, ...]:
        record = self.recording.records[group.head]
        if record.is_leaf or is_routing(record) or np.ndim(value) or value is None:
            return ()
        if any(use.payload is None or np.ndim(use.payload) for use in group.uses):
            return ()
        pieces = [f"{sign.lstrip()}{text}" for sign, text in
                  terms(self.recording, group, self._number)]  # fmt: skip
        return (*pieces, f"= {number(value, self.precision)}")

    def _changed_words(self, record: Record, used: Any) -> str:
        if not self.recording.changed(record.index):
            return ""
        if record.is_leaf and not record.shape:
            return f"changed since, now {number(record.node.value, self.precision)}"
        return "changed since it was used"

    def _unreached(self) -> list[Node]:
        """Cards of the parameters that the root does not depend on."""
        taken = set(self.ids.values())
        return [
            Node(
                id=_fresh(safe_id(name), taken), name=name, kind="parameter",
                value=tensor.payload, shape=tuple(tensor.shape), dtype=str(tensor.dtype),
                gradient_state=NO_PATH,
            )
            for name, tensor in self.names.unreached.items()
        ]  # fmt: skip

    def _name(self, use: Use) -> str:
        if use.source is not None:
            return self.called[use.source]
        named = self.names.constant(use.payload, self.recording.records[use.entry[0]].op)
        if named:
            return named
        if use.payload is None or np.ndim(use.payload):
            return "const"
        return operand(use.payload, self.precision)

    def _number(self, use: Use) -> str:
        return operand(use.payload, self.precision)

    # ------------------------------------------------------------ the rest

    def _frames(self, ports: dict[str, tuple[Port, ...]]) -> tuple[Frame, ...]:
        cards = [self.ids[g.head] for g in self.groups if ports[self.ids[g.head]]]
        used = {id: tuple(port.edge for port in ports[id] if port.edge) for id in cards}
        forward = [Frame(phase="forward", node=id, edges=used[id]) for id in cards]
        backward = [
            Frame(phase="backward", node=id, edges=(edge,))
            for id in reversed(cards)
            for edge in used[id]
        ]
        return (*forward, *backward)

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.trace.notes)
        changed = [self.called[g.head] for g in self.groups if self.recording.changed(g.head)]
        if changed:
            verb = "was" if len(changed) == 1 else "were"
            notes.append(
                f"{', '.join(changed)} {verb} changed since the graph was recorded. Numbers are "
                "those of the recording; of an array its card shows the new value."
            )
        return tuple(notes)


def _hooked(gradient: Any, rows: Sequence[LedgerRow]) -> bool:
    """Tell whether a gradient is not the sum of what was sent."""
    sent = [row.contribution for row in rows]
    if gradient is None or not sent or any(part is None for part in sent):
        return False
    with np.errstate(all="ignore"):
        total = sum(sent[1:], start=sent[0])
        close = np.allclose(total, gradient, rtol=1e-3, equal_nan=True)
    return not close and bool(np.all(np.isfinite(total)))


def _edge_state(arrived: tuple[Any, ...], sent: Any, port: Port) -> str:
    if sent is None or not arrived:
        return "pending"
    if np.any(sent):
        return "won" if port.state in ("won", "tied") else "live"
    return "dies" if any(map(np.any, arrived)) else "dead"


def _call(recording: Recording, groups: tuple[Group, ...], names: Names) -> dict[int, str]:
    """Return the names of all cards; those without one are called by what they do."""
    unnamed = [g.head for g in groups if g.head not in names.of]
    short = {
        i: "out" if i == recording.root.index and recording.records[i].op
        else _word(recording.records[i])
        for i in unnamed
    }  # fmt: skip
    count, seen = Counter(short.values()), Counter[str]()
    called = dict(names.of)
    taken = set(called.values())
    for i, word in short.items():
        seen[word] += 1
        name = word if count[word] == 1 and word not in taken else f"{word}{seen[word]}"
        while name in taken:
            seen[word] += 1
            name = f"{word}{seen[word]}"
        called[i] = name
        taken.add(name)
    return called


def _word(record: Record) -> str:
    """Return what an unnamed card is called: ``mul``, ``svd.S``."""
    if record.part is not None:
        return record.op.rpartition(".")[0] + record.part_name
    return SHORT.get(record.op, record.op or "leaf")


def _ids(groups: tuple[Group, ...], called: dict[int, str]) -> dict[int, str]:
    taken: set[str] = set()
    return {group.head: _fresh(safe_id(called[group.head]), taken) for group in groups}


def _fresh(wanted: str, taken: set[str]) -> str:
    id, n = wanted, 2
    while id in taken:
        id, n = f"{wanted}_{n}", n + 1
    taken.add(id)
    return id


def _describe(scene: Scene) -> str:
    """Say in two sentences what a reader who cannot see the picture should know."""
    root = scene.node(scene.root)
    words = f"{len(scene.nodes)} values, {len(scene.edges)} uses."
    if root.value is not None and not np.ndim(root.value):
        words += f" {root.name} = {number(root.value, scene.precision)}."
    known = [
        f"∂{root.name}/∂{n.name} = {number(n.gradient, scene.precision)}"
        for n in scene.nodes
        if n.gradient is not None and not np.ndim(n.gradient) and not n.ports and n.rows
    ]
    if known:
        more = ", …" if len(known) > 8 else ""
        words += f" {', '.join(known[:8])}{more}."
    return words.replace(MINUS + MINUS, MINUS)


def _prefix(scene: Scene) -> str:
    """Return an id prefix that is the same for the same picture, and hardly for another."""
    content = json.dumps(scene.to_dict(), sort_keys=True, ensure_ascii=True)
    return f"bl{hashlib.sha256(content.encode()).hexdigest()[:6]}-"
