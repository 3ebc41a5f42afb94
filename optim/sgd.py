"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel
from .optimizer import Optimizer
from .settings import number

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent: w -= lr g; with momentum mu: v = mu v + (1 - dampening) g, w -= lr v.

    The first v is g itself. v is a decaying sum, not a mean: a constant g makes it grow to
    g / (1 - mu). ``nesterov`` looks ahead: w -= lr (g + mu v).

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``foreach``, ``differentiable`` and ``fused``.
    lr, momentum, dampening : float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g, the gradient of weight_decay / 2 |w|^2.
    nesterov : bool
        As above; needs a momentum and no dampening.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        ``lr``, ``momentum`` or ``weight_decay`` is negative, or ``nesterov`` lacks its momentum.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.8

    Source: ``torch.optim.SGD``.
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
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
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
                "foreach": foreach,
                "differentiable": differentiable,
                "fused": fused,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                "SGD: nesterov needs a momentum above 0 and no dampening, "
                f"got momentum {group['momentum']} and dampening {group['dampening']}"
            )

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        lr, momentum, nesterov = number(group["lr"]), group["momentum"], group["nesterov"]
        first, share = state.get("momentum_buffer") is None, 1 - group["dampening"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            room = rooms[0]
            if slots:
                v = slots[0]
                if first:
                    v[...] = g
                else:
                    v *= momentum
                    v += g if share == 1 else np.multiply(g, share, out=room)
                if nesterov:
                    np.multiply(v, momentum, out=room)
                    g = np.add(g, room, out=room)
                else:
                    g = v
            w -= np.multiply(g, lr, out=room)

        return descend
