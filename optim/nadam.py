"""NAdam: Adam that looks ahead, as Nesterov's momentum does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel, approach
from .optimizer import Optimizer
from .settings import check_betas, number
from .slots import advance, counter

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam with Nesterov's momentum (Dozat, 2016).

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, d = sqrt(v / (1 - beta2^t)) + eps;
    momentum grows as mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), and with P_t = mu_1 ... mu_t
    w -= lr ((1 - mu_t) / (1 - P_t) g + mu_{t+1} / (1 - P_{t+1}) m) / d.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``capturable`` and ``differentiable``.
    lr, betas, eps, momentum_decay : float, pair of floats, float, float
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
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = NAdam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 4)
    0.8944

    Source: ``torch.optim.NAdam``.
    """

    _numbers = ("step", "mu_product")
    _not_negative = ("lr", "eps", "weight_decay", "momentum_decay")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "differentiable": differentiable,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        check_betas("NAdam", group["betas"])

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        t = advance(state)
        lr, (beta1, beta2), eps = number(group["lr"]), map(number, group["betas"]), group["eps"]
        second_scale, decay = 1 - beta2**t, group["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * decay))
        product = state.setdefault("mu_product", counter(1.0))
        product.payload = product.payload * product.dtype.type(mu)
        past = float(product.payload)
        of_gradient = lr * (1 - mu) / (1 - past)
        of_momentum = lr * mu_next / (1 - past * mu_next)

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (m, v), (room, d, *_) = slots, rooms
            approach(m, g, 1 - beta1, room)
            np.multiply(g, 1 - beta2, out=room)
            room *= g
            v *= beta2
            v += room
            np.divide(v, second_scale, out=d)
            np.sqrt(d, out=d)
            d += eps
            np.divide(g, d, out=room)
            room *= of_gradient
            w -= room
            np.divide(m, d, out=room)
            room *= of_momentum
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        corrected = 1 - number(group["betas"][1]) ** state["step"].item()
        root = np.sqrt(state["exp_avg_sq"].payload / corrected)
        return number(group["lr"]) / (root + group["eps"])
