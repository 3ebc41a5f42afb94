"""The card of a leaf: a tinted spine with the name, value over gradient, the ledger beside them."""

from __future__ import annotations

from viz.cards.parts import (
    PITCH,
    RADIUS,
    Card,
    Ledger,
    draw_border,
    draw_frame,
    draw_gradient,
    draw_value,
    gradient_width,
    head_class,
    value_width,
)
from viz.metrics import shorten, text_width
from viz.render.svg import Pen, coordinate
from viz.scene import Node

__all__ = ["LeafCard"]

SPINE = 28
WIDEST_NAME = 150.0
SIZE = 12  # of the numbers


class LeafCard(Card):
    """A scalar that the user made."""

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        self.name = shorten(node.name, WIDEST_NAME, 13, bold=True)
        self.spine = max(SPINE, text_width(self.name, 13, bold=True) + 14)
        self.ledger = Ledger(node.rows, node.name, root, precision)
        self.words = [words for words in (node.reason, node.note) if words]
        numbers = max(
            value_width(node, precision, SIZE), gradient_width(node, root, precision, SIZE)
        )
        bracket = 16 if len(node.rows) > 1 else 10
        body = 8 + numbers + 6 + (bracket + self.ledger.width if node.rows else 0)
        self.width = self.spine + max(
            body, *(text_width(words) + 16 for words in self.words), 60
        )  # fmt: skip
        self.body = 8 + PITCH * max(2, len(node.rows))
        self.height = self.body + PITCH * len(self.words)
        first = (self.body - PITCH * len(node.rows)) / 2 + PITCH / 2
        self.rows = [first + PITCH * i for i in range(len(node.rows))]

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node, c = self.node, coordinate
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            pen.path(
                f"M{c(x + self.spine)} {c(y)}v{c(self.height)}h{c(RADIUS - self.spine)}"
                f"a6 6 0 0 1 -6 -6v{c(2 * RADIUS - self.height)}a6 6 0 0 1 6 -6z",
                head_class(node),
            )
            pen.text(x + self.spine / 2, y + self.height / 2 + 4.5, self.name, "b s13 mid ink")
            draw_border(pen, x, y, self.width, self.height)
            left, middle = x + self.spine + 8, y + self.body / 2
            draw_value(pen, node, left, middle - 8.5, SIZE, self.precision)
            draw_gradient(pen, node, self.root, left, middle + 8.5, SIZE, self.precision)
            if node.rows:
                self.ledger.draw(pen, x + self.width - 8, y + self.rows[0])
            if len(node.rows) > 1:
                self._bracket(pen, x, y, left)
            for i, words in enumerate(self.words):
                baseline = y + self.body + PITCH * i + 7
                part = f"why-{node.id}" if words == node.reason else None
                with pen.group(id=part, cls="why"):
                    cls = "sb ok" if node.won and words == node.reason else "ink2"
                    pen.text(left, baseline, words, cls)

    def _bracket(self, pen: Pen, x: float, y: float, left: float) -> None:
        """Join the rows, with a tick that ends at the gradient they add up to."""
        edge = x + self.width - 8 - self.ledger.width - 6
        top, bottom = y + self.rows[0] - 6, y + self.rows[-1] + 6
        chip = 4 if self.node.gradient_state == "known" else 0
        end = left + gradient_width(self.node, self.root, self.precision, SIZE) + chip - 3
        tick = y + self.body / 2 + 8.5
        c = coordinate
        # The tick is left out where the number is too wide for it.
        joint = (
            f"M{c(edge)} {c(tick)}H{c(end)}"
            if end < edge - 2 and self.node.gradient is not None
            else ""
        )
        pen.path(
            f"M{c(edge + 3)} {c(top)}h-3v{c(bottom - top)}h3{joint}", "gc br",
            id=f"br-{self.node.id}",
        )  # fmt: skip
