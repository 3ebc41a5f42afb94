"""Cases of rounding."""

from tests.autograd.cases.case import between_integers, unary

CASES = [
    unary("floor", between_integers),
    unary("ceil", between_integers),
]
