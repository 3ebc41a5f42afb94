"""RAdam: Adam that waits until the size of the gradients is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Any

import numpy as np

from .blocks import Array, Kernel, approach
from .optimizer import Optimizer
from .settings import check_betas, number
from .slots import advance

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Rectified Adam (Liu et al., 2020): a warm-up by the variance of its own estimate.

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, M = m / (1 - beta1^t);
    rho = rho_inf - 2 t beta2^t / (1 - beta2^t) with rho_inf = 2 / (1 - beta2) - 1 counts the
    gradients that v stands for. While rho <= 5: w -= lr M. Then
    w -= lr r M sqrt(1 - beta2^t) / (sqrt(v) + eps), with
    r = sqrt((rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho)).

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``capturable`` and ``differentiable``.
    lr, betas, eps : float, pair of floats, float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g; or as below.
    decoupled_weight_decay : bool
        Decay as ``AdamW`` does: w *= 1 - lr weight_decay before the step.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        A beta is outside [0, 1), or another setting is negative.

    Examples
    --------
    The first steps are those of gradient descent with momentum:

    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = RAdam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.8

    Source: ``torch.optim.RAdam``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "decoupled_weight_decay": decoupled_weight_decay,
                "differentiable": differentiable,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        check_betas("RAdam", group["betas"])

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        rate, rectified = _rates(group, advance(state))
        (beta1, beta2), eps = map(number, group["betas"]), group["eps"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (m, v), room = slots, rooms[0]
            approach(m, g, 1 - beta1, room)
            np.multiply(g, 1 - beta2, out=room)
            room *= g
            v *= beta2
            v += room
            if rectified:
                np.sqrt(v, out=room)
                room += eps
                np.divide(m, room, out=room)
                room *= rate
            else:
                np.multiply(m, rate, out=room)
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        rate, rectified = _rates(group, state["step"].item())
        root = np.sqrt(state["exp_avg_sq"].payload)
        return rate / (root + group["eps"]) if rectified else rate


def _rates(group: dict[str, Any], t: float) -> tuple[float, bool]:
    """Return what multiplies the step, and whether the step is divided by the gradients' size."""
    beta1, beta2 = map(number, group["betas"])
    rate = number(group["lr"]) / (1 - beta1**t)
    second_scale = 1 - beta2**t
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / second_scale
    if length <= 5:
        return rate, False
    rectification = sqrt(
        (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    )
    return rate * sqrt(second_scale) * rectification, True
