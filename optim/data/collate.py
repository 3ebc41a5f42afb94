"""Collating: a batch out of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from copy import copy
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.random import stand_in

from .stream import Stream

__all__ = ["default_collate", "default_convert", "fetch", "fetch_each", "fetch_one"]


def fetch(
    dataset: Any, indices: Sequence[int], collate_fn: Callable[[list[Any]], Any] | None = None
) -> Any:
    """Return the samples of ``indices`` as a batch, by the dataset's own ``batch`` if it fits."""
    if collate_fn is None and gathers(dataset):
        try:
            return dataset.batch(indices)
        except IndexError as error:
            for index in indices:
                _refuse_out_of_range(dataset, index, error)
            raise
    return fetch_each(dataset, indices, collate_fn or default_collate)


def fetch_each(dataset: Any, indices: Sequence[int], collate_fn: Callable[[list[Any]], Any]) -> Any:
    """Return the samples of ``indices`` as a batch, asked for one by one."""
    stream = stand_in()
    if isinstance(stream, Stream):  # the same numbers for a sample, whoever fetches it
        indices = stream.places(indices)  # type: ignore[assignment]
    return collate_fn([fetch_one(dataset, index) for index in indices])


def fetch_one(dataset: Any, index: int) -> Any:
    """Return one sample; what it raises names it."""
    try:
        return dataset[index]
    except StopIteration as error:  # would end the generators that it passes
        raise RuntimeError(
            f"sample {index!r} of a {type(dataset).__name__} raised StopIteration"
        ) from error
    except Exception as error:
        if isinstance(error, IndexError):
            _refuse_out_of_range(dataset, index, error)
        error.add_note(f"raised by sample {index!r} of a {type(dataset).__name__}")
        raise


def _refuse_out_of_range(dataset: Any, index: Any, error: IndexError) -> None:
    size = len(dataset) if hasattr(dataset, "__len__") else None
    if size is not None and isinstance(index, (int, np.integer)) and not -size <= index < size:
        raise IndexError(
            f"sample {index} is out of range: the {type(dataset).__name__} has {size} samples"
        ) from error


def gathers(dataset: Any) -> bool:
    """Whether ``batch`` gives what ``__getitem__`` does: a subclass may change the latter alone."""
    for cls in type(dataset).__mro__:
        if "batch" in vars(cls):
            return True
        if "__getitem__" in vars(cls):
            return False
    return False


def default_collate(samples: list[Any]) -> Any:
    """Stack samples: tensors, arrays and numbers to a tensor; tuples, lists and dicts inside.

    Shapes: samples of shape (...) -> (N, ...). Python floats become float64.

    Raises
    ------
    TypeError
        The samples are of another kind.
    ValueError
        Their shapes, lengths or keys differ.

    Examples
    --------
    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ['a', 'b']]

    Source: ``torch.utils.data.default_collate``.
    """
    first = samples[0]
    if isinstance(first, (Tensor, np.ndarray, np.generic)):
        arrays = [np.asarray(s.payload if isinstance(s, Tensor) else s) for s in samples]
        odd = next((array.dtype for array in arrays if array.dtype.kind not in "fiub"), None)
        if odd is not None:
            raise TypeError(f"default_collate: cannot batch arrays of {odd}; give a collate_fn")
        if any(array.shape != arrays[0].shape for array in arrays):
            raise ValueError(
                "default_collate: the samples of a batch must have one shape, "
                f"got {sorted({array.shape for array in arrays})}; give a collate_fn"
            )
        if any(isinstance(s, Tensor) and s.requires_grad for s in samples):
            return autograd.stack(samples)
        return autograd.from_numpy(np.stack(arrays))
    if isinstance(first, float):
        return autograd.tensor(samples, dtype=np.float64)
    if isinstance(first, (bool, int)):
        return autograd.tensor(samples)
    if isinstance(first, (str, bytes)):
        return list(samples)
    if isinstance(first, Mapping):
        if any(sample.keys() != first.keys() for sample in samples):
            raise ValueError("default_collate: the samples of a batch must have the same keys")
        columns = {key: default_collate([sample[key] for sample in samples]) for key in first}
        if type(first) is dict or not isinstance(first, MutableMapping):
            return columns
        batch = copy(first)  # of the samples' own type, as is a defaultdict with its default
        batch.update(columns)
        return batch
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in samples):
            raise ValueError("default_collate: the samples of a batch must have one length")
        parts = [default_collate(list(column)) for column in zip(*samples, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: cannot batch samples of type {type(first).__name__}; give a collate_fn"
    )


def default_convert(sample: Any) -> Any:
    """Return a sample that is not batched: arrays as tensors, also inside tuples, lists and dicts.

    Examples
    --------
    >>> default_convert((np.arange(2), "a"))
    (tensor([0, 1]), 'a')

    Source: ``torch.utils.data.default_convert``.
    """
    if isinstance(sample, (np.ndarray, np.generic)) and sample.dtype.kind not in "SUO":
        return autograd.tensor(sample)
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, (tuple, list)):
        converted = [default_convert(value) for value in sample]
        if hasattr(sample, "_fields"):
            return type(sample)(*converted)
        return type(sample)(converted)
    return sample
