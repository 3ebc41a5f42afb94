"""Recurrent layers: the same weights at every step of a sequence, and a state that goes on.

``RNN`` records its steps, so that the graph is the unrolled network; an LSTM or GRU is one fast
operation for each layer and direction (without ``proj_size``). To look into their steps, call an
``LSTMCell`` or ``GRUCell`` in a loop, which computes the same:

    for x_t in x:
        h, c = cell(x_t, (h, c))
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from nn import ops

from . import functional as F
from . import init
from .functional.arguments import check_count, check_dtype, check_tensor, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

__all__ = ["GRU", "LSTM", "RNN"]


class RNNBase(Module):
    """What recurrent layers share: parameters by layer and direction, and the way through them."""

    mode: str
    gates = 1  # blocks of rows of a weight
    states = 1  # tensors that make up the state

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_count(name, 1, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_count(name, 0, proj_size=proj_size)
        if proj_size >= hidden_size:
            raise ValueError(
                f"{name}: proj_size must be smaller than hidden_size {hidden_size}, got {proj_size}"
            )
        if isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout must be a probability in [0, 1], got {dropout!r}")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} comes after each layer but the last, and there is only "
                "one layer",
                stacklevel=3,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        dtype = layer_dtype(name, device, dtype)
        output, rows = proj_size or hidden_size, self.gates * hidden_size
        for layer in range(num_layers):
            width = output * self._directions if layer else input_size
            for suffix in self._suffixes(layer):
                shapes = {"weight_ih": (rows, width), "weight_hh": (rows, output)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for kind, shape in shapes.items():
                    setattr(self, kind + suffix, Parameter(empty(shape, dtype)))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def _weights(self, suffix: str) -> list[Any]:
        kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
        return [self._parameters.get(kind + suffix) for kind in kinds]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction.

        Examples
        --------
        >>> import nn
        >>> [[w.name for w in each] for each in nn.RNN(2, 3, bias=False).all_weights]
        [['weight_ih_l0', 'weight_hh_l0']]

        Source: ``torch.nn.RNN``.
        """
        suffixes = [s for layer in range(self.num_layers) for s in self._suffixes(layer)]
        return [[w for w in self._weights(suffix) if w is not None] for suffix in suffixes]

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-b, b), b = 1 / sqrt(hidden_size)."""
        bound = 1 / sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch gathers the weights in one buffer here, for GPUs.

        Examples
        --------
        >>> import nn
        >>> nn.RNN(2, 3).flatten_parameters()

        Source: ``torch.nn.RNN``.
        """

    def _direction(
        self, x: Any, state: Sequence[Any], weights: list[Any], **options: Any
    ) -> tuple[Any, ...]:
        """Run one direction of one layer; return all outputs and the last state's parts."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the last layer's output at every step, and every layer's last state."""
        packed = input if isinstance(input, PackedSequence) else None
        x = packed.data if packed is not None else input
        name = type(self).__name__
        check_tensor(name, input=x)
        rank = len(x.shape)
        if packed is None and rank not in (2, 3):
            layout = "(N, T, I)" if self.batch_first else "(T, N, I)"
            raise ValueError(
                f"{name}: input must have shape {layout}, or (T, I) without a batch, got "
                f"{tuple(x.shape)}"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: expected {self.input_size} numbers a step (input_size), got input of "
                f"shape {tuple(x.shape)}"
            )
        check_dtype(name, x, weight_ih_l0=self.weight_ih_l0)
        single = packed is None and rank == 2
        sizes = None
        if packed is not None:
            sizes = tuple(packed.batch_sizes.tolist())
        elif single:
            x = autograd.unsqueeze(x, 1)
        elif self.batch_first:
            x = autograd.transpose(x, 0, 1)
        if not x.shape[0] and packed is None:
            raise RuntimeError(f"{name}: expected at least one step, got {tuple(input.shape)}")
        states = self._states(hx, single, sizes[0] if sizes else x.shape[1])
        if packed is not None and packed.sorted_indices is not None:
            states = [_permuted(each, packed.sorted_indices) for each in states]
        y, states = self._through(x, states, sizes)
        if packed is not None:
            y = packed._replace(data=y)
            if packed.unsorted_indices is not None:
                states = [_permuted(each, packed.unsorted_indices) for each in states]
        elif single:
            y, states = y[:, 0], [each[:, 0] for each in states]
        elif self.batch_first:
            y = autograd.transpose(y, 0, 1)
        return y, (states[0] if self.states == 1 else tuple(states))

    def _through(self, x: Any, states: list[Any], sizes: Any) -> tuple[Any, list[Any]]:
        """Go through the layers; return the outputs and the last states, (layers, N, H) each."""
        last: list[tuple[Any, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout:
                x = F.dropout(x, self.dropout)
            outputs = []
            for suffix in self._suffixes(layer):
                state = [None if each is None else each[len(last)] for each in states]
                y, *parts = self._direction(
                    x,
                    state,
                    self._weights(suffix),
                    batch_sizes=sizes,
                    reverse=suffix.endswith("reverse"),
                )
                outputs.append(y)
                last.append(tuple(parts))
            x = outputs[0] if len(outputs) == 1 else autograd.cat(outputs, -1)
        return x, [autograd.stack(parts) for parts in zip(*last, strict=True)]

    def _states(self, hx: Any, single: bool, batch: int) -> list[Any]:
        """Return each part of the given state as (layers x directions, N, H), None for zeros."""
        if hx is None:
            return [None] * self.states
        name = type(self).__name__
        parts = list(hx) if self.states > 1 and isinstance(hx, (tuple, list)) else [hx]
        if len(parts) != self.states or not all(
            isinstance(each, (Tensor, np.ndarray)) for each in parts
        ):
            wanted = "a tensor h_0" if self.states == 1 else "a pair of tensors (h_0, c_0)"
            got = type(hx).__name__
            raise TypeError(f"{name}: hx must be {wanted}, got {got}")
        sizes = [self.proj_size or self.hidden_size, self.hidden_size]
        for i, (part, size) in enumerate(zip(parts, sizes, strict=False)):
            wanted_shape = (self.num_layers * self._directions, batch, size)
            if single:
                wanted_shape = (wanted_shape[0], size)
            if tuple(part.shape) != wanted_shape:
                raise RuntimeError(
                    f"{name}: expected {'hc'[i]}_0 of shape {wanted_shape} (layers x directions, "
                    f"{'' if single else 'batch, '}size), got {tuple(part.shape)}"
                )
            check_dtype(name, part, weight_ih_l0=self.weight_ih_l0)
        return [autograd.unsqueeze(part, 1) for part in parts] if single else parts

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, default in defaults.items():
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


def _permuted(state: Any, order: Any) -> Any:
    return None if state is None else autograd.index_select(state, 1, order)


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
