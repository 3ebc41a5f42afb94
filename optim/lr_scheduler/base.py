"""LRScheduler: the learning rate of each parameter group as a function of the epoch.

A schedule counts its own steps in ``last_epoch`` and writes ``group["lr"]``. There are two kinds.
Most rules are *chainable*: they multiply the present rate by ``ratio(epoch)``, so that several of
them, and changes made by hand, act together. The others compute the rate from the one at the start,
``base_lrs``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from math import prod
from typing import Any

from autograd import Tensor
from optim.optimizer import Optimizer
from optim.settings import number

__all__ = ["ChainableLR", "LRScheduler", "set_rate"]


def value_of(rate: Any) -> Any:
    """Return a rate; of a Tensor a copy, since its owner may change it in place."""
    return rate.detach().clone() if isinstance(rate, Tensor) else rate


def set_rate(group: dict[str, Any], rate: Any) -> None:
    """Set the rate of a group; a Tensor stays the same one, whoever holds it sees the new rate."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(number(rate))
    else:
        group["lr"] = rate


class _Stepped:
    """Whether the optimiser has made a step since; forgets itself when it has."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.yes = False
        self.handle = optimizer.register_step_post_hook(self)

    def __call__(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self.yes = True
        self.handle.remove()


class LRScheduler:
    """Base of all schedules: define ``get_lr``, the rates of epoch ``last_epoch``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set; their present values are the ones to start from.
    last_epoch : int
        The last epoch of an earlier run to go on from; -1 starts anew.

    Attributes
    ----------
    last_epoch : int
        The epoch that the present rates belong to, from 0.
    base_lrs : list of float
        The rate of each group at the start.

    Raises
    ------
    TypeError
        There is no optimiser to schedule.
    KeyError
        An earlier run is to be resumed, but the optimiser's state was not loaded.

    Examples
    --------
    >>> import autograd, optim
    >>> class Halved(LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / 2**self.last_epoch for lr in self.base_lrs]
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=0.8)
    >>> schedule = Halved(optimizer)
    >>> optimizer.step()
    >>> schedule.step()
    >>> schedule.get_last_lr(), optimizer.param_groups[0]["lr"]
    ([0.4], 0.4)
    >>> saved = schedule.state_dict()
    >>> again = Halved(optimizer)
    >>> again.load_state_dict(saved)
    >>> again.last_epoch
    1

    Source: ``torch.optim.lr_scheduler.LRScheduler``.
    """

    _unsaved: tuple[str, ...] = ("optimizer", "_stepped", "_starting")

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = self._optimizer(optimizer)
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", value_of(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: group {index} has no 'initial_lr' to resume epoch "
                    f"{last_epoch} with; load the optimiser's state_dict first, or start at -1"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._stepped = _Stepped(optimizer)
        self._start()

    def _optimizer(self, optimizer: Any) -> Optimizer:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: expected an Optimizer, got {type(optimizer).__name__}"
            )
        return optimizer

    def _start(self) -> None:
        """Set the rates of the first epoch."""
        self._step_count = 1
        self._starting = True
        self._update_lr()
        self._starting = False

    def _begin(self) -> None:
        """Take over from another schedule, at epoch 0."""
        self._update_lr(0)

    def get_lr(self) -> list[Any]:
        """Return the rate of each group at ``last_epoch``; what a schedule defines."""
        raise NotImplementedError(
            f"{type(self).__name__} has no get_lr: define the rates of epoch last_epoch"
        )

    def closed_form_lr(self) -> list[Any]:
        """Return the rates at ``last_epoch`` as if nothing but this schedule had set them."""
        return self.get_lr()

    def get_last_lr(self) -> list[Any]:
        """Return the rates that the last step has set."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch (or to ``epoch``), after the optimiser's steps of this one.

        Warns where the first step of the schedule comes before the first of the optimiser: the
        rate of the first epoch would never be used.
        """
        if self._step_count == 1 and not self._stepped.yes:
            warnings.warn(
                f"{type(self).__name__}: step() before optimizer.step(): the first learning rate "
                "of the schedule is skipped; call optimizer.step() first",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        if epoch is None:
            self.last_epoch += 1
            self._set_lr(self.get_lr())
        else:
            self.last_epoch = epoch
            self._set_lr(self.closed_form_lr())

    def _set_lr(self, rates: list[Any]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = self._rates()

    def _rates(self) -> list[Any]:
        return [value_of(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule is and its settings: all but the optimiser and functions."""
        return {key: value for key, value in self.__dict__.items() if key not in self._unsaved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of the same kind was; the rates are the optimiser's to load.

        Raises
        ------
        TypeError
            It is no state dict of a schedule.
        KeyError
            Something is missing; nothing is loaded.
        """
        self.__dict__.update(self._checked(state_dict))

    def _checked(self, state_dict: Mapping[str, Any]) -> dict[str, Any]:
        name = type(self).__name__
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"{name}.load_state_dict: expected a mapping, got {type(state_dict).__name__}"
            )
        own = self.state_dict()
        missing = [key for key in own if key not in state_dict and key != "_step_count"]
        if missing:
            raise KeyError(
                f"{name}.load_state_dict: the state has no {', '.join(map(repr, missing))}: it is "
                f"not one of a {name}; nothing was loaded"
            )
        if len(state_dict.get("_last_lr", [])) != len(self.optimizer.param_groups):
            raise ValueError(
                f"{name}.load_state_dict: the state is of {len(state_dict['_last_lr'])} groups, "
                f"the optimiser has {len(self.optimizer.param_groups)}; nothing was loaded"
            )
        return {key: value for key, value in state_dict.items() if key in own}


class ChainableLR(LRScheduler):
    """Base of the rules that multiply: define ``ratio``, the rate over that of the epoch before.

    Examples
    --------
    >>> import autograd, optim
    >>> class Halved(ChainableLR):
    ...     def ratio(self, epoch):
    ...         return 0.5 if epoch else 1.0
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=0.8)
    >>> schedule = Halved(optimizer)
    >>> optimizer.step()
    >>> schedule.step()
    >>> schedule.get_lr(), schedule.closed_form_lr()
    ([0.2], [0.4])

    Source: the chainable form of PyTorch's schedulers.
    """

    _drops = False  # a rule of single drops makes one that falls on the epoch it resumes at, too

    def ratio(self, epoch: int) -> float:
        """Return what the rate is multiplied by at ``epoch``."""
        raise NotImplementedError(f"{type(self).__name__} has no ratio: define its factor")

    def get_lr(self) -> list[Any]:
        """Return the present rates times the ratio of this epoch."""
        resumed = self._starting and self.last_epoch > 0 and not self._drops
        ratio = 1 if resumed else self.ratio(self.last_epoch)
        return [rate * ratio for rate in self._rates()]

    def closed_form_lr(self) -> list[Any]:
        """Return the rates of the start times the ratios of all epochs so far."""
        total = prod(self.ratio(epoch) for epoch in range(self.last_epoch + 1))
        return [rate * total for rate in self.base_lrs]
