"""Samplers: in which order the samples of a dataset come, and how they are batched.

A sampler draws all of an epoch's order when it is iterated, and nothing later: so the state of its
generator at that moment is enough to give the order again (position.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd.random import numpy_generator

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

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
    """Base of samplers: iterating yields indices, anew each time.

    One that draws from a generator keeps it as ``generator`` and draws the whole order in
    ``__iter__``; then a loader's ``state_dict`` covers it.

    Examples
    --------
    >>> class Backwards(Sampler):
    ...     def __init__(self, data_source):
    ...         self.data_source = data_source
    ...
    ...     def __iter__(self):
    ...         return iter(range(len(self.data_source))[::-1])
    >>> list(Backwards("abc"))
    [2, 1, 0]

    Source: ``torch.utils.data.Sampler``.
    """

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class SequentialSampler(Sampler):
    """0, 1, ..., n - 1.

    Examples
    --------
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]

    Source: ``torch.utils.data.SequentialSampler``.
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Every index once, in a new random order each time; or indices drawn with replacement.

    Parameters
    ----------
    data_source : sized
        What is sampled.
    replacement : bool
        Each index is drawn from all of them, so that some come twice and some not at all.
    num_samples : int, optional
        How many indices; ``len(data_source)`` if not given. Without replacement, more than that
        are whole permutations one after the other.
    generator : autograd.Generator, np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s.

    Raises
    ------
    ValueError
        There is nothing to sample, or ``num_samples`` is below 1.
    TypeError
        ``replacement`` is no bool, or the generator is none.

    Examples
    --------
    >>> sampler = RandomSampler("abcd", generator=0)
    >>> sorted(sampler), len(sampler)
    ([0, 1, 2, 3], 4)

    Source: ``torch.utils.data.RandomSampler``.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = _is_bool(replacement, "RandomSampler: replacement")
        self._num_samples = num_samples
        self.generator = kept_generator(generator)
        if num_samples is None and not len(data_source):
            raise ValueError("RandomSampler: the data to draw from have no samples")
        _positive(self.num_samples, "RandomSampler: num_samples")

    @property
    def num_samples(self) -> int:
        """How many indices an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        rng, n, wanted = resolve_generator(self.generator), len(self.data_source), self.num_samples
        if self.replacement:
            return iter(rng.integers(n, size=wanted).tolist())
        rounds = [rng.permutation(n) for _ in range(-(-wanted // n))]
        return iter(np.concatenate(rounds)[:wanted].tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Every one of ``indices`` once, in a new random order each time.

    Examples
    --------
    >>> sorted(SubsetRandomSampler([7, 3, 5], generator=0))
    [3, 5, 7]

    Source: ``torch.utils.data.SubsetRandomSampler``.
    """

    def __init__(self, indices: Sequence[int], generator: Generator = None) -> None:
        self.indices = indices
        self.generator = kept_generator(generator)

    def __iter__(self) -> Iterator[int]:
        order = resolve_generator(self.generator).permutation(len(self.indices))
        return iter([int(self.indices[i]) for i in order.tolist()])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Indices drawn with P(i) = weights[i] / sum(weights), for classes of unequal size.

    Parameters
    ----------
    weights : sequence of float
        One for each sample, not negative; they need not sum to 1.
    num_samples : int
        How many indices an epoch has.
    replacement : bool
        Whether an index can come again; else at most as many are drawn as weights are above 0.
    generator : autograd.Generator, np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s.

    Raises
    ------
    ValueError
        Weights are negative, not finite, all zero or not in one dimension; or too few for so many
        samples without replacement.

    Examples
    --------
    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], 4))
    [1, 1, 1, 1]

    Source: ``torch.utils.data.WeightedRandomSampler``.
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator = None,
    ) -> None:
        name = "WeightedRandomSampler"
        self.num_samples = _positive(num_samples, f"{name}: num_samples")
        self.replacement = _is_bool(replacement, f"{name}: replacement")
        self.weights = np.asarray(weights, np.float64)
        self.generator = kept_generator(generator)
        if self.weights.ndim != 1:
            raise ValueError(f"{name}: weights must be a list, got shape {self.weights.shape}")
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise ValueError(f"{name}: weights must be finite and not negative")
        possible = int((self.weights > 0).sum())
        if not possible or (not replacement and possible < num_samples):
            raise ValueError(
                f"{name}: cannot draw {num_samples} samples from {possible} weights above 0"
                + ("" if replacement else " without replacement")
            )

    def __iter__(self) -> Iterator[int]:
        chances = self.weights / self.weights.sum()
        rng = resolve_generator(self.generator)
        drawn = rng.choice(len(chances), self.num_samples, replace=self.replacement, p=chances)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of ``batch_size`` indices; the last may be shorter, or is left out (``drop_last``).

    Raises
    ------
    TypeError
        ``batch_size`` is no int.
    ValueError
        It is below 1.

    Examples
    --------
    >>> list(BatchSampler(SequentialSampler("abcde"), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]

    Source: ``torch.utils.data.BatchSampler``.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)):
            raise TypeError(f"BatchSampler: batch_size must be an int, got {batch_size!r}")
        if batch_size < 1:
            raise ValueError(f"BatchSampler: batch_size must be at least 1, got {batch_size}")
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


def _positive(number: Any, name: str) -> int:
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
        raise ValueError(f"{name} must be an int of at least 1, got {number!r}")
    return int(number)


def _is_bool(flag: Any, name: str) -> bool:
    if not isinstance(flag, bool):
        raise TypeError(f"{name} must be True or False, got {flag!r}")
    return flag
