"""Over-fitting, read off a history: training gets on, and what was held out gets worse."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["diagnose_fit", "overfit_epoch"]


def overfit_epoch(history: Any, monitor: str = "validation_loss") -> int:
    """Return the index of the epoch after which the model over-fits: argmin of the validation loss.

    Parameters
    ----------
    history : History
        Of a training with validation.
    monitor : str
        What falls as long as the model gets better.

    Returns
    -------
    int
        From 0: ``history.epochs[overfit_epoch(history)]``. The last one means that no over-fitting
        was seen yet.

    Raises
    ------
    ValueError
        There is no finished epoch.

    Examples
    --------
    >>> from optim import History
    >>> losses = [1.0, 0.8, 0.7, 0.75, 0.9]
    >>> overfit_epoch(History(epochs=[{"validation_loss": loss} for loss in losses]))
    2

    Source: the course's training notes.
    """
    values = history[monitor]
    if not values:
        raise ValueError("overfit_epoch: the history has no finished epoch")
    return int(np.argmin(np.where(np.isnan(values), np.inf, values)))


def diagnose_fit(history: Any, good: float, gap: float = 0.5) -> str:
    """Tell optimisation trouble from over-fitting, by the losses at the end.

    A training loss that stayed above ``good`` is a matter of capacity or optimisation (a shallower
    net that does better shows that it is optimisation); a low one below a validation loss that is
    higher by more than the share ``gap`` of ``good`` is over-fitting.

    Parameters
    ----------
    history : History
        Of a training with validation.
    good : float
        A training loss that would do.
    gap : float
        How much higher the validation loss may be, in units of ``good``.

    Returns
    -------
    {"optimisation or capacity", "over-fitting", "good"}

    Examples
    --------
    >>> from optim import History
    >>> def ended(loss, held_out):
    ...     return History(epochs=[{"loss": loss, "validation_loss": held_out}])
    >>> [diagnose_fit(ended(*losses), good=0.2) for losses in [(2, 2), (0.1, 1), (0.1, 0.15)]]
    ['optimisation or capacity', 'over-fitting', 'good']

    Source: the course's training notes; He et al., 2015 (a deeper net that trains worse).
    """
    train, held_out = history["loss"][-1], history["validation_loss"][-1]
    if not train <= good:
        return "optimisation or capacity"
    return "good" if held_out - train <= gap * good else "over-fitting"
