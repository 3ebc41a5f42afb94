"""The key and the findings: generated from what the figure shows, placed where there is room."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from viz.metrics import shorten, text_width
from viz.numbers import number
from viz.render.svg import Pen
from viz.scene import KNOWN, ZERO, Finding, Scene

__all__ = ["Block", "findings_block", "in_columns", "legend_block", "notes_block", "place_block"]

LINE = 18
ICON = 40.0  # room for the sign before its words
MOST_FINDINGS = 7
GRID = 8

SIGNS = ("value", "grad", "zero", "pill", "rule")
STROKES = ("live", "won", "dies", "dead")

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


@dataclasses.dataclass
class Block:
    """A rectangle of lines that is placed as a whole."""

    part: str
    width: float
    height: float
    lines: list[tuple]
    columns: int = 1
    names_width: float = 0.0  # of a findings block's first column

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw the block with its top left corner at (x, y)."""
        with pen.group(id=self.part):
            if self.part == "findings":
                _draw_findings(pen, self, x, y)
            elif self.part == "legend":
                per_column = -(-len(self.lines) // self.columns)
                step = (self.width + 24) / self.columns
                for i, (sign, words) in enumerate(self.lines):
                    left = x + step * (i // per_column)
                    middle = y + LINE * (i % per_column) + LINE / 2
                    _draw_sign(pen, sign, left, middle)
                    pen.text(left + _indent(sign), middle + 4, words, "ink2")
            else:
                for i, (words,) in enumerate(self.lines):
                    pen.text(x, y + 16 * i + 12, words, "ink2")


def legend_block(scene: Scene) -> Block:
    """Return the key: only signs that the figure uses."""
    root = scene.node(scene.root).name
    states = {node.gradient_state for node in scene.nodes}
    kinds = {edge.state for edge in scene.edges}
    example = _example(scene)
    lines: list[tuple] = [("value", "value, computed forward")]
    if KNOWN in states:
        lines.append(("grad", f"gradient ∂{root}/∂name, computed backward"))
    if ZERO in states:
        lines.append(("zero", "gradient exactly 0"))
    if any(
        port.local is not None and not np.ndim(port.local)
        for node in scene.nodes
        for port in node.ports
    ):
        lines.append(("pill", "local derivative of this card by that input"))
    elif any(node.ports for node in scene.nodes):
        lines.append(("rule", "an input; its derivative is a rule, in the card it comes from"))
    if kinds & {"live", "won"}:
        lines.append(("live", "carries gradient back, to the orange head"))
    if "won" in kinds:
        lines.append(("won", "through the winner of a max"))
    if "dies" in kinds:
        lines.append(("dies", "carries 0: here gradient dies"))
    if "dead" in kinds:
        lines.append(("dead", "no gradient arrived: drawn short"))
    if example:
        lines += [example, ("", "local derivative; a card’s rows add up")]
    width = max(_indent(sign) + text_width(words) for sign, words in lines)
    return Block("legend", width + 4, LINE * len(lines), lines)


def in_columns(block: Block, width: float) -> Block:
    """Return a block whose lines stand side by side, as many columns as the width holds."""
    columns = max(1, min(3, int(width // (block.width + 24))))
    per_column = -(-len(block.lines) // columns)
    return dataclasses.replace(
        block, columns=columns, width=columns * (block.width + 24) - 24, height=LINE * per_column
    )


def _example(scene: Scene) -> tuple[str, str] | None:
    """Explain one ledger row of the figure itself, in words."""
    for node in reversed(scene.nodes):
        for row in node.rows:
            if row.local is None or np.ndim(row.local) or row.contribution is None:
                continue
            if not np.ndim(row.contribution) and row.contribution:
                p = scene.precision
                product = f"{number(row.upstream, p)} × {number(row.local, p)}"
                who = shorten(row.consumer, 60, mono=True)
                return f"{who}: {product} = {number(row.contribution, p)}", f"gradient of {who} ×"
    return None


def findings_block(findings: Sequence[Finding]) -> Block | None:
    """Return the box of the zero gradients, None if there are none."""
    if not findings:
        return None
    lines = []
    for finding in findings[:MOST_FINDINGS]:
        names = list(finding.names)
        shown = ", ".join(names[:4]) + (f" +{len(names) - 4}" if len(names) > 4 else "")
        lines.append((shown, finding.words))
    if len(findings) > MOST_FINDINGS:
        lines.append(("", f"and {len(findings) - MOST_FINDINGS} more, in the cards"))
    column = max(text_width(names, mono=True, bold=True) for names, _ in lines)
    width = 24 + column + 14 + max(text_width(words) for _, words in lines)
    return Block("findings", width, 38 + LINE * len(lines), lines, names_width=column)


def notes_block(notes: Sequence[str], width: float) -> Block | None:
    """Return the lines under the figure that say what is missing or folded."""
    lines = [(line,) for note in notes for line in _wrap(note, width)]
    if not lines:
        return None
    return Block("notes", width, 16 * len(lines) + 4, lines)


def place_block(
    block: Block,
    area: tuple[float, float],
    taken: Sequence[Rectangle],
    *,
    near: tuple[float, float],
) -> tuple[float, float] | None:
    """Return the free place nearest to a point, or None if there is no room inside the area.

    Parameters
    ----------
    block : Block
    area : (width, height)
        Of the figure so far.
    taken : sequence of rectangles
        What must stay uncovered.
    near : (x, y)
    """
    columns, rows = (int(side // GRID) for side in area)
    covered = np.zeros((columns + 1, rows + 1), dtype=np.int64)
    for left, top, right, bottom in taken:
        covered[_cell(left - 12) : _cell(right + 12) + 1,
                _cell(top - 10) : _cell(bottom + 10) + 1] = 1  # fmt: skip
    # covered cells left of and above each corner: any rectangle's count is four look-ups
    count = np.zeros((columns + 2, rows + 2), dtype=np.int64)
    count[1:, 1:] = covered.cumsum(0).cumsum(1)
    wide, high = -(-int(block.width) // GRID) + 1, -(-int(block.height) // GRID) + 1
    if wide > columns - 2 or high > rows - 2:
        return None
    inside = (
        count[wide:, high:] - count[:-wide, high:] - count[wide:, :-high] + count[:-wide, :-high]
    )
    free = np.argwhere(inside == 0)
    margin = 2  # cells
    free = free[
        (free[:, 0] >= margin) & (free[:, 0] + wide <= columns - margin + 1)
        & (free[:, 1] >= margin) & (free[:, 1] + high <= rows - margin + 1)
    ]  # fmt: skip
    if not len(free):
        return None
    x, y = free[:, 0] * GRID, free[:, 1] * GRID
    distance = abs(x + block.width / 2 - near[0]) + abs(y + block.height / 2 - near[1])
    nearest = int(np.argmin(distance))
    return float(x[nearest]), float(y[nearest])


def _cell(place: float) -> int:
    return max(0, int(place // GRID))


def _indent(sign: str) -> float:
    """Return where the words begin: behind the sign, or behind a ledger row."""
    if not sign or sign in SIGNS or sign in STROKES:
        return ICON
    return text_width(sign, mono=True) + 10


def _wrap(words: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in words.split(" "):
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _draw_findings(pen: Pen, block: Block, x: float, y: float) -> None:
    pen.rect(x, y, block.width, block.height, "note", 6)
    pen.text(x + 12, y + 22, "Zero gradient", "sb s12 ink")
    for i, (names, words) in enumerate(block.lines):
        baseline = y + 42 + LINE * i
        pen.text(x + 12, baseline, names, "m b ink")
        pen.text(x + 12 + block.names_width + 14, baseline, words, "ink2")


def _draw_sign(pen: Pen, sign: str, x: float, middle: float) -> None:
    if sign == "value":
        pen.path(f"M{x + 8:g} {middle - 4:g}l7 4l-7 4z", "value")
    elif sign == "grad":
        pen.rect(x + 2, middle - 8, 27, 16, "gchip", 4)
        pen.path(f"M{x + 13:g} {middle - 4:g}l-7 4l7 4z", "grad")
        pen.text(x + 18, middle + 4, "g", "m b grad")
    elif sign == "zero":
        pen.path(f"M{x + 13:g} {middle - 4:g}l-7 4l7 4z", "hgd")
        pen.text(x + 18, middle + 4, "0", "m b ink3")
    elif sign in ("pill", "rule"):
        pen.rect(x, middle - 7, 32, 14, "p", 7)
        pen.text(x + 16, middle + 4, "×2" if sign == "pill" else "∂", "m mid grad")
    elif not sign:
        return
    elif sign not in STROKES:
        pen.text(x, middle + 4, sign, "m ink2")
    else:
        cls = {"live": "e", "won": "e ew"}.get(sign, "ed")
        wide = 4.5 if sign == "won" else 3.5
        if sign == "dead":
            pen.path(f"M{x:g} {middle:g}h9M{x + 19:g} {middle:g}h6", cls)
        else:
            pen.path(f"M{x:g} {middle:g}h26", cls)
        pen.path(f"M{x + 32:g} {middle:g}l-7 {-wide:g}v{2 * wide:g}z",
                 "ah" if sign in ("live", "won") else "ahd")  # fmt: skip
        if sign in ("live", "won"):
            pen.path(f"M{x:g} {middle:g}l7 {-wide:g}v{2 * wide:g}z", "bk")
