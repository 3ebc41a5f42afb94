"""Cases of matrix products."""

from autograd.ops import linalg
from tests.autograd.cases.case import Case, Example, reals

PRODUCTS = [
    Example(pair)
    for pair in [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((4, 2, 3), (3, 2)),
        ((4, 2, 3), (4, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 3, 2), (2,)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
    ]
]

CASES = [
    Case("matmul", (reals, reals), examples=PRODUCTS),
    Case("dot", (reals, reals), examples=[Example(((3,), (3,))), Example(((0,), (0,)))]),
    Case(
        "linear",
        (reals, reals, reals),
        lambda t, *operands: t.nn.functional.linear(*operands),
        call=linalg.linear,
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
