"""The exponential of float32 arrays by the function that NumPy computes fastest here.

With AVX-512 a power of two takes 0.21 ns an element, ``np.exp`` 0.48 (NumPy 2.4, measured).
Elsewhere a power of two has no vector loop.  A kernel multiplies its exponents by ``BASE`` (most
have a factor anyway) and calls ``power``: e^x = power(BASE x), which rounds x once more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["BASE", "exponential", "power"]


def _has_wide_powers() -> bool:
    try:
        found = np.lib.introspect.opt_func_info(func_name="^exp2$", signature="float32")
        return any(
            name in loop["current"]
            for loop in found["exp2"].values()
            for name in ("AVX512", "X86_V4")
        )
    except (AttributeError, KeyError, TypeError):  # an older NumPy, or another one's answer
        return False


_WIDE = _has_wide_powers()
BASE = 1 / math.log(2) if _WIDE else 1.0
power: Any = np.exp2 if _WIDE else np.exp
_FACTOR = np.array(BASE, np.float32)


def exponential(x: Any, out: Any) -> Any:
    """Write e^x to an array; in float32 with x rounded once more, so off by |x| 2^-24 of it."""
    if x.dtype != np.float32 or not _WIDE:
        return np.exp(x, out=out)
    return power(np.multiply(x, _FACTOR, out=out), out=out)
