"""The picture of a pool: input, output over upstream, and the gradient of the input.

Four tints repeat over the windows so that neighbours differ; they are none of the hues that mean
value, gradient or parameter. Where windows overlap, each is outlined at an inset of its own, and a
cell that wins twice is split in both tints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from viz.layers.grids import Scale
from viz.layers.routing import Window, added
from viz.metrics import text_width
from viz.tensors.cards import triangle
from viz.tensors.header import wrap
from viz.tensors.look import layer_style
from viz.tensors.sheet import Sheet

if TYPE_CHECKING:
    from viz.layers.pool import PoolView

__all__ = ["draw_pool", "pool_style"]

Parts = Sequence[tuple[str, str]]
LEFT, TOP, ARROW, LEAST = 24, 106, 40, 560
TINTS = ("#7B68C8", "#2E9E73", "#CC79A7", "#A8912C", "#3AA0A8", "#96694C")
SHAPES = (
    ".fl{fill-opacity:.07}"
    ".won{fill:none;stroke-width:1.7}.lost{fill:none;stroke-width:1.2;stroke-dasharray:3 2.5}"
    ".cell{stroke-width:1}.plate{stroke-width:.5}"
    + "".join(f".o{n}{{fill:none;stroke-width:1.8}}" for n in range(len(TINTS)))
)


def pool_style(prefix: str, theme: str) -> str:
    """Return the style sheet."""
    tints = {f"t{n}": f"fill:{c}" for n, c in enumerate(TINTS)}
    tints |= {f"o{n}": f"stroke:{c}" for n, c in enumerate(TINTS)}
    light = {
        "f": "fill-opacity:.13",
        "ff": "fill-opacity:.5",
        "cell": "fill:#FFFFFF;stroke:#E1E6EC",
        "won": "stroke:#1B2430",
        "lost": "stroke:#8793A0",
        "dot": "fill:#8A95A1",
        "frame": "fill:none;stroke:#8A95A1",
        **tints,
    }
    dark = {
        "f": "fill-opacity:.16",
        "ff": "fill-opacity:.4",
        "cell": "fill:#1A212B;stroke:#2F3945",
        "won": "stroke:#EAEFF5",
        "lost": "stroke:#8793A0",
        "dot": "fill:#66727F",
        "frame": "fill:none;stroke:#66727F",
        **tints,
    }
    return layer_style(prefix, theme, SHAPES, light, dark)


class Grids:
    """Sizes of the three panels, from the crop."""

    def __init__(self, view: PoolView) -> None:
        self.rows, self.columns = view.crop.cell_rows, view.crop.cell_columns
        self.overlapping = view.record.overlapping
        most = max(len(self.rows), len(self.columns))
        self.cell = 36 if self.overlapping else max(28, min(44, 384 // most))
        self.height = self.cell
        self.gradient_cell = self.cell
        sums = [len(parts) for parts in view.landed.values()]
        if self.overlapping and max(sums, default=0) > 1:
            self.gradient_cell = 80
        self.card_width = 48 if self.overlapping else max(32, self.cell)
        self.card_height = 46 if view.sums is not None else 28
        self.x_output = LEFT + len(self.columns) * self.cell + ARROW
        block = len(view.crop.columns) * (self.card_width + 2)
        self.output_width = max(block, 128 if view.sums is not None else 72)
        self.x_gradient = self.x_output + self.output_width + ARROW
        end = self.x_gradient + len(self.columns) * self.gradient_cell
        self.right = end if view.sums is not None else self.x_gradient - ARROW
        tall, block = len(self.rows) * self.height, len(view.crop.rows) * (self.card_height + 2)
        self.output_top = TOP + max(22.0, (tall - block) / 2)
        self.bottom = max(TOP + tall, self.output_top + block)


def draw_pool(
    view: PoolView, title: str, where: Parts, lines: Sequence[Parts], prefix: str
) -> tuple[Sheet, float, float]:
    """Draw the figure; returns the sheet, its width and its height."""
    sheet, grids = Sheet(prefix), Grids(view)
    width = max(grids.right + LEFT, LEAST, text_width(title, 15, bold=True) + 2 * LEFT)
    sheet.text(LEFT, 34, title, "s15 b")
    shown = wrap(where, width - 2 * LEFT)
    for number, line in enumerate(shown[:1]):
        sheet.spans(LEFT, 57 + 14 * number, line)
    values = Scale.of(w for row in _values(view) for w in row)
    gradients = Scale.of([
        *(w.upstream or 0.0 for w in view.windows),
        *(share for parts in view.landed.values() for _, share in parts),
    ])  # fmt: skip
    _input(sheet, view, grids, values)
    _output(sheet, view, grids, values, gradients)
    if view.sums is not None:
        _landing(sheet, view, grids, gradients)
    y = grids.bottom + 26
    for parts in lines:
        for line in wrap(parts, width - 2 * LEFT):
            sheet.spans(LEFT, y, line)
            y += 18
    return sheet, width, y + 4


def _values(view: PoolView) -> list[list[float]]:
    x = view.record.x[view.crop.sample, view.crop.channel]
    return [
        [float(x[r, c]) for c in view.crop.cell_columns if 0 <= c < x.shape[1]]
        for r in view.crop.cell_rows
        if 0 <= r < x.shape[0]
    ]


def _tint(window: Window, overlapping: bool) -> int:
    i, j = window.index
    return (i % 2) * 3 + j % 3 if overlapping else (i % 2) * 2 + j % 2


def _heading(sheet: Sheet, x: float, role: str, name: str, note: str = "") -> float:
    """Write a panel's heading; returns where it ends."""
    triangle(sheet, x, 88, role, 8)
    style = "b value" if role == "value" else "b grad"
    sheet.spans(x + 14, 92, [(name, style), (f"  {note}", "ink2")] if note else [(name, style)])
    return x + 14 + text_width(name, bold=True) + text_width(f"  {note}" if note else "")


def _input(sheet: Sheet, view: PoolView, grids: Grids, scale: Scale) -> None:
    x = view.record.x[view.crop.sample, view.crop.channel]
    size, tall = grids.cell, grids.height
    owner = {cell: w for w in view.windows for cell in w.cells}
    winners: dict[tuple[int, int], list[Window]] = {}
    tied: set[tuple[int, int]] = set()
    for w in view.windows:
        for cell in w.winners:
            winners.setdefault(cell, []).append(w)
        tied.update(w.tied)
    note = [scale.words, "winner ringed" + (", tied loser dashed" if tied - set(winners) else "")]
    room = grids.x_output - ARROW - LEFT - 50
    words = "  ".join(filter(None, note))
    _heading(sheet, LEFT, "value", "input", words if text_width(words) < room else scale.words)
    with sheet.group(id="input"):
        for r, row in enumerate(grids.rows):
            for c, column in enumerate(grids.columns):
                left, top = LEFT + c * size, TOP + r * tall
                if not (0 <= row < x.shape[0] and 0 <= column < x.shape[1]):
                    sheet.rect(left, top, size, tall, "unlit")
                    continue
                cell = (row, column)
                sheet.rect(left, top, size, tall, "cell")
                if not grids.overlapping and cell in owner:
                    tint = _tint(owner[cell], False)
                    strong = "ff" if cell in winners else "f"
                    sheet.rect(left, top, size, tall, f"t{tint} {strong}")
                elif cell in winners:
                    tints = [_tint(w, True) for w in winners[cell]]
                    _split(sheet, left, top, size, tall, tints, "ff")
                _value(sheet, left, top, size, tall, scale.text(float(x[cell])),
                       cell in winners, cell in tied, grids.overlapping)  # fmt: skip
        _frames(sheet, view, grids, LEFT, size)
    if view.sums is not None or view.windows:
        _arrow(sheet, grids.x_output - ARROW + 8, TOP + len(grids.rows) * tall / 2, "value")


def _value(
    sheet: Sheet,
    left: float,
    top: float,
    size: float,
    tall: float,
    text: str,
    wins: bool,
    ties: bool,
    round_: bool,
) -> None:
    middle, centre = left + size / 2, top + tall / 2
    if wins:
        width, height = (26.0, 26.0) if round_ and len(text) < 3 else (size - 2, 24.0)
        sheet.rect(middle - width / 2, centre - height / 2, width, height, "won",
                   rx=13 if round_ else 9)  # fmt: skip
    elif ties:
        sheet.rect(left + 3, centre - 11, size - 6, 22, "lost", rx=8)
    style = "m mid b" if wins else "m mid ink3" if text == "0" else "m mid ink2"
    sheet.text(middle, centre + 4, text, style)


def _split(
    sheet: Sheet, left: float, top: float, width: float, height: float, tints: list[int], cls: str
) -> None:
    part = width / len(tints)
    for number, tint in enumerate(tints):
        sheet.rect(left + number * part, top, part, height, f"t{tint} {cls}")


def _frames(sheet: Sheet, view: PoolView, grids: Grids, x0: float, size: float) -> None:
    """Outline the windows: on the grid where they tile, at insets of their own where not."""
    first_row, first_column = grids.rows[0], grids.columns[0]
    record = view.record
    for w in view.windows:
        top = w.index[0] * record.stride[0] - record.padding[0] - first_row
        left = w.index[1] * record.stride[1] - record.padding[1] - first_column
        x, y = x0 + left * size, TOP + top * grids.height
        width, height = record.kernel[1] * size, record.kernel[0] * grids.height
        if not grids.overlapping:
            sheet.rect(x, y, width, height, "frame")
            continue
        inset = 2.0 + 3 * ((w.index[0] + w.index[1]) % 2)
        cls = f"o{_tint(w, True)}"
        sheet.rect(x + inset, y + inset, width - 2 * inset, height - 2 * inset, cls, rx=5)


def _output(sheet: Sheet, view: PoolView, grids: Grids, values: Scale, gradients: Scale) -> None:
    top = grids.output_top
    x = grids.x_output
    triangle(sheet, x, grids.output_top - 26, "value", 8)
    sheet.text(x + 14, grids.output_top - 22, "output", "b value")
    if view.sums is not None:
        triangle(sheet, x, grids.output_top - 10, "gradient", 8)
        words = [("upstream", "b grad"), (f"  {gradients.words}", "ink2")]
        sheet.spans(x + 14, grids.output_top - 6, words)
    x += (grids.output_width - len(view.crop.columns) * (grids.card_width + 2)) / 2
    with sheet.group(id="output"):
        for w in view.windows:
            i, j = w.index[0] - view.crop.rows[0], w.index[1] - view.crop.columns[0]
            left, y = x + j * (grids.card_width + 2), top + i * (grids.card_height + 2)
            wide, tall = grids.card_width, grids.card_height
            tint = _tint(w, grids.overlapping)
            sheet.rect(left, y, wide, tall, "cell", rx=4)
            sheet.rect(left, y, wide, tall, f"t{tint} f", rx=4)
            if grids.overlapping:
                sheet.rect(left + 1, y + 1, wide - 2, tall - 2, f"o{tint}", rx=4)
            middle = left + wide / 2
            room = 6 if grids.overlapping else 4
            sheet.text(middle, y + 18, values.text(w.value, room), "m mid value")
            if w.upstream is not None:
                style = "m mid b grad" if w.upstream else "m mid ink3"
                sheet.text(middle, y + 36, gradients.text(w.upstream, room), style)


def _landing(sheet: Sheet, view: PoolView, grids: Grids, scale: Scale) -> None:
    shape = view.record.x.shape[2:]
    wide, tall = grids.gradient_cell, grids.height
    owner = {cell: w for w in view.windows for cell in w.cells}
    x0 = grids.x_gradient
    _heading(sheet, x0, "gradient", "gradient of input", scale.words)
    _arrow(sheet, x0 - ARROW + 8, TOP + len(grids.rows) * tall / 2, "gradient")
    with sheet.group(id="landed"):
        for r, row in enumerate(grids.rows):
            for c, column in enumerate(grids.columns):
                left, top, cell = x0 + c * wide, TOP + r * tall, (row, column)
                if not (0 <= row < shape[0] and 0 <= column < shape[1]):
                    sheet.rect(left, top, wide, tall, "unlit")
                    continue
                sheet.rect(left, top, wide, tall, "cell")
                parts = view.landed.get(cell)
                if not grids.overlapping and cell in owner:
                    tint = _tint(owner[cell], False)
                    sheet.rect(left, top, wide, tall, f"t{tint} {'f' if parts else 'fl'}")
                if not parts:
                    sheet.element("circle", cx=left + wide / 2, cy=top + tall / 2, r=1, cls="dot")
                    continue
                _landed(sheet, view, grids, (left, top), cell, parts, scale)
        if not grids.overlapping:
            _frames(sheet, view, grids, x0, wide)


def _landed(
    sheet: Sheet,
    view: PoolView,
    grids: Grids,
    corner: tuple[float, float],
    cell: tuple[int, int],
    parts: list[tuple[Window, float]],
    scale: Scale,
) -> None:
    (left, top), wide, tall = corner, grids.gradient_cell, grids.height
    tints = [_tint(w, grids.overlapping) for w, _ in parts]
    middle, centre = left + wide / 2, top + tall / 2
    total = added([share for _, share in parts])
    if grids.overlapping:
        _split(sheet, left, top, wide, tall, tints, "f")
    else:
        sheet.rect(left + 1.2, top + 1.2, wide - 2.4, tall - 2.4, f"o{tints[0]}", rx=4)
    if view.dies(cell):
        sheet.hatch(left + 2, top + 2, wide - 4, tall - 4, faint=True)
        sheet.rect(left + 1.5, centre - 8, wide - 3, 16, "cell plate", rx=3)
    room = 4 if wide < 60 else 6
    if len(parts) == 1:
        sheet.text(middle, centre + 4, scale.text(total, room), "m mid b grad")
        return
    words = _sum([scale.text(share, room) for _, share in parts])
    if text_width(words, 11, mono=True) > wide - 2:
        words = _sum([scale.text(share, 4) for _, share in parts])
    if text_width(words, 11, mono=True) <= wide - 2:
        sheet.text(middle, centre - 3, words, "m mid grad")
        sheet.text(middle, centre + 12, f"= {scale.text(total, room)}", "m mid b grad")
    else:
        sheet.text(middle, centre + 4, f"Σ {scale.text(total, room)}", "m mid b grad")


def _sum(terms: Sequence[str]) -> str:
    return " + ".join([terms[0], *(f"({t})" if t.startswith("−") else t for t in terms[1:])])


def _arrow(sheet: Sheet, x: float, y: float, role: str) -> None:
    line, head = ("vs", "vf") if role == "value" else ("gs", "gf")
    sheet.path(f"M{x:g} {y:g}h22", line, stroke_width=2)
    sheet.path(f"M{x + 21:g} {y - 5:g}l10 5l-10 5Z", head)
