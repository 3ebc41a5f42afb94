"""Recurrences that are recorded step by step: the vanilla RNN, and the LSTM with a projection.

The unrolled RNN is the thing that one wants to look at: its graph has the weights once a step, and
their gradients are sums over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.affine import linear
from autograd.ops.shape import reshape_to

from .recurrence import Steps, as_rows
from .unrolled import lstm_step, rnn_step, unrolled

__all__ = ["projected_lstm", "rnn"]


def rnn(
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    *,
    nonlinearity: str = "tanh",
    batch_sizes: Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Run h_t = tanh(x_t w_ih^T + b_ih + h_(t-1) w_hh^T + b_hh); return all h and the last one.

    Shapes: x (T, N, I), h0 (N, H) or None for 0, w_ih (H, I), w_hh (H, H), biases (H,) or None
    -> (T, N, H), (N, H). With ``batch_sizes`` x is packed: (rows, I) -> (rows, H).

    Examples
    --------
    >>> x, w = np.ones((3, 1, 1)), np.ones((1, 1))
    >>> rnn(x, None, w, w)[0].ravel().round(4).tolist()
    [0.7616, 0.9427, 0.9597]
    """

    def step(inputs: Any, state: Any) -> tuple[Any]:
        return (rnn_step(*inputs, *state, w_hh, b_hh, nonlinearity=nonlinearity),)

    return _run(step, x, (h0,), (w_hh.shape[1],), (w_ih, b_ih), batch_sizes, reverse)


def projected_lstm(
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    w_hr: Any = None,
    *,
    batch_sizes: Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[Any, Any, Any]:
    """Run an LSTM whose h_t = (o tanh(c_t)) w_hr^T; return all h, and the last h and c.

    Shapes: as of ``lstm``, but h has P numbers: w_hr (P, H), w_hh (4H, P), h0 (N, P).
    """

    def step(inputs: Any, state: Any) -> tuple[Any, Any]:
        return lstm_step(*inputs, *state, w_hh, b_hh, w_hr)

    lengths = (w_hh.shape[1], w_hh.shape[0] // 4)
    return _run(step, x, (h0, c0), lengths, (w_ih, b_ih), batch_sizes, reverse)


def _run(
    step: Any,
    x: Any,
    state: Sequence[Any],
    lengths: Sequence[int],
    weights: tuple[Any, Any],
    batch_sizes: Any,
    reverse: bool,
) -> Any:
    steps = Steps.of(x.shape, batch_sizes, reverse)
    sums = linear(as_rows(x, batch_sizes), *weights)
    known = [
        np.zeros((steps.batch, length), x.dtype) if part is None else part
        for part, length in zip(state, lengths, strict=True)
    ]
    y, *last = unrolled(step, (sums,), known, sizes=steps.sizes, reverse=reverse)
    return (reshape_to(y, shape=(*x.shape[:-1], y.shape[-1])), *last)
