"""How a leaf receives: contributions add up in ``.grad``, which belongs to the leaf alone.

Walks in several threads may share a leaf, so its sum is changed under a lock.  The Tensor in
``.grad`` stays the same from one contribution to the next, as in PyTorch, and whoever shares its
memory sees the sum grow.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from autograd.record import handle
from autograd.storage import Storage, new_storage, tick

LEAF_LOCK = threading.Lock()
add = np.add


class Lent:
    """An array that an op keeps as what it sent, and that has become a leaf's gradient.

    One array serves both until the gradient is changed in place, as the next backward does; then
    what the op sent is no longer known.
    """

    __slots__ = ("array", "since", "storage")

    def __init__(self, array: Any, storage: Storage) -> None:
        self.array = array
        self.storage = storage
        self.since = tick()

    def kept(self) -> Any:
        """Return the array, None if it was changed."""
        return self.array if self.storage.changed <= self.since else None

    @property
    def nbytes(self) -> int:
        """Bytes of the elements."""
        return int(self.array.nbytes)


def lend(leaf: Any, c: Any) -> Any:
    """Let a leaf that has no gradient take the array ``c``, which an op keeps, too.

    Returns what the op may keep of it, None if the leaf cannot take it.
    """
    if type(c) is not np.ndarray or c.base is not None or not c.flags.writeable:
        return None
    with LEAF_LOCK:
        if leaf.grad is not None:
            return None
        storage = new_storage()
        leaf.grad = handle(c, None, storage)
    return Lent(c, storage)


def receive(leaf: Any, c: Any, owned: bool) -> None:
    """Add an array or a scalar to a leaf's ``grad``; the caller holds ``LEAF_LOCK``.

    ``owned`` says that nothing else refers to the array ``c``.
    """
    held = leaf.grad
    if held is None:
        if type(c) is np.ndarray and not (owned and c.base is None and c.flags.writeable):
            c = c.copy()
        leaf.grad = handle(c, None)
    elif type(held.payload) is np.ndarray and held.view_of is None is held._node:
        try:
            add(held.payload, c, held.payload)
        except ValueError:  # the user put a read-only array there
            leaf.grad = handle(held.payload + c, None)
        else:
            if held.storage is not None:
                held.storage.touch()
    elif held.node is not None or type(held.payload) is np.ndarray:
        leaf.grad = handle(held.payload + c, None)
    else:
        held.payload = held.payload + c
