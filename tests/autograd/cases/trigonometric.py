"""Cases of trigonometric and hyperbolic functions."""

import autograd
from tests.autograd.cases.case import Case, away_from_zero, fractions, unary


def above_one(random, shape):
    return 1 + fractions(random, shape)


CASES = [
    unary("sin"),
    unary("cos"),
    unary("tan", lambda r, s: r.uniform(-1.2, 1.2, s)),
    unary("asin", fractions, aliases=("arcsin",)),
    unary("acos", fractions, aliases=("arccos",)),
    unary("atan", aliases=("arctan",)),
    unary("sinh"),
    unary("cosh"),
    unary("tanh"),
    unary("asinh", aliases=("arcsinh",)),
    unary("acosh", above_one, aliases=("arccosh",)),
    unary("atanh", fractions, aliases=("arctanh",)),
    Case("atan2", (away_from_zero, away_from_zero), aliases=("arctan2",)),
    Case("hypot", (away_from_zero, away_from_zero)),
    unary("sinc", away_from_zero),
    unary(
        "sinc near zero",
        lambda r, s: r.uniform(-0.14, 0.14, s),
        reference=lambda t, x: t.sinc(x),
        call=lambda x: autograd.sinc(x),
        special=False,
        close=1e-9,
    ),
    unary("deg2rad"),
    unary("rad2deg"),
]
