"""An exam problem with every number on the page: a 1-D convolutional network by hand.

    z_i = k1 x_i + k2 x_(i+1) + k3 x_(i+2) + b
    v1 = max(z1, z2, 0),  v2 = max(z2, z3, 0)
    yhat = w1 v1 + w2 v2 + a
    L = (y - yhat)^2 / 2

The numbers are chosen so that z2 wins both windows: its gradient is a sum, 10 + 5 = 15.
"""

from typing import NamedTuple

import autograd
import viz
from autograd import Tensor, maximum
from viz.figure import Figure

__all__ = ["Exam", "exam"]


class Exam(NamedTuple):
    """The problem as a graph and as a step-through, and what to look at in both."""

    graph: Figure
    stepper: Figure
    look: list[str]


def exam() -> Exam:
    """Compute, differentiate and draw the problem."""
    x1, x2, x3, x4, x5 = map(leaf, (1, 2, -1, 0, 3))
    k1, k2, k3, b = map(leaf, (1, -2, -2, 0))
    w1, w2, a = map(leaf, (2, 1, 1))
    y = 8.0

    z1 = k1 * x1 + k2 * x2 + k3 * x3 + b
    z2 = k1 * x2 + k2 * x3 + k3 * x4 + b
    z3 = k1 * x3 + k2 * x4 + k3 * x5 + b
    v1 = maximum(maximum(z1, z2), 0)
    v2 = maximum(maximum(z2, z3), 0)
    yhat = w1 * v1 + w2 * v2 + a
    L = (y - yhat) ** 2 / 2

    L.backward()
    first, second, both = (number(tensor.grad) for tensor in (v1, v2, z2))
    look = [
        f"z2 wins both maxima, so two contributions land on it: {first} + {second} = {both}.",
        f"z1 = {number(z1)} and z3 = {number(z3)} lose to {number(z2)}: dashed lines, gradient 0. "
        "Changing them a little would not change L.",
        f"k3 has gradient {number(k3.grad)} for another reason: {both} arrives at z2, but there k3 "
        f"is multiplied by x4 = {number(x4)}.",
    ]
    return Exam(viz.graph(L), viz.backprop(L, forward=True), look)


def leaf(value: float) -> Tensor:
    """Return a number whose gradient is wanted."""
    return autograd.tensor(float(value), requires_grad=True)


def number(tensor: Tensor) -> str:
    """Return the value as the pictures write it, with a true minus."""
    return f"{tensor.item():g}".replace("-", "−")
