"""Cases of cross products."""

import autograd
from tests.autograd.cases.case import Case, Example, reals
from tests.autograd.cases.products import torch_linalg

CASES = [
    Case(
        "cross",
        (reals, reals),
        lambda t, x, y, dim=None: t.cross(x, y, dim=dim if dim is not None else x.shape.index(3)),
        examples=[
            Example(((3,), (3,))),
            Example(((2, 3), (2, 3))),
            Example(((3, 2, 3), (3, 2, 3)), {"dim": 0}),
            Example(((2, 1, 3), (1, 2, 3)), {"dim": -1}),
        ],
        numbers="iu",
    ),
    Case(
        "linalg.cross",
        (reals, reals),
        torch_linalg("cross"),
        autograd.linalg.cross,
        examples=[Example(((3, 3), (1, 3))), Example(((3, 2), (3, 2)), {"dim": 0})],
        numbers="iu",
    ),
]
