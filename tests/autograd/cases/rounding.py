"""Cases of rounding."""

import autograd
from tests.autograd.cases.case import Case, between_integers, reals, unary, whole


def to_decimals(decimals):
    return unary(
        f"round to {decimals} decimals",
        lambda r, s: between_integers(r, s) / 10.0**decimals,
        reference=lambda t, x: t.round(x, decimals=decimals),
        call=lambda x: autograd.round(x, decimals=decimals),
    )


def steps(random, shape):
    return random.integers(-1, 2, shape)


def stepped(t, x, values):
    """What heaviside is, with the derivatives that PyTorch does not have."""
    return t.where(x == 0, values, x.sign().clamp(min=0))


CASES = [
    Case("heaviside", (between_integers, reals), stepped, numbers=""),
    Case(
        "heaviside at its step",
        (steps, reals),
        stepped,
        lambda x, y: autograd.heaviside(x.to(autograd.result_type(x, y)), y),
        special=False,
        numbers="",
    ),
    Case(
        "heaviside's values",
        (whole, reals),
        lambda t, x, y: t.heaviside(x.detach(), y.detach()),
        lambda x, y: autograd.heaviside(x, y).detach(),
        differentiable=False,
    ),
    unary("floor", between_integers),
    unary("ceil", between_integers),
    unary("trunc", between_integers, aliases=("fix",)),
    unary("round", between_integers),
    to_decimals(2),
    to_decimals(-2),
    unary("frac", between_integers),
]
