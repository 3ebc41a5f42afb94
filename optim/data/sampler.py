"""Samplers: in which order the samples of a dataset come, and how they are batched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd.random import numpy_generator

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler"]

# In quotes: np.random takes 30 ms to import, and not every program draws numbers.
Generator: TypeAlias = "autograd.Generator | np.random.Generator | int | None"


def kept_generator(generator: Generator) -> Any:
    """Return what to keep for later draws: a seed becomes one generator, so that epochs differ."""
    if isinstance(generator, (int, np.integer)):
        return resolve_generator(generator)
    if generator is not None:
        resolve_generator(generator)  # raises now for what is none
    return generator


def resolve_generator(generator: Generator) -> np.random.Generator:
    """Return the generator; a new one for a seed; ``autograd.manual_seed``'s for None."""
    if generator is None or isinstance(generator, (autograd.Generator, np.random.Generator)):
        return numpy_generator(generator, "sampler")
    if isinstance(generator, (int, np.integer)) and not isinstance(generator, bool):
        return np.random.default_rng(generator)
    raise TypeError(
        "generator must be an autograd.Generator, a np.random.Generator or a seed, got "
        f"{type(generator).__name__}"
    )


class Sampler:
    """Base of samplers: iterating yields indices, anew each time."""

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class SequentialSampler(Sampler):
    """0, 1, ..., n - 1."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Every index once, in a new random order each time.

    Parameters
    ----------
    data_source : sized
        What is sampled.
    generator : np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s.
    """

    def __init__(self, data_source: Sized, generator: Generator = None) -> None:
        self.data_source = data_source
        self.generator = kept_generator(generator)

    def __iter__(self) -> Iterator[int]:
        rng = resolve_generator(self.generator)
        return iter(rng.permutation(len(self.data_source)).tolist())

    def __len__(self) -> int:
        return len(self.data_source)


class BatchSampler(Sampler):
    """Lists of ``batch_size`` indices; the last may be shorter, or is left out (``drop_last``)."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)):
            raise TypeError(f"batch_size must be an int, got {batch_size!r}")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.sampler = sampler
        self.batch_size = int(batch_size)
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:  # type: ignore[override]
        return self._batches(iter(self.sampler))  # the sampler draws its order now, not later

    def _batches(self, indices: Iterator[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in indices:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole + (rest > 0 and not self.drop_last)
