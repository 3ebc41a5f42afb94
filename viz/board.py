"""From a scene and the records behind it to the board that is stepped through.

The scene says which cards and edges there are and what the engine sent along each; the records say
how an input comes through a card to its value. An input has one way through a card (viz/fold.py
folds nothing else), so its local derivative is the product along that way, and the way is what
the sentence of its contribution is made of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from viz.extract import Record, Recording
from viz.fold import MAXIMA, Group, Use
from viz.frames import Board, Card, Link
from viz.listing import listing
from viz.numbers import number
from viz.passage import Contestant, Entry, Passage
from viz.saying import say
from viz.scene import Edge, Node, Scene

__all__ = ["board_of"]


def board_of(
    scene: Scene,
    recording: Recording,
    groups: Mapping[str, Group],
    constant: Callable[[Any], str] = lambda payload: "",
) -> Board:
    """Return the board of a scene.

    Parameters
    ----------
    scene : Scene
    recording : Recording
        What the scene was made from.
    groups : mapping of node id to Group
        What each card stands for.
    constant : callable
        From a payload that needs no gradient to its name, ``""`` if it has none.
    """

    def scalar(value: Any) -> str:
        return number(value, scene.precision)

    def write(value: Any) -> str:
        return say(value, scalar)

    by_id = {node.id: node for node in scene.nodes}
    names = {groups[node.id].head: node.name for node in scene.nodes if node.id in groups}
    arriving: dict[str, list[Edge]] = {}
    for edge in scene.edges:
        arriving.setdefault(edge.target, []).append(edge)
    operations = [node for node in scene.nodes if arriving.get(node.id) or node.expression]
    computed = {node.id for node in operations}
    lines = listing([(n.id, n.source, _line(n, write)) for n in operations])
    cards = []
    for node in scene.nodes:
        group = groups.get(node.id)
        inside = _Inside(node, group, recording, names, write, constant)
        edges = sorted(arriving.get(node.id, ()), key=lambda edge: edge.port)
        uses = _uses(edges, group, groups)
        links = tuple(
            Link(
                id=edge.id,
                source=edge.source,
                consumer=node.id,
                upstream=edge.upstream,
                local=edge.local,
                contribution=edge.contribution,
                rule=node.ports[edge.port].local_text,
                passage=inside.passage(edge, uses.get(edge.id), by_id[edge.source].name),
                inner=bool(edge.output),
            )
            for edge in edges
        )
        terms, end = inside.terms()
        cards.append(
            Card(
                id=node.id,
                name=node.name,
                kind=node.kind,
                value=node.value,
                gradient=node.gradient,
                links=links,
                expression=node.full_expression or node.expression,
                worked=" ".join(part for part in node.worked if not part.startswith("= ")),
                terms=terms,
                terms_end=end,
                says=inside.says(),
                reason=_reason(node),
                line=lines.at.get(node.id),
                leaf=node.id not in computed,
                arriving=inside.arriving(scene.edges),
                parts=len(node.outputs),
            )
        )
    whole = groups.keys() <= by_id.keys()
    return Board(tuple(cards), scene.root, lines.lines, write, whole, " ".join(scene.notes))


def _line(node: Node, write: Callable[[Any], str]) -> str:
    expression = node.full_expression or node.expression or node.op
    return f"{node.name} = {expression}"


def _reason(node: Node) -> str:
    """Return the scene's reason, where it goes on from the name: ``lost to z2: −1 < 4``."""
    if node.won or not node.reason.startswith("lost to "):
        return ""
    whom, _, numbers = node.reason.partition(": ")
    return f"{whom} ({numbers})" if numbers else whom


def _uses(edges: list[Edge], group: Group | None, groups: Mapping[str, Group]) -> dict[str, Use]:
    """Pair the edges of a card with its uses: those of one source in the order of their ids."""
    found: dict[str, Use] = {}
    waiting: dict[int, list[Use]] = {}
    for use in group.uses if group else ():
        if use.source is not None:
            waiting.setdefault(use.source, []).append(use)
    for edge in sorted(edges, key=lambda edge: (len(edge.id), edge.id)):
        same = waiting.get(groups[edge.source].head, []) if edge.source in groups else []
        if same:
            found[edge.id] = same.pop(0)
    return found


class _Inside:
    """The inside of one card: its operations, and what to call what they work on."""

    def __init__(
        self, node: Node, group: Group | None, recording: Recording,
        names: Mapping[int, str], write: Callable[[Any], str], constant: Callable[[Any], str],
    ) -> None:  # fmt: skip
        self.node = node
        self.group = group
        self.records = recording.records
        self.recording = recording
        self.members = frozenset(group.members) if group else frozenset()
        self.names = names
        self.write = write
        self.constant = constant
        head = self.records[group.head] if group else None
        self.head = head if head is not None and not head.is_leaf else None
        self.contestants = self._contestants()

    def passage(self, edge: Edge, use: Use | None, operand: str) -> Passage:
        ways = self.group.path(use) if self.group and use else ()
        entries = tuple(self._entry(*way) for way in ways)
        contest = self.contestants if all(e.name in MAXIMA for e in entries) else ()
        came = [output.name for output in self.node.outputs if output.gradient is not None]
        consumer = " and ".join(filter(None, [", ".join(came[:-1]), *came[-1:]]))
        return Passage(operand, consumer or self.node.name, entries, edge.local, contest)

    def arriving(self, edges: Sequence[Edge]) -> tuple[tuple[str, str], ...]:
        """Of an op of several outputs: the edges along which these hand on their gradients."""
        if not self.node.outputs:
            return ()
        return tuple(
            (edge.id, edge.target)
            for edge in edges
            if edge.source == self.node.id and edge.output and edge.contribution is not None
        )

    def says(self) -> str:
        """Say more than what goes in, for the forward frame, where there is more to say."""
        if not self.contestants:
            return ""
        winners = [c.name for c in self.contestants if c.value == self._best()]
        word = "smallest" if self._lowest() else "largest"
        if len(winners) > 1:
            return f"{' and '.join(winners)} tie for the {word}."
        return f"The {word} wins: {winners[0]}." if winners else "Nothing wins: nan."

    def terms(self) -> tuple[tuple[tuple[str, str, str, bool], ...], str]:
        """How the value comes about, line by line: of a sum its terms, of a max who won."""
        if self.head is None or self.head.shape:
            return (), "value"
        if self.contestants:
            best = self._best()
            rows = tuple(
                ("constant" if c.constant else c.name, "won" if c.value == best else "lost",
                 self.write(c.value), c.value == best)
                for c in self.contestants
            )  # fmt: skip
            return rows, "smallest" if self._lowest() else "largest"
        addends = list(self._addends(self.head))
        if len(addends) > 1:
            return tuple(self._term(*addend) for addend in addends), "sum"
        rows = tuple(
            (port.label or "constant", "", self.write(port.value), False)
            for port in self.node.ports
            if port.value is not None and not np.ndim(port.value)
        )
        return tuple(dict.fromkeys(rows)), "value"

    def _entry(self, index: int, position: int) -> Entry:
        record = self.records[index]
        places = range(len(record.operands))
        return Entry(
            record.op, position, tuple(self._call(record, i) for i in places),
            tuple(self._operand(record, i) for i in places), record.value, record.attributes,
            record.ties,
        )  # fmt: skip

    def _operand(self, record: Record, position: int) -> Any:
        saved = record.saved[position] if position < len(record.saved) else None
        source = record.operands[position]
        return saved if saved is not None or source is None else self.recording.value(source)

    def _call(self, record: Record, position: int) -> str:
        """Call an operand by its card's name, a number by itself, an array by its variable."""
        source = record.operands[position]
        if source is not None and source in self.names and source not in self.members:
            return self.names[source]
        value = self._operand(record, position)
        if value is None or np.ndim(value):
            return self.constant(value)
        return self.write(value)

    def _lowest(self) -> bool:
        return self.head is not None and self.head.op.startswith("minimum")

    def _best(self) -> float:
        return (min if self._lowest() else max)(c.value for c in self.contestants)

    def _contestants(self) -> tuple[Contestant, ...]:
        """Return the arguments of the card's max or min, constants among them."""
        if self.head is None or self.head.op not in MAXIMA or self.head.shape:
            return ()
        ports = self.node.ports
        if any(port.value is None for port in ports):
            return ()
        return tuple(
            Contestant(
                self.write(port.value) if port.constant else port.label, float(port.value),
                port.constant,
            )
            for port in ports
        )  # fmt: skip

    def _addends(self, record: Record) -> Iterator[tuple[Record, int]]:
        """Lay a sum flat: its terms in order, those of additions within additions too."""
        waiting = [(record, at) for at in reversed(range(len(record.operands)))]
        while record.op == "add" and waiting:
            holder, position = waiting.pop()
            source = holder.operands[position]
            if source in self.members and self.records[source].op == "add":
                inner = self.records[source]
                waiting.extend((inner, at) for at in reversed(range(len(inner.operands))))
            else:
                yield holder, position

    def _term(self, record: Record, position: int) -> tuple[str, str, str, bool]:
        source, value = record.operands[position], self._operand(record, position)
        text = "—" if value is None else self.write(value)
        if source in self.members:
            inner = self.records[source]
            if inner.op != "multiply":
                return inner.op, "", text, False
            names = " × ".join(self._call(inner, at) for at in (0, 1))
            numbers = " × ".join(self.write(self._operand(inner, at)) for at in (0, 1))
            return names, numbers if numbers != names else "", text, False
        return self._call(record, position), "", text, False
