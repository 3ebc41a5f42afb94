"""The files whose mutants are tried, and which of their functions compute derivatives.

A rule is a lambda or a number in a decorator of a row, a function that a decorator names, and
every private function that those call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECLARING = {"elementwise", "structural"}
OPTIONS = {
    "promotes",
    "view",
    "caches",
    "outputs",
    "name",
    "scalar",
    "single",
}  # of a row: no rules


@dataclass
class Source:
    """A file: its syntax tree, its functions, and what it imports from its neighbours."""

    path: Path
    module: ast.Module
    functions: dict[str, ast.FunctionDef]
    imported: dict[str, tuple[str, str]]  # name: (room, name there)
    public: set[str]

    @classmethod
    def read(cls, path: Path) -> Source:
        module = ast.parse(path.read_text())
        functions = {n.name: n for n in module.body if isinstance(n, ast.FunctionDef)}
        imported, public = {}, set()
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom):
                room = (node.module or "").rpartition(".")[2]
                imported |= {n.asname or n.name: (room, n.name) for n in node.names}
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                public |= {n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)}
        return cls(path, module, functions, imported, public)


def read_operations() -> dict[str, Source]:
    """Return the files of autograd/ops by their rooms' names."""
    paths = sorted((ROOT / "autograd" / "ops").glob("[a-z]*.py"))
    return {path.stem: Source.read(path) for path in paths}


def is_row(node: ast.FunctionDef) -> bool:
    """Tell whether a function is declared as a row."""
    calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
    return any(ast.unparse(call.func) in DECLARING for call in calls)


def rules_of(node: ast.FunctionDef) -> Iterator[ast.keyword]:
    """Yield the derivatives in a row's decorators."""
    for decorator in node.decorator_list if is_row(node) else []:
        yield from (k for k in decorator.keywords if k.arg and k.arg not in OPTIONS)


def rule_functions(sources: dict[str, Source]) -> set[tuple[str, str]]:
    """Return (room, name) of the functions that compute derivatives."""
    found: set[tuple[str, str]] = set()

    def follow(source: Source, node: ast.AST) -> None:
        for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            room, there = source.imported.get(name, (source.path.stem, name))
            if room not in sources or there not in sources[room].functions:
                continue
            function = sources[room].functions[there]
            if (room, there) in found or there in sources[room].public or is_row(function):
                continue
            found.add((room, there))
            follow(sources[room], ast.Module(function.body, []))

    for source in sources.values():
        for node in ast.walk(source.module):
            if isinstance(node, ast.FunctionDef):
                for keyword in rules_of(node):
                    follow(source, keyword.value)
    return found
