"""Cases of distances of two tensors, and of all pairs of points."""

from tests.autograd.cases.case import Case, Example, reals

INF = float("inf")

CASES = [
    Case(
        "dist",
        (reals, reals),
        examples=[
            *(Example(((2, 3), (2, 3)), {"p": p}) for p in (2, 1, 3, INF)),
            Example(((2, 3), (3,))),
            Example(((), (2,))),
            Example(((0,), (0,))),
        ],
        numbers="",
    ),
    Case(
        "pdist",
        (reals,),
        examples=[
            *(Example(((4, 3),), {"p": p}) for p in (2.0, 1.0, 1.5, 3.0, INF)),
            Example(((1, 3),)),
        ],
        numbers="",
    ),
]
