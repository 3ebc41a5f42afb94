"""Cases of selections."""

import autograd
from tests.autograd.cases.case import (
    Case,
    between_integers,
    even_steps,
    odd_steps,
    reals,
    truths,
    unary,
)

CASES = [
    unary("relu", between_integers),
    Case("maximum", (even_steps, odd_steps)),
    Case("minimum", (even_steps, odd_steps)),
    Case(
        "maximum of three",
        (even_steps, odd_steps, lambda r, s: even_steps(r, s) + 0.1),
        reference=lambda t, x, y, z: t.maximum(t.maximum(x, y), z),
        call=autograd.maximum,
        numbers="",
    ),
    unary(
        "maximum with a number",
        between_integers,
        reference=lambda t, x: t.clamp(x, min=1),
        call=lambda x: autograd.maximum(x, 1),
        special=False,
    ),
    unary(
        "minimum with a number",
        between_integers,
        reference=lambda t, x: t.clamp(x, max=1),
        call=lambda x: autograd.minimum(1, x),
        special=False,
    ),
    Case("fmax", (even_steps, odd_steps)),
    Case("fmin", (even_steps, odd_steps)),
    unary("nan_to_num"),
    unary(
        "nan_to_num of three",
        reference=lambda t, x: t.nan_to_num(x, 2.0, 3.0, -4.0),
        call=lambda x: autograd.nan_to_num(x, 2.0, 3.0, -4.0),
    ),
    Case("where", (truths, reals, reals)),
]
