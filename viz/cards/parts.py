"""What all cards are made of: frames, triangles, chips, pills, and the ledger's table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from viz.metrics import MONO, text_width
from viz.numbers import factor, number
from viz.render.svg import Pen, coordinate
from viz.scene import BY_OUTPUT, KNOWN, NO_PATH, NOT_FINITE, NOT_KEPT, ZERO, LedgerRow, Node, Port

__all__ = [
    "PITCH", "Card", "Ledger", "draw_frame", "draw_gradient", "draw_head", "draw_pill",
    "draw_value", "gradient_width", "label_of", "text_cells", "value_width",
]  # fmt: skip

PITCH = 16  # from row to row
PILL = 32
RADIUS = 6
CHIP_SIZE = {12: 16, 14: 20}  # heights, by font size
DASH = "—"


class Card:
    """A node with a size, and where its edges end.

    Attributes
    ----------
    width, height : float
    ports : list of float
        Heights of the inputs below the card's top, parallel to ``node.ports``.
    rows : list of float
        Heights of the ledger rows, parallel to ``node.rows``.
    """

    def __init__(self, node: Node, precision: int, root: str) -> None:
        self.node = node
        self.precision = precision
        self.root = root  # the root's name, for titles
        self.width = self.height = 0.0
        self.ports: list[float] = []
        self.rows: list[float] = []

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the card with its top left corner at (x, y)."""
        raise NotImplementedError(f"{type(self).__name__}: every kind of card draws itself")

    def widen(self, width: float) -> None:
        """Take the width of the other cards of the column."""
        self.width = width

    @property
    def title(self) -> str:
        """The tooltip: all that is known of the node, unrounded as far as it goes."""
        node = self.node
        parts = [f"{node.name}: {node.full_expression or node.kind}"]
        for output in node.outputs:
            shape = f" {output.shape}, {output.dtype}" if output.dtype else ""
            parts.append(f"{output.name}{shape}: {output.state}")
        if node.outputs:
            pass
        elif node.shape:
            parts.append(f"shape {node.shape}, {node.dtype}")
        else:
            value = node.value_missing or label_of(node.value, 8)
            parts.append(f"value {value}, {node.dtype}")
            seed = " (seed)" if node.seed else ""
            gradient = gradient_words(node, self.root, 8)
            parts.append(f"∂{self.root}/∂{node.name} {gradient}{seed}")
        parts += [words for words in (node.reason, node.note) if words]
        if node.module:
            parts.append(f"module {node.module}")
        if node.source:
            parts.append(f"{node.source[0]}:{node.source[1]}")
        return "\n".join(parts)


def label_of(value: Any, precision: int) -> str:
    """Write a scalar, or the shape of an array: ``(2, 3)``."""
    if value is None:
        return DASH
    if np.ndim(value):
        return str(np.shape(value))
    return number(value, precision)


def gradient_words(node: Node, root: str, precision: int) -> str:
    """Return what stands for a gradient: its number, or why there is none."""
    if node.gradient_state == NO_PATH:
        return f"no path to {root}"
    if node.gradient_state in (NOT_KEPT, BY_OUTPUT):
        return node.gradient_state
    return DASH if node.gradient is None else label_of(node.gradient, precision)


def text_cells(text: str, size: float = 11) -> float:
    """Return the width of text in the monospace face."""
    return text_width(text, size, mono=True)


# ---------------------------------------------------------------- frames


def draw_frame(pen: Pen, x: float, y: float, width: float, height: float, node: Node) -> None:
    """Draw the card's body; its border comes last, over head and spine."""
    zero = node.gradient_state == ZERO
    pen.rect(x, y, width, height, "zero" if zero else "card", RADIUS)


def draw_border(pen: Pen, x: float, y: float, width: float, height: float) -> None:
    """Draw the border, on half pixels."""
    pen.rect(x + 0.5, y + 0.5, width - 1, height - 1, "cs nb", RADIUS)


def draw_head(pen: Pen, x: float, y: float, width: float, cls: str, height: float = 24) -> None:
    """Draw the tinted head of an operation."""
    c = coordinate
    pen.path(
        f"M{c(x)} {c(y + height)}v{c(RADIUS - height)}a6 6 0 0 1 6 -6h{c(width - 2 * RADIUS)}"
        f"a6 6 0 0 1 6 6v{c(height - RADIUS)}z", cls,
    )  # fmt: skip


def head_class(node: Node) -> str:
    """Return the tint of a card's head, by its kind."""
    return {"parameter": "param", "input": "input", "result": "result"}.get(node.kind, "op")


# ---------------------------------------------------------------- values and gradients


def value_width(node: Node, precision: int, size: int) -> float:
    """Return the room that the value needs, its triangle included."""
    if node.value is None:
        return text_width(node.value_missing or DASH)
    return 11 + text_cells(label_of(node.value, precision), size)


def draw_value(pen: Pen, node: Node, x: float, middle: float, size: int, precision: int) -> None:
    """Write the value behind its right-pointing triangle."""
    with pen.group(id=f"v-{node.id}", cls="vb", data_s=size):
        if node.value is None:
            pen.text(x, middle + 4, node.value_missing or DASH, "ink3")
            return
        words = label_of(node.value, precision)
        strange = not np.ndim(node.value) and not np.isfinite(node.value)
        if strange:
            width = 19 + text_cells(words, size)
            pen.rect(x - 4, middle - CHIP_SIZE[size] / 2, width, CHIP_SIZE[size], "inv", 4)
        ink = "paper" if strange else "value"
        pen.path(f"M{coordinate(x)} {coordinate(middle - 4)}l7 4l-7 4z", ink)
        pen.text(x + 11, middle + 0.3 + size / 3, words, f"m b s{size} {ink}")


def gradient_width(node: Node, root: str, precision: int, size: int) -> float:
    """Return the room that the gradient needs, from the left of its triangle."""
    words = gradient_words(node, root, precision)
    if node.gradient_state in (KNOWN, ZERO):
        return 15 + MONO * size * len(words)
    if node.gradient_state == NOT_FINITE:
        return 15 + MONO * size * len(words) + 16
    return text_width(words)


def draw_gradient(
    pen: Pen, node: Node, root: str, x: float, middle: float, size: int, precision: int
) -> None:
    """Write the gradient behind its left-pointing triangle, in the look of its state."""
    words = gradient_words(node, root, precision)
    state = node.gradient_state
    triangle = f"M{coordinate(x + 7)} {coordinate(middle - 4)}l-7 4l7 4z"
    baseline = middle + 0.3 + size / 3
    height = CHIP_SIZE[size]
    with pen.group(id=f"g-{node.id}", cls="gb", data_s=size):
        if state == KNOWN:
            width = 19 + MONO * size * len(words)
            pen.rect(x - 4, middle - height / 2, width, height, "gchip", 4)
            pen.path(triangle, "grad")
            pen.text(x + 11, baseline, words, f"m b s{size} grad")
        elif state == ZERO:
            pen.path(triangle, "hgd")
            pen.text(x + 11, baseline, "0", f"m b s{size} ink3")
        elif state == NOT_FINITE:
            advance = MONO * size * len(words)
            pen.rect(x - 4, middle - height / 2, 35 + advance, height, "inv", 4)
            pen.path(triangle, "paper")
            pen.text(x + 11, baseline, words, f"m b s{size} paper")
            pen.path(f"M{coordinate(x + 16 + advance)} {coordinate(middle + 4)}"
                     "h10l-5 -9z", "paper")  # fmt: skip
        else:
            pen.text(x if words != DASH else x + 11, middle + 4, words, "ink3")


# ---------------------------------------------------------------- ports


def draw_pill(pen: Pen, node: Node, port: Port, x: float, middle: float, precision: int) -> None:
    """Draw an input's local derivative astride the border at x, or a constant's hollow square."""
    if port.constant:
        pen.rect(x - 3.5, middle - 3.5, 7, 7, "card", 1.5)
        pen.rect(x - 3, middle - 3, 6, 6, "kn", 1.5)
        return
    local = port.local
    known = local is not None and not np.ndim(local)
    words = factor(local, precision) if known else "∂" if port.local_text else ""
    width = pill_width(port, precision)
    zero = known and not local
    muted = node.gradient_state == ZERO
    title = f"∂{node.name}/∂{port.label} = {number(local, 8)}" if known else (
        port.local_text or f"how {node.name} depends on {port.label}"
    )  # fmt: skip
    with pen.group(id=f"p-{port.edge}", cls="pill", title=title):
        pen.rect(x - width / 2, middle - 7, width, 14, "pz" if zero else "pm" if muted else "p", 7)
        pen.text(x, middle + 4, words, "m mid ink3" if zero or muted else "m mid grad")


def pill_width(port: Port, precision: int) -> float:
    """Return the width of an input's pill."""
    if port.constant or port.local is None or np.ndim(port.local):
        return PILL
    return max(PILL, text_cells(factor(port.local, precision)) + 12)


# ---------------------------------------------------------------- the ledger


@dataclasses.dataclass
class Ledger:
    """The table of a card's rows, its columns aligned: ``z2: 15 × −2 = −30``."""

    rows: Sequence[LedgerRow]
    name: str
    root: str
    precision: int = 3

    def __post_init__(self) -> None:
        self.lines = [self._line(row) for row in self.rows]
        columns = zip(*self.lines, strict=True) if self.lines else [()] * 4
        self.widths = [max((text_cells(t) for t in column), default=0.0) for column in columns]

    def _line(self, row: LedgerRow) -> tuple[str, str, str, str]:
        sent = label_of(row.contribution, self.precision)
        who = f"{row.consumer}:"
        if row.local is None or np.ndim(row.local) or row.upstream is None:
            return who, "", "", sent
        return (who, label_of(row.upstream, self.precision), number(row.local, self.precision),
                sent)  # fmt: skip

    @property
    def width(self) -> float:
        """The width of the whole table."""
        if not self.rows:
            return 0.0
        who, upstream, local, sent = self.widths
        product = upstream + 13 + local + 16 if upstream else 8.0
        return who + 7 + product + sent

    @property
    def products(self) -> bool:
        """Whether any row is a product of two numbers."""
        return bool(self.widths[1])

    def draw(self, pen: Pen, right: float, middle: float, pitch: float = PITCH) -> None:
        """Draw the rows, right-aligned at `right`, the first one around `middle`."""
        who, upstream, local, sent = self.widths
        left = right - self.width
        for i, (row, texts) in enumerate(zip(self.rows, self.lines, strict=True)):
            y = middle + i * pitch + 4
            live = row.contribution is not None and bool(np.any(row.contribution))
            ink = "ink2" if live else "ink3"
            with pen.group(id=f"r-{row.edge}", cls="row", title=self.title(row)):
                pen.text(left, y, texts[0], f"m {ink}")
                if texts[1]:
                    x = left + who + 7 + upstream
                    pen.text(x, y, texts[1], f"m end {ink}")
                    pen.text(x + 6.5, y, "×", "m mid ink3")
                    pen.text(x + 13, y, texts[2], f"m {ink}")
                    pen.text(x + 13 + local + 8, y, "=", "m mid ink3")
                pen.text(right, y, texts[3], "m end b grad" if live else "m end ink3")

    def title(self, row: LedgerRow) -> str:
        """Return a row in full, as its tooltip."""
        left = f"∂{self.root}/∂{self.name} from {row.consumer}"
        if row.contribution is None:
            return f"{left}: not computed"
        sent = label_of(row.contribution, 8)
        if row.local is None or np.ndim(row.local):
            rule = f" ({row.local_text})" if row.local_text else ""
            return f"{left}: {sent}{rule}"
        upstream = label_of(row.upstream, 8)
        return (
            f"{left}: ∂{self.root}/∂{row.consumer} × ∂{row.consumer}/∂{self.name} = "
            f"{upstream} × {label_of(row.local, 8)} = {sent}"
        )
