"""Updates in place, in blocks that fit the cache.

An update rule has many terms. Computed on whole arrays, each term is a pass through memory and a
temporary as large as the parameter; computed on blocks of 32,768 numbers, the terms of a block stay
in the cache, the temporaries are two small buffers of the thread, and memory is passed once. Blocks
are cut by size alone, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.parallel import parallel_for

__all__ = ["update_in_place"]

BLOCK = 1 << 15
_rooms = threading.local()


def update_in_place(
    kernel: Callable[..., None], parameter: Tensor, *arrays: np.ndarray[Any, Any]
) -> None:
    """Run ``kernel(value, *arrays, room, spare)`` on aligned blocks; ``value`` is the parameter's.

    The kernel writes the value and whichever of the arrays it owns; ``room`` and ``spare`` are
    buffers of its own. The parameter counts as changed in place, as under ``no_grad``.
    """
    payload = parameter.payload
    if type(payload) is not np.ndarray:  # a scalar's value is replaced, not written
        value = np.array([payload])
        kernel(value, *[np.reshape(array, 1) for array in arrays], *_buffers(value.dtype, 1))
        parameter.data = value[0]
        return
    _run(kernel, (payload, *arrays))
    if parameter.storage is not None:
        parameter.storage.touch()


def _run(kernel: Callable[..., None], arrays: tuple[np.ndarray[Any, Any], ...]) -> None:
    first = arrays[0]
    if not all(array.flags.c_contiguous for array in arrays):
        kernel(*arrays, np.empty_like(first), np.empty_like(first))
        return
    flat = [array.reshape(-1) for array in arrays]
    size = first.size

    def work(block: int) -> None:
        start, stop = block * BLOCK, min((block + 1) * BLOCK, size)
        kernel(*(a[start:stop] for a in flat), *_buffers(first.dtype, stop - start))

    if size <= BLOCK:
        work(0)
    else:
        parallel_for(work, -(-size // BLOCK), seconds=4e-9 * size)


def _buffers(dtype: np.dtype[Any], size: int) -> tuple[np.ndarray[Any, Any], ...]:
    """Two buffers of this thread."""
    held = _rooms.__dict__.get(dtype)
    if held is None:
        held = _rooms.__dict__[dtype] = (np.empty(BLOCK, dtype), np.empty(BLOCK, dtype))
    return held[0][:size], held[1][:size]
