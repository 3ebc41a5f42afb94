"""Splitting a dataset at random: training, validation, test."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .dataset import Subset
from .sampler import Generator, resolve_generator

__all__ = ["random_split"]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator = None
) -> list[Subset]:
    """Split a dataset at random into disjoint parts.

    Parameters
    ----------
    dataset : Dataset
        Every sample goes to one part.
    lengths : sequence of int or of float
        Sizes that sum to ``len(dataset)``, or fractions that sum to 1: each part has
        floor(fraction * len(dataset)), and what is left over goes to the first parts, one each.
    generator : autograd.Generator, np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s.

    Raises
    ------
    ValueError
        The sizes do not sum up, or one is negative or no whole number.
    TypeError
        They are no list of finite numbers.

    Warns
    -----
    UserWarning
        A part is empty.

    Examples
    --------
    >>> train, validation = random_split(range(10), [0.8, 0.2], generator=0)
    >>> len(train), len(validation), sorted(train.indices + validation.indices) == list(range(10))
    (8, 2, True)

    Source: ``torch.utils.data.random_split``.
    """
    size = len(dataset)
    if not isinstance(lengths, (Sequence, np.ndarray)) or isinstance(lengths, str):
        raise TypeError(f"random_split: lengths must be a list of sizes, got {lengths!r}")
    if not all(isinstance(n, (int, float, np.number)) and np.isfinite(n) for n in lengths):
        raise TypeError(f"random_split: lengths must be numbers, got {list(lengths)}")
    if math.isclose(sum(lengths), 1) and all(0 <= n <= 1 for n in lengths):
        sizes = [math.floor(n * size) for n in lengths]
        for i in range(size - sum(sizes)):  # what rounding left over, one each
            sizes[i % len(sizes)] += 1
    else:
        if any(n < 0 or n != int(n) for n in lengths):
            raise ValueError(
                f"random_split: lengths must be sizes, or fractions that sum to 1, got "
                f"{list(lengths)}"
            )
        sizes = [int(n) for n in lengths]
    if sum(sizes) != size:
        raise ValueError(
            f"random_split: lengths {list(lengths)} must sum to the dataset's {size} or to 1"
        )
    for number, n in enumerate(sizes):
        if n == 0:
            warnings.warn(f"random_split: part {number} is empty", stacklevel=2)
    order = resolve_generator(generator).permutation(size).tolist()
    ends = np.cumsum(sizes).tolist()
    return [Subset(dataset, order[end - n : end]) for n, end in zip(sizes, ends, strict=True)]
