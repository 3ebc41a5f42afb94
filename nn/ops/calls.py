"""A kernel's NumPy calls, prepared in one go and then made one after the other.

Threads that share a kernel need Python's lock between NumPy calls. One that finds it taken sleeps,
and wakes 30 us late. So each prepares all of its operands first, which takes the lock once; then
its calls follow each other with next to nothing of Python between them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["MANY", "Calls"]

MANY = 64  # calls that are worth preparing together
LEAST_ROWS = 8  # that lie evenly spaced: for fewer, items cost more than runs


class Calls:
    """Calls to be made, in order; copies of nothing are left out."""

    def __init__(self) -> None:
        self._prepared: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self._rooms: dict[tuple[Any, ...], np.ndarray] = {}

    def room(self, name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return an array to fill: the same for the same name and shape, to be filled again."""
        key = name, shape
        if key not in self._rooms:
            self._rooms[key] = np.empty(shape, dtype)
        return self._rooms[key]

    def add(self, function: Callable[..., object], *operands: Any) -> None:
        """Prepare ``function(*operands)``."""
        self._prepared.append((function, operands))

    def copy(self, target: np.ndarray, source: np.ndarray) -> None:
        """Prepare to copy an array (..., rows, columns) into another of its shape and dtype.

        NumPy copies run by run, and a run of 16 floats takes it 6 ns, most of that to begin. The
        same rows as items of 64 bytes take half of it.
        """
        *_, rows, columns = target.shape
        size = target.itemsize
        if rows >= LEAST_ROWS and columns > 1 and target.strides[-1] == source.strides[-1] == size:
            row = np.dtype((np.void, columns * size))
            target, source = target.view(row), source.view(row)
        if target.size:
            self.add(np.copyto, target, source)

    def clear(self, *targets: np.ndarray) -> None:
        """Prepare to set arrays to zero."""
        for target in targets:
            if target.size:
                self.add(np.copyto, target, 0)

    def make(self, least: int = 0) -> None:
        """Make the calls, if there are as many as ``least``."""
        if len(self._prepared) >= least:
            for function, operands in self._prepared:
                function(*operands)
            self._prepared.clear()
