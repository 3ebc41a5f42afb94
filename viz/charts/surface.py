"""The surface of a function of two numbers, as contours, with the paths of optimisers on it.

What is shown is data first: the function on a grid, and of each path all its points.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

import autograd
from viz.charts.contours import contours, levels_of, simplified
from viz.charts.look import chart_style, dash_of, draw_mark, line_class, prefix_of
from viz.charts.scale import Scale
from viz.figure import Figure
from viz.metrics import shorten, text_width
from viz.numbers import number
from viz.render.svg import Pen, clean

__all__ = ["descend", "surface"]

WIDTH, HEIGHT = 560, 420  # of the frame
LEFT, TOP, BOTTOM, COLUMN = 64, 48, 52, 262
GRID = (121, 91)

Function = Callable[..., Any]


def descend(f: Function, start: Sequence[float], make: Callable[[Any], Any], steps: int) -> Any:
    """Return the points that an optimiser visits on f: (steps + 1, 2), the start included.

    Parameters
    ----------
    f : callable
        Of one tensor of two numbers, or of two tensors; recorded.
    start : pair of float
    make : callable
        Makes the optimiser of a list of parameters: ``lambda w: optim.SGD(w, lr=0.1)``.
    steps : int

    Examples
    --------
    >>> import optim
    >>> descend(lambda x, y: x * x + y * y, (1, 2), lambda w: optim.SGD(w, lr=0.25), 2).tolist()
    [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]
    """
    w = autograd.tensor(np.array(start, np.float64), requires_grad=True)
    optimizer = make([w])
    whole = _of_pair(f)

    def closure() -> Any:
        optimizer.zero_grad()
        value = whole(w)
        value.backward()
        return value

    points = [np.array(w.detach().numpy())]
    for _ in range(steps):
        optimizer.step(closure)
        points.append(np.array(w.detach().numpy()))
    return np.array(points)


def surface(
    f: Function,
    paths: Mapping[str, Any] | None = None,
    *,
    start: Sequence[float] | None = None,
    steps: int = 50,
    limits: tuple[tuple[float, float], tuple[float, float]] | None = None,
    points: Mapping[str, Sequence[float]] | None = None,
    levels: int = 12,
    names: tuple[str, str] = ("x", "y"),
    title: str = "",
    theme: str = "auto",
) -> Figure:
    """Draw f(x, y) as contours, with paths on them: one dot a step, a mark at the end.

    The stronger the tone, the higher. Levels lie closer together where f is flat.

    Parameters
    ----------
    f : callable
        Of one tensor ``w`` of two numbers (``w[0]``, ``w[1]``), or of two. Recorded through
        ``autograd`` or plain. It is computed at all points of the grid at once where that gives
        the same numbers, else at one after the other.
    paths : mapping, optional
        Names to points, as an ``(n, 2)`` array or a list of pairs; or to what makes an optimiser
        of a list of parameters, which then makes ``steps`` steps from ``start``.
    start : pair of float, optional
        Where optimisers begin.
    steps : int
        How many steps they make.
    limits : ((left, right), (low, high)), optional
        By default what holds the paths, with a margin.
    points : mapping, optional
        Names to places to be marked, such as a minimum.
    levels : int
        How many contours.
    names : pair of str
        Of the two numbers.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data`` holds ``paths`` (name, points, values of f, end), ``grid`` and ``levels``.

    Raises
    ------
    ValueError
        A path is not made of pairs, an optimiser has no start, or limits are not in order.

    Examples
    --------
    >>> import optim, viz
    >>> def valley(w):
    ...     return (w[0] ** 2 + 100 * w[1] ** 2) / 2
    >>> figure = viz.surface(
    ...     valley, {"SGD": lambda w: optim.SGD(w, lr=0.018)}, start=(1, 1), steps=10)
    >>> [round(number, 5) for number in figure.data["paths"][0]["end"]]
    [0.8339, 0.10737]
    """
    whole = _of_pair(f)
    tracks = [_track(f, whole, name, path, start, steps) for name, path in (paths or {}).items()]
    places = {name: [float(v) for v in place] for name, place in (points or {}).items()}
    across, up = _limits(limits, tracks, list(places.values()), start)
    x, y = (np.linspace(*span, n) for span, n in zip((across, up), GRID, strict=True))
    values = _on_grid(whole, x, y)
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise ValueError(f"surface: f is nowhere finite on {across} by {up}")
    filled = np.nan_to_num(values, nan=finite.max(), posinf=finite.max(), neginf=finite.min())
    title = title or getattr(f, "__name__", "").replace("<lambda>", "") or "f"
    data = {
        "title": title,
        "names": list(names),
        "limits": [list(across), list(up)],
        "levels": levels_of(filled, levels),
        "grid": {"x": x.tolist(), "y": y.tolist(), "f": _plain(values)},
        "paths": tracks,
        "points": [{"name": n, "at": p, "value": _value(whole, p)} for n, p in places.items()],
    }
    prefix = prefix_of([{name: data[name] for name in data if name != "grid"}, theme])
    said = "; ".join(f"{track['name']} ends at {_where(track)}" for track in tracks)
    return Figure(
        svg=lambda: _drawn(data, x, y, filled, prefix, theme, said),
        data=data,
        title=title,
        alt=f"Contours of {title}. {said}".strip(),
        text=lambda: _text(data),
        ledger=lambda: _table(data) if tracks else "",
    )


# ---------------------------------------------------------------- data


def _of_pair(f: Function) -> Callable[[Any], Any]:
    """Return f as a function of one tensor of two numbers."""
    try:
        kinds = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return f
    positional = [
        p for p in kinds
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]  # fmt: skip
    return (lambda w: f(w[0], w[1])) if len(positional) == 2 else f


def _value(whole: Callable[[Any], Any], point: Any) -> float:
    with autograd.no_grad(), np.errstate(all="ignore"):
        return float(whole(autograd.tensor(np.asarray(point, np.float64))))


def _track(
    f: Function, whole: Callable[[Any], Any], name: str, path: Any, start: Any, steps: int
) -> dict[str, Any]:
    if callable(path):
        if start is None:
            raise ValueError(f"surface: {name!r} is an optimiser and needs a start")
        with np.errstate(all="ignore"):
            path = descend(f, start, path, steps)
    if not isinstance(path, np.ndarray):
        path = [[float(v) for v in point] for point in path]
    points = np.array(path, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"surface: path {name!r} must be (n, 2) numbers, got {points.shape}")
    values = [_value(whole, point) for point in points]
    return {
        "name": str(name),
        "points": _plain(points),
        "values": _plain(np.array(values)),
        "end": _plain(points[-1]),
        "value": _plain(np.array(values))[-1],
        "steps": len(points) - 1,
    }


def _plain(values: Any) -> Any:
    """Return nested lists, None where a number is not finite."""
    if values.ndim > 1:
        return [_plain(row) for row in values]
    return [v if isfinite(v) else None for v in values.tolist()]


def _limits(limits: Any, tracks: list[dict[str, Any]], places: list[Any], start: Any) -> Any:
    if limits is not None:
        for low, high in limits:
            if not low < high:
                raise ValueError(f"surface: limits must be in order, got {limits}")
        return tuple((float(low), float(high)) for low, high in limits)
    every = [p for track in tracks for p in track["points"] if None not in p] + places
    if start is not None:
        every.append([float(v) for v in start])
    if not every:
        return (-2.0, 2.0), (-2.0, 2.0)
    low, high = np.min(every, axis=0), np.max(every, axis=0)
    margin = np.where(high > low, 0.12 * (high - low), 1.0)
    return tuple((float(a), float(b)) for a, b in zip(low - margin, high + margin, strict=True))


def _on_grid(whole: Callable[[Any], Any], x: Any, y: Any) -> Any:
    """Return f at all points of the grid: at once if that is the same function, else one by one."""
    places = np.stack(np.meshgrid(x, y))
    probes = [(0, 0), (len(y) // 3, len(x) // 2), (len(y) - 1, len(x) // 5)]
    try:
        with autograd.no_grad(), np.errstate(all="ignore"):
            found = whole(autograd.tensor(places))
            values = np.array(found.numpy() if hasattr(found, "numpy") else found, np.float64)
        if values.shape == places.shape[1:] and all(
            np.isclose(values[probe], _value(whole, places[(slice(None), *probe)]), equal_nan=True)
            for probe in probes
        ):
            return values
    except (TypeError, ValueError, RuntimeError, IndexError):
        pass  # f is a function of numbers
    return np.array([[_value(whole, place) for place in row] for row in np.moveaxis(places, 0, -1)])


# ---------------------------------------------------------------- drawing


def _drawn(data: Any, x: Any, y: Any, values: Any, prefix: str, theme: str, said: str) -> str:
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
            draw_mark(pen, k, *path[-1], f"{track['name']}: {_where(track)}")
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
    lines = [_where(track), f"f = {_f(track)}, {steps}"]
    for step, point in enumerate(track["points"]):
        if None in point or not all(a <= v <= b for v, (a, b) in zip(point, limits, strict=True)):
            lines.append(f"outside at step {step}")
            break
    return lines


def _f(track: dict[str, Any]) -> str:
    return "not finite" if track["value"] is None else number(track["value"])


def _where(track: dict[str, Any]) -> str:
    a, b = ("nan" if v is None else number(v) for v in track["end"])
    return f"({a}, {b})"


def _text(data: Any) -> str:
    lines = [f"Contours of {data['title']}"]
    for track in data["paths"]:
        lines.append(f"  {track['name']}: {', '.join(_facts(track, data['limits']))}")
    for place in data["points"]:
        lines.append(f"  {place['name']}: f = {number(place['value'])}")
    return "\n".join(lines)


def _table(data: Any) -> str:
    rows = "".join(
        f"<tr><td>{clean(track['name'])}</td><td>{clean(_where(track))}</td>"
        f"<td>{clean(_f(track))}</td><td>{track['steps']}</td></tr>"
        for track in data["paths"]
    )
    return (
        "<table><thead><tr><th></th><th>end</th><th>f</th><th>steps</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
