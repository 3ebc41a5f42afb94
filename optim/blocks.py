"""Updates in place, in blocks that fit the cache.

An update rule has many terms. Computed on whole arrays, each term is a pass through memory and a
temporary as large as the parameter; computed on blocks of 262,144 numbers, the terms of a block
stay in the cache, the temporaries are a few small buffers of the thread, and memory is passed once.
(Smaller blocks fit nearer caches and lose more to the calls: 65,536 numbers take a tenth longer,
and half as long again on two threads, which take turns between the calls.)
Blocks are cut by size alone, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.parallel import WORTH_SHARING, parallel_for

__all__ = ["Array", "Kernel", "approach", "decayed", "run_in_blocks", "update_in_place"]

Array = np.ndarray[Any, Any]
# kernel(w, g, slots, rooms): change w and the slots; rooms are buffers of its own, g is not written
Kernel = Callable[[Array, Array, Sequence[Array], Sequence[Array]], None]

BLOCK = 1 << 18
ROOMS = 4
SECONDS = 4e-9  # of work for each number, roughly
_held = threading.local()


def update_in_place(
    kernel: Kernel, parameter: Tensor, gradient: Any, slots: Sequence[Any] = ()
) -> None:
    """Run ``kernel(w, g, slots, rooms)`` on aligned pieces of parameter, gradient and slots.

    The kernel writes ``w`` and the slots, never ``g``, which may be read-only or shared. The pieces
    are one-dimensional; their memory may lie anyhow. The parameter counts as changed in place, as
    under ``no_grad``.

    Raises
    ------
    ValueError
        The parameter's memory is read-only.
    """
    payload = parameter.payload
    if type(payload) is not np.ndarray:  # a scalar's value is replaced, not written
        value = np.array([payload])
        pieces = [slot.reshape(1) for slot in slots]
        kernel(value, gradient.reshape(1), pieces, _rooms(value.dtype, 1))
        parameter.data = value[0]
        return
    if not payload.flags.writeable:
        raise ValueError(
            f"step: the parameter of shape {payload.shape} lies in read-only memory; give the "
            "optimiser a tensor with memory of its own, e.g. autograd.tensor(array)"
        )
    arrays = [payload, gradient, *slots]
    overlap = (gradient is payload or gradient.base is not None) and np.may_share_memory(
        payload, gradient
    )
    if overlap:
        _run_scattered(kernel, arrays)
    elif all([array.flags.c_contiguous for array in arrays]):
        run_in_blocks(kernel, [array.ravel() for array in arrays])
    elif all([array.flags.f_contiguous for array in arrays]):
        run_in_blocks(kernel, [array.T.ravel() for array in arrays])
    else:
        _run_scattered(kernel, arrays)
    if parameter.storage is not None:
        parameter.storage.touch()


def run_in_blocks(kernel: Kernel, arrays: list[Array]) -> None:
    """Run the kernel on pieces of vectors of one length: the first as w, the second as g."""
    first, *others = arrays
    size, dtype = first.size, first.dtype
    if size <= BLOCK:
        return kernel(first, others[0], others[1:], _rooms(dtype, size))
    blocks = -(-size // BLOCK)

    def work(block: int) -> None:
        start, stop = block * BLOCK, min((block + 1) * BLOCK, size)
        w, g, *slots = [array[start:stop] for array in arrays]
        kernel(w, g, slots, _rooms(dtype, stop - start))

    if size * SECONDS < WORTH_SHARING:
        for block in range(blocks):
            work(block)
    else:
        parallel_for(work, blocks, seconds=size * SECONDS)


def _run_scattered(kernel: Kernel, arrays: list[Array]) -> None:
    """Let NumPy gather pieces of arrays that are laid out differently, and write them back."""
    writes, reads = ["readwrite"], ["readonly"]
    pieces = np.nditer(
        arrays,
        flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[writes, reads, *[writes] * (len(arrays) - 2)],
        buffersize=BLOCK,
    )
    with pieces:
        for w, g, *slots in pieces:
            kernel(w, g, slots, _rooms(w.dtype, w.size))


def _rooms(dtype: np.dtype[Any], size: int) -> list[Array]:
    """Give the buffers of this thread; their slices are kept, as the same sizes come every step."""
    rooms = _held.__dict__.get((dtype, size))
    if rooms is None:
        whole = _held.__dict__.get(dtype)
        if whole is None:
            whole = _held.__dict__[dtype] = [np.empty(BLOCK, dtype) for _ in range(ROOMS)]
        rooms = _held.__dict__[dtype, size] = [room[:size] for room in whole]
    return rooms


def decayed(kernel: Kernel, *, shrink: float, decay: float, maximize: bool) -> Kernel:
    """Return the kernel with what all rules have in common before it.

    The decoupled weight decay w *= shrink; then the rule sees +-g + decay w in place of g.
    """
    if shrink == 1 and not decay and not maximize:
        return kernel

    def whole(w: Array, g: Array, slots: Sequence[Array], rooms: Sequence[Array]) -> None:
        *rooms, seen = rooms
        if shrink != 1:
            w *= shrink
        if decay:
            np.multiply(w, decay, out=seen)
            g = (np.subtract if maximize else np.add)(seen, g, out=seen)
        elif maximize:
            g = np.negative(g, out=seen)
        kernel(w, g, slots, rooms)

    return whole


def approach(mean: Array, end: Array, weight: float, room: Array) -> None:
    """Move ``mean`` to (1 - weight) mean + weight end, in place, from the nearer of the two.

    From the farther one the rounding would be that of the larger number: with weight 1 what was in
    ``mean`` would still be seen.
    """
    np.subtract(end, mean, out=room)
    if weight < 0.5:
        room *= weight
        mean += room
    else:
        room *= weight - 1
        np.add(end, room, out=mean)
