"""Cases of common divisors and multiples."""

from tests.autograd.cases.case import Case, counts

CASES = [
    Case(name, (counts, counts), differentiable=False, special=False, numbers="iu")
    for name in ("gcd", "lcm")
]
