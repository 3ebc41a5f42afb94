"""A loss that is flat at the start, and the usual suspects.

Too low a rate and a wrong scale of the first weights keep a loss flat. Too strong regularisation
does not: the total falls steeply, down to the loss of chance. Uneven classes do not either: the
loss falls below the entropy of their shares. Short trials on the model itself tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite, log, sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .metrics import classifies
from .sgd import SGD
from .trials import NoGradient, batches_of, kept, train_steps

__all__ = ["FlatLoss", "diagnose_flat_loss"]

FLAT = 0.05  # a loss that lost less than this share in the trial is flat
UNEVEN = 0.8  # share of the largest class
RISES = 2.0  # times the first loss: no longer flat
TRAINED = 0.5  # of the loss of chance: where no untrained model begins


@dataclass(frozen=True)
class FlatLoss:
    """What ``diagnose_flat_loss`` found; printed, a few sentences.

    Attributes
    ----------
    cause : {"rate", "initialisation", "regularisation", "classes", None}
        What to change first; None if nothing was found.
    flat : bool
        Whether the loss was flat at all; one that more than doubles is not, its rate is too high.
    losses : list of float
        Of the trial as the model is, total with the penalty.
    evidence : dict of str to float
        The last losses of the trials, and the other numbers of the verdict.
    """

    cause: str | None
    flat: bool
    losses: list[float]
    evidence: dict[str, float]

    def __str__(self) -> str:
        course = f"{self.losses[0]:.4g} -> {self.losses[-1]:.4g} in {len(self.losses)} steps"
        if not self.flat and self.cause is None and "rises" in self.evidence:
            return f"{course}: not flat: it rises, the learning rate is too high"
        if self.flat and self.cause is None and "trained" in self.evidence:
            return (
                f"{course}: it begins far below the loss of chance, {self.evidence['chance']:.4g}: "
                "the model has been trained before"
            )
        verdict = {
            "rate": "the learning rate is too low: with {rate:.3g} the loss ends at "
            "{with that rate:.4g}",
            "initialisation": "the first weights have the wrong scale: redrawn with a standard "
            "deviation of sqrt(2 / fan_in), the same rate ends at {with other weights:.4g}",
            "regularisation": "not flat: the penalty, {share of the penalty:.0%} of the loss at "
            "first, makes it fall, and what is left is the loss of chance, {chance:.4g}",
            "classes": "not flat: the largest class has a share of {largest class:.0%}; knowing "
            "the shares alone gives {prior entropy:.4g}",
            None: "no cause was found" if self.flat else "the loss is not flat",
        }[self.cause]
        return f"{course}: " + verdict.format(**self.evidence)


def diagnose_flat_loss(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    data: Any,
    *,
    lr: float,
    penalty: Callable[[Iterable[Any]], Tensor] | None = None,
    optimizer: Callable[..., Any] = SGD,
    steps: int = 50,
    show: bool = True,
) -> FlatLoss:
    """Tell why a loss does not fall at the start of training, by short trials.

    Parameters
    ----------
    model : Module
        Untrained; it has everything back afterwards.
    loss : callable
        ``loss(outputs, targets)`` returns a 0-d tensor.
    data : iterable of (inputs, targets), or one pair
        The first batches are used, again and again.
    lr : float
        The rate to judge.
    penalty : callable, optional
        Of the parameters, added to the loss.
    optimizer : callable
        ``optimizer(parameters, lr=...)``.
    steps : int
        Of each trial.
    show : bool
        Print the verdict.

    Returns
    -------
    FlatLoss

    Raises
    ------
    ValueError
        The data has no batch, or ``steps`` is below 1.
    RuntimeError
        No gradient reaches a parameter: all are frozen, or cut off.

    Examples
    --------
    >>> import autograd, nn, optim
    >>> _ = autograd.manual_seed(0)
    >>> model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    >>> x = autograd.randn(60, 4)
    >>> data = x, x.argmax(1) % 3
    >>> found = optim.diagnose_flat_loss(model, nn.CrossEntropyLoss(), data, lr=1e-6)
    1.104 -> 1.104 in 50 steps: the learning rate is too low: with 1 the loss ends at 0.09...
    >>> found.cause
    'rate'

    Source: the course's exam, question 1.
    """
    try:
        batches = batches_of(data)
    except ValueError:
        raise ValueError("diagnose_flat_loss: the data has no batch") from None
    if steps < 1:
        raise ValueError(f"diagnose_flat_loss: steps must be at least 1, got {steps}")

    def trial(rate: float, extra: Any = penalty) -> tuple[list[float], list[float]]:
        with kept(model):
            return train_steps(
                model, loss, batches, optimizer(model.parameters(), lr=rate), steps, extra
            )

    try:
        losses, penalties = trial(lr)
    except NoGradient as error:
        raise NoGradient(f"diagnose_flat_loss: {error}") from None
    evidence = _shares(model, loss, batches)
    rises = not isfinite(losses[-1]) or losses[-1] > RISES * losses[0] > 0
    flat = not _falls(losses) and not rises
    cause = None
    if rises:
        evidence["rises"] = losses[-1]
    elif flat and losses[0] - penalties[0] < TRAINED * evidence["chance"]:
        evidence["trained"] = losses[0]
    elif not flat:
        share = penalties[0] / losses[0] if losses[0] else 0.0
        evidence["share of the penalty"] = share
        ends_at_chance = abs(losses[-1] - evidence["chance"]) < 0.1 * evidence["chance"]
        if share > 0.5 and ends_at_chance:
            cause = "regularisation"
        elif evidence.get("largest class", 0.0) > UNEVEN:
            cause = "classes"
    else:
        with kept(model):
            _redraw(model)
            redrawn, _ = train_steps(
                model, loss, batches, optimizer(model.parameters(), lr=lr), steps, penalty
            )
        evidence["with other weights"] = redrawn[-1]
        if _falls(redrawn):
            cause = "initialisation"
        else:
            best, rate = _best_rate(trial, lr)
            evidence |= {"rate": rate, "with that rate": best}
            cause = "rate" if best < (1 - FLAT) * losses[0] else None
    found = FlatLoss(cause, flat, losses, evidence)
    if show:
        print(found)
    return found


def _falls(losses: list[float]) -> bool:
    last = float(np.mean(losses[-3:]))
    return isfinite(last) and last < (1 - FLAT) * losses[0]


def _best_rate(trial: Callable[[float], tuple[list[float], Any]], lr: float) -> tuple[float, float]:
    """Return the lowest last loss with a higher rate, and that rate."""
    found = []
    for power in range(1, 8):
        losses, _ = trial(lr * 10**power)
        if isfinite(losses[-1]):
            found.append((losses[-1], lr * 10**power))
        if found and (not isfinite(losses[-1]) or losses[-1] > 2 * min(found)[0]):
            break  # higher ones diverge
    return min(found) if found else (float("inf"), lr)


def _redraw(model: Any) -> None:
    """Draw the weights anew, with a standard deviation of sqrt(2 / fan_in)."""
    with autograd.no_grad():
        for parameter in model.parameters():
            if parameter.ndim >= 2:
                fan_in = parameter.numel() / parameter.shape[0]
                parameter.copy_(autograd.randn(*parameter.shape) * sqrt(2 / fan_in))


def _shares(model: Any, loss: Any, batches: list[tuple[Any, Any]]) -> dict[str, float]:
    """Return what is known before training: the loss of chance, and how even the classes are."""
    inputs, targets = batches[0]
    with kept(model), autograd.no_grad():
        outputs = model(inputs)
    chance = float(loss(autograd.zeros_like(outputs), targets).item())
    if not classifies(outputs, targets):
        return {"chance": chance}
    every = np.concatenate([np.asarray(y.payload).ravel() for _, y in batches])
    shares = np.bincount(every, minlength=outputs.shape[1]) / len(every)
    entropy = -sum(float(p) * log(p) for p in shares if p)
    return {"chance": chance, "largest class": float(shares.max()), "prior entropy": entropy}
