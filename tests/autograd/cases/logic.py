"""Cases of logic and bits."""

from tests.autograd.cases.case import Case, compared, counts, truths, unary, whole

CASES = [
    *[compared(name) for name in ("logical_and", "logical_or", "logical_xor")],
    unary("logical_not", whole, differentiable=False),
    *[
        Case(f"bitwise_{name}", (truths, truths), differentiable=False)
        for name in ("and", "or", "xor")
    ],
    unary("bitwise_not", truths, differentiable=False, special=False),
    *[
        Case(f"bitwise_{name}_shift", (counts, counts), differentiable=False, special=False)
        for name in ("left", "right")
    ],
]
