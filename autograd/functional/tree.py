"""Trees: tensors in nested tuples, lists and dicts, as a function takes and returns them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

# What is left of a tree whose leaves were taken out: a function that puts others in.
Rebuild = Callable[[Iterator[Any]], Any]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """Return the leaves of a tree, and the function that builds such a tree of other leaves."""
    leaves: list[Any] = []
    return leaves, _take(tree, leaves)


def _take(tree: Any, leaves: list[Any]) -> Rebuild:
    if isinstance(tree, dict):
        branches = {key: _take(value, leaves) for key, value in tree.items()}
        return lambda source: {key: branch(source) for key, branch in branches.items()}
    if isinstance(tree, (tuple, list)):
        items = [_take(item, leaves) for item in tree]
        kind: Any = type(tree)
        if hasattr(kind, "_make"):  # a NamedTuple, such as max(dim) returns
            kind = kind._make
        return lambda source: kind([item(source) for item in items])
    leaves.append(tree)
    return next


def build(rebuild: Rebuild, leaves: Any) -> Any:
    """Return the tree with these leaves."""
    return rebuild(iter(leaves))


def structure(tree: Any) -> str:
    """Return a tree as text with ``*`` for its leaves, for comparison and for errors."""
    leaves, rebuild = flatten(tree)
    return repr(build(rebuild, [_Star()] * len(leaves)))


class _Star:
    def __repr__(self) -> str:
        return "*"
