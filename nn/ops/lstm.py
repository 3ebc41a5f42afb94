"""LSTM: one direction of one layer over all steps, as one operation.

Gates and cell states of all steps are kept for the way back, which runs the steps in the other
order and leaves the gradients of the gates' sums; those of the weights are then single products
over all steps. A step is as few calls as possible, between which two threads would have to wait
for each other. Its derivative is that of the same recurrence in plain operations.
"""

from __future__ import annotations

from itertools import repeat

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

# A row of ``records`` is what the way back needs of one sequence at one step. Those of a step's
# block of sequences are six matrices, one after the other: tanh(c_t), o, i, f, g, c_(t-1).
SLOTS = 6
SLOPES = 1 << 20  # bytes of slopes that are computed at once: they stay in the cache


def _lstm_vjp(
    upstream, wanted, x, h0, c0, w_ih, w_hh, b_ih, b_hh, y, batch_sizes, reverse, records
):
    attributes = {"batch_sizes": batch_sizes, "reverse": reverse}
    dsums, dh0, dc0 = lstm_backward(
        *upstream, x, h0, c0, w_ih, w_hh, b_ih, b_hh, records=records, **attributes
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
    caches=("records",),
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
    records = np.empty((steps.rows, SLOTS * size), x.dtype)
    if not steps.rows:
        return (y, h, c), records
    width = x.shape[-1]
    bias = bias_sum(b_ih, b_hh)
    parts = [w_ih.T, w_hh.T] if bias is None else [w_ih.T, w_hh.T, bias[None]]
    # sigmoid(s) = (1 + tanh(s / 2)) / 2: with o, i and f halved one tanh serves all four gates
    matrix = np.concatenate(parts).reshape(-1, 4, size)[:, [3, 0, 1, 2]]
    matrix[:, :3] *= 0.5
    weights = Columns(matrix.reshape(-1, 4 * size), steps.block)
    inputs, outputs = as_rows(x, batch_sizes), y.reshape(-1, size)

    def work(first, last):
        sums = np.empty((last - first, 4 * size), x.dtype)
        products = np.empty((2, last - first, size), x.dtype)
        for count, n, run in steps.runs(first, last):
            known = np.ones((count + 1, n, width + size + (bias is not None)), x.dtype)  # x, h, 1
            known[:-1, :, :width] = run(inputs)
            states = known[:, :, width : width + size]
            states[0] = h[first : first + n]
            record = run(records).reshape(count, SLOTS, n, size)
            cells = [*record[:, 5], c[first : first + n]]
            cells[0][:] = cells[-1]
            s = sums[:n]
            by_gate, (ig, fc) = s.reshape(n, 4, size).swapaxes(0, 1), products[:, :n]
            # views are made beforehand: between the calls of a step other threads have to wait
            for now, tanhs, sigmoids, i_f, g_c, o, tanh_c, cell, state in zip(
                known, record[:, 1:5], record[:, 1:4], record[:, 2:4], record[:, 4:6],
                record[:, 1], record[:, 0], cells[1:], states[1:], strict=False,
            ):  # fmt: skip
                weights.multiply(now, out=s)
                np.tanh(by_gate, out=tanhs)
                np.multiply(sigmoids, 0.5, out=sigmoids)
                np.add(sigmoids, 0.5, out=sigmoids)
                np.multiply(i_f, g_c, out=products[:, :n])
                np.add(ig, fc, out=cell)
                np.tanh(cell, out=tanh_c)
                np.multiply(tanh_c, o, out=state)
            run(outputs)[:] = states[1:]
            h[first : first + n] = states[-1]

    steps.run(work, 4 * size * (width + size))
    return (y, h, c), records


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
    records,
    batch_sizes=None,
    reverse=False,
):
    """Gradients of the gates' sums, and of the first states, from those of the outputs.

    Through time: dc += dh o (1 - tanh(c)^2), then d(i, f, g, o) by the slopes of sigmoid and tanh,
    dc f and dsums w_hh to the step before. All but dh and dc is known beforehand, and is computed
    for several steps at once. Shapes: dy (T, N, H), dh_n and dc_n (N, H), each of them or None;
    records as ``lstm`` kept them -> (rows, 4H), (N, H), (N, H).
    """
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]
    blank = (steps.batch, size)
    dh, dc = (np.zeros(blank, x.dtype) if d is None else d.copy() for d in (dh_n, dc_n))
    dsums = np.empty((steps.rows, 4 * size), x.dtype)
    if not steps.rows:
        return dsums, dh, dc
    dy = as_rows(dy, batch_sizes)
    w = Columns(w_hh, steps.block)

    def work(first, last):
        through_tanh = np.empty((last - first, size), x.dtype)
        chunk = max(1, SLOPES // (5 * max(through_tanh.nbytes, 1)))
        room = np.empty(chunk * 5 * through_tanh.size, x.dtype)  # one for all: new pages cost time
        for count, n, run in steps.runs(first, last, backwards=True):
            record = run(records).reshape(count, SLOTS, n, size)
            sent = run(dsums)
            by_gate = sent.reshape(count, n, 4, size).swapaxes(1, 2)
            received = None if dy is None else run(dy)
            dh_now, dc_now, t = dh[first : first + n], dc[first : first + n], through_tanh[:n]
            for begin in range(0, count, chunk):
                part = slice(begin, min(begin + chunk, count))
                slopes = room[: (part.stop - begin) * 5 * n * size].reshape(-1, 5, n, size)
                _write_slopes(record[part], slopes)
                for d, dsum, do, dgates, of_o, of_gates, of_cell, f in zip(
                    repeat(None) if received is None else received[part], sent[part],
                    by_gate[part, 3], by_gate[part, :3], slopes[:, 0], slopes[:, 1:4], slopes[:, 4],
                    record[part, 3], strict=False,
                ):  # fmt: skip
                    if d is not None:
                        np.add(dh_now, d, out=dh_now)
                    np.multiply(dh_now, of_o, out=do)
                    np.multiply(dh_now, of_cell, out=t)
                    np.add(dc_now, t, out=dc_now)
                    np.multiply(of_gates, dc_now, out=dgates)
                    np.multiply(dc_now, f, out=dc_now)
                    w.multiply(dsum, out=dh_now)

    steps.run(work, 4 * size * size)
    return dsums, dh, dc


def _write_slopes(r, slopes):
    """Write what the gates of steps send on of dh and dc, from what ``lstm`` kept of them.

    Shapes: (steps, 6, n, H) -> (steps, 5, n, H): dh times the first is d o; dc times the next three
    are d i, d f and d g; dh times the last is what reaches dc through the outputs' tanh.
    """
    tanh_c, o, i, g = (r[:, k] for k in (0, 1, 2, 4))
    sigmoids, of_g, of_cell = slopes[:, :3], slopes[:, 3], slopes[:, 4]
    np.subtract(1, r[:, 1:4], out=sigmoids)
    np.multiply(sigmoids, r[:, 1:4], out=sigmoids)
    np.multiply(slopes[:, 0], tanh_c, out=slopes[:, 0])  # tanh(c) o (1 - o)
    np.multiply(slopes[:, 1:3], r[:, 4:6], out=slopes[:, 1:3])  # g i (1 - i), c f (1 - f)
    np.multiply(g, g, out=of_g)
    np.subtract(1, of_g, out=of_g)
    np.multiply(of_g, i, out=of_g)  # i (1 - g^2)
    np.multiply(tanh_c, tanh_c, out=of_cell)
    np.subtract(1, of_cell, out=of_cell)
    np.multiply(of_cell, o, out=of_cell)  # o (1 - tanh(c)^2)
