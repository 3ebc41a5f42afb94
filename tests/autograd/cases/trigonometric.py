"""Cases of trigonometric and hyperbolic functions."""

from tests.autograd.cases.case import unary

CASES = [
    unary("sin"),
    unary("cos"),
    unary("tan", lambda r, s: r.uniform(-1.2, 1.2, s)),
    unary("sinh"),
    unary("cosh"),
    unary("tanh"),
]
