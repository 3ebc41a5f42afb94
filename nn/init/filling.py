"""Fill a tensor in place: with constants, or with draws from one distribution.

All draws come from ``autograd.manual_seed``'s generator unless one is given; nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erf, inf, isinf, sqrt
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd import Tensor
from autograd.hollow import skip_write
from autograd.random import numpy_generator

__all__ = ["constant_", "normal_", "ones_", "trunc_normal_", "uniform_", "zeros_"]

Generator: TypeAlias = "autograd.Generator | np.random.Generator | None"


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill with draws from U[a, b).

    Raises
    ------
    ValueError
        a is greater than b.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> 0.9 < uniform_(autograd.empty(1000), -1, 1).max().item() < 1
    True

    Source: ``torch.nn.init.uniform_``.
    """
    if a > b:
        raise ValueError(f"uniform_: expected a <= b, got {a} and {b}")
    return _fill(
        tensor, lambda rng, shape, dtype: a + (b - a) * _unit(rng, shape, dtype), generator
    )


def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    generator: Generator = None,
) -> Tensor:
    """Fill with draws from N(mean, std^2).

    Raises
    ------
    ValueError
        std is negative.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> 1.9 < normal_(autograd.empty(10_000), std=2.0).std().item() < 2.1
    True

    Source: ``torch.nn.init.normal_``.
    """
    if std < 0:
        raise ValueError(f"normal_: std must not be negative, got {std}")
    return _fill(
        tensor, lambda rng, shape, dtype: mean + std * _gauss(rng, shape, dtype), generator
    )


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with ``val``.

    Examples
    --------
    >>> import autograd
    >>> constant_(autograd.empty(2), 0.1)
    tensor([0.1000, 0.1000])

    Source: ``torch.nn.init.constant_``.
    """
    return _fill(tensor, lambda rng, shape, dtype: np.full(shape, val, dtype), None)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1.

    Examples
    --------
    >>> import autograd
    >>> ones_(autograd.empty(2))
    tensor([1., 1.])

    Source: ``torch.nn.init.ones_``.
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0.

    Examples
    --------
    >>> import autograd
    >>> zeros_(autograd.empty(2))
    tensor([0., 0.])

    Source: ``torch.nn.init.zeros_``.
    """
    return constant_(tensor, 0.0)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator = None,
) -> Tensor:
    """Fill with draws from N(mean, std^2) that lie in [a, b]; those outside are drawn again.

    ``a`` and ``b`` are values, not multiples of ``std``. The draws are exact for any interval, also
    far out in a tail.

    Raises
    ------
    ValueError
        std is negative, or a is not below b.

    Examples
    --------
    >>> import autograd
    >>> w = trunc_normal_(autograd.empty(1000), std=5.0)
    >>> bool((w.abs() <= 2).all())
    True

    Source: ``torch.nn.init.trunc_normal_``.
    """
    if std < 0:
        raise ValueError(f"trunc_normal_: std must not be negative, got {std}")
    if not a < b:
        raise ValueError(f"trunc_normal_: a must be below b, got {a} and {b}")
    if std == 0:
        return constant_(tensor, min(max(mean, a), b))
    low, high = (a - mean) / std, (b - mean) / std

    def draw(rng, shape, dtype):
        values = mean + std * _truncated(rng, int(np.prod(shape)), low, high)
        return np.clip(values, a, b).reshape(shape)  # rounding may step over an end

    return _fill(tensor, draw, generator)


def _truncated(rng: np.random.Generator, count: int, low: float, high: float) -> np.ndarray:
    """Draw from the standard normal distribution within [low, high], by rejection.

    The proposal is the normal distribution itself where it often falls inside; else, with z0 the
    end nearer to 0, z0 plus an exponential of rate z0 (uniform for an interval around 0), which is
    accepted with probability exp(-(z - z0)^2 / 2): the ratio of the two densities (Robert, 1995).
    """
    if low >= 0 or high <= 0:
        start, width, sign = (low, high - low, 1) if low >= 0 else (-high, high - low, -1)
    else:
        start, width, sign = 0.0, inf, 1
    inside = (erf(high / sqrt(2)) - erf(low / sqrt(2))) / 2

    def propose(size):
        if inside > 0.25:
            z = rng.standard_normal(size)
            return z[(low <= z) & (z <= high)]
        if start == 0:  # around 0, or from it on
            z = rng.uniform(low, high, size)
            return z[rng.random(size) < np.exp(-(z**2) / 2)]
        share = 1.0 if isinf(width) else -np.expm1(-start * width)
        rest = -np.log1p(-share * rng.random(size)) / start
        return sign * (start + rest[rng.random(size) < np.exp(-(rest**2) / 2)])

    found = np.empty(0)
    while len(found) < count:
        found = np.concatenate([found, propose(2 * (count - len(found)) + 16)])
    return found[:count]


def _unit(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return rng.random(shape, _drawn(dtype))


def _gauss(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return rng.standard_normal(shape, _drawn(dtype))


def _drawn(dtype: np.dtype) -> Any:
    """Return the dtype of the draws for a tensor of ``dtype``."""
    if dtype.kind != "f":
        raise TypeError(f"nn.init: draws need a floating-point tensor, got one of {dtype}")
    return dtype if dtype.itemsize in (4, 8) else np.float32


def expect_tensor(function: str, tensor: Any) -> None:
    """Raise a TypeError that names the function if this is no Tensor."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{function}: expected a Tensor, got {type(tensor).__name__}")


def _fill(tensor: Tensor, draw: Callable[..., Any], generator: Generator) -> Tensor:
    """Overwrite ``tensor`` with ``draw(rng, shape, dtype)``, recording nothing."""
    expect_tensor("nn.init", tensor)
    if skip_write("nn.init", tensor.payload):
        return tensor
    rng = numpy_generator(generator, "init")
    with autograd.no_grad():
        tensor.copy_(draw(rng, tensor.shape, tensor.dtype))
    return tensor
