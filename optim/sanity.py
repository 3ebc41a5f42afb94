"""Sanity checks before a long training, in the order in which they find mistakes.

Is the loss inside its bounds? Does it begin where chance would put it? Is it free of
regularisation, at first? Does regularisation raise it? And can the model learn a few samples by
heart, without which it will not learn many?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf, isfinite, log
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .adam import Adam
from .metrics import accuracy, classifies
from .trials import NoGradient, batches_of, kept, train_steps, without_dropout

__all__ = ["SanityReport", "SanityRow", "sanity_check"]

TINY = 1e-6  # by which weights are multiplied to be small
NEAR = 0.01  # relative: what counts as the loss of chance


@dataclass(frozen=True)
class SanityRow:
    """One check: what was found, what was expected, and whether they agree."""

    check: str
    passed: bool
    found: str
    expected: str


class SanityReport(tuple[SanityRow, ...]):
    """The rows of ``sanity_check``; printed, a table.

    Examples
    --------
    >>> report = SanityReport([SanityRow("bounds", True, "2.31", "in [0, inf)")])
    >>> print(report)
    check   found  expected
    bounds  2.31   in [0, inf)  passed
    >>> report.passed
    True
    """

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(row.passed for row in self)

    def __str__(self) -> str:
        cells = [("check", "found", "expected", "")]
        cells += [
            (row.check, row.found, row.expected, "passed" if row.passed else "FAILED")
            for row in self
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def sanity_check(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    data: Any,
    *,
    bounds: tuple[float, float] = (0.0, inf),
    chance: float | None = None,
    penalty: Callable[[Iterable[Any]], Tensor] | None = None,
    optimizer: Callable[[Iterable[Any]], Any] | None = None,
    samples: int = 20,
    steps: int = 500,
    show: bool = True,
) -> SanityReport:
    """Run five checks on a model that is about to be trained, and print them as a table.

    1. *bounds*: the loss is finite and inside of its bounds, accuracy in [0, 1].
    2. *chance*: with weights near 0 the loss is that of knowing nothing: log C for cross-entropy,
       C - 1 for the multi-class hinge.
    3. *no regularisation*: the loss depends on outputs and targets only, not on the weights.
    4. *penalty*: regularisation raises it, by exactly the penalty.
    5. *over-fitting*: the model learns ``samples`` samples by heart: classes to 100 % and a loss
       below .01, values to a hundredth of the loss at the start.

    Parameters
    ----------
    model : Module
        It has everything back afterwards: weights, buffers, gradients, modes, random numbers.
    loss : callable
        ``loss(outputs, targets)`` returns a 0-d tensor, a mean over the samples.
    data : iterable of (inputs, targets), or one pair
        The first batches are used.
    bounds : pair of float
        Of the loss.
    chance : float, optional
        The loss of knowing nothing, if it is another than those above.
    penalty : callable, optional
        Of the parameters, e.g. ``lambda ps: nn.functional.l2_penalty(ps, 1e-3)``; a thousandth of
        the sum of their squares, if not given.
    optimizer : callable, optional
        Of the parameters; Adam with a rate of .01, if not given.
    samples, steps : int
        How many samples to learn by heart, and in how many steps at most.
    show : bool
        Print the table.

    Returns
    -------
    SanityReport
        Five rows ``(check, passed, found, expected)``.

    Raises
    ------
    ValueError
        The data has no batch.

    Examples
    --------
    >>> import autograd, nn, optim
    >>> _ = autograd.manual_seed(0)
    >>> model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 10))
    >>> batch = autograd.randn(20, 8), autograd.randint(0, 10, (20,))
    >>> optim.sanity_check(model, nn.CrossEntropyLoss(), batch).passed
    check              found                              expected
    bounds             2.3409, accuracy 0.05              loss in [0, inf), ...        passed
    chance             2.3026 with weights near 0         2.3026 = log 10              passed
    no regularisation  2.3409, with other weights 2.3409  the same of the same outputs passed
    penalty            2.3409 -> 2.3572                   more by 0.01624              passed
    over-fitting       0.0... after ... steps, 100%       20 samples: below 0.01, 100% passed
    True

    Source: the course's quiz on babysitting a training; CS231n.
    """
    try:
        batches = batches_of(data, most=samples)
    except ValueError:
        raise ValueError("sanity_check: the data has no batch") from None
    penalty = penalty or _squares
    make = optimizer or (lambda parameters: Adam(parameters, lr=0.01))
    inputs, targets = batches[0]
    if not (samples >= 1 and steps >= 1):
        raise ValueError(
            f"sanity_check: samples and steps must be at least 1, got {samples} and {steps}"
        )
    with kept(model), without_dropout(model), np.errstate(all="ignore"):
        with autograd.no_grad():
            outputs = model(inputs)
            classes = classifies(outputs, targets)
            rows = [_bounds(loss, outputs, targets, bounds, classes)]
            first = float(loss(outputs, targets).item())
            extra = float(penalty(model.parameters()).item())
            total = float((loss(outputs, targets) + penalty(model.parameters())).item())
            with _small(model):
                small = model(inputs)
                rows.append(_chance(loss, small, targets, chance, classes))
                again = float(loss(outputs, targets).item())
        rows.append(
            SanityRow(
                "no regularisation",
                again == first,
                f"{first:.4f}, with other weights {again:.4f}",
                "the same of the same outputs",
            )
        )
        close = abs(total - first - extra) <= 1e-5 * max(abs(total), 1.0)
        rows.append(
            SanityRow(
                "penalty",
                close and total > first,
                f"{first:.4f} -> {total:.4f}",
                f"more by {extra:.4g}",
            )
        )
        rows.append(_by_heart(model, loss, _few(batches, samples), make, steps, classes))
    report = SanityReport(rows)
    if show:
        print(report)
    return report


def _squares(parameters: Iterable[Any]) -> Tensor:
    """Return a thousandth of the sum of squares."""
    return 1e-3 * sum(((p * p).sum() for p in parameters), autograd.tensor(0.0))  # type: ignore


def _bounds(loss: Any, outputs: Any, targets: Any, bounds: Any, classes: bool) -> SanityRow:
    low, high = bounds
    value = float(loss(outputs, targets).item())
    passed = isfinite(value) and low <= value <= high
    found, expected = f"{value:.4f}", f"loss in [{low:g}, {high:g}{')' if high == inf else ']'}"
    if classes:
        share = accuracy(outputs, targets)
        passed = passed and 0 <= share <= 1
        found, expected = f"{found}, accuracy {share:.2f}", f"{expected}, accuracy in [0, 1]"
    return SanityRow("bounds", passed, found, expected)


class _small:
    """Multiply the weights by almost nothing, and give them back."""

    def __init__(self, model: Any) -> None:
        self.before = [(p, np.array(p.payload)) for p in model.parameters()]

    def __enter__(self) -> None:
        for parameter, value in self.before:
            parameter.copy_(value * value.dtype.type(TINY))

    def __exit__(self, *exception: Any) -> None:
        for parameter, value in self.before:
            parameter.copy_(value)


def _chance(
    loss: Any, outputs: Any, targets: Any, chance: float | None, classes: bool
) -> SanityRow:
    value = float(loss(outputs, targets).item())
    if chance is not None:
        known = {f"{chance:.4f}": chance}
    elif classes:
        count = outputs.shape[1]
        known = {f"{log(count):.4f} = log {count}": log(count), f"{count - 1} = C - 1": count - 1.0}
    else:  # of values: what predicting 0 costs
        nothing = float(loss(autograd.zeros_like(outputs), targets).item())
        known = {f"{nothing:.4f}, of predicting 0": nothing}
    near = [w for w, c in known.items() if abs(value - c) <= NEAR * max(abs(c), 1e-8)]
    expected = near[0] if near else " or ".join(known)
    return SanityRow("chance", bool(near), f"{value:.4f} with weights near 0", expected)


def _few(batches: list[tuple[Any, Any]], samples: int) -> tuple[Any, Any]:
    """Return the first samples of the batches as one batch."""
    total, inputs, targets = 0, [], []
    for x, y in batches:
        inputs.append(x[: samples - total])
        targets.append(y[: samples - total])
        total += len(targets[-1])
        if total >= samples:
            break
    if len(inputs) == 1:
        return inputs[0], targets[0]
    return autograd.cat(inputs), autograd.cat(targets)


def _by_heart(
    model: Any, loss: Any, batch: tuple[Any, Any], make: Any, steps: int, classes: bool
) -> SanityRow:
    inputs, targets = batch
    if not any(parameter.requires_grad for parameter in model.parameters()):
        found = "no parameter requires grad"
        return SanityRow("over-fitting", False, found, f"{len(targets)} samples learnt by heart")
    optimizer = make(model.parameters())
    decayed = any(group.get("weight_decay", 0) for group in getattr(optimizer, "param_groups", ()))
    first = float(loss(model(inputs), targets).item())
    goal = 0.01 if classes else 0.01 * first
    try:
        losses, _ = train_steps(
            model, loss, [batch], optimizer, steps, until=lambda value: value < goal
        )
    except NoGradient:
        found = "no gradient reaches a parameter"
        return SanityRow("over-fitting", False, found, f"{len(targets)} samples learnt by heart")
    with autograd.no_grad():
        outputs = model(inputs)
        last = float(loss(outputs, targets).item())
    found = f"{last:.4f} after {len(losses)} steps"
    expected = f"{len(targets)} samples: below {goal:.3g}"
    passed = min(last, losses[-1]) < goal
    if classes:
        share = accuracy(outputs, targets)
        found, expected = f"{found}, {share:.0%}", f"{expected}, 100%"
        passed = passed and share == 1
    if decayed and not passed:
        expected += ", without weight_decay"
    return SanityRow("over-fitting", passed, found, expected)
