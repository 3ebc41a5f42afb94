"""How a surface is drawn: bands between contours, paths with their steps, and what they end at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from viz.charts.contours import contours, simplified
from viz.charts.look import chart_style, dash_of, draw_mark, line_class
from viz.charts.scale import Scale
from viz.metrics import shorten, text_width
from viz.numbers import number
from viz.render.svg import Pen, clean

__all__ = ["as_table", "as_text", "drawn", "where"]

WIDTH, HEIGHT = 560, 420  # of the frame
LEFT, TOP, BOTTOM, COLUMN = 64, 48, 52, 262


def drawn(data: Any, x: Any, y: Any, values: Any, prefix: str, theme: str, said: str) -> str:
    """Return the SVG of the data, with its grid as x, y and values; ``said`` is about the paths."""
    (left, right), (low, high) = data["limits"]
    across = Scale(left, right, LEFT, LEFT + WIDTH)
    up = Scale(low, high, TOP + HEIGHT, TOP)
    pen = Pen(prefix)
    pen.text(20, 28, shorten(data["title"], WIDTH, 14, bold=True), "ink s14 b")
    clip = f"{prefix}clip"
    pen.raw(
        f'<clipPath id="{clip}"><rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}"/>'
        "</clipPath>"
    )
    columns, rows = (np.array([scale(v) for v in vs]) for scale, vs in ((across, x), (up, y)))
    with pen.group(clip_path=f"url(#{clip})"):
        for level in data["levels"]:
            loops = [simplified(loop) for loop in contours(columns, rows, values, level)]
            d = "".join(
                "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in loop) + "Z" for loop in loops
            )
            if d:
                with pen.group(title=f"above {number(level)}"):
                    pen.path(d, "band", fill_rule="evenodd")
        spots = [_path(pen, track, k, across, up) for k, track in enumerate(data["paths"])]
        for a, b in sorted({path[0] for path in spots}):
            pen.element("circle", cx=a, cy=b, r=4.5, cls="paper")
            pen.element("circle", cx=a, cy=b, r=4.5, cls="ring")
    pen.rect(LEFT, TOP, WIDTH, HEIGHT, "cs", fill="none")
    _axes(pen, data["names"], across, up)
    _places(pen, data, across, up, spots)
    with pen.group(clip_path=f"url(#{clip})"):
        for k, (track, path) in enumerate(zip(data["paths"], spots, strict=True)):
            draw_mark(pen, k, *path[-1], f"{track['name']}: {where(track)}")
    _column(pen, data)
    return pen.document(
        LEFT + WIDTH + COLUMN,
        max(TOP + HEIGHT + BOTTOM, _column_height(data) + 20),
        title=f"Contours of {data['title']}",
        description=said,
        style=chart_style(prefix, theme),
    )


def _axes(pen: Pen, names: Sequence[str], across: Scale, up: Scale) -> None:
    for value, label in across.ticks(7):
        pen.path(f"M{across(value):.1f} {TOP + HEIGHT}v5", "cs")
        pen.text(across(value), TOP + HEIGHT + 18, label, "ink3 m mid")
    for value, label in up.ticks(7):
        pen.path(f"M{LEFT} {up(value):.1f}h-5", "cs")
        pen.text(LEFT - 9, up(value) + 4, label, "ink3 m end")
    pen.text(LEFT + WIDTH / 2, TOP + HEIGHT + 38, names[0], "ink2 s12 sb mid")
    pen.text(20, TOP + 10, shorten(names[1], 30, 12, bold=True), "ink2 s12 sb")


def _path(
    pen: Pen, track: dict[str, Any], index: int, across: Scale, up: Scale
) -> list[tuple[float, float]]:
    """Draw a path with a dot for each step, and return where the dots are."""
    spots = [(across(p[0]), up(p[1])) for p in track["points"] if None not in p]
    spots = [(min(max(a, -9e3), 9e3), min(max(b, -9e3), 9e3)) for a, b in spots]
    d = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
    pen.path(d, "wide halo")
    pen.path(d, f"ln {line_class(index)}", stroke_width=1.6, stroke_dasharray=dash_of(index))
    colour, last = line_class(index, "f"), None
    dots = []
    for a, b in spots:  # a dot that hides the one before it says nothing
        if last is None or abs(a - last[0]) + abs(b - last[1]) > 3:
            dots.append(f"M{a - 2.1:.1f} {b:.1f}a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0 -4.2 0")
            last = a, b
    pen.path("".join(dots), colour)
    return spots


def _places(
    pen: Pen, data: Any, across: Scale, up: Scale, spots: list[list[tuple[float, float]]]
) -> None:
    """Mark places by a cross, with the name on the side where the fewest steps lie."""
    crowd = np.array([spot for path in spots for spot in (*path, *[path[-1]] * 9)]).reshape(-1, 2)
    for place in data["points"]:
        a, b = across(place["at"][0]), up(place["at"][1])
        pen.path(f"M{a - 5:.1f} {b - 5:.1f}l10 10m0 -10l-10 10", "halo")
        pen.path(f"M{a - 5:.1f} {b - 5:.1f}l10 10m0 -10l-10 10", "ring")
        wide, best = text_width(place["name"], bold=True), None
        for y in (b + 17, b - 9):
            for x, anchor in ((a + 9, ""), (a - 9, " end")):
                left = x - wide if anchor else x
                near = (np.abs(crowd - [left + wide / 2, y - 4]) < [wide / 2 + 7, 12]).all(axis=1)
                inside = LEFT < left and left + wide < LEFT + WIDTH and TOP + 12 < y < TOP + HEIGHT
                cost = int(near.sum()) + (0 if inside else 10_000)
                if best is None or cost < best[0]:
                    best = cost, x, y, anchor
        _, x, y, anchor = best or (0, a, b, "")
        pen.text(x, y, place["name"], f"halo paper{anchor}", stroke_width=3)
        pen.text(x, y, place["name"], f"ink sb{anchor}")


def _column(pen: Pen, data: Any) -> None:
    """Write the legend: each path with its mark and where it ends, then the levels."""
    x, y = LEFT + WIDTH + 24, TOP + 8
    room = COLUMN - 40
    for index, track in enumerate(data["paths"]):
        pen.path(f"M{x} {y}h26", f"ln {line_class(index)}", stroke_dasharray=dash_of(index))
        draw_mark(pen, index, x + 26, y)
        pen.text(x + 40, y + 4, shorten(track["name"], room - 40, 12, bold=True), "ink s12 sb")
        for line in _facts(track, data["limits"]):
            y += 15
            pen.text(x + 40, y + 4, shorten(line, room - 34, 11, mono=True), "ink2 m")
        y += 24
    if data["levels"]:
        y = max(y + 6, TOP + HEIGHT - 15 * len(_told(data["levels"])) - 4) if data["paths"] else y
        pen.text(x, y + 4, "level of each contour", "ink2")
        for k in _told(data["levels"]):
            y += 15
            tone = f"{1 - 0.95 ** (k + 1):.3f}"  # k + 1 regions of .05 lie upon each other
            pen.rect(x, y - 6, 26, 12, "tone", fill_opacity=tone)
            pen.rect(x, y - 6, 26, 12, "cs")
            pen.text(x + 40, y + 4, f"above {number(data['levels'][k])}", "ink2 m")


def _told(levels: Sequence[float]) -> list[int]:
    """Return the levels that the legend names, six at most, the highest first."""
    stride = max(1, -(len(levels) // -6))
    return list(range(len(levels) - 1, -1, -stride))


def _column_height(data: Any) -> float:
    paths = sum(24 + 15 * len(_facts(track, data["limits"])) for track in data["paths"])
    return TOP + 8 + paths + 6 + 15 * len(_told(data["levels"]))


def _facts(track: dict[str, Any], limits: Any) -> list[str]:
    """Say where a path ends, after how many steps, and whether it has left the picture."""
    steps = f"{track['steps']} step{'s' * (track['steps'] != 1)}"
    lines = [where(track), f"f = {_f(track)}, {steps}"]
    for step, point in enumerate(track["points"]):
        if None in point or not all(a <= v <= b for v, (a, b) in zip(point, limits, strict=True)):
            lines.append(f"outside at step {step}")
            break
    return lines


def _f(track: dict[str, Any]) -> str:
    return "not finite" if track["value"] is None else number(track["value"])


def where(track: dict[str, Any]) -> str:
    """Write where a path ends."""
    a, b = ("nan" if v is None else number(v) for v in track["end"])
    return f"({a}, {b})"


def as_text(data: Any) -> str:
    """Return the lines for a terminal."""
    lines = [f"Contours of {data['title']}"]
    for track in data["paths"]:
        lines.append(f"  {track['name']}: {', '.join(_facts(track, data['limits']))}")
    for place in data["points"]:
        lines.append(f"  {place['name']}: f = {number(place['value'])}")
    return "\n".join(lines)


def as_table(data: Any) -> str:
    """Return the paths as a table of HTML."""
    rows = "".join(
        f"<tr><td>{clean(track['name'])}</td><td>{clean(where(track))}</td>"
        f"<td>{clean(_f(track))}</td><td>{track['steps']}</td></tr>"
        for track in data["paths"]
    )
    return (
        "<table><thead><tr><th></th><th>end</th><th>f</th><th>steps</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
