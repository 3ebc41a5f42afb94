"""Schedules that the user writes: a function of the epoch, or the ratio of two epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from optim.optimizer import Optimizer

from .base import LRScheduler

__all__ = ["LambdaLR", "MultiplicativeLR"]

Functions = Callable[[int], float] | list[Callable[[int], float]]


class _OfFunctions(LRScheduler):
    """What both have: one function a group; callable objects are saved, functions are not."""

    _unsaved = (*LRScheduler._unsaved, "lr_lambdas")

    def __init__(self, optimizer: Optimizer, lr_lambda: Functions, last_epoch: int = -1) -> None:
        name, groups = type(self).__name__, self._optimizer(optimizer).param_groups
        each = lr_lambda if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * len(groups)
        if len(each) != len(groups):
            raise ValueError(
                f"{name}: expected {len(groups)} functions, one a group, got {len(each)}"
            )
        for function in each:
            if not callable(function):
                raise TypeError(
                    f"{name}: expected functions of the epoch, got {type(function).__name__}"
                )
        self.lr_lambdas = list(each)
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return the state; of a callable object its attributes, of a function None."""
        saved = [None if isinstance(f, FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of the same functions was."""
        state = self._checked(state_dict)
        saved = state.pop("lr_lambdas")
        if len(saved) != len(self.lr_lambdas):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: the state is of {len(saved)} functions, "
                f"expected {len(self.lr_lambdas)}; nothing was loaded"
            )
        self.__dict__.update(state)
        for function, attributes in zip(self.lr_lambdas, saved, strict=True):
            if attributes is not None:
                function.__dict__.update(attributes)


class LambdaLR(_OfFunctions):
    """lr_t = lr_0 f(t), for a function f, or one a group.

    Raises
    ------
    ValueError
        There are not as many functions as groups.
    TypeError
        One cannot be called.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> optimizer.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]

    Source: ``torch.optim.lr_scheduler.LambdaLR``.
    """

    def get_lr(self) -> list[Any]:
        """Return lr_0 f(t)."""
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [rate * function(self.last_epoch) for rate, function in pairs]


class MultiplicativeLR(_OfFunctions):
    """lr_t = lr_(t-1) f(t), for a function f, or one a group.

    Raises
    ------
    ValueError
        There are not as many functions as groups.
    TypeError
        One cannot be called.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> optimizer.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]

    Source: ``torch.optim.lr_scheduler.MultiplicativeLR``.
    """

    def get_lr(self) -> list[Any]:
        """Return the present rates times f(t)."""
        if self._starting:
            return self._rates()
        pairs = zip(self._rates(), self.lr_lambdas, strict=True)
        return [rate * function(self.last_epoch) for rate, function in pairs]
