"""GRU: one direction of one layer over all steps, as one operation.

The reset gate stands before the candidate's product with the state, so input and state have sums of
their own there: the way back leaves the gradients of both, and those of the weights are single
products over all steps. Its derivative is that of the same recurrence in plain operations.
"""

from __future__ import annotations

import numpy as np

from autograd import broadcast_to
from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.ops.affine import linear
from autograd.ops.shape import reshape_to

from .recurrence import Steps, as_rows, input_sums, states_before, weight_gradients
from .small_products import Columns
from .unrolled import gru_step, unrolled

__all__ = ["gru", "gru_backward"]


def _gru_vjp(
    upstream, wanted, x, h0, w_ih, w_hh, b_ih, b_hh, y, batch_sizes, reverse, gates, candidates
):
    attributes = {"batch_sizes": batch_sizes, "reverse": reverse}
    outputs = as_rows(y, batch_sizes)
    dsums, dstate, dh0 = gru_backward(
        *upstream,
        *(x, h0, w_ih, w_hh, b_ih, b_hh, y),
        gates=gates,
        candidates=candidates,
        **attributes,
    )
    rows = as_rows(x, batch_sizes)
    dx, dw_ih, db_ih = weight_gradients(dsums, rows, w_ih, (wanted[0], wanted[2], wanted[4]))
    dx = reshape_to(dx, shape=x.shape) if wanted[0] else None
    before = None
    if wanted[3]:
        before = states_before(outputs, h0, Steps.of(x.shape, **attributes))
    _, dw_hh, db_hh = weight_gradients(dstate, before, w_hh, (False, wanted[3], wanted[5]))
    return dx, dh0, dw_ih, dw_hh, db_ih, db_hh


@structural(vjp=_gru_vjp, outputs=("y", "h_n"), caches=("gates", "candidates"))
def gru(x, h0, w_ih, w_hh, b_ih=None, b_hh=None, *, batch_sizes=None, reverse=False):
    """Run h_t = n + z (h_(t-1) - n) over all steps; return all h and the last one.

    r, z = sigmoid(s + v) and n = tanh(s_n + r v_n) of s = x_t w_ih^T + b_ih and v = h_(t-1) w_hh^T
    + b_hh, in the order r, z, n. Shapes: x (T, N, I), h0 (N, H) or None for 0, w_ih (3H, I), w_hh
    (3H, H), biases (3H,) or None -> (T, N, H), (N, H). With ``batch_sizes`` x is packed: (rows, I)
    -> (rows, H).

    Examples
    --------
    >>> x, w = np.ones((3, 1, 1)), np.ones((3, 1))
    >>> y, h = gru(x, None, w, w)
    >>> y.ravel().round(4).tolist(), h.round(4).tolist()
    ([0.2048, 0.3468, 0.4517], [[0.4517]])
    """
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]
    h = np.zeros((steps.batch, size), x.dtype) if h0 is None else h0.copy()
    y = np.empty((*x.shape[:-1], size), x.dtype)
    outputs = y.reshape(-1, size)
    candidates = np.empty((steps.rows, size), x.dtype)  # v_n
    if not steps.rows:
        return (y, h), np.empty((0, 3 * size), x.dtype), candidates
    gates = input_sums(as_rows(x, batch_sizes), w_ih, b_ih)
    w = Columns(w_hh.T, steps.block)

    def work(first, last):
        sums = np.empty((last - first, 3 * size), x.dtype)
        for n, rows in steps.within(first, last):
            s, gate, now = sums[:n], gates[rows], h[first : first + n]
            w.multiply(now, out=s)
            if b_hh is not None:
                np.add(s, b_hh, out=s)
            rz, candidate = gate[:, : 2 * size], gate[:, 2 * size :]
            np.add(rz, s[:, : 2 * size], out=rz)
            np.multiply(rz, 0.5, out=rz)  # sigmoid(s) = (1 + tanh(s / 2)) / 2
            np.tanh(rz, out=rz)
            np.multiply(rz, 0.5, out=rz)
            np.add(rz, 0.5, out=rz)
            v = s[:, 2 * size :]
            candidates[rows] = v
            np.multiply(v, rz[:, :size], out=v)
            np.add(candidate, v, out=candidate)
            np.tanh(candidate, out=candidate)
            np.subtract(now, candidate, out=now)
            np.multiply(now, rz[:, size:], out=now)
            np.add(now, candidate, out=now)
            outputs[rows] = now

    steps.run(work, 3 * size * size)
    return (y, h), gates, candidates


def _backward_vjp(upstream, wanted, dy, dh_n, x, h0, w_ih, w_hh, b_ih, b_hh, batch_sizes, reverse):
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]

    def formula(dy, dh_n, x, h0, w_ih, w_hh, b_ih, b_hh, y):
        sums = linear(as_rows(x, batch_sizes), w_ih, b_ih)
        shifts = np.zeros(3 * size, sums.dtype) if b_hh is None else b_hh
        shifts = broadcast_to(
            shifts, (steps.rows, 3 * size)
        )  # a bias a row: its gradient is dstate
        start = np.zeros((steps.batch, size), sums.dtype) if h0 is None else h0

        def recurrence(sums, shifts, h, w_hh):
            return unrolled(
                lambda inputs, state: (gru_step(inputs[0], state[0], w_hh, inputs[1]),),
                (sums, shifts),
                (h,),
                sizes=steps.sizes,
                reverse=reverse,
            )

        operands = (sums, shifts, start, w_hh)
        upstreams = (as_rows(dy, batch_sizes), dh_n)
        return formula_vjp(recurrence, operands, upstreams, (True, True, True, False))[:3]

    operands = (dy, dh_n, x, h0, w_ih, w_hh, b_ih, b_hh, None)
    return formula_vjp(formula, operands, upstream, (*wanted[:-1], False))


@structural(vjp=_backward_vjp, outputs=("dsums", "dstate", "dh0"))
def gru_backward(
    dy,
    dh_n,
    x,
    h0,
    w_ih,
    w_hh,
    b_ih,
    b_hh,
    y,
    *,
    gates,
    candidates,
    batch_sizes=None,
    reverse=False,
):
    """Gradients of the input's sums, the state's sums and the first state, from the outputs'.

    Through time: dn = dh (1 - z) (1 - n^2), dr = dn v_n, dz = dh (h - n), the gates by the slope of
    sigmoid, dh z and dstate w_hh to the step before. Shapes: dy (T, N, H) and dh_n (N, H), each of
    them or None; gates (rows, 3H) and candidates (rows, H) as ``gru`` kept them -> (rows, 3H),
    (rows, 3H), (N, H).
    """
    steps = Steps.of(x.shape, batch_sizes, reverse)
    size = w_hh.shape[1]
    dh = np.zeros((steps.batch, size), x.dtype) if dh_n is None else dh_n.copy()
    dsums, dstate = np.empty((2, steps.rows, 3 * size), x.dtype)
    if not steps.rows:
        return dsums, dstate, dh
    dy = as_rows(dy, batch_sizes)
    before = states_before(as_rows(y, batch_sizes), h0, steps)
    w = Columns(w_hh, steps.block)

    def work(first, last):
        slopes = np.empty((last - first, 2 * size), x.dtype)
        product = np.empty((last - first, size), x.dtype)
        for n, rows in steps.within(first, last, backwards=True):
            gate, d, slope, t = gates[rows], dsums[rows], slopes[:n], product[:n]
            rz, candidate = gate[:, : 2 * size], gate[:, 2 * size :]
            r, z = rz[:, :size], rz[:, size:]
            dr, dz, dn = (d[:, k * size : (k + 1) * size] for k in range(3))
            now = dh[first : first + n]
            if dy is not None:
                np.add(now, dy[rows], out=now)
            np.subtract(before[rows], candidate, out=dz)
            np.multiply(dz, now, out=dz)
            np.multiply(candidate, candidate, out=t)
            np.subtract(1, t, out=t)
            np.multiply(t, now, out=t)
            np.multiply(now, z, out=now)
            np.multiply(t, z, out=dn)
            np.subtract(t, dn, out=dn)
            np.multiply(dn, candidates[rows], out=dr)
            np.multiply(rz, rz, out=slope)
            np.subtract(rz, slope, out=slope)
            np.multiply(d[:, : 2 * size], slope, out=d[:, : 2 * size])
            of_state = dstate[rows]
            of_state[:, : 2 * size] = d[:, : 2 * size]
            np.multiply(dn, r, out=of_state[:, 2 * size :])
            w.multiply(of_state, out=t)
            np.add(now, t, out=now)

    steps.run(work, 3 * size * size)
    return dsums, dstate, dh
