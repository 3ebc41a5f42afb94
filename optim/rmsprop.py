"""RMSprop: rates that follow the recent size of the gradients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .blocks import Array, Kernel, approach
from .optimizer import Optimizer
from .settings import number
from .slots import advance

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Divide by a running root mean square (Hinton, 2012): w -= lr g / (sqrt(v) + eps).

    v = alpha v + (1 - alpha) g^2 forgets, unlike Adagrad's sum. ``centered`` subtracts the square
    of the running mean of g from v. With momentum mu: b = mu b + g / (sqrt(v) + eps), w -= lr b.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``capturable``, ``foreach`` and ``differentiable``.
    lr, alpha, eps, momentum : float
        As in the formulas.
    weight_decay : float
        L2: adds weight_decay w to g.
    centered, maximize : bool
        As above; climb instead.

    Raises
    ------
    ValueError
        A setting is negative.

    Examples
    --------
    The first step is lr / sqrt(1 - alpha) long, whatever the gradient:

    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = RMSprop([w], lr=0.1, alpha=0.75)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.item(), 6)
    0.8

    Source: ``torch.optim.RMSprop``; Hinton's course, lecture 6.
    """

    _not_negative = ("lr", "alpha", "eps", "weight_decay", "momentum")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "alpha": alpha,
                "eps": eps,
                "centered": centered,
                "weight_decay": weight_decay,
                "capturable": capturable,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
            },
        )

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        momentum = ("momentum_buffer",) if group["momentum"] else ()
        return ("square_avg", *momentum, *(("grad_avg",) if group["centered"] else ()))

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        advance(state)
        lr, alpha, eps = number(group["lr"]), group["alpha"], group["eps"]
        momentum, centered = group["momentum"], group["centered"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            v, room, spare = slots[0], rooms[0], rooms[1]
            np.multiply(g, 1 - alpha, out=room)
            room *= g
            v *= alpha
            v += room
            if centered:
                mean = slots[-1]
                approach(mean, g, 1 - alpha, room)
                np.multiply(mean, mean, out=spare)
                np.subtract(v, spare, out=room)
                np.sqrt(room, out=room)
            else:
                np.sqrt(v, out=room)
            room += eps
            np.divide(g, room, out=room)
            if momentum:
                b = slots[1]
                b *= momentum
                b += room
                np.multiply(b, lr, out=room)
            else:
                room *= lr
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        variance = state["square_avg"].payload
        if group["centered"]:
            variance = variance - np.square(state["grad_avg"].payload)
        return number(group["lr"]) / (np.sqrt(variance) + group["eps"])
