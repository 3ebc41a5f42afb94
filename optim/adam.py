"""Adam and AdamW: a step of its own length for each weight."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor

from .blocks import update_in_place
from .optimizer import Optimizer, zeros_like

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adaptive moments (Kingma & Ba, 2015).

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and after t steps
    w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps): RMSProp with momentum and with a
    correction for the start at 0.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See ``Optimizer``.
    lr, betas, eps : float, pair of floats, float
        As in the formulas.
    weight_decay : float
        Adds weight_decay w to g, so that the step is scaled by it hardly at all (``AdamW`` is the
        one that decays weights).
    amsgrad : bool
        Divide by the largest v so far (Reddi et al., 2018).
    maximize : bool
        Climb instead.
    decoupled_weight_decay : bool
        Decay as ``AdamW`` does.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        betas = group["betas"]
        if not (isinstance(betas, (tuple, list)) and len(betas) == 2):
            raise TypeError(f"{type(self).__name__}: betas must be a pair, got {betas!r}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"{type(self).__name__}: betas must be in [0, 1), got {betas!r}")

    def _update(self, group: dict[str, Any], parameter: Tensor) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = 0
            state["exp_avg"] = zeros_like(parameter)
            state["exp_avg_sq"] = zeros_like(parameter)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(parameter)
        state["step"] += 1
        (beta1, beta2), eps, maximize = group["betas"], group["eps"], group["maximize"]
        step_size = group["lr"] / (1 - beta1 ** state["step"])
        second_scale = sqrt(1 - beta2 ** state["step"])
        decoupled = group["decoupled_weight_decay"]
        shrink = 1 - group["lr"] * group["weight_decay"] if decoupled else 1
        decay = 0 if decoupled else group["weight_decay"]

        def descend(w: Any, g: Any, m: Any, v: Any, *rest: Any) -> None:
            *largest, room, spare = rest
            if shrink != 1:
                w *= shrink
            if decay:
                np.multiply(w, decay, out=spare)
                g = (np.subtract if maximize else np.add)(spare, g, out=spare)
            elif maximize:
                g = np.negative(g, out=spare)
            np.subtract(g, m, out=room)
            room *= 1 - beta1
            m += room
            np.multiply(g, g, out=room)
            room *= 1 - beta2
            v *= beta2
            v += room
            if largest:
                v = np.maximum(*largest, v, out=largest[0])
            np.sqrt(v, out=room)
            room /= second_scale
            room += eps
            np.divide(m, room, out=room)
            room *= step_size
            w -= room

        held = [state[key].payload for key in ("exp_avg", "exp_avg_sq")]
        if group["amsgrad"]:
            held.append(state["max_exp_avg_sq"].payload)
        update_in_place(descend, parameter, parameter.grad.payload, *held)


class AdamW(Adam):
    """Adam whose weight decay is decoupled (Loshchilov & Hutter, 2019).

    Before the step w -= lr weight_decay w, whatever the size of the gradients. See ``Adam``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )
