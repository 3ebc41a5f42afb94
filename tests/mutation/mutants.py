"""The mutants of a source file: one small change each, of a derivative rule or of a forward.

What an error says, annotations, defaults and what is computed at import stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.mutation.sources import Source, read_operations, rule_functions, rules_of

OPPOSITE = {
    ast.Add: (ast.Sub, "sign"),
    ast.Sub: (ast.Add, "sign"),
    ast.Mult: (ast.Div, "product"),
    ast.Div: (ast.Mult, "product"),
    ast.FloorDiv: (ast.Mult, "product"),
    ast.BitAnd: (ast.BitOr, "logic"),
    ast.BitOr: (ast.BitAnd, "logic"),
}
COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
UNSIGNED = (
    *(ast.Compare, ast.BoolOp, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.UnaryOp),
    *(ast.Lambda, ast.JoinedStr, ast.ListComp, ast.GeneratorExp),
)
Place = tuple[Any, str, int | None]  # a node's parent, the field it is in, and where in a list


def exchange(place: Place, node: Any) -> Any:
    """Put a node into its parent, and return the one that was there."""
    parent, name, index = place
    if index is None:
        before = getattr(parent, name)
        setattr(parent, name, node)
    else:
        before = getattr(parent, name)[index]
        getattr(parent, name)[index] = node
    return before


@dataclass
class Mutant:
    """One change of a file's syntax tree.

    Attributes
    ----------
    function : str
        Where: ``tanh``, or for a rule in its decorator ``tanh.x``.
    kind : str
        sign, product, factor, comparison, constant, logic or arguments.
    rule : bool
        Whether a derivative is computed here.
    before, after : str
        The statement, or the lambda, without and with the change.
    constant : tuple, optional
        (line of the row, operand, number) of a rule that is a number.
    """

    source: Source = field(repr=False)
    function: str
    line: int
    kind: str
    rule: bool
    before: str
    after: str
    place: Place | None = field(repr=False)
    replacement: Any = field(repr=False)
    constant: tuple[int, str, int] | None = None

    @property
    def room(self) -> str:
        return self.source.path.stem

    @property
    def key(self) -> tuple[str, str, str]:
        return self.room, self.function, self.after

    def code(self) -> tuple[Any, Any]:
        """Return the file's code, without the change and with it."""
        plain = self._compiled()
        if self.place is None:
            return plain, plain
        before = exchange(self.place, self.replacement)
        try:
            return plain, self._compiled()
        finally:
            exchange(self.place, before)

    def _compiled(self) -> Any:
        return compile(self.source.module, str(self.source.path), "exec", dont_inherit=True)

    def __str__(self) -> str:
        what = "rule" if self.rule else "forward"
        where = f"{self.room}.py:{self.line} {self.function} ({what}, {self.kind})"
        return f"{where}\n    - {self.before}\n    + {self.after}"


def changes(node: ast.AST, rule: bool) -> Iterator[tuple[str, ast.expr]]:
    """Yield (kind, replacement) for one expression."""
    match node:
        case ast.BinOp(left, op, right):
            if type(op) in OPPOSITE:
                other, kind = OPPOSITE[type(op)]
                yield kind, ast.BinOp(left, other(), right)
            if rule and isinstance(op, (ast.Mult, ast.Div)):
                yield "factor", left
            if rule and isinstance(op, ast.Mult):
                yield "factor", right
            if isinstance(op, ast.MatMult):
                yield "arguments", ast.BinOp(right, op, left)
        case ast.UnaryOp(ast.USub(), operand):
            yield "sign", operand
        case ast.UnaryOp(ast.Not(), operand):
            yield "logic", operand
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                changed = [*ops[:i], COMPARED[type(op)](), *ops[i + 1 :]]
                yield "comparison", ast.Compare(left, changed, comparators)
        case ast.BoolOp(op, values):
            yield "logic", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Constant(bool() as value):
            yield "constant", ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield "constant", ast.Constant({0: 1, 1: 0}.get(value, value + 1))
        case ast.Name("upstream", ast.Load()) if rule:
            yield "sign", ast.UnaryOp(ast.USub(), node)
        case ast.Call(function, [first, second, *rest], keywords) if rule:
            if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
                yield "arguments", ast.Call(function, [second, first, *rest], keywords)


class Finder:
    """Walks a file and collects its mutants in ``found``."""

    def __init__(self, source: Source, rules: set[tuple[str, str]]) -> None:
        self.source = source
        self.found: list[Mutant] = []
        for node in source.module.body:
            if isinstance(node, ast.FunctionDef):
                self.function(node, node.name, (source.path.stem, node.name) in rules)
            elif isinstance(node, ast.ClassDef):
                for child in node.body:
                    if isinstance(child, ast.FunctionDef):
                        self.function(child, f"{node.name}.{child.name}", False)

    def function(self, node: ast.FunctionDef, owner: str, rule: bool) -> None:
        for keyword in rules_of(node):
            name = f"{owner}.{keyword.arg}"
            if isinstance(keyword.value, ast.Lambda):
                text = Text(keyword.value, "{}")
                self.expression((keyword, "value", None), keyword.value, name, True, text)
            elif isinstance(keyword.value, (ast.Constant, ast.UnaryOp)):
                self.number(node, keyword, name)
        for child in node.body:
            self.statement(child, owner, rule)

    def number(self, node: ast.FunctionDef, keyword: ast.keyword, owner: str) -> None:
        """Collect the mutants of a rule that is a number."""
        value = ast.literal_eval(keyword.value)
        others = {1: {"sign": -1, "constant": 0}, -1: {"sign": 1}, 0: {"constant": 1}}
        for kind, other in others.get(value, {}).items():
            texts = f"{keyword.arg}={value}", f"{keyword.arg}={other}"
            constant = (node.decorator_list[0].lineno, str(keyword.arg), other)
            line = node.body[-1].lineno  # where tests come that use the number
            self.found.append(
                Mutant(self.source, owner, line, kind, True, *texts, None, None, constant)
            )

    def statement(self, node: ast.stmt, owner: str, rule: bool) -> None:
        match node:
            case ast.FunctionDef(name=name):
                self.function(node, f"{owner}.{name}", rule)
                return
            case ast.If(test=value) | ast.While(test=value):
                text = Text(value, "if {}:" if isinstance(node, ast.If) else "while {}:")
                self.expression((node, "test", None), value, owner, rule, text.of(node, "test"))
            case ast.For(iter=value):
                text = Text(value, f"for {ast.unparse(node.target)} in {{}}:")
                self.expression((node, "iter", None), value, owner, rule, text.of(node, "iter"))
            case ast.With(items=items):
                for item in items:
                    place = (item, "context_expr", None)
                    self.expression(place, item.context_expr, owner, rule, Text(item, "with {}:"))
            case ast.Return(value=ast.expr() as value):
                if rule:
                    self.returned((node, "value", None), owner, Text(node, "{}"))
                self.expression((node, "value", None), value, owner, rule, Text(node, "{}"))
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Delete():
                self.parts(node, owner, rule, Text(node, "{}"))
                if isinstance(node, ast.AugAssign) and type(node.op) in OPPOSITE:
                    other, kind = OPPOSITE[type(node.op)]
                    place = (node, "op", None)
                    self.add(place, node, kind, other(), owner, rule, Text(node, "{}"))
            case ast.AnnAssign(value=ast.expr() as value):
                self.expression((node, "value", None), value, owner, rule, Text(node, "{}"))
        for name in ("body", "orelse", "finalbody"):
            for child in getattr(node, name, []):
                self.statement(child, owner, rule)
        for handler in getattr(node, "handlers", []):
            for child in handler.body:
                self.statement(child, owner, rule)

    def expression(self, place: Place, node: Any, owner: str, rule: bool, text: Text) -> None:
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.Lambda):
            if rule:
                self.returned((node, "body", None), owner, text)
            self.expression((node, "body", None), node.body, owner, rule, text)
            return
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "upstream":
            return  # upstream.ndim has no sign
        for kind, replacement in changes(node, rule):
            self.add(place, node, kind, replacement, owner, rule, text)
        self.parts(node, owner, rule, text)

    def parts(self, node: Any, owner: str, rule: bool, text: Text) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                for i, child in enumerate(value):
                    if isinstance(child, ast.AST):
                        self.expression((node, name, i), child, owner, rule, text)
            elif isinstance(value, ast.AST) and name not in ("ctx", "op"):
                self.expression((node, name, None), value, owner, rule, text)

    def returned(self, place: Place, owner: str, text: Text) -> None:
        """Turn the sign of what a rule returns, or of each of several."""
        parent, name, index = place
        node = getattr(parent, name) if index is None else getattr(parent, name)[index]
        if isinstance(node, ast.Tuple):
            for i in range(len(node.elts)):
                self.returned((node, "elts", i), owner, text)
        elif isinstance(node, ast.IfExp):
            self.returned((node, "body", None), owner, text)
            self.returned((node, "orelse", None), owner, text)
        elif not isinstance(node, UNSIGNED) and ast.unparse(node) != "upstream":
            self.add(place, node, "sign", ast.UnaryOp(ast.USub(), node), owner, True, text)

    def add(
        self, place: Place, node: Any, kind: str, new: Any, owner: str, rule: bool, text: Text
    ) -> None:
        for child in ast.walk(new) if isinstance(new, ast.expr) else []:
            if isinstance(child, ast.expr) and not hasattr(child, "lineno"):
                ast.copy_location(child, node)
        before = text()
        old = exchange(place, new)
        after = text()
        exchange(place, old)
        mutant = Mutant(self.source, owner, node.lineno, kind, rule, before, after, place, new)
        self.found.append(mutant)


class Text:
    """The text of a statement, or of the head of one, as it is when asked."""

    def __init__(self, node: ast.AST, frame: str) -> None:
        self.read: Callable[[], ast.AST] = lambda: node
        self.frame = frame

    def of(self, parent: ast.AST, name: str) -> Text:
        """Read a field that may be exchanged as a whole."""
        self.read = lambda: getattr(parent, name)
        return self

    def __call__(self) -> str:
        return self.frame.format(ast.unparse(self.read()))


def all_mutants(rooms: list[str] | None = None) -> list[Mutant]:
    """Return the mutants of the rooms, or of all of them."""
    sources = read_operations()
    rules = rule_functions(sources)
    chosen = [s for room, s in sources.items() if not rooms or room in rooms]
    found = [mutant for source in chosen for mutant in Finder(source, rules).found]
    return list({(m.key, m.line): m for m in found}.values())
