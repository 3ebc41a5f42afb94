"""Cases of indexing."""

import numpy as np

from autograd.ops import in_place, indexing
from tests.autograd.cases.case import Case, Example, reals


def _indexed(index):
    return Example(((3, 4),), {"index": index})


INDICES = [
    _indexed(0),
    _indexed((slice(None), -1)),
    _indexed((slice(None, None, 2), slice(1, 3))),
    _indexed((Ellipsis, None, 2)),
    _indexed((1, 2)),
    _indexed([2, 0, 2]),
    _indexed((slice(None), [1, 1, 3])),
    _indexed(([0, 2, 0], [1, 3, 1])),
    _indexed(np.arange(12).reshape(3, 4) % 3 == 0),
]


def _torch_index(torch, index):
    if isinstance(index, tuple):
        return tuple(_torch_index(torch, part) for part in index)
    return torch.tensor(index) if isinstance(index, (list, np.ndarray)) else index


def _torch_put(torch, x, value, index):
    z = x.clone()
    z[_torch_index(torch, index)] = value
    return z


def _put(x, value, index):
    z = x * 1
    z[index] = value
    return z


CASES = [
    Case(
        "getitem",
        (reals,),
        lambda t, x, index: x[_torch_index(t, index)],
        call=lambda x, index: x[index],
        examples=INDICES,
    ),
    Case(
        "scatter",
        (reals,),
        lambda t, x, index: t.zeros(3, 4, dtype=x.dtype).index_put(
            _torch_index(t, index), x, accumulate=True
        ),
        call=lambda x, index: indexing.scatter(x, shape=(3, 4), index=index),
        examples=[Example(((3,),), {"index": ([0, 2, 0], [1, 3, 1])})],
        numbers="",
    ),
    Case(
        "setitem",
        (reals, reals),
        _torch_put,
        call=_put,
        examples=[
            Example(((3, 4), (4,)), {"index": 0}),
            Example(((3, 4), ()), {"index": (slice(None), slice(1, 3))}),
            Example(((3, 4), (2, 1)), {"index": (slice(None, None, 2), slice(1, 3))}),
            Example(((3, 4), (2, 4)), {"index": [2, 0]}),
            Example(((3, 4), ()), {"index": np.arange(12).reshape(3, 4) % 3 == 0}),
        ],
        numbers="",
    ),
    Case(
        "copied",
        (reals, reals),
        lambda t, x, source: (x * 1).copy_(source),
        call=lambda x, source: (x * 1).copy_(source),
        examples=[Example(((2, 3), (3,))), Example(((2, 3), (2, 3)))],
        numbers="",
    ),
    Case(
        "assign",
        (reals, reals),
        lambda t, x, value: _torch_put(t, x, value, (slice(None), 1)),
        call=lambda x, value: in_place.assign(x, value, chain=_SECOND_COLUMN),
        examples=[Example(((2, 3), (2,)))],
    ),
]

_SECOND_COLUMN = ((indexing.getitem_at, {"index": (slice(None), 1)}),)
