"""Rounding: constant between its steps, so that every derivative here is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "ceil",
    "floor",
]


@elementwise(np.floor, x=0)
def floor(x: Any) -> Any:
    """Round down; derivative 0."""
    return np.floor(x)


@elementwise(np.ceil, x=0)
def ceil(x: Any) -> Any:
    """Round up; derivative 0."""
    return np.ceil(x)
