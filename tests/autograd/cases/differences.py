"""Cases of differences of neighbours and of trapezoids."""

import autograd
from tests.autograd.cases.case import Case, Example, reals


def integrals(name):
    """Integrate at equal distances, and at places that are a vector, or as many as the samples."""
    return Case(
        name,
        (reals, reals),
        examples=[
            Example(((2, 4),)),
            Example(((2, 4),), {"dx": 2.0, "dim": 0}),
            Example(((4,), (4,))),
            Example(((2, 4), (4,))),
            Example(((3, 2), (3,)), {"dim": 0}),
            Example(((3, 2), (3, 2)), {"dim": -2}),
            Example(((2, 3, 4), (3, 4))),
            Example(((2, 1),)),
        ],
        numbers="iu",
    )


CASES = [
    Case(
        "diff",
        (reals,),
        examples=[
            Example(((4,),)),
            Example(((3, 4),), {"n": 2}),
            Example(((3, 4),), {"dim": 0}),
            Example(((2, 3),), {"n": 0}),
            Example(((2, 3),), {"n": 5}),
            Example(((0, 3),), {"dim": 0}),
        ],
    ),
    Case(
        "differences between ends",
        (reals, reals, reals),
        lambda t, x, before, after, **options: t.diff(x, prepend=before, append=after, **options),
        lambda x, before, after, **options: autograd.diff(
            x, prepend=before, append=after, **options
        ),
        examples=[
            Example(((4,), (1,), (2,))),
            Example(((2, 3), (1, 3), (1, 3)), {"dim": 0, "n": 2}),
        ],
        numbers="iu",
    ),
    integrals("trapezoid"),
    integrals("trapz"),
    integrals("cumulative_trapezoid"),
]
