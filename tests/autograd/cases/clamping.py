"""Cases of clamping."""

import autograd
from tests.autograd.cases.case import Case, between_integers, even_steps, odd_steps, unary

CASES = [
    unary(
        "clamp",
        between_integers,
        aliases=("clip",),
        reference=lambda t, x: t.clamp(x, -1, 1),
        call=lambda x: autograd.clamp(x, -1, 1),
    ),
    unary(
        "clamp below",
        between_integers,
        reference=lambda t, x: t.clamp(x, min=-1),
        call=lambda x: autograd.clamp(x, min=-1),
        numbers="i",
    ),
    unary(
        "clamp above",
        between_integers,
        reference=lambda t, x: t.clamp(x, max=1),
        call=lambda x: autograd.clamp(x, max=1),
        numbers="i",
    ),
    Case(
        "clamp to tensors",
        (even_steps, odd_steps, lambda r, s: even_steps(r, s) + 0.1),
        reference=lambda t, *operands: t.clamp(*t.broadcast_tensors(*operands)),
        call=autograd.clamp,
    ),
    Case("clamp_min", (even_steps, odd_steps)),
    Case("clamp_max", (even_steps, odd_steps)),
]
