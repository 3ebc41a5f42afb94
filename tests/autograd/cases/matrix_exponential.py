"""Cases of the exponential of a matrix."""

import autograd
from tests.autograd.cases.case import Case, Example, reals

CASES = [
    Case(
        "matrix_exp",
        (reals,),
        examples=[
            Example(((3, 3),)),
            Example(((2, 2, 2),)),
            Example(((1, 1),)),
            Example(((0, 0),)),
        ],
        numbers="",
    ),
    Case(
        "exponentials of matrices that are halved often",
        (reals,),
        lambda t, x: t.matrix_exp(3 * x) * 1e-2,
        lambda x: autograd.matrix_exp(3 * x) * 1e-2,
        examples=[Example(((3, 3),)), Example(((2, 3, 3),))],
        numbers="",
        close=1e-9,
    ),
]
