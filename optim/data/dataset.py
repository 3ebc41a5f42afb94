"""Datasets: a length and an item for each index; or samples one after the other."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .collate import default_collate, fetch, fetch_each

__all__ = ["ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset"]


class Dataset:
    """Base of datasets: define ``__len__`` and ``__getitem__``.

    A dataset that can fetch many samples at once better than one after the other also defines
    ``batch(indices)``, which returns them collated. ``one + other`` is a ``ConcatDataset``.

    Examples
    --------
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 3
    ...
    ...     def __getitem__(self, index):
    ...         return index**2
    >>> [(Squares() + Squares())[i] for i in range(6)]
    [0, 1, 4, 0, 1, 4]

    Source: ``torch.utils.data.Dataset``.
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset:
    """Base of datasets that give samples one after the other: define ``__iter__``.

    A loader takes them as they come: no sampler, no shuffling, and one thread alone fetches ahead.

    Examples
    --------
    >>> from optim.data import DataLoader
    >>> class Halves(IterableDataset):
    ...     def __iter__(self):
    ...         return iter([0.5, 0.25, 0.125])
    >>> [batch.tolist() for batch in DataLoader(Halves(), batch_size=2)]
    [[0.5, 0.25], [0.125]]

    Source: ``torch.utils.data.IterableDataset``.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class TensorDataset(Dataset):
    """Tensors of equal length; sample i is the tuple of their i-th entries.

    Shapes: tensors (N, ...) -> samples (...), batches (B, ...).

    Parameters
    ----------
    *tensors : Tensor or array
        The first axis counts the samples.

    Raises
    ------
    ValueError
        There is no tensor, or the lengths differ.

    Examples
    --------
    >>> import numpy as np
    >>> dataset = TensorDataset(np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]))
    >>> len(dataset), dataset[1]
    (3, (tensor([2., 3.], dtype=float64), tensor(1)))

    Source: ``torch.utils.data.TensorDataset``.
    """

    def __init__(self, *tensors: Any) -> None:
        if not tensors:
            raise ValueError("TensorDataset: got no tensors")
        self.tensors = tuple(t if isinstance(t, Tensor) else autograd.tensor(t) for t in tensors)
        shapes = [t.shape for t in self.tensors]
        if any(not shape or shape[0] != shapes[0][0] for shape in shapes):
            raise ValueError(
                f"TensorDataset: the tensors must have the same first axis, got shapes {shapes}"
            )

    def __len__(self) -> int:
        return int(self.tensors[0].shape[0])

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def batch(self, indices: Sequence[int]) -> list[Tensor]:
        """Return the samples of ``indices``, stacked: one gather for each tensor."""
        rows = np.asarray(indices)
        return [
            t[rows] if t.requires_grad else autograd.from_numpy(t.numpy()[rows])
            for t in self.tensors
        ]


class Subset(Dataset):
    """The samples of a dataset at ``indices``, in that order.

    Raises
    ------
    TypeError
        An index is no int; of a mask, give ``np.flatnonzero(mask)``.

    Examples
    --------
    >>> from optim.data import Subset
    >>> [Subset("abcd", [3, 0])[i] for i in range(2)]
    ['d', 'a']

    Source: ``torch.utils.data.Subset``.
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = [_index(i) for i in indices]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def batch(self, indices: Sequence[int]) -> Any:
        """Return the samples of ``indices``, collated."""
        return fetch(self.dataset, [self.indices[i] for i in indices])


class ConcatDataset(Dataset):
    """The samples of several datasets, one after the other.

    Raises
    ------
    ValueError
        There is no dataset.
    TypeError
        One has no length.

    Examples
    --------
    >>> joined = ConcatDataset(["ab", "cd"])
    >>> len(joined), joined[2], joined[-1]
    (4, 'c', 'd')

    Source: ``torch.utils.data.ConcatDataset``.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: got no datasets")
        for dataset in self.datasets:
            if not hasattr(dataset, "__len__"):
                raise TypeError(f"ConcatDataset: {type(dataset).__name__} has no length")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"ConcatDataset: index {index} is out of range for {size} samples")
        index %= size
        which = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]

    def batch(self, indices: Sequence[int]) -> Any:
        """Return the samples of ``indices``, collated: of tensors, one gather for each dataset."""
        if not all(_holds_tensors(dataset) for dataset in self.datasets):
            return fetch_each(self, indices, default_collate)
        places, ends = np.asarray(indices), np.asarray(self.cumulative_sizes)
        if places.size == 0 or places.min() < -len(self) or places.max() >= len(self):
            raise IndexError(f"ConcatDataset: an index is out of range for {len(self)} samples")
        places = places % len(self)
        which = np.searchsorted(ends, places, side="right")
        parts, taken = [], []
        for number in np.unique(which).tolist():
            (mine,) = np.nonzero(which == number)
            dataset = self.datasets[number]
            parts.append(fetch(dataset, (places[mine] - ends[number] + len(dataset)).tolist()))
            taken.append(mine)
        back = np.argsort(np.concatenate(taken))
        return [autograd.concat(column)[back] for column in zip(*parts, strict=True)]


def _index(i: Any) -> int:
    if isinstance(i, (bool, np.bool_)) or getattr(i, "dtype", None) == np.bool_:
        raise TypeError("Subset: indices must be ints, got a bool; give np.flatnonzero(mask)")
    try:
        return operator.index(i)
    except TypeError:
        raise TypeError(f"Subset: indices must be ints, got {i!r}") from None


def _holds_tensors(dataset: Any) -> bool:
    if type(dataset) is Subset:
        return _holds_tensors(dataset.dataset)
    if type(dataset) is ConcatDataset:
        return all(_holds_tensors(part) for part in dataset.datasets)
    return type(dataset) is TensorDataset


def is_plain(dataset: Any) -> bool:
    """Whether the samples are known to be the same whenever they are asked for."""
    if type(dataset) is Subset:
        return is_plain(dataset.dataset)
    if type(dataset) is ConcatDataset:
        return all(is_plain(part) for part in dataset.datasets)
    return type(dataset) in (TensorDataset, list, tuple, range, str)
