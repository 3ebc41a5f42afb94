"""Elementwise operations: each a formula and its partial derivatives.

A rule that does not name ``upstream`` is multiplied by it; a boolean one is a gate, through which
neither inf nor nan passes when it is closed.  Division, powers and logarithms name ``upstream``
because a product with a stored partial would lose an ulp or overflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise
from autograd.promotion import promote, result_type

# ruff: noqa: D103 - the formula is the docstring of an operation


@elementwise(np.add, x=1, y=1)
def add(x: Any, y: Any) -> Any:
    """Add: z = x + y."""
    return x + y


@elementwise(np.copy, promotes=None, x=1)
def clone(x: Any) -> Any:
    """Copy: z = x, in memory of its own and in row-major order."""
    return x.copy()


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


@elementwise(np.square, x=lambda x: 2 * x)
def square(x: Any) -> Any:
    """Square: z = x^2; dz/dx = 2x."""
    return x * x


@elementwise(np.reciprocal, promotes="float", x=lambda z: -(z * z))
def reciprocal(x: Any) -> Any:
    """Invert: z = 1/x; dz/dx = -z^2."""
    return 1 / x


@elementwise(np.exp, promotes="float", x=lambda z: z)
def exp(x: Any) -> Any:
    """Exponential: z = e^x; dz/dx = z."""
    return np.exp(x)


@elementwise(np.expm1, promotes="float", x=lambda z: z + 1)
def expm1(x: Any) -> Any:
    """Exponential minus one, exact near 0: z = e^x - 1; dz/dx = z + 1."""
    return np.expm1(x)


@elementwise(np.log, promotes="float", x=lambda upstream, x: upstream / x)
def log(x: Any) -> Any:
    """Natural logarithm: z = log x; dz/dx = 1/x."""
    return np.log(x)


@elementwise(np.log1p, promotes="float", x=lambda upstream, x: upstream / (1 + x))
def log1p(x: Any) -> Any:
    """Logarithm of 1 + x, exact near 0; dz/dx = 1/(1+x)."""
    return np.log1p(x)


@elementwise(np.sqrt, promotes="float", x=lambda upstream, z: upstream / (2 * z))
def sqrt(x: Any) -> Any:
    """Square root: z = x^(1/2); dz/dx = 1/(2z)."""
    return np.sqrt(x)


@elementwise(np.sin, promotes="float", x=lambda x: np.cos(x))
def sin(x: Any) -> Any:
    """Sine; dz/dx = cos x."""
    return np.sin(x)


@elementwise(np.cos, promotes="float", x=lambda x: -np.sin(x))
def cos(x: Any) -> Any:
    """Cosine; dz/dx = -sin x."""
    return np.cos(x)


@elementwise(np.tan, promotes="float", x=lambda z: 1 + z * z)
def tan(x: Any) -> Any:
    """Tangent; dz/dx = 1 + z^2."""
    return np.tan(x)


@elementwise(np.sinh, promotes="float", x=lambda x: np.cosh(x))
def sinh(x: Any) -> Any:
    """Hyperbolic sine; dz/dx = cosh x."""
    return np.sinh(x)


@elementwise(np.cosh, promotes="float", x=lambda x: np.sinh(x))
def cosh(x: Any) -> Any:
    """Hyperbolic cosine; dz/dx = sinh x."""
    return np.cosh(x)


@elementwise(np.tanh, promotes="float", x=lambda z: 1 - z * z)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent: range (-1, 1), saturating at both ends; dz/dx = 1 - z^2."""
    return np.tanh(x)


@elementwise(promotes="float", x=lambda z: z * (1 - z))
def sigmoid(x: Any) -> Any:
    """Logistic function: z = 1 / (1 + e^-x), range (0, 1); dz/dx = z (1 - z) <= 1/4."""
    # e^-|x| cannot overflow; both branches are 1/(1+e^-x).
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay)[()].astype(decay.dtype) / (1 + decay)


@elementwise(x=lambda z: z > 0, scalar=lambda x: type(x)(0) if x <= 0 else x)
def relu(x: Any) -> Any:
    """Rectifier: z = max(x, 0); dz/dx = 1 where z > 0, else 0 (also at 0, as PyTorch)."""
    return np.maximum(x, 0)


@elementwise(np.absolute, x=lambda x: np.sign(x))
def absolute(x: Any) -> Any:
    """Absolute value: z = |x|; dz/dx = sign x, and 0 at 0."""
    return np.abs(x)


@elementwise(np.sign, x=0)
def sign(x: Any) -> Any:
    """Sign: -1, 0 or 1; its derivative is 0 everywhere, so nothing learns through it."""
    return np.sign(x)


@elementwise(np.floor, x=0)
def floor(x: Any) -> Any:
    """Round down; derivative 0."""
    return np.floor(x)


@elementwise(np.ceil, x=0)
def ceil(x: Any) -> Any:
    """Round up; derivative 0."""
    return np.ceil(x)


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


@elementwise(
    np.maximum,
    x=lambda upstream, x, y, ties: _share(upstream, x <= y, x == y, x >= y, ties),
    y=lambda upstream, x, y, ties: _share(upstream, y <= x, x == y, y > x, ties),
)
def maximum_of(x: Any, y: Any) -> Any:
    """Choose the larger; see :func:`maximum`."""
    return np.maximum(x, y)


@elementwise(
    np.minimum,
    x=lambda upstream, x, y, ties: _share(upstream, x >= y, x == y, x <= y, ties),
    y=lambda upstream, x, y, ties: _share(upstream, y >= x, x == y, y < x, ties),
)
def minimum_of(x: Any, y: Any) -> Any:
    """Choose the smaller; see :func:`minimum`."""
    return np.minimum(x, y)


@elementwise(name="maximum", x=lambda x, y: x > y, scalar=lambda x, y: type(x)(y) if x <= y else x)
def maximum_constant(x: Any, y: Any) -> Any:
    """Choose the larger of a tensor and a number, which wins a tie as in relu."""
    return np.maximum(x, y)


@elementwise(name="minimum", x=lambda x, y: x < y, scalar=lambda x, y: type(x)(y) if x >= y else x)
def minimum_constant(x: Any, y: Any) -> Any:
    """Choose the smaller of a tensor and a number, which wins a tie."""
    return np.minimum(x, y)


def _share(upstream: Any, beaten: Any, equal: Any, first: Any, ties: str) -> Any:
    """Give the upstream to the winner, and at a tie what the policy says.

    ``beaten`` is true where the operand does not win alone, ``first`` where it wins if ties go to
    the first operand; a comparison with nan is false, so nan passes to both, as in PyTorch.
    """
    if ties == "first":
        return gate(upstream, first)
    alone = gate(upstream, np.logical_not(beaten))
    return alone if ties == "none" else alone + gate(upstream * 0.5, equal)


def maximum(x: Any, y: Any, *more: Any) -> Any:
    """Choose the largest of two or more operands, elementwise.

    The gradient goes to the winner.  Tensors that tie share it (``autograd.ties`` changes that);
    a number that ties wins, so that ``maximum(x, 0)`` is ``relu(x)`` with derivative 0 at 0.
    More than two are compared in pairs from the left, so three that tie receive 1/4, 1/4 and 1/2;
    ``stack([x, y, w]).amax(0)`` shares in thirds.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 4.0]), autograd.tensor([2.0, 3.0])
    >>> autograd.maximum(a, b, 3.5)
    tensor([3.5000, 4.0000])
    """
    return _fold(maximum_of, maximum_constant, (x, y, *more))


def minimum(x: Any, y: Any, *more: Any) -> Any:
    """Choose the smallest of two or more operands, elementwise; see :func:`maximum`."""
    return _fold(minimum_of, minimum_constant, (x, y, *more))


def _fold(of: Any, constant: Any, operands: tuple[Any, ...]) -> Any:
    result, *rest = sorted(operands, key=lambda operand: isinstance(operand, (int, float)))
    for operand in rest:
        pair = constant if isinstance(operand, (int, float)) else of
        result = pair(result, operand)
    return result


@elementwise(
    np.clip,
    x=lambda x, min, max: _inside(x, min, max),
)
def clip(x: Any, *, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max]; see :func:`clamp`."""
    return np.clip(*promote([x, min, max], False))


def _inside(x: Any, low: Any, high: Any) -> Any:
    above = True if low is None else x >= low
    below = True if high is None else x <= high
    return np.logical_and(above, below)


def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max], two numbers; the derivative is 1 inside and at the edges, else 0.

    Raises
    ------
    ValueError
        If neither bound is given.
    """
    if min is None and max is None:
        raise ValueError("clamp: at least one of min and max must be given")
    return clip(x, min=min, max=max)


@elementwise(promotes=None, x=lambda cond: cond != 0, y=lambda cond: cond == 0)
def where(cond: Any, x: Any, y: Any) -> Any:
    """Choose x where cond holds, else y; each receives the gradient where it was chosen."""
    x, y = promote([x, y], False)
    z = np.where(cond, x, y)[()]
    return z.astype(result_type([x, y]), copy=False)


_BITS: dict[Any, Any] = {
    np.dtype(np.float32): np.dtype(np.int32),
    np.dtype(np.float64): np.dtype(np.int64),
}


@elementwise(promotes=None, x=lambda mask: mask)
def gate(x: Any, mask: Any) -> Any:
    """Keep x where mask holds, else 0 (even where x is inf or nan)."""
    if type(x) is not np.ndarray:
        return x if np.ndim(mask) == 0 and mask else np.where(mask, x, type(x)(0))[()]
    bits = _BITS.get(x.dtype)
    if bits is None or type(mask) is not np.ndarray or mask.dtype != np.bool_:
        return np.where(mask, x, x.dtype.type(0))[()]
    # 0 or 1 times the bits, as integers, selects exactly, twelve times as fast as np.where.
    chosen: Any = np.multiply(x.view(bits), mask.view(np.int8))
    return chosen.view(x.dtype)


@elementwise(promotes=None, x=lambda upstream: upstream)
def cast(x: Any, *, dtype: Any) -> Any:
    """Change the dtype; the engine casts the gradient back."""
    return x.astype(dtype)
