"""Random numbers of a sample: the same whichever thread fetches it, and whenever.

A loader names each sample by its place, (batch, number in the batch), and the pass by a seed. What
draws while the sample is fetched (a transform, ``autograd.rand``) draws from a generator that is
made of the two, when it first asks.
"""

from __future__ import annotations

from threading import Event

import numpy as np

from autograd.random import stand_in

from .position import generator_state, seed_of
from .sampler import Generator, kept_generator, resolve_generator

__all__ = ["Abandoned", "OwnGenerator", "Stream"]


class Abandoned(Exception):  # noqa: N818
    """Raised in a worker whose batch nobody waits for any more."""


class Stream:
    """The numbers of one place; called, it returns their generator."""

    def __init__(self, seed: int, place: tuple[int, ...], stop: Event | None = None) -> None:
        self.seed = seed
        self.place = place
        self.stop = stop
        self._generator: np.random.Generator | None = None

    def __call__(self) -> np.random.Generator:
        """Return the place's generator, made when it is first asked for."""
        if self._generator is None:
            self._generator = self.drawn(self.seed)
        return self._generator

    def drawn(self, *entropy: int) -> np.random.Generator:
        """Return a new generator for this place."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=self.place))
        )

    def at(self, number: int) -> Stream:
        """Return the numbers of a place within this one, unless the batch is abandoned."""
        if self.stop is not None and self.stop.is_set():
            raise Abandoned
        return Stream(self.seed, (*self.place, number), self.stop)


class OwnGenerator:
    """A generator that a transform holds: its numbers in turn, or by place inside a loader."""

    def __init__(self, generator: Generator = None) -> None:
        self.given = kept_generator(generator)
        self._key = None
        if self.given is not None:
            self._key = seed_of(generator_state(resolve_generator(self.given)))

    def __call__(self) -> np.random.Generator:
        """Return what to draw from here and now."""
        stream = stand_in()
        if self._key is None or not isinstance(stream, Stream):
            return resolve_generator(self.given)
        return stream.drawn(stream.seed, self._key)
