"""What recurrent layers share: parameters by layer and direction, and the way through them.

A layer of a kind says how one direction runs (``_direction``); all else is here: packed sequences
and such without a batch, given states, dropout between layers, and both directions joined.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import (
    check_count,
    check_dtype,
    check_flags,
    check_probability,
    check_tensor,
    layer_dtype,
)
from .hollow import empty
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

__all__ = ["RNNBase"]


class RNNBase(Module):
    """A stack of recurrent layers, each in one direction or in both."""

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
        check_probability(name, dropout, "dropout")
        check_flags(name, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
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
            check_dtype(name, self.weight_ih_l0, **{f"{'hc'[i]}_0": part})
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
