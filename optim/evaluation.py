"""Evaluation: means of loss and metrics over batches, each weighing as many samples as it has.

A metric that is no mean over samples (precision, recall, F1: quotients of counts) says so by an
attribute ``over_epoch``; it is then taken once, of the outputs of all batches together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .arguments import pair
from .metrics import accuracy, classifies

__all__ = ["Metrics", "Totals", "evaluate", "mode_kept"]

Metrics = Mapping[str, Callable[[Any, Any], float]]


def evaluate(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    data: Iterable[Any],
    *,
    metrics: Metrics | None = None,
) -> dict[str, float]:
    """Return the means of loss and metrics over ``data``, in eval mode, recording nothing.

    Parameters
    ----------
    model, loss, data, metrics
        As ``fit``.

    Raises
    ------
    ValueError
        The data has no batch.

    Examples
    --------
    >>> import autograd, nn, optim
    >>> data = [(autograd.tensor([[2.0, 0.0], [0.0, 2.0]]), autograd.tensor([0, 0]))]
    >>> found = optim.evaluate(nn.Identity(), nn.CrossEntropyLoss(), data)
    >>> {name: round(value, 4) for name, value in found.items()}
    {'loss': 1.1269, 'accuracy': 0.5}

    Source: Keras's ``Model.evaluate``.
    """
    totals = Totals(metrics)
    with mode_kept(model), autograd.no_grad():
        model.eval()
        for batch in data:
            inputs, targets = pair("evaluate", batch)
            outputs = model(inputs)
            totals.add(float(loss(outputs, targets).item()), outputs, targets)
    return totals.means("evaluate")


@contextmanager
def mode_kept(model: Any) -> Iterator[None]:
    """Give back to every module the mode (train or eval) in which it came."""
    if not hasattr(model, "modules"):
        training = model.training
        try:
            yield
        finally:
            model.train(training)
        return
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


class Totals:
    """Sums over the batches of an epoch."""

    def __init__(self, metrics: Metrics | None) -> None:
        self.metrics = metrics
        self.samples = 0
        self.sums: dict[str, float] = {}
        self.outputs: list[Any] = []  # kept only where a metric needs all of them
        self.targets: list[Any] = []

    def add(self, loss: float, outputs: Any, targets: Any) -> None:
        """Count a batch."""
        if self.metrics is None:
            self.metrics = {"accuracy": accuracy} if classifies(outputs, targets) else {}
        size = _samples(targets)
        self.samples += size
        self._sum("loss", loss, size)
        for name, metric in self.metrics.items():
            if not getattr(metric, "over_epoch", False):
                self._sum(name, float(metric(outputs, targets)), size)
        if any(getattr(metric, "over_epoch", False) for metric in self.metrics.values()):
            self.outputs.append(_array(outputs))
            self.targets.append(_array(targets))

    def _sum(self, name: str, value: float, size: int) -> None:
        self.sums[name] = self.sums.get(name, 0.0) + value * size

    def running(self) -> dict[str, float]:
        """Return the means so far, of what is a mean."""
        return {name: total / self.samples for name, total in self.sums.items()}

    def means(self, function: str) -> dict[str, float]:
        """Return the means, and the metrics of all batches together, in the order of the names."""
        if not self.samples:
            raise ValueError(f"{function}: the data has no batch")
        found = self.running()
        if self.outputs:
            outputs, targets = np.concatenate(self.outputs), np.concatenate(self.targets)
            for name, metric in (self.metrics or {}).items():
                if getattr(metric, "over_epoch", False):
                    found[name] = float(metric(outputs, targets))
        return {name: found[name] for name in ("loss", *(self.metrics or {}))}

    def state_dict(self) -> dict[str, Any]:
        """Return the sums, as ``autograd.save`` takes them."""
        return {
            "samples": self.samples,
            "sums": dict(self.sums),
            "outputs": np.concatenate(self.outputs) if self.outputs else None,
            "targets": np.concatenate(self.targets) if self.targets else None,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from sums that were saved."""
        self.samples, self.sums = state["samples"], dict(state["sums"])
        if self.metrics is None and self.samples:  # what the first batch has shown
            self.metrics = {"accuracy": accuracy} if "accuracy" in self.sums else {}
        for name in ("outputs", "targets"):
            kept = state[name]
            setattr(self, name, [] if kept is None else [_array(kept)])


def _samples(targets: Any) -> int:
    """Return how many samples a batch has; of dicts and tuples of targets, what the first has."""
    if isinstance(targets, Mapping):
        targets = tuple(targets.values())
    if isinstance(targets, (tuple, list)) and targets:
        if isinstance(targets[0], (Mapping, tuple, list)) or getattr(targets[0], "ndim", 0):
            return _samples(targets[0])
    return len(targets) if getattr(targets, "ndim", 1) else 1


def _array(value: Any) -> np.ndarray[Any, Any]:
    return np.array(value.payload if isinstance(value, Tensor) else value)
