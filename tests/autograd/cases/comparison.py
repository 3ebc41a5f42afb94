"""Cases of comparisons and tests of values."""

import autograd
from tests.autograd.cases.case import Case, Example, compared, unary, whole

CASES = [
    compared("eq"),
    compared("ne", aliases=("not_equal",)),
    compared("lt", aliases=("less",)),
    compared("le", aliases=("less_equal",)),
    compared("gt", aliases=("greater",)),
    compared("ge", aliases=("greater_equal",)),
    *[
        unary(name, whole, differentiable=False)
        for name in ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit")
    ],
    compared("isclose"),
    *[
        Case(
            name,
            (whole, whole),
            reference=lambda t, x, y, name=name: t.tensor(getattr(t, name)(x, y)),
            call=lambda x, y, name=name: autograd.tensor(getattr(autograd, name)(x, y)),
            examples=[Example(((2, 3), (2, 3))), Example(((), ())), Example(((0,), (0,)))],
            differentiable=False,
        )
        for name in ("allclose", "equal")
    ],
]
