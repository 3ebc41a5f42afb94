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


def receive(leaf: Any, c: Any) -> None:
    """Add an array or a scalar to a leaf's ``grad``; the caller holds ``LEAF_LOCK``."""
    held = leaf.grad
    if held is None:
        leaf.grad = handle(_owned(c), None)
    elif held.node is not None or not _writable(held.payload):
        leaf.grad = handle(held.payload + c, None)
    elif type(held.payload) is np.ndarray:
        np.add(held.payload, c, out=held.payload)
        if held.storage is not None:
            held.storage.version += 1
    else:
        held.payload = held.payload + c


def _writable(payload: Any) -> bool:
    return type(payload) is not np.ndarray or bool(payload.flags.writeable)


def _owned(c: Any) -> Any:
    """Return an array that nothing else refers to and that can be written."""
    if type(c) is np.ndarray and (c.base is not None or not c.flags.writeable):
        return c.copy()
    return c
