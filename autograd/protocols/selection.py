"""NumPy's selections."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import clamping, selection
from autograd.protocols.dispatch import means


@means(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise TypeError("np.where: with a Tensor expected a condition and two values")
    return selection.choose(condition, x, y)


@means(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    return clamping.clamp(a, low, high)


@means(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if not copy:
        raise TypeError("np.nan_to_num: copy=False cannot be recorded; use x.nan_to_num_()")
    return selection.nan_to_num(x, nan, posinf, neginf)
