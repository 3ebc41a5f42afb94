"""Cases of exponentials and logarithms."""

from tests.autograd.cases.case import positive, unary

CASES = [
    unary("exp"),
    unary("expm1"),
    unary("log", positive),
    unary("log1p", positive),
    unary("sigmoid"),
]
