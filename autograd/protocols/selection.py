"""NumPy's selections."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import selection
from autograd.protocols.dispatch import means


@means(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise TypeError("np.where: with a Tensor expected a condition and two values")
    return selection.where(condition, x, y)


@means(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    return selection.clamp(a, low, high)
