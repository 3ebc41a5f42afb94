"""Scaled dot-product attention as one operation, without keeping the weights.

Each head's scores are made, normalised and used for a block of queries at a time, so that they
never leave the cache. The way back makes them again from the logarithm of each query's sum, one
number a query, and leaves the composed formula as its rule.
"""

from __future__ import annotations

import math

import numpy as np

from autograd import softmax
from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.ops.axes import transpose
from autograd.ops.products import matmul
from autograd.parallel import block_ranges, parallel_for
from autograd.record import is_tensor

__all__ = ["attention", "attention_backward", "attention_weights"]

SCORES = 1 << 16  # of a block: 256 KB in float32
SECONDS_PER_PRODUCT = 1.5e-11


def attention_weights(query, key, bias=None, *, scale):
    """Return softmax(query key^T scale + bias), in plain operations; 0 for a query without keys.

    Shapes: query (..., L, E), key (..., S, E), bias broadcasting to (..., L, S), where -inf means
    that a key is not looked at -> (..., L, S).
    """
    scores = matmul(query * scale, transpose(key, -1, -2))
    if bias is None:
        return softmax(scores, -1)
    blind = np.isneginf(bias.payload if is_tensor(bias) else bias).all(-1, keepdims=True)
    if not blind.any():
        return softmax(scores + bias, -1)
    weights = softmax(scores + np.where(blind, 0, bias), -1)
    return weights * np.logical_not(blind).astype(weights.dtype)


def _attention_vjp(upstream, query, key, value, bias, z, scale, causal, log_sums):
    attributes = {"scale": scale, "causal": causal, "log_sums": log_sums}
    return (*attention_backward(upstream, query, key, value, z, bias, **attributes), None)


@structural(vjp=_attention_vjp, caches=("log_sums",))
def attention(query, key, value, bias=None, *, scale, causal=False):
    """Return softmax(query key^T scale + bias) value.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, V), all with the same leading axes;
    bias, a constant, broadcasts to (..., L, S) -> (..., L, V). A key with a bias of -inf is not
    looked at; with ``causal`` query i looks at the keys 0..i. A query without keys gives 0.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> attention(x, x, x, scale=1.0, causal=True).round(4).tolist()
    [[1.0, 0.0], [0.2689, 0.7311]]
    """
    heads = _Heads(query, key, value, bias, causal)
    q, k, v = heads.split(query), heads.split(key), heads.split(value)
    z = np.empty((*q.shape[:-1], v.shape[-1]), query.dtype)
    log_sums = np.empty((*q.shape[:-1], 1), query.dtype)

    def work(group, rows, columns, shift):
        scores = _scores(q[group, rows], k[group, columns], shift, scale)
        largest = scores.max(-1, keepdims=True, initial=-np.inf)
        np.copyto(largest, 0, where=np.isneginf(largest))
        np.subtract(scores, largest, out=scores)
        np.exp(scores, out=scores)
        sums = scores.sum(-1, keepdims=True)
        blind = sums == 0
        np.copyto(sums, 1, where=blind)
        out = z[group, rows]
        np.matmul(scores, v[group, columns], out=out)
        np.divide(out, sums, out=out)
        np.add(largest, np.log(sums), out=largest)
        np.copyto(largest, np.inf, where=blind)
        log_sums[group, rows] = largest

    heads.run(work)
    shape = (*query.shape[:-1], v.shape[-1])
    return z.reshape(shape), log_sums


def _backward_vjp(upstream, wanted, y, query, key, value, bias, scale, causal):
    def formula(y, query, key, value, z, bias):
        def composed(query, key, value):
            length, number = query.shape[-2], key.shape[-2]
            shift = bias
            if causal:
                shift = np.where(np.tri(length, number, dtype=bool), 0, -np.inf)
                shift = shift.astype(query.dtype) if bias is None else bias + shift
            return matmul(attention_weights(query, key, shift, scale=scale), value)

        return formula_vjp(composed, (query, key, value), y, (True, True, True))

    operands = (y, query, key, value, None, bias)
    return formula_vjp(formula, operands, upstream, (*wanted[:4], False, False))


@structural(vjp=_backward_vjp, outputs=("dquery", "dkey", "dvalue"))
def attention_backward(y, query, key, value, z, bias=None, *, scale, causal, log_sums):
    """Gradients of query, key and value, from that of attention's output z.

    With weights P: dvalue = P^T y, dS = P (y value^T - sum(y z)), dquery = dS key scale, dkey =
    dS^T query scale; P = exp(scores - log_sums) is made again.
    """
    heads = _Heads(query, key, value, bias, causal)
    y, q, k, v, z = (heads.split(each) for each in (y, query, key, value, z))
    along = (y * z).sum(-1, keepdims=True)
    dq = np.empty(q.shape, q.dtype)
    dk, dv = np.zeros(k.shape, k.dtype), np.zeros(v.shape, v.dtype)

    def work(group, rows, columns, shift):
        weights = _scores(q[group, rows], k[group, columns], shift, scale)
        np.subtract(weights, log_sums[group, rows], out=weights)
        np.exp(weights, out=weights)
        came = y[group, rows]
        dv[group, columns] += np.matmul(_turned(weights), came)
        slopes = np.matmul(came, _turned(v[group, columns]))
        np.subtract(slopes, along[group, rows], out=slopes)
        np.multiply(slopes, weights, out=slopes)
        np.multiply(slopes, scale, out=slopes)
        np.matmul(slopes, k[group, columns], out=dq[group, rows])
        dk[group, columns] += np.matmul(_turned(slopes), q[group, rows])

    heads.run(work, passes=2.5)
    return dq.reshape(query.shape), dk.reshape(key.shape), dv.reshape(value.shape)


def _scores(q, k, shift, scale):
    scores = np.matmul(q * q.dtype.type(scale), _turned(k))
    return scores if shift is None else np.add(scores, shift, out=scores)


def _turned(x):
    return np.swapaxes(x, -1, -2)


class _Heads:
    """Leading axes as one, and blocks of (heads, queries) whose scores stay in the cache."""

    def __init__(self, query, key, value, bias, causal):
        self.leading = query.shape[:-2]
        self.number = math.prod(self.leading)
        self.length, self.keys = query.shape[-2], key.shape[-2]
        self.products = self.number * self.length * self.keys
        self.products *= query.shape[-1] + value.shape[-1]
        self.causal = causal
        self.dtype = query.dtype
        self.bias = bias
        if bias is not None:
            matrix = np.broadcast_shapes(bias.shape[-2:], (1, 1))
            if math.prod(bias.shape[:-2]) == 1:  # one for all heads
                self.bias = bias.reshape(1, *matrix)
            else:
                self.bias = np.broadcast_to(bias, (*self.leading, *matrix)).reshape(-1, *matrix)

    def split(self, x):
        """Return (..., n, d) as (heads, n, d), contiguous."""
        return np.ascontiguousarray(x).reshape(self.number, *x.shape[-2:])

    def run(self, work, passes=1):
        """Run ``work(heads, queries, keys, bias)`` on blocks; those of a head come in order."""
        groups = block_ranges(self.number, max(1, SCORES // max(1, self.length * self.keys)))
        parts = [
            (slice(first, last), slice(0, min(last, self.keys) if self.causal else self.keys))
            for first, last in block_ranges(self.length, max(1, SCORES // max(1, self.keys)))
        ]
        corners = [self._corner(*part) if self.causal else None for part in parts]

        def block(number):
            group = slice(*groups[number])
            for (rows, columns), corner in zip(parts, corners, strict=True):
                shift = self._shift(group, rows, columns)
                if corner is not None:
                    shift = corner if shift is None else shift + corner
                work(group, rows, columns, shift)

        parallel_for(block, len(groups), seconds=self.products * passes * SECONDS_PER_PRODUCT)

    def _corner(self, rows, columns):
        """Return -inf for the keys after each query of a block."""
        seen = np.tri(rows.stop - rows.start, columns.stop, rows.start, dtype=bool)
        return np.where(seen, 0, -np.inf).astype(self.dtype)

    def _shift(self, group, rows, columns):
        """Return the bias of a block, whose axes may have length 1."""
        if self.bias is None:
            return None
        whole = slice(None)
        places = zip(self.bias.shape, (group, rows, columns), strict=True)
        return self.bias[tuple(whole if n == 1 else place for n, place in places)]
