"""Sampling: tensors of random numbers, from the default generator or the one that is given.

Nothing drawn has a gradient with respect to the parameters of its distribution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.alike import like
from autograd.arguments import as_integer
from autograd.creation import chosen_dtype, made_of, shape_of
from autograd.draws import (
    draw_integers,
    draw_normal,
    draw_uniform,
    floating,
    integers_of,
)
from autograd.naming import naming
from autograd.random import numpy_generator

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
]


# ---------------------------------------------------------------- of a size


@naming
def rand(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw from the uniform distribution on [0, 1).

    Raises
    ------
    RuntimeError
        If a length is negative, or the dtype not one of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.rand(2, 3)
    >>> bool(((0 <= x) & (x < 1)).all())
    True

    Source: ``torch.rand``.
    """
    shape, kind = shape_of(size, "rand"), floating(chosen_dtype(dtype, "rand", device), "rand")
    return made_of(draw_uniform(numpy_generator(generator, "rand"), shape, kind), requires_grad)


@naming
def randn(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw from the normal distribution of mean 0 and variance 1.

    Raises
    ------
    RuntimeError
        If a length is negative, or the dtype not one of floats.

    Examples
    --------
    >>> import autograd
    >>> autograd.randn(2, 3).shape
    (2, 3)

    Source: ``torch.randn``.
    """
    shape, kind = shape_of(size, "randn"), floating(chosen_dtype(dtype, "randn", device), "randn")
    return made_of(draw_normal(numpy_generator(generator, "randn"), shape, kind), requires_grad)


@naming
def randint(
    low: Any = 0, high: Any = None, size: Any = None, *, generator: Any = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw integers from [low, high); ``randint(high, size)`` draws from [0, high).

    Raises
    ------
    RuntimeError
        If there is no such integer, or the dtype (int64 if not given) does not hold them all.
    TypeError
        If the bounds are no integers, or there is no size.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.randint(3, 5, (100,))
    >>> x.min().item(), x.max().item()
    (3, 4)

    Source: ``torch.randint``.
    """
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    least, beyond = as_integer(low), as_integer(high)
    if size is None or least is None or beyond is None:
        raise TypeError(f"randint: expected integer bounds and a size, got {low}, {high}, {size}")
    kind = chosen_dtype(dtype, "randint", device, np.dtype(np.int64))
    rng = numpy_generator(generator, "randint")
    drawn = draw_integers(rng, least, beyond, shape_of((size,), "randint"), kind, "randint")
    return made_of(drawn, requires_grad)


@naming
def randperm(
    n: int, *, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw an order of the integers 0 to n - 1, each order being as likely.

    Shapes: (n,).

    Raises
    ------
    RuntimeError
        If n is negative, or the dtype (int64 if not given) does not hold n - 1.

    Examples
    --------
    >>> import autograd
    >>> sorted(autograd.randperm(4).tolist())
    [0, 1, 2, 3]

    Source: ``torch.randperm``.
    """
    (length,) = shape_of((n,), "randperm")
    kind = chosen_dtype(dtype, "randperm", device, np.dtype(np.int64))
    if length - 1 > integers_of(kind)[1]:
        raise RuntimeError(f"randperm: {n - 1} does not fit in {kind}")
    drawn = numpy_generator(generator, "randperm").permutation(length)
    return made_of(drawn.astype(kind), requires_grad)


# ---------------------------------------------------------------- the like of another tensor


@naming
def rand_like(
    x: Any, *, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw from [0, 1) in another tensor's shape and dtype; see :func:`rand`.

    Raises
    ------
    NotImplementedError
        If the dtype is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.rand_like(autograd.zeros(2, 3).double())
    >>> x.shape, x.dtype
    ((2, 3), dtype('float64'))

    Source: ``torch.rand_like``.
    """
    shape, kind = like(x, dtype, "rand_like", device)
    rng = numpy_generator(generator, "rand_like")
    return made_of(draw_uniform(rng, shape, floating(kind, "rand_like")), requires_grad)


@naming
def randn_like(
    x: Any, *, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw normal numbers in another tensor's shape and dtype; see :func:`randn`.

    Raises
    ------
    NotImplementedError
        If the dtype is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.randn_like(autograd.zeros(2, 3).double())
    >>> x.shape, x.dtype
    ((2, 3), dtype('float64'))

    Source: ``torch.randn_like``.
    """
    shape, kind = like(x, dtype, "randn_like", device)
    rng = numpy_generator(generator, "randn_like")
    return made_of(draw_normal(rng, shape, floating(kind, "randn_like")), requires_grad)


@naming
def randint_like(
    x: Any, low: Any = 0, high: Any = None, *, generator: Any = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw integers from [low, high) in another tensor's shape and dtype; see :func:`randint`.

    Raises
    ------
    RuntimeError
        If there is no integer in [low, high), or the dtype does not hold them.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.randint_like(autograd.zeros(2, 3), 2, 5)
    >>> x.shape, x.dtype, bool(((2 <= x) & (x < 5)).all())
    ((2, 3), dtype('float32'), True)

    Source: ``torch.randint_like``.
    """
    shape, kind = like(x, dtype, "randint_like", device)
    low, high = (0, low) if high is None else (low, high)
    rng = numpy_generator(generator, "randint_like")
    return made_of(draw_integers(rng, low, high, shape, kind, "randint_like"), requires_grad)
