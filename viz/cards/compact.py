"""Small cards for large graphs: name, value and gradient; or only a name."""

from __future__ import annotations

import numpy as np

from viz.cards.parts import (
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
    pill_width,
    text_cells,
    value_width,
)
from viz.metrics import shorten, text_width
from viz.render.svg import Pen
from viz.scene import Node

__all__ = ["CompactCard", "MiniCard"]

WIDTH, HEAD, HEIGHT = 124.0, 20, 46
PITCH = 15  # of pills
MINI_WIDTH, MINI_HEIGHT = 84.0, 20
SIZE = 12


class CompactCard(Card):
    """Name, value and gradient; pills on the ports; the ledger only in the title."""

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        inputs = len(node.ports)
        self.inset = max((pill_width(port, precision) / 2 for port in node.ports), default=4) + 4
        self.scalar = not node.shape
        numbers = text_cells("×".join(map(str, node.shape))) + 12
        if self.scalar:
            self.split = value_width(node, precision, SIZE) + 14
            numbers = self.split + gradient_width(node, root, precision, SIZE) + 6
        self.width = max(WIDTH, self.inset + numbers + 8)
        self.height = max(HEIGHT, HEAD + 10 + PITCH * inputs)
        first = HEAD + (self.height - HEAD - PITCH * (inputs - 1)) / 2
        self.ports = [round(first) + PITCH * i for i in range(inputs)]
        self.rows = [HEAD + (self.height - HEAD) / 2] * len(node.rows)

    @property
    def title(self) -> str:
        """The tooltip, with the ledger that is not drawn."""
        ledger = Ledger(self.node.rows, self.node.name, self.root, self.precision)
        return "\n".join([super().title, *map(ledger.title, self.node.rows)])

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node = self.node
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            draw_head(pen, x, y, self.width, head_class(node), HEAD)
            name = shorten(node.name, self.width - 20, 12, bold=True)
            pen.text(x + 8, y + 14.5, name, "b s12 ink")
            room = self.width - 24 - text_width(name, 12, bold=True)
            words = shorten(node.expression, max(room, 0), mono=True) if room > 24 else ""
            if words:
                pen.text(x + self.width - 8, y + 14.5, words, "m end ink2")
            draw_border(pen, x, y, self.width, self.height)
            for port, at in zip(node.ports, self.ports, strict=True):
                draw_pill(pen, node, port, x, y + at, self.precision)
            left = x + self.inset + 2
            middle = y + HEAD + (self.height - HEAD) / 2
            if self.scalar:
                draw_value(pen, node, left, middle, SIZE, self.precision)
                draw_gradient(pen, node, self.root, left + self.split, middle, SIZE,
                              self.precision)  # fmt: skip
            else:
                shape = "×".join(map(str, node.shape))
                with pen.group(id=f"v-{node.id}", cls="vb"):
                    pen.text(left, middle + 4, shape, "m b value")


class MiniCard(Card):
    """A name, and whether gradient reaches it."""

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        self.width, self.height = MINI_WIDTH, MINI_HEIGHT
        self.ports = [MINI_HEIGHT / 2.0] * len(node.ports)
        self.rows = [MINI_HEIGHT / 2.0] * len(node.rows)

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node = self.node
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            pen.rect(x, y, self.width, self.height, head_class(node), 6)
            draw_border(pen, x, y, self.width, self.height)
            words = node.name if not node.shape else f"{node.name} {'×'.join(map(str, node.shape))}"
            live = node.gradient is not None and np.any(node.gradient)
            pen.text(x + self.width / 2, y + 14, shorten(words, self.width - 12, bold=True),
                     f"mid {'b ink' if live else 'ink2'}")  # fmt: skip
