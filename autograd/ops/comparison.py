"""Comparisons and logic: answers are booleans, so nothing here has a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "eq",
    "ge",
    "gt",
    "isfinite",
    "isinf",
    "isnan",
    "le",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
]

_TABLE = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
}
_UNARY = {
    "logical_not": np.logical_not,
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "invert": np.invert,
}


def _binary(ufunc: np.ufunc, name: str) -> Any:
    def compare(x: Any, y: Any) -> Any:
        return ufunc(x, y)

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = f"Compute ``np.{ufunc.__name__}(x, y)`` elementwise; no derivative."
    return elementwise(ufunc, name=name)(compare)


def _unary(ufunc: np.ufunc, name: str) -> Any:
    def test(x: Any) -> Any:
        return ufunc(x)

    test.__name__ = test.__qualname__ = name
    test.__doc__ = f"Compute ``np.{ufunc.__name__}(x)`` elementwise; no derivative."
    return elementwise(ufunc, promotes=None, name=name)(test)


eq, ne, lt, le, gt, ge, *_logic = (_binary(ufunc, name) for name, ufunc in _TABLE.items())
logical_and, logical_or, logical_xor, bitwise_and, bitwise_or, bitwise_xor = _logic
logical_not, isnan, isinf, isfinite, invert = (
    _unary(ufunc, name) for name, ufunc in _UNARY.items()
)
