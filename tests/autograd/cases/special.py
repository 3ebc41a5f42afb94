"""Cases of special functions; those that SciPy computes run where it is installed."""

import autograd
from tests.autograd.cases.case import Case, fractions, positive, reals, unary

SCIPY = {"needs": "scipy"}


def of_special(name, *domains, **options):
    return Case(
        f"special.{name}",
        domains,
        lambda t, *operands: getattr(t.special, name)(*operands),
        getattr(autograd.special, name),
        **options,
    )


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
    unary("i0", special=False, **SCIPY),
    of_special("entr", positive),
    of_special("xlog1py", reals, positive),
    of_special("ndtr", reals),
    of_special("erfcx", reals, **SCIPY),
    # PyTorch's slope of the logarithm is nan at -1e30, and that of i1 (i0's second) 1/2 at nan.
    of_special("log_ndtr", reals, special=False, **SCIPY),
    of_special("i1", reals, special=False, **SCIPY),
]
