"""Cases of rounding."""

import autograd
from tests.autograd.cases.case import between_integers, unary


def to_decimals(decimals):
    return unary(
        f"round to {decimals} decimals",
        lambda r, s: between_integers(r, s) / 10.0**decimals,
        reference=lambda t, x: t.round(x, decimals=decimals),
        call=lambda x: autograd.round(x, decimals=decimals),
    )


CASES = [
    unary("floor", between_integers),
    unary("ceil", between_integers),
    unary("trunc", between_integers, aliases=("fix",)),
    unary("round", between_integers),
    to_decimals(2),
    to_decimals(-2),
    unary("frac", between_integers),
]
