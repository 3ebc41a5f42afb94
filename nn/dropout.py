"""Dropout: noise while training, the identity afterwards."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .functional.arguments import check_probability
from .module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """Inverted dropout: in training each element is 0 with probability p, else x / (1 - p).

    ``p`` is the probability of dropping, as in PyTorch: a course's "keep .8" is ``Dropout(0.2)``.
    In eval mode the layer is the identity. The backward pass uses the mask of the forward pass.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Dropout(0.5).eval()(autograd.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability("Dropout", p)
        self.p = p
        self.inplace = inplace

    def forward(self, x: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.dropout(x, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, inplace={self.inplace}"
