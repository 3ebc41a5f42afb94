"""Where a loader is: the epoch, how many of its batches were given, and how its order was drawn.

An order is not stored but drawn again: samplers draw all of it when they are iterated, so the
state of the generators at that moment gives back the same order, and the batches that were given
are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Position", "generator_state", "placed", "set_generator_state"]


@dataclass
class Position:
    """One pass over a loader: where it began, and how far it came."""

    epoch: int
    start: list[np.ndarray]  # the state of each generator before the order was drawn
    seed: int  # of the random numbers of its samples
    given: int = 0
    ended: bool = False


def generator_state(generator: np.random.Generator) -> np.ndarray:
    """Return the state of a generator as an array of bytes (of JSON)."""
    source = generator.bit_generator
    with source.lock:  # no draw in another thread is half-way
        state = source.state
    text = json.dumps(state, default=np.ndarray.tolist)
    return np.frombuffer(text.encode(), np.uint8)


def set_generator_state(generator: np.random.Generator, state: Any) -> None:
    """Put a generator where ``generator_state`` found it, or one of its kind.

    Raises
    ------
    ValueError
        The state is not one, or of another kind of generator.
    """
    source = generator.bit_generator
    try:
        read = json.loads(np.asarray(state, np.uint8).tobytes())
        kind = read["bit_generator"]
    except (TypeError, ValueError, KeyError):
        raise ValueError("load_state_dict: this is no state of a generator") from None
    if kind != type(source).__name__:
        raise ValueError(
            f"load_state_dict: the state is of a {kind} generator, but the loader draws from a "
            f"{type(source).__name__}"
        )
    with source.lock:
        source.state = read


@contextmanager
def placed(
    generators: Sequence[np.random.Generator], states: Sequence[np.ndarray]
) -> Iterator[None]:
    """Go back to ``states``, and afterwards to where the generators were."""
    now = [generator_state(generator) for generator in generators]
    try:
        for generator, state in zip(generators, states, strict=True):
            set_generator_state(generator, state)
        yield
    finally:
        for generator, state in zip(generators, now, strict=True):
            set_generator_state(generator, state)
