"""Rprop: steps whose length follows the sign of the gradient, not its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor

from .blocks import Array, Kernel
from .optimizer import Optimizer
from .settings import number
from .slots import advance, filled_like

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Resilient backpropagation (Riedmiller & Braun, 1993), for full batches: w -= sign(g) s.

    Each weight has a step s of its own, which starts at lr. Where g keeps its sign, s grows by
    etas[1]; where it turns, s shrinks by etas[0] and this step is left out; s stays within
    ``step_sizes``.

    Shapes: any.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``, also for ``capturable``, ``foreach`` and ``differentiable``.
    lr : float
        The first s; later changes of ``lr`` have no effect.
    etas, step_sizes : pair of floats
        As above.
    maximize : bool
        Climb instead.

    Raises
    ------
    ValueError
        ``lr`` is negative, or not 0 < etas[0] < 1 < etas[1].

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = Rprop([w], lr=0.1)
    >>> for _ in range(2):  # by 0.1, then by 1.2 times as much
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    >>> round(w.item(), 6)
    0.78

    Source: ``torch.optim.Rprop``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "etas": etas,
                "step_sizes": step_sizes,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        for setting in ("etas", "step_sizes"):
            if not (isinstance(group[setting], (tuple, list)) and len(group[setting]) == 2):
                raise TypeError(f"Rprop: {setting} must be a pair, got {group[setting]!r}")
        if not 0 < group["etas"][0] < 1 < group["etas"][1]:
            raise ValueError(f"Rprop: etas must be 0 < down < 1 < up, got {group['etas']!r}")

    def _slots(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("prev", "step_size")

    def _start(self, group: dict[str, Any], slot: str, parameter: Tensor) -> Tensor:
        return filled_like(parameter, 0 if slot == "prev" else number(group["lr"]))

    def _rule(self, group: dict[str, Any], state: dict[str, Any]) -> Kernel:
        advance(state)
        (down, up), (least, greatest) = group["etas"], group["step_sizes"]

        def descend(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            (before, s), (room, *spare) = slots, rooms
            grown, turned = [each.view(np.bool_)[: w.size] for each in spare[:2]]
            np.multiply(g, before, out=room)
            np.greater(room, 0, out=grown)
            np.less(room, 0, out=turned)
            np.multiply(s, up, out=s, where=grown)
            np.multiply(s, down, out=s, where=turned)
            np.clip(s, least, greatest, out=s)
            before[...] = g
            np.copyto(before, 0, where=turned)
            np.sign(before, out=room)
            aimless = np.isnan(room, out=turned)  # nan has no direction, as in PyTorch
            np.copyto(room, 0, where=aimless)
            room *= s
            w -= room

        return descend

    def _rate(self, group: dict[str, Any], state: dict[str, Any]) -> Any:
        raise ValueError("Rprop.effective_lr: a step does not depend on the size of the gradient")
