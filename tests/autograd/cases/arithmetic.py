"""Cases of arithmetic."""

from tests.autograd.cases.case import (
    Case,
    away_from_zero,
    between_integers,
    positive,
    reals,
    signs,
    unary,
)

CASES = [
    Case("add", (reals, reals)),
    Case("subtract", (reals, reals), aliases=("sub",)),
    Case("multiply", (reals, reals), aliases=("mul",)),
    Case("divide", (reals, away_from_zero), aliases=("div", "true_divide")),
    Case("power", (positive, reals), lambda t, x, y: t.pow(x, y), aliases=("pow",)),
    unary(
        "power to a constant",
        reference=lambda t, x: x**3,
        call=lambda x: x**3,
    ),
    unary(
        "square root of a square",
        away_from_zero,
        reference=lambda t, x: (x**2) ** 0.5,
        call=lambda x: (x**2) ** 0.5,
        numbers="",
    ),
    unary("negative", aliases=("neg",)),
    unary("absolute", between_integers, aliases=("abs",)),
    unary("square", numbers="iu"),
    unary("reciprocal", away_from_zero),
    unary("sqrt", positive),
    unary("sign", between_integers, numbers="iu"),
    Case(
        "floor_divide",
        (between_integers, signs),
        lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    ),
    Case("remainder", (between_integers, signs)),
]
