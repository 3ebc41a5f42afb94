"""How a module prints: PyTorch's format, one line a child, equal neighbours of a list as one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

__all__ = ["collapsed_repr", "module_repr"]


def module_repr(module: Any, children: Iterable[tuple[str, Any]]) -> str:
    """``Name(extra)`` for a leaf of the tree, else one indented line for each child."""
    return _assemble(module, [(name, repr(child)) for name, child in children])


def collapsed_repr(module: Any, children: Iterable[Any]) -> str:
    """As ``module_repr`` of numbered children; a run of equal ones is ``(0-2): 3 x ...``."""
    lines, start = [], 0
    for text, run in groupby(repr(child) for child in children):
        length = len(list(run))
        if length == 1:
            lines.append((str(start), text))
        else:
            lines.append((f"{start}-{start + length - 1}", f"{length} x {text}"))
        start += length
    return _assemble(module, lines)


def _assemble(module: Any, children: list[tuple[str, str]]) -> str:
    extra = module.extra_repr()
    lines = extra.split("\n") if extra else []
    if not children and len(lines) < 2:
        return f"{type(module).__name__}({extra})"
    lines += [f"({name}): {text}" for name, text in children]
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{type(module).__name__}(\n  {body}\n)"


def described(value: Any) -> str:
    """Return what a value is that should have been a module, and of a class how to make one."""
    if isinstance(value, type):
        return f"the class {value.__name__}; write {value.__name__}(...) to make one"
    return type(value).__name__
