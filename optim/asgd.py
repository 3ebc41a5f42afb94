"""ASGD: gradient descent that also averages where it has been."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel
from .optimizer import Optimizer
from .settings import number
from .slots import advance, counter

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Averaged stochastic gradient descent (Polyak & Juditsky, 1992).

    w = (1 - lambd eta) w - eta g with eta = lr / (1 + lambd lr t)^alpha; the average
    ``optimizer.state[w]["ax"]`` is w itself for t0 steps, and the mean of all later w from then on.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``differentiable`` and ``capturable``.
    lr, lambd, alpha, t0 : float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        ``lr`` or ``weight_decay`` is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = ASGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6), round(optimizer.state[w]["ax"].item(), 6)
    (0.79999, 0.79999)

    Source: ``torch.optim.ASGD``.
    """

    _numbers = ("step", "eta", "mu")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lambd": lambd,
                "alpha": alpha,
                "t0": t0,
                "weight_decay": weight_decay,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("ax",)

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        t, lr, lambd = advance(state), number(group["lr"]), group["lambd"]
        eta_of = state.setdefault("eta", counter(lr))
        mu_of = state.setdefault("mu", counter(1.0))
        eta, mu = float(eta_of.payload), float(mu_of.payload)  # set by the step before
        coming = lr / (1 + lambd * lr * t) ** group["alpha"], 1 / max(1, t - group["t0"])
        for held, value in zip((eta_of, mu_of), coming, strict=True):  # rounded as PyTorch does
            held.payload = held.dtype.type(counter(value).payload)

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (average,), room = slots, rooms[0]
            w *= 1 - lambd * eta
            w -= np.multiply(g, eta, out=room)
            if mu == 1:
                average[...] = w
            else:
                np.subtract(w, average, out=room)
                room *= mu
                average += room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        return state["eta"].item()
