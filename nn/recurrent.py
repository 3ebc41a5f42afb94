"""Recurrent layers: the same weights at every step of a sequence, and a state that goes on.

``RNN`` records its steps, so that the graph is the unrolled network; an LSTM or GRU is one fast
operation for each layer and direction (without ``proj_size``). To look into their steps, call an
``LSTMCell`` or ``GRUCell`` in a loop, which computes the same:

    for x_t in x:
        h, c = cell(x_t, (h, c))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import ops

from .recurrent_base import RNNBase

__all__ = ["GRU", "LSTM", "RNN"]


class RNN(RNNBase):
    """Vanilla RNN (Elman): h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), layer upon layer.

    Every step is recorded: the graph of a loss shows the network unrolled in time, and the
    gradient of W_hh is a sum over the steps.

    Shapes: x (T, N, I), or (N, T, I) with ``batch_first``, or (T, I), or a ``PackedSequence``
    -> y (T, N, D H) and h_n (layers D, N, H), D = 2 if bidirectional else 1.

    Parameters
    ----------
    num_layers : int
        Each layer takes the output of the one before.
    nonlinearity : {"tanh", "relu"}
    dropout : float
        Probability with which outputs of all layers but the last become 0 in training.
    bidirectional : bool
        A second set of weights runs from the last step to the first; outputs are joined.

    Raises
    ------
    ValueError
        An argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> y, h = nn.RNN(3, 4, num_layers=2, bidirectional=True)(autograd.zeros(5, 2, 3))
    >>> y.shape, h.shape
    ((5, 2, 8), (4, 2, 4))

    Source: ``torch.nn.RNN``; Elman, "Finding structure in time", 1990.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            *(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional),
            device=device,
            dtype=dtype,
        )
        self.nonlinearity = nonlinearity
        self.mode = f"RNN_{nonlinearity.upper()}"

    def _direction(
        self, x: Any, state: Sequence[Any], weights: list[Any], **options: Any
    ) -> tuple[Any, ...]:
        return ops.rnn(x, *state, *weights[:4], nonlinearity=self.nonlinearity, **options)


class LSTM(RNNBase):
    """Long short-term memory: c_t = f c_(t-1) + i g and h_t = o tanh(c_t), layer upon layer.

    i, f, o = sigmoid and g = tanh of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh; the weights' rows are
    those of i, f, g and o in this order. The state c goes on by a product and a sum alone, so
    gradients last. Each direction of a layer is one operation; ``LSTMCell`` shows its steps.

    Shapes: x as of ``RNN`` -> y (T, N, D H), and the pair h_n, c_n (layers D, N, H).

    Parameters
    ----------
    num_layers, dropout, bidirectional
        As of ``RNN``.
    proj_size : int
        If not 0, h_t = W_hr (o tanh(c_t)) has so many numbers.

    Raises
    ------
    ValueError
        An argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> y, (h, c) = nn.LSTM(3, 4, num_layers=2)(autograd.zeros(5, 2, 3))
    >>> y.shape, h.shape, c.shape
    ((5, 2, 4), (2, 2, 4), (2, 2, 4))

    Source: ``torch.nn.LSTM``; Hochreiter & Schmidhuber, 1997, with the forget gate of Gers, 2000.
    """

    gates = 4
    states = 2
    mode = "LSTM"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            *(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional),
            proj_size=proj_size,
            device=device,
            dtype=dtype,
        )

    def _direction(
        self, x: Any, state: Sequence[Any], weights: list[Any], **options: Any
    ) -> tuple[Any, ...]:
        if self.proj_size:
            return ops.projected_lstm(x, *state, *weights, **options)
        return ops.lstm(x, *state, *weights[:4], **options)


class GRU(RNNBase):
    """Gated recurrent unit: h_t = (1 - z) n + z h_(t-1), layer upon layer.

    r, z = sigmoid of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh, and n = tanh(W_in x_t + b_in + r (W_hn
    h_(t-1) + b_hn)); the weights' rows are those of r, z and n in this order. Each direction of a
    layer is one operation; ``GRUCell`` shows its steps.

    Shapes: x as of ``RNN`` -> y (T, N, D H) and h_n (layers D, N, H).

    Parameters
    ----------
    num_layers, dropout, bidirectional
        As of ``RNN``.

    Raises
    ------
    ValueError
        An argument is out of its range.

    Examples
    --------
    >>> import autograd, nn
    >>> y, h = nn.GRU(3, 4, batch_first=True)(autograd.zeros(2, 5, 3))
    >>> y.shape, h.shape
    ((2, 5, 4), (1, 2, 4))

    Source: ``torch.nn.GRU``; Cho et al., 2014, with the reset gate after the product.
    """

    gates = 3
    mode = "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            *(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional),
            device=device,
            dtype=dtype,
        )

    def _direction(
        self, x: Any, state: Sequence[Any], weights: list[Any], **options: Any
    ) -> tuple[Any, ...]:
        return ops.gru(x, *state, *weights[:4], **options)
