"""Cases of copies, casts and gates."""

import numpy as np

from autograd.ops import passing
from tests.autograd.cases.case import between_integers, unary

CASES = [
    unary(
        "gate",
        between_integers,
        reference=lambda t, x: t.where(x > 0.5, x, 0),
        call=lambda x: passing.gate(x, x > 0.5),
        numbers="",
        special=False,
    ),
    unary(
        "cast",
        reference=lambda t, x: x.to(t.float64),
        call=lambda x: passing.cast(x, dtype=np.dtype(np.float64)),
    ),
]
