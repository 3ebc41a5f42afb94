"""NumPy's reductions: ``axis``, ``keepdims``, and ``ddof`` 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import reduction
from autograd.protocols.dispatch import means


@means(np.sum)
def _sum(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    total = reduction.sum(a, axis, keepdims)
    return total if dtype is None else total.to(dtype)


@means(np.mean)
def _mean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    average = reduction.mean(a, axis, keepdims)
    return average if dtype is None else average.to(dtype)


@means(np.var)
def _var(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False
) -> Any:
    return reduction.var(a, axis, correction=ddof, keepdim=keepdims)


@means(np.std)
def _std(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False
) -> Any:
    return reduction.std(a, axis, correction=ddof, keepdim=keepdims)


@means(np.max, np.amax)
def _max(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amax(a, axis, keepdims)


@means(np.min, np.amin)
def _min(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.amin(a, axis, keepdims)


@means(np.argmax)
def _argmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.argmax(a, axis, keepdims)


@means(np.argmin)
def _argmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.argmin(a, axis, keepdims)


@means(np.any)
def _any(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.any(a, axis, keepdims)


@means(np.all)
def _all(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.all(a, axis, keepdims)
