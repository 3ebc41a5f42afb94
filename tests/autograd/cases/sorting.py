"""Cases of sorting, counting and distinct values."""

import numpy as np

import autograd
from tests.autograd.cases.case import Case, Example, distinct, reals, whole

SHAPES = [(5,), (3, 4), (2, 3, 2), (), (0,)]


def counts(random, shape):
    return random.integers(0, 5, shape).astype(np.float64)


def rising(random, shape):
    return np.sort(random.uniform(-2, 2, shape), -1)


def _along(name, *attributes, shapes=SHAPES, values=True):
    """A function that gives values and indices, of which the case looks at one."""
    pick = (lambda z: z.values) if values else (lambda z: z.indices)
    return Case(
        name if values else f"{name}, indices",
        (distinct,),
        lambda t, x, **o: pick(getattr(t, name)(x, **o)),
        call=lambda x, **o: pick(getattr(autograd, name)(x, **o)),
        examples=[Example((s,), a) for s in shapes for a in attributes],
        differentiable=values,
        numbers="" if not values else "iu" if name == "topk" else "biu",
    )


SORTS = ({}, {"dim": 0, "descending": True, "stable": True})
TOPS = (
    {"k": 2},
    {"k": 1, "dim": 0, "largest": False},
    {"k": 0, "dim": -1},
)

CASES = [
    _along("sort", *SORTS),
    _along("sort", *SORTS, values=False),
    _along("topk", *TOPS, shapes=[(5,), (3, 4), (2, 3, 2), (12,)]),
    _along("topk", *TOPS, shapes=[(5,), (3, 4), (2, 3, 2), (12,)], values=False),
    Case(
        "argsort",
        (distinct,),
        examples=[Example((s,), a) for s in SHAPES for a in SORTS],
        differentiable=False,
    ),
    Case("msort", (distinct,), examples=[Example((s,)) for s in SHAPES]),
    Case(
        "unique",
        (whole,),
        examples=[Example((s,)) for s in SHAPES]
        + [Example(((6, 2),), {"dim": 0}), Example(((1, 6),), {"dim": -1})],
        differentiable=False,
    ),
    Case(
        "unique_consecutive",
        (whole,),
        examples=[Example((s,)) for s in SHAPES]
        + [Example(((6, 1),), {"dim": 0}), Example(((1, 6),), {"dim": -1})],
        differentiable=False,
    ),
    Case(
        "isin",
        (whole, whole),
        examples=[
            Example(((3, 4), (2,))),
            Example(((3,), (2, 1))),
            Example(((2,), (3,)), {"invert": True}),
        ],
        differentiable=False,
    ),
    Case(
        "bincount",
        (reals,),
        lambda t, weights, x: t.zeros(7, dtype=weights.dtype).index_add(0, t.tensor(x), weights),
        call=lambda weights, x: autograd.bincount(x, weights, 7),
        examples=[Example(((5,),), {"x": np.array([0, 3, 3, 1, 0])})],
        numbers="",
    ),
    Case(
        "searchsorted",
        (rising, reals),
        examples=[
            Example(((5,), (3,))),
            Example(((5,), (2, 2)), {"right": True}),
            Example(((2, 5), (2, 3)), {"side": "right", "out_int32": True}),
            Example(((5,), ())),
            Example(((0,), (2,))),
        ],
        differentiable=False,
        numbers="",
    ),
    Case(
        "bucketize",
        (reals, rising),
        examples=[Example(((2, 3), (4,))), Example(((3,), (4,)), {"right": True})],
        differentiable=False,
        numbers="",
    ),
    Case(
        "histc",
        (reals,),
        examples=[
            Example(((20,),), {"bins": 5}),
            Example(((4, 5),), {"bins": 3, "min": -1, "max": 1}),
            Example(((0,),), {"bins": 3}),
            Example(((),), {"bins": 4}),
        ],
        differentiable=False,
        numbers="",
    ),
    Case(
        "histogram",
        (reals,),
        lambda t, x, bins, **o: t.histogram(x, bins, **o).hist,
        call=lambda x, bins, **o: autograd.histogram(x, bins, **o).hist,
        examples=[
            Example(((20,),), {"bins": 5}),
            Example(((4, 5),), {"bins": 4, "range": (-1.0, 1.0), "density": True}),
        ],
        differentiable=False,
        numbers="",
    ),
    Case(
        "one_hot",
        (counts,),
        lambda t, x, **o: t.nn.functional.one_hot(x.long(), **o),
        call=lambda x, **o: autograd.one_hot(x.long(), **o),
        examples=[
            Example(((5,),)),
            Example(((2, 3),), {"num_classes": 6}),
            Example(((),), {"num_classes": 5}),
            Example(((0,),), {"num_classes": 5}),
        ],
        differentiable=False,
        numbers="i",
    ),
]
