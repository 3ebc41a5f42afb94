"""Decay: the rate times a factor at every epoch, at some epochs, or ever more slowly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import prod
from typing import Any

from optim.optimizer import Optimizer

from .base import ChainableLR

__all__ = ["ExponentialLR", "InverseTimeLR", "MultiStepLR", "PolynomialLR", "StepLR"]


class _Steady(ChainableLR):
    """What multiplies the rate at every step, but not as it starts, at whatever epoch."""

    def get_lr(self) -> list[Any]:
        """Return the present rates times the ratio of this epoch, or as they are at the start."""
        return self._rates() if self._starting else super().get_lr()

    def closed_form_lr(self) -> list[Any]:
        """Return the rates of the start times the ratios of all epochs after it."""
        total = prod(self.ratio(epoch) for epoch in range(1, self.last_epoch + 1))
        return [rate * total for rate in self.base_lrs]


class StepLR(ChainableLR):
    """lr_t = lr_0 gamma^floor(t / step_size): a drop every ``step_size`` epochs.

    Raises
    ------
    ValueError
        ``step_size`` is below 1.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [schedule.get_last_lr()[0] for _ in range(5) if not (optimizer.step(), schedule.step())[0]]
    [1.0, 0.5, 0.5, 0.25, 0.25]

    Source: ``torch.optim.lr_scheduler.StepLR``.
    """

    _drops = True

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if isinstance(step_size, bool) or not isinstance(step_size, int) or step_size < 1:
            raise ValueError(f"StepLR: step_size must be an int of at least 1, got {step_size!r}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return gamma at the multiples of ``step_size``."""
        return self.gamma if epoch and epoch % self.step_size == 0 else 1.0


class MultiStepLR(ChainableLR):
    """lr_t = lr_0 gamma^(milestones up to t): a drop at each of the epochs given.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> [schedule.get_last_lr()[0] for _ in range(4) if not (optimizer.step(), schedule.step())[0]]
    [0.5, 0.5, 0.25, 0.25]

    Source: ``torch.optim.lr_scheduler.MultiStepLR``.
    """

    _drops = True

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return gamma for each time that the epoch is a milestone."""
        return self.gamma ** self.milestones[epoch] if epoch in self.milestones else 1.0


class ExponentialLR(_Steady):
    """lr_t = lr_0 gamma^t.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> [schedule.get_last_lr()[0] for _ in range(3) if not (optimizer.step(), schedule.step())[0]]
    [0.5, 0.25, 0.125]

    Source: ``torch.optim.lr_scheduler.ExponentialLR``.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return gamma."""
        return self.gamma


class InverseTimeLR(ChainableLR):
    """Time-based decay, lr_t = lr_0 / (1 + decay t): fast at first, and never at its end.

    Raises
    ------
    ValueError
        ``decay`` is negative.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = InverseTimeLR(optimizer, decay=1.0)
    >>> rates = []
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates.append(round(schedule.get_last_lr()[0], 4))
    >>> rates
    [0.5, 0.3333, 0.25]

    Source: the course notes of CS231n ("1/t decay").
    """

    def __init__(self, optimizer: Optimizer, decay: float, last_epoch: int = -1) -> None:
        if not decay >= 0:
            raise ValueError(f"InverseTimeLR: decay must be at least 0, got {decay}")
        self.decay = decay
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return (1 + decay (t - 1)) / (1 + decay t)."""
        return (1 + self.decay * (epoch - 1)) / (1 + self.decay * epoch) if epoch else 1.0


class PolynomialLR(_Steady):
    """lr_t = lr_0 (1 - t / total_iters)^power, and 0 from ``total_iters`` on.

    Raises
    ------
    ValueError
        ``total_iters`` is below 1.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = PolynomialLR(optimizer, total_iters=4)
    >>> [schedule.get_last_lr()[0] for _ in range(5) if not (optimizer.step(), schedule.step())[0]]
    [0.75, 0.5, 0.25, 0.0, 0.0]

    Source: ``torch.optim.lr_scheduler.PolynomialLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        if not total_iters >= 1:
            raise ValueError(f"PolynomialLR: total_iters must be at least 1, got {total_iters}")
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return ((T - t) / (T - t + 1))^power."""
        if epoch > self.total_iters:
            return 1.0
        left = self.total_iters - epoch
        return (left / (left + 1)) ** self.power
