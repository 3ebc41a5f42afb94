"""NumPy's reductions: ``axis``, ``keepdims``, ``ddof`` 0, and medians that average the middle two.

The ``nan`` functions leave out what is nan; integers have float64 means.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from autograd.arguments import all_axes
from autograd.ops import cumulative, extrema, factors, moments, reduction, truths
from autograd.ops.quantiles import INTERPOLATIONS, quantiles
from autograd.ops.selection import where
from autograd.ops.shape import ravel, reshape
from autograd.protocols.dispatch import means

F = TypeVar("F", bound=Callable[..., Any])


def reduces(*functions: Any) -> Callable[[F], F]:
    """Register what NumPy's reductions mean; of them the axis () names none, in ours all."""

    def register(ours: F) -> F:
        @wraps(ours)
        def reduced(a: Any, axis: Any = None, *args: Any, **options: Any) -> Any:
            if axis == ():
                return ours(reshape(a, (1, *a.shape)), 0, *args, **{**options, "keepdims": False})
            return ours(a, axis, *args, **options)

        return means(*functions)(reduced)  # type: ignore[return-value]

    return register


def _real(a: Any, dtype: Any = None) -> Any:
    """Return the operand in a floating-point dtype: that asked for, or float64 of integers."""
    if dtype is None and a.dtype.kind != "f":
        dtype = np.float64
    return reduction.given_dtype(a, dtype, "reduce")


@reduces(np.sum)
def _sum(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.sum(a, axis, keepdims, dtype=dtype)


@reduces(np.nansum)
def _nansum(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.nansum(a, axis, keepdims, dtype=dtype)


@reduces(np.mean)
def _mean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.mean(_real(a, dtype), axis, keepdims)


@reduces(np.nanmean)
def _nanmean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.nanmean(_real(a, dtype), axis, keepdims)


@means(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    if weights is None:
        return _mean(a, axis, keepdims=keepdims)
    if np.shape(weights) != np.shape(a):
        if np.ndim(weights) != 1 or not isinstance(axis, int):
            raise TypeError(
                f"np.average: weights of shape {np.shape(weights)} do not fit shape {np.shape(a)}; "
                "expected the same shape, or a vector and one axis"
            )
        (at,) = all_axes(axis, np.ndim(a), "np.average")
        along = [1] * np.ndim(a)
        along[at] = -1
        weights = reshape(weights, *along)
    total = _sum(a * weights, axis, keepdims=keepdims)
    return total / _sum(np.broadcast_to(weights, np.shape(a)), axis, keepdims=keepdims)


@reduces(np.prod)
def _prod(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    if not isinstance(axis, tuple):
        return factors.prod(a, axis, keepdims, dtype=dtype)
    for at in sorted(all_axes(axis, np.ndim(a), "np.prod"), reverse=True):
        a = factors.prod(a, at, keepdims, dtype=dtype)
    return a


@means(np.nanprod)
def _nanprod(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    return _prod(where(np.isnan(a), 1, a), axis, dtype, keepdims=keepdims)


@reduces(np.var)
def _var(
    a: Any, axis: Any = None, dtype: Any = None, *,
    ddof: float = 0, keepdims: bool = False, correction: float | None = None,
) -> Any:  # fmt: skip
    less = _degrees("np.var", ddof, correction)
    return moments.var(_real(a, dtype), axis, correction=less, keepdim=keepdims)


@reduces(np.std)
def _std(
    a: Any, axis: Any = None, dtype: Any = None, *,
    ddof: float = 0, keepdims: bool = False, correction: float | None = None,
) -> Any:  # fmt: skip
    less = _degrees("np.std", ddof, correction)
    return moments.std(_real(a, dtype), axis, correction=less, keepdim=keepdims)


def _degrees(name: str, ddof: float, correction: float | None) -> float:
    """Return what is subtracted from the number of elements, under either of its names."""
    if correction is None:
        return ddof
    if ddof:
        raise ValueError(f"{name}: got both ddof={ddof} and correction={correction}")
    return correction


@reduces(np.max, np.amax)
def _max(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return extrema.amax(a, axis, keepdims)


@reduces(np.min, np.amin)
def _min(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return extrema.amin(a, axis, keepdims)


@reduces(np.ptp)
def _ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return extrema.amax(a, axis, keepdims) - extrema.amin(a, axis, keepdims)


@reduces(np.nanmax)
def _nanmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _of_known(extrema.amax, a, -np.inf, axis, keepdims)


@reduces(np.nanmin)
def _nanmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _of_known(extrema.amin, a, np.inf, axis, keepdims)


def _of_known(extremum: Any, a: Any, least: float, axis: Any, keepdims: bool) -> Any:
    """Return the extremum of what is not nan, and nan where all are."""
    unknown = np.isnan(a)
    nothing = truths.all(unknown, axis, keepdims)
    return where(nothing, np.nan, extremum(where(unknown, least, a), axis, keepdims))


@means(np.argmax)
def _argmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return extrema.argmax(a, axis, bool(keepdims))  # NumPy takes any truth value here


@means(np.argmin)
def _argmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return extrema.argmin(a, axis, bool(keepdims))


@reduces(np.any)
def _any(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.given_dtype(truths.any(a, axis, keepdims), np.bool_, "np.any")


@reduces(np.all)
def _all(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return reduction.given_dtype(truths.all(a, axis, keepdims), np.bool_, "np.all")


@reduces(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return truths.count_nonzero_over(a, dim=axis, keepdim=keepdims)


@means(np.cumsum)
def _cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return (
        cumulative.cumsum(ravel(a), 0, dtype=dtype)
        if axis is None or not a.ndim
        else cumulative.cumsum(a, axis, dtype=dtype)
    )


@means(np.cumprod)
def _cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return (
        factors.cumprod(ravel(a), 0, dtype=dtype)
        if axis is None or not a.ndim
        else factors.cumprod(a, axis, dtype=dtype)
    )


@means(np.quantile)
def _quantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    return _at(a, q, axis, method, keepdims, "np.quantile")


@means(np.nanquantile)
def _nanquantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    return _at(a, q, axis, method, keepdims, "np.nanquantile", ignore_nan=True)


@means(np.percentile)
def _percentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    return _at(a, np.true_divide(q, 100), axis, method, keepdims, "np.percentile")


@means(np.nanpercentile)
def _nanpercentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    share = np.true_divide(q, 100)
    return _at(a, share, axis, method, keepdims, "np.nanpercentile", ignore_nan=True)


@means(np.median)
def _median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _at(a, 0.5, axis, "midpoint", keepdims, "np.median")


@means(np.nanmedian)
def _nanmedian(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _at(a, 0.5, axis, "midpoint", keepdims, "np.nanmedian", ignore_nan=True)


def _at(
    a: Any, q: Any, axis: Any, method: str, keepdims: bool, name: str, ignore_nan: bool = False
) -> Any:
    if method not in INTERPOLATIONS:
        raise TypeError(
            f"{name}: method must be one of {', '.join(INTERPOLATIONS)} for a Tensor, "
            f"got {method!r}"
        )
    if axis == ():  # names none
        a, axis, keepdims = reshape(a, (1, *a.shape)), 0, False
    return quantiles(_real(a), q, axis, keepdims, method, name, ignore_nan)
