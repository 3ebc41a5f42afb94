"""What a classifier of points in the plane decides, everywhere: its regions, and data upon them.

A region is where a class has the highest score, so its border is where two scores are equal: a line
if the scores are linear, and for one ReLU unit the line w x + b = 0 between active and dead.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

import autograd
from viz.charts.contours import contours
from viz.charts.look import chart_style, draw_mark, line_class
from viz.charts.scale import Scale
from viz.figure import Figure
from viz.metrics import shorten
from viz.render.svg import Pen, clean

__all__ = ["decision_map"]

SIDE = 420  # of the frame
LEFT, TOP, BOTTOM, COLUMN = 56, 48, 52, 220
GRID = 161


def decision_map(
    model: Callable[[Any], Any],
    x: Any = None,
    y: Any = None,
    *,
    limits: tuple[tuple[float, float], tuple[float, float]] | None = None,
    classes: Sequence[str] = (),
    names: tuple[str, str] = ("x", "y"),
    title: str = "",
    theme: str = "auto",
) -> Figure:
    """Draw which class a model gives to each point of the plane, and the data that it is to tell.

    Each class has its colour and mark; a ring is around what the model gets wrong. A module is run
    in eval mode, and nothing is recorded.

    Shapes: x (N, 2), y (N,).

    Parameters
    ----------
    model : callable
        Of points (N, 2); returns scores (N, C), of which the highest wins, one score (N,) or
        (N, 1), of which the sign decides between class 0 and 1, or classes (N,) as integers.
    x, y : tensor or array, optional
        Points, and their classes; with one score also -1 and 1.
    limits : ((left, right), (low, high)), optional
        By default what holds the points, with a margin.
    classes : sequence of str
        Their names; numbers, if not given.
    names : pair of str
        Of the two coordinates.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data`` holds ``grid`` (the classes, row by row), ``points`` (at, class, predicted),
        ``shares`` of the plane and ``accuracy``.

    Raises
    ------
    ValueError
        The points are not pairs, x and y do not fit, the limits are not in order, or the scores
        have another shape or are not finite.

    Examples
    --------
    Active above the line x + y = 0, dead below:

    >>> import nn, viz
    >>> unit = nn.Linear(2, 1)
    >>> _ = unit.load_state_dict({"weight": [[1.0, 1.0]], "bias": [0.0]})
    >>> figure = viz.decision_map(
    ...     unit, [[1, 1], [-2, 0]], [1, 1], classes=("dead", "active"), title="A ReLU unit")
    >>> print(figure.text())
    A ReLU unit
      dead: 50 % of the plane
      active: 50 % of the plane, 1 of 2 points right
    """
    points, labels = _points(x, y)
    across, up = _limits(limits, points)
    columns, rows = np.linspace(*across, GRID), np.linspace(*up, GRID)
    places = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
    fields = _fields(model, places).reshape(-1, GRID, GRID)
    if labels is not None and len(fields) == 2:
        labels = np.where(labels == -1, 0, labels)
    if labels is not None and len(labels) and not 0 <= labels.min() <= labels.max() < len(fields):
        raise ValueError(
            f"decision_map: expected classes from 0 to {len(fields) - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    decided = fields.argmax(0)
    predicted = _fields(model, points).argmax(0) if len(points) else np.zeros(0, int)
    called = [*map(str, classes), *map(str, range(len(classes), len(fields)))]
    data: dict[str, Any] = {
        "title": title or "Decisions",
        "names": list(names),
        "limits": [list(across), list(up)],
        "classes": called[: len(fields)],
        "grid": {"x": columns.tolist(), "y": rows.tolist(), "class": decided.tolist()},
        "shares": [float((decided == c).mean()) for c in range(len(fields))],
        "points": [
            {
                "at": point.tolist(),
                "class": None if labels is None else int(labels[i]),
                "predicted": int(predicted[i]),
            }
            for i, point in enumerate(points)
        ],
        "accuracy": None if labels is None else float((labels == predicted).mean()),
    }
    prefix = f"bl{zlib.crc32(repr((data, theme)).encode()):08x}-"
    return Figure(
        svg=lambda: _drawn(data, columns, rows, fields, prefix, theme),
        data=data,
        title=data["title"],
        alt=". ".join(_text(data).splitlines()),
        text=lambda: _text(data),
        ledger=lambda: _table(data),
    )


# ---------------------------------------------------------------- data


def _points(x: Any, y: Any) -> tuple[Any, Any]:
    if x is None:
        if y is not None:
            raise ValueError("decision_map: got classes y, but no points x")
        return np.zeros((0, 2)), None
    points = np.array(getattr(x, "payload", x), np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"decision_map: expected points of shape (N, 2), got {points.shape}")
    if y is None:
        return points, None
    labels = np.array(getattr(y, "payload", y))
    if labels.size != len(points):
        raise ValueError(
            f"decision_map: {len(points)} points need as many classes, got shape {labels.shape}"
        )
    return points, labels.reshape(-1).astype(int)


def _limits(limits: Any, points: Any) -> Any:
    if limits is None:
        if not len(points):
            return (-1.0, 1.0), (-1.0, 1.0)
        middle = (points.max(0) + points.min(0)) / 2
        half = float((points.max(0) - points.min(0)).max()) * 0.56 or 1.0  # a margin, and square
        return tuple((float(m - half), float(m + half)) for m in middle)
    for low, high in limits:
        if not low < high:
            raise ValueError(f"decision_map: limits must be in order, got {limits}")
    return tuple((float(low), float(high)) for low, high in limits)


def _fields(model: Any, places: Any) -> Any:
    """Return by how much each class is ahead of all others, (C, N): above 0 in its region."""
    parameter = next(iter(model.parameters()), None) if hasattr(model, "parameters") else None
    dtype = np.float64 if parameter is None else parameter.dtype
    with _evaluating(model), autograd.no_grad():
        found = model(autograd.tensor(places.astype(dtype)))
    scores = np.array(getattr(found, "payload", found))
    if scores.dtype.kind in "iub" and scores.ndim == 1:
        scores = (scores[:, None] == np.arange(max(int(scores.max()) + 1, 2))).astype(float)
    elif scores.shape in ((len(places),), (len(places), 1)):
        scores = scores.reshape(-1, 1) * [[-0.5, 0.5]]
    if scores.ndim != 2 or len(scores) != len(places):
        raise ValueError(
            f"decision_map: expected scores (N, C) or (N,) of {len(places)} points, "
            f"got shape {scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("decision_map: a score is not finite")
    scores = scores.T.astype(np.float64)
    best, second = np.sort(scores, 0)[[-1, -2]]
    return scores - np.where(np.arange(len(scores))[:, None] == scores.argmax(0), second, best)


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    modules = list(model.modules()) if hasattr(model, "modules") else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, training in zip(modules, modes, strict=True):
            module.training = training


# ---------------------------------------------------------------- drawing


def _drawn(data: Any, columns: Any, rows: Any, fields: Any, prefix: str, theme: str) -> str:
    (left, right), (low, high) = data["limits"]
    across, up = Scale(left, right, LEFT, LEFT + SIDE), Scale(low, high, TOP + SIDE, TOP)
    pen = Pen(prefix)
    pen.text(20, 28, shorten(data["title"], LEFT + SIDE, 14, bold=True), "ink s14 b")
    at = np.array([across(v) for v in columns]), np.array([up(v) for v in rows])
    pen.raw(
        f'<clipPath id="{prefix}clip"><rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>'
        "</clipPath>"
    )
    with pen.group(clip_path=f"url(#{prefix}clip)"):
        for c, field in enumerate(fields):
            d = "".join(
                "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in loop) + "Z"
                for loop in contours(*at, field, 0.0)
            )
            if d:
                with pen.group(title=f"decides for {data['classes'][c]}"):
                    border = f"thin l5 {line_class(c, 'f')}"
                    pen.path(d, border, fill_rule="evenodd", fill_opacity=0.16)
        for point in data["points"]:
            a, b = across(point["at"][0]), up(point["at"][1])
            true, said = point["class"], data["classes"][point["predicted"]]
            mark = point["predicted"] if true is None else true
            if true is not None and true != point["predicted"]:
                pen.element("circle", cx=a, cy=b, r=9.5, cls="ring")
                said = f"{data['classes'][true]}, taken for {said}"
            draw_mark(pen, mark, a, b, said)
    pen.rect(LEFT, TOP, SIDE, SIDE, "cs", fill="none")
    for value, label in across.ticks(6):
        pen.path(f"M{across(value):.1f} {TOP + SIDE}v5", "cs")
        pen.text(across(value), TOP + SIDE + 18, label, "ink3 m mid")
    for value, label in up.ticks(6):
        pen.path(f"M{LEFT} {up(value):.1f}h-5", "cs")
        pen.text(LEFT - 9, up(value) + 4, label, "ink3 m end")
    pen.text(LEFT + SIDE / 2, TOP + SIDE + 38, data["names"][0], "ink2 s12 sb mid")
    pen.text(20, TOP + 10, shorten(data["names"][1], 30, 12, bold=True), "ink2 s12 sb")
    _legend(pen, data)
    return pen.document(
        LEFT + SIDE + COLUMN,
        max(TOP + SIDE + BOTTOM, TOP + 60 + 42 * len(data["classes"])),
        title=data["title"],
        description=". ".join(_text(data).splitlines()[1:]),
        style=chart_style(prefix, theme),
    )


def _legend(pen: Pen, data: Any) -> None:
    x, y = LEFT + SIDE + 28, TOP + 10
    for c, (name, *facts) in enumerate(_facts(data)):
        draw_mark(pen, c, x, y)
        pen.text(x + 16, y + 4, shorten(name, COLUMN - 60, 12, bold=True), "ink s12 sb")
        for fact in facts:
            y += 15
            pen.text(x + 16, y + 4, fact, "ink2")
        y += 24
    if data["accuracy"] is not None and data["accuracy"] < 1:
        pen.element("circle", cx=x, cy=y, r=9.5, cls="ring")
        pen.text(x + 16, y + 4, "got wrong", "ink2")


def _facts(data: Any) -> Iterator[list[str]]:
    """Yield of each class its name, its share of the plane, and how many of it are right."""
    for c, name in enumerate(data["classes"]):
        facts = [name, f"{data['shares'][c]:.0%} of the plane".replace("%", " %")]
        own = [point for point in data["points"] if point["class"] == c]
        if own:
            right = sum(point["predicted"] == c for point in own)
            facts.append(f"{right} of {len(own)} points right")
        yield facts


def _text(data: Any) -> str:
    lines = [f"  {name}: {', '.join(facts)}" for name, *facts in _facts(data)]
    return "\n".join([data["title"], *lines])


def _table(data: Any) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{clean(cell)}</td>" for cell in (*facts, "")[:3]) + "</tr>"
        for facts in _facts(data)
    )
    heads = "<th>class</th><th>region</th><th>points</th>"
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
