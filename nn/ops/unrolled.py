"""Recurrences step by step, in plain operations: what an RNN is before it is made fast.

A sequence of inputs is one matrix whose rows are ordered by time, ``sizes[t]`` rows for step t; the
rows of a step are its sequences, the longest first (PyTorch's packed layout; of equally long
sequences it is a (T, N, ...) array, flattened). Written with operators and operations, these run on
arrays and on Tensors. Recorded, they are the unrolled graph, in which a weight is used once a
step; the fused kernels of ``lstm`` and ``gru`` have them as their rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import cat, relu, sigmoid, tanh
from autograd.ops.affine import linear

__all__ = ["gru_step", "lstm_step", "rnn_step", "unrolled"]

NONLINEARITIES: dict[str, Callable[..., Any]] = {"tanh": tanh, "relu": relu}


def rnn_step(sums: Any, h: Any, w_hh: Any, b_hh: Any = None, *, nonlinearity: str = "tanh") -> Any:
    """Return h' = tanh(sums + h w_hh^T + b_hh), or relu of it.

    Shapes: sums (N, H) are the input's products x w_ih^T + b_ih; h (N, H), w_hh (H, H).
    """
    return NONLINEARITIES[nonlinearity](sums + linear(h, w_hh, b_hh))


def lstm_step(
    sums: Any, h: Any, c: Any, w_hh: Any, b_hh: Any = None, w_hr: Any = None
) -> tuple[Any, Any]:
    """Return h' and c' = f c + i g, where h' = o tanh(c'), projected by w_hr if it is given.

    Shapes: sums (N, 4H), the products of input gate i, forget gate f, candidate g and output gate
    o, in this order; c (N, H), h (N, H) or (N, P) with w_hr (P, H); w_hh (4H, H) or (4H, P).
    """
    sums = sums + linear(h, w_hh, b_hh)
    size = c.shape[-1]
    i, f = sigmoid(sums[..., :size]), sigmoid(sums[..., size : 2 * size])
    g, o = tanh(sums[..., 2 * size : 3 * size]), sigmoid(sums[..., 3 * size :])
    c = f * c + i * g
    h = o * tanh(c)
    return (h if w_hr is None else linear(h, w_hr)), c


def gru_step(sums: Any, h: Any, w_hh: Any, b_hh: Any = None) -> Any:
    """Return h' = n + z (h - n), where n = tanh(sums_n + r (h w_n^T + b_n)).

    Shapes: sums (N, 3H), the products of reset gate r, update gate z and candidate n, in this
    order; h (N, H), w_hh (3H, H); b_hh (3H,), or (N, 3H) for a bias of its own for each row.
    """
    size = h.shape[-1]
    of_h = linear(h, w_hh) + b_hh if b_hh is not None and b_hh.ndim > 1 else linear(h, w_hh, b_hh)
    gates = sigmoid(sums[..., : 2 * size] + of_h[..., : 2 * size])
    r, z = gates[..., :size], gates[..., size:]
    n = tanh(sums[..., 2 * size :] + r * of_h[..., 2 * size :])
    return n + z * (h - n)


def unrolled(
    step: Callable[..., tuple[Any, ...]],
    inputs: Sequence[Any],
    state: Sequence[Any],
    *,
    sizes: Sequence[int],
    reverse: bool = False,
) -> tuple[Any, ...]:
    """Return the outputs of all steps, rows ordered as the inputs', and the last state.

    Parameters
    ----------
    step : callable
        ``step(inputs, state)`` with the rows of one step; returns the new state, the first part
        of which is the step's output.
    inputs : sequence of (sum of sizes, ...) arrays or Tensors
    state : sequence of (N, ...) arrays or Tensors
        Where each sequence starts.
    sizes : sequence of int
        How many sequences reach each step: N at the first, never more than before.
    reverse : bool
        From the last step to the first; a shorter sequence joins when its last step comes.
    """
    begins = [sum(sizes[:t]) for t in range(len(sizes))]
    outputs: list[Any] = [None] * len(sizes)
    state = tuple(state)
    for t in reversed(range(len(sizes))) if reverse else range(len(sizes)):
        n, rows = sizes[t], slice(begins[t], begins[t] + sizes[t])
        waiting = [part[n:] for part in state] if n < sizes[0] else None
        known = state if waiting is None else tuple(part[:n] for part in state)
        state = step(tuple(part[rows] for part in inputs), known)
        outputs[t] = state[0]
        if waiting is not None:
            state = tuple(cat(pair) for pair in zip(state, waiting, strict=True))
    return (cat(outputs), *state)
