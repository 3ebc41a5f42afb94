"""Filling in place with random numbers: ``x.normal_()`` and its kin.

What was there is forgotten, so its gradient is 0; a leaf that requires grad is filled inside
``autograd.no_grad()``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.arguments import a_number
from autograd.draws import (
    draw_integers,
    draw_normal,
    draw_truths,
    draw_uniform,
    floating,
    integers_of,
)
from autograd.naming import naming
from autograd.ops.in_place import copied, in_place
from autograd.random import numpy_generator

if TYPE_CHECKING:
    from autograd.tensor import Tensor


@naming
def uniform_(self: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with numbers from the uniform distribution on [low, high).

    Raises
    ------
    RuntimeError
        If low is above high, or the tensor is not of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).uniform_(2, 3)
    >>> bool(((2 <= x) & (x < 3)).all())
    True

    Source: ``torch.Tensor.uniform_``.
    """
    kind = floating(self.dtype, "uniform_")
    low, high = a_number(low, "low", "uniform_"), a_number(high, "high", "uniform_")
    if not low <= high:
        raise RuntimeError(f"uniform_: expected low <= high, got {low} and {high}")
    drawn = draw_uniform(numpy_generator(generator, "uniform_"), self.shape, kind)
    drawn = (low + (high - low) * drawn).astype(kind)
    if low < high:  # the sum may round up to it
        drawn = np.minimum(drawn, np.nextafter(kind.type(high), kind.type(low)))
    return in_place("uniform_", self, copied, np.asarray(drawn))


@naming
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with numbers from the normal distribution of ``mean`` and ``std``.

    Raises
    ------
    RuntimeError
        If the standard deviation is negative, or the tensor is not of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).normal_(5, 0)
    >>> bool((x == 5).all())
    True

    Source: ``torch.Tensor.normal_``.
    """
    kind = floating(self.dtype, "normal_")
    mean, std = a_number(mean, "mean", "normal_"), a_number(std, "std", "normal_")
    if not std >= 0:
        raise RuntimeError(f"normal_: expected a standard deviation of 0 or more, got {std}")
    drawn = draw_normal(numpy_generator(generator, "normal_"), self.shape, kind)
    return in_place("normal_", self, copied, np.asarray(mean + std * drawn))


@naming
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with 1 with probability p (a number, or a tensor that broadcasts), else 0.

    Raises
    ------
    RuntimeError
        If a probability is not from 0 to 1.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).bernoulli_(0.5)
    >>> bool(((x == 0) | (x == 1)).all())
    True

    Source: ``torch.Tensor.bernoulli_``.
    """
    rng = numpy_generator(generator, "bernoulli_")
    drawn = draw_truths(rng, getattr(p, "payload", p), self.shape, "bernoulli_")
    return in_place("bernoulli_", self, copied, drawn.astype(self.dtype))


@naming
def random_(
    self: Tensor, low: int | None = None, high: int | None = None, *, generator: Any = None
) -> Tensor:
    """Fill with integers from [low, high), [0, low), or all that the dtype holds from 0 on.

    Raises
    ------
    RuntimeError
        If there is no such integer, or the dtype does not hold them all.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).random_(2, 5)
    >>> bool(((2 <= x) & (x < 5)).all())
    True

    Source: ``torch.Tensor.random_``.
    """
    if low is None:
        low, high = 0, integers_of(self.dtype)[1] + 1
    elif high is None:
        low, high = 0, low
    rng = numpy_generator(generator, "random_")
    drawn = draw_integers(rng, low, high, self.shape, self.dtype, "random_")
    return in_place("random_", self, copied, drawn)


@naming
def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with numbers from the exponential distribution of rate ``lambd``, of mean 1 / lambd.

    Raises
    ------
    RuntimeError
        If the rate is not above 0, or the tensor is not of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).exponential_(2.0)
    >>> bool((x > 0).all())
    True

    Source: ``torch.Tensor.exponential_``.
    """
    kind = floating(self.dtype, "exponential_")
    lambd = a_number(lambd, "lambd", "exponential_")
    if not lambd > 0:
        raise RuntimeError(f"exponential_: expected a rate above 0, got {lambd}")
    drawn = numpy_generator(generator, "exponential_").standard_exponential(self.shape)
    return in_place("exponential_", self, copied, np.asarray(drawn / lambd).astype(kind))


@naming
def log_normal_(
    self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Any = None
) -> Tensor:
    """Fill with exp(n), n being normal of ``mean`` and ``std``.

    Raises
    ------
    RuntimeError
        If the standard deviation is not above 0, or the tensor is not of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).log_normal_()
    >>> bool((x > 0).all())
    True

    Source: ``torch.Tensor.log_normal_``.
    """
    kind = floating(self.dtype, "log_normal_")
    mean, std = a_number(mean, "mean", "log_normal_"), a_number(std, "std", "log_normal_")
    if not std > 0:
        raise RuntimeError(f"log_normal_: expected a standard deviation above 0, got {std}")
    drawn = numpy_generator(generator, "log_normal_").lognormal(mean, std, self.shape)
    return in_place("log_normal_", self, copied, np.asarray(drawn).astype(kind))


@naming
def cauchy_(
    self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None
) -> Tensor:
    """Fill with numbers from the Cauchy distribution of ``median`` and half-width ``sigma``.

    Raises
    ------
    RuntimeError
        If the width is not above 0, or the tensor is not of floats.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).cauchy_(3.0, 0.5)
    >>> bool(x.isfinite().all())
    True

    Source: ``torch.Tensor.cauchy_``.
    """
    kind = floating(self.dtype, "cauchy_")
    median, sigma = a_number(median, "median", "cauchy_"), a_number(sigma, "sigma", "cauchy_")
    if not sigma > 0:
        raise RuntimeError(f"cauchy_: expected a width above 0, got {sigma}")
    drawn = numpy_generator(generator, "cauchy_").standard_cauchy(self.shape)
    return in_place("cauchy_", self, copied, np.asarray(median + sigma * drawn).astype(kind))


@naming
def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Fill with the number of trials until the first success, of probability p each.

    Raises
    ------
    RuntimeError
        If p is not between 0 and 1.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.empty(100).geometric_(0.3)
    >>> bool(((x >= 1) & (x == x.floor())).all())
    True

    Source: ``torch.Tensor.geometric_``.
    """
    p = a_number(p, "p", "geometric_")
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_: expected a probability between 0 and 1, got {p}")
    drawn = numpy_generator(generator, "geometric_").geometric(p, self.shape)
    return in_place("geometric_", self, copied, np.asarray(drawn).astype(self.dtype))
