"""Cosine annealing: from the rate at the start along half a cosine to the least one."""

from __future__ import annotations

from math import cos, floor, log, pi
from typing import Any

from optim.optimizer import Optimizer

from .base import LRScheduler

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(LRScheduler):
    """lr_t = eta_min + (lr_0 - eta_min) (1 + cos(pi t / T_max)) / 2.

    After ``T_max`` it rises again along the same curve. The distance from ``eta_min`` is multiplied
    at each epoch, so that it can be chained.

    Raises
    ------
    ValueError
        ``T_max`` is below 1.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates.append(round(schedule.get_last_lr()[0], 4))
    >>> rates
    [0.8536, 0.5, 0.1464, 0.0]

    Source: Loshchilov & Hutter (2017), "SGDR"; ``torch.optim.lr_scheduler.CosineAnnealingLR``.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if not T_max >= 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, got {T_max}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _height(self, epoch: int) -> float:
        return 1 + cos(pi * epoch / self.T_max)

    def get_lr(self) -> list[Any]:
        """Return the present rates with their distance from ``eta_min`` scaled."""
        if self._starting:
            return self._rates()
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # up from a height of 0
            rise = (1 - cos(pi / self.T_max)) / 2
            pairs = zip(self._rates(), self.base_lrs, strict=True)
            return [rate + (base - self.eta_min) * rise for rate, base in pairs]
        ratio = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return [self.eta_min + (rate - self.eta_min) * ratio for rate in self._rates()]

    def closed_form_lr(self) -> list[Any]:
        """Return the rates by the formula."""
        share = self._height(self.last_epoch) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = eta_min + (lr_0 - eta_min) (1 + cos(pi T_cur / T_i)) / 2, begun again every T_i epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    T_0 : int
        Epochs of the first period.
    T_mult : int
        What each period is longer by than the one before.
    eta_min : float
        The least rate.
    last_epoch : int
        As in ``LRScheduler``.

    Raises
    ------
    ValueError
        ``T_0`` or ``T_mult`` is no int of at least 1, or an epoch is negative.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates.append(round(schedule.get_last_lr()[0], 4))
    >>> rates
    [0.5, 1.0, 0.5, 1.0]

    Source: Loshchilov & Hutter (2017);
    ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts: {name} must be an int of at least 1, "
                    f"got {value!r}"
                )
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Return the rates by the formula."""
        share = (1 + cos(pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def _update_lr(self, epoch: float | None = None) -> None:
        """Go on by one, or to a place in between: ``step(epoch + batch / batches)``."""
        if epoch is None and self.last_epoch >= 0:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            if epoch < 0:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts: an epoch must be at least 0, got {epoch}"
                )
            self.T_cur, self.T_i = self._place(epoch)
            self.last_epoch = floor(epoch)
        self._set_lr(self.get_lr())

    def _place(self, epoch: float) -> tuple[float, int]:
        """Return how far into its period an epoch is, and the period's length."""
        if self.T_mult == 1:
            return epoch % self.T_0, self.T_0
        growth = self.T_mult - 1  # the periods so far add up to T_0 (T_mult^n - 1) / growth
        n = floor(log(epoch / self.T_0 * growth + 1, self.T_mult) + 1e-12)
        return epoch - self.T_0 * (self.T_mult**n - 1) // growth, self.T_0 * self.T_mult**n
