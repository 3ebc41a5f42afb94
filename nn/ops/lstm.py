"""LSTM: one direction of one layer over all steps, as one operation.

Gates and cell states of all steps are kept for the way back, which runs the steps in the other
order and leaves the gradients of the gates' sums; those of the weights are then single products
over all steps. Its derivative is that of the same recurrence in plain operations.
"""

from __future__ import annotations

import numpy as np

from autograd import cat
from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.ops.affine import linear
from autograd.ops.axes import transpose
from autograd.ops.products import matmul
from autograd.ops.reduction import sum_to
from autograd.ops.shape import reshape_to

from .recurrence import Steps, as_rows, bias_sum, states_before
from .small_products import Columns
from .unrolled import lstm_step, unrolled

__all__ = ["lstm", "lstm_backward"]


def _lstm_vjp(
    upstream, wanted, x, h0, c0, w_ih, w_hh, b_ih, b_hh, y, batch_sizes, reverse, gates, cells
):
    attributes = {"batch_sizes": batch_sizes, "reverse": reverse}
    dsums, dh0, dc0 = lstm_backward(
        *upstream, x, h0, c0, w_ih, w_hh, b_ih, b_hh, gates=gates, cells=cells, **attributes
    )
    dx = reshape_to(matmul(dsums, w_ih), shape=x.shape) if wanted[0] else None
    dw_ih = dw_hh = None
    if wanted[3] or wanted[4]:  # one product for both: the sums' rows are packed once
        before = states_before(as_rows(y, batch_sizes), h0, Steps.of(x.shape, **attributes))
        both = cat([as_rows(x, batch_sizes), before], 1)
        dw = matmul(transpose(dsums, 0, 1), both)
        dw_ih, dw_hh = dw[:, : x.shape[-1]], dw[:, x.shape[-1] :]
    db = sum_to(dsums, shape=(dsums.shape[1],)) if any(wanted[5:]) else None
    return dx, dh0, dc0, dw_ih, dw_hh, db, db


@structural(
    vjp=_lstm_vjp,
    outputs=("y", "h_n", "c_n"),
    caches=("gates", "cells"),
)
def lstm(
    x,
    h0,
    c0,
    w_ih,
    w_hh,
    b_ih=None,
    b_hh=None,
    *,
    batch_sizes=None,
    reverse=False,
):
    """Run c_t = f c_(t-1) + i g, h_t = o tanh(c_t) over all steps; return all h, the last h and c.

    i, f, o = sigmoid and g = tanh of x_t w_ih^T + b_ih + h_(t-1) w_hh^T + b_hh, in the order i, f,
    g, o. Shapes: x (T, N, I), h0 and c0 (N, H) or None for 0, w_ih (4H, I), w_hh (4H, H), biases
    (4H,) or None -> (T, N, H), (N, H), (N, H). With ``batch_sizes`` x is packed: (rows, I) ->
    (rows, H).

    Examples
    --------
    >>> x, w = np.ones((3, 1, 1)), np.ones((4, 1))
    >>> y, h, c = lstm(x, None, None, w, w)
    >>> y.ravel().round(4).tolist(), c.round(4).tolist()
    ([0.3696, 0.6505, 0.7888], [[1.7395]])
    """
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]
    h, c = (np.zeros((steps.batch, size), x.dtype) if s is None else s.copy() for s in (h0, c0))
    y = np.empty((*x.shape[:-1], size), x.dtype)
    outputs = y.reshape(-1, size)
    cells = np.empty((steps.rows, size), x.dtype)
    if not steps.rows:
        return (y, h, c), np.empty((0, 4 * size), x.dtype), cells
    width = x.shape[-1]
    bias = bias_sum(b_ih, b_hh)
    parts = [w_ih.T, w_hh.T] if bias is None else [w_ih.T, w_hh.T, bias[None]]
    # sigmoid(s) = (1 + tanh(s / 2)) / 2: with i, f and o halved one tanh serves all four gates
    matrix = np.concatenate(parts).reshape(-1, 4, size)[:, [0, 1, 3, 2]]
    matrix[:, :3] *= 0.5
    weights = Columns(matrix.reshape(-1, 4 * size), steps.block)
    inputs = as_rows(x, batch_sizes)
    gates = np.empty((steps.rows, 4 * size), x.dtype)

    def work(first, last):
        known = np.ones((last - first, width + size + (bias is not None)), x.dtype)  # x, h, 1
        sums = np.empty((last - first, 4 * size), x.dtype)
        scratch = np.empty((last - first, size), x.dtype)
        h_now = known[:, width : width + size]
        h_now[:] = h[first:last]
        for n, rows in steps.within(first, last):
            s, t, cell = sums[:n], scratch[:n], c[first : first + n]
            known[:n, :width] = inputs[rows]
            weights.multiply(known[:n], out=s)
            gate = gates[rows].reshape(4, n, size)
            np.tanh(s.reshape(n, 4, size).swapaxes(0, 1), out=gate)
            sigmoids = gate[:3]
            np.multiply(sigmoids, 0.5, out=sigmoids)
            np.add(sigmoids, 0.5, out=sigmoids)
            i, f, o, g = gate
            np.multiply(cell, f, out=cell)
            np.multiply(i, g, out=t)
            np.add(cell, t, out=cell)
            cells[rows] = cell
            np.tanh(cell, out=t)
            np.multiply(t, o, out=t)
            outputs[rows] = t
            h_now[:n] = t
        h[first:last] = h_now

    steps.run(work, 4 * size * (width + size))
    return (y, h, c), gates, cells


def _backward_vjp(
    upstream, wanted, dy, dh_n, dc_n, x, h0, c0, w_ih, w_hh, b_ih, b_hh, batch_sizes, reverse
):
    steps = Steps.of(x.shape, batch_sizes, reverse)

    def formula(dy, dh_n, dc_n, x, h0, c0, w_ih, w_hh, b_ih, b_hh):
        zeros = np.zeros((steps.batch, w_hh.shape[1]), x.dtype)
        sums = linear(as_rows(x, batch_sizes), w_ih, bias_sum(b_ih, b_hh))

        def recurrence(sums, h, c, w_hh):
            return unrolled(
                lambda inputs, state: lstm_step(*inputs, *state, w_hh),
                (sums,),
                (h, c),
                sizes=steps.sizes,
                reverse=reverse,
            )

        start = (zeros if h0 is None else h0, zeros if c0 is None else c0)
        upstreams = (as_rows(dy, batch_sizes), dh_n, dc_n)
        return formula_vjp(recurrence, (sums, *start, w_hh), upstreams, (True, True, True, False))[
            :3
        ]

    operands = (dy, dh_n, dc_n, x, h0, c0, w_ih, w_hh, b_ih, b_hh)
    return formula_vjp(formula, operands, upstream, wanted)


@structural(vjp=_backward_vjp, outputs=("dsums", "dh0", "dc0"))
def lstm_backward(
    dy,
    dh_n,
    dc_n,
    x,
    h0,
    c0,
    w_ih,
    w_hh,
    b_ih=None,
    b_hh=None,
    *,
    gates,
    cells,
    batch_sizes=None,
    reverse=False,
):
    """Gradients of the gates' sums, and of the first states, from those of the outputs.

    Through time: dc += dh o (1 - tanh(c)^2), then d(i, f, g, o) by the slopes of sigmoid and tanh,
    dc f and dsums w_hh to the step before. Shapes: dy (T, N, H), dh_n and dc_n (N, H), each of them
    or None; cells (rows, H) and gates as ``lstm`` kept them, where the rows of a step and a block
    of sequences hold the matrices i, f, o and g, one after the other -> (rows, 4H), (N, H), (N, H).
    """
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]
    blank = (steps.batch, size)
    dh, dc = (np.zeros(blank, x.dtype) if d is None else d.copy() for d in (dh_n, dc_n))
    dsums = np.empty((steps.rows, 4 * size), x.dtype)
    dy = as_rows(dy, batch_sizes)
    if not steps.rows:
        return dsums, dh, dc
    before = states_before(cells, c0, steps)
    w = Columns(w_hh, steps.block)

    def work(first, last):
        scratch = np.empty((3, last - first, size), x.dtype)
        for n, rows in steps.within(first, last, backwards=True):
            i, f, o, g = gates[rows].reshape(4, n, size)
            d = dsums[rows]
            di, df, dg, do = (d[:, k * size : (k + 1) * size] for k in range(4))
            dh_now, dc_now = dh[first : first + n], dc[first : first + n]
            t, u, v = scratch[0, :n], scratch[1, :n], scratch[2, :n]
            if dy is not None:
                np.add(dh_now, dy[rows], out=dh_now)
            np.tanh(cells[rows], out=t)
            np.multiply(dh_now, o, out=u)  # dh o
            np.multiply(u, t, out=v)
            np.multiply(v, o, out=do)
            np.subtract(v, do, out=do)  # dh t o (1 - o)
            np.multiply(v, t, out=v)
            np.subtract(u, v, out=u)
            np.add(dc_now, u, out=dc_now)  # dh o (1 - t^2)
            np.multiply(dc_now, i, out=u)  # dc i
            np.multiply(u, g, out=v)
            np.multiply(v, i, out=t)
            np.subtract(v, t, out=di)  # dc g i (1 - i)
            np.multiply(v, g, out=v)
            np.subtract(u, v, out=dg)  # dc i (1 - g^2)
            np.multiply(dc_now, f, out=dc_now)
            np.multiply(dc_now, before[rows], out=u)
            np.multiply(u, f, out=v)
            np.subtract(u, v, out=df)  # dc c f (1 - f)
            w.multiply(d, out=dh_now)

    steps.run(work, 4 * size * size)
    return dsums, dh, dc
