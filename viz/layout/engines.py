"""The engines that order the boxes of each layer so that few edges cross.

dot is asked for coordinates only: its plain output, for boxes of fixed size; every card is drawn
by us.  Tried in order: the dot of the ``graphviz-pure`` wheel, the system's dot, and barycentres
of our own, which draw everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Mapping

from viz.layout.layers import Layers

__all__ = ["ENGINES", "TIME_LIMIT", "order", "program"]

ENGINES = ("graphviz-pure", "dot", "layered")
TIME_LIMIT = 10.0  # seconds
POINTS = 72.0  # in an inch
SWEEPS = 8

Order = dict[object, float]  # box -> its height in the picture
Sizes = Mapping[object, tuple[float, float]]


def order(layers: Layers, sizes: Sizes, engine: str | None = None) -> tuple[Order, str, str]:
    """Return a height for every box, the engine that found it, and a note for the reader.

    Parameters
    ----------
    layers : Layers
    sizes : mapping of box to (width, height)
    engine : {"graphviz-pure", "dot", "layered"}, optional
        Only this one; else each in turn until one succeeds.

    Raises
    ------
    ValueError
        If `engine` is another name.
    RuntimeError
        If the engine asked for is missing or fails.
    """
    if engine is not None and engine not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(ENGINES)}, got {engine!r}")
    failures = []
    for name in ENGINES if engine is None else (engine,):
        if name == "layered":
            break
        command = program(name)
        if command is None:
            failures.append(f"{name} is not installed")
            continue
        try:
            return _ask(command, layers, sizes), name, ""
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            failures.append(f"{name} failed ({_brief(error)})")
    if engine not in (None, "layered"):
        raise RuntimeError(f"engine: {'; '.join(failures)}")
    note = f"Laid out by Backlight itself: {'; '.join(failures)}." if failures else ""
    return _barycentres(layers, sizes), "layered", note


def program(name: str) -> str | None:
    """Return the path of an engine's program, or None if it is not installed."""
    if name == "dot":
        return shutil.which("dot")
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)


def _brief(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"took more than {TIME_LIMIT:g} s"
    if isinstance(error, subprocess.CalledProcessError):
        return f"ended with status {error.returncode}"
    return str(error) or type(error).__name__


def _ask(command: str, layers: Layers, sizes: Sizes) -> Order:
    """Run dot and read the centres of the boxes from its plain output."""
    boxes = list(layers.rank)
    text = _question(layers, sizes, boxes)
    answer = subprocess.run(
        [command, "-Tplain"], input=text, capture_output=True, text=True, check=True,
        timeout=TIME_LIMIT, encoding="utf-8", env={**os.environ, "LC_ALL": "C"},
    ).stdout  # fmt: skip
    heights: Order = {}
    for line in answer.splitlines():
        words = line.split(" ")
        if words[0] == "node":
            heights[boxes[int(words[1][1:])]] = -float(words[3]) * POINTS  # dot's y points up
    if len(heights) != len(boxes):
        raise ValueError(f"placed {len(heights)} of {len(boxes)} boxes")
    return heights


def _question(layers: Layers, sizes: Sizes, boxes: list[object]) -> str:
    import graphviz

    index = {box: f"b{i}" for i, box in enumerate(boxes)}
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.8",
                    "nslimit": "2", "nslimit1": "2", "mclimit": "0.5", "splines": "line"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
    )  # fmt: skip
    for column in layers.columns():
        with graph.subgraph() as same:
            same.attr(rank="same")
            for box in column:
                width, height = sizes[box]
                same.node(index[box], width=f"{width / POINTS:.4f}",
                          height=f"{height / POINTS:.4f}")  # fmt: skip
    for source, target in layers.links:
        graph.edge(index[source], index[target])
    return graph.source


def _barycentres(layers: Layers, sizes: Sizes) -> Order:
    """Order each layer by the mean place of its neighbours, to and fro (Sugiyama 1981)."""
    columns = layers.columns()
    before: dict[object, list[object]] = {box: [] for box in layers.rank}
    after: dict[object, list[object]] = {box: [] for box in layers.rank}
    for source, target in layers.links:
        after[source].append(target)
        before[target].append(source)
    place: Order = {}
    for column in columns:
        _stack(column, place, sizes)
    best, fewest = dict(place), _crossings(columns, after, place)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        for column in columns if forward else reversed(columns):
            column.sort(key=_mean(neighbours, place))
            _stack(column, place, sizes)
        crossings = _crossings(columns, after, place)
        if crossings < fewest:
            best, fewest = dict(place), crossings
    return best


def _stack(column: list[object], place: Order, sizes: Sizes) -> None:
    total = sum(sizes[box][1] + 16 for box in column)
    top = -total / 2
    for box in column:
        place[box] = top + sizes[box][1] / 2
        top += sizes[box][1] + 16


def _mean(neighbours: Mapping[object, list[object]], place: Order) -> Callable[[object], float]:
    def mean(box: object) -> float:
        others = neighbours[box]
        return sum(place[other] for other in others) / len(others) if others else place[box]

    return mean


def _crossings(
    columns: list[list[object]], after: Mapping[object, list[object]], place: Order
) -> int:
    """Count the pairs of edges that cross (in large layers only until it is clear)."""
    count = 0
    for column in columns:
        ends = [place[t] for box in sorted(column, key=place.__getitem__)
                for t in sorted(after[box], key=place.__getitem__)]  # fmt: skip
        if len(ends) > 2000:
            continue
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count
