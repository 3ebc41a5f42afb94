"""Warm-up: a small rate first, for weights that are still far from anywhere."""

from __future__ import annotations

from typing import Any

from optim.optimizer import Optimizer

from .base import ChainableLR

__all__ = ["ConstantLR", "LinearLR", "LinearWarmup"]


class ConstantLR(ChainableLR):
    """lr_t = lr_0 factor until ``total_iters``, then lr_0.

    Raises
    ------
    ValueError
        The factor is not in [0, 1].

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> [schedule.get_last_lr()[0] for _ in range(3) if not (optimizer.step(), schedule.step())[0]]
    [0.5, 1.0, 1.0]

    Source: ``torch.optim.lr_scheduler.ConstantLR``.
    """

    _drops = True

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be in [0, 1], got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return the factor at the start, and its inverse at the end."""
        if epoch == 0:
            return self.factor
        return 1 / self.factor if epoch == self.total_iters and self.factor else 1.0

    def get_lr(self) -> list[Any]:
        """Return the rates; a factor of 0 leaves nothing to multiply, so they begin again."""
        if self.factor == 0 and self.last_epoch == self.total_iters:
            return list(self.base_lrs)
        return super().get_lr()

    def closed_form_lr(self) -> list[Any]:
        """Return lr_0, times the factor before ``total_iters``."""
        share = self.factor if self.last_epoch < self.total_iters else 1.0
        return [rate * share for rate in self.base_lrs]


class LinearLR(ChainableLR):
    """lr_t = lr_0 (start + (end - start) t / total_iters), and lr_0 end afterwards.

    With the end factor 1 it is PyTorch's linear warm-up; see ``LinearWarmup`` for the other.

    Raises
    ------
    ValueError
        The start factor is not in (0, 1], or the end factor not in [0, 1].

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> [schedule.get_last_lr()[0] for _ in range(3) if not (optimizer.step(), schedule.step())[0]]
    [0.75, 1.0, 1.0]

    Source: ``torch.optim.lr_scheduler.LinearLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be in [0, 1], got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        rise = self.end_factor - self.start_factor
        return self.start_factor * self.total_iters + rise * epoch

    def ratio(self, epoch: int) -> float:
        """Return the ratio of the line's values here and one epoch before."""
        if epoch == 0:
            return self.start_factor
        return self._share(epoch) / self._share(epoch - 1) if epoch <= self.total_iters else 1.0


class LinearWarmup(ChainableLR):
    """lr_t = lr_0 (t + 1) / warmup_steps, and lr_0 from step ``warmup_steps - 1`` on.

    The convention of papers and courses: the first step has a share of the rate, the last of the
    warm-up has it whole. (PyTorch's ``LinearLR`` starts at a factor, and has it whole one later.)

    Raises
    ------
    ValueError
        ``warmup_steps`` is below 1.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = LinearWarmup(optimizer, warmup_steps=4)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates = rates + schedule.get_last_lr()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 1.0]

    Source: Goyal et al. (2017), "Accurate, large minibatch SGD".
    """

    def __init__(self, optimizer: Optimizer, warmup_steps: int, last_epoch: int = -1) -> None:
        if isinstance(warmup_steps, bool) or not isinstance(warmup_steps, int) or warmup_steps < 1:
            raise ValueError(
                f"LinearWarmup: warmup_steps must be an int of at least 1, got {warmup_steps!r}"
            )
        self.warmup_steps = warmup_steps
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        """Return (t + 1) / t, and 1 / warmup_steps at the start."""
        if epoch == 0:
            return 1 / self.warmup_steps
        return (epoch + 1) / epoch if epoch < self.warmup_steps else 1.0
