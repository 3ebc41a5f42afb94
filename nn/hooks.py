"""Hooks of modules: functions that see a call of a module before or after its ``forward``.

They live apart from ``Module`` because a module without hooks must not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.hooks import RemovableHandle, Table

__all__ = ["RemovableHandle", "Table", "register", "run_with_hooks"]


def register(table: Table, hook: Callable[..., Any]) -> RemovableHandle:
    """Add ``hook`` to ``table``; hooks run in the order of their registration."""
    if not callable(hook):
        raise TypeError(f"a hook must be callable, got {type(hook).__name__}")
    return RemovableHandle(table, hook)


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
