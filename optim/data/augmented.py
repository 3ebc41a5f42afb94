"""A dataset whose inputs are transformed whenever they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .collate import default_collate, fetch, fetch_each
from .dataset import Dataset
from .transforms.base import unsafe

__all__ = ["Augmented"]


class Augmented(Dataset):
    """The samples of a dataset with ``transform`` applied to the input; labels stay.

    Sample i is (transform(x), ...) where the dataset's is (x, ...). A whole batch is transformed at
    once where the transforms can take it: 128 digits cropped and turned by RandomCrop and
    RandomRotation take a tenth of the time of one after the other.

    Parameters
    ----------
    dataset : Dataset
        Its samples are inputs, or tuples that begin with the input.
    transform : callable
        A transform, a ``Compose``, or a function of one input.
    label_safe : bool
        Say that the labels of these data stay true under transforms that are not safe for all
        data, such as a flip of photographs.

    Warns
    -----
    UserWarning
        A transform may make labels wrong, and ``label_safe`` does not say otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> from optim.data import DataLoader, TensorDataset
    >>> from optim.data.transforms import RandomCrop
    >>> data = TensorDataset(np.ones((6, 1, 8, 8)), np.arange(6))
    >>> for images, labels in DataLoader(Augmented(data, RandomCrop(8, padding=1)), batch_size=3):
    ...     print(images.shape, labels.tolist())
    (3, 1, 8, 8) [0, 1, 2]
    (3, 1, 8, 8) [3, 4, 5]

    Source: the ``transform=`` of torchvision's datasets.
    """

    def __init__(
        self, dataset: Any, transform: Callable[[Any], Any], *, label_safe: bool = False
    ) -> None:
        if not callable(transform):
            raise TypeError(
                f"Augmented: transform must be a function of an image, got {transform!r}"
            )
        doubtful = unsafe(transform)
        if doubtful and not label_safe:
            warnings.warn(
                f"Augmented: {', '.join(doubtful)} may make labels wrong, as a turned 6 is a 9; "
                "measure it with transforms.label_changes, or pass label_safe=True if the labels "
                "of these data stay true",
                stacklevel=2,
            )
        self.dataset = dataset
        self.transform = transform
        self.label_safe = label_safe or not doubtful

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        return self._transformed(self.dataset[index])

    def batch(self, indices: Sequence[int]) -> Any:
        """Return the samples of ``indices``, transformed and collated."""
        if getattr(self.transform, "batched", False):
            return self._transformed(fetch(self.dataset, indices))
        return fetch_each(self, indices, default_collate)

    def _transformed(self, sample: Any) -> Any:
        if isinstance(sample, (tuple, list)):
            changed = [self.transform(sample[0]), *sample[1:]]
            if hasattr(sample, "_fields"):
                return type(sample)(*changed)
            return type(sample)(changed)
        return self.transform(sample)
