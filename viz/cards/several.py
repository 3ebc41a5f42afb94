"""The card of an op of several outputs: inputs on the left, and within it a card an output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viz.cards.operation import HEAD, draw_title, port_label, title_width
from viz.cards.parts import (
    PITCH,
    Card,
    draw_border,
    draw_frame,
    draw_head,
    draw_pill,
    head_class,
    pill_width,
    text_cells,
)
from viz.metrics import shorten, text_width
from viz.render.svg import Pen, coordinate
from viz.scene import NO_GRADIENT, NOTHING, Node, Output

__all__ = ["SeveralCard", "unused_words"]

AIR = 8.0  # around the cards within
WIDEST_LINE = 260.0


class SeveralCard(Card):
    """An op with the cards of the outputs that are used.

    Parameters
    ----------
    inner : sequence of Card
        Those cards, in order; the rows of all of them are the card's own.

    Attributes
    ----------
    offsets : list of (x, y)
        Where they stand.
    """

    def __init__(self, node: Node, precision: int, root: str, inner: Sequence[Card]) -> None:
        super().__init__(node, precision, root)
        self.inner = inner
        self.labels = [port_label(node, i, precision) for i in range(len(node.ports))]
        half = max((pill_width(port, precision) / 2 for port in node.ports), default=16)
        self.inset = half + 4
        column = self.inset + max((text_cells(label) for label in self.labels), default=0) + 8
        self.column = max(44.0, column)
        self.words = [shorten(line, WIDEST_LINE) for line in unused_words(node.outputs)]
        self.room = max([card.width for card in inner], default=60.0)
        words = max(map(text_width, self.words), default=0.0)
        self.width = max(self.column + AIR + max(self.room, words) + AIR, title_width(node))
        self._arrange()

    def widen(self, width: float) -> None:
        """Take more room; the cards within take it too."""
        self.width = width
        self._arrange()

    def _arrange(self) -> None:
        room = self.width - self.column - 2 * AIR
        y = HEAD + AIR
        self.offsets, self.rows = [], []
        for card in self.inner:
            card.widen(room)
            self.offsets.append((self.column + AIR, y))
            self.rows += [y + row for row in card.rows]
            y += card.height + AIR
        self.words_at = y + 9
        bottom = y + (PITCH * len(self.words) + 2 if self.words else 0)
        inputs = len(self.node.ports)
        self.height = max(bottom, HEAD + 16 + PITCH * inputs)
        level = (HEAD + self.height - PITCH * (inputs - 1)) / 2
        self.ports = [max(HEAD + 16.0, round(level)) + PITCH * i for i in range(inputs)]

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw all but the cards within, which are drawn like any other."""
        node, c = self.node, coordinate
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            draw_head(pen, x, y, self.width, head_class(node))
            draw_title(pen, node, x, y, self.width)
            draw_border(pen, x, y, self.width, self.height)
            for port, label, at in zip(node.ports, self.labels, self.ports, strict=True):
                draw_pill(pen, node, port, x, y + at, self.precision)
                pen.text(x + self.inset, y + at + 4, label, "m ink2")
            pen.path(f"M{c(x + self.column + 0.5)} {c(y + HEAD)}v{c(self.height - HEAD - 0.5)}",
                     "rl")  # fmt: skip
            with pen.group(id=f"why-{node.id}", cls="why"):  # known once backward came here
                for i, words in enumerate(self.words):
                    at = y + self.words_at + PITCH * i
                    pen.text(x + self.column + AIR, at, words, "ink2")


def unused_words(outputs: Sequence[Output]) -> list[str]:
    """Say what the outputs without a card are: nothing arrived there, or nothing can.

    >>> print(*unused_words([Output(name="U", state=NOTHING), Output(name="Vh", state=NOTHING)]))
    U, Vh: nothing arrived
    """
    said: dict[str, list[str]] = {}
    for output in outputs:
        if output.node:
            continue
        name = output.name if not output.name.isdigit() else f"[{output.name}]"
        if output.state == NO_GRADIENT:
            value = output.value
            few = value is not None and 0 < np.size(value) <= 6
            what = ", ".join(map(str, np.ravel(value))) if few else "integers, no gradient"
            said.setdefault(f" {what}" if few else f": {what}", []).append(name)
        else:
            words = NOTHING if output.state == NOTHING else "not used"
            said.setdefault(f": {words}", []).append(name)
    return [f"{', '.join(names)}{words}" for words, names in said.items()]
