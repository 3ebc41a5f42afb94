"""DataLoader: mini-batches of a dataset, in a new order each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from .collate import fetch
from .position import Position, generator_state, placed, set_generator_state
from .sampler import (
    BatchSampler,
    Generator,
    RandomSampler,
    SequentialSampler,
    kept_generator,
    resolve_generator,
)

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
        self.generator = kept_generator(generator)
        if sampler is None:
            if shuffle:
                sampler = RandomSampler(dataset, self.generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size if batch_sampler is not None else None
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self._position = Position(epoch=0, start=[], ended=True)
        self._resumed = False  # the next pass goes on from the position

    def __iter__(self) -> Iterator[Any]:
        order, sources, position = self._order(), self._sources(), self._position
        if self._resumed:
            self._resumed = False
            with placed(sources, position.start):
                plan = iter(order)
                for _ in islice(plan, position.given):
                    pass
        else:
            start = [generator_state(source) for source in sources]
            position = self._position = Position(position.epoch + 1, start)
            plan = iter(order)
        return self._batches(plan, position)

    def _batches(self, plan: Iterator[Any], position: Position) -> Iterator[Any]:
        for indices in plan:
            batch = self._fetch(indices)
            position.given += 1
            yield batch
        position.ended = True

    def _fetch(self, indices: Any) -> Any:
        if self.batch_sampler is not None:
            return fetch(self.dataset, indices, self.collate_fn)
        sample = self.dataset[indices]
        return sample if self.collate_fn is None else self.collate_fn(sample)

    def __len__(self) -> int:
        return len(self._order())  # type: ignore[arg-type]

    def _order(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _sources(self) -> list[np.random.Generator]:
        """Return what the order is drawn from, of the sampler and of those that it holds."""
        found = {}
        at: Any = self._order()
        while at is not None:
            if type(at) not in (SequentialSampler, BatchSampler):
                source = resolve_generator(getattr(at, "generator", None))
                found[id(source)] = source
            at = getattr(at, "sampler", None)
        return list(found.values())

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader is, as arrays and numbers.

        ``epoch``: passes begun; ``inside``: whether the last of them has not ended; ``batches``:
        how many it has given; ``start``: the states of the generators when it began; ``now``: of
        those of its own, their states now; ``size``: batches of an epoch, or -1 if it has no
        length.

        The generator of ``autograd.manual_seed`` is the program's: keep
        ``autograd.get_rng_state()`` beside this state for the epochs that follow.

        Examples
        --------
        >>> import autograd
        >>> from optim.data import TensorDataset
        >>> def loader():
        ...     return DataLoader(TensorDataset(autograd.arange(6)), 2, shuffle=True, generator=5)
        >>> one = loader()
        >>> batches = iter(one)
        >>> _ = next(batches)
        >>> state = one.state_dict()
        >>> other = loader()
        >>> other.load_state_dict(state)
        >>> [x.tolist() for (x,) in other] == [x.tolist() for (x,) in batches]
        True

        Source: ``torchdata.stateful_dataloader.StatefulDataLoader``.
        """
        position = self._position
        return {
            "epoch": position.epoch,
            "inside": not position.ended,
            "batches": 0 if position.ended else position.given,
            "start": [] if position.ended else list(position.start),
            "now": [generator_state(source) for source in self._own_sources()],
            "size": self._size(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was taken: the next pass gives the batches left.

        Raises
        ------
        ValueError
            The state is of a loader with another number of batches or other generators, or is not
            a loader's.
        """
        missing = {"epoch", "inside", "batches", "start", "now", "size"} - set(state)
        if missing:
            raise ValueError(f"load_state_dict: the state of a loader has {sorted(missing)} too")
        if int(state["size"]) != self._size():
            raise ValueError(
                f"load_state_dict: the state is of a loader of {int(state['size'])} batches, "
                f"but this one has {self._size()}"
            )
        inside, own = bool(state["inside"]), self._own_sources()
        expected = len(self._sources()) if inside else 0
        if len(state["start"]) != expected or len(state["now"]) != len(own):
            raise ValueError(
                f"load_state_dict: the state is of {len(state['now'])} generators of its own, "
                f"but this loader has {len(own)}"
            )
        for source, now in zip(own, state["now"], strict=True):
            set_generator_state(source, now)
        start = [np.array(each, np.uint8) for each in state["start"]]
        self._position = Position(
            int(state["epoch"]), start, int(state["batches"]), ended=not inside
        )
        self._resumed = inside

    def _own_sources(self) -> list[np.random.Generator]:
        programs = resolve_generator(None)
        return [source for source in self._sources() if source is not programs]

    def _size(self) -> int:
        try:
            return len(self)
        except TypeError:
            return -1
