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

from autograd.accumulation import LEAF_LOCK, receive
from autograd.graph import Leaf

if TYPE_CHECKING:
    from autograd.op import Row

_SCALAR_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        if type(a) is float64 or type(a) is float32:
            z = {compute}
            mode = MODE.get()
            if not mode.watched:
                node = {x}._node
                t = new(Tensor)
                t.payload = z
                t.storage = t.view_of = None
                if node is not None and mode.recording:
                    op = new(ScalarOp)
                    op.row = ROW
                    op.sequence = tick()
                    op.value = z
                    op.mode = mode
                    op.grad = op.walk = None
                    op.x = node
                    op.saved_x = a
                    op.y = op.saved_y = None
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
            short = type(b) is r and (r is float64 or r is float32)
            n = {y}._node
        else:
            b = {y}
            short = (q is float or q is int or q is r) and (r is float64 or r is float32)
            n = None
        m = {x}._node
    elif q is Tensor:
        a = {x}
        b = {y}.payload
        r = type(b)
        short = (p is float or p is int or p is r) and (r is float64 or r is float32)
        m = None
        n = {y}._node
    else:
        short = False
    if short:
        mode = MODE.get()
        if not mode.watched:
            z = {compute}
            t = new(Tensor)
            t.payload = z
            t.storage = t.view_of = None
            if mode.recording and (m is not None or n is not None):
                op = new(ScalarOp)
                op.row = ROW
                op.sequence = tick()
                op.value = z
                op.mode = mode
                op.grad = op.walk = None
                op.x = m
                op.y = n
                op.saved_x = a
                op.saved_y = b
                t._node = op
            else:
                t._node = None
            return t
"""

_ARRAY_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        node = {x}._node
        if node is not None and type(a) is ndarray and a.dtype.char in "fd":
            mode = MODE.get()
            if mode.recording and not mode.watched and {x}.view_of is None:
                return remember(ROW, {compute}, ({x},), (a,), (node,), 1, mode)
"""

_ARRAY_BINARY = """
    if type({x}) is Tensor and type({y}) is Tensor:
        a = {x}.payload
        b = {y}.payload
        if (
            type(a) is ndarray
            and type(b) is ndarray
            and a.dtype is b.dtype
            and a.dtype.char in "fd"
            and {x}.view_of is None
            and {y}.view_of is None
            and {fits}
        ):
            m = {x}._node
            n = {y}._node
            tracked = (m is not None) + 2 * (n is not None)
            mode = MODE.get()
            if tracked and mode.recording and not mode.watched:
                z = {compute}
                return remember(ROW, z, ({x}, {y}), (a, b), (m, n), tracked, mode)
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
    names = dict(zip("xy", row.names, strict=False))
    values = ["a", "b"][: len(row.names)]
    text = ""
    if row.has_scalar_path:
        short = _SCALAR_UNARY if len(names) == 1 else _SCALAR_BINARY
        text += short.format(compute=_call(row.scalar_forward, "FORWARD", values), **names)
    if row.has_array_path:
        short = _ARRAY_UNARY if len(names) == 1 else _ARRAY_BINARY
        fits = "a.shape == b.shape" if row.elementwise else "True"
        compute = _call(forward, "ARRAY_FORWARD", values)
        text += short.format(compute=compute, fits=fits, **names)
    lines += ["    " + line for line in text.split("\n") if line]
    lines.append(f"        return record(ROW, {operands}, {{{attributes}}})")
    captured: dict[str, Any] = {"ROW": row}
    captured |= {"FORWARD": row.scalar_forward, "ARRAY_FORWARD": forward}
    function = _make(lines, forward.__name__, namespace, **captured)
    function.__defaults__ = forward.__defaults__
    function.__kwdefaults__ = forward.__kwdefaults__
    return function  # type: ignore[no-any-return]


# How a scalar op sends a contribution on: a leaf adds it to its gradient, under a lock because
# walks in other threads may share the leaf; the sum of another op is in progress in ``pending``.
_SEND = """
        edge = op.{place}
        if edge is None:
            d{place} = None
        else:
            d{place} = {value}
            if type(edge) is Leaf:
                acquire()
                try:
                    held = edge.grad
                    if held is None or held._node is not None or held.storage is not None:
                        receive(edge, d{place})
                    else:
                        held.payload = held.payload + d{place}
                finally:
                    release()
            else:
                before = get(edge)
                pending[edge] = d{place} if before is None else before + d{place}
"""


def scalar_rules(
    row: Row, namespace: dict[str, Any]
) -> tuple[Callable[..., tuple[Any, ...]], Callable[..., tuple[Any, ...]]]:
    """Write the backward of a scalar op from its rules.

    Returns
    -------
    scalar_contributions, scalar_send : callable
        ``(op, upstream)`` returns the contributions; ``(op, upstream, pending, get)`` also sends
        them on, which is what a plain backward does.
    """
    places = {name: f"op.saved_{place}" for name, place in zip(row.names, "xy", strict=False)}
    places |= {"z": "op.value", "upstream": "upstream", "ties": "op.mode.ties"}
    places |= {f"{name}_shape": "()" for name in row.names}
    captured: dict[str, Any] = {"fit": _fit_scalar}
    returned = ["    def scalar_contributions(op, upstream):"]
    sent = ["    def scalar_send(op, upstream, pending, get):"]
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        if rule is None:
            value = "None"
        elif not callable(rule):
            value = {0: "type(upstream)(0)", 1: "upstream", -1: "-upstream"}[rule]
        else:
            captured[f"rule_{place}"] = rule
            value = _call(rule, f"rule_{place}", [places[name] for name in wants])
            if "upstream" not in wants:
                plain = value in places.values()
                value = f"upstream * {value}" if plain else f"fit(upstream, {value})"
            elif "(" in value:
                value = f"type(upstream)({value})"
        returned.append(f"        d{place} = None if op.{place} is None else {value}")
        text = (
            f"        d{place} = None" if rule is None else _SEND.format(place=place, value=value)
        )
        sent.append(text.strip("\n"))
    result = "        return " + ", ".join(f"d{p}" for p in "xy"[: len(row.names)]) + ","
    captured |= {"acquire": LEAF_LOCK.acquire, "release": LEAF_LOCK.release}
    captured |= {"Leaf": Leaf, "receive": receive}
    names = ("scalar_contributions", "scalar_send")
    texts = ([*returned, result], [*sent, result])
    contributions, send = (
        _make(lines, name, namespace, **captured) for name, lines in zip(names, texts, strict=True)
    )
    return contributions, send


def rules_function(row: Row) -> Callable[..., tuple[Any, ...]]:
    """Write a row's rules as one function: ``(op, upstream, wanted, saved, z, support)``.

    ``saved`` and ``z`` are arrays, or Tensors when the rules shall record themselves; ``support``
    has the functions that apply a partial, fit a contribution to its operand and refuse a value
    that was changed (rules.py).
    """
    part = ".parts" if row.outputs else ""
    places = {"upstream": f"upstream{part}", "z": f"z{part}"}
    places |= {"wanted": "wanted", "ties": "op.mode.ties"}
    places |= {name: f"op.attributes[{name!r}]" for name in row.attributes}
    places |= {name: f"op.cached[{name!r}]" for name in row.caches}
    places |= {"index": "index"} if row.variadic else {}
    for i, name in enumerate(row.names):
        places[name] = f"saved[{i}]"
        places[f"{name}_shape"] = f"support.shape_of(op, {i})"
    if row.variadic:
        places[f"{row.names[0]}_shape"] = f"op.cached['{row.names[0]}_shape']"
    lines = [
        "    def rules(op, upstream, wanted, saved, z, support):",
        "        nodes = op.operands",
        "        guards = op.guards",
        "        if not guards:",
        "            guards = support.unguarded(op)",
    ]
    captured: dict[str, Any] = {}

    def checks(wants: tuple[str, ...], indent: str) -> list[str]:
        read = [i for i, name in enumerate(row.names) if name in wants and not row.variadic]
        read += [-1] if "z" in wants else []
        text = "{0}guard = guards[{1}]\n{0}if guard is not None and guard[0].version != guard[1]:"
        text += "\n{0}    support.refuse(op, {1}, guard)"
        return [text.format(indent, i) for i in read]

    if row.vjp is not None:
        captured["vjp"] = row.vjp
        lines += checks(row.shared_wants, " " * 8)
        lines.append(f"        sent = vjp({', '.join(places[name] for name in row.shared_wants)})")
        lines.append("        return support.fit_all(sent, nodes, wanted)")
        return _make(lines, "rules", {}, **captured)  # type: ignore[no-any-return]

    for i, (rule, wants) in enumerate(zip(row.rules, row.wants, strict=True)):
        target = "each" if row.variadic else f"d{i}"
        if callable(rule):
            captured[f"rule{i}"] = rule
            value = _call(rule, f"rule{i}", [places[name] for name in wants])
            if "upstream" not in wants:  # an operand is a number; any other partial may be a gate
                operand = len(wants) == 1 and wants[0] in row.names and value == places[wants[0]]
                value = f"upstream * {value}" if operand else f"support.apply(upstream, {value})"
        else:
            value = {None: "None", 0: "support.zeros(upstream)", 1: "upstream", -1: "-upstream"}[
                rule
            ]
        if row.variadic:
            lines += ["        sent = []", "        for index, node in enumerate(nodes):"]
            lines += ["            each = None", "            if wanted[index]:"]
        else:
            lines += [
                f"        d{i} = None",
                f"        if wanted[{i}]:",
                f"            node = nodes[{i}]",
            ]
        indent = " " * (16 if row.variadic else 12)
        lines += checks(wants, indent)
        lines.append(f"{indent}{target} = {value}")
        if rule is not None:
            lines.append(
                f"{indent}if {target}.shape != node.shape or {target}.dtype is not node.dtype"
                f" or not node.shape:\n{indent}    {target} = support.fit({target}, node)"
            )
        lines += ["            sent.append(each)"] if row.variadic else []
    results = "".join(f"d{i}, " for i in range(len(row.rules)))
    lines.append(f"        return {'tuple(sent)' if row.variadic else f'({results})'}")
    return _make(lines, "rules", {}, **captured)  # type: ignore[no-any-return]


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
