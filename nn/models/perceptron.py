"""Fully connected models: Rosenblatt's perceptron, the multi-layer and the self-normalising."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import autograd
from autograd import Tensor
from nn import SELU, AlphaDropout, BatchNorm1d, Dropout, Linear, Module, ReLU, Sequential, init
from nn.functional.arguments import check_count, check_probability

__all__ = ["MLP", "Perceptron", "SelfNormalizingMLP"]


class Perceptron(Module):
    """Rosenblatt's perceptron: y = sign(w x + b), which starts at w = 0, b = 0.

    Shapes: x (N, in_features) -> (N, out_features), each -1, 0 or 1. The sign has no gradient to
    train by: the perceptron rule is that of the perceptron criterion on ``scores``.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.models.Perceptron(2)
    >>> _ = model.load_state_dict({"linear.weight": [[3.0, 2.0]], "linear.bias": [-4.0]})
    >>> model(autograd.tensor([[0.0, 1.0], [1.0, 1.0]])).tolist()  # AND
    [[-1.0], [1.0]]

    Source: Rosenblatt (1958).
    """

    def __init__(self, in_features: int, out_features: int = 1) -> None:
        super().__init__()
        self.linear = Linear(in_features, out_features)
        init.zeros_(self.linear.weight)
        init.zeros_(self.linear.bias)

    def scores(self, x: Tensor) -> Tensor:
        """Return w x + b, of which the output is the sign."""
        return self.linear(x)

    def forward(self, x: Tensor) -> Tensor:
        """Classify a batch."""
        return autograd.sign(self.scores(x))


class MLP(Sequential):
    """Multi-layer perceptron: linear layers with a nonlinearity between them.

    Shapes: x (N, in_features) -> (N, out_features).

    Parameters
    ----------
    in_features : int
    hidden : sequence of int
        Units of each hidden layer; () leaves one linear layer.
    out_features : int
    activation : callable
        Makes a nonlinearity, ``nn.ReLU``.
    batch_norm : bool
        Normalise before each nonlinearity.
    dropout : float
        Share of hidden units that is dropped.

    Examples
    --------
    >>> import nn
    >>> nn.models.MLP(784, [256], 10)
    MLP(
      (0): Linear(in_features=784, out_features=256, bias=True)
      (1): ReLU()
      (2): Linear(in_features=256, out_features=10, bias=True)
    )

    Source: Rumelhart, Hinton & Williams (1986), "Learning representations by
    back-propagating errors".
    """

    def __init__(
        self,
        in_features: int,
        hidden: Sequence[int],
        out_features: int,
        activation: Callable[[], Module] = ReLU,
        *,
        batch_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        check_count("MLP", 1, in_features=in_features, out_features=out_features)
        check_probability("MLP", dropout)

        def layers() -> Iterator[Module]:
            size = in_features
            for units in hidden:
                check_count("MLP", 1, hidden=units)
                yield Linear(size, units)
                if batch_norm:
                    yield BatchNorm1d(units)
                yield activation()
                if dropout:
                    yield Dropout(dropout)
                size = units
            yield Linear(size, out_features)

        super().__init__(*layers())


class SelfNormalizingMLP(Sequential):
    """MLP of SELUs that keeps mean 0 and variance 1 from layer to layer.

    Weights start from N(0, 1 / fan_in), biases at 0; dropout is alpha dropout, which keeps both
    moments. The input should have mean 0 and variance 1 too.

    Shapes: x (N, in_features) -> (N, out_features).

    Examples
    --------
    >>> import nn
    >>> nn.models.SelfNormalizingMLP(20, [64, 64], 3, dropout=0.05)
    SelfNormalizingMLP(
      (0): Linear(in_features=20, out_features=64, bias=True)
      (1): SELU()
      (2): AlphaDropout(p=0.05, inplace=False)
      (3): Linear(in_features=64, out_features=64, bias=True)
      (4): SELU()
      (5): AlphaDropout(p=0.05, inplace=False)
      (6): Linear(in_features=64, out_features=3, bias=True)
    )

    Source: Klambauer et al. (2017), "Self-normalizing neural networks".
    """

    def __init__(
        self, in_features: int, hidden: Sequence[int], out_features: int, *, dropout: float = 0.0
    ) -> None:
        name = "SelfNormalizingMLP"
        check_count(name, 1, in_features=in_features, out_features=out_features)
        check_probability(name, dropout)
        layers: list[Any] = []
        size = in_features
        for units in hidden:
            check_count(name, 1, hidden=units)
            layers += [Linear(size, units), SELU()]
            layers += [AlphaDropout(dropout)] if dropout else []
            size = units
        super().__init__(*layers, Linear(size, out_features))
        for layer in self:
            if isinstance(layer, Linear):
                init.lecun_normal_(layer.weight)
                init.zeros_(layer.bias)
