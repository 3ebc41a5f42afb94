"""Hooks of modules: functions that see a call of a module before or after its ``forward``.

They live apart from ``Module`` because a module without hooks must not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

__all__ = ["RemovableHandle", "register", "run_with_hooks"]

_serial = count()


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away again.

    As a context manager it removes the hook at the end of the block.
    """

    def __init__(self, table: dict[int, Callable[..., Any]], key: int) -> None:
        self._table = table
        self._key = key

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        self._table.pop(self._key, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def register(table: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> RemovableHandle:
    """Add ``hook`` to ``table``; hooks run in the order of their registration."""
    if not callable(hook):
        raise TypeError(f"a hook must be callable, got {type(hook).__name__}")
    key = next(_serial)
    table[key] = hook
    return RemovableHandle(table, key)


def run_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call ``module.forward`` between its pre-hooks and its hooks.

    A pre-hook ``hook(module, args)`` may return new positional arguments (a single value counts
    as one argument); a hook ``hook(module, args, output)`` may return a new output.
    """
    for hook in list(module._forward_pre_hooks.values()):
        changed = hook(module, args)
        if changed is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
    output = module.forward(*args, **kwargs)
    for hook in list(module._forward_hooks.values()):
        changed = hook(module, args, output)
        if changed is not None:
            output = changed
    return output
