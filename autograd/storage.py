"""Storage: who shares an array with whom, and how often it was changed in place.

A ``Storage`` stands for one buffer; every Tensor on that buffer holds the same one.  Ops and
in-place changes are numbered by one clock, ``tick``: a storage whose last change is later than an
op's record no longer holds what the op used, so nothing but the storage has to be remembered of a
saved value.  ``version`` counts the changes; ``rebased`` counts those that gave the root Tensor a
new node, so a view knows that its own node has to be derived again (``View``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.tensor import Tensor

clock = count(1)  # of ops and changes
tick = clock.__next__

# How a view was taken, (), or (the chain before it, function, attributes): a view of a view shares
# the chain of that one, so that a million of them take a million links, not as many chains.
Chain = tuple[()] | tuple["Chain", Callable[..., Any], dict[str, Any]]


class Storage:
    """The identity of a buffer, and when and how often it was changed in place."""

    __slots__ = ("changed", "rebased", "version")

    changed: int
    version: int
    rebased: int

    def touch(self) -> None:
        """Note that the buffer has just been changed in place."""
        self.version += 1
        self.changed = tick()


class View:
    """How a Tensor looks into another: the root, the view ops that lead there, and when."""

    __slots__ = ("_root", "chain", "stamp")

    def __init__(self, root: Tensor, chain: Chain, stamp: int) -> None:
        self._root = root
        self.chain = chain
        self.stamp = stamp

    @property
    def root(self) -> Tensor:
        """The tensor that owns the memory, in the shape from which the chain starts."""
        root = self._root
        while root.view_of is not None:  # its shape was changed in place: ops/shape_in_place.py
            root = self._root = root.view_of._root
        return root


class Storages(Storage):
    """The storages of an op's several outputs, changed when any of them was."""

    __slots__ = ("each",)

    def __init__(self, each: Sequence[Storage]) -> None:
        self.each = each

    @property
    def changed(self) -> int:  # type: ignore[override]
        """When one of them was changed last."""
        return max(storage.changed for storage in self.each)


def new_storage() -> Storage:
    """Make a storage that was never changed."""
    storage = Storage()
    storage.changed = storage.version = storage.rebased = 0
    return storage


def follow(value: Any, chain: Chain) -> Any:
    """Take the view that ``chain`` describes, of an array or of a Tensor."""
    links = []
    while chain:
        chain, function, attributes = chain
        links.append((function, attributes))
    for function, attributes in reversed(links):
        value = function(value, **attributes)
    return value
