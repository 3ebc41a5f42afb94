"""Cases of mantissas, exponents and powers of two."""

import autograd
from tests.autograd.cases.case import Case, away_from_zero, counts, reals, unary


def stretched(random, shape):
    """Numbers of many sizes, none near a power of two, where the exponent steps."""
    return random.uniform(1.1, 1.9, shape) * 2.0 ** random.integers(-3, 4, shape)


CASES = [
    unary(
        "frexp",
        stretched,
        reference=lambda t, x: t.frexp(x).mantissa,
        call=lambda x: autograd.frexp(x).mantissa,
        numbers="",
    ),
    unary(
        "frexp's exponent",
        stretched,
        reference=lambda t, x: t.frexp(x.detach()).exponent,
        call=lambda x: autograd.frexp(x).exponent,
        differentiable=False,
        numbers="",
    ),
    Case("ldexp", (away_from_zero, reals)),
    Case(
        "powers of two",
        (reals, counts),
        lambda t, *xy: t.ldexp(*t.broadcast_tensors(*xy)),
        autograd.ldexp,
        special=False,
    ),  # fmt: skip
    Case("nextafter", (reals, reals), numbers=""),
]
