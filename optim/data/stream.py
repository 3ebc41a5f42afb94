"""Random numbers of a sample: the same whichever thread fetches it, and whenever.

A loader names each sample by its place, (batch, number in the batch), and the pass by a seed. What
draws while the sample is fetched (a transform, ``autograd.rand``) draws from a generator that is
made of the two, when it first asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any

import numpy as np

from autograd.random import stand_in

from .position import generator_state
from .sampler import Generator, kept_generator, resolve_generator

__all__ = ["Abandoned", "OwnGenerator", "Stream"]


class Abandoned(Exception):  # noqa: N818
    """Raised in a worker whose batch nobody waits for any more."""


class Stream:
    """The numbers of the place that is being fetched; called, it returns their generator.

    One thread has it, and moves it from sample to sample; a generator is made only for a sample
    that asks for one.
    """

    def __init__(self, seed: int, place: tuple[int, ...], stop: Event | None = None) -> None:
        self.seed = seed
        self.place = place
        self.stop = stop
        self._drawing: dict[int, np.random.Generator] = {}

    def __call__(self) -> np.random.Generator:
        """Return the place's generator, made when it is first asked for."""
        return self.keyed(0)

    def keyed(self, key: int) -> np.random.Generator:
        """Return the place's generator for who holds ``key``."""
        generator = self._drawing.get(key)
        if generator is None:
            sequence = np.random.SeedSequence((self.seed, key), spawn_key=self.place)
            generator = self._drawing[key] = np.random.Generator(np.random.PCG64(sequence))
        return generator

    def places(self, numbers: Iterable[Any]) -> Iterator[Any]:
        """Yield each of ``numbers`` with the stream at its place within this one.

        Raises
        ------
        Abandoned
            Nobody waits for the batch any more.
        """
        place, drawing = self.place, self._drawing
        for number, value in enumerate(numbers):
            if self.stop is not None and self.stop.is_set():
                raise Abandoned
            self.place, self._drawing = (*place, number), {}
            yield value
        self.place, self._drawing = place, drawing


class OwnGenerator:
    """A generator that a transform holds: its numbers in turn, or by place inside a loader."""

    def __init__(self, generator: Generator = None) -> None:
        self.given = kept_generator(generator)
        self._key: int | None = None
        if self.given is not None:
            import hashlib  # here: to import it takes 3 ms

            # Follows from the generator's state, and draws nothing from it.
            state = generator_state(resolve_generator(self.given)).tobytes()
            self._key = int.from_bytes(hashlib.sha256(state).digest()[:16], "little")

    def __call__(self) -> np.random.Generator:
        """Return what to draw from here and now."""
        stream = stand_in()
        if self._key is None or not isinstance(stream, Stream):
            return resolve_generator(self.given)
        return stream.keyed(self._key)
