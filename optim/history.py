"""History: what was written down while training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["History"]


@dataclass
class History:
    """Losses of all steps, and a record for each epoch.

    ``history["accuracy"]`` is the list of that entry over the epochs; names are ``loss``, those of
    the metrics, both also with ``validation_`` before them, ``epoch`` and ``seconds``.

    Attributes
    ----------
    steps : list of float
        The loss of every step, before its update.
    epochs : list of dict
        One record for each finished epoch.
    interrupted : bool
        Whether Ctrl-C ended the training.

    Examples
    --------
    >>> history = History(epochs=[{"epoch": 1, "loss": 2.3}, {"epoch": 2, "loss": 1.1}])
    >>> history["loss"]
    [2.3, 1.1]
    """

    steps: list[float] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False

    def __getitem__(self, name: str) -> list[Any]:
        if self.epochs and name not in self.epochs[0]:
            known = ", ".join(self.epochs[0])
            raise KeyError(f"history has no '{name}', it has {known}")
        return [record[name] for record in self.epochs]

    def __str__(self) -> str:
        """Return a table, one line for each epoch."""
        if not self.epochs:
            return "no finished epoch"
        names = list(self.epochs[0])
        rows = [names] + [[_shown(record[name]) for name in names] for record in self.epochs]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in rows]
        return "\n".join(lines + ["interrupted"] * self.interrupted)


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
