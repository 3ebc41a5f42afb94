"""Cases of sliding windows."""

from autograd.ops import sliding
from tests.autograd.cases.case import Case, Example, reals

CASES = [
    Case(
        "unfold",
        (reals,),
        lambda t, x, dimension, size, step: x.unfold(dimension, size, step),
        call=sliding.unfold,
        examples=[
            Example(((2, 7, 2),), {"dimension": 1, "size": n, "step": s})
            for n, s in ((3, 1), (3, 2), (2, 3), (7, 1), (5, 2), (0, 1))
        ]
        + [
            Example(((5,),), {"dimension": -1, "size": 2, "step": 2}),
            Example(((),), {"dimension": 0, "size": 1, "step": 1}),
            Example(((),), {"dimension": 0, "size": 0, "step": 1}),
        ],
    ),
]
