"""The look of charts: colours of lines that a colour-blind reader can tell apart, dashes, marks.

The order is that of use. Under simulated protanopia, deuteranopia and tritanopia any two of the six
stay at least 15 apart in CIE Lab, and each has a contrast of 2.9 or more on its ground; where more
than six lines meet, the dash changes. Colour never speaks alone: a line has its name beside it, and
a path its mark.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from viz.render.svg import Pen
from viz.theme import style_sheet

__all__ = [
    "DARK_LINES",
    "LIGHT_LINES",
    "chart_style",
    "dash_of",
    "draw_mark",
    "line_class",
    "prefix_of",
]

LIGHT_LINES = ("#0068A3", "#B54800", "#14A881", "#7A2F6E", "#BC921A", "#1B2430")
DARK_LINES = ("#4FA4F0", "#E8703A", "#3FD0A4", "#C97FC0", "#F2D24B", "#F4F7FA")
DASHES = (None, "7 3", "2 3", "9 3 2 3")

SHAPES = (
    ".ln{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".thin{stroke-width:1}.pale{opacity:.45}"
    ".band{fill-opacity:.05;stroke-opacity:.3;stroke-width:.7}"
    ".wide{fill:none;stroke-width:4.5;stroke-linejoin:round;stroke-opacity:.75}"
)


def prefix_of(shown: Any) -> str:
    """Return the prefix of a figure's ids, from four digits of what it shows.

    The last bits of a training differ between processors; what is drawn of it does not.

    >>> prefix_of({"a": [0.1 + 0.2]}) == prefix_of({"a": [0.3]}) != prefix_of({"a": [0.31]})
    True
    """
    return f"bl{zlib.crc32(repr(_rounded(shown)).encode()):08x}-"


def _rounded(shown: Any) -> Any:
    if isinstance(shown, float):
        return float(f"{shown:.3e}")
    if isinstance(shown, Mapping):
        return {name: _rounded(each) for name, each in shown.items()}
    return [_rounded(each) for each in shown] if isinstance(shown, list | tuple) else shown


def chart_style(prefix: str, theme: str) -> str:
    """Return the style sheet of a chart: that of all figures, and the colours of lines."""
    dark = theme == "dark"
    sheet = style_sheet(prefix, theme, SHAPES)
    sheet += _colours(prefix, DARK_LINES if dark else LIGHT_LINES, "#9DABBC" if dark else "#465264")
    if theme == "auto":
        colours = _colours(prefix, DARK_LINES, "#9DABBC")
        sheet += f"@media (prefers-color-scheme:dark){{{colours}}}"
    return sheet


def _colours(prefix: str, colours: Sequence[str], ground: str) -> str:
    scope = f"#{prefix}figure"
    rules = [f"{scope} .band{{fill:{ground};stroke:{ground}}}{scope} .tone{{fill:{ground}}}"]
    for index, colour in enumerate(colours):
        rules.append(f"{scope} .l{index}{{stroke:{colour}}}{scope} .f{index}{{fill:{colour}}}")
    return "".join(rules)


def line_class(index: int, kind: str = "l") -> str:
    """Return the class of a line's stroke (``l``) or fill (``f``)."""
    return f"{kind}{index % len(LIGHT_LINES)}"


def dash_of(index: int) -> str | None:
    """Return the dash of a line: none for the first six, then another one for each six."""
    return DASHES[index // len(LIGHT_LINES) % len(DASHES)]


MARKS = (
    "M{x} {y}m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z",
    "M{x} {y}m-4.5 -4.5h9v9h-9Z",
    "M{x} {y}m0 -6l5.5 9.5h-11Z",
    "M{x} {y}m0 -6.5l5 6.5l-5 6.5l-5 -6.5Z",
    "M{x} {y}m0 6l5.5 -9.5h-11Z",
    "M{x} {y}m-1.7 -5.5h3.4v3.8h3.8v3.4h-3.8v3.8h-3.4v-3.8h-3.8v-3.4h3.8Z",
)


def draw_mark(pen: Pen, index: int, x: float, y: float, title: str | None = None) -> None:
    """Draw the mark of a line: circle, square, triangle, diamond, triangle down, cross."""
    d = MARKS[index % len(MARKS)].format(x=f"{x:.1f}", y=f"{y:.1f}")
    with pen.group(title=title, cls="mark"):
        pen.path(d, f"halo {line_class(index, 'f')}", stroke_width=2, paint_order="stroke")
