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
from viz.charts.contours import levels_of
from viz.charts.look import prefix_of
from viz.charts.surface_drawing import as_table, as_text, drawn, where
from viz.figure import Figure

__all__ = ["descend", "surface"]

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
    said = "; ".join(f"{track['name']} ends at {where(track)}" for track in tracks)
    return Figure(
        svg=lambda: drawn(data, x, y, filled, prefix, theme, said),
        data=data,
        title=title,
        alt=f"Contours of {title}. {said}".strip(),
        text=lambda: as_text(data),
        ledger=lambda: as_table(data) if tracks else "",
    )


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
