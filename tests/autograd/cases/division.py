"""Cases of division and what it leaves."""

import autograd
from tests.autograd.cases.case import Case, away_from_zero, between_integers, reals, signs


def rounded(mode):
    return Case(
        f"divide and {mode}",
        (between_integers, signs),
        reference=lambda t, x, y: t.div(x, y, rounding_mode=mode),
        call=lambda x, y: autograd.divide(x, y, rounding_mode=mode),
    )


CASES = [
    Case("divide", (reals, away_from_zero), aliases=("div",)),
    Case("true_divide", (reals, away_from_zero)),
    rounded("trunc"),
    rounded("floor"),
    Case(
        "floor_divide",
        (between_integers, signs),
        lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    ),
    Case("remainder", (between_integers, signs)),
    Case("fmod", (between_integers, signs)),
]
