"""Cycles: the rate up and down between two bounds, and the momentum the other way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, floor, pi
from types import FunctionType
from typing import Any

from optim.optimizer import Optimizer

from .base import LRScheduler, set_rate

__all__ = ["CyclicLR", "OneCycleLR"]


def _each(name: str, argument: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return a value for each group."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{name}: expected {groups} values of {argument}, got {len(value)}")
    return list(value)


class _WithMomentum(LRScheduler):
    """What both have: momentum, or Adam's first beta, moves against the rate."""

    cycle_momentum: bool
    use_beta1: bool

    def _begin_momentum(
        self, optimizer: Optimizer, base_momentum: Any, max_momentum: Any, last_epoch: int
    ) -> tuple[list[Any], list[Any]]:
        """Return the bounds of every group, which keeps them, too."""
        name = type(self).__name__
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                f"{name}: cycle_momentum=True needs an optimiser with momentum or betas, got "
                f"{type(optimizer).__name__}; say cycle_momentum=False"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        bounds = (
            _each(name, "base_momentum", optimizer, base_momentum),
            _each(name, "max_momentum", optimizer, max_momentum),
        )
        if last_epoch == -1:
            for group, least, most in zip(optimizer.param_groups, *bounds, strict=True):
                group["base_momentum"], group["max_momentum"] = least, most
                self._set_momentum(group, most)
        return bounds

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_WithMomentum):
    """The rate goes from ``base_lr`` up to ``max_lr`` and down again, on and on.

    Made after another schedule it starts, as in PyTorch, with the rate that one began with
    (``initial_lr``), and is between its own bounds from the first step on.

    With x from 0 up to 1 and down to 0 in each cycle, lr = base_lr + (max_lr - base_lr) x s, where
    the scale s is 1 ("triangular"), 1 / 2^(cycle - 1) ("triangular2"), gamma^t ("exp_range"), or a
    function of the user's.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    base_lr, max_lr : float, or list of float
        The bounds, for all groups or each.
    step_size_up, step_size_down : int
        Steps of the way up, and down (as many if not given).
    mode : {"triangular", "triangular2", "exp_range"}
        How the scale changes, if ``scale_fn`` is not given.
    gamma : float
        Of "exp_range".
    scale_fn : callable, optional
        A function of the cycle (from 1), or of the step.
    scale_mode : {"cycle", "iterations"}
        Which of them ``scale_fn`` is given.
    cycle_momentum : bool
        Move momentum (or beta 1) from ``max_momentum`` to ``base_momentum`` and back.
    base_momentum, max_momentum : float, or list of float
        Its bounds.
    last_epoch : int
        As in ``LRScheduler``.

    Raises
    ------
    ValueError
        The mode is unknown, or the optimiser has no momentum to move.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0, momentum=0.9)
    >>> schedule = CyclicLR(optimizer, base_lr=0.5, max_lr=1.5, step_size_up=2)
    >>> [schedule.get_last_lr()[0] for _ in range(5) if not (optimizer.step(), schedule.step())[0]]
    [1.0, 1.5, 1.0, 0.5, 1.0]

    Source: Smith (2017), "Cyclical learning rates"; ``torch.optim.lr_scheduler.CyclicLR``.
    """

    _unsaved = (*LRScheduler._unsaved, "_scale_fn_custom")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self._optimizer(optimizer)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(
                f"CyclicLR: mode must be 'triangular', 'triangular2' or 'exp_range', got {mode!r}"
            )
        if scale_mode not in ("cycle", "iterations"):
            raise ValueError(
                f"CyclicLR: scale_mode must be 'cycle' or 'iterations', got {scale_mode!r}"
            )
        base_lrs = _each("CyclicLR", "base_lr", optimizer, base_lr)
        self.max_lrs = _each("CyclicLR", "max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs, strict=True):
                set_rate(group, rate)
        down = step_size_up if step_size_down is None else step_size_down
        if not (step_size_up > 0 and down >= 0):
            raise ValueError(
                f"CyclicLR: expected steps up and down, got {step_size_up} and {step_size_down}"
            )
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        own = {"exp_range": "iterations"}.get(mode, "cycle")
        self.scale_mode = own if scale_fn is None else scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._begin_momentum(
                optimizer, base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """Return the scale of a cycle or of a step."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular2":
            return 1 / 2.0 ** (x - 1)
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list[Any]:
        """Return the rates by the formula, and move the momentum."""
        place = self.last_epoch / self.total_size
        cycle = floor(1 + place)
        x = 1 + place - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (least, most) in zip(self.optimizer.param_groups, bounds, strict=True):
                self._set_momentum(group, most - (most - least) * height)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [base + (most - base) * height for base, most in pairs]

    def state_dict(self) -> dict[str, Any]:
        """Return the state; of a scale that is an object its attributes, of a function None."""
        scale = self._scale_fn_custom
        saved = None if scale is None or isinstance(scale, FunctionType) else dict(vars(scale))
        return {**super().state_dict(), "_scale_fn_custom": saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of the same kind was."""
        state = self._checked(state_dict)
        scale = state.pop("_scale_fn_custom")
        self.__dict__.update(state)
        if scale is not None and self._scale_fn_custom is not None:
            self._scale_fn_custom.__dict__.update(scale)


class OneCycleLR(_WithMomentum):
    """One rise from max_lr / div_factor to ``max_lr``, and one long fall to almost nothing.

    The first ``pct_start`` of all steps go up, the rest down to initial / final_div_factor, along
    half cosines or straight lines. ``three_phase`` falls to the initial rate first, as steeply as
    it rose.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    max_lr : float, or list of float
        The highest rate, for all groups or each.
    total_steps : int, optional
        Steps of the cycle, or
    epochs, steps_per_epoch : int, optional
        whose product it is.
    pct_start : float
        Share of the rise.
    anneal_strategy : {"cos", "linear"}
        Form of both ways.
    cycle_momentum : bool
        Move momentum (or beta 1) from ``max_momentum`` to ``base_momentum`` and back.
    base_momentum, max_momentum : float, or list of float
        Its bounds.
    div_factor, final_div_factor : float
        max / initial, and initial / least.
    three_phase : bool
        See above.
    last_epoch : int
        As in ``LRScheduler``.

    Raises
    ------
    ValueError
        The number of steps is not given or used up, or a setting is out of its range.

    Examples
    --------
    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor(1.0, requires_grad=True)], lr=1.0, momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=4, anneal_strategy="linear")
    >>> rates = [round(rate, 3) for rate in schedule.get_last_lr()]
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates.append(round(schedule.get_last_lr()[0], 3))
    >>> rates
    [0.04, 0.714, 0.357, 0.0]

    Source: Smith & Topin (2019), "Super-convergence"; ``torch.optim.lr_scheduler.OneCycleLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self._optimizer(optimizer)
        self.total_steps = self._steps(total_steps, epochs, steps_per_epoch)
        if isinstance(pct_start, bool) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be in [0, 1], got {pct_start!r}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}"
            )
        self._anneal_func_type = anneal_strategy
        rise, last = float(pct_start * self.total_steps) - 1, self.total_steps - 1
        up = _phase(rise, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            down = [
                _phase(2 * rise, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                _phase(last, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            down = [_phase(last, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        self._schedule_phases = [up, *down]
        if last_epoch == -1:
            rates = _each("OneCycleLR", "max_lr", optimizer, max_lr)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["max_lr"] = rate
                group["initial_lr"] = rate / div_factor
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._begin_momentum(optimizer, base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def _steps(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
        given = {"total_steps": total_steps} if total_steps is not None else {}
        if not given:
            given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
            if None in given.values():
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
        steps = 1
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"OneCycleLR: {name} must be an int of at least 1, got {value!r}")
            steps *= value
        return steps

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + cos(pi * share))

    def get_lr(self) -> list[Any]:
        """Return the rates of the phase that the step is in, and move the momentum."""
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {step} of a cycle of {self.total_steps} steps: it is over"
            )
        phases, index = self._schedule_phases, 0
        while step > phases[index]["end_step"] and index < len(phases) - 1:
            index += 1
        begin = phases[index - 1]["end_step"] if index else 0.0
        phase = phases[index]
        end = phase["end_step"]
        share = (step - begin) / (end - begin) if end != begin else 1.0
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                most, least = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._between(most, least, share))
        return rates


def _phase(
    end_step: float, start_lr: str, end_lr: str, start_momentum: str, end_momentum: str
) -> dict[str, Any]:
    """Say where a phase ends, and between which settings of a group it goes, as PyTorch does."""
    return {
        "end_step": end_step,
        "start_lr": start_lr,
        "end_lr": end_lr,
        "start_momentum": start_momentum,
        "end_momentum": end_momentum,
    }
