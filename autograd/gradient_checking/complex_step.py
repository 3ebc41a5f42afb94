"""Which op of a function is not analytic, so that a complex step through it says nothing.

|z| forgets the direction of an imaginary step, as do a variance and a norm; the op's own values at
real points beside tell, without its rules, which are what is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.graph import Op
from autograd.record import is_tensor
from autograd.walk import reach


def find_not_analytic(outputs: Sequence[Any]) -> str | None:
    """Return the name of the first op whose complex step differs from real differences."""
    roots = {o.node: None for o in outputs if is_tensor(o) and o.node is not None}
    for op in reach(dict(roots))[0]:
        if not op.row.output_rows and not _is_analytic(op):
            return op.name
    return None


def _is_analytic(op: Op) -> bool:
    saved = op.saved
    if any(
        value is None and node is not None for value, node in zip(saved, op.operands, strict=True)
    ):
        return True  # it was let go: nothing can be said
    random, h = np.random.default_rng(0), 1e-5
    directions = [
        random.uniform(0.5, 1.5, np.shape(value)) if node is not None else None
        for value, node in zip(saved, op.operands, strict=True)
    ]

    def moved(step: complex) -> Any:
        payloads = [
            value if direction is None else np.asarray(value) + step * direction
            for value, direction in zip(saved, directions, strict=True)
        ]
        z = op.row.forward(*payloads, **op.attributes)
        return z[0] if op.row.caches else z

    with np.errstate(all="ignore"):
        try:
            real = (moved(h) - moved(-h)) / (2 * h)
            imaginary = np.imag(moved(1j * 1e-20)) / 1e-20
        except (TypeError, ValueError, RuntimeError, AttributeError):
            return False
    return bool(np.allclose(real, imaginary, rtol=1e-3, atol=1e-4, equal_nan=True))
