"""Learning rates: what a rate does to the loss, and what a schedule does to a rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from typing import Any

import numpy as np

import autograd
from viz.charts.panel import Line, Panel, sheet
from viz.figure import Figure
from viz.numbers import number

__all__ = ["lr_curves", "schedules", "verdicts"]

FALL = 0.9  # of the best fall of the loss: a rate that reaches so much is good, too


def lr_curves(
    model: Any,
    loss: Callable[[Any, Any], Any],
    data: Any,
    rates: Sequence[float],
    *,
    steps: int = 50,
    optimizer: Callable[..., Any] | None = None,
    title: str = "The loss at different learning rates",
    theme: str = "auto",
) -> Figure:
    """Draw the loss against steps for several learning rates, from the same weights each time.

    A rate is *good* if the loss falls by at least nine tenths of what the best one reaches; *too
    low* or *high* if it is on this or that side of the best one; and it *diverges* if the loss ends
    above its start or is not finite. The model is left as it was.

    Parameters
    ----------
    model : Module
    loss : callable
        Of outputs and targets.
    data : (inputs, targets), or iterable of such batches
        The batches are taken in turn, a hundred at most.
    rates : sequence of float
    steps : int
    optimizer : callable, optional
        ``optimizer(parameters, lr=rate)``; gradient descent if not given.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data["rates"]`` has for each rate its losses and the verdict.

    Raises
    ------
    ValueError
        There is no rate, no step or no batch.

    Examples
    --------
    >>> import autograd, nn, viz
    >>> _ = autograd.manual_seed(0)
    >>> x = autograd.linspace(-1, 1, 20).reshape(20, 1)
    >>> figure = viz.lr_curves(
    ...     nn.Linear(1, 1), nn.MSELoss(), (x, 2 * x), [0.001, 0.5, 1.5], steps=40)
    >>> [run["verdict"] for run in figure.data["rates"]]
    ['too low', 'good', 'diverges']
    """
    from optim import SGD
    from optim.trials import batches_of, kept, train_steps

    if not len(rates) or steps < 1:
        raise ValueError("lr_curves: expected at least one rate and one step")
    batches, runs = batches_of(data), []
    for rate in rates:
        with kept(model):
            moving = (optimizer or SGD)(model.parameters(), lr=float(rate))
            runs.append(train_steps(model, loss, batches, moving, steps + 1)[0])
    said = verdicts([float(rate) for rate in rates], runs)
    start = max(run[0] for run in runs)
    lines = [
        Line(f"lr {number(rate)}", range(len(run)), run, colour=k, label=verdict)
        for k, (rate, run, verdict) in enumerate(zip(rates, runs, said, strict=True))
    ]
    panel = Panel("loss", "step", lines, log=None, ceiling=1.5 * start)
    told = [
        {"rate": float(rate), "losses": [v if isfinite(v) else None for v in run], "verdict": words}
        for rate, run, words in zip(rates, runs, said, strict=True)
    ]
    description = "; ".join(f"{run['rate']:g} {run['verdict']}" for run in told)
    return sheet([panel], title=title, columns=1, width=720, height=330, theme=theme,
                 more={"rates": told}, description=description)  # fmt: skip


def verdicts(rates: Sequence[float], runs: Sequence[Sequence[float]]) -> list[str]:
    """Say of each rate whether it is too low, good or high, or diverges.

    Ends are means over the last tenth of the steps.

    Examples
    --------
    >>> verdicts([0.01, 0.1, 1, 2], [[2, 1.9], [2, 0.1], [2, 0.9], [2, float("inf")]])
    ['too low', 'good', 'high', 'diverges']
    """
    ends = []
    for run in runs:
        last = float(np.mean(run[-max(1, len(run) // 10) :]))
        ends.append(last if isfinite(last) and last <= run[0] else inf)
    if not any(map(isfinite, ends)):
        return ["diverges"] * len(ends)
    best = int(np.argmin(ends))
    words = []
    for k, end in enumerate(ends):
        start = runs[k][0]
        if end == inf:
            words.append("diverges")
        elif start - end >= FALL * (start - ends[best]):
            words.append("good")
        else:
            words.append("too low" if rates[k] < rates[best] else "high")
    return words


def schedules(
    made: Callable[[Any], Any] | Mapping[str, Callable[[Any], Any]],
    epochs: int,
    *,
    lr: float = 0.1,
    monitored: Sequence[float] | None = None,
    across: str = "epoch",
    title: str = "Learning rate schedules",
    theme: str = "auto",
) -> Figure:
    """Draw the learning rate against the epoch, for one schedule or several.

    Parameters
    ----------
    made : callable or mapping of callables
        Makes the schedule of an optimiser: ``lambda o: lr_scheduler.StepLR(o, 30)``.
    epochs : int
        How often the schedule is stepped.
    lr : float
        The rate of the optimiser.
    monitored : sequence of float, optional
        The losses that ``ReduceLROnPlateau`` is shown.
    across : str
        ``"step"`` for a schedule that is stepped after each batch.
    title : str
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Figure
        ``data["rates"]`` maps names to ``epochs + 1`` rates.

    Raises
    ------
    ValueError
        There is no epoch, or a schedule needs what is monitored.

    Examples
    --------
    >>> import viz
    >>> from optim.lr_scheduler import StepLR
    >>> figure = viz.schedules({"step": lambda o: StepLR(o, 2, gamma=0.5)}, 4, lr=1.0)
    >>> figure.data["rates"]
    {'step': [1.0, 1.0, 0.5, 0.5, 0.25]}
    """
    if epochs < 1:
        raise ValueError(f"schedules: epochs must be at least 1, got {epochs}")
    if callable(made):
        made = {"learning rate": made}
    rates = {str(name): _rates(name, make, epochs, lr, monitored) for name, make in made.items()}
    panels = [
        Panel(name, across, [Line(name, range(epochs + 1), values, k)], least=0.0, log=False,
              names=False, note=f"{number(values[0])} to {number(values[-1])}")
        for k, (name, values) in enumerate(rates.items())
    ]  # fmt: skip
    return sheet(panels, title=title, columns=3, width=300, height=180, theme=theme,
                 more={"rates": rates})  # fmt: skip


def _rates(name: object, make: Any, epochs: int, lr: float, monitored: Any) -> list[float]:
    from optim import SGD

    optimizer = SGD([autograd.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    schedule = make(optimizer)
    looks = "metrics" in inspect.signature(schedule.step).parameters
    if looks and (monitored is None or len(monitored) < epochs):
        raise ValueError(f"schedules: {name!r} looks at losses; give {epochs} as monitored")
    found = [float(optimizer.param_groups[0]["lr"])]
    for epoch in range(epochs):
        optimizer.step()
        schedule.step(monitored[epoch]) if looks else schedule.step()
        found.append(float(optimizer.param_groups[0]["lr"]))
    return found
