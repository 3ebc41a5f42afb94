"""History: what was written down while training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan, nan
from typing import Any

import numpy as np

__all__ = ["History"]


@dataclass
class History:
    """Losses and rates of all steps, a record for each epoch, and how the layers did.

    ``history["accuracy"]`` is the list of that entry over the epochs; names are ``loss``, those of
    the metrics, both also with ``validation_`` before them, ``lr`` (of the last step, first group),
    ``epoch`` and ``seconds``; nan where an epoch has no such entry.

    Attributes
    ----------
    steps : list of float
        The loss of every step, before its update.
    rates : list of list of float
        The learning rate of every step, for each parameter group.
    epochs : list of dict
        One record for each finished epoch.
    ends : list of int
        How many steps were made when each epoch ended; epochs may have more or fewer.
    watched : list of int
        The steps, from 1, at which the layers were looked at.
    layers : dict of dict of list of float
        By module path, then by what was looked at, one number for each of ``watched`` (nan where
        there was nothing to see): ``gradient_norm``, ``gradient_mean``, ``gradient_std``,
        ``gradient_zeros`` (a share), ``update_ratio`` = norm(change of w) / norm(w), and of the
        output ``activation_mean``, ``activation_std``, ``activation_zeros``.
    best_epoch : int or None
        The epoch whose weights early stopping keeps.
    stopped : str
        Why training ended before its last epoch, if it did.
    interrupted : bool
        Whether Ctrl-C ended the training.

    Examples
    --------
    >>> history = History(epochs=[{"epoch": 1, "loss": 2.3}, {"epoch": 2, "loss": 1.1}])
    >>> history["loss"]
    [2.3, 1.1]
    >>> history.write_layers(1, {"fc": {"gradient_norm": 0.5}})
    >>> history.write_layers(11, {"fc": {"gradient_norm": 0.25}})
    >>> history.watched, history.layers["fc"]["gradient_norm"]
    ([1, 11], [0.5, 0.25])

    Source: Keras's ``History``.
    """

    steps: list[float] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    rates: list[list[float]] = field(default_factory=list)
    watched: list[int] = field(default_factory=list)
    layers: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    best_epoch: int | None = None
    stopped: str = ""
    interrupted: bool = False

    def __getitem__(self, name: str) -> list[Any]:
        names = self.names()
        if self.epochs and name not in names:
            raise KeyError(f"history has no '{name}', it has {', '.join(names)}")
        return [record.get(name, nan) for record in self.epochs]

    def names(self) -> list[str]:
        """Return the names of all entries, which a resumed training may have more or fewer of."""
        return list(dict.fromkeys(name for record in self.epochs for name in record))

    def write_layers(self, step: int, seen: Mapping[str, Mapping[str, float]]) -> None:
        """Add what was seen of the layers at a step."""
        before = len(self.watched)
        self.watched.append(step)
        for path, numbers in seen.items():
            layer = self.layers.setdefault(path, {})
            for name, value in numbers.items():
                layer.setdefault(name, [nan] * before).append(float(value))
        for layer in self.layers.values():
            for series in layer.values():
                series.extend([nan] * (len(self.watched) - len(series)))

    def __str__(self) -> str:
        """Return a table, one line for each epoch."""
        if not self.epochs:
            return "no finished epoch"
        names = self.names()
        rows = [names]
        rows += [[_shown(record.get(name, "")) for name in names] for record in self.epochs]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in rows]
        if self.stopped:
            lines.append(self.stopped)
        return "\n".join(lines + ["interrupted"] * self.interrupted)

    def state_dict(self) -> dict[str, Any]:
        """Return all of it in arrays and plain values, as ``autograd.save`` takes them."""
        groups = max(map(len, self.rates), default=0)
        return {
            "steps": np.array(self.steps, np.float64),
            "rates": np.array([[*r, *[nan] * (groups - len(r))] for r in self.rates], np.float64),
            "epochs": [dict(record) for record in self.epochs],
            "ends": list(self.ends),
            "watched": np.array(self.watched, np.int64),
            "layers": {
                path: {name: np.array(series, np.float64) for name, series in layer.items()}
                for path, layer in self.layers.items()
            },
            "best_epoch": self.best_epoch,
            "stopped": self.stopped,
            "interrupted": self.interrupted,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what another history wrote down."""
        self.steps = state["steps"].tolist()
        self.rates = [[r for r in row if not isnan(r)] for row in state["rates"].tolist()]
        self.epochs = [dict(record) for record in state["epochs"]]
        self.ends = list(state["ends"])
        self.watched = state["watched"].tolist()
        self.layers = {
            path: {name: series.tolist() for name, series in layer.items()}
            for path, layer in state["layers"].items()
        }
        self.best_epoch = state["best_epoch"]
        self.stopped, self.interrupted = state["stopped"], state["interrupted"]


def _shown(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{value:.2e}"
