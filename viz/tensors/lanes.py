"""The two lanes between cards: value to the right above, gradient to the left below.

A ribbon's width is the logarithm of the gradient's norm at its left end, over the figure's
range; the pill bears the gain of the rule to its right. Where a chain breaks into rows the lanes
leave right, run in the gutter, and enter left, and never cross.
"""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from viz.metrics import text_width
from viz.tensors.captions import shape_text
from viz.tensors.cards import GRADIENT_LANE, VALUE_LANE
from viz.tensors.layers import Layer
from viz.tensors.measures import Link
from viz.tensors.placement import SIDE, Box, Placement
from viz.tensors.sheet import Sheet
from viz.tensors.words import factor, measured

__all__ = ["Ribbons", "draw_link", "draw_pill"]

THIN, THICK = 1.5, 7.0
LANE = 2.0


@dataclass(frozen=True)
class Ribbons:
    """Widths of gradient ribbons: linear in log norm between the figure's extremes."""

    low: float
    high: float

    @classmethod
    def of(cls, links: Sequence[Link]) -> "Ribbons":
        """Span the norms of all edges that carry gradient."""
        norms = [k.norm for k in links if k.norm and math.isfinite(k.norm)]
        return cls(min(norms, default=1.0), max(norms, default=1.0))

    def width(self, norm: float) -> float:
        """Return the width of a ribbon in pixels; 1 (drawn dashed) where nothing flows."""
        if not norm or not math.isfinite(norm):
            return 1.0
        if self.high <= self.low:
            return (THIN + THICK) / 2
        share = math.log(norm / self.low) / math.log(self.high / self.low)
        return THIN + (THICK - THIN) * min(1.0, max(0.0, share))


def draw_link(
    sheet: Sheet,
    link: Link,
    ends: tuple[Layer, Layer],
    boxes: tuple[Box, Box],
    placement: Placement,
    ribbons: Ribbons,
) -> None:
    """Draw both lanes of one edge."""
    source, target = ends
    left, right = boxes
    label = shape_text(source.shape)
    with value_group(sheet, source, target):
        if left.row == right.row:
            _value_lane(sheet, left, right, label)
        else:
            _value_wrap(sheet, left, right, placement, label)
    with gradient_group(sheet, link, source, target):
        if link.norm is None:
            _no_gradient(sheet, left, right)
        elif left.row == right.row:
            _gradient_lane(sheet, left, right, link, ribbons)
        else:
            _gradient_wrap(sheet, left, right, placement, link, ribbons)


def value_group(sheet: Sheet, source: Layer, target: Layer) -> AbstractContextManager[None]:
    """Open the group of an edge's value: ``e-source-target``."""
    words = f"{source.path} → {target.path}: {shape_text(source.shape)}"
    return sheet.group(id=f"e-{source.id}-{target.id}", cls="lane", title=words)


def gradient_group(
    sheet: Sheet, link: Link, source: Layer, target: Layer
) -> AbstractContextManager[None]:
    """Open the group of an edge's gradient: ``r-source-target``."""
    words = f"gradient of {source.path} from {target.path}"
    if link.norm is None:
        words += f": {link.why or 'not kept'}"
    else:
        words += f": norm {measured(link.norm)}"
        words += f", gain {factor(link.gain)}" if link.gain is not None else ""
    return sheet.group(id=f"r-{source.id}-{target.id}", cls="lane", title=words)


def draw_pill(sheet: Sheet, x: float, top: float, text: str, style: str = "grad") -> float:
    """Draw a rounded label centred at x; returns its width."""
    width = text_width(text, 11, mono=True) + 8
    sheet.rect(x - width / 2, top, width, 16, "p", rx=8)
    sheet.text(x, top + 12, text, f"m mid {style}")
    return width


def arrow_right(sheet: Sheet, tip: float, y: float) -> None:
    sheet.path(f"M{tip - 9:g} {y - 4.5:g}L{tip:g} {y:g}L{tip - 9:g} {y + 4.5:g}Z", "vf")


def _head(width: float) -> tuple[float, float]:
    """Length and half height of a ribbon's arrowhead."""
    half = max(4.0, 4.0 + width / 2)
    return half * 1.55, half


def arrow_left(sheet: Sheet, tip: float, y: float, width: float) -> float:
    """Draw a ribbon's head; returns where its shaft ends."""
    long, half = _head(width)
    sheet.path(
        f"M{tip + long:.2f} {y - half:.2f}L{tip:g} {y:g}L{tip + long:.2f} {y + half:.2f}Z", "gf"
    )
    return tip + long - 1.5


def _value_lane(sheet: Sheet, left: Box, right: Box, label: str) -> None:
    y, start, tip = left.y + VALUE_LANE, left.right + 3, right.x - 3
    sheet.path(f"M{start:g} {y:g}H{tip - 8:g}", "vs", stroke_width=LANE)
    arrow_right(sheet, tip, y)
    if text_width(label, 11, mono=True) <= right.x - left.right - 2:
        sheet.text((left.right + right.x) / 2, y - 7, label, "m mid ink2")


def _gradient_lane(sheet: Sheet, left: Box, right: Box, link: Link, ribbons: Ribbons) -> None:
    y, start, tip = left.y + GRADIENT_LANE, right.x - 3, left.right + 3
    width = ribbons.width(link.norm)
    end = arrow_left(sheet, tip, y, width)
    shaft(sheet, f"M{start:g} {y:g}H{end:.2f}", width, link)
    if link.gain is None:
        return
    text, room = gain_text(link), right.x - left.right - 2
    if text_width(text, 11, mono=True) + 8 > room:
        text = factor(link.gain, 2)
    draw_pill(sheet, (left.right + right.x) / 2, y + _head(width)[1] + 1, text)


def gain_text(link: Link) -> str:
    return "×—" if link.gain is None else factor(link.gain)


def shaft(sheet: Sheet, d: str, width: float, link: Link) -> None:
    dashes = None if link.norm else "4 3"  # exactly zero: thin and dashed
    sheet.path(d, "gs", stroke_width=round(width, 2), stroke_dasharray=dashes)


def _wrap_geometry(left: Box, right: Box, placement: Placement) -> tuple[float, float, float]:
    """Right edge of the grounds, bottom of the upper row, left edge of the lower row's ground."""
    edge = max(box.right for box in placement.boxes if box.row == left.row) + SIDE
    return edge, placement.rows[left.row][1], placement.rows[right.row][2]


def _value_wrap(sheet: Sheet, left: Box, right: Box, placement: Placement, label: str) -> None:
    edge, bottom, ground = _wrap_geometry(left, right, placement)
    out, gutter = edge + 30, bottom + 25
    back = ground - (26 if ground > 100 else 4)
    start, end = left.y + VALUE_LANE, right.y + VALUE_LANE
    sheet.path(
        f"M{left.right + 3:g} {start:g}H{out - 8:g}a8 8 0 0 1 8 8V{gutter - 8:g}a8 8 0 0 1 -8 8"
        f"H{back + 8:g}a8 8 0 0 0 -8 8V{end - 8:g}a8 8 0 0 0 8 8H{right.x - 11:g}",
        "vs",
        stroke_width=LANE,
    )
    arrow_right(sheet, right.x - 3, end)
    width = text_width(label, 11, mono=True) + 22
    middle = (back + out) / 2
    sheet.rect(middle - width / 2, gutter - 8, width, 16, "paper")
    sheet.text(middle, gutter + 4, label, "m mid ink2")


def _gradient_wrap(
    sheet: Sheet, left: Box, right: Box, placement: Placement, link: Link, ribbons: Ribbons
) -> None:
    edge, bottom, ground = _wrap_geometry(left, right, placement)
    out, gutter = edge + 18, bottom + 10
    back = ground - (38 if ground > 100 else 16)
    start, end = left.y + GRADIENT_LANE, right.y + GRADIENT_LANE
    width = ribbons.width(link.norm)
    neck = arrow_left(sheet, left.right + 3, start, width)
    shaft(
        sheet,
        f"M{neck:.2f} {start:g}H{out - 8:g}a8 8 0 0 1 8 8V{gutter - 8:g}a8 8 0 0 1 -8 8"
        f"H{back + 8:g}a8 8 0 0 0 -8 8V{end - 8:g}a8 8 0 0 0 8 8H{right.x - 3:g}",
        width,
        link,
    )
    if link.gain is not None:
        draw_pill(sheet, (back + out) / 2 - 103, gutter - 8, gain_text(link))


def _no_gradient(sheet: Sheet, left: Box, right: Box) -> None:
    """Say that there is no gradient to draw: a dash in the lower lane."""
    if left.row == right.row:
        sheet.text((left.right + right.x) / 2, left.y + GRADIENT_LANE + 4, "—", "m mid ink2")
