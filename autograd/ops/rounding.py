"""Rounding, and the unit step: constant between steps, so derivatives are 0, and frac's is 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.matrices import same_dtype

__all__ = [
    "ceil",
    "fix",
    "floor",
    "frac",
    "heaviside",
    "round",
    "trunc",
]


def _whole(x: Any) -> bool:
    """Tell whether x has nothing to round."""
    return np.asarray(x).dtype.kind in "iu"


@elementwise(np.floor, x=0, scalar=lambda x: np.floor(x))
def floor(x: Any) -> Any:
    """Round down; derivative 0.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.floor(autograd.tensor([1.7, -1.2]))
    tensor([ 1., -2.])

    Source: ``torch.floor``.
    """
    return x.copy() if _whole(x) else np.floor(x)


@elementwise(np.ceil, x=0, scalar=lambda x: np.ceil(x))
def ceil(x: Any) -> Any:
    """Round up; derivative 0.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.ceil(autograd.tensor([1.2, -1.7]))
    tensor([ 2., -1.])

    Source: ``torch.ceil``.
    """
    return x.copy() if _whole(x) else np.ceil(x)


@elementwise(np.trunc, x=0, scalar=lambda x: np.trunc(x))
def trunc(x: Any) -> Any:
    """Round towards 0; derivative 0.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.trunc(autograd.tensor([1.7, -1.7]))
    tensor([ 1., -1.])

    Source: ``torch.trunc``.
    """
    return x.copy() if _whole(x) else np.trunc(x)


@elementwise(np.rint, name="round", x=0, scalar=lambda x: np.rint(x))
def nearest(x: Any) -> Any:
    """Round to the nearest integer, halves to even; derivative 0."""
    return x.copy() if _whole(x) else np.rint(x)


@elementwise(name="round", x=0, single=True)
def nearest_decimal(x: Any, *, decimals: int) -> Any:
    """Round to so many decimals, halves to even; derivative 0."""
    if _whole(x):
        return np.round(x, decimals)
    scale = 10.0 ** abs(decimals)
    moved = x * scale if decimals > 0 else x / scale
    rounded = np.rint(moved)
    return rounded / scale if decimals > 0 else rounded * scale


@naming
def round(x: Any, *, decimals: int = 0) -> Any:
    """Round to the nearest number of so many decimals, halves to even; derivative 0.

    Parameters
    ----------
    x : Tensor
    decimals : int
        A negative number rounds to tens, hundreds, ...

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.round(autograd.tensor([0.5, 1.5, -1.7]))
    tensor([ 0.,  2., -2.])
    >>> autograd.round(autograd.tensor([3.1416]), decimals=2)
    tensor([3.1400])

    Source: ``torch.round``.
    """
    decimals = an_integer(decimals, "decimals", "round")
    return nearest(x) if decimals == 0 else nearest_decimal(x, decimals=decimals)


@elementwise(x=1)
def frac(x: Any) -> Any:
    """Take what truncation leaves: z = x - trunc(x), with x's sign; dz/dx = 1.

    Raises
    ------
    NotImplementedError
        If x is not a floating-point tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.frac(autograd.tensor([1.5, -2.25]))
    tensor([ 0.5000, -0.2500])

    Source: ``torch.frac``.
    """
    if _whole(x):
        raise NotImplementedError("frac: expected a floating-point tensor, got integers")
    return x - np.trunc(x)


@elementwise(name="heaviside", x=0, values=lambda x: x == 0)
def unit_step(x: Any, values: Any) -> Any:
    """Return 0 below 0, 1 above, and values at 0; see :func:`heaviside`."""
    z = np.where(np.equal(x, 0), values, np.greater(x, 0))
    return z.astype(np.result_type(x, values))[()]


@naming
def heaviside(x: Any, values: Any) -> Any:
    """Step from 0 to 1: z = 0 where x < 0 or nan, 1 where x > 0, and ``values`` where x = 0.

    dz/dx = 0, and dz/dvalues = 1 where x = 0.

    Raises
    ------
    RuntimeError
        If the operands have different dtypes.

    Examples
    --------
    >>> import autograd
    >>> autograd.heaviside(autograd.tensor([-1.5, 0.0, 2.0]), autograd.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])

    Source: ``torch.heaviside``.
    """
    if hasattr(x, "dtype") and hasattr(values, "dtype"):
        same_dtype("heaviside", x, values)
    return unit_step(x, values)


fix = trunc
