"""Storage: who shares an array with whom, and how often it was changed in place.

A ``Storage`` stands for one buffer; every Tensor on that buffer holds the same one.  Its
``version`` counts the in-place changes, so a rule can tell that a value it saved is no longer the
one that was used; ``rebased`` counts those that gave the root Tensor a new node, so a view knows
that its own node has to be derived again (``View``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.tensor import Tensor

Chain = tuple[tuple[Callable[..., Any], dict[str, Any]], ...]


class Storage:
    """The identity of a buffer, and the number of times it was changed in place."""

    __slots__ = ("rebased", "version")

    version: int
    rebased: int


class View:
    """How a Tensor looks into another: the root, the view ops that lead there, and when."""

    __slots__ = ("chain", "root", "stamp")

    def __init__(self, root: Tensor, chain: Chain, stamp: int) -> None:
        self.root = root
        self.chain = chain
        self.stamp = stamp


class Storages(Storage):
    """The storages of an op's several outputs, whose version is the number of all changes."""

    __slots__ = ("each",)

    def __init__(self, each: Sequence[Storage]) -> None:
        self.each = each

    @property
    def version(self) -> int:  # type: ignore[override]
        """How often any of them was changed in place."""
        return sum(storage.version for storage in self.each)


def new_storage() -> Storage:
    """Make a storage (a third of the time of calling the class: one is made for every array)."""
    storage: Storage = _new(Storage)
    storage.version = storage.rebased = 0
    return storage


_new: Any = object.__new__


def follow(value: Any, chain: Chain) -> Any:
    """Take the view that ``chain`` describes, of an array or of a Tensor."""
    for function, attributes in chain:
        value = function(value, **attributes)
    return value
