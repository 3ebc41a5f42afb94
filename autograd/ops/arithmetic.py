"""Arithmetic: sums, products, quotients, powers and roots, and what division leaves.

A rule that does not name ``upstream`` is multiplied by it.  Division and powers name it, because
a product with a stored partial would lose an ulp or overflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "abs",
    "absolute",
    "add",
    "div",
    "divide",
    "floor_divide",
    "mul",
    "multiply",
    "neg",
    "negative",
    "pow",
    "power",
    "reciprocal",
    "remainder",
    "sign",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "true_divide",
]


@elementwise(np.add, x=1, y=1)
def add(x: Any, y: Any) -> Any:
    """Add: z = x + y."""
    return x + y


@elementwise(np.subtract, x=1, y=-1)
def subtract(x: Any, y: Any) -> Any:
    """Subtract: z = x - y."""
    return x - y


@elementwise(np.multiply, x=lambda y: y, y=lambda x: x)
def multiply(x: Any, y: Any) -> Any:
    """Multiply: z = x y; dz/dx = y, dz/dy = x."""
    return x * y


@elementwise(
    np.divide,
    promotes="float",
    x=lambda upstream, y: upstream / y,
    y=lambda upstream, y, z: -upstream * z / y,
)
def divide(x: Any, y: Any) -> Any:
    """Divide: z = x / y; dz/dx = 1/y, dz/dy = -z/y."""
    return x / y


@elementwise(np.negative, x=-1)
def negative(x: Any) -> Any:
    """Negate: z = -x."""
    return -x


@elementwise(np.absolute, x=lambda x: np.sign(x))
def absolute(x: Any) -> Any:
    """Absolute value: z = |x|; dz/dx = sign x, and 0 at 0."""
    return np.abs(x)


@elementwise(np.sign, x=0)
def sign(x: Any) -> Any:
    """Sign: -1, 0 or 1; its derivative is 0 everywhere, so nothing learns through it."""
    return np.sign(x)


@elementwise(np.square, x=lambda x: 2 * x)
def square(x: Any) -> Any:
    """Square: z = x^2; dz/dx = 2x."""
    return x * x


@elementwise(np.reciprocal, promotes="float", x=lambda z: -(z * z))
def reciprocal(x: Any) -> Any:
    """Invert: z = 1/x; dz/dx = -z^2."""
    return 1 / x


@elementwise(np.sqrt, promotes="float", x=lambda upstream, z: upstream / (2 * z))
def sqrt(x: Any) -> Any:
    """Square root: z = x^(1/2); dz/dx = 1/(2z)."""
    return np.sqrt(x)


@elementwise(
    np.power,
    # x^0 is 1 for every x, also for 0 and nan; elsewhere y x^(y-1) is differentiable at y = 0, too.
    x=lambda upstream, x, y: upstream * (y * x ** np.where((y == 0) & ~(np.abs(x) > 0), 0, y - 1)),
    y=lambda upstream, x, y, z: np.where(
        (x == 0) & (y >= 0), 0, upstream * z * np.log(np.where((x == 0) & (y >= 0), 1, x))
    ),
)
def power_of(x: Any, y: Any) -> Any:
    """Raise to a power that may need a gradient itself: z = x^y; see :func:`power`."""
    return x**y


@elementwise(name="power", x=lambda upstream, x, y: upstream * (y * x ** (y - 1 if y else 0)))
def power_constant(x: Any, y: Any) -> Any:
    """Raise to a power that is a number: z = x^y; dz/dx = y x^(y-1), and 0 for y = 0."""
    return x**y


def power(x: Any, y: Any) -> Any:
    """Raise to a power: z = x^y; dz/dx = y x^(y-1), dz/dy = z log x (0 at x = 0, y >= 0).

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> (x**2).backward()
    >>> x.grad
    tensor(6.)
    """
    if isinstance(y, (int, float)):
        return power_constant(x, y)
    return power_of(x, y)


@elementwise(np.floor_divide, x=0, y=0)
def floor_divide(x: Any, y: Any) -> Any:
    """Divide and round down: z = floor(x / y); derivative 0."""
    return np.floor_divide(x, _divisor("floor_divide", x, y))


@elementwise(np.remainder, x=1, y=lambda x, y: -np.floor_divide(x, y))
def remainder(x: Any, y: Any) -> Any:
    """Take what division leaves, with y's sign: z = x - y floor(x / y); dz/dy = -floor(x / y)."""
    return np.remainder(x, _divisor("remainder", x, y))


def _divisor(name: str, x: Any, y: Any) -> Any:
    """Refuse to divide integers by 0, which has no nan to answer with."""
    whole = np.asarray(y)
    if whole.dtype.kind in "biu" and np.asarray(x).dtype.kind in "biu" and not whole.all():
        raise ZeroDivisionError(f"{name}: integers cannot be divided by 0")
    return y


abs = absolute
sub = subtract
mul = multiply
div = divide
true_divide = divide
neg = negative
pow = power
