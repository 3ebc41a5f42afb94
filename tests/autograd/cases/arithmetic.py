"""Cases of arithmetic."""

import numpy as np

import autograd
from tests.autograd.cases.case import (
    Case,
    away_from_zero,
    between_integers,
    reals,
    signs,
    unary,
)

CASES = [
    Case("add", (reals, reals)),
    Case("subtract", (reals, reals), aliases=("sub",)),
    Case("multiply", (reals, reals), aliases=("mul",)),
    Case(
        "add a multiple",
        (reals, reals),
        reference=lambda t, x, y: t.add(x, y, alpha=3),
        call=lambda x, y: autograd.add(x, y, alpha=3),
    ),
    Case(
        "subtract a multiple",
        (reals, reals),
        reference=lambda t, x, y: t.sub(x, y, alpha=3),
        call=lambda x, y: autograd.subtract(x, y, alpha=3),
    ),
    unary("negative", aliases=("neg",)),
    unary("positive"),
    unary("absolute", between_integers, aliases=("abs",)),
    unary("sign", between_integers, aliases=("sgn",)),
    unary(
        "NumPy's sign",
        between_integers,
        reference=lambda t, x: t.sign(x),
        call=lambda x: np.sign(x),
        numbers="iu",
        special=False,
    ),
    Case("copysign", (away_from_zero, away_from_zero)),
    Case("lerp", (reals, reals, reals), numbers=""),
    Case("addcmul", (reals, reals, reals)),
    Case("addcdiv", (reals, reals, away_from_zero)),
    Case(
        "addcmul of a multiple",
        (reals, reals, reals),
        reference=lambda t, x, y, z: t.addcmul(x, y, z, value=-3),
        call=lambda x, y, z: autograd.addcmul(x, y, z, value=-3),
    ),
    Case(
        "addcdiv of a multiple",
        (reals, reals, signs),
        reference=lambda t, x, y, z: t.addcdiv(x, y, z, value=-3),
        call=lambda x, y, z: autograd.addcdiv(x, y, z, value=-3),
    ),
]
