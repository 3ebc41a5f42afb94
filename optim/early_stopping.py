"""Early stopping: the weights of the epoch with the best validation loss are the ones to keep."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from .checkpoint import load_passing, passing_buffers

__all__ = ["EarlyStopping"]


class EarlyStopping:
    """Stop when ``patience`` epochs in a row were no better than the best one before them.

    ``fit`` asks it after each epoch and, when training has ended, gives the model the weights and
    buffers of the best epoch back.

    Parameters
    ----------
    patience : int
        Epochs without improvement after which training stops.
    mode : {"min", "max"}
        Whether what is monitored is to fall or to rise.
    min_delta : float
        An improvement is better by more than this.

    Attributes
    ----------
    best, best_epoch
        The best value, and its epoch (from 1).
    waited : int
        Epochs since.

    Raises
    ------
    ValueError
        A setting is out of its range.

    Examples
    --------
    >>> import nn
    >>> stopping, model = EarlyStopping(patience=2), nn.Linear(1, 1)
    >>> [stopping.update(loss, epoch, model) for epoch, loss in enumerate([1, .8, .7, .75, .9], 1)]
    [False, False, False, False, True]
    >>> stopping.best_epoch, stopping.best
    (3, 0.7)

    Source: Prechelt, Early stopping - but when?, 1998.
    """

    def __init__(self, patience: int, mode: str = "min", min_delta: float = 0.0) -> None:
        if isinstance(patience, bool) or not isinstance(patience, (int, np.integer)):
            raise TypeError(f"EarlyStopping: patience must be a number of epochs, got {patience!r}")
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience must be at least 1, got {patience}")
        if mode not in ("min", "max"):
            raise ValueError(f"EarlyStopping: mode must be 'min' or 'max', got {mode!r}")
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping: min_delta must be at least 0, got {min_delta}")
        self.patience = int(patience)
        self.mode = mode
        self.min_delta = min_delta
        self.start()

    def start(self) -> None:
        """Forget an earlier training."""
        self.best = inf if self.mode == "min" else -inf
        self.best_epoch: int | None = None
        self.waited = 0
        self.weights: dict[str, Any] | None = None
        self.passing: dict[str, Any] = {}  # buffers that a state dict leaves out

    def update(self, value: float, epoch: int, model: Any) -> bool:
        """Count an epoch, keeping the model's weights if it is the best; tells whether to stop."""
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:
            self.best, self.best_epoch, self.waited = float(value), epoch, 0
            self.weights = {name: t.detach().clone() for name, t in model.state_dict().items()}
            self.passing = {name: t.clone() for name, t in passing_buffers(model).items()}
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, model: Any) -> None:
        """Give the model the best weights back, if there was any epoch."""
        if self.weights is not None:
            model.load_state_dict(self.weights)
            load_passing(model, self.passing)

    def state_dict(self) -> dict[str, Any]:
        """Return the best so far and its weights, as ``autograd.save`` takes them."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "weights": self.weights,
            "passing": self.passing,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that was saved."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.waited, self.weights = state["waited"], state["weights"]
        self.passing = state["passing"]
