"""Cases of special functions; those that SciPy computes run where it is installed."""

import autograd
from tests.autograd.cases.case import fractions, positive, reals, unary

SCIPY = {"needs": "scipy"}
CASES = [
    unary("erf"),
    unary("erfc"),
    unary("erfinv", fractions, **SCIPY),
    unary("lgamma", positive, **SCIPY),
    unary("digamma", positive, special=False, close=1e-8, **SCIPY),
    unary(
        "polygamma",
        positive,
        reference=lambda t, x: t.polygamma(2, x),
        call=lambda x: autograd.polygamma(2, x),
        special=False,
        **SCIPY,
    ),
    unary(
        "error function between bounds",
        reals,
        reference=lambda t, x: t.erf(3 * x) - t.erfc(-2 * x),
        call=lambda x: autograd.erf(3 * x) - autograd.erfc(-2 * x),
        numbers="",
    ),
]
