"""Cases of comparisons and logic."""

import numpy as np

from tests.autograd.cases.case import Case, compared, truths, unary, whole

CASES = [
    *[compared(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")],
    *[compared(name) for name in ("logical_and", "logical_or", "logical_xor")],
    *[unary(n, whole, differentiable=False) for n in ("isnan", "isinf", "isfinite", "logical_not")],
    *[
        Case(
            f"bitwise_{name}",
            (truths, truths),
            call=call,
            differentiable=False,
        )
        for name, call in (
            ("and", lambda x, y: x & y),
            ("or", lambda x, y: x | y),
            ("xor", lambda x, y: np.bitwise_xor(x, y)),
        )
    ],
    unary(
        "invert",
        truths,
        reference=lambda t, x: ~x,
        call=lambda x: ~x,
        differentiable=False,
        special=False,
    ),
]
