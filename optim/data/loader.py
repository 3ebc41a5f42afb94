"""DataLoader: mini-batches of a dataset, in a new order each epoch."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

import autograd
from autograd.random import drawing_from

from .collate import default_collate, default_convert, fetch, fetch_one
from .dataset import IterableDataset, is_plain
from .position import Position, generator_state, placed, set_generator_state
from .sampler import (
    BatchSampler,
    Generator,
    RandomSampler,
    Sampler,
    SequentialSampler,
    kept_generator,
    resolve_generator,
)
from .stream import Stream
from .workers import run_ahead

__all__ = ["DataLoader"]

_IN_ORDER = (SequentialSampler, BatchSampler)  # draw nothing themselves
_END = object()  # what fetching from an iterable returns after the last batch


class DataLoader:
    """Iterate over mini-batches; every pass is an epoch.

    Random transforms draw, for each sample, from numbers that follow from a seed of the epoch and
    the sample's place in it: the same batches come with any number of workers. The seed is drawn
    from the generator as an epoch begins, unless the dataset only holds tensors.

    Parameters
    ----------
    dataset : Dataset, IterableDataset or sequence
        Has a length and items, or gives samples one after the other.
    batch_size : int, optional
        Samples of a batch; None gives the samples themselves.
    shuffle : bool
        A new random order each epoch.
    sampler : iterable of int, optional
        The order, instead of ``shuffle``.
    batch_sampler : iterable of lists of int, optional
        The batches, instead of ``batch_size``, ``shuffle``, ``sampler`` and ``drop_last``.
    num_workers : int
        Threads that fetch ahead, in order; 0 fetches when a batch is asked for. They end with the
        pass, also when it is left or a sample raises.
    collate_fn : callable, optional
        Makes a batch of a list of samples; ``default_collate`` if not given.
    pin_memory : bool
        Taken for PyTorch's sake: there is no other memory to copy to.
    drop_last : bool
        Leave out a last batch that is not full.
    generator : autograd.Generator, np.random.Generator or int, optional
        Source of the order (or its seed); else ``autograd.manual_seed``'s.
    prefetch_factor : int, optional
        Batches that each worker may be ahead; 2 if not given.
    persistent_workers : bool
        Taken for PyTorch's sake: threads are quickly made.

    Raises
    ------
    ValueError
        Options exclude each other, a number is out of range, or there is nothing to shuffle.
    TypeError
        ``batch_size`` or ``num_workers`` is no int.
    IndexError
        While iterating: the sampler gives an index that the dataset has not.
    Exception
        While iterating: what the dataset raises, in its turn, with a note that names the sample.

    Warns
    -----
    UserWarning
        ``drop_last`` leaves no batch.

    Examples
    --------
    >>> import autograd
    >>> from optim.data import TensorDataset
    >>> loader = DataLoader(TensorDataset(autograd.arange(5)), batch_size=2)
    >>> [x.tolist() for (x,) in loader]
    [[0, 1], [2, 3], [4]]

    Source: ``torch.utils.data.DataLoader``.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        *,
        generator: Generator = None,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
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
        self._as_it_comes = isinstance(dataset, IterableDataset)
        if not self._as_it_comes and not hasattr(dataset, "__getitem__"):
            hint = "; make it an IterableDataset" if hasattr(dataset, "__iter__") else ""
            raise TypeError(
                "DataLoader: a dataset has a length and an item for each index, got "
                f"{type(dataset).__name__}{hint}"
            )
        if self._as_it_comes and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader: an IterableDataset has an order of its own: give no shuffle, sampler "
                "or batch_sampler"
            )
        self.num_workers, self.prefetch_factor = _workers(num_workers, prefetch_factor)
        self.generator = kept_generator(generator)
        if self._as_it_comes:
            sampler = dataset  # what is batched is the samples, not their indices
        elif shuffle:
            sampler = RandomSampler(dataset, generator=self.generator)
        elif sampler is None:
            sampler = SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size if batch_sampler is not None else None
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn
        self.pin_memory = pin_memory
        self.persistent_workers = persistent_workers
        self.drop_last = drop_last
        self._position = Position(epoch=0, start=[], seed=0, ended=True)
        self._resumed = False  # the next pass goes on from the position
        if drop_last and self._sizes()["batches"] == 0:
            warnings.warn(
                f"DataLoader: drop_last leaves no batch of {batch_size} samples, the dataset has "
                f"{len(dataset)}",
                stacklevel=2,
            )

    def __iter__(self) -> Iterator[Any]:
        sources, position = self._sources(), self._position
        if self._resumed:
            self._resumed = False
            with placed(sources, position.start):
                plan = iter(self._order())
                for number in range(position.given):
                    with drawing_from(Stream(position.seed, (number,))):
                        next(plan, None)
        else:
            # An evaluation on tensors draws nothing, so it does not change what training draws.
            seed = 0 if is_plain(self.dataset) else int(sources[0].integers(1 << 63))
            start = [generator_state(source) for source in sources]
            position = self._position = Position(position.epoch + 1, start, seed)
            plan = iter(self._order())
        return self._batches(plan, position)

    def __len__(self) -> int:
        return len(self._order())  # type: ignore[arg-type]

    def _order(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _batches(self, plan: Iterator[Any], position: Position) -> Iterator[Any]:
        stop = threading.Event()
        calls = self._calls(plan, position, stop)
        if self.num_workers == 0:
            results: Any = (call() for call in calls)
        else:
            workers = 1 if self._as_it_comes else self.num_workers
            results = run_ahead(calls, workers, workers * self.prefetch_factor, stop)
        with closing(results):
            for batch in results:
                if batch is _END:
                    break
                position.given += 1
                yield batch
        position.ended = True

    def _calls(
        self, plan: Iterator[Any], position: Position, stop: threading.Event
    ) -> Iterator[Callable[[], Any]]:
        """Yield for each batch what fetches it."""
        number, seed = position.given, position.seed
        while True:
            stream = Stream(seed, (number,), stop)
            if self._as_it_comes:
                yield partial(self._take, plan, stream)
            else:
                try:
                    indices = next(plan)
                except StopIteration:
                    return
                yield partial(self._fetch, indices, stream)
            number += 1

    def _fetch(self, indices: Any, stream: Stream) -> Any:
        with drawing_from(stream):
            try:
                if self.batch_sampler is not None:
                    return fetch(self.dataset, indices, self.collate_fn)
                return (self.collate_fn or default_convert)(fetch_one(self.dataset, indices))
            except Exception as error:
                error.add_note(f"DataLoader: in batch {stream.place[0]} of the epoch")
                raise

    def _take(self, plan: Iterator[Any], stream: Stream) -> Any:
        convert = default_convert if self.batch_sampler is None else default_collate
        with drawing_from(stream):
            try:
                samples = next(plan, _END)
                return samples if samples is _END else (self.collate_fn or convert)(samples)
            except Exception as error:
                error.add_note(f"DataLoader: in batch {stream.place[0]} of the epoch")
                raise

    def _sources(self) -> list[np.random.Generator]:
        """Return the loader's generator and those that its samplers draw from."""
        programs = resolve_generator(self.generator)
        found = {id(programs): programs}
        at: Any = self._order()
        while at is not None:
            own = getattr(at, "generator", None)
            if not isinstance(own, (autograd.Generator, np.random.Generator)):
                own = None
            if own is not None or (isinstance(at, Sampler) and type(at) not in _IN_ORDER):
                source = resolve_generator(own)
                found[id(source)] = source
            at = getattr(at, "sampler", None)
        return list(found.values())

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader is, as arrays and numbers.

        ``epoch``: passes begun; ``inside``: whether the last of them has not ended; ``batches``:
        how many it has given; ``start``: the states of the generators when it began; ``now``: of
        those of its own, their states now; ``seed``: of the random numbers of its samples;
        ``sizes``: samples of the dataset, batches of an epoch and samples of a batch, -1 where
        there is no such number.

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
            "seed": position.seed,
            "sizes": np.array(list(self._sizes().values())),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was taken: the next pass gives the batches left.

        Raises
        ------
        ValueError
            The state is of a loader of other data, batches or generators, or is not a loader's.
        """
        missing = {"epoch", "inside", "batches", "start", "now", "seed", "sizes"} - set(state)
        if missing:
            raise ValueError(f"load_state_dict: the state of a loader has {sorted(missing)} too")
        for (what, here), there in zip(self._sizes().items(), state["sizes"], strict=True):
            if int(there) != here:
                raise ValueError(
                    f"load_state_dict: the state is of a loader with {int(there)} {what}, "
                    f"but this one has {here}"
                )
        inside, own = bool(state["inside"]), self._own_sources()
        expected = len(self._sources()) if inside else 0
        if len(state["start"]) != expected or len(state["now"]) != len(own):
            raise ValueError(
                f"load_state_dict: the state is of {len(state['now'])} generators of its own, "
                f"but this loader has {len(own)}"
            )
        start = [np.array(each, np.uint8) for each in state["start"]]
        with placed(self._sources() if inside else [], start):
            pass  # a state that does not fit raises now
        for source, now in zip(own, state["now"], strict=True):
            set_generator_state(source, now)
        self._position = Position(
            int(state["epoch"]), start, int(state["seed"]), int(state["batches"]), not inside
        )
        self._resumed = inside

    def _own_sources(self) -> list[np.random.Generator]:
        programs = resolve_generator(None)
        return [source for source in self._sources() if source is not programs]

    def _sizes(self) -> dict[str, int]:
        """Return what a loader must have in common with another to go on from its place."""
        sizes = {}
        for what, counted in (("samples", self.dataset), ("batches", self)):
            try:
                sizes[what] = len(counted)
            except (TypeError, NotImplementedError):
                sizes[what] = -1
        return {**sizes, "samples in a batch": getattr(self.batch_sampler, "batch_size", -1)}


def _workers(num_workers: Any, prefetch_factor: Any) -> tuple[int, int]:
    """Return how many threads, and how many batches each is ahead."""
    for name, number, least in (
        ("num_workers", num_workers, 0),
        ("prefetch_factor", 2 if prefetch_factor is None else prefetch_factor, 1),
    ):
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
            raise TypeError(f"DataLoader: {name} must be an int, got {number!r}")
        if number < least:
            raise ValueError(f"DataLoader: {name} must be at least {least}, got {number}")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError("DataLoader: prefetch_factor needs num_workers above 0")
    return int(num_workers), int(prefetch_factor or 2)
