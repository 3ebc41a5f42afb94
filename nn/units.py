"""Units that PyTorch has no layer for: the largest of several maps, and all-or-nothing answers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["Maxout", "Sign", "Step"]


class Step(Module):
    """All or nothing: y = 1 where x > 0, else 0.  Its derivative is 0: nothing before it learns.

    Warns
    -----
    UserWarning
        When called on what requires grad.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Step()(autograd.tensor([-1.0, 2.0])).tolist()
    [0.0, 1.0]

    Source: McCulloch and Pitts (1943).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compare with 0."""
        return F.step(input)


class Sign(Module):
    """Signum: y = -1, 0 or 1.  Its derivative is 0 (none exists at 0): nothing before it learns.

    Warns
    -----
    UserWarning
        When called on what requires grad.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Sign()(autograd.tensor([-1.5, 2.0])).tolist()
    [-1.0, 1.0]

    Source: Rosenblatt (1958).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Keep the sign."""
        return F.sign(input)


class Maxout(Module):
    """Largest of several affine maps: y = max_k (w_k . x + b_k); the gradient goes to the winner.

    It has ``pieces`` times the parameters of a Linear; (w, 0) makes a ReLU, (w, w/100) a leaky one.

    Shapes: x (..., in_features) -> y (..., out_features); weight
    (out_features pieces, in_features), the pieces of one output being neighbours.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.Maxout(10, 5)
    >>> layer(autograd.ones(4, 10)).shape, sum(p.numel() for p in layer.parameters())
    ((4, 5), 110)

    Source: Goodfellow et al., "Maxout networks" (2013).
    """

    in_features: int
    out_features: int
    pieces: int

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count("Maxout", 0, in_features=in_features, out_features=out_features)
        check_count("Maxout", 1, pieces=pieces)
        self.in_features = in_features
        self.out_features = out_features
        self.pieces = pieces
        dtype = layer_dtype("Maxout", None, dtype)
        self.weight = Parameter(empty((out_features * pieces, in_features), dtype))
        if bias:
            self.bias = Parameter(empty((out_features * pieces,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, as those of a Linear."""
        init.default_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Map, and keep the largest piece."""
        return F.maxout(F.linear(input, self.weight, self.bias), self.pieces)

    def extra_repr(self) -> str:
        """Return the arguments."""
        bias = self.bias is not None
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"pieces={self.pieces}, bias={bias}"
        )
