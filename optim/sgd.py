"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor

from .blocks import update_in_place
from .optimizer import Optimizer, zeros_like

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent: w -= lr g; with momentum mu: v = mu v + (1 - dampening) g, w -= lr v.

    ``nesterov`` looks ahead: w -= lr (g + mu v). ``weight_decay`` adds weight_decay w to g (the
    gradient of weight_decay / 2 |w|^2), ``maximize`` climbs instead. The first v is g itself.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See ``Optimizer``.
    lr, momentum, dampening, weight_decay : float
        As in the formulas.
    nesterov, maximize : bool
        As above; ``nesterov`` needs a momentum and no dampening.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.8
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                "SGD: nesterov needs a momentum above 0 and no dampening, "
                f"got momentum {group['momentum']} and dampening {group['dampening']}"
            )

    def _update(self, group: dict[str, Any], parameter: Tensor) -> None:
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        maximize, nesterov, share = group["maximize"], group["nesterov"], 1 - group["dampening"]
        gradient = parameter.grad.payload
        state = self.state[parameter] if momentum else {}
        velocity = state.get("momentum_buffer")
        first = velocity is None
        if momentum and first:
            velocity = state["momentum_buffer"] = zeros_like(parameter)

        def descend(w: Any, g: Any, *rest: Any) -> None:
            *v, room, spare = rest
            if decay:
                np.multiply(w, decay, out=room)
                g = (np.subtract if maximize else np.add)(room, g, out=room)
            elif maximize:
                g = np.negative(g, out=room)
            if v:
                (v,) = v
                if first:
                    v[...] = g
                else:
                    v *= momentum
                    v += g if share == 1 else np.multiply(g, share, out=spare)
                if nesterov:
                    np.multiply(v, momentum, out=spare)
                    g = np.add(g, spare, out=spare)
                else:
                    g = v
            w -= np.multiply(g, lr, out=spare)

        if momentum:
            update_in_place(descend, parameter, gradient, velocity.payload)
        else:
            update_in_place(descend, parameter, gradient)
