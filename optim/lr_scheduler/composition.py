"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from optim.optimizer import Optimizer

from .base import LRScheduler, set_rate
from .plateau import ReduceLROnPlateau

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Composed(LRScheduler):
    """What both have: members of one optimiser, which are saved with it."""

    _unsaved = (*LRScheduler._unsaved, "_schedulers")

    def _members(self, schedulers: Sequence[Any], optimizer: Any) -> list[Any]:
        name = type(self).__name__
        members = list(schedulers)
        if not members:
            raise ValueError(f"{name}: expected at least one schedule, got none")
        for index, member in enumerate(members):
            if isinstance(member, ReduceLROnPlateau):
                raise ValueError(
                    f"{name}: schedule {index} is a ReduceLROnPlateau, whose step needs a metric; "
                    "step it on its own"
                )
            if not isinstance(member, LRScheduler):
                raise TypeError(
                    f"{name}: schedule {index} must be an LRScheduler, got {type(member).__name__}"
                )
            if optimizer is not None and member.optimizer is not optimizer:
                raise ValueError(f"{name}: schedule {index} belongs to another optimiser")
            optimizer = member.optimizer
        return members

    def _begin(self) -> None:
        """Start over from the first rates: making the members has changed them."""
        for group in self.optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        self._rewind()
        self._start()

    def _rewind(self) -> None:
        """Take the members back to before their first epoch."""
        for member in self._schedulers:
            if isinstance(member, _Composed):
                member._rewind()
            else:
                member.last_epoch = -1

    def state_dict(self) -> dict[str, Any]:
        """Return the state, that of the members included."""
        return {**super().state_dict(), "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another composition of the same schedules was."""
        state = self._checked(state_dict)
        saved = state.pop("_schedulers")
        if len(saved) != len(self._schedulers):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: the state is of {len(saved)} schedules, "
                f"expected {len(self._schedulers)}; nothing was loaded"
            )
        for member, each in zip(self._schedulers, saved, strict=True):
            member._checked(each)  # all of them, before anything is loaded
        self.__dict__.update(state)
        for member, each in zip(self._schedulers, saved, strict=True):
            member.load_state_dict(each)


class SequentialLR(_Composed):
    """One schedule until the first milestone, the next from there on, and so forth.

    Each begins at its own epoch 0, from the rates at the start; only ``MultiplicativeLR``, which
    knows no rate but the present one, goes on from that.

    A schedule may be a composition, too, and goes as it would on its own. (PyTorch 2.13 raises
    NotImplementedError where such a one is to take over at a milestone; one that comes first has
    its first step too early there: a sequence passes its milestones an epoch ahead, in a chain
    ``ExponentialLR`` and other factors are a step ahead.)

    Parameters
    ----------
    optimizer : Optimizer
        Of all schedules.
    schedulers : list of LRScheduler
        In order.
    milestones : list of int
        The epochs at which the next one takes over, one fewer than schedules.
    last_epoch : int
        As in ``LRScheduler``.

    Raises
    ------
    ValueError
        There are too few or too many milestones, or a schedule belongs to another optimiser.

    Examples
    --------
    >>> import autograd, optim
    >>> from optim.lr_scheduler import ConstantLR, ExponentialLR
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, 0.25, 99), ExponentialLR(optimizer, 0.5)]
    >>> schedule = SequentialLR(optimizer, parts, milestones=[2])
    >>> [schedule.get_last_lr()[0] for _ in range(4) if not (optimizer.step(), schedule.step())[0]]
    [0.25, 1.0, 0.5, 0.25]

    Source: ``torch.optim.lr_scheduler.SequentialLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = self._optimizer(optimizer)
        self._schedulers = self._members(schedulers, optimizer)
        if len(milestones) != len(self._schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(self._schedulers)} schedules need "
                f"{len(self._schedulers) - 1} milestones, got {len(milestones)}"
            )
        self._milestones = list(milestones)
        self._begin()
        self.last_epoch = last_epoch + 1

    def _start(self) -> None:
        self.last_epoch = 0
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._start()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch: by the schedule whose turn it is."""
        if epoch is not None:
            raise TypeError("SequentialLR: step() takes no epoch")
        self.last_epoch += 1
        index = bisect_right(self._milestones, self.last_epoch)
        member = self._schedulers[index]
        if index > 0 and self._milestones[index - 1] == self.last_epoch:
            member._begin()
        else:
            member.step()
        self._last_lr = member.get_last_lr()


class ChainedScheduler(_Composed):
    """All schedules at every step: their factors multiply.

    They may be compositions themselves, as in PyTorch.

    Raises
    ------
    ValueError
        There is none, or they belong to several optimisers.

    Examples
    --------
    >>> import autograd, optim
    >>> from optim.lr_scheduler import ConstantLR, ExponentialLR
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ChainedScheduler([ConstantLR(optimizer, 0.5, 2), ExponentialLR(optimizer, 0.5)])
    >>> [schedule.get_last_lr()[0] for _ in range(3) if not (optimizer.step(), schedule.step())[0]]
    [0.25, 0.25, 0.125]

    Source: ``torch.optim.lr_scheduler.ChainedScheduler``.
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._schedulers = self._members(schedulers, optimizer)
        self.optimizer = self._schedulers[0].optimizer
        self._last_lr = self._rates()

    def _start(self) -> None:
        for member in self._schedulers:
            member._start()
        self._last_lr = self._rates()

    def step(self, epoch: int | None = None) -> None:
        """Step every schedule."""
        if epoch is not None:
            raise TypeError("ChainedScheduler: step() takes no epoch")
        for member in self._schedulers:
            member.step()
        self._last_lr = self._rates()
