"""Cases of matrix products."""

import autograd
from autograd.ops import affine
from tests.autograd.cases.case import Case, Example, reals

PRODUCTS = [
    Example(pair)
    for pair in [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((4, 2, 3), (3, 2)),
        ((2, 2, 2, 3), (3, 2)),
        ((4, 2, 3), (4, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 3, 2), (2,)),
        ((2, 3), (2, 3, 2)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
        ((2, 0, 3), (3, 2)),
    ]
]


def added(name, *shapes):
    """Return examples of an addition to a product, with and without its two factors."""
    factors = [{}, {"beta": 2, "alpha": -3}, {"beta": 0}]
    return Case(
        name,
        (reals, reals, reals),
        examples=[Example(s, f) for s in shapes for f in factors],
        numbers="iu",
    )


def torch_linalg(name):
    return lambda t, *operands, **options: getattr(t.linalg, name)(*operands, **options)


CASES = [
    Case("matmul", (reals, reals), examples=PRODUCTS, numbers="iu"),
    Case(
        "mm",
        (reals, reals),
        examples=[Example(((2, 3), (3, 4))), Example(((2, 0), (0, 3)))],
        numbers="iu",
    ),
    Case(
        "bmm",
        (reals, reals),
        examples=[Example(((2, 2, 3), (2, 3, 4))), Example(((0, 2, 3), (0, 3, 4)))],
        numbers="iu",
    ),
    Case(
        "mv",
        (reals, reals),
        examples=[Example(((2, 3), (3,))), Example(((2, 0), (0,)))],
        numbers="iu",
    ),
    Case(
        "dot",
        (reals, reals),
        examples=[Example(((3,), (3,))), Example(((0,), (0,)))],
        numbers="iu",
    ),
    Case("vdot", (reals, reals), examples=[Example(((3,), (3,)))], numbers="iu"),
    Case(
        "inner",
        (reals, reals),
        examples=[
            Example(pair)
            for pair in [
                ((3,), (3,)),
                ((2, 3), (3,)),
                ((3,), (2, 3)),
                ((4, 2, 3), (2, 2, 3)),
                ((), (2, 3)),
                ((2, 3), (0, 3)),
            ]
        ],
        numbers="iu",
    ),
    Case(
        "outer",
        (reals, reals),
        aliases=("ger",),
        examples=[Example(((2,), (3,))), Example(((0,), (3,)))],
    ),
    Case(
        "linalg.vecdot",
        (reals, reals),
        torch_linalg("vecdot"),
        autograd.linalg.vecdot,
        examples=[
            Example(((3,), (3,))),
            Example(((2, 3), (3,))),
            Example(((2, 3), (2, 3)), {"dim": 0}),
        ],
        numbers="iu",
    ),
    added("addmm", ((2, 4), (2, 3), (3, 4)), ((4,), (2, 3), (3, 4)), ((), (2, 0), (0, 3))),
    added("addmv", ((2,), (2, 3), (3,)), ((), (2, 3), (3,))),
    added("addr", ((2, 3), (2,), (3,)), ((3,), (2,), (3,))),
    added("baddbmm", ((2, 2, 4), (2, 2, 3), (2, 3, 4)), ((4,), (2, 2, 3), (2, 3, 4))),
    added("addbmm", ((2, 4), (2, 2, 3), (2, 3, 4)), ((1,), (3, 2, 3), (3, 3, 4))),
    Case(
        "linear",
        (reals, reals, reals),
        lambda t, *operands: t.nn.functional.linear(*operands),
        call=affine.linear,
        examples=[
            Example(((4, 3), (2, 3), (2,))),
            Example(((4, 3), (2, 3))),
            Example(((3,), (2, 3), (2,))),
            Example(((2, 4, 3), (2, 3), (2,))),
            Example(((0, 3), (2, 3), (2,))),
        ],
        numbers="",
    ),
]
