"""Cases of distances and covariances."""

import numpy as np

import autograd
from autograd.ops.distances import signs_along
from tests.autograd.cases.case import Case, Example, away_from_zero, reals

INF = float("inf")
POINTS = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
OTHERS = np.array([[1.0, 1.0], [-1.0, 0.0], [0.5, 2.0], [3.0, -2.0]])


def weighted(module, x, weights=None, repeated=False, **options):
    if repeated:
        counts = np.arange(1, x.shape[-1] + 1)
        options["fweights"] = counts if module is autograd else module.tensor(counts)
    if weights is not None:
        options["aweights"] = abs(weights)
    return module.cov(x, **options)


CASES = [
    Case(
        "cdist",
        (reals, reals),
        examples=[
            *(Example(((3, 2), (4, 2)), {"p": p}) for p in (2.0, 1.0, 1.5, 3.0, INF)),
            Example(((2, 3, 2), (4, 2))),
            Example(((2, 1, 2, 3), (3, 2, 3))),
            Example(((2, 1, 2, 3), (3, 2, 3)), {"p": 1.0}),
            Example(((3, 2), (4, 2)), {"compute_mode": "use_mm_for_euclid_dist"}),
            Example(((0, 2), (3, 2))),
        ],
        numbers="",
    ),
    Case(  # what the derivative of city-block distances moves with, along its upstream
        "signs_along",
        (reals,),
        lambda t, v: (v[:, None] * t.tensor(POINTS[:, None] - OTHERS).sign().to(v.dtype)).sum(-1),
        lambda v: signs_along(v, POINTS.astype(v.dtype), OTHERS.astype(v.dtype)),
        examples=[Example(((3, 2),))],
        numbers="",
    ),
    Case(
        "cov",
        (reals, away_from_zero),
        weighted,
        lambda *operands, **options: weighted(autograd, *operands, **options),
        examples=[
            Example(((2, 4),)),
            Example(((3, 4),), {"correction": 0}),
            Example(((4,),)),
            Example(((1, 4),)),
            Example(((2, 4),), {"repeated": True}),
            Example(((2, 4), (4,))),
            Example(((2, 4), (4,)), {"correction": 0, "repeated": True}),
            Example(((2, 4), (4,)), {"correction": 1, "repeated": True}),
        ],
        numbers="iu",
    ),
    Case("corrcoef", (reals,), examples=[Example(((3, 5),)), Example(((5,),))], numbers=""),
]
