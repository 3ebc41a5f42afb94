"""Adam and AdamW: a step of its own length for each weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from .blocks import Array, Kernel, approach
from .optimizer import Optimizer
from .settings import check_betas, number
from .slots import advance

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adaptive moments (Kingma & Ba, 2015).

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and after t steps
    w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps): RMSprop with momentum and with a
    correction for the start at 0.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``capturable``, ``differentiable`` and ``fused``.
    lr, betas, eps : float, pair of floats, float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g, so that the step is scaled by it hardly at all (``AdamW`` is
        the one that decays weights); or as below.
    amsgrad : bool
        Divide by the largest v so far (Reddi et al., 2018).
    maximize : bool
        Climb instead.
    decoupled_weight_decay : bool
        Decay as ``AdamW`` does: w *= 1 - lr weight_decay before the step.

    Raises
    ------
    ValueError
        A beta is outside [0, 1), or another setting is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.9

    Source: ``torch.optim.Adam``.
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
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
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
                "foreach": foreach,
                "capturable": capturable,
                "differentiable": differentiable,
                "fused": fused,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        check_betas(type(self).__name__, group["betas"])

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if group["amsgrad"] else ()))

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        t = advance(state)
        beta1, beta2 = map(number, group["betas"])
        rate = number(group["lr"]) / (1 - beta1**t)
        scale, eps = 1 / sqrt(1 - beta2**t), group["eps"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (m, v, *largest), room = slots, rooms[0]
            approach(m, g, 1 - beta1, room)
            np.multiply(g, 1 - beta2, out=room)
            room *= g
            v *= beta2
            v += room
            if largest:
                v = np.maximum(*largest, v, out=largest[0])
            np.sqrt(v, out=room)
            room *= scale
            room += eps
            np.divide(m, room, out=room)
            room *= rate
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        v = state["max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"].payload
        corrected = 1 - number(group["betas"][1]) ** state["step"].item()
        return number(group["lr"]) / (np.sqrt(v / corrected) + group["eps"])


class AdamW(Adam):
    """Adam whose weight decay is decoupled (Loshchilov & Hutter, 2019).

    Before the step w -= lr weight_decay w, whatever the size of the gradients; the rest is
    ``Adam``, which has the other parameters.

    Shapes: any.

    Parameters
    ----------
    weight_decay : float
        Decoupled, as above.

    Raises
    ------
    ValueError
        A beta is outside [0, 1), or another setting is negative.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()  # 0.1 * 0.1 from the decay, 0.1 from the gradient
    >>> round(w.item(), 6)
    0.89

    Source: ``torch.optim.AdamW``.
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
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a ``state_dict``; one of ``Adam``, too, whose decay is decoupled from then on.

        See ``Optimizer.load_state_dict``.
        """
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
