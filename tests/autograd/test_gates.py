"""Closed gates: what a forward did not use receives an exact 0, whatever arrives from above.

Each case computes from one leaf; the elements that are named reach no output (or only such as the
upstream leaves at 0).  With upstreams of inf, nan and 0 their gradient has to be 0, not nan, at
first order and in the graph of the derivative; the others receive what arrived.
"""

import numpy as np
import pytest

import autograd
import nn.functional as F

INDEX = np.array([2, 0])
HIGH = np.full(4, 1.5)


def drop(x):
    autograd.manual_seed(0)
    return F.dropout(x, 0.5)


def dropped():
    return np.flatnonzero(drop(autograd.ones(4)).numpy() == 0).tolist()


def masked(mask):
    return np.array(mask, bool)


# name: (function, the leaf, places that receive nothing)
CLOSED = {
    "relu": (autograd.relu, [-1.0, 2.0, 0.0, 3.0], [0, 2]),
    "clamp": (lambda x: autograd.clamp(x, -1, 1), [-2.0, 0.5, 2.0, 1.0], [0, 2]),
    "clamp_min": (lambda x: autograd.clamp_min(x, 0), [-2.0, 0.5, 2.0, 1.0], [0]),
    "clamp_max": (lambda x: autograd.clamp_max(x, 1), [-2.0, 0.5, 2.0, 1.0], [2]),
    "clamp between tensors": (
        lambda x: autograd.clamp(x, autograd.tensor(-HIGH), autograd.tensor(HIGH)),
        [-2.0, 0.5, 2.0, 1.0],
        [0, 2],
    ),
    "a bound of clamp": (lambda x: autograd.clamp(HIGH, x, None), [-2.0, 2.5, 2.0, 1.0], [0, 3]),
    "where": (
        lambda x: autograd.where(autograd.tensor([True, False, True, False]), x, 0.5),
        [1.0, 2.0, 3.0, 4.0],
        [1, 3],
    ),
    "the other of where": (
        lambda x: autograd.where(autograd.tensor([True, False, True, False]), 0.5, x),
        [1.0, 2.0, 3.0, 4.0],
        [0, 2],
    ),
    "maximum": (lambda x: autograd.maximum(x, HIGH), [1.0, 2.0, 3.0, 1.0], [0, 3]),
    "minimum": (lambda x: autograd.minimum(HIGH, x), [1.0, 2.0, 3.0, 1.0], [1, 2]),
    "fmax": (lambda x: autograd.fmax(x, HIGH), [1.0, 2.0, np.nan, 1.0], [0, 2, 3]),
    "fmin": (lambda x: autograd.fmin(x, HIGH), [1.0, 2.0, np.nan, 1.0], [1, 2]),
    "nan_to_num": (autograd.nan_to_num, [np.nan, 1.0, np.inf, 2.0], [0, 2]),
    "masked_fill": (
        lambda x: autograd.masked_fill(x, masked([1, 0, 0, 1]), 9.0),
        [1.0, 2.0, 3.0, 4.0],
        [0, 3],
    ),
    "masked_scatter": (
        lambda x: autograd.masked_scatter(
            x, masked([1, 0, 0, 1]), autograd.tensor(HIGH, dtype=x.dtype)
        ),
        [1.0, 2.0, 3.0, 4.0],
        [0, 3],
    ),
    "masked_select": (
        lambda x: autograd.masked_select(x, masked([1, 0, 0, 1])),
        [1.0, 2.0, 3.0, 4.0],
        [1, 2],
    ),
    "boolean mask": (lambda x: x[masked([1, 0, 0, 1])], [1.0, 2.0, 3.0, 4.0], [1, 2]),
    "item": (lambda x: x[1], [1.0, 2.0, 3.0, 4.0], [0, 2, 3]),
    "slice": (lambda x: x[1:3], [1.0, 2.0, 3.0, 4.0], [0, 3]),
    "indices": (lambda x: x[INDEX], [1.0, 2.0, 3.0, 4.0], [1, 3]),
    "index_select": (lambda x: autograd.index_select(x, 0, INDEX), [1.0, 2.0, 3.0, 4.0], [1, 3]),
    "index_fill": (
        lambda x: autograd.index_fill(x, 0, autograd.tensor(INDEX), 5.0),
        [1.0, 2.0, 3.0, 4.0],
        [0, 2],
    ),
    "index_copy": (
        lambda x: autograd.index_copy(
            x, 0, autograd.tensor(INDEX), autograd.ones(2, dtype=x.dtype)
        ),
        [1.0, 2.0, 3.0, 4.0],
        [0, 2],
    ),
    "gather": (
        lambda x: autograd.gather(x, 0, autograd.tensor(INDEX)),
        [1.0, 2.0, 3.0, 4.0],
        [1, 3],
    ),
    "scatter": (
        lambda x: autograd.scatter(x, 0, autograd.tensor(INDEX), 5.0),
        [1.0, 2.0, 3.0, 4.0],
        [0, 2],
    ),
    "take": (lambda x: autograd.take(x, autograd.tensor(INDEX)), [1.0, 2.0, 3.0, 4.0], [1, 3]),
    "narrow": (lambda x: autograd.narrow(x, 0, 1, 2), [1.0, 2.0, 3.0, 4.0], [0, 3]),
    "select": (lambda x: autograd.select(x, 0, 3), [1.0, 2.0, 3.0, 4.0], [0, 1, 2]),
    "split": (lambda x: autograd.split(x, 2)[0], [1.0, 2.0, 3.0, 4.0], [2, 3]),
    "topk": (lambda x: autograd.topk(x, 2).values, [1.0, 4.0, 3.0, 2.0], [0, 3]),
    "sort": (lambda x: autograd.sort(x).values[:2], [1.0, 4.0, 3.0, 2.0], [1, 2]),
    "kthvalue": (lambda x: autograd.kthvalue(x, 2).values, [1.0, 4.0, 3.0, 2.0], [0, 1, 2]),
    "max": (autograd.max, [1.0, 4.0, 3.0, 2.0], [0, 2, 3]),
    "min": (autograd.min, [1.0, 4.0, 3.0, 2.0], [1, 2, 3]),
    "max dim": (lambda x: autograd.max(x, 0).values, [1.0, 4.0, 3.0, 2.0], [0, 2, 3]),
    "amax": (lambda x: autograd.amax(x, 0), [1.0, 4.0, 3.0, 2.0], [0, 2, 3]),
    "amin": (lambda x: autograd.amin(x, 0), [1.0, 4.0, 3.0, 2.0], [1, 2, 3]),
    "aminmax": (lambda x: autograd.aminmax(x).min, [1.0, 4.0, 3.0, 2.0], [1, 2, 3]),
    "median": (autograd.median, [1.0, 4.0, 3.0, 2.0], [0, 1, 2]),
    "cummax": (lambda x: autograd.cummax(x, 0).values, [2.0, 1.0, 3.0, 2.5], [1, 3]),
    "cummin": (lambda x: autograd.cummin(x, 0).values, [2.0, 3.0, 1.0, 2.5], [1, 3]),
    "norm inf": (lambda x: autograd.norm(x, np.inf), [1.0, -4.0, 3.0, 2.0], [0, 2, 3]),
    "norm 1": (lambda x: autograd.norm(x, 1), [0.0, -4.0, -0.0, 2.0], [0, 2]),
    "norm 3 of one": (
        lambda x: autograd.linalg.vector_norm(x.reshape(4, 1), 3, dim=1),
        [0.0, -4.0, -0.0, 2.0],
        [0, 2],
    ),
    "nansum": (autograd.nansum, [1.0, np.nan, 3.0, np.nan], [1, 3]),
    "tril": (lambda x: autograd.tril(x.reshape(2, 2)), [1.0, 2.0, 3.0, 4.0], [1]),
    "triu": (lambda x: autograd.triu(x.reshape(2, 2)), [1.0, 2.0, 3.0, 4.0], [2]),
    "diagonal": (lambda x: autograd.diagonal(x.reshape(2, 2)), [1.0, 2.0, 3.0, 4.0], [1, 2]),
    "trace": (lambda x: autograd.trace(x.reshape(2, 2)), [1.0, 2.0, 3.0, 4.0], [1, 2]),
    "scatter_reduce": (
        lambda x: autograd.zeros(2, dtype=x.dtype).scatter_reduce(
            0, autograd.tensor([0, 0, 1, 1]), x, "amax"
        ),
        [1.0, 4.0, 3.0, 2.0],
        [0, 3],
    ),
    "prod with two zeros": (autograd.prod, [0.0, 2.0, 0.0, 4.0], [0, 1, 2, 3]),
    "prod of rows, one of zeros": (
        lambda x: autograd.prod(x.reshape(2, 2), 1),
        [0.0, 0.0, 3.0, 4.0],
        [0, 1],
    ),
    "prod of columns, one of zeros": (
        lambda x: autograd.prod(x.reshape(2, 2), 0, keepdim=True),
        [0.0, 2.0, -0.0, 4.0],
        [0, 2],
    ),
    "sinc": (autograd.sinc, [0.0, 0.5, -0.0, 1.5], [0, 2]),
    "floor": (autograd.floor, [1.5, 2.5, 3.5, 4.5], [0, 1, 2, 3]),
    "sign": (autograd.sign, [1.5, -2.5, 3.5, 4.5], [0, 1, 2, 3]),
    "assignment": (lambda x: assigned(x), [1.0, 2.0, 3.0, 4.0], [1, 2]),
    "dropout": (drop, [1.0, 2.0, 3.0, 4.0], None),
    "max_pool2d": (
        lambda x: F.max_pool2d(x.reshape(1, 1, 2, 2), 2),
        [1.0, 4.0, 3.0, 2.0],
        [0, 2, 3],
    ),
}


def assigned(x):
    y = x * 1
    y[1:3] = 7.0
    return y


@pytest.mark.parametrize("graph", [False, True], ids=["first order", "graph"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("upstream", [np.inf, -np.inf, np.nan, 0.0])
@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_gate_passes_nothing(name, upstream, dtype, graph):
    function, values, closed = CLOSED[name]
    x = autograd.tensor(np.array(values, dtype), requires_grad=True)
    closed = dropped() if closed is None else closed
    z = function(x)
    arriving = np.full(z.shape, upstream, z.dtype)
    with np.errstate(all="ignore"):
        (slope,) = autograd.grad(z, x, arriving, create_graph=graph)
    found = slope.detach().numpy()
    assert (found[closed] == 0).all(), found
    if upstream:
        assert not np.isfinite(np.delete(found, closed)).any(), found
