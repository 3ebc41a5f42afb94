"""Cases of indexing."""

import numpy as np

import autograd
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
    _indexed((1, [2, -1, 2])),
    _indexed((slice(None), [True, False, True, True])),
    _indexed((None, [[0, -1], [0, 1]], Ellipsis, [1, 2])),
    _indexed((True, [0, 0])),
    _indexed([]),
    Example(((2, 3, 4),), {"index": (0, slice(None), [1, 1, 2])}),
    Example(((2, 3, 4),), {"index": ([0, 1, 0], slice(1, None), [1, 1, 1])}),
    Example(((2, 3, 4),), {"index": (slice(None), [2, 0, 2])}),
    Example(((2, 3, 4),), {"index": (Ellipsis, [[1, 1], [2, 2]], [0, 0])}),
    Example(((2, 3, 4),), {"index": (slice(None), np.arange(12).reshape(3, 4) % 2 == 0)}),
    Example(((2, 3, 4),), {"index": (np.array([True, False]), slice(None), [1, 1])}),
    Example(((3, 64),), {"index": [2, 0, 2, 2]}),
    Example(((3, 5, 20),), {"index": (slice(None), [4, 4, 0, 0, 4])}),
    Example(((),), {"index": True}),
    Example(((0, 3),), {"index": ([],)}),
]


def _torch_index(torch, index):
    if isinstance(index, tuple):
        return tuple(_torch_index(torch, part) for part in index)
    if isinstance(index, list):
        return torch.tensor(index, dtype=None if index else torch.int64)
    return torch.tensor(index) if isinstance(index, np.ndarray) else index


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
        "write_at",
        (reals,),
        lambda t, x, index: t.zeros(3, 4, dtype=x.dtype).index_put(
            _torch_index(t, index), x, accumulate=True
        ),
        call=lambda x, index: indexing.write_at(x, shape=(3, 4), index=indexing.plain(index)),
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
            Example(((3, 4), (4,)), {"index": np.arange(12).reshape(3, 4) % 3 == 0}),
            Example(((2, 3, 4), (3, 1)), {"index": (1, slice(None), [0, 3])}),
        ],
        numbers="",
    ),
    Case(
        "index_put",
        (reals, reals),
        lambda t, x, values, indices, accumulate: x.index_put(
            _torch_index(t, indices), values, accumulate
        ),
        call=lambda x, values, indices, accumulate: autograd.index_put(
            x, indices, values, accumulate
        ),
        examples=[
            Example(((3, 4), (2,)), {"indices": ([0, 2], [3, 1]), "accumulate": False}),
            Example(((3, 4), (4,)), {"indices": ([0, 2, 0, 0],), "accumulate": True}),
            Example(((3, 4), ()), {"indices": ([0, 2, 0], [1, 1, 1]), "accumulate": True}),
            Example(((3, 64), (3, 64)), {"indices": ([0, 2, 0],), "accumulate": True}),
            Example(((3,), (2,)), {"indices": ([True, False, True],), "accumulate": True}),
            Example(((3,), ()), {"indices": (np.array(1),), "accumulate": True}),
        ],
        numbers="iu",
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

_SECOND_COLUMN = ((), indexing.getitem_at, {"index": (slice(None), 1)})
