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

LEAF_LOCK = threading.Lock()


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
            np.add(held.payload, c, held.payload)
        except ValueError:  # the user put a read-only array there
            leaf.grad = handle(held.payload + c, None)
        else:
            if held.storage is not None:
                held.storage.touch()
    elif held.node is not None or type(held.payload) is np.ndarray:
        leaf.grad = handle(held.payload + c, None)
    else:
        held.payload = held.payload + c
