"""A max-pool whose windows overlap, small enough to add up by hand.

Six windows of 3 x 3 at stride 2 share a row and two columns. The 9 wins two windows side by side,
the 7 two windows above each other, and each receives the sum of what its windows send.
"""

import autograd
import nn.functional as F
import viz
from viz.figure import Figure

__all__ = ["overlap"]

X = [
    [1, 0, 3, 2, 4, 1, 0],
    [2, 4, 9, 0, 1, 3, 2],
    [0, 3, 1, 4, 2, 7, 1],
    [5, 1, 2, 5, 0, 4, 3],
    [6, 0, 3, 1, 5, 2, 0],
]
UPSTREAM = [[0.5, -1.0, 0.25], [2.0, 1.0, -0.5]]


def overlap() -> Figure:
    """Pool, send `UPSTREAM` back, and draw."""
    x = autograd.tensor([[X]], requires_grad=True, dtype=autograd.get_default_dtype())
    y = F.max_pool2d(x, 3, stride=2)
    y.backward(autograd.tensor([[UPSTREAM]]))
    return viz.pool(y)
