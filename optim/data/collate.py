"""Collating: a batch out of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

__all__ = ["default_collate", "fetch"]


def fetch(
    dataset: Any, indices: Sequence[int], collate_fn: Callable[[list[Any]], Any] | None = None
) -> Any:
    """Return the samples of ``indices`` as a batch, by the dataset's own ``batch`` if it fits."""
    if collate_fn is None and _gathers(dataset):
        return dataset.batch(indices)
    return (collate_fn or default_collate)([dataset[i] for i in indices])


def _gathers(dataset: Any) -> bool:
    """Whether ``batch`` gives what ``__getitem__`` does: a subclass may change the latter alone."""
    for cls in type(dataset).__mro__:
        if "batch" in vars(cls):
            return True
        if "__getitem__" in vars(cls):
            return False
    return False


def default_collate(samples: list[Any]) -> Any:
    """Stack samples: tensors, arrays and numbers to a tensor; tuples, lists and dicts inside.

    Raises
    ------
    TypeError
        The samples are of another kind.
    ValueError
        Their shapes differ.
    """
    first = samples[0]
    if isinstance(first, (Tensor, np.ndarray, np.generic)):
        arrays = [np.asarray(s.payload if isinstance(s, Tensor) else s) for s in samples]
        if any(array.shape != arrays[0].shape for array in arrays):
            raise ValueError(
                "default_collate: the samples of a batch must have one shape, "
                f"got {sorted({array.shape for array in arrays})}; give a collate_fn"
            )
        return autograd.from_numpy(np.stack(arrays))
    if isinstance(first, (bool, int, float)):
        return autograd.tensor(samples)
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        if any(len(sample) != len(first) for sample in samples):
            raise ValueError("default_collate: the samples of a batch must have one length")
        return [default_collate(list(column)) for column in zip(*samples, strict=True)]
    if isinstance(first, str):
        return list(samples)
    raise TypeError(
        f"default_collate: cannot batch samples of type {type(first).__name__}; give a collate_fn"
    )
