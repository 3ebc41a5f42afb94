"""The card of an array: value cells, a ledger row for each consumer, gradient cells.

Few numbers are drawn one by one, and a row of the ledger stands under the cells it adds to; many
are prints with their scale, and the ledger says the rule by which each consumer sends back.
"""

from __future__ import annotations

import numpy as np

from viz.cards.cells import (
    CELL,
    PRINT,
    Grid,
    Prints,
    cell_width,
    is_small,
    product_texts,
    summary,
)
from viz.cards.operation import HEAD, draw_title, port_label, title_width
from viz.cards.parts import (
    PITCH,
    Card,
    draw_border,
    draw_frame,
    draw_head,
    draw_pill,
    gradient_words,
    head_class,
    pill_width,
    text_cells,
)
from viz.render.svg import Pen, coordinate
from viz.scene import LedgerRow, Node

__all__ = ["TensorCard"]

LINE = 20.0  # of words


class TensorCard(Card):
    """An array that the user made or that was computed."""

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        self.small = is_small(node.shape)
        self.flat = self.small and len(node.shape) == 1
        self.shape = f"({', '.join(map(str, node.shape))}{',' if len(node.shape) == 1 else ''})"
        self._measure_column()
        self._measure_body()

    def _measure_column(self) -> None:
        node = self.node
        self.labels = [port_label(node, i, self.precision) for i in range(len(node.ports))]
        half = max((pill_width(p, self.precision) / 2 for p in node.ports), default=0.0)
        self.inset = half + 4
        widest = max((text_cells(label) for label in self.labels), default=0.0)
        self.column = max(44.0, self.inset + widest + 8) if node.ports else 0.0

    def _measure_body(self) -> None:
        node = self.node
        self.value, self.grad = Grid(None, 0), Grid(None, 0)
        self.cells: list[list[str]] = []
        if self.small:
            self.value, self.grad = (Grid(a, self.precision) for a in (node.value, node.gradient))
        if self.flat:
            self.cells = [self._cells(row) for row in node.rows]
        self.words = [self._words(row) for row in node.rows]
        marks = [f"{row.consumer}:" for row in node.rows] if self.flat else []
        self.margin = max(24.0, *(text_cells(mark) + 8 for mark in marks), 0.0)
        self.cell = cell_width([t for row in self.cells for t in row], [self.value, self.grad])
        columns = node.shape[-1] if self.small else 0
        body = columns * (self.cell + 2)
        self.prints = [] if self.small else [
            (array, role) for array, role in ((node.value, "value"), (node.gradient, "grad"))
        ]  # fmt: skip
        if not self.small:
            lines = [summary(a, r, self.precision) for a, r in self.prints if a is not None]
            body = max([120.0, *(text_cells(line) for line in lines)])
        foot = [] if self.flat else self.words
        self.foot = [*foot, *(w for w in (node.reason, node.note) if w)]
        body = max([body, *(text_cells(words) - self.margin for words in self.foot)])
        title = title_width(node) + text_cells(self.shape) + 10
        self.width = max(self.column + 10 + self.margin + body + 10, title)
        self._stack()

    def _stack(self) -> None:
        """Stack the parts from top to bottom, and note where edges leave and arrive."""
        node = self.node
        y = HEAD + (22.0 if self.flat else 10.0)
        count = max(1, len(self.value.texts)) if self.small else 0
        grid = count * (CELL + 2) if self.small else LINE + PRINT + 2
        self.value_at = y
        y += grid + 4
        self.rows = []
        if self.flat:
            self.rows = [y + CELL / 2 + (CELL + 2) * i for i in range(len(node.rows))]
            y += (CELL + 2) * len(node.rows)
        self.sum_at = y if len(node.rows) > 1 and self.flat else 0.0
        y += 4
        self.grad_at = y
        known = node.gradient is not None
        y += (grid if known else LINE) + 2
        self.foot_at = y + 6
        if not self.flat:
            self.rows = [self.foot_at + 8 + PITCH * i for i in range(len(node.rows))]
        self.height = y + (PITCH * len(self.foot) + 10 if self.foot else 4)
        inputs = len(node.ports)
        self.height = max(self.height, HEAD + 16 + PITCH * inputs)
        middle = (self.rows[0] + self.rows[-1]) / 2 if self.rows else (self.height + HEAD) / 2
        level = middle - PITCH * (inputs - 1) / 2
        first = max(HEAD + 16.0, min(level, self.height - 16 - PITCH * (inputs - 1)))
        self.ports = [round(first) + PITCH * i for i in range(inputs)]

    def _cells(self, row: LedgerRow) -> list[str]:
        if row.contribution is None or np.size(row.contribution) != self.node.shape[0]:
            return []
        return product_texts(row.upstream, row.local, row.contribution, self.precision)

    def _words(self, row: LedgerRow) -> str:
        return f"{row.consumer}: {row.local_text or '—'}"

    # ------------------------------------------------------------ drawing

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node, c = self.node, coordinate
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            draw_head(pen, x, y, self.width, head_class(node))
            room = self.width - text_cells(self.shape) - 10
            draw_title(pen, node, x, y, room)
            pen.text(x + self.width - 10, y + 16, self.shape, "m end ink2")
            draw_border(pen, x, y, self.width, self.height)
            for port, label, at in zip(node.ports, self.labels, self.ports, strict=True):
                draw_pill(pen, node, port, x, y + at, self.precision)
                pen.text(x + self.inset, y + at + 4, label, "m ink2")
            if self.column:
                pen.path(f"M{c(x + self.column + 0.5)} {c(y + HEAD)}v{c(self.height - HEAD - 0.5)}",
                         "rl")  # fmt: skip
            left = x + self.column + 10
            self._draw_value(pen, left, y + self.value_at)
            self._draw_rows(pen, left, y)
            self._draw_gradient(pen, left, y + self.grad_at)
            self._draw_foot(pen, left, y)

    def _draw_value(self, pen: Pen, x: float, y: float) -> None:
        node = self.node
        with pen.group(id=f"v-{node.id}", cls="vb"):
            pen.path(f"M{coordinate(x)} {coordinate(y + 8)}l7 4l-7 4z", "value")
            at = x + self.margin
            if node.value is None:
                pen.text(at, y + 16, node.value_missing or "—", "ink3")
            elif self.small:
                self.value.draw(pen, at, y, self.cell, "value")
            else:
                pen.text(x + 14, y + 16, summary(node.value, "value", self.precision), "m value")
                Prints(node.value, "value").draw(pen, x + 14, y + LINE + 2)
        if self.flat:
            for i in range(node.shape[0]):
                middle = x + self.margin + i * (self.cell + 2) + self.cell / 2
                pen.text(middle, y - 6, f"[{i}]", "m mid ink3")

    def _draw_rows(self, pen: Pen, x: float, y: float) -> None:
        if not self.flat:
            return
        for i, (row, texts) in enumerate(zip(self.node.rows, self.cells, strict=True)):
            middle = y + self.rows[i]
            with pen.group(id=f"r-{row.edge}", cls="row", title=self.words[i]):
                pen.rect(x + self.margin, middle - CELL / 2 + 1,
                         self.node.shape[0] * (self.cell + 2) - 2, CELL - 2,
                         f"win{i % 4 + 1}", 4)  # fmt: skip
                pen.text(x, middle + 4, f"{row.consumer}:", "m ink2")
                if not texts:
                    pen.text(x + self.margin + 6, middle + 4, row.local_text or "—", "ink2")
                sent = np.ravel(np.zeros(len(texts)) if row.contribution is None
                                else row.contribution)  # fmt: skip
                for j, text in enumerate(texts):
                    at = x + self.margin + j * (self.cell + 2) + self.cell / 2
                    pen.text(at, middle + 4, text, "m mid b grad" if sent[j] else "m mid ink2")
        if self.sum_at:
            end = x + self.margin + self.node.shape[0] * (self.cell + 2)
            pen.path(f"M{coordinate(x + self.margin)} {coordinate(y + self.sum_at + 1.5)}"
                     f"H{coordinate(end - 2)}", "gc")  # fmt: skip

    def _draw_gradient(self, pen: Pen, x: float, y: float) -> None:
        node = self.node
        with pen.group(id=f"g-{node.id}", cls="gb", data_s=13):
            if node.gradient is None:
                words = gradient_words(node, self.root, self.precision)
                pen.text(x + self.margin, y + 14, words, "ink3")
                return
            zero = not np.any(node.gradient)
            pen.path(f"M{coordinate(x + 7)} {coordinate(y + 8)}l-7 4l7 4z",
                     "hgd" if zero else "grad")  # fmt: skip
            if self.small:
                self.grad.draw(pen, x + self.margin, y, self.cell, "grad")
            else:
                words = summary(node.gradient, "grad", self.precision)
                pen.text(x + 14, y + 16, words, "m ink3" if zero else "m grad")
                Prints(node.gradient, "grad").draw(pen, x + 14, y + LINE + 2)

    def _draw_foot(self, pen: Pen, x: float, y: float) -> None:
        if not self.foot:
            return
        start = x if not self.column else x - 10
        width = self.width - (start - x) - 10 if not self.column else self.width - self.column
        pen.path(f"M{coordinate(start)} {coordinate(y + self.foot_at - 3.5)}"
                 f"h{coordinate(width - (10 if not self.column else 0))}", "rl")  # fmt: skip
        edges = [] if self.flat else [row.edge for row in self.node.rows]
        for i, words in enumerate(self.foot):
            id = f"r-{edges[i]}" if i < len(edges) else f"why-{self.node.id}"
            with pen.group(id=id, cls="row" if i < len(edges) else "why"):
                face = "m ink2" if i < len(edges) else "ink2"
                pen.text(x, y + self.foot_at + 12 + PITCH * i, words, face)
