"""Common divisors and multiples of integers, which have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.matrices import given

__all__ = ["gcd", "lcm"]


@elementwise(np.gcd, name="gcd")
def common_divisor(x: Any, y: Any) -> Any:
    """Return the greatest common divisor; see :func:`gcd`."""
    return np.gcd(x, y)


@elementwise(np.lcm, name="lcm")
def common_multiple(x: Any, y: Any) -> Any:
    """Return the least common multiple; see :func:`lcm`."""
    return np.lcm(x, y)


def _of_integers(name: str, function: Any, x: Any, y: Any) -> Any:
    """Apply a function to integers, of which one may be boolean.

    Raises
    ------
    NotImplementedError
        If both are boolean, or one is of floating point.
    """
    kinds = [given(name, operand).dtype.kind for operand in (x, y)]
    if "f" in kinds or kinds == ["b", "b"]:
        raise NotImplementedError(f"{name}: expected integers, got {x!r:.40} and {y!r:.40}")
    return function(x, y)


@naming
def gcd(x: Any, y: Any) -> Any:
    """Greatest common divisor of integers, not negative; that of 0 and 0 is 0.

    Raises
    ------
    NotImplementedError
        If the operands are no integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.gcd(autograd.tensor([12, -8, 0]), autograd.tensor([8, 12, 5]))
    tensor([4, 4, 5])

    Source: ``torch.gcd``.
    """
    return _of_integers("gcd", common_divisor, x, y)


@naming
def lcm(x: Any, y: Any) -> Any:
    """Least common multiple of integers: |x y| / gcd(x, y), and 0 where one is 0.

    Raises
    ------
    NotImplementedError
        If the operands are no integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.lcm(autograd.tensor([12, -8, 0]), autograd.tensor([8, 12, 5]))
    tensor([24, 24,  0])

    Source: ``torch.lcm``.
    """
    return _of_integers("lcm", common_multiple, x, y)
