"""Adamax: Adam with the largest recent gradient in place of the root mean square."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel, approach
from .optimizer import Optimizer
from .settings import check_betas, number
from .slots import advance

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adam in the infinity norm (Kingma & Ba, 2015).

    m = beta1 m + (1 - beta1) g, u = max(beta2 u, |g| + eps), and after t steps
    w -= lr / (1 - beta1^t) m / u: no step is longer than about lr.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``differentiable`` and ``capturable``.
    lr, betas, eps : float, pair of floats, float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        A beta is outside [0, 1), or another setting is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Adamax([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.9

    Source: ``torch.optim.Adamax``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        check_betas("Adamax", group["betas"])

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_inf")

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        t = advance(state)
        (beta1, beta2), eps = map(number, group["betas"]), group["eps"]
        rate = number(group["lr"]) / (1 - beta1**t)

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (m, u), room = slots, rooms[0]
            approach(m, g, 1 - beta1, room)
            np.abs(g, out=room)
            room += eps
            u *= beta2
            np.maximum(u, room, out=u)
            np.divide(m, u, out=room)
            room *= rate
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        corrected = 1 - number(group["betas"][0]) ** state["step"].item()
        return number(group["lr"]) / corrected / state["exp_inf"].payload
