"""Cases of what returns its tensor."""

from tests.autograd.cases.case import reals, unary

CASES = [
    *(unary(name, reals) for name in ("real", "conj", "conj_physical", "resolve_conj")),
    unary("resolve_neg", reals),
    unary("detach", reals, differentiable=False),
]
