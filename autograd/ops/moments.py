"""Moments: how far numbers lie from their mean.

The variance divides by n - correction: 1 by default (the sample's estimate, as PyTorch), 0 for the
population's (NumPy's ``ddof``).  Where nothing is left to divide by, the result is nan (of one
number) or inf, and a warning says so, as in PyTorch: a nan that appears unasked is a surprise.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.arguments import Dim, a_number, all_axes, numpy_like, refuse_number
from autograd.op import structural
from autograd.ops.matrices import plain
from autograd.ops.passing import gate
from autograd.ops.reduced_axes import count, kept_shape, restore, spread
from autograd.ops.reduction import floating, mean_over, summed

__all__ = [
    "std",
    "std_mean",
    "var",
    "var_mean",
]


def _freedom(shape: tuple[int, ...], dim: Dim, correction: float) -> Any:
    """Return n - correction, at least 0; a NumPy number, so that 1/0 is inf."""
    return np.float64(max(count(shape, dim) - correction, 0))


def _scale(shape: tuple[int, ...], dim: Dim, correction: float, factor: float) -> float:
    """Return factor / (n - correction), which may be inf."""
    with np.errstate(divide="ignore"):
        return float(factor / _freedom(shape, dim, correction))


def _moments(x: Any, dim: Dim, correction: float, keepdim: bool, name: str) -> tuple[Any, Any]:
    """Return variance and mean of an array."""
    all_axes(dim, x.ndim, name)
    freedom = _freedom(x.shape, dim, correction)
    shape = kept_shape(x.shape, dim)
    if freedom == 0 and 0 not in shape:
        warnings.warn(
            f"{name}: {count(x.shape, dim)} numbers leave no degree of freedom with a correction "
            f"of {correction:g}, so the result is nan or inf; correction=0 divides by their number",
            stacklevel=6,
        )
    number = count(x.shape, dim)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = summed(x, dim, True, name) / x.dtype.type(number)
        away = x - mean
        if freedom == 0:  # inf, or nan where nothing is away; a square that underflows is
            away = np.sign(away)
        var = summed(np.square(away, out=away) if x.ndim else away * away, dim, True, name)
        var = var / x.dtype.type(freedom)
    if keepdim:
        return var, mean
    left = [n for i, n in enumerate(x.shape) if i not in all_axes(dim, x.ndim, name)]
    return np.reshape(var, left)[()], np.reshape(mean, left)[()]


def _root(var: Any, x: Any, dim: Dim, correction: float, keepdim: bool, name: str) -> Any:
    """Return the root of the variance; of single precision by double where squares do not fit."""
    limits = np.finfo(x.dtype)
    fits = (var >= limits.tiny / limits.eps) & (var <= limits.max)
    if x.dtype.itemsize == 8 or fits.all() or _freedom(x.shape, dim, correction) == 0:
        return np.sqrt(var)
    wide = _moments(x.astype(np.float64), dim, correction, keepdim, name)[0]
    return np.sqrt(wide).astype(x.dtype)


def _var_rule(upstream: Any, x: Any, x_shape: Any, dim: Dim, correction: float) -> Any:
    scaled = restore(upstream, x_shape, dim) * _scale(x_shape, dim, correction, 2)
    away = x - mean_over(x, dim=dim, keepdim=True)
    if _freedom(x_shape, dim, correction) == 0:
        away = plain(away)  # nan or inf wherever x is: a slope that does not change
    return scaled * away


def _std_rule(upstream: Any, x: Any, z: Any, x_shape: Any, dim: Dim, correction: float) -> Any:
    slope = gate(upstream, z != 0) / (z + (z == 0))  # PyTorch's: 0 where all numbers are equal
    scaled = restore(slope, x_shape, dim) * _scale(x_shape, dim, correction, 1)
    return scaled * (x - mean_over(x, dim=dim, keepdim=True))


def _with_mean(first: Any, mean: Any, x_shape: Any, dim: Dim) -> Any:
    """Add what arrived through the mean; either may be None."""
    if mean is None:
        return first
    through = spread(restore(mean, x_shape, dim) / (count(x_shape, dim) or 1), x_shape, dim)
    return through if first is None else first + through


@structural(name="var", x=_var_rule, single=True)
def var_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Variance: sum (x - mean)^2 / (n - correction); d/dx = 2 (x - mean) / (n - correction)."""
    return _moments(x, dim, correction, keepdim, "var")[0]


@structural(name="std", x=_std_rule, single=True)
def std_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Take the standard deviation; d/dx = (x - mean) / ((n - correction) std), 0 if std = 0."""
    with np.errstate(over="ignore"):
        var = _moments(x, dim, correction, keepdim, "std")[0]
    return _root(var, x, dim, correction, keepdim, "std")


@structural(
    name="var_mean",
    outputs=("var", "mean"),
    x=lambda upstream, x, x_shape, dim, correction: _with_mean(
        None if upstream[0] is None else _var_rule(upstream[0], x, x_shape, dim, correction),
        upstream[1], x_shape, dim,
    ),
    single=True,
)  # fmt: skip
def var_mean_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Variance and mean at once."""
    return _moments(x, dim, correction, keepdim, "var_mean")


@structural(
    name="std_mean",
    outputs=("std", "mean"),
    x=lambda upstream, x, std, x_shape, dim, correction: _with_mean(
        None if upstream[0] is None else _std_rule(upstream[0], x, std, x_shape, dim, correction),
        upstream[1], x_shape, dim,
    ),
    single=True,
)  # fmt: skip
def std_mean_over(x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """Take standard deviation and mean at once."""
    with np.errstate(over="ignore"):
        var, mean = _moments(x, dim, correction, keepdim, "std_mean")
    return _root(var, x, dim, correction, keepdim, "std_mean"), mean


def _options(
    name: str, x: Any, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[Any, dict[str, Any]]:
    """Read PyTorch's two spellings: ``correction=``, and ``unbiased`` in first or second place."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}: expected correction or unbiased, got both")
    if unbiased is not None:
        refuse_number("unbiased", name, unbiased)
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    correction = a_number(correction, "correction", name)
    return floating(x, name), {"dim": dim, "correction": correction, "keepdim": keepdim}


@numpy_like
def var(
    x: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Variance: sum (x - mean)^2 / (n - correction); d/dx = 2 (x - mean) / (n - correction).

    Shapes: x of any shape; the axes of ``dim`` (all if None) go, or stay with length 1.

    Parameters
    ----------
    correction : float
        1 if not given; 0 for the variance of a whole population.
    unbiased : bool, optional
        PyTorch's older spelling: a correction of 1 or 0.

    Warns
    -----
    UserWarning
        If n - correction is not positive; the result is nan (or inf).

    Raises
    ------
    RuntimeError
        If x is not floating-point, or an axis is named twice.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0, 3.0])
    >>> x.var().item(), round(x.var(correction=0).item(), 4)
    (1.0, 0.6667)

    Source: ``torch.var``.
    """
    x, options = _options("var", x, dim, unbiased, keepdim, correction)
    return var_over(x, **options)


@numpy_like
def std(
    x: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Take the standard deviation: the square root of :func:`var`; its derivative is 0 at 0.

    Shapes, parameters and warnings as of :func:`var`.

    Raises
    ------
    RuntimeError
        If x is not floating-point, or an axis is named twice.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.std(autograd.tensor([1.0, 2.0, 3.0])).item()
    1.0

    Source: ``torch.std``.
    """
    x, options = _options("std", x, dim, unbiased, keepdim, correction)
    return std_over(x, **options)


@numpy_like
def var_mean(
    x: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Variance and mean, in one operation; see :func:`var` and :func:`mean`.

    Shapes: both: x without the axes ``dim`` (length 1 with ``keepdim``), () for all.

    Raises
    ------
    RuntimeError
        If x is not floating-point, or an axis is named twice.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> var, mean = autograd.var_mean(autograd.tensor([1.0, 2.0, 3.0]))
    >>> var.item(), mean.item()
    (1.0, 2.0)

    Source: ``torch.var_mean``.
    """
    x, options = _options("var_mean", x, dim, unbiased, keepdim, correction)
    return var_mean_over(x, **options)  # type: ignore[no-any-return]


@numpy_like
def std_mean(
    x: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Take standard deviation and mean, in one operation; see :func:`std` and :func:`mean`.

    Shapes: both: x without the axes ``dim`` (length 1 with ``keepdim``), () for all.

    Raises
    ------
    RuntimeError
        If x is not floating-point, or an axis is named twice.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> std, mean = autograd.std_mean(autograd.tensor([1.0, 2.0, 3.0]))
    >>> std.item(), mean.item()
    (1.0, 2.0)

    Source: ``torch.std_mean``.
    """
    x, options = _options("std_mean", x, dim, unbiased, keepdim, correction)
    return std_mean_over(x, **options)  # type: ignore[no-any-return]
