"""A panel: lines, bars or both over a grid, with names at the ends of the lines; data first.

Panels stand in rows and columns on a ``sheet``, which is a Figure. Lines of many points are drawn
with the lowest and the highest point of each pixel or two; the data have them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from viz.charts.look import chart_style, dash_of, line_class, prefix_of
from viz.charts.scale import Scale, apart, scale_over
from viz.figure import Figure
from viz.metrics import shorten, text_width
from viz.numbers import number
from viz.render.svg import Pen, clean

__all__ = ["Line", "Panel", "sheet"]

LEFT, TOP, BOTTOM = 62, 34, 40  # around the frame of a panel
GAP = 24
POINTS = 240  # bins of a long line


@dataclass(frozen=True)
class Line:
    """A named line; ``pale`` ones stay in the background and have no name at their end."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: int = 0
    pale: bool = False
    dots: bool = False
    label: str = ""
    dash: str | None = None


@dataclass(frozen=True)
class Panel:
    """Lines or bars with a title, the words under the axis, and vertical marks ``(x, words)``."""

    title: str
    across: str = ""
    lines: Sequence[Line] = ()
    bars: Sequence[tuple[str, float]] = ()
    edges: Sequence[float] = ()  # of bars that are bins of a histogram
    log: bool | None = None
    log_across: bool = False
    least: float | None = None
    ceiling: float | None = None  # lines may leave the panel through it
    span: tuple[float, float] | None = None  # of the values, where panels share it
    marks: Sequence[tuple[float, str]] = ()
    note: str = ""
    names: bool = True  # room for names beside the frame
    colour: int = 0  # of the bars

    @property
    def data(self) -> dict[str, Any]:
        """All that the panel shows; None stands for what is not finite."""
        shown: dict[str, Any] = {"title": self.title, "across": self.across, "note": self.note}
        if self.lines:
            shown["lines"] = [
                {"name": line.name, "x": _plain(line.x), "y": _plain(line.y), "label": line.label}
                for line in self.lines
            ]
        if self.bars:
            shown["bars"] = [{"name": name, "value": _plain([v])[0]} for name, v in self.bars]
        if len(self.edges):
            shown["edges"] = _plain(self.edges)
        if self.marks:
            shown["marks"] = [{"x": float(x), "words": words} for x, words in self.marks]
        return shown


def _plain(values: Sequence[float]) -> list[float | None]:
    return [float(v) if isfinite(v) else None for v in values]


def sheet(
    panels: Sequence[Panel], *, title: str, columns: int = 2, width: float = 470,
    height: float = 230, theme: str = "auto", more: dict[str, Any] | None = None,
    description: str = "",
) -> Figure:  # fmt: skip
    """Return a Figure of panels in columns.

    Parameters
    ----------
    panels : sequence of Panel
    title, description : str
        For those who do not see the picture; the title stands on it, too.
    columns : int
    width, height : float
        Of each panel, in pixels.
    theme : {"auto", "light", "dark"}
    more : dict, optional
        Further data, beside ``panels``.
    """
    data = {"title": title, **(more or {}), "panels": [panel.data for panel in panels]}
    prefix = prefix_of([data, theme, width, height])

    def drawn() -> str:
        pen = Pen(prefix)
        pen.text(20, 28, title, "ink s14 b")
        columns_used = min(columns, len(panels))
        for k, panel in enumerate(panels):
            x = 12 + k % columns_used * (width + GAP)
            y = 40 + k // columns_used * (height + GAP / 2)
            with pen.group(cls="panel"):
                _draw(pen, panel, x, y, width, height, k)
        rows = ceil(len(panels) / columns_used)
        return pen.document(
            24 + columns_used * width + (columns_used - 1) * GAP,
            52 + rows * height + (rows - 1) * GAP / 2,
            title=title,
            description=description,
            style=chart_style(prefix, theme),
        )

    return Figure(
        svg=drawn, data=data, title=title, alt=f"{title}. {description}".strip(),
        text=lambda: _text(title, panels), ledger=lambda: _table(panels),
    )  # fmt: skip


# ---------------------------------------------------------------- drawing


def _draw(
    pen: Pen, panel: Panel, x: float, y: float, width: float, height: float, index: int
) -> None:
    named = [line for line in panel.lines if not line.pale]
    room = 14.0
    if panel.names and named:
        widest = max(text_width(_said(line)) for line in named)
        room = min(max(40.0, widest + 30), 0.42 * width)
    left, right, top, bottom = x + LEFT, x + width - room, y + TOP, y + height - BOTTOM
    pen.text(x + 8, y + 20, shorten(panel.title, width - 16, 12, bold=True), "ink s12 b")
    if panel.note:
        at = x + 8 + text_width(panel.title, 12, bold=True) + 10
        pen.text(at, y + 20, shorten(panel.note, x + width - at), "ink3")
    values = [v for line in panel.lines for v in line.y] + [v for _, v in panel.bars]
    if panel.ceiling is not None:
        values = [min(v, panel.ceiling) for v in values if isfinite(v)]
    up = scale_over(panel.span or values, bottom, top, log=panel.log, least=panel.least)
    ticks = up.ticks(5)
    for value, label in ticks:
        if top - 0.5 <= up(value) <= bottom + 0.5:
            pen.path(f"M{left:.1f} {up(value):.1f}H{right:.1f}", "rl")
            pen.text(left - 8, up(value) + 4, label, "ink3 m end")
    if panel.bars:
        _bars(pen, panel, up, left, right, bottom)
    else:
        _lines(pen, panel, named, up, (left, right, top, bottom), index)
    pen.path(f"M{left:.1f} {bottom:.1f}H{right:.1f}", "cs")
    if panel.across:
        pen.text((left + right) / 2, bottom + 33, panel.across, "ink2 mid")


def _lines(
    pen: Pen, panel: Panel, named: list[Line], up: Scale,
    frame: tuple[float, float, float, float], index: int,
) -> None:  # fmt: skip
    left, right, top, bottom = frame
    across = scale_over(
        (v for line in panel.lines for v in line.x), left, right, log=panel.log_across, margin=0
    )
    for value, label in across.ticks(6, whole=panel.across in ("epoch", "step")):
        pen.path(f"M{across(value):.1f} {bottom:.1f}v4", "cs")
        pen.text(across(value), bottom + 17, label, "ink3 m mid")
    _marks(pen, panel, across, frame)
    clip = f"{pen.prefix}clip-{index}"
    pen.raw(
        f'<clipPath id="{clip}"><rect x="{left - 3:.1f}" y="{top - 3:.1f}" '
        f'width="{right - left + 6:.1f}" height="{bottom - top + 6:.1f}"/></clipPath>'
    )
    gone = []
    with pen.group(clip_path=f"url(#{clip})"):
        for line in panel.lines:
            d, left_at = _path(line, across, up, top)
            cls = f"ln {line_class(line.colour)}" + (" thin pale" if line.pale else "")
            if d:
                pen.path(d, cls, stroke_dasharray=line.dash or dash_of(line.colour))
            if line.dots:
                for x, y in zip(line.x, line.y, strict=True):
                    if up.shows(y) and across.shows(x):
                        with pen.group(title=f"{line.name}: {number(y)} at {number(x)}"):
                            pen.element("circle", cx=across(x), cy=up(y), r=2.6,
                                        cls=line_class(line.colour, "f"))  # fmt: skip
            if left_at is not None and not line.pale:
                gone.append((left_at, line.colour))
    for x, colour in gone:
        pen.path(f"M{x:.1f} {top - 9:.1f}l5 8h-10Z", line_class(colour, "f"))
    ends = [_end(line, up, top) for line in named]
    shown = [(line, end) for line, end in zip(named, ends, strict=True) if end is not None]
    places = apart([end for _, end in shown], 15, top, bottom) if panel.names else []
    for (line, end), place in zip(shown, places, strict=False):
        d = f"M{right + 3:.1f} {end:.1f}L{right + 9:.1f} {place:.1f}H{right + 17:.1f}"
        dash = line.dash or dash_of(line.colour)
        pen.path(d, f"ln {line_class(line.colour)}", stroke_dasharray=dash and "3 2")
        said = shorten(_said(line), 0.42 * (right - left + LEFT) * 1.8)
        pen.text(right + 22, place + 4, said, "ink2")


def _marks(pen: Pen, panel: Panel, across: Scale, frame: tuple[float, float, float, float]) -> None:
    left, right, top, bottom = frame
    for x, words in panel.marks:
        at = across(x)
        pen.path(f"M{at:.1f} {top:.1f}V{bottom:.1f}", "kn", stroke_dasharray="3 3")
        flipped = at + text_width(words) > right
        pen.text(at + (4 if flipped else -4), top - 3, words, "ink2" + (" end" if flipped else ""))


def _path(line: Line, across: Scale, up: Scale, top: float) -> tuple[str, float | None]:
    """Return the path of a line and where it leaves through the top for good, if it does."""
    pieces, drawing, last_inside, outside = [], False, None, False
    for x, y in _thinned(line.x, line.y):
        if not up.shows(y) or not across.shows(x):
            drawing = False
            outside = outside or not isfinite(y)
            continue
        px, py = across(x), max(up(y), top - 400)
        pieces.append(f"{'L' if drawing else 'M'}{px:.1f} {py:.1f}")
        drawing, outside = True, py < top - 0.5
        if not outside:
            last_inside = px
    return "".join(pieces), last_inside if outside else None


def _thinned(x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
    """Return all points of a short line, and of a long one the extremes of each bin."""
    points = list(zip(x, y, strict=True))
    size = ceil(len(points) / POINTS)
    if size <= 2:
        return points
    kept = []
    for start in range(0, len(points), size):
        some = range(start, min(start + size, len(points)))
        finite = [k for k in some if isfinite(points[k][1])]
        ends = {min(finite, key=lambda k: y[k]), max(finite, key=lambda k: y[k])} if finite else {
            start
        }  # fmt: skip
        kept += [points[k] for k in sorted(ends)]
    return kept


def _end(line: Line, up: Scale, top: float) -> float | None:
    """Return the height at which the name of a line stands: that of its last point."""
    if len(line.y) and not isfinite(line.y[-1]):
        return top if any(map(up.shows, line.y)) else None
    last = next((y for y in reversed(line.y) if up.shows(y)), None)
    return None if last is None else max(up(last), top)


def _said(line: Line) -> str:
    last = next((y for y in reversed(line.y) if isfinite(y)), None)
    if line.label or last is None:
        return f"{line.name}: {line.label}" if line.label else line.name
    return f"{line.name}: {number(last)}"


def _bars(pen: Pen, panel: Panel, up: Scale, left: float, right: float, bottom: float) -> None:
    count = len(panel.bars)
    pitch = (right - left) / count
    ground = up(up.low if up.log else max(up.low, 0.0))
    if len(panel.edges):
        across = scale_over(panel.edges, left, right, margin=0)
        for value, label in across.ticks(5):
            pen.path(f"M{across(value):.1f} {bottom:.1f}v4", "cs")
            pen.text(across(value), bottom + 17, label, "ink3 m mid")
    thick = pitch * (0.94 if len(panel.edges) else 0.7)
    said = [number(value) for _, value in panel.bars]
    roomy = not len(panel.edges) and max(map(text_width, said)) + 8 < pitch
    for k, (name, value) in enumerate(panel.bars):
        at = left + (k + 0.5) * pitch
        with pen.group(title=f"{name}: {said[k]}"):
            height = 0.0
            if up.shows(value) and (value > 0 or not up.log):
                height = ground - up(value)
                if height:
                    pen.rect(at - thick / 2, ground - max(height, 1), thick, max(height, 1),
                             line_class(panel.colour, "f"))  # fmt: skip
            else:
                pen.path(f"M{at - thick / 2:.1f} {bottom - 1:.1f}h{thick:.1f}", "ed")
            if roomy:
                pen.text(at, ground - max(height, 0) - 5, said[k], "ink2 mid")
    if not len(panel.edges):
        _bar_names(pen, [name for name, _ in panel.bars], left, pitch, bottom)


def _bar_names(pen: Pen, names: list[str], left: float, pitch: float, bottom: float) -> None:
    """Write the names of bars: all, or as many as have room."""
    widest = max(map(text_width, names)) + 8
    stride = ceil(min(widest, 90) / pitch)
    for k in range(0, len(names), stride):
        name = shorten(names[k], max(stride * pitch - 4, 20))
        pen.text(left + (k + 0.5) * pitch, bottom + 17, name, "ink3 mid")


# ---------------------------------------------------------------- words


def _rows(panel: Panel) -> list[tuple[str, str, str, str]]:
    """Return what a reader without the picture needs of each line: first, last, lowest."""
    rows = []
    for line in panel.lines:
        finite = [v for v in line.y if isfinite(v)]
        if finite and not line.pale:
            ends = [line.y[0], line.y[-1], min(finite)]
            first, last, least = (number(v) for v in ends)
            rows.append((f"{line.name} {line.label}".strip(), first, last, least))
    if not len(panel.edges):
        rows += [(name, number(value), "", "") for name, value in panel.bars]
    return rows


def _text(title: str, panels: Sequence[Panel]) -> str:
    lines = [title]
    for panel in panels:
        lines.append(f"{panel.title}{f' ({panel.note})' if panel.note else ''}")
        for name, first, last, least in _rows(panel):
            lines.append(
                f"  {name}: {first} to {last}, lowest {least}" if last else f"  {name}: {first}"
            )
        lines += [f"  {words} at {panel.across} {number(x)}" for x, words in panel.marks]
    return "\n".join(lines)


def _table(panels: Sequence[Panel]) -> str:
    rows = "".join(
        f"<tr><td>{clean(panel.title)}</td>"
        + "".join(f"<td>{clean(cell)}</td>" for cell in row)
        + "</tr>"
        for panel in panels
        for row in _rows(panel)
    )
    if not rows:
        return ""
    return (
        "<table><thead><tr><th></th><th></th><th>first</th><th>last</th><th>lowest</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )
