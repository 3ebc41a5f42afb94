"""Cases of exponentials and logarithms."""

import autograd
from tests.autograd.cases.case import Case, fractions, positive, reals, unary

CASES = [
    unary("exp"),
    unary("exp2"),
    unary("expm1"),
    unary("log", positive),
    unary("log2", positive),
    unary("log10", positive),
    unary("log1p", positive),
    Case("logaddexp", (reals, reals)),
    Case("logaddexp2", (reals, reals)),
    Case("xlogy", (reals, positive)),
    unary("sigmoid"),
    unary("logit", fractions),
    unary(
        "logit within bounds",
        fractions,
        reference=lambda t, x: t.logit(x, 0.3),
        call=lambda x: autograd.logit(x, 0.3),
    ),
]
