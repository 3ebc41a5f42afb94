"""Cases of norms."""

import autograd
from tests.autograd.cases.case import Case, Example, away_from_zero, distinct
from tests.autograd.cases.matrices import spread
from tests.autograd.cases.products import torch_linalg

linalg = autograd.linalg
INF = float("inf")

CASES = [
    Case(
        "linalg.vector_norm",
        (distinct,),
        torch_linalg("vector_norm"),
        linalg.vector_norm,
        examples=[
            *(Example(((2, 3),), {"ord": p}) for p in (2, 1, 0.5, 1.5, 3, -1, -2, INF, -INF)),
            *(
                Example(((2, 3, 2),), {"ord": p, "dim": dim, "keepdim": keepdim})
                for p in (2, 1, 3, INF)
                for dim, keepdim in [(1, False), (-1, True), ((0, -1), False)]
            ),
            *(Example(((),), {"ord": p}) for p in (2, 1, 3, INF)),
            *(Example(((0,),), {"ord": p}) for p in (2, 1, 3)),
            Example(((0, 3),), {"ord": INF, "dim": 1}),
            Example(((2, 0),), {"dim": 1}),
        ],
        numbers="",
    ),
    Case(
        "linalg.matrix_norm",
        (spread,),
        torch_linalg("matrix_norm"),
        linalg.matrix_norm,
        examples=[
            *(
                Example((shape,), {"ord": p})
                for p in ("fro", "nuc", INF, -INF, 1, -1, 2, -2)
                for shape in [(3, 3), (2, 2, 3)]
            ),
            *(
                Example(((3, 2, 3),), {"ord": p, "dim": (0, 2), "keepdim": True})
                for p in ("fro", "nuc", 1, 2)
            ),
            Example(((2, 2, 3),), {"ord": 1, "dim": (2, 0)}),
        ],
        numbers="",
    ),
    Case(
        "linalg.norm",
        (away_from_zero,),
        torch_linalg("norm"),
        linalg.norm,
        examples=[
            Example(((3,),)),
            Example(((2, 2, 3),)),
            Example(((3,),), {"ord": 3}),
            Example(((2, 3),), {"ord": "nuc"}),
            Example(((2, 3),), {"ord": 1}),
            Example(((2, 3),), {"ord": 1, "dim": 1}),
            Example(((2, 2, 3),), {"ord": "fro", "dim": (0, 2), "keepdim": True}),
            Example(((2, 3),), {"dim": (0, 1)}),
        ],
        numbers="",
    ),
    Case(
        "renorm",
        (away_from_zero,),
        examples=[
            *(Example(((3, 4),), {"p": p, "dim": 0, "maxnorm": 2.0}) for p in (2, 1, 3, 0.5)),
            Example(((2, 3, 2),), {"p": 2, "dim": -2, "maxnorm": 1}),
            Example(((2, 3),), {"p": float("inf"), "dim": 1, "maxnorm": 1.5}),
            Example(((2, 3),), {"p": 2, "dim": 0, "maxnorm": 0}),
            Example(((2, 0),), {"p": 2, "dim": 0, "maxnorm": 1}),
        ],
        numbers="",
    ),
]
