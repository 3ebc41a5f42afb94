"""The card of an operation: inputs on the left; what was computed, and what came back."""

from __future__ import annotations

import numpy as np

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
from viz.numbers import total
from viz.render.svg import Pen, coordinate
from viz.scene import Node

__all__ = ["OperationCard", "break_lines", "draw_title", "port_label", "sum_words", "title_width"]

HEAD = 24
SIZE = 14  # of the numbers
WIDEST_LINE = 112.0
WIDEST_HEAD = 150.0
WIDEST_NAME = 180.0


class OperationCard(Card):
    """A scalar that was computed.

    Two arrangements: inputs in a column beside the numbers, or, for the root, which has few
    inputs and no ledger, above them.
    """

    def __init__(self, node: Node, precision: int, root: str) -> None:
        super().__init__(node, precision, root)
        self.stacked = not node.rows and len(node.ports) <= 3
        self.ledger = Ledger(node.rows, node.name, root, precision)
        self.sum = sum_words(node, precision)
        self.labels = [port_label(node, i, precision) for i in range(len(node.ports))]
        half = max((pill_width(port, precision) / 2 for port in node.ports), default=16)
        self.inset = half + 4
        column = self.inset + max((text_cells(label) for label in self.labels), default=0) + 8
        self.column = 0.0 if self.stacked else max(44.0, column)
        words = [w for w in (node.reason, node.note) if w]
        self.words = [line for w in words for line in _wrapped(w, max(170.0, self.ledger.width))]
        numbers = self._numbers_width()
        fixed = max(self.ledger.width, numbers, *(text_width(w) for w in self.words), 56.0)
        room = max(fixed, WIDEST_LINE)
        self.lines = break_lines(node.worked, room, 2 * room)
        inner = max(fixed, *(text_cells(line) for line in self.lines), 0.0)
        self.width = max(
            self.column + 10 + inner + 10, title_width(node), column + 8 if self.stacked else 0.0
        )
        self._arrange()

    def widen(self, width: float) -> None:
        """Take more room, and break the expression over fewer lines if it fits now."""
        self.width = width
        self.lines = break_lines(self.node.worked, width - self.column - 20)
        self._arrange()

    def _numbers_width(self) -> float:
        node = self.node
        self.gradient_at = max(40.0, value_width(node, self.precision, SIZE) + 18)
        width = self.gradient_at + gradient_width(node, self.root, self.precision, SIZE) + 4
        if self.sum:
            width += 6 + text_cells(self.sum)
        if node.seed:
            width += 6 + text_width("seed")
        return width

    def _arrange(self) -> None:
        node, inputs = self.node, len(self.node.ports)
        top = HEAD + (PITCH * inputs if self.stacked else 0)
        self.lines_at = top + (20 if self.stacked else 18)
        self.numbers_at = top + PITCH * len(self.lines) + 24
        self.rows = [self.numbers_at + 24 + PITCH * i for i in range(len(node.rows))]
        last = self.rows[-1] if self.rows else self.numbers_at + 2
        self.words_at = last + 21
        bottom = last + 16 + PITCH * len(self.words) - (2 if self.words else 0)
        self.height = max(bottom, HEAD + 16 + PITCH * inputs)
        first = HEAD + 16.0
        if self.rows:  # a chain runs straight: inputs at the height of the rows, as far as it goes
            level = (self.rows[0] + self.rows[-1] - PITCH * (inputs - 1)) / 2
            first = max(first, min(level, self.height - 16 - PITCH * (inputs - 1)))
        self.ports = [first + PITCH * i for i in range(inputs)]

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        node = self.node
        with pen.group(id=f"n-{node.id}", cls="node", title=self.title):
            draw_frame(pen, x, y, self.width, self.height, node)
            draw_head(pen, x, y, self.width, head_class(node))
            draw_title(pen, node, x, y, self.width)
            draw_border(pen, x, y, self.width, self.height)
            for port, label, at in zip(node.ports, self.labels, self.ports, strict=True):
                draw_pill(pen, node, port, x, y + at, self.precision)
                pen.text(x + self.inset, y + at + 4, label, "m ink2")
            if self.column:
                c = coordinate
                pen.path(f"M{c(x + self.column + 0.5)} {c(y + HEAD)}v{c(self.height - HEAD - 0.5)}",
                         "rl")  # fmt: skip
            self._draw_body(pen, x + self.column + 10, y, x + self.width - 8)

    def _draw_body(self, pen: Pen, left: float, y: float, right: float) -> None:
        node = self.node
        with pen.group(id=f"x-{node.id}", cls="expr"):
            for i, line in enumerate(self.lines):
                pen.text(left, y + self.lines_at + PITCH * i, line, "m ink")
        middle = y + self.numbers_at
        draw_value(pen, node, left, middle, SIZE, self.precision)
        at = left + self.gradient_at
        draw_gradient(pen, node, self.root, at, middle, SIZE, self.precision)
        behind = at + gradient_width(node, self.root, self.precision, SIZE) + 10
        if self.sum:
            pen.text(behind, middle + 4, self.sum, "m grad sum", id=f"sum-{node.id}")
        if node.seed:
            pen.text(behind, middle + 4, "seed", "ink3", id=f"seed-{node.id}")
        if node.rows:
            self.ledger.draw(pen, right, y + self.rows[0])
        if self.words:
            with pen.group(id=f"why-{node.id}", cls="why"):
                for i, words in enumerate(self.words):
                    cls = "sb ok" if node.won and words != node.note else "ink2"
                    pen.text(left, y + self.words_at + PITCH * i, words, cls)


def port_label(node: Node, i: int, precision: int) -> str:
    """Return what stands beside an input's pill: a constant says its value."""
    port = node.ports[i]
    if port.constant:
        sign = " " if np.ndim(port.value) else " = "
        return shorten(f"{port.label}{sign}{label_of(port.value, precision)}", 110, mono=True)
    return shorten(port.label, 90, mono=True)


def sum_words(node: Node, precision: int) -> str:
    """Return ``= 10 + 5`` where two contributions or more are not zero."""
    parts = [row.contribution for row in node.rows if row.contribution is not None]
    live = [part for part in parts if part]
    if len(live) < 2 or len(parts) != len(node.rows):
        return ""
    if len(live) > 3:
        return f"= {total(live[:2], precision)} + …"
    return f"= {total(live, precision)}"


def break_lines(terms: tuple[str, ...], width: float, most: float | None = None) -> list[str]:
    """Break the terms of a sum over lines of at most a width; ``= 4`` stays with the last one.

    A single term may take ``most`` (the width, if not given); a longer one loses its middle.

    >>> break_lines(("1·2", "+ (−2)·(−1)", "+ (−2)·0", "+ 0", "= 4"), 110)
    ['1·2 + (−2)·(−1)', '+ (−2)·0 + 0 = 4']
    """
    broken: list[list[str]] = []
    for term in terms:
        if broken and text_cells(" ".join([*broken[-1], term])) <= width:
            broken[-1].append(term)
        else:
            broken.append([term])
    if len(broken) > 1 and len(broken[-1]) == 1 and len(broken[-2]) > 1:
        broken[-1].insert(0, broken[-2].pop())  # the result does not stand alone
    lines = [" ".join(line) for line in broken]
    if len(lines) > 4:  # the title holds it all
        lines = [lines[0], "…", lines[-1]]
    return [shorten(line, most or width, mono=True) for line in lines]


def title_width(node: Node) -> float:
    """Return the room that a head needs for name and expression."""
    words = shorten(node.expression, WIDEST_HEAD, mono=True)
    return (
        10 + text_width(name_of(node), 13, bold=True) + 16 + text_cells(words)
        + (25 if node.folded else 10)
    )  # fmt: skip


def name_of(node: Node) -> str:
    """Return a name as a head shows it: whole unless it is very long."""
    return shorten(node.name, WIDEST_NAME, 13, bold=True)


def draw_title(pen: Pen, node: Node, x: float, y: float, width: float) -> None:
    """Write name and expression into a head, and the mark of a folded card."""
    pen.text(x + 10, y + 16.5, name_of(node), "b s13 ink")
    right = x + width - 10
    if node.folded:
        with pen.group(title=f"folded: {node.folded}"):
            pen.rect(right - 9, y + 7.5, 9, 9, "kn", 2)
            pen.path(f"M{coordinate(right - 7)} {coordinate(y + 12)}h5M"
                     f"{coordinate(right - 4.5)} {coordinate(y + 9.5)}v5", "kn")  # fmt: skip
        right -= 15
    room = right - (x + 10 + text_width(name_of(node), 13, bold=True) + 12)
    words = shorten(node.expression, max(room, 20), mono=True)
    with pen.group(title=node.full_expression if words != node.full_expression else None):
        pen.text(right, y + 16, words, "m end ink2")


def _wrapped(words: str, width: float) -> list[str]:
    """Break a sentence over lines, never within a comparison."""
    lines: list[str] = []
    for sign in "<>=":
        words = words.replace(f" {sign} ", f"\N{NO-BREAK SPACE}{sign}\N{NO-BREAK SPACE}")
    for word in words.split(" "):
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
