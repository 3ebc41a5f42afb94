"""Cases of extrema and order statistics: operations that choose elements."""

import autograd
from tests.autograd.cases.case import Example, distinct, reduced
from tests.autograd.cases.reduction import DIMS, MANY_DIMS

ALONG = ({"dim": 0}, {"dim": -1, "keepdim": True}, {"dim": -2})
NOTHING_CHOSEN = Example(((0, 3),), {"dim": 1})


def values(name):
    """What returns (values, indices) when given a dim: the values are differentiable."""

    def call(x, **attributes):
        found = getattr(autograd, name)(x, **attributes)
        return found.values if isinstance(found, tuple) else found

    def reference(torch, x, **attributes):
        found = getattr(torch, name)(x, **attributes)
        return found.values if isinstance(found, tuple) else found

    return {"call": call, "reference": reference}


def _aminmax():
    def call(x, **attributes):
        smallest, largest = autograd.aminmax(x, **attributes)
        return largest - 0.5 * smallest

    def reference(torch, x, **attributes):
        smallest, largest = torch.aminmax(x, **attributes)
        return largest - 0.5 * smallest

    return {"call": call, "reference": reference, "numbers": ""}


def _quantile(name):
    def reference(torch, x, q, **attributes):
        q = torch.tensor(q, dtype=x.dtype) if isinstance(q, tuple) else q
        return getattr(torch, name)(x, q, **attributes)

    return {"reference": reference, "numbers": ""}


QUANTILES = (
    {"q": 0.37},
    {"q": (0.1, 0.9, 0.5), "dim": 0},
    {"q": 0.3, "dim": -1, "keepdim": True, "interpolation": "lower"},
    {"q": (0.3, 1.0), "dim": 1, "interpolation": "higher"},
    {"q": 0.4, "interpolation": "midpoint", "keepdim": True},
    {"q": (0.2, 0.8), "dim": 0, "keepdim": True, "interpolation": "nearest"},
)


def _with(case, *examples):
    case.examples = [*case.examples, *examples]
    return case


CASES = [
    _with(
        reduced("amax", distinct, MANY_DIMS,
                reference=lambda t, x, dim=(), **a: t.amax(x, dim, **a)),
        NOTHING_CHOSEN,
    ),
    _with(
        reduced("amin", distinct, MANY_DIMS,
                reference=lambda t, x, dim=(), **a: t.amin(x, dim, **a)),
        NOTHING_CHOSEN,
    ),
    _with(reduced("aminmax", distinct, DIMS, **_aminmax()), NOTHING_CHOSEN),
    _with(reduced("max", distinct, DIMS, **values("max")), NOTHING_CHOSEN),
    _with(reduced("min", distinct, DIMS, **values("min")), NOTHING_CHOSEN),
    _with(reduced("argmax", distinct, DIMS, differentiable=False), NOTHING_CHOSEN),
    _with(reduced("argmin", distinct, DIMS, differentiable=False), NOTHING_CHOSEN),
    _with(reduced("median", distinct, DIMS, **values("median")), NOTHING_CHOSEN),
    _with(reduced("nanmedian", distinct, DIMS, **values("nanmedian")), NOTHING_CHOSEN),
    reduced("mode", distinct, ({}, *ALONG), scalars=False, **values("mode")),
    reduced(
        "kthvalue",
        distinct,
        ({"k": 1}, {"k": 2, "dim": 0}, {"k": 2, "dim": -1, "keepdim": True}),
        scalars=False,
        **values("kthvalue"),
    ),
    reduced("quantile", distinct, QUANTILES, **_quantile("quantile")),
    reduced("nanquantile", distinct, QUANTILES, **_quantile("nanquantile")),
]  # fmt: skip
