"""Cases of combinations of the elements of vectors."""

import autograd
from tests.autograd.cases.case import Case, Example, reals

CASES = [
    Case(
        "cartesian_prod",
        (reals,) * 3,
        examples=[
            Example(((3,), (2,))),
            Example(((2,), (3,), (2,))),
            Example(((3,),)),
            Example(((3,), (0,))),
        ],
    ),
    Case(
        "combinations",
        (reals,),
        examples=[
            Example(((4,),)),
            *(Example(((4,),), {"r": r}) for r in (1, 3, 5)),
            Example(((3,),), {"r": 2, "with_replacement": True}),
        ],
    ),
    Case(
        "choices of nothing",
        (reals,),
        lambda t, x: t.combinations(x, 0),
        lambda x: autograd.combinations(x.detach(), 0),
        examples=[Example(((4,),))],
        differentiable=False,
    ),
]
