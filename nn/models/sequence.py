"""A classifier of sequences: a vanilla RNN and a linear layer on its last state."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import RNN, Linear, Module

__all__ = ["RNNClassifier"]


class RNNClassifier(Module):
    """Vanilla RNN, h_t = tanh(W h_{t-1} + U x_t + b), whose last state is classified.

    Shapes: x (N, L, input_size) -> (N, num_classes), or (N, L, num_classes) with ``every_step``.

    Parameters
    ----------
    input_size, hidden_size, num_classes : int
    num_layers : int
        Of the RNN.
    nonlinearity : {"tanh", "relu"}
    every_step : bool
        Classify every state, not the last alone.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.models.RNNClassifier(8, 16, 3)
    >>> model(autograd.zeros(2, 5, 8)).shape, list(model.state_dict())[0]
    ((2, 3), 'rnn.weight_ih_l0')

    Source: Elman (1990), "Finding structure in time".
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_classes: int,
        *,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        dropout: float = 0.0,
        every_step: bool = False,
    ) -> None:
        super().__init__()
        options: dict[str, Any] = {"nonlinearity": nonlinearity, "dropout": dropout}
        self.rnn = RNN(input_size, hidden_size, num_layers, batch_first=True, **options)
        self.fc = Linear(hidden_size, num_classes)
        self.every_step = every_step

    def forward(self, x: Tensor) -> Tensor:
        """Classify a batch of sequences."""
        states, _ = self.rnn(x)
        return self.fc(states if self.every_step else states[:, -1])
