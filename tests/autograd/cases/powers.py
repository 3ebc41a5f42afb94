"""Cases of powers and roots."""

from tests.autograd.cases.case import Case, away_from_zero, positive, reals, unary

CASES = [
    Case("power", (positive, reals), lambda t, x, y: t.pow(x, y), aliases=("pow",)),
    Case("float_power", (positive, reals)),
    unary(
        "power to a constant",
        reference=lambda t, x: x**3,
        call=lambda x: x**3,
    ),
    unary(
        "power to zero",
        reference=lambda t, x: x**0,
        call=lambda x: x**0,
    ),
    unary(
        "power of a constant",
        reference=lambda t, x: 3**x,
        call=lambda x: 3**x,
    ),
    unary(
        "square root of a square",
        away_from_zero,
        reference=lambda t, x: (x**2) ** 0.5,
        call=lambda x: (x**2) ** 0.5,
        numbers="",
    ),
    unary("square"),
    unary("reciprocal", away_from_zero),
    unary("sqrt", positive),
    unary("rsqrt", positive),
]
