"""Datasets: a length and an item for each index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .collate import fetch
from .sampler import Generator, resolve_generator

__all__ = ["Dataset", "Subset", "TensorDataset", "random_split"]


class Dataset:
    """Base of datasets: define ``__len__`` and ``__getitem__``.

    A dataset that can fetch many samples at once better than one after the other also defines
    ``batch(indices)``, which returns them collated.
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__")


class TensorDataset(Dataset):
    """Tensors of equal length; sample i is the tuple of their i-th entries.

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
        return [autograd.from_numpy(t.detach().numpy()[rows]) for t in self.tensors]


class Subset(Dataset):
    """The samples of a dataset at ``indices``, in that order."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = [int(i) for i in indices]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def batch(self, indices: Sequence[int]) -> Any:
        """Return the samples of ``indices``, collated."""
        return fetch(self.dataset, [self.indices[i] for i in indices])


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator = None
) -> list[Subset]:
    """Split a dataset at random into disjoint parts.

    Parameters
    ----------
    dataset : Dataset
        Every sample goes to one part.
    lengths : sequence of int or of float
        Sizes that sum to ``len(dataset)``, or fractions that sum to 1.
    generator : np.random.Generator or int, optional
        A generator or a seed; else ``autograd.manual_seed``'s.

    Raises
    ------
    ValueError
        The sizes do not sum up.
    """
    size = len(dataset)
    if abs(sum(lengths) - 1) < 1e-9 and all(0 <= n <= 1 for n in lengths):
        sizes = [int(n * size) for n in lengths]
        for i in range(size - sum(sizes)):  # what rounding left over, one each
            sizes[i % len(sizes)] += 1
    else:
        sizes = [int(n) for n in lengths]
    if sum(sizes) != size:
        raise ValueError(
            f"random_split: lengths {list(lengths)} must sum to the dataset's {size} or to 1"
        )
    order = resolve_generator(generator).permutation(size).tolist()
    ends = np.cumsum(sizes).tolist()
    return [Subset(dataset, order[end - n : end]) for n, end in zip(sizes, ends, strict=True)]
