"""Draws: random numbers as arrays, of which sampling makes tensors, and filling new values of one.

Floats are drawn in the dtype asked for (float16 from float32).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number, an_integer

Shape = tuple[int, ...]


def draw_uniform(rng: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
    """Draw from [0, 1): 1 itself is never drawn, whatever the dtype."""
    if dtype.itemsize > 2:
        return np.asarray(rng.random(shape, dtype))
    return (np.floor(rng.random(shape, np.float32) * 2048) / 2048).astype(dtype)


def draw_normal(rng: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
    """Draw from the normal distribution of mean 0 and variance 1."""
    if dtype.itemsize > 2:
        return np.asarray(rng.standard_normal(shape, dtype))
    return np.asarray(rng.standard_normal(shape, np.float32)).astype(dtype)


def draw_integers(
    rng: Any, low: int, high: int, shape: Shape, dtype: np.dtype[Any], name: str
) -> Any:
    """Draw integers from [low, high), which must fit in the dtype."""
    low, high = an_integer(low, "low", name), an_integer(high, "high", name)
    if not low < high:
        raise RuntimeError(f"{name}: there is no integer in [{low}, {high})")
    least, most = integers_of(dtype)
    if dtype.kind == "f":  # not every integer, but roundly
        most = int(np.finfo(dtype).max)
        least = -most
    if low < least or high - 1 > most:
        raise RuntimeError(f"{name}: [{low}, {high}) does not fit in {dtype}")
    if dtype.kind == "f":
        return np.asarray(rng.integers(low, high, shape)).astype(dtype)
    return np.asarray(rng.integers(low, high, shape, dtype))


def integers_of(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the least and the largest integer between which a dtype holds every one."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind == "f":
        largest = 1 << (np.finfo(dtype).nmant + 1)
        return -largest, largest
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def draw_truths(rng: Any, chance: Any, shape: Shape, name: str) -> Any:
    """Draw True with probability ``chance``."""
    if not hasattr(chance, "dtype"):
        chance = a_number(chance, "probability", name)
    if not np.all((chance >= 0) & (chance <= 1)):
        raise RuntimeError(
            f"{name}: expected probabilities from 0 to 1, got {np.min(chance)} to {np.max(chance)}"
        )
    single = getattr(chance, "dtype", None) in (np.float16, np.float32)
    return np.asarray(rng.random(shape, np.float32 if single else np.float64) < chance)


def floating(dtype: np.dtype[Any], name: str) -> np.dtype[Any]:
    """Return the dtype, which must be one of floats."""
    if dtype.kind != "f":
        raise NotImplementedError(f"{name}: expected a floating-point dtype, got {dtype}")
    return dtype
