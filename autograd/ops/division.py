"""Division: the quotient, the quotient rounded down or towards 0, and what each leaves.

A rounded quotient is constant between its steps, so its derivative is 0; what is left of x moves
with x at rate 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.naming import named, naming
from autograd.op import elementwise
from autograd.ops import remainders

__all__ = [
    "div",
    "divide",
    "floor_divide",
    "fmod",
    "remainder",
    "true_divide",
]


@elementwise(
    np.divide,
    name="divide",
    promotes="float",
    x=lambda upstream, y: upstream / y,
    y=lambda upstream, x, y: -upstream * (x / y / y),  # not -z/y: z may be changed in place
    single=True,
)
def quotient(x: Any, y: Any) -> Any:
    """Divide: z = x / y; dz/dx = 1/y, dz/dy = -z/y."""
    return x / y


@elementwise(name="divide", x=0, y=0)
def divide_and_truncate(x: Any, y: Any) -> Any:
    """Divide and round towards 0; derivative 0."""
    if np.asarray(x).dtype.kind in "biu" and np.asarray(y).dtype.kind in "biu":
        left = np.fmod(x, _divisor("divide", x, y))  # which has x's sign
        return np.floor_divide(x - left, y)
    return np.trunc(x / y)


@naming
def divide(x: Any, y: Any, *, rounding_mode: str | None = None) -> Any:
    """Divide: z = x / y; dz/dx = 1/y, dz/dy = -z/y, or 0 if the quotient is rounded.

    Parameters
    ----------
    x, y : Tensor or number
    rounding_mode : {None, "trunc", "floor"}
        Round towards 0, or down; then integers stay integers.

    Raises
    ------
    ValueError
        If there is no such rounding mode.
    ZeroDivisionError
        If integers are divided by 0 and the quotient shall be rounded.

    Examples
    --------
    >>> import autograd
    >>> autograd.divide(autograd.tensor([7.0, -7.0]), 2)
    tensor([ 3.5000, -3.5000])
    >>> autograd.divide(autograd.tensor([7, -7]), 2, rounding_mode="trunc")
    tensor([ 3, -3])

    Source: ``torch.div``.
    """
    if rounding_mode is None:
        return quotient(x, y)
    return _divide_and_round(x, y, rounding_mode)


def _divide_and_round(x: Any, y: Any, rounding_mode: str) -> Any:
    try:
        if rounding_mode == "floor":
            return floor_divide(x, y)
        if rounding_mode == "trunc":
            return divide_and_truncate(x, y)
    except Exception as error:
        raise named(error, "divide", (x, y)) from None
    raise ValueError(
        f"divide: expected rounding_mode None, 'trunc' or 'floor', got {rounding_mode!r}"
    )


@naming
def true_divide(x: Any, y: Any) -> Any:
    """Divide, also integers, without rounding: z = x / y; see :func:`divide`.

    Examples
    --------
    >>> import autograd
    >>> autograd.true_divide(autograd.tensor([1, 2]), 4)
    tensor([0.2500, 0.5000])

    Source: ``torch.true_divide``.
    """
    return quotient(x, y)


@elementwise(np.floor_divide, x=0, y=0)
def floor_divide(x: Any, y: Any) -> Any:
    """Divide and round down: z = floor(x / y); derivative 0.

    Raises
    ------
    ZeroDivisionError
        If integers are divided by 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.floor_divide(autograd.tensor([7.0, -7.0]), 2)
    tensor([ 3., -4.])

    Source: ``torch.floor_divide``.
    """
    return remainders.floor_divide(x, _divisor("floor_divide", x, y))


@elementwise(np.remainder, x=1, y=lambda x, y: -floor_divide(x, y))
def remainder(x: Any, y: Any) -> Any:
    """Take what division leaves, with y's sign: z = x - y floor(x / y); dz/dy = -floor(x / y).

    Raises
    ------
    ZeroDivisionError
        If integers are divided by 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.remainder(autograd.tensor([7.0, -7.0]), 3)
    tensor([1., 2.])

    Source: ``torch.remainder``.
    """
    return remainders.remainder(x, _divisor("remainder", x, y))


@elementwise(np.fmod, x=1, y=lambda x, y: -divide_and_truncate(x, y))
def fmod(x: Any, y: Any) -> Any:
    """Take what division leaves, with x's sign: z = x - y trunc(x / y); dz/dy = -trunc(x / y).

    Raises
    ------
    ZeroDivisionError
        If integers are divided by 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.fmod(autograd.tensor([7.0, -7.0]), 3)
    tensor([ 1., -1.])

    Source: ``torch.fmod``.
    """
    return remainders.fmod(x, _divisor("fmod", x, y))


def _divisor(name: str, x: Any, y: Any) -> Any:
    """Refuse to divide integers by 0, which has no nan to answer with."""
    above, below = np.asarray(x), np.asarray(y)
    whole = above.dtype.kind in "biu" and below.dtype.kind in "biu"
    if whole and not below.all() and above.size:  # nothing is divided by 0 where there is nothing
        raise ZeroDivisionError(f"{name}: integers cannot be divided by 0")
    return y


div = divide
