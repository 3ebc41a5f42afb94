"""One step of a recurrent layer: in a loop over time it is the unrolled network, op by op."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.ops.affine import linear
from nn.ops.unrolled import gru_step, lstm_step, rnn_step

from . import init
from .functional.arguments import check_count, check_dtype, check_tensor, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class RNNCellBase(Module):
    """What cells share: four parameters, and a step on a batch or on one vector."""

    gates = 1
    states = 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, device: Any, dtype: Any
    ) -> None:
        super().__init__()
        check_count(type(self).__name__, 0, input_size=input_size, hidden_size=hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        dtype = layer_dtype(type(self).__name__, device, dtype)
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty((rows,), dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-b, b), b = 1 / sqrt(hidden_size)."""
        bound = 1 / sqrt(self.hidden_size) if self.hidden_size else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _step(self, sums: Any, state: list[Any]) -> Any:
        """Return the new state from the input's products and the old state."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the next state."""
        name = type(self).__name__
        check_tensor(name, input=input)
        shape = tuple(input.shape)
        if len(shape) not in (1, 2):
            raise ValueError(f"{name}: input must have shape (N, I) or (I,), got {shape}")
        if shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: expected {self.input_size} numbers (input_size), got input of shape "
                f"{shape}"
            )
        check_dtype(name, input, weight_ih=self.weight_ih)
        wanted = (*shape[:-1], self.hidden_size)
        if hx is None:
            state = [autograd.zeros(wanted, dtype=input.dtype) for _ in range(self.states)]
        else:
            state = list(hx) if self.states > 1 and isinstance(hx, (tuple, list)) else [hx]
        if len(state) != self.states or not all(
            isinstance(each, (Tensor, np.ndarray)) for each in state
        ):
            kind = "a tensor h" if self.states == 1 else "a pair of tensors (h, c)"
            raise TypeError(f"{name}: hx must be {kind}, got {type(hx).__name__}")
        for each, letter in zip(state, "hc", strict=False):
            if tuple(each.shape) != wanted:
                raise RuntimeError(
                    f"{name}: expected {letter} of shape {wanted} for input of shape {shape}, got "
                    f"{tuple(each.shape)}"
                )
            check_dtype(name, input, **{letter: each})
        return self._step(linear(input, self.weight_ih, self.bias_ih), state)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias else f"{text}, bias=False"


class RNNCell(RNNCellBase):
    """One step of a vanilla RNN: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Shapes: x (N, I), h (N, H) or None for 0 -> h' (N, H); or without N.

    Raises
    ------
    ValueError
        The nonlinearity is neither 'tanh' nor 'relu'.

    Examples
    --------
    >>> import autograd, nn
    >>> cell, h = nn.RNNCell(3, 4), autograd.zeros(2, 4)
    >>> for x_t in autograd.randn(5, 2, 3):
    ...     h = cell(x_t, h)
    >>> h.shape
    (2, 4)

    Source: ``torch.nn.RNNCell``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"RNNCell: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}"
            )
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def _step(self, sums: Any, state: list[Any]) -> Any:
        step = self.nonlinearity
        return rnn_step(sums, *state, self.weight_hh, self.bias_hh, nonlinearity=step)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else f"{text}, nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    """One step of an LSTM: c' = f c + i g, h' = o tanh(c').

    i, f, o = sigmoid and g = tanh of W_ih x + b_ih + W_hh h + b_hh, rows in the order i, f, g, o.
    Shapes: x (N, I), (h, c) each (N, H) or None for 0 -> (h', c'); or without N.

    Examples
    --------
    >>> import autograd, nn
    >>> h, c = nn.LSTMCell(3, 4)(autograd.zeros(2, 3))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))

    Source: ``torch.nn.LSTMCell``.
    """

    gates = 4
    states = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def _step(self, sums: Any, state: list[Any]) -> Any:
        return lstm_step(sums, *state, self.weight_hh, self.bias_hh)


class GRUCell(RNNCellBase):
    """One step of a GRU: h' = (1 - z) n + z h.

    r, z = sigmoid of W_ih x + b_ih + W_hh h + b_hh and n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
    rows in the order r, z, n. Shapes: x (N, I), h (N, H) or None for 0 -> h'; or without N.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.GRUCell(3, 4)(autograd.zeros(2, 3)).shape
    (2, 4)

    Source: ``torch.nn.GRUCell``.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def _step(self, sums: Any, state: list[Any]) -> Any:
        return gru_step(sums, *state, self.weight_hh, self.bias_hh)
