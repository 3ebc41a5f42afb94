"""Cases of gathering, scattering and whole slices."""

import numpy as np

import autograd
from autograd.ops import gathering
from tests.autograd.cases.case import Case, Example, away_from_zero, distinct, reals

ROWS = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])  # for dim 0 of (3, 4)
COLUMNS = np.array([[3, 0], [1, 1], [2, 2]])  # for dim 1 of (3, 4)
CUBE = np.array([[[0, 1]], [[2, 2]]])  # for dim 1 of (2, 3, 2)
AT = [
    ((3, 4), ROWS, 0),
    ((3, 4), COLUMNS, 1),
    ((3, 4), COLUMNS[:2, :1], -1),
    ((2, 3, 2), CUBE, 1),
    ((4,), np.array([3, 0, 3, 3, 1]), 0),
    ((), np.array(0), 0),
    ((3, 0), np.zeros((3, 0), int), 1),
]


def _examples(**attributes):
    return [Example((s,), {"dim": d, "index": i, **attributes}) for s, i, d in AT]


def _with_src(sources=None, **attributes):
    """Return examples with a src of the index's shape; those of a larger one come apart."""
    return [Example((s, i.shape), {"dim": d, "index": i, **attributes}) for s, i, d in AT]


LARGER = Example(((3, 4), (3, 5)), {"dim": 0, "index": ROWS})  # than the index
REDUCTIONS = [
    Example(example.shapes, {**example.attributes, "reduce": reduce, "include_self": include})
    for reduce in ("sum", "prod", "mean", "amax", "amin")
    for include in (True, False)
    for example in (*_with_src()[:2], _with_src()[4])
]


def _larger(t, x, src, dim, index, **options):
    """PyTorch's own gradient fails for a src that is larger than the index."""
    return src[tuple(slice(n) for n in index.shape)]


def _scatter(t, x, src, dim, index):
    return x.scatter(dim, t.tensor(index), _larger(t, x, src, dim, index))


def _scatter_add(t, x, src, dim, index):
    return x.scatter_add(dim, t.tensor(index), _larger(t, x, src, dim, index))


def _take_along_dim(t, x, indices, dim=None):
    """PyTorch counts negatives back only in part."""
    return t.take_along_dim(
        x, t.tensor(indices % (x.numel() if dim is None else x.shape[dim])), dim
    )


def apart(random, shape):
    """Return values that differ from those of ``distinct``, so that no x ties with a src."""
    return distinct(random, shape) + 0.05


SLICES = [
    ((3, 4), (2, 4), np.array([2, 0]), 0),
    ((3, 4), (3, 3), np.array([3, 0, 1]), 1),
    ((2, 3, 4), (2, 2, 4), np.array([1, 2]), -2),
    ((), (), np.array([0]), 0),
    ((3, 2), (0, 2), np.array([], int), 0),
]
REPEATED = [
    ((3, 4), (5, 4), np.array([2, 0, 2, 2, 0]), 0),
    ((3, 4), (3, 3), np.array([3, 3, 1]), 1),
    ((2, 3, 20), (2, 4, 20), np.array([1, 2, 1, 1]), 1),
]


def _sliced(examples, **attributes):
    return [Example((s, v), {"dim": d, "index": i, **attributes}) for s, v, i, d in examples]


CASES = [
    Case(
        "gather",
        (reals,),
        lambda t, x, dim, index: t.gather(x, dim, t.tensor(index)),
        examples=_examples(),
    ),
    Case(
        "spread_along",
        (reals,),
        lambda t, x, index, dim, shape: t.zeros(shape, dtype=x.dtype).scatter_add(
            dim, t.tensor(index), x
        ),
        call=gathering.spread_along,
        examples=[
            Example(((2, 4),), {"index": ROWS, "dim": 0, "shape": (3, 4)}),
            Example(((3, 2),), {"index": COLUMNS, "dim": 1, "shape": (3, 4)}),
        ],
        numbers="",
    ),
    Case(
        "scatter",
        (reals, reals),
        _scatter,
        call=lambda x, src, dim, index: autograd.scatter(x, dim, index, src),
        examples=[
            Example(((3, 4), (2, 2)), {"dim": 1, "index": np.array([[3, 0], [1, 2]])}),
            Example(((3, 4), (3, 4)), {"dim": 0, "index": np.array([[2, 0, 1, 1]])}),
            *(e for e in _with_src() if e.shapes[0] in ((), (3, 0))),
        ],
    ),
    Case(
        "scatter of a number",
        (reals,),
        lambda t, x, dim, index: x.scatter(dim, t.tensor(index), 1.5),
        call=lambda x, dim, index: autograd.scatter(x, dim, index, 1.5),
        examples=_examples(),
        numbers="iu",
    ),
    Case(
        "scatter_add",
        (reals, reals),
        _scatter_add,
        call=lambda x, src, dim, index: autograd.scatter_add(x, dim, index, src),
        examples=[*_with_src(), LARGER],
        numbers="iu",
    ),
    Case(
        "scatter_reduce",
        (distinct, apart),
        lambda t, x, src, dim, index, **o: x.scatter_reduce(dim, t.tensor(index), src, **o),
        call=lambda x, src, dim, index, **o: autograd.scatter_reduce(x, dim, index, src, **o),
        examples=REDUCTIONS,
        numbers="iu",
    ),
    Case(
        "scatter, multiplying",
        (away_from_zero, away_from_zero),
        lambda t, x, src, dim, index: x.scatter_reduce(dim, t.tensor(index), src, "prod"),
        call=lambda x, src, dim, index: autograd.scatter(x, dim, index, src, reduce="multiply"),
        examples=[_with_src()[4]],
    ),
    Case(
        "take_along_dim",
        (reals,),
        _take_along_dim,
        examples=[
            Example(((3, 4),), {"indices": np.array([[0, -1, 0, 1]]), "dim": 0}),
            Example(((3, 4),), {"indices": np.array([[0], [-1], [3]]), "dim": 1}),
            Example(((3, 4),), {"indices": np.array([0, 11, -1, 0])}),
            Example(((1, 4),), {"indices": np.array([[0, 3, 0], [1, 1, -4]]), "dim": -1}),
        ],
    ),
    Case(
        "take",
        (reals,),
        lambda t, x, index: t.take(x, t.tensor(index)),
        examples=[
            Example(((3, 4),), {"index": np.array([[0, -1], [5, 5]])}),
            Example(((3, 4),), {"index": np.array(3)}),
            Example(((),), {"index": np.array([0, 0])}),
            Example(((3,),), {"index": np.array([], int)}),
        ],
    ),
    Case(
        "put",
        (reals, reals),
        lambda t, x, source, index, accumulate: x.put(t.tensor(index), source, accumulate),
        call=lambda x, source, index, accumulate: autograd.put(x, index, source, accumulate),
        examples=[
            Example(((3, 4), (2,)), {"index": np.array([11, 0]), "accumulate": False}),
            Example(((3, 4), (4,)), {"index": np.array([[3, 0], [-1, 3]]), "accumulate": True}),
            Example(((), ()), {"index": np.array(0), "accumulate": True}),
        ],
        numbers="iu",
    ),
    Case(
        "index_select",
        (reals,),
        lambda t, x, dim, index: t.index_select(x, dim, t.tensor(index)),
        examples=[Example((s,), {"dim": d, "index": i}) for s, _, i, d in (*SLICES, *REPEATED)],
    ),
    Case(
        "index_add",
        (reals, reals),
        lambda t, x, source, dim, index, alpha=1: t.index_add(
            x, dim, t.tensor(index), source, alpha=alpha
        ),
        call=lambda x, source, dim, index, alpha=1: autograd.index_add(
            x, dim, index, source, alpha=alpha
        ),
        examples=[*_sliced(SLICES), *_sliced(REPEATED), *_sliced(REPEATED[:1], alpha=-2)],
        numbers="iu",
    ),
    Case(
        "index_copy",
        (reals, reals),
        lambda t, x, source, dim, index: t.index_copy(x, dim, t.tensor(index), source),
        call=lambda x, source, dim, index: autograd.index_copy(x, dim, index, source),
        examples=_sliced(SLICES),
    ),
    Case(
        "index_fill",
        (reals, reals),
        lambda t, x, value, dim, index: t.index_fill(x, dim, t.tensor(index), value),
        call=lambda x, value, dim, index: autograd.index_fill(x, dim, index, value),
        examples=[Example((s, ()), {"dim": d, "index": i}) for s, _, i, d in SLICES],
        numbers="",
    ),
]
