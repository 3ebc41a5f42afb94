"""The curves of a training: loss, metrics, rate, and how the layers did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

import numpy as np

from viz.charts.panel import Line, Panel, sheet
from viz.charts.scale import scale_over
from viz.figure import Figure

__all__ = ["history"]

MOST = 8  # layers in a panel
TOLD = ("epoch", "seconds", "lr", "loss", "validation_loss")
BY_LAYER = (
    ("gradient_norm", "gradient norm", None),
    ("update_ratio", "update-to-weight ratio", None),
    ("activation_std", "standard deviation of outputs", None),
    ("activation_zeros", "share of zeros in outputs", False),
)


def history(record: Any, *, title: str = "Training", theme: str = "auto") -> Figure:
    """Draw what ``optim.fit`` wrote down: loss, metrics, learning rate, and the layers.

    Losses of single steps are the pale line. In the panels of layers there are eight at most,
    evenly chosen from the first to the last.

    Parameters
    ----------
    record : History
        Finished, or as a callback sees it.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        Its panels are ``loss``, one for each metric, ``learning rate``, ``gradient norm``,
        ``update-to-weight ratio``, and the spread and zeros of the outputs, where they were looked
        at.

    Raises
    ------
    ValueError
        The history has no step and no epoch.

    Examples
    --------
    >>> import viz
    >>> from optim import History
    >>> record = History(steps=[2.0, 1.5, 1.0, 0.5], rates=[[0.1]] * 4)
    >>> record.epochs = [{"epoch": 1, "loss": 1.75}, {"epoch": 2, "loss": 0.75}]
    >>> [panel["title"] for panel in viz.history(record).data["panels"]]
    ['loss', 'learning rate']
    """
    if not record.steps and not record.epochs:
        raise ValueError("history: nothing was written down yet")
    ends = [float(epoch["epoch"]) for epoch in record.epochs]
    across = "epoch" if ends else "step"
    steps = _places(record, ends, range(1, len(record.steps) + 1))
    marks = []
    if record.best_epoch is not None:
        marks.append((float(record.best_epoch), f"best: epoch {record.best_epoch}"))
    panels = [_loss(record, ends, steps, across, marks)]
    names = [n for n in record.names() if n not in TOLD]
    for name in [n for n in names if not n.startswith("validation_")]:
        panels.append(_metric(record, name, ends, across, marks))
    if record.rates and record.rates[0]:
        panels.append(_rate(record, steps, across))
    watched = _places(record, ends, record.watched)
    for key, words, log in BY_LAYER:
        panel = _layers(record, key, words, log, watched, across)
        if panel is not None:
            panels.append(panel)
    said = record.stopped + (" interrupted" if record.interrupted else "")
    return sheet(panels, title=title, theme=theme, description=said.strip(),
                 more={"stopped": record.stopped, "best_epoch": record.best_epoch})  # fmt: skip


def _places(record: Any, ends: list[float], steps: Iterable[int]) -> list[float]:
    """Return the places of steps among the epochs, which may have more or fewer of them.

    The epoch that is under way is taken to be as long as the one before it; without ``ends``, all
    have equally many.
    """
    if not ends or not record.steps:
        return [float(step) for step in steps]
    last = record.ends if len(record.ends) == len(ends) else ()
    marks = [0, *last] if last else [0, len(record.steps)]
    places = [ends[0] - 1, *ends] if last else [0.0, ends[-1]]
    length = (marks[-1] - marks[-2]) / (places[-1] - places[-2]) or 1.0
    inside = np.interp(list(steps), marks, places)
    return [
        float(x) + max(step - marks[-1], 0) / length for x, step in zip(inside, steps, strict=True)
    ]


def _dots(ends: Sequence[float]) -> bool:
    return len(ends) <= 40


def _loss(record: Any, ends: list[float], steps: list[float], across: str, marks: Any) -> Panel:
    lines = []
    if record.steps:
        lines.append(Line("each step", steps, record.steps, 0, pale=bool(ends)))
    if ends:
        lines.append(Line("training", ends, record["loss"], 0, dots=_dots(ends)))
        if "validation_loss" in record.names():
            held_out = record["validation_loss"]
            lines.append(Line("validation", ends, held_out, 1, dots=_dots(ends), dash="7 3"))
    # where one of the curves stays within a factor, its turn is to be seen
    log = all(_spans(line.y) for line in lines if not line.pale)
    return Panel("loss", across, lines, log=log, marks=marks)


def _spans(values: Sequence[float]) -> bool:
    return bool(scale_over(values, 0.0, 1.0, log=None).log)


def _metric(record: Any, name: str, ends: list[float], across: str, marks: Any) -> Panel:
    lines = [Line("training", ends, record[name], 0, dots=_dots(ends))]
    if f"validation_{name}" in record.names():
        held_out = record[f"validation_{name}"]
        lines.append(Line("validation", ends, held_out, 1, dots=_dots(ends), dash="7 3"))
    return Panel(name, across, lines, log=False, marks=marks)


def _rate(record: Any, steps: list[float], across: str) -> Panel:
    groups = max(map(len, record.rates))
    lines = [
        Line(
            f"group {g}" if groups > 1 else "lr",
            steps,
            [rates[g] if g < len(rates) else float("nan") for rates in record.rates],
            g,
        )
        for g in range(groups)
    ]
    return Panel("learning rate", across, lines, least=0.0, log=False)


def _layers(
    record: Any, key: str, words: str, log: bool | None, watched: list[float], across: str
) -> Panel | None:
    found = {
        path: seen[key]
        for path, seen in record.layers.items()
        if key in seen and any(v != 0 for v in seen[key] if isfinite(v))
    }
    if not found:
        return None
    paths, every = list(found), list(record.layers)  # a layer has one colour in all panels
    chosen = sorted({int(k) for k in np.linspace(0, len(paths) - 1, min(MOST, len(paths))).round()})
    note = f"{len(chosen)} of {len(paths)} layers" if len(chosen) < len(paths) else ""
    lines = [
        Line(_layer(path), watched[: len(found[path])], found[path], every.index(path))
        for path in (paths[k] for k in chosen)
    ]
    if log is None:
        positive = all(v > 0 for line in lines for v in line.y if isfinite(v))
        log = positive or key in ("gradient_norm", "update_ratio")
    return Panel(words, across, lines, log=log, least=None if log else 0.0, note=note)


def _layer(path: str) -> str:
    """Return a layer's path in words: a bare number would stand beside a value."""
    return f"layer {path}" if path.isdecimal() else path
