"""Putting a mutant into the running package: functions keep their identity and change their code.

Rows, closures and tables of methods refer to function objects; whatever refers to one runs its
new code from then on.  The functions that autograd.generate writes from rows would hold the
shortest formulas as text, so ``write_every_call`` has to be called before autograd is imported.
"""

from __future__ import annotations

import collections
import functools
import gc
import importlib.util
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import Mutant


class _WithoutText:
    """An import hook: generated functions call each formula, where it would be their own text."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        if name not in CHANGES:
            return None
        change = CHANGES.pop(name)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module
        return spec


def _write_calls(operators: Any) -> None:
    operators._OPERATORS.clear()
    operators._FUNCTIONS.clear()


def _apply_numbers(rules: Any) -> None:
    """Let a partial be a number, as an operand is whose formula `lambda y: y` is not text."""
    apply = rules.Support.apply

    def apply_any(upstream: Any, partial: Any) -> Any:
        return apply(upstream, partial) if hasattr(partial, "dtype") else upstream * partial

    rules.Support.apply = staticmethod(apply_any)


CHANGES: dict[str, Callable[[Any], None]] = {
    "autograd.generate.operators": _write_calls,
    "autograd.rules": _apply_numbers,
}


def write_every_call() -> None:
    """Let the generated functions call each rule and each forward."""
    if "autograd" in sys.modules:
        raise RuntimeError("autograd was imported before")
    sys.meta_path.insert(0, _WithoutText())


def pairs(plain: CodeType, mutated: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the code objects in which two compilations of a file differ."""
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (plain, mutated)]
    for before, after in zip(*inner, strict=True):
        if before != after or before.co_linetable != after.co_linetable:
            yield before, after
        yield from pairs(before, after)


class Unfit(Exception):
    """The change leaves a closure without one of its variables."""


@functools.cache
def live() -> tuple[dict[str, list[FunctionType]], list[Any]]:
    """Return the functions of each module of autograd, and its caches.

    Asked once before the forks, since a child that looks at every object gets a copy of it.
    """
    functions: dict[str, list[FunctionType]] = collections.defaultdict(list)
    caches = []
    for found in gc.get_objects():
        if type(found) is FunctionType:
            functions[found.__module__].append(found)
        elif type(found) is functools._lru_cache_wrapper:
            if str(found.__module__).startswith("autograd."):
                caches.append(found)
    return functions, caches


def put_in(mutant: Mutant) -> int:
    """Change the functions that a mutant is about, and return their number."""
    module = f"autograd.ops.{mutant.room}"
    functions, caches = live()
    for cache in caches:
        cache.cache_clear()
    if mutant.constant:
        return _give_numbers(module, *mutant.constant)
    changed = 0
    codes = {(a, a.co_linetable): b for a, b in pairs(*mutant.code())}
    for function in functions[module]:
        code = codes.get((function.__code__, function.__code__.co_linetable))
        if code is not None:
            if len(code.co_freevars) != len(function.__code__.co_freevars):
                raise Unfit
            function.__code__ = code
            changed += 1
    return changed


def _give_numbers(module: str, line: int, operand: str, number: int) -> int:
    """Change the number that is a rule, and write the functions of its row again."""
    from autograd.generate.backward import rules_function, slot_rules
    from autograd.op import ROWS
    from autograd.record import RECORDING

    changed = 0
    for row in ROWS:
        forward = row.forward
        if forward.__module__ == module and forward.__code__.co_firstlineno == line:
            rules = zip(row.names, row.rules, strict=True)
            row.rules = tuple(number if name == operand else rule for name, rule in rules)
            row.run = rules_function(row)
            if row.has_array_path:
                slots = slot_rules(row, RECORDING)
                row.scalar_contributions, row.scalar_send, row.small_send = slots
            changed += 1
    return changed
