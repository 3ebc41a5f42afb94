"""The card of a max, a min, a clamp or a relu: its inputs as candidates, the winner ringed."""

from __future__ import annotations

from viz.cards.operation import HEAD, SIZE, draw_title, sum_words, title_width
from viz.cards.parts import (
    PITCH,
    Card,
    Ledger,
    draw_border,
    draw_frame,
    draw_gradient,
    draw_head,
    draw_pill,
    draw_value,
    gradient_width,
    head_class,
    label_of,
    pill_width,
    text_cells,
    value_width,
)
from viz.metrics import shorten, text_width
from viz.render.svg import Pen, coordinate
from viz.scene import Node, Port

__all__ = ["RoutingCard"]

CANDIDATE = 20  # from candidate to candidate
TICK = 18


class RoutingCard(Card):
    """A scalar that was chosen."""

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        self.ledger = Ledger(node.rows, node.name, root, precision)
        self.sum = sum_words(node, precision)
        self.names = [shorten(port.label, 90, mono=True) for port in node.ports]
        self.values = [label_of(port.value, precision) for port in node.ports]
        half = max((pill_width(port, precision) / 2 for port in node.ports), default=16)
        self.inset = half + 8
        self.value_end = self.inset + max(
            text_width(n) if p.constant else text_cells(n)
            for n, p in zip(self.names, node.ports, strict=True)
        ) + 10 + max(map(text_cells, self.values))  # fmt: skip
        self.ring_end = self.value_end + TICK + 6
        notes = max((text_width(p.note) for p in node.ports if p.note), default=0.0)
        self.column = self.ring_end + (4 + notes if notes else 0) + 8
        numbers = max(
            value_width(node, precision, SIZE), gradient_width(node, root, precision, SIZE)
        )
        self.words = [words for words in (self.sum, node.reason, node.note) if words]
        self.width = max(
            self.column + 12 + numbers + 12,
            self.ledger.width + 20,
            title_width(node),
            *(text_width(words) + 20 for words in self.words),
        )
        self.ports = [HEAD + 18 + CANDIDATE * i for i in range(len(node.ports))]
        self.body = max(HEAD + CANDIDATE * len(node.ports) + 12, HEAD + 60)
        self.rows = [self.body + 14 + PITCH * i for i in range(len(node.rows))]
        last = self.rows[-1] + 12 if self.rows else self.body + 2
        self.words_at = last + 8
        self.height = last + (PITCH * len(self.words) + 2 if self.words else 0)

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node, c = self.node, coordinate
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            draw_head(pen, x, y, self.width, head_class(node))
            draw_title(pen, node, x, y, self.width)
            draw_border(pen, x, y, self.width, self.height)
            for i, port in enumerate(node.ports):
                self._candidate(pen, port, i, x, y + self.ports[i])
            pen.path(f"M{c(x + self.column + 0.5)} {c(y + HEAD)}v{c(self.body - HEAD)}", "rl")
            if self.rows or self.words:
                pen.path(f"M{c(x)} {c(y + self.body + 0.5)}h{c(self.width)}", "rl")
            left, middle = x + self.column + 12, y + (HEAD + self.body) / 2
            draw_value(pen, node, left, middle - 12, SIZE, self.precision)
            draw_gradient(pen, node, self.root, left, middle + 12, SIZE, self.precision)
            if node.rows:
                self.ledger.draw(pen, x + self.width - 8, y + self.rows[0])
            for i, words in enumerate(self.words):
                self._say(pen, words, x + 10, y + self.words_at + PITCH * i)

    def _say(self, pen: Pen, words: str, x: float, baseline: float) -> None:
        node = self.node
        if words == self.sum:
            pen.text(x, baseline, words, "m grad sum", id=f"sum-{node.id}")
            return
        part = f"why-{node.id}" if words == node.reason else None
        with pen.group(id=part, cls="why"):
            pen.text(x, baseline, words, "sb ok" if node.won and part else "ink2")

    def _candidate(self, pen: Pen, port: Port, i: int, x: float, middle: float) -> None:
        draw_pill(pen, self.node, port, x, middle, self.precision)
        wins = port.state == "won" or (port.state == "tied" and port.takes)
        ringed = port.state in ("won", "tied")
        name, value = ("b ink", "b value") if wins else ("ink3", "ink3")
        part = f"c-{port.edge}" if port.edge else None
        with pen.group(id=part, cls=f"cand {port.state}".strip()):
            face = "" if port.constant else "m "
            name = name.removeprefix("b ") if port.constant else name
            pen.text(x + self.inset, middle + 4, self.names[i], f"{face}{name}")
            pen.text(x + self.value_end, middle + 4, self.values[i], f"m end {value}")
            if ringed:
                start = self.inset - 6
                pen.rect(x + start, middle - 9, self.ring_end - start, 18,
                         "ring" if port.state == "won" else "tie", 9)  # fmt: skip
            if wins:
                pen.path(f"M{coordinate(x + self.value_end + 6)} {coordinate(middle)}"
                         "l3 3.5l5.5 -7", "ring")  # fmt: skip
            if port.note:
                pen.text(x + self.ring_end + 6, middle + 4, port.note, "ink2")
