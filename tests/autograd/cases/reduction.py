"""Cases of reductions."""

import autograd
from autograd.ops import reduction
from tests.autograd.cases.case import Case, Example, distinct, reals, reduced, truths

DIMS = ({}, {"dim": 0}, {"dim": -1, "keepdim": True})
MANY_DIMS = (*DIMS, {"dim": (0, 1)}, {"dim": (1, 0), "keepdim": True}, {"dim": ()})
CORRECTIONS = ({}, {"correction": 0}, {"dim": 1}, {"dim": (0, 1), "correction": 2, "keepdim": True})


def _first_values(name):
    """``max(x, dim)`` of ours returns (values, indices); the values are differentiable."""

    def call(x, **attributes):
        found = getattr(autograd, name)(x, **attributes)
        return found.values if attributes else found

    def reference(torch, x, **attributes):
        found = getattr(torch, name)(x, **attributes)
        return found.values if attributes else found

    return {"call": call, "reference": reference}


CASES = [
    reduced("sum", attributes=MANY_DIMS),
    reduced("mean", attributes=MANY_DIMS, numbers=""),
    reduced("var", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("std", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("amax", distinct, MANY_DIMS, reference=lambda t, x, dim=(), **a: t.amax(x, dim, **a)),
    reduced("amin", distinct, MANY_DIMS, reference=lambda t, x, dim=(), **a: t.amin(x, dim, **a)),
    reduced("max", distinct, DIMS, **_first_values("max")),
    reduced("min", distinct, DIMS, **_first_values("min")),
    reduced("logsumexp", attributes=[a for a in MANY_DIMS if a.get("dim") not in (None, ())]),
    reduced("argmax", distinct, DIMS, differentiable=False),
    reduced("argmin", distinct, DIMS, differentiable=False),
    reduced("any", truths, DIMS, differentiable=False),
    reduced("all", truths, DIMS, differentiable=False),
    Case(
        "sum_to",
        (reals,),
        lambda t, x, shape: x.sum_to_size(shape),
        call=reduction.sum_to,
        numbers="",
        examples=[
            Example(((2, 3),), {"shape": s}) for s in ((), (3,), (1, 3), (2, 1), (1, 1), (2, 3))
        ],
    ),
]
