"""Draws whose distribution is given by tensors: a mean, a chance, a rate or a weight an element.

As in ``sampling``, nothing drawn has a gradient with respect to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.alike import like
from autograd.arguments import an_integer
from autograd.creation import chosen_dtype, made_of, shape_of
from autograd.draws import draw_normal, draw_truths, floating
from autograd.naming import naming
from autograd.random import numpy_generator
from autograd.record import is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["bernoulli", "multinomial", "normal", "poisson"]


@naming
def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Draw from normal distributions: z = mean + std * n with n of mean 0 and variance 1.

    Shapes: ``size``; else that of mean and std, which broadcast.

    Parameters
    ----------
    mean, std : float or Tensor
        A tensor has one distribution an element; two tensors broadcast.
    size : tuple of int
        For two numbers, and only then.

    Raises
    ------
    RuntimeError
        If a standard deviation is negative, the shapes do not broadcast, or tensors are not of
        floats.
    TypeError
        If the size is missing, or given together with tensors.

    Examples
    --------
    >>> import autograd
    >>> autograd.normal(5.0, 0.0, (2,))
    tensor([5., 5.])
    >>> autograd.normal(autograd.zeros(2, 1), autograd.ones(3)).shape
    (2, 3)

    Source: ``torch.normal``.
    """
    several = [x for x in (mean, std) if is_tensor(x) or isinstance(x, np.ndarray)]
    if size is not None and not any(x.ndim for x in several):
        mean, std = (x.item() if hasattr(x, "item") else x for x in (mean, std))
        several = []
    if several:
        if size is not None:
            raise TypeError("normal: size is for two numbers; tensors have their own shape")
        kind = floating(several[0].dtype, "normal")
        mean, std = (
            _payload(x, "normal") if np.ndim(x) or is_tensor(x) else x for x in (mean, std)
        )
        try:
            shape = np.broadcast_shapes(np.shape(mean), np.shape(std))
        except ValueError:
            raise RuntimeError(
                f"normal: shapes {np.shape(mean)} and {np.shape(std)} do not broadcast"
            ) from None
    else:
        if size is None:
            raise TypeError("normal: expected a size, since mean and std are numbers")
        shape = shape_of((size,), "normal")
        kind = floating(chosen_dtype(dtype, "normal", device), "normal")
    if np.any(np.asarray(std) < 0):
        raise RuntimeError(f"normal: expected standard deviations of 0 or more, got {np.min(std)}")
    drawn = mean + std * draw_normal(numpy_generator(generator, "normal"), shape, kind)
    return made_of(np.asarray(drawn).astype(kind), requires_grad)


@naming
def bernoulli(input: Any, p: float | None = None, *, generator: Any = None) -> Tensor:
    """Draw 1 with the probability that ``input`` holds (or with probability p), else 0.

    Shapes: that of the input.

    Raises
    ------
    RuntimeError
        If a probability is not from 0 to 1.

    Examples
    --------
    >>> import autograd
    >>> autograd.bernoulli(autograd.tensor([0.0, 1.0]))
    tensor([0., 1.])

    Source: ``torch.bernoulli``.
    """
    shape, kind = like(input, None, "bernoulli", None)
    chance = _payload(input, "bernoulli") if p is None else p
    rng = numpy_generator(generator, "bernoulli")
    return made_of(draw_truths(rng, chance, shape, "bernoulli").astype(kind), False)


@naming
def multinomial(
    input: Any,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Any = None,
) -> Tensor:
    """Draw places with probabilities proportional to ``input``, a vector or rows of a matrix.

    Shapes: (n,) -> (num_samples,); (m, n) -> (m, num_samples), integers from [0, n).

    Raises
    ------
    RuntimeError
        If weights are negative, inf, nan or all 0, are no floats, or have more than 2 dimensions;
        if there are not as many places as samples without replacement.

    Examples
    --------
    >>> import autograd
    >>> autograd.multinomial(autograd.tensor([0.0, 3.0, 0.0]), 4, replacement=True)
    tensor([1, 1, 1, 1])

    Source: ``torch.multinomial``.
    """
    weights = _payload(input, "multinomial").astype(np.float64)
    if weights.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: expected a vector or a matrix, got {weights.shape}")
    num_samples = an_integer(num_samples, "num_samples", "multinomial")
    if num_samples < 1 or (not replacement and num_samples > weights.shape[-1]):
        raise RuntimeError(
            f"multinomial: cannot draw {num_samples} samples of {weights.shape[-1]} places "
            f"{'with' if replacement else 'without'} replacement"
        )
    if not np.all(np.isfinite(weights) & (weights >= 0)):
        raise RuntimeError(
            "multinomial: expected finite weights of 0 or more, got some from "
            f"{weights.min()} to {weights.max()}"
        )
    if not np.all(np.sum(weights, -1) > 0):
        raise RuntimeError("multinomial: expected a weight above 0 in each row, got one of zeros")
    rng = numpy_generator(generator, "multinomial")
    rows = weights.reshape(-1, weights.shape[-1])
    drawn = _with_replacement(rng, rows, num_samples) if replacement else _race(rng, rows)
    return made_of(drawn[:, :num_samples].reshape(*weights.shape[:-1], num_samples), False)


def _with_replacement(rng: Any, rows: Any, number: int) -> Any:
    """Find where uniform numbers fall among the summed weights; places of weight 0 have no room."""
    sums = np.cumsum(rows, -1)
    thrown = rng.random((len(rows), number)) * sums[:, -1:]
    thrown = np.minimum(thrown, np.nextafter(sums[:, -1:], 0))  # a product may round up to the sum
    drawn = np.empty(thrown.shape, np.int64)
    for i, (row, at) in enumerate(zip(sums, thrown, strict=True)):
        drawn[i] = np.searchsorted(row, at, side="right")
    return drawn


def _race(rng: Any, rows: Any) -> Any:
    """Order places by exponential times of rates ``rows``: the first is i with weight's chance."""
    with np.errstate(divide="ignore"):
        times = rng.standard_exponential(rows.shape) / rows
    return np.argsort(times, -1, kind="stable").astype(np.int64)


@naming
def poisson(input: Any, generator: Any = None) -> Tensor:
    """Draw counts from Poisson distributions of the rates in ``input``, as floats.

    Shapes: that of the input.

    Raises
    ------
    RuntimeError
        If a rate is negative or nan, or the rates are no floats.

    Examples
    --------
    >>> import autograd
    >>> autograd.poisson(autograd.zeros(2))
    tensor([0., 0.])

    Source: ``torch.poisson``.
    """
    rates = _payload(input, "poisson")
    if not np.all(rates >= 0):
        raise RuntimeError("poisson: expected rates of 0 or more")
    drawn = numpy_generator(generator, "poisson").poisson(rates)
    return made_of(np.asarray(drawn).astype(rates.dtype), False)


def _payload(x: Any, name: str) -> Any:
    """Return the array of a tensor of floats."""
    if not is_tensor(x) and not isinstance(x, np.ndarray):
        raise TypeError(f"{name}: expected a Tensor, got {type(x).__name__}")
    floating(x.dtype, name)
    return x.payload if is_tensor(x) else x
