"""Functions generated once from a row of calculus, as ``dataclasses`` does it.

The function that a learner calls (``multiply(x, y)``) is written from its row: it has the row's own
signature, and for an elementwise op of one or two operands a short path for scalars, which
stores the operands in fixed slots and allocates two objects, the handle and the op.  The backward
of such an op is written from its rules: ``upstream * op.saved_y``.  There is no second scalar type
and no second loop; a scalar op differs from any other in that its ``guards`` are None, since NumPy
scalars never change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd.op import Row

_SCALAR_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        if type(a) in SCALARS:
            z = {compute}
            mode = MODE.get()
            if not mode.inspecting:
                node = {x}._node
                t = new(Tensor)
                t.payload = z
                t.storage = t.view_of = None
                if node is not None and mode.recording:
                    op = new(OP)
                    op.sequence = tick()
                    op.shape = ()
                    op.dtype = z.dtype
                    op.value = z
                    op.mode = mode
                    op.grad = op._contributions = op.guards = None
                    op.spent = False
                    op.x = node
                    op.saved_x = a
                    t._node = op
                else:
                    t._node = None
                return t
"""

_SCALAR_BINARY = """
    p = type({x})
    q = type({y})
    if p is Tensor:
        a = {x}.payload
        r = type(a)
        if q is Tensor:
            b = {y}.payload
            short = type(b) is r and r in SCALARS
            n = {y}._node
        else:
            b = {y}
            short = q in NUMBERS and r in SCALARS
            n = None
        m = {x}._node
    elif q is Tensor:
        a = {x}
        b = {y}.payload
        short = p in NUMBERS and type(b) in SCALARS
        m = None
        n = {y}._node
    else:
        short = False
    if short:
        mode = MODE.get()
        if not mode.inspecting:
            z = {compute}
            t = new(Tensor)
            t.payload = z
            t.storage = t.view_of = None
            if mode.recording and (m is not None or n is not None):
                op = new(OP)
                op.sequence = tick()
                op.shape = ()
                op.dtype = z.dtype
                op.value = z
                op.mode = mode
                op.grad = op._contributions = op.guards = None
                op.spent = False
                op.x = m
                op.y = n
                op.saved_x = a
                op.saved_y = b
                t._node = op
            else:
                t._node = None
            return t
"""


# Functions whose bytecode is one of these are written in place of a call: the calculus of the
# commonest ops is `return x * y` and `lambda y: y`.
_EXPRESSIONS = {
    (lambda x: x).__code__.co_code: "{0}",
    (lambda x: -x).__code__.co_code: "-{0}",
    (lambda x, y: x + y).__code__.co_code: "{0} + {1}",
    (lambda x, y: x - y).__code__.co_code: "{0} - {1}",
    (lambda x, y: x * y).__code__.co_code: "{0} * {1}",
    (lambda x, y: x / y).__code__.co_code: "{0} / {1}",
}


def _call(function: Any, name: str, arguments: list[str]) -> str:
    """Return the text of a call of ``function``, or of its one expression."""
    expression = _EXPRESSIONS.get(function.__code__.co_code)
    if expression is not None and not function.__code__.co_names:
        return expression.format(*arguments)
    return f"{name}({', '.join(arguments)})"


def recording_function(row: Row, namespace: dict[str, Any]) -> Callable[..., Any]:
    """Write the function that computes and records ``row``, with the signature of its forward."""
    forward = row.forward
    if row.variadic:
        parameters, operands = [f"*{row.names[0]}"], row.names[0]
    else:
        required = len(row.names) - len(forward.__defaults__ or ())
        parameters = [n if i < required else f"{n}=None" for i, n in enumerate(row.names)]
        operands = f"({', '.join(row.names)},)"
        if row.attributes:
            parameters.append("*")
    parameters += [f"{name}=None" for name in row.attributes]
    attributes = ", ".join(f"{name!r}: {name}" for name in row.attributes)
    lines = [f"    def {forward.__name__}({', '.join(parameters)}):"]
    if row.has_scalar_path:
        short = _SCALAR_UNARY if len(row.names) == 1 else _SCALAR_BINARY
        names = dict(zip("xy", row.names, strict=False))
        compute = _call(forward, "FORWARD", ["a", "b"][: len(row.names)])
        text = short.format(compute=compute, **names).strip("\n")
        lines += ["    " + line for line in text.split("\n")]
    lines.append(f"        return record(ROW, {operands}, {{{attributes}}})")
    function = _make(lines, forward.__name__, namespace, ROW=row, FORWARD=forward, OP=row.type)
    function.__defaults__ = forward.__defaults__
    function.__kwdefaults__ = forward.__kwdefaults__
    return function  # type: ignore[no-any-return]


def scalar_rules(row: Row) -> Callable[[Any, Any], tuple[Any, ...]]:
    """Write the backward of a scalar op from its rules: ``(op, upstream) -> contributions``."""
    places = {name: f"op.saved_{place}" for name, place in zip(row.names, "xy", strict=False)}
    places |= {"z": "op.value", "upstream": "upstream", "ties": "op.mode.ties"}
    places |= {f"{name}_shape": "()" for name in row.names}
    lines = ["    def scalar_contributions(op, upstream):"]
    captured: dict[str, Any] = {"fit": _fit_scalar}
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        if rule is None:
            lines.append(f"        d{place} = None")
            continue
        if not callable(rule):
            result = {0: "type(upstream)(0)", 1: "upstream", -1: "-upstream"}[rule]
        else:
            captured[f"rule_{place}"] = rule
            result = _call(rule, f"rule_{place}", [places[name] for name in wants])
            plain = result in places.values()
            if "upstream" not in wants:
                result = f"upstream * {result}" if plain else f"fit(upstream, {result})"
            elif "(" in result:
                result = f"type(upstream)({result})"
        lines.append(f"        d{place} = None if op.{place} is None else {result}")
    lines.append("        return " + ", ".join(f"d{p}" for p in "xy"[: len(row.names)]) + ",")
    return _make(lines, "scalar_contributions", {}, **captured)  # type: ignore[no-any-return]


def _fit_scalar(upstream: Any, partial: Any) -> Any:
    """Multiply a scalar upstream by a partial; a boolean partial selects."""
    if type(partial) is np.bool_ or type(partial) is bool:
        return upstream if partial else type(upstream)(0)
    return type(upstream)(upstream * partial)


def _make(lines: list[str], name: str, namespace: dict[str, Any], **captured: Any) -> Any:
    text = "\n".join([f"def make({', '.join(captured)}):", *lines, f"    return {name}"])
    made: dict[str, Any] = {}
    exec(compile(text, f"<backlight {name}>", "exec"), namespace, made)  # noqa: S102
    return made["make"](**captured)
