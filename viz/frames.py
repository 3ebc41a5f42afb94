"""The frames of a step-through: what is known at each step, in data, words and numbers.

A `Board` says what the picture shows (cards, and links between them with the engine's numbers);
from it `frames` derives the script of a walk: the values forward if asked for, the seed, then one
frame per contribution in the order in which the engine sends them, and a last frame that sums up.
A frame is a diff: it lists what becomes known, never what already is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from viz.passage import Passage
from viz.saying import SHORT, listed, role_of, running_sum, say
from viz.words import contribution_words, zero_words

__all__ = ["Board", "Card", "Frame", "Link", "Quiz", "frames", "product_of"]


@dataclass(frozen=True)
class Link:
    """An edge of the picture: an operand of a card, and what comes back along it.

    Attributes
    ----------
    id, source, consumer : str
        Ids of the edge and of the cards at its two ends.
    upstream, local, contribution : number, array or None
        The consumer's gradient, the local derivative, and what the engine sent. ``local`` is
        None where it would be a Jacobian.
    passage : Passage
        How the contribution comes about, for the sentence.
    rule : str
        What is sent where no local derivative can be shown, of the upstream g: ``"xᵀ @ g"``.
    inner : bool
        Whether an output hands its gradient to the op that it belongs to: no step of its own.
    """

    id: str
    source: str
    consumer: str
    upstream: Any
    local: Any
    contribution: Any
    passage: Passage
    rule: str = ""
    inner: bool = False


@dataclass(frozen=True)
class Card:
    """A node of the picture as the frames need it; `links` in the order of its operands.

    ``arriving`` is of an op of several outputs: the edges from the cards of those to which a
    gradient came, each with its card; ``parts`` is the number of all outputs.
    """

    id: str
    name: str
    kind: str
    value: Any
    gradient: Any
    links: tuple[Link, ...] = ()
    expression: str = ""  # "k1·x1 + b"
    worked: str = ""  # the same with numbers
    terms: tuple[tuple[str, str, str, bool], ...] = ()  # who, how, how much, won
    terms_end: str = "value"
    says: str = ""  # the sentence of its forward frame
    reason: str = ""  # why its gradient is 0: "lost to z2 (−7 < 4)"
    line: int | None = None
    leaf: bool = True
    arriving: tuple[tuple[str, str], ...] = ()
    parts: int = 0


@dataclass(frozen=True)
class Board:
    """What is stepped through: cards in the order of their creation, the last one the root."""

    cards: tuple[Card, ...]
    root: str
    lines: tuple[tuple[str | None, str], ...]
    number: Callable[[Any], str]
    whole: bool = True  # the picture holds all of the graph
    missing: str = ""  # why there is no gradient

    def __getitem__(self, id: str) -> Card:
        """Return a card by its id."""
        return self._by_id[id]

    @property
    def _by_id(self) -> dict[str, Card]:
        if "_index" not in self.__dict__:
            object.__setattr__(self, "_index", {card.id: card for card in self.cards})
        return self.__dict__["_index"]

    def derivative(self, id: str) -> str:
        """Write the name of a gradient: ``∂L/∂z2``."""
        return f"∂{self[self.root].name}/∂{self[id].name}"


@dataclass(frozen=True)
class Quiz:
    """The question before a contribution: the number expected, and a hint on a miss."""

    words: str
    ask: str
    expect: float
    shown: str
    hint: str


@dataclass(frozen=True)
class Frame:
    """One step: what is active, what becomes known, and how that is said.

    Attributes
    ----------
    phase : {"start", "forward", "backward", "end"}
    node, target : str or None
        The active card, and the one that receives.
    edges : tuple of str
        The active edges; backward, their contributions are known from here on.
    values : tuple of str
        Cards whose value becomes known.
    gradients : tuple of (id, text, whole)
        Gradients that change; ``whole`` once the last contribution has arrived.
    numbers : dict
        The same unformatted, for programs: ``upstream``, ``local``, ``contribution``, ``sum``.
    """

    phase: str
    node: str | None
    words: str
    formula: tuple[tuple[str, str], ...]
    target: str | None = None
    edges: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    gradients: tuple[tuple[str, str, bool], ...] = ()
    line: int | None = None
    quiz: Quiz | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence and the formula on one line."""
        return f"{self.words}  {self.formula_text}".strip()

    @property
    def formula_text(self) -> str:
        """The formula as plain text."""
        parts = (("   " if role == "now" else "") + part for part, role in self.formula)
        return "".join(parts).rstrip()

    def page(self) -> dict[str, Any]:
        """Return what the page needs of the frame, JSON-able."""
        return {name: value for name, value in asdict(self).items() if name != "numbers"}


def frames(
    board: Board, *, granularity: str = "contribution", forward: bool = False,
    wrt: frozenset[str] | None = None,
) -> tuple[Frame, ...]:  # fmt: skip
    """Derive the frames of a walk over a board.

    Parameters
    ----------
    board : Board
    granularity : {"contribution", "node"}
        One frame for each contribution, or for all of an operation.
    forward : bool
        Whether the values are stepped through first.
    wrt : set of card ids, optional
        Only the contributions that lead to these cards.
    """
    return tuple(_Script(board, granularity, wrt).play(forward))


class _Script:
    """Writes the frames; keeps the sums so far, as the walk in the engine does."""

    def __init__(self, board: Board, granularity: str, wrt: frozenset[str] | None) -> None:
        self.board = board
        self.granularity = granularity
        self.leads = None if wrt is None else _leading_to(board, wrt)
        self.sums: dict[str, list[Any]] = {}
        self.waiting: dict[str, int] = {}
        for card in board.cards:
            for link in self.links(card):
                self.waiting[link.source] = self.waiting.get(link.source, 0) + 1

    def links(self, card: Card) -> list[Link]:
        return [
            link for link in card.links
            if link.contribution is not None and not link.inner
            and (self.leads is None or link.source in self.leads)
        ]  # fmt: skip

    def play(self, forward: bool) -> Iterator[Frame]:
        board, operations = self.board, [c for c in self.board.cards if not c.leaf]
        if forward:
            yield Frame("start", None, "The leaves hold their values. Nothing is computed yet.",
                        (("Press → or the play button.", ""),))  # fmt: skip
            for card in operations:
                yield self.forward(card)
        else:
            root = board[board.root]
            lacking = any(card.value is None and not card.parts for card in board.cards)
            every = "Every value that was kept is known" if lacking else "Every value is known"
            known = f"{every}: {root.name} = {self.say(root.value)}."
            yield Frame("start", None, f"{known} No gradient is.",
                        (("Press → or the play button.", ""),))  # fmt: skip
        if board[board.root].gradient is None:
            reason = board.missing or "Gradients are not computed."
            yield Frame("end", None, "There is nothing to step back through.", ((reason, ""),))
            return
        yield self.seed(board[board.root])
        for card in reversed(operations):
            yield from self.backward(card)
        yield self.end()

    def say(self, quantity: Any) -> str:
        return say(quantity, self.board.number)

    def forward(self, card: Card) -> Frame:
        if card.parts:
            return self.forward_several(card)
        steps = [part for part in (card.expression, card.worked) if part]
        sources = dict.fromkeys(link.source for link in card.links)
        names = listed([self.board[id].name for id in sources])
        return Frame(
            "forward", card.id, card.says or f"{card.name} is computed from {names}.",
            ((" = ".join([card.name, *steps]) + " = ", ""), (self.say(card.value), "value")),
            target=card.id, edges=tuple(link.id for link in card.links), values=(card.id,),
            line=card.line, numbers={"value": card.value},
        )  # fmt: skip

    def forward_several(self, card: Card) -> Frame:
        names = listed([self.board[id].name for id in dict.fromkeys(x.source for x in card.links)])
        outputs = listed([self.board[id].name for _, id in card.arriving]) or "its outputs"
        return Frame(
            "forward", card.id, f"{card.name} computes {outputs} from {names}.",
            ((f"{card.expression}: {card.parts} outputs", ""),), target=card.id,
            edges=tuple(link.id for link in card.links), values=(card.id,), line=card.line,
        )  # fmt: skip

    def seed(self, root: Card) -> Frame:
        one = not np.ndim(root.gradient) and root.gradient == 1
        words = (
            f"Backward starts here: {root.name} changes one for one with itself."
            if one else f"Backward starts here, with the gradient given for {root.name}."
        )  # fmt: skip
        text = self.say(root.gradient)
        return Frame(
            "backward", root.id, words,
            ((f"{self.board.derivative(root.id)} = ", ""), (text, role_of(text))),
            target=root.id, gradients=((root.id, text, True),), line=root.line,
            numbers={"sum": root.gradient},
        )  # fmt: skip

    def backward(self, card: Card) -> Iterator[Frame]:
        links = self.links(card)
        if not links:
            return
        if len(links) > 1 and self.is_zero(card):
            yield self.all_zero(card, links)
        elif self.granularity == "node":
            yield self.whole(card, links)
        else:
            for link in links:
                yield self.one(card, link)

    def is_zero(self, card: Card) -> bool:
        return (
            card.gradient is not None
            and not np.any(card.gradient)
            and not any(
                np.any(link.contribution) for link in card.links if link.contribution is not None
            )
        )

    def edges(self, card: Card, links: Sequence[Link]) -> tuple[str, ...]:
        """Return the edges of contributions, and those by which outputs handed on theirs."""
        return (*(link.id for link in links), *(edge for edge, _ in card.arriving))

    def gathered(self, card: Card) -> tuple[tuple[str, str, bool], ...]:
        """Say of an op of several outputs at how many of them a gradient arrived."""
        if not card.parts:
            return ()
        return ((card.id, f"{len(card.arriving)} of {card.parts}", True),)

    def chain(self, card: Card, name: str) -> str:
        """Write the chain rule in letters: a product for each output of the card."""
        outputs = [self.board[id] for _, id in card.arriving] if card.parts else [card]
        return " + ".join(
            f"{self.board.derivative(output.id)} · ∂{output.name}/∂{name}" for output in outputs
        )

    def arrive(self, link: Link) -> tuple[str, str, bool]:
        """Add a contribution to its sum; the engine's own number stands at the end."""
        parts = self.sums.setdefault(link.source, [])
        parts.append(link.contribution)
        self.waiting[link.source] -= 1
        whole = not self.waiting[link.source]
        known = self.board[link.source].gradient
        if whole and known is not None and self.leads is None:
            total = known
        else:
            total = sum(parts[1:], start=parts[0])
        return link.source, self.say(total), whole

    def one(self, card: Card, link: Link) -> Frame:
        before = [self.say(part) for part in self.sums.get(link.source, ())]
        arrived = self.arrive(link)
        board, name = self.board, self.board[link.source].name
        product, what = product_of(link, board.number), self.say(link.contribution)
        chain = self.chain(card, name)
        target = board.derivative(link.source)
        if product and product == link.rule and not card.parts:
            formula = [(f"{target} += {product} = ", ""), (what, role_of(what)),
                       (f"g = {board.derivative(card.id)}", "now")]  # fmt: skip
        else:
            given = f"{product} = " if product and product != link.rule else ""
            formula = [(f"{target} += {chain} = {given}", ""), (what, role_of(what))]
        parts = [part for part in [*before, what] if part != "0"]
        if len(parts) > 1 and not np.ndim(link.contribution):
            formula.append((f"now {running_sum(parts)} = {arrived[1]}", "now"))
        quiz = None
        if product and not np.ndim(link.contribution) and np.isfinite(link.contribution):
            quiz = Quiz(f"What does {card.name} send back to {name}?", f"{chain} =",
                        float(link.contribution), what, product)  # fmt: skip
        return Frame(
            "backward", card.id, contribution_words(link.passage, board.number), tuple(formula),
            target=link.source, edges=self.edges(card, [link]),
            gradients=(arrived, *self.gathered(card)), line=card.line, quiz=quiz,
            numbers={
                "upstream": link.upstream, "local": link.local,
                "contribution": link.contribution, "sum": self.sums[link.source],
            },
        )  # fmt: skip

    def all_zero(self, card: Card, links: Sequence[Link]) -> Frame:
        arrived = tuple(dict((a[0], a) for a in map(self.arrive, links)).values())
        return Frame(
            "backward", card.id, zero_words(card.name, card.reason, len(links)),
            (("0 × ∂" + card.name + "/∂input = ", ""), ("0", "zero"),
             (f" for every input of {card.name}", "")),
            edges=self.edges(card, links), gradients=arrived, line=card.line,
            numbers={"contribution": 0.0},
        )  # fmt: skip

    def whole(self, card: Card, links: Sequence[Link]) -> Frame:
        arrived = dict((a[0], a) for a in map(self.arrive, links))
        sent = ",  ".join(
            f"{self.board.derivative(link.source)} += {self.say(link.contribution)}"
            for link in links[:6]
        ) + (f",  … {len(links) - 6} more" if len(links) > 6 else "")
        gradient = f"its gradient {self.say(card.gradient)}"
        if card.parts:
            gradient = f"what came to {listed([self.board[id].name for _, id in card.arriving])}"
        names = listed([self.board[id].name for id in dict.fromkeys(x.source for x in links)])
        return Frame(
            "backward", card.id, f"{card.name} passes {gradient} back to {names}.",
            ((sent, ""),), edges=self.edges(card, links),
            gradients=(*arrived.values(), *self.gathered(card)), line=card.line,
            numbers={"upstream": card.gradient,
                     "contribution": [link.contribution for link in links]},
        )  # fmt: skip

    def end(self) -> Frame:
        board = self.board
        leaves = [c for c in board.cards if c.leaf and c.id in self.sums]
        leaves.sort(key=lambda card: card.kind != "parameter")
        none = [c.name for c in leaves if not np.any(board[c.id].gradient)]
        words = "Every gradient is known." if board.whole else "Every gradient drawn is known."
        if none and len(none) < len(leaves):
            move = f"the other leaves can move {board[board.root].name}"
            words += f" {listed(none)} receive{'s' if len(none) == 1 else ''} 0; {move}."
        elif none:
            words += f" All of them are 0: no leaf can move {board[board.root].name}."
        shown = "   ".join(f"{board.derivative(c.id)} = {self.say(c.gradient)}" for c in leaves[:8])
        return Frame("end", None, words, ((shown, ""),), line=None)


def product_of(link: Link, number: Callable[[Any], str]) -> str:
    """Write what is multiplied: ``10 × 1``, small arrays as they are, else the rule."""
    large = np.ndim(link.local) and max(np.size(link.local), np.size(link.upstream)) > SHORT
    if link.local is None or large:
        return link.rule if re.search(r"\bg\b", link.rule) else ""
    return f"{say(link.upstream, number)} × {say(link.local, number)}"


def _leading_to(board: Board, wrt: frozenset[str]) -> frozenset[str]:
    leading = set(wrt)
    for card in board.cards:  # operands stand before their consumers
        if any(link.source in leading for link in card.links):
            leading.add(card.id)
    return frozenset(leading)
