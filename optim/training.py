"""The training loop: forward, compare, backward, update, repeat; and what is written down of it.

``fit`` asks little of its parts: a model is called and has ``train`` and ``eval``, a loss takes
outputs and targets, data are batches ``(inputs, targets)``, an optimiser has ``zero_grad`` and
``step``.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from typing import Any

import autograd
from autograd import Tensor

from .diagnosis import first_not_finite
from .history import History
from .metrics import accuracy

__all__ = ["evaluate", "fit"]


def fit(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    data: Iterable[Any],
    *,
    optimizer: Any,
    epochs: int = 1,
    validation: Iterable[Any] | None = None,
    metrics: Mapping[str, Callable[[Any, Any], float]] | None = None,
    clip: Callable[[Iterable[Any]], Any] | None = None,
    progress: bool = True,
    callback: Callable[[History], Any] | None = None,
) -> History:
    """Train ``model`` on mini-batches.

    Parameters
    ----------
    model : Module
        Trained in place; it is left in the mode (train or eval) in which it came.
    loss : callable
        ``loss(outputs, targets)`` returns a 0-d tensor.
    data : iterable of (inputs, targets)
        A ``DataLoader``, iterated once an epoch.
    optimizer : Optimizer
        Holds the parameters to update.
    epochs : int
        Passes over the data.
    validation : iterable of (inputs, targets), optional
        Evaluated after each epoch, in eval mode, recording nothing.
    metrics : mapping, optional
        Names to functions of (outputs, targets); accuracy where the targets are classes, if not
        given.
    clip : callable, optional
        Called with the model's parameters between backward and update.
    progress : bool
        Show a bar (tqdm), in notebooks and terminals.
    callback : callable, optional
        Called with the history after each epoch.

    Returns
    -------
    History
        Loss of each step; means of loss and metrics for each epoch. Ctrl-C ends the training, not
        the program: the model keeps what it learnt, and ``history.interrupted`` is True.

    Raises
    ------
    ValueError
        The data has no batch, or ``epochs`` is negative.
    FloatingPointError
        The loss is nan or infinite; the error names the first operation that is. The update of
        that step is not made.
    """
    if epochs < 0:
        raise ValueError(f"fit: epochs must not be negative, got {epochs}")
    history = History()
    with _mode_kept(model), _bar(data, epochs, progress) as advance:
        try:
            for epoch in range(1, epochs + 1):
                began = time.perf_counter()
                model.train()
                totals = _Totals(metrics)
                for step, (inputs, targets) in enumerate(data, 1):
                    optimizer.zero_grad()
                    outputs = model(inputs)
                    value = loss(outputs, targets)
                    number = _checked(value, epoch, step)
                    value.backward()
                    if clip is not None:
                        clip(model.parameters())
                    optimizer.step()
                    history.steps.append(number)
                    totals.add(number, outputs, targets)
                    advance(epoch, totals)
                if epoch > 1 and not totals.samples:
                    raise ValueError(
                        f"fit: the data has no batch in epoch {epoch}: expected what can be "
                        f"iterated anew each epoch, got a {type(data).__name__}"
                    )
                record = {"epoch": epoch, **totals.means("fit")}
                if validation is not None:
                    held_out = evaluate(model, loss, validation, metrics=metrics)
                    record |= {f"validation_{name}": mean for name, mean in held_out.items()}
                record["seconds"] = time.perf_counter() - began
                history.epochs.append(record)
                if callback is not None:
                    callback(history)
        except KeyboardInterrupt:
            history.interrupted = True
    return history


def evaluate(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    data: Iterable[Any],
    *,
    metrics: Mapping[str, Callable[[Any, Any], float]] | None = None,
) -> dict[str, float]:
    """Return the means of loss and metrics over ``data``, in eval mode, recording nothing.

    Parameters
    ----------
    model, loss, data, metrics
        As ``fit``.
    """
    totals = _Totals(metrics)
    with _mode_kept(model), autograd.no_grad():
        model.eval()
        for inputs, targets in data:
            outputs = model(inputs)
            totals.add(float(loss(outputs, targets).item()), outputs, targets)
    return totals.means("evaluate")


def _checked(value: Tensor, epoch: int, step: int) -> float:
    if not isinstance(value, Tensor):
        raise TypeError(
            f"fit: the loss must be a Tensor to go back from, got {type(value).__name__}"
        )
    if value.numel() != 1:
        raise ValueError(f"fit: the loss must be a single number, got shape {value.shape}")
    number = float(value.item())
    if not isfinite(number):
        raise FloatingPointError(
            f"fit: the loss is {number} at epoch {epoch}, step {step}; {first_not_finite(value)}"
        )
    return number


class _Totals:
    """Means over an epoch, each batch weighing as many samples as it has."""

    def __init__(self, metrics: Mapping[str, Callable[[Any, Any], float]] | None) -> None:
        self.metrics = metrics
        self.samples = 0
        self.sums: dict[str, float] = {}

    def add(self, loss: float, outputs: Any, targets: Any) -> None:
        if self.metrics is None:
            classes = getattr(outputs, "ndim", 0) == 2 and targets.dtype.kind in "iu"
            self.metrics = {"accuracy": accuracy} if classes else {}
        size = len(targets) if getattr(targets, "ndim", 1) else 1
        self.samples += size
        values = {"loss": loss, **{n: float(m(outputs, targets)) for n, m in self.metrics.items()}}
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * size

    def means(self, function: str = "") -> dict[str, float]:
        if not self.samples:
            raise ValueError(f"{function}: the data has no batch")
        return {name: total / self.samples for name, total in self.sums.items()}


@contextmanager
def _mode_kept(model: Any) -> Iterator[None]:
    training = model.training
    try:
        yield
    finally:
        model.train(training)


@contextmanager
def _bar(data: Any, epochs: int, progress: bool) -> Iterator[Callable[[int, _Totals], None]]:
    """Show a progress bar over all steps; yields the function that moves it on."""
    if not progress:
        yield lambda epoch, totals: None
        return
    with warnings.catch_warnings():  # a notebook without ipywidgets gets a bar of text
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # costs a tenth of a second: only for those who want a bar

    steps = len(data) * epochs if hasattr(data, "__len__") else None
    with tqdm(total=steps, unit="step") as bar:

        def advance(epoch: int, totals: _Totals) -> None:
            shown = {name: f"{mean:.4f}" for name, mean in totals.means().items()}
            bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
            bar.set_postfix(shown, refresh=False)
            bar.update()

        yield advance
