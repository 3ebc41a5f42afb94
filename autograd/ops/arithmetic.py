"""Arithmetic: sums, products, quotients and their fused forms, absolute values and signs.

A rule that does not name ``upstream`` is multiplied by it.  Division names it, because a product
with a stored partial would lose an ulp or overflow.  The operators of a Tensor are the rows
themselves; the functions beside them take PyTorch's further arguments, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.naming import naming
from autograd.op import elementwise, operator_of

__all__ = [
    "abs",
    "absolute",
    "add",
    "addcdiv",
    "addcmul",
    "copysign",
    "lerp",
    "mul",
    "multiply",
    "neg",
    "negative",
    "positive",
    "sgn",
    "sign",
    "sub",
    "subtract",
]


@elementwise(np.add, name="add", x=1, y=1)
def plus(x: Any, y: Any) -> Any:
    """Add: z = x + y."""
    return x + y


@elementwise(name="add", x=1, y=lambda upstream, alpha: upstream * alpha, single=True)
def plus_scaled(x: Any, y: Any, *, alpha: Any) -> Any:
    """Add a multiple: z = x + alpha y."""
    return x + _multiple("add", x, y, alpha)


@elementwise(np.subtract, name="subtract", x=1, y=-1)
def minus(x: Any, y: Any) -> Any:
    """Subtract: z = x - y."""
    return x - y


@elementwise(name="subtract", x=1, y=lambda upstream, alpha: -(upstream * alpha), single=True)
def minus_scaled(x: Any, y: Any, *, alpha: Any) -> Any:
    """Subtract a multiple: z = x - alpha y."""
    return x - _multiple("subtract", x, y, alpha)


def _multiple(name: str, x: Any, y: Any, factor: Any) -> Any:
    """Return factor y; booleans stay booleans."""
    if isinstance(y, bool) and np.asarray(x).dtype == np.bool_:
        return y and bool(factor)
    if isinstance(factor, bool) and np.asarray(y).dtype != np.bool_:
        raise RuntimeError(
            f"{name}: expected a number as alpha, got {factor}; only masks have that"
        )
    factor = _as_one_of(name, "alpha", y, factor)
    return y & factor if isinstance(factor, np.bool_) else y * factor


def _as_one_of(name: str, argument: str, operand: Any, value: Any) -> Any:
    """Return a number as one of an operand's dtype, or refuse to give whole numbers a fraction."""
    if isinstance(value, np.generic):  # as an array it would widen the dtype
        value = value.item()
    dtype = np.asarray(operand).dtype
    if dtype.kind not in "biu" or isinstance(operand, (bool, int)):
        return value
    if isinstance(value, float):
        raise RuntimeError(
            f"{name}: integer tensors need an integer {argument}, got {value!r}; convert them with "
            "float()"
        )
    return np.int64(value).astype(dtype) if hasattr(operand, "dtype") else value


@naming
def add(x: Any, y: Any, *, alpha: Any = 1) -> Any:
    """Add: z = x + alpha y; dz/dx = 1, dz/dy = alpha.

    Raises
    ------
    RuntimeError
        If the shapes do not broadcast, or alpha is a fraction and the operands are integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.add(autograd.tensor([1.0, 2.0]), 10, alpha=2)
    tensor([21., 22.])

    Source: ``torch.add``.
    """
    if type(alpha) is int and alpha == 1:
        return plus(x, y)
    return plus_scaled(x, y, alpha=a_number(alpha, "alpha", "add"))


@naming
def subtract(x: Any, y: Any, *, alpha: Any = 1) -> Any:
    """Subtract: z = x - alpha y; dz/dx = 1, dz/dy = -alpha.

    Raises
    ------
    RuntimeError
        If the shapes do not broadcast, or alpha is a fraction and the operands are integers.
    NotImplementedError
        If both operands are booleans.

    Examples
    --------
    >>> import autograd
    >>> autograd.subtract(autograd.tensor([1.0, 2.0]), 10, alpha=2)
    tensor([-19., -18.])

    Source: ``torch.sub``.
    """
    if type(alpha) is int and alpha == 1:
        return minus(x, y)
    return minus_scaled(x, y, alpha=a_number(alpha, "alpha", "subtract"))


@elementwise(np.multiply, x=lambda y: y, y=lambda x: x, single=True)
def multiply(x: Any, y: Any) -> Any:
    """Multiply: z = x y; dz/dx = y, dz/dy = x.

    Raises
    ------
    RuntimeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> autograd.multiply(autograd.tensor([1.0, 2.0]), 3)
    tensor([3., 6.])

    Source: ``torch.mul``.
    """
    return x * y


times = operator_of(multiply)


@elementwise(np.negative, x=-1)
def negative(x: Any) -> Any:
    """Negate: z = -x.

    Raises
    ------
    NotImplementedError
        If x is boolean; ``~x`` inverts it.

    Examples
    --------
    >>> import autograd
    >>> autograd.negative(autograd.tensor([1.0, -2.0]))
    tensor([-1.,  2.])

    Source: ``torch.neg``.
    """
    return -x


@naming
def positive(x: Any) -> Any:
    """Return x itself: z = +x.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.positive(autograd.tensor([1.0, -2.0]))
    tensor([ 1., -2.])

    Source: ``torch.positive``.
    """
    if getattr(x, "dtype", None) == np.bool_:
        raise NotImplementedError("positive: is not defined for booleans")
    return x


def _sign(x: Any) -> Any:
    steps: Any = np.subtract(x > 0, x < 0, dtype=np.int8)
    return steps.astype(np.asarray(x).dtype)


@elementwise(x=0, scalar=lambda x: type(x)((1 if x > 0 else 0) - (1 if x < 0 else 0)))
def sign(x: Any) -> Any:
    """Sign: -1, 0 or 1, and 0 at nan; its derivative is 0, so nothing learns through it.

    Examples
    --------
    >>> import autograd
    >>> autograd.sign(autograd.tensor([-3.0, 0.0, 2.0]))
    tensor([-1.,  0.,  1.])

    Source: ``torch.sign``.
    """
    return _sign(x)


@elementwise(np.sign, name="sign", x=0)
def sign_or_nan(x: Any) -> Any:
    """NumPy's sign, which is nan at nan."""
    return np.sign(x)


@elementwise(np.absolute, np.fabs, x=lambda x: sign(x), scalar=lambda x: np.abs(x))
def absolute(x: Any) -> Any:
    """Absolute value: z = |x|; dz/dx = sign x, and 0 at 0.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.absolute(autograd.tensor([-3.0, 2.0]))
    tensor([3., 2.])

    Source: ``torch.abs``.
    """
    return np.abs(x)


@elementwise(
    np.copysign,
    promotes="float",
    x=lambda x, z: np.where(x == 0, 0, z / np.where(x == 0, 1, x)),
    y=0,
)
def copysign(x: Any, y: Any) -> Any:
    """Give x the sign of y: z = |x| if y's sign bit is clear, else -|x|; dz/dx = z/x, 0 at 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.copysign(autograd.tensor([1.0, -2.0]), autograd.tensor([-0.0, 5.0]))
    tensor([-1.,  2.])

    Source: ``torch.copysign``.
    """
    return np.copysign(x, y)


@elementwise(
    x=lambda upstream, weight: upstream * (1 - weight),
    end=lambda upstream, weight: upstream * weight,
    weight=lambda upstream, x, end: upstream * (end - x),
    single=True,
)
def lerp(x: Any, end: Any, weight: Any) -> Any:
    """Interpolate: z = x + weight (end - x), exactly ``end`` at weight 1.

    Parameters
    ----------
    x, end : Tensor
        Where weight is 0, and where it is 1.
    weight : Tensor or float
        Outside of [0, 1] it extrapolates.

    Raises
    ------
    NotImplementedError
        If the operands are integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.lerp(autograd.tensor([0.0, 1.0]), autograd.tensor([10.0, 3.0]), 0.5)
    tensor([5., 2.])

    Source: ``torch.lerp``.
    """
    way = end - x
    if getattr(way, "dtype", np.dtype(float)).kind in "biu":
        raise NotImplementedError(f"lerp: expected floating-point operands, got {way.dtype}")
    near = np.abs(weight) < 0.5
    if not np.ndim(weight):  # one formula for all
        way *= weight if near else 1 - weight
        if type(way) is not np.ndarray:
            return x + way if near else end - way
        return np.add(x, way, out=way) if near else np.subtract(end, way, out=way)
    return np.where(near, x + weight * way, end - way * (1 - weight))[()]


@elementwise(
    name="addcmul",
    x=1,
    tensor1=lambda upstream, tensor2, value: upstream * (tensor2 * value),
    tensor2=lambda upstream, tensor1, value: upstream * (tensor1 * value),
    single=True,
)
def plus_product(x: Any, tensor1: Any, tensor2: Any, *, value: Any) -> Any:
    """Add a multiple of a product; see :func:`addcmul`."""
    return x + _as_one_of("addcmul", "value", tensor1, value) * tensor1 * tensor2


@naming
def addcmul(x: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
    """Add a product: z = x + value tensor1 tensor2.

    Raises
    ------
    RuntimeError
        If value is a fraction and the operands are integers.
    TypeError
        If value is no number, or one that requires grad.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0])
    >>> autograd.addcmul(autograd.tensor([1.0, 1.0]), a, b, value=10)
    tensor([31., 81.])

    Source: ``torch.addcmul``.
    """
    return plus_product(x, tensor1, tensor2, value=a_number(value, "value", "addcmul"))


@elementwise(
    name="addcdiv",
    x=1,
    tensor1=lambda upstream, tensor2, value: upstream * (value / tensor2),
    tensor2=lambda upstream, tensor1, tensor2, value: (
        -upstream * (value * tensor1 / (tensor2 * tensor2))
    ),
    single=True,
)
def plus_quotient(x: Any, tensor1: Any, tensor2: Any, *, value: Any) -> Any:
    """Add a multiple of a quotient; see :func:`addcdiv`."""
    if np.asarray(tensor2).dtype.kind in "biu":
        raise NotImplementedError("addcdiv: expected floating-point operands, got integers")
    return x + _as_one_of("addcdiv", "value", tensor1, value) * tensor1 / tensor2


@naming
def addcdiv(x: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
    """Add a quotient: z = x + value tensor1 / tensor2.

    Raises
    ------
    NotImplementedError
        If all operands are integers.
    TypeError
        If value is no number, or one that requires grad.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 2.0]), autograd.tensor([4.0, 8.0])
    >>> autograd.addcdiv(autograd.tensor([1.0, 1.0]), a, b, value=2)
    tensor([1.5000, 1.5000])

    Source: ``torch.addcdiv``.
    """
    return plus_quotient(x, tensor1, tensor2, value=a_number(value, "value", "addcdiv"))


abs = absolute
sub = subtract
mul = multiply
neg = negative
sgn = sign
