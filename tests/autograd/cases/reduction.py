"""Cases of reductions that add, multiply, count and measure."""

import autograd
from autograd.ops import reduction
from tests.autograd.cases.case import Case, Example, away_from_zero, reals, reduced, truths

DIMS = ({}, {"dim": 0}, {"dim": -1, "keepdim": True})
MANY_DIMS = (*DIMS, {"dim": (0, 1)}, {"dim": (1, 0), "keepdim": True}, {"dim": ()})
CORRECTIONS = (
    {},
    {"correction": 0},
    {"dim": 1},
    {"dim": (0, 1), "correction": 2, "keepdim": True},
    {"dim": -1, "correction": 0.5},
)
NORMS = (
    {},
    {"p": 1, "dim": 0},
    {"p": 2, "dim": -1, "keepdim": True},
    {"p": 3, "dim": (0, 1)},
    {"p": 0.5, "dim": 1},
    {"p": 1.5},
    {"p": -2, "dim": 0},
    {"p": float("inf"), "dim": -1},
    {"p": float("-inf"), "dim": 0, "keepdim": True},
)
EMPTY = [Example(((0, 3),), a) for a in ({}, {"dim": 0}, {"dim": 1, "keepdim": True})]


def with_zeros(random, shape):
    """Every seventh factor is 0: one of six, two of twelve."""
    drawn = away_from_zero(random, shape)
    if drawn.size > 1:
        drawn.flat[::7] = 0
    return drawn


def _both(name):
    """``var_mean`` returns two; a sum of them uses the rule of each."""

    def call(x, **attributes):
        spread, mean = getattr(autograd, name)(x, **attributes)
        return spread + 0.5 * mean

    def reference(torch, x, **attributes):
        spread, mean = getattr(torch, name)(x, **attributes)
        return spread + 0.5 * mean

    return {"call": call, "reference": reference, "scalars": False, "numbers": ""}


def _also(case, *examples):
    case.examples = [*case.examples, *examples]
    return case


CASES = [
    _also(reduced("sum", attributes=MANY_DIMS), *EMPTY, Example(((2, 3, 2),), {"dim": (0, 2)})),
    reduced("mean", attributes=MANY_DIMS, numbers=""),
    _also(reduced("nansum", attributes=MANY_DIMS), *EMPTY),
    reduced("nanmean", attributes=MANY_DIMS, numbers=""),
    _also(reduced("prod", with_zeros, DIMS), *EMPTY, Example(((5,),), {"dim": 0})),
    reduced("var", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("std", attributes=CORRECTIONS, scalars=False, numbers=""),
    reduced("var_mean", attributes=CORRECTIONS, **_both("var_mean")),
    reduced("std_mean", attributes=CORRECTIONS, **_both("std_mean")),
    reduced("norm", away_from_zero, NORMS, numbers=""),
    reduced("logsumexp", attributes=[a for a in MANY_DIMS if a.get("dim") not in (None, ())]),
    reduced("any", truths, DIMS, differentiable=False),
    reduced("all", truths, DIMS, differentiable=False),
    _also(
        reduced(
            "count_nonzero", with_zeros, ({}, {"dim": 0}, {"dim": (0, 1)}), differentiable=False
        ),
        Example(((0, 3),), {"dim": 0}),
    ),
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
    Case(
        "sum_to_size",
        (reals,),
        lambda t, x, size: x.sum_to_size(size),
        lambda x, size: x.sum_to_size(size),
        examples=[
            Example(((2, 3, 4),), {"size": size})
            for size in ((1, 3, 1), (4,), (3, 4), (), (2, 3, 4))
        ],
    ),
]
