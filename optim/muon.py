"""Muon: momentum whose matrix is made nearly orthogonal before it is a step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor

from .blocks import Array, approach, update_in_place
from .optimizer import Optimizer
from .settings import number
from .slots import zeros_like

__all__ = ["Muon"]

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of Jordan's quintic, steepest at 0
RATES = {
    None: lambda rows, columns: sqrt(max(1, rows / columns)),
    "original": lambda rows, columns: sqrt(max(1, rows / columns)),
    "match_rms_adamw": lambda rows, columns: 0.2 * sqrt(max(rows, columns)),
}


class Muon(Optimizer):
    """Momentum, orthogonalised by Newton-Schulz iterations (Jordan et al., 2024).

    b = mu b + (1 - mu) g; with ``nesterov`` u = mu b + (1 - mu) g, else u = b. X = u / |u|, then
    ``ns_steps`` times X = a X + (b A + c A A) X with A = X X^T, which moves all singular values to
    around 1. Last w = (1 - lr weight_decay) w - lr r X with r = sqrt(max(1, rows / columns)).

    As in PyTorch the iterations run in bfloat16, 8 bits of precision, which is rounded to here
    after each product.

    Shapes: (rows, columns) only: the weights of hidden layers. Biases and the like take ``AdamW``.

    Parameters
    ----------
    params : iterable
        See ``Optimizer``.
    lr, weight_decay, momentum, nesterov
        As in the formulas; the decay is decoupled.
    ns_coefficients : three floats
        a, b, c.
    eps : float
        The least |u| that is divided by.
    ns_steps : int
        The iterations, below 100.
    adjust_lr_fn : str, optional
        ``"original"`` is the r above; ``"match_rms_adamw"`` takes r = 0.2 sqrt(max(rows, columns)),
        which suits rates and decays found for ``AdamW``.

    Raises
    ------
    ValueError
        A parameter is no matrix, a setting is negative, or there are not three coefficients.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.zeros((2, 2), requires_grad=True)
    >>> optimizer = Muon([w], lr=0.1)
    >>> (w * autograd.tensor([[8.0, 0.0], [0.0, 1.0]])).sum().backward()
    >>> optimizer.step()
    >>> w.detach().round(decimals=2)  # both directions count alike
    tensor([[-0.0700,  0.0000],
            [ 0.0000, -0.0700]])

    Source: ``torch.optim.Muon``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = COEFFICIENTS,
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "nesterov": nesterov,
                "ns_coefficients": ns_coefficients,
                "eps": eps,
                "ns_steps": ns_steps,
                "adjust_lr_fn": adjust_lr_fn,
            },
        )

    def _check_parameter(self, which: str, parameter: Any) -> None:
        super()._check_parameter(which, parameter)
        if parameter.ndim != 2:
            raise ValueError(f"{which} must be a matrix, got shape {parameter.shape}")

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if len(group["ns_coefficients"]) != 3:
            raise ValueError(
                f"Muon: ns_coefficients must be three numbers, got {group['ns_coefficients']!r}"
            )
        if group["ns_steps"] >= 100:
            raise ValueError(f"Muon: ns_steps must be below 100, got {group['ns_steps']}")
        if group["adjust_lr_fn"] not in RATES:
            raise ValueError(
                "Muon: adjust_lr_fn must be 'original', 'match_rms_adamw' or None, "
                f"got {group['adjust_lr_fn']!r}"
            )

    def _update(self, group: dict[str, Any], parameter: Tensor, gradient: Any) -> None:
        state = self.state[parameter]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = zeros_like(parameter)
        buffer, momentum = state["momentum_buffer"].payload, group["momentum"]
        room = np.empty_like(buffer)
        approach(buffer, gradient, 1 - momentum, room)
        wish = buffer
        if group["nesterov"]:
            wish = np.array(gradient)
            approach(wish, buffer, momentum, room)
        step = orthogonalised(wish, group["ns_coefficients"], group["ns_steps"], group["eps"])
        lr = number(group["lr"])
        shrink = 1 - lr * number(group["weight_decay"])
        rate = lr * RATES[group["adjust_lr_fn"]](*parameter.shape)

        def descend(w: Array, u: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
            w *= shrink
            w -= np.multiply(u, rate, out=rooms[0])

        update_in_place(descend, parameter, step.astype(parameter.dtype, copy=False))


def orthogonalised(
    matrix: Array, coefficients: tuple[float, float, float], steps: int, eps: float
) -> Array:
    """Return a float32 matrix with the singular vectors of ``matrix``, and values around 1."""
    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = _bfloat16(np.array(matrix.T if tall else matrix, np.float32))
    norm = _bfloat16(np.sqrt(np.sum(x * x, dtype=np.float32).reshape(1)))
    x = _bfloat16(x / np.maximum(norm, _bfloat16(np.array([eps], np.float32))))
    for _ in range(steps):
        gram = _bfloat16(x @ x.T)
        update = _sum(b, gram, np.float32(c) * (gram @ gram))
        x = _sum(a, x, update @ x)
    return x.T if tall else x


def _sum(weight: float, matrix: Array, product: Array) -> Array:
    """Return weight matrix + product, rounded once to float32, then to bfloat16.

    PyTorch fuses the two, and a number next to a tie of bfloat16's would else go the other way.
    """
    wide = matrix.astype(np.float64)
    wide *= np.float32(weight)
    wide += product
    return _bfloat16(wide.astype(np.float32))


def _bfloat16(values: Array) -> Array:
    """Round float32 numbers in place to the upper 16 bits, ties to even; returns them."""
    bits = values.view(np.uint32)
    odd = (bits >> 16) & 1
    odd += 0x7FFF
    bits += odd
    bits &= 0xFFFF0000
    return values
