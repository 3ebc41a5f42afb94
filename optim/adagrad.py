"""Adagrad: rates that shrink with the sum of all squared gradients so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor

from .blocks import Array, Kernel
from .optimizer import Optimizer
from .settings import number
from .slots import advance, counter, filled_like

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Adaptive gradient (Duchi et al., 2011): s += g^2, w -= lr g / (sqrt(s) + eps).

    After t steps lr is divided by 1 + (t - 1) lr_decay. Directions with large gradients get small
    rates; s never shrinks, so every rate falls for good.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``differentiable`` and ``fused``.
    lr, lr_decay, eps : float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g.
    initial_accumulator_value : float
        The first s.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        A setting is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Adagrad([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.9

    Source: ``torch.optim.Adagrad``.
    """

    _not_negative = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "fused": fused,
            },
        )
        for group in self.param_groups:  # the only rule whose state is there before the first step
            for parameter in group["params"]:
                start = self._start(group, "sum", parameter)
                self.state[parameter] = {"step": counter(), "sum": start}

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("sum",)

    def _start(self, group: dict[str, Any], slot: str, parameter: Tensor) -> Tensor:
        return filled_like(parameter, group["initial_accumulator_value"])

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        t = advance(state)
        rate, eps = number(group["lr"]) / (1 + (t - 1) * group["lr_decay"]), group["eps"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (s,), room = slots, rooms[0]
            s += np.square(g, out=room)
            np.sqrt(s, out=room)
            room += eps
            np.divide(g, room, out=room)
            room *= rate
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        rate = number(group["lr"]) / (1 + (state["step"].item() - 1) * group["lr_decay"])
        return rate / (np.sqrt(state["sum"].payload) + group["eps"])
