"""DataLoader: mini-batches of a dataset, in a new order each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .collate import fetch
from .sampler import BatchSampler, Generator, RandomSampler, SequentialSampler

__all__ = ["DataLoader"]


class DataLoader:
    """Iterate over mini-batches; every pass is an epoch.

    Parameters
    ----------
    dataset : Dataset or sequence
        Has a length and items.
    batch_size : int, optional
        Samples of a batch; None gives the samples themselves.
    shuffle : bool
        A new random order each epoch.
    sampler : iterable of int, optional
        The order, instead of ``shuffle``.
    batch_sampler : iterable of lists of int, optional
        The batches, instead of ``batch_size``, ``shuffle``, ``sampler`` and ``drop_last``.
    collate_fn : callable, optional
        Makes a batch of a list of samples; ``default_collate`` if not given.
    drop_last : bool
        Leave out a last batch that is not full.
    generator : np.random.Generator or int, optional
        Source of the order (or its seed); else ``autograd.manual_seed``'s.

    Raises
    ------
    ValueError
        Options exclude each other, or batch_size is below 1.

    Examples
    --------
    >>> import autograd
    >>> from optim.data import TensorDataset
    >>> loader = DataLoader(TensorDataset(autograd.arange(5)), batch_size=2)
    >>> [x.tolist() for (x,) in loader]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        *,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        generator: Generator = None,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: give a sampler or shuffle=True, not both")
        if batch_sampler is not None and (
            batch_size != 1 or shuffle or sampler is not None or drop_last
        ):
            raise ValueError(
                "DataLoader: batch_sampler replaces batch_size, shuffle, sampler and drop_last"
            )
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: drop_last needs a batch_size")
        if sampler is None:
            in_order = not shuffle
            sampler = SequentialSampler(dataset) if in_order else RandomSampler(dataset, generator)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size if batch_sampler is not None else None
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[Any]:
        if self.batch_sampler is None:
            for index in self.sampler:
                sample = self.dataset[index]
                yield sample if self.collate_fn is None else self.collate_fn(sample)
        else:
            for indices in self.batch_sampler:
                yield fetch(self.dataset, indices, self.collate_fn)

    def __len__(self) -> int:
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
