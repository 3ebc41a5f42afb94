"""How a leaf receives: contributions add up in ``.grad``, which belongs to the leaf alone.

What it is sent it takes as it is where nothing else refers to the memory; else it copies.

Walks in several threads may share a leaf, so its sum is changed under a lock.  The Tensor in
``.grad`` stays the same from one contribution to the next, as in PyTorch, and whoever shares its
memory sees the sum grow.
"""

from __future__ import annotations

import threading
from itertools import pairwise
from sys import getrefcount
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


def tile(views: list[Any], base: Any) -> bool:
    """Tell whether views of ``base`` lie side by side, without gaps, and fill it."""
    if sum([c.nbytes for c in views]) != base.nbytes or not base.nbytes:
        return False
    if not all([c.flags.c_contiguous for c in views]):
        return False
    ends = sorted([(c.ctypes.data, c.ctypes.data + c.nbytes) for c in views])
    return all([end == start for (_, end), (start, _) in pairwise(ends)])


def complete(pending: dict[Any, Any], nodes: list[Any]) -> set[Any]:
    """Return those of the nodes whose sums are views that make up an array of nobody else's."""
    sharing: dict[int, list[Any]] = {}
    for node in nodes:
        if node in pending and pending[node].base is not None:
            sharing.setdefault(id(pending[node].base), []).append(node)
    found = set()
    for group in sharing.values():
        views = [pending[node] for node in group]
        if (
            all([getrefcount(pending[node]) == 3 for node in group])  # dict, list, argument
            and getrefcount(views[0].base) == len(views) + 1  # the views', the argument
            and views[0].base.flags.owndata
            and tile(views, views[0].base)
        ):
            found.update(group)
    return found


def receive(leaf: Any, c: Any, owned: bool, view: bool = False) -> None:
    """Add an array or a scalar to a leaf's ``grad``; the caller holds ``LEAF_LOCK``.

    ``owned`` says that nothing else refers to the array ``c``, which may be a ``view`` then of
    memory that is the leaf's, too.
    """
    held = leaf.grad
    if held is None:
        mine = owned and (view or c.base is None)
        if type(c) is np.ndarray and not (mine and c.flags.writeable):
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
