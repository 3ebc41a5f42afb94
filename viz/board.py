"""From cards with their ops to the board that is stepped through.

A card stands for one op or for several that were folded into it. What it sends back along an edge
is what the engine sent where that edge enters the fold; the local derivative is the product of
the partials from there up to the card's own value, summed where the ways part inside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.frames import Board, Card, Link
from viz.words import MAXIMA, Contestant, Entry, Passage

__all__ = ["Place", "build_board"]


@dataclass(frozen=True)
class Place:
    """A card as the picture places it.

    Attributes
    ----------
    id, name : str
    head : Op or Leaf
        The node whose value is the card's value.
    members : tuple of Op
        The head and the ops folded into the card; empty for a leaf.
    edges : mapping of (op, position) to str
        Ids of the edges that enter the card, in the order of its ports.
    expression, worked : str
        The card's expression in names and in numbers.
    """

    id: str
    name: str
    head: Any
    members: tuple[Any, ...] = ()
    edges: Mapping[tuple[Any, int], str] | None = None
    expression: str = ""
    worked: str = ""
    line: int | None = None


def build_board(
    places: Sequence[Place],
    *,
    gradient: Callable[[Any], Any],
    value: Callable[[Any], Any],
    contributions: Callable[[Any], Sequence[Any] | None],
    number: Callable[[Any], str],
    lines: Sequence[tuple[str | None, str]] = (),
) -> Board:
    """Build the board from the places of a picture.

    Parameters
    ----------
    places : sequence of Place
        In the order of creation; the last one is the root.
    gradient, value : callable
        From a node to what the walk gave it.
    contributions : callable
        From an op to what it sent to each operand.
    number : callable
        Writes a number.
    lines : sequence of (number, text)
        The source pane.
    """
    names = {place.head: place.name for place in places}
    ids = {place.head: place.id for place in places}
    folds = [_Fold(place, names, value, number) for place in places]
    reasons = _reasons(folds, ids)
    cards = []
    for place, fold in zip(places, folds, strict=True):
        links = tuple(
            Link(
                edge, ids[op.operands[position]], place.id, gradient(place.head),
                fold.local(op, position), _at(contributions(op), position),
                fold.passage(op, position),
            )
            for (op, position), edge in (place.edges or {}).items()
        )  # fmt: skip
        terms, end = fold.terms()
        cards.append(
            Card(
                place.id, place.name, value(place.head), gradient(place.head), links,
                place.expression, place.worked, terms, end, fold.says(),
                reasons.get(place.id, ""), place.line,
            )
        )  # fmt: skip
    return Board(tuple(cards), places[-1].id, tuple(lines), number)


class _Fold:
    """The inside of one card."""

    def __init__(
        self, place: Place, names: Mapping[Any, str], value: Callable[[Any], Any],
        number: Callable[[Any], str],
    ) -> None:  # fmt: skip
        self.place = place
        self.names = names
        self.value = value
        self.number = number
        self.members = set(place.members)
        self.above: dict[Any, list[tuple[Any, int]]] = {}
        for op in place.members:
            for position, operand in enumerate(op.operands):
                if operand in self.members:
                    self.above.setdefault(operand, []).append((op, position))
        self.slopes = self._slopes()
        self.contestants = self._contestants() if place.members else ()

    def _slopes(self) -> dict[Any, Any]:
        """The derivative of the card's value by each op inside: the chain rule, from the head."""
        slopes: dict[Any, Any] = {self.place.head: 1.0}
        for op in sorted(self.members, key=lambda op: op.sequence, reverse=True):
            if op is self.place.head:
                continue
            parts = [self._through(slopes.get(user), user, at) for user, at in self.above[op]]
            slopes[op] = None if None in parts else sum(parts)
        return slopes

    def _through(self, slope: Any, op: Any, position: int) -> Any:
        partial = _at(op.partials, position) if not op.shape else None
        if slope is None or partial is None or np.ndim(partial):
            return None
        return float(slope) * float(partial)

    def local(self, op: Any, position: int) -> Any:
        return self._through(self.slopes.get(op), op, position)

    def passage(self, op: Any, position: int) -> Passage:
        ways: list[tuple[Any, int]] = [(op, position)]
        while ways[-1][0] is not self.place.head:
            above = self.above[ways[-1][0]]
            if len(above) != 1:
                ways = []
                break
            ways.append(above[0])
        entries = tuple(self.entry(*way) for way in ways)
        contest = any(entry.name in MAXIMA for entry in entries) and len(
            [entry for entry in entries if entry.name not in MAXIMA]
        ) == 0
        return Passage(
            self.call(op, position), self.place.name, entries, self.local(op, position),
            self.contestants if contest else (),
        )  # fmt: skip

    def entry(self, op: Any, position: int) -> Entry:
        places = range(len(op.operands))
        return Entry(
            op.name, position, tuple(self.call(op, i) for i in places),
            tuple(self.operand(op, i) for i in places), self.value(op), dict(op.attributes), op.ties,
        )  # fmt: skip

    def operand(self, op: Any, position: int) -> Any:
        saved = _at(op.saved, position)
        node = op.operands[position]
        return saved if saved is not None or node is None else self.value(node)

    def call(self, op: Any, position: int) -> str:
        """What to call an operand: its card's name, else its number."""
        node = op.operands[position]
        if node in self.names and node not in self.members:
            return self.names[node]
        value = self.operand(op, position)
        if value is None or np.ndim(value):
            return op.operand_names[position]
        return self.number(value)

    def _contestants(self) -> tuple[Contestant, ...]:
        """The arguments of the card's max or min, however many ops it was recorded as."""
        found: list[Contestant] = []

        def look(op: Any) -> None:
            for position, node in enumerate(op.operands):
                if node in self.members and node.name in MAXIMA:
                    look(node)
                else:
                    value = self.operand(op, position)
                    found.append(Contestant(self.call(op, position), value, node is None))

        head = self.place.head
        if head.name not in MAXIMA or head.shape:
            return ()
        look(head)
        return tuple(found) if all(c.value is not None for c in found) else ()

    def says(self) -> str:
        if not self.contestants:
            return ""
        lowest = self.place.head.name.startswith("minimum")
        best = (min if lowest else max)(float(c.value) for c in self.contestants)
        winners = [c.name for c in self.contestants if float(c.value) == best]
        word = "smallest" if lowest else "largest"
        if len(winners) > 1:
            return f"{' and '.join(winners)} tie for the {word}."
        return f"The {word} wins: {winners[0]}." if winners else "Nothing wins: nan."

    def terms(self) -> tuple[tuple[tuple[str, str, str, bool], ...], str]:
        """How the value comes about, line by line: of a sum its terms, of a max who won."""
        if not self.place.members or self.place.head.shape:
            return (), "value"
        if self.contestants:
            best = float(self.value(self.place.head))
            won = [float(c.value) == best for c in self.contestants]
            rows = [
                ("constant" if c.constant else c.name, "won" if wins else "lost",
                 self.number(c.value), wins)
                for c, wins in zip(self.contestants, won, strict=True)
            ]  # fmt: skip
            lowest = self.place.head.name.startswith("minimum")
            return tuple(rows), "smallest" if lowest else "largest"
        addends = list(self._addends(self.place.head))
        if len(addends) > 1:
            return tuple(self._term(*addend) for addend in addends), "sum"
        rows = [
            (self.call(op, at), "", self.number(self.operand(op, at)), False)
            for op, at in self.place.edges or {}
            if self.operand(op, at) is not None
        ]
        return tuple(dict.fromkeys(rows)), "value"

    def _addends(self, op: Any) -> Iterator[tuple[Any, int]]:
        if op.name != "add":
            return
        for position, node in enumerate(op.operands):
            if node in self.members and node.name == "add":
                yield from self._addends(node)
            else:
                yield op, position

    def _term(self, op: Any, position: int) -> tuple[str, str, str, bool]:
        node, value = op.operands[position], self.number(self.operand(op, position))
        if node in self.members and node.name == "multiply":
            names = " × ".join(self.call(node, i) for i in (0, 1))
            numbers = " × ".join(self.number(self.operand(node, i)) for i in (0, 1))
            return names, numbers if names != numbers else "", value, False
        return self.call(op, position) if node not in self.members else "term", "", value, False


def _reasons(folds: Sequence[_Fold], ids: Mapping[Any, str]) -> dict[str, str]:
    """Say of each card that loses every max it enters to whom it lost."""
    lost: dict[str, list[str]] = {}
    used: dict[str, int] = {}
    for fold in folds:
        for op, position in fold.place.edges or {}:
            source = ids[op.operands[position]]
            used[source] = used.get(source, 0) + 1
            if fold.contestants and fold.local(op, position) == 0:
                best = float(fold.value(fold.place.head))
                winner = next((c for c in fold.contestants if float(c.value) == best), None)
                if winner:
                    name = f"the constant {winner.name}" if winner.constant else winner.name
                    lost.setdefault(source, []).append(f"{fold.place.name} to {name}")
    return {
        id: f"lost {' and '.join(dict.fromkeys(where))}"
        for id, where in lost.items() if len(where) == used[id]
    }  # fmt: skip


def _at(entries: Any, position: int) -> Any:
    return entries[position] if entries is not None and position < len(entries) else None
