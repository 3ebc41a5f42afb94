"""Cases of Vandermonde matrices; of PyTorch's ``vander`` the derivative fails, not of linalg's."""

import autograd
from tests.autograd.cases.case import Case, Example, reals


def falling(t, x, N=None, increasing=False):
    z = t.linalg.vander(x, N=N)
    return z if increasing else z.flip(1)


CASES = [
    Case(
        "vander",
        (reals,),
        falling,
        examples=[
            Example(((4,),)),
            Example(((4,),), {"N": 3, "increasing": True}),
            Example(((3,),), {"N": 5}),
        ],
        numbers="iu",
    ),
    Case(
        "vander's values",
        (reals,),
        lambda t, x, **options: t.vander(x, **options),
        lambda x, **options: autograd.vander(x.detach(), **options),
        examples=[Example(((4,),)), *(Example(((3,),), {"N": n}) for n in (0, 1, 5))],
        differentiable=False,
    ),
    Case(
        "linalg.vander",
        (reals,),
        lambda t, x, **options: t.linalg.vander(x, **options),
        autograd.linalg.vander,
        examples=[Example(((2, 3),)), Example(((3,),), {"N": 4})],
        numbers="iu",
    ),
]
