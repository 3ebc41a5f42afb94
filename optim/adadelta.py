"""Adadelta: steps in the units of the weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel
from .optimizer import Optimizer
from .settings import number
from .slots import advance

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Match the size of steps to that of earlier steps (Zeiler, 2012).

    v = rho v + (1 - rho) g^2, d = g sqrt(u + eps) / sqrt(v + eps), u = rho u + (1 - rho) d^2,
    w -= lr d. The first steps are as small as sqrt(eps).

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``capturable`` and ``differentiable``.
    lr, rho, eps : float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        ``rho`` is outside [0, 1], or another setting is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Adadelta([w])
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.996838

    Source: ``torch.optim.Adadelta``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "rho": rho,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "capturable": capturable,
                "foreach": foreach,
                "differentiable": differentiable,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if not 0 <= group["rho"] <= 1:
            raise ValueError(f"Adadelta: rho must be in [0, 1], got {group['rho']}")

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        advance(state)
        lr, rho, eps = number(group["lr"]), group["rho"], group["eps"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (v, u), (room, d, *_) = slots, rooms
            np.multiply(g, 1 - rho, out=room)
            room *= g
            v *= rho
            v += room
            np.sqrt(np.add(v, eps, out=room), out=room)
            np.sqrt(np.add(u, eps, out=d), out=d)
            d /= room
            d *= g
            np.multiply(d, 1 - rho, out=room)
            room *= d
            u *= rho
            u += room
            d *= lr
            w -= d

        return descend
