"""Cases of diagonals and triangles."""

import autograd
from tests.autograd.cases.case import Case, Example, reals
from tests.autograd.cases.products import torch_linalg

OFFSETS = (0, 1, -1, -2, 5)

CASES = [
    Case(
        "diagonal",
        (reals,),
        examples=[Example(((3, 4),), {"offset": n}) for n in OFFSETS]
        + [
            Example(((2, 3, 4),), {"dim1": a, "dim2": b, "offset": n})
            for a, b, n in ((0, 2, 1), (-1, 0, 1), (1, 2, -1))
        ]
        + [Example(((0, 3),))],
    ),
    Case(
        "diag_embed",
        (reals,),
        examples=[Example(((2, 3),), {"offset": n}) for n in (0, 1, -2)]
        + [Example(((2, 3),), {"dim1": a, "dim2": b, "offset": 1}) for a, b in ((0, 2), (1, 0))]
        + [Example(((0,),))],
    ),
    Case(
        "diag",
        (reals,),
        examples=[Example((s,), {"diagonal": n}) for s in ((3,), (2, 3)) for n in (0, 1, -1)],
    ),
    Case(
        "diagflat",
        (reals,),
        examples=[Example((s,), {"offset": 1}) for s in ((2, 2), (), (3,))],
    ),
    *(
        Case(
            name,
            (reals,),
            examples=[Example(((3, 4),), {"diagonal": n}) for n in OFFSETS]
            + [Example(((2, 2, 3),)), Example(((0, 2),))],
        )
        for name in ("tril", "triu")
    ),
    Case(
        "linalg.diagonal",
        (reals,),
        torch_linalg("diagonal"),
        autograd.linalg.diagonal,
        examples=[Example(((2, 3, 2),)), Example(((2, 3, 2),), {"offset": -1, "dim1": 0})],
    ),
]
