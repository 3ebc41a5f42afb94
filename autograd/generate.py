"""Functions generated once from a row of calculus, as ``dataclasses`` does it.

The function that a learner calls (``multiply(x, y)``) is written from its row: it has the row's own
signature, and for an elementwise op of one or two operands a short path for scalars, which
stores the operands in fixed slots and allocates two objects, the handle and the op.  The backward
of such an op is written from its rules: ``upstream * op.saved_y``.  There is no second scalar type
and no second loop; a scalar op differs from any other in that its ``guards`` are None, since NumPy
scalars never change.  Ops on small arrays of one shape and dtype take the same short path, with a
guard a slot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.spelling import NOT_GIVEN, chosen, spellings

if TYPE_CHECKING:
    from autograd.op import Row

_SCALAR_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        if type(a) is float64 or type(a) is float32:
            z = {compute}
            mode = get_mode()
            if not mode.watched:
                node = {x}._node
                t = new(Tensor)
                t.payload = z
                t.storage = t.view_of = None
                if node is not None and mode.recording:
                    op = ScalarOp()
                    op.row = ROW
                    op.sequence = next(clock)
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
        mode = get_mode()
        if not mode.watched:
            z = {compute}
            t = new(Tensor)
            t.payload = z
            t.storage = t.view_of = None
            if mode.recording and (m is not None or n is not None):
                op = ScalarOp()
                op.row = ROW
                op.sequence = next(clock)
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

_SMALL_UNARY = """
    if type({x}) is Tensor:
        a = {x}.payload
        node = {x}._node
        if node is not None and type(a) is ndarray and {x}.view_of is None:
            dtype = a.dtype
            mode = get_mode()
            if mode.recording and not mode.watched and (dtype is FLOAT32 or dtype is FLOAT64):
                size = a.nbytes
                z = {compute}
                if size > SMALL or type(z) is not ndarray{same}:
                    return remember(ROW, z, ({x},), (a,), (node,), 1, mode)
                op = SmallOp()
                op.x = node
                op.saved_x = a
                op.guard_x = {x}.storage or {x}.share()
                op.y = op.saved_y = op.guard_y = None
"""

_SMALL_BINARY = """
    if type({x}) is Tensor and type({y}) is Tensor:
        a = {x}.payload
        b = {y}.payload
        if type(a) is ndarray and type(b) is ndarray and {x}.view_of is None is {y}.view_of:
            dtype = a.dtype
            if b.dtype is dtype and (dtype is FLOAT32 or dtype is FLOAT64) and {fits}:
                m = {x}._node
                n = {y}._node
                mode = get_mode()
                if mode.recording and not mode.watched and (m is not None or n is not None):
                    size = a.nbytes
                    z = {compute}
                    if size > SMALL or type(z) is not ndarray{same}:
                        tracked = (m is not None) + 2 * (n is not None)
                        return remember(ROW, z, ({x}, {y}), (a, b), (m, n), tracked, mode)
                    op = SmallOp()
                    op.x = m
                    op.y = n
                    op.saved_x = a
                    op.saved_y = b
                    op.guard_x = {x}.storage or {x}.share()
                    op.guard_y = {y}.storage or {y}.share()
"""

_SMALL_REST = """
op.row = ROW
op.sequence = next(clock)
op.value = z
op.mode = mode
op.grad = op.walk = op._contributions = None
op.shape = {shape}
op.dtype = dtype
op.guard_z = storage = Storage()
storage.changed = storage.version = storage.rebased = 0
t = new(Tensor)
t.payload = z
t._node = op
t.storage = storage
t.view_of = None
return t
"""


# What the short paths call their own: an operand of such a name is bound to another first.
_LOCALS = frozenset(
    "a b m n p q r t z op mode node dtype shape short size storage tracked FORWARD ROW".split()
)

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


_UFUNCS = {
    (lambda x: -x).__code__.co_code: np.negative,
    (lambda x, y: x + y).__code__.co_code: np.add,
    (lambda x, y: x - y).__code__.co_code: np.subtract,
    (lambda x, y: x * y).__code__.co_code: np.multiply,
    (lambda x, y: x / y).__code__.co_code: np.divide,
}


def ufunc_of(function: Any) -> np.ufunc | None:
    """Return NumPy's function of a forward that is one operator, None of another."""
    return None if function.__code__.co_names else _UFUNCS.get(function.__code__.co_code)


def _call(function: Any, name: str, arguments: list[str]) -> str:
    """Return the text of a call of ``function``, or of its one expression."""
    expression = _EXPRESSIONS.get(function.__code__.co_code)
    if expression is not None and not function.__code__.co_names:
        return expression.format(*arguments)
    return f"{name}({', '.join(arguments)})"


def recording_function(
    row: Row, namespace: dict[str, Any], operator: bool = False
) -> Callable[..., Any]:
    """Write the function that computes and records ``row``, with the signature of its forward.

    It also knows PyTorch's names of the operands (spelling.py), and NumPy's ``out``, to refuse it
    with a sentence; an ``operator`` is given its operands in order and knows neither.
    """
    forward = row.forward
    required = len(row.names) - len(forward.__defaults__ or ())
    defaults: list[Any] = [*(forward.__defaults__ or ())]
    takes_out = row.name == forward.__name__.rstrip("_")  # the others are not for learners
    takes_out = takes_out and not (row.variadic or "out" in (*row.names, *row.attributes))
    lines: list[str] = []
    defaults_of: dict[str, Any] = {}
    if row.variadic:
        parameters, operands = [f"*{row.names[0]}"], row.names[0]
    else:
        parameters = [n if i < required else f"{n}=None" for i, n in enumerate(row.names)]
        operands = f"({', '.join(row.names)},)"
        if takes_out and not operator:
            known = spellings(row.name, (*row.names, *row.attributes))
            further = {name: own for name, own in known.items() if own in row.names}
            if further:
                parameters = [f"{n}=None" for n in row.names]
                defaults = [*[NOT_GIVEN] * required, *defaults]
            parameters += ["out=None", *(f"{name}=None" for name in further)]
            lines += _named_operands(further)
            defaults_of = dict(zip(row.names, defaults, strict=False))
            defaults += [None, *[None] * len(further)]
        if row.attributes:
            parameters.append("*")
    parameters += [f"{name}=None" for name in row.attributes]
    attributes = ", ".join(f"{name!r}: {name}" for name in row.attributes)
    lines.insert(0, f"    def {forward.__name__}({', '.join(parameters)}):")
    names = dict(zip("xy", row.names, strict=False))
    called = row.names
    if row.has_array_path and not _LOCALS.isdisjoint(row.names):
        names = {place: f"_{place}" for place in names}
        called = tuple(names.values())
        operands = f"({', '.join(called)},)"
        lines.append(f"        {', '.join(called)} = {', '.join(row.names)}")
    values = ["a", "b"][: len(row.names)]
    text = ""
    if row.has_scalar_path:
        short = _SCALAR_UNARY if len(names) == 1 else _SCALAR_BINARY
        text += short.format(compute=_call(row.scalar_forward, "FORWARD", values), **names)
    if row.has_array_path:
        fits = "(shape := a.shape) == b.shape" if row.elementwise else "b.nbytes <= SMALL"
        compute = _call(forward, "ARRAY_FORWARD", values)
        short, indent = (_SMALL_UNARY, 16) if len(names) == 1 else (_SMALL_BINARY, 20)
        plain = compute not in (
            f"FORWARD({', '.join(values)})",
            f"ARRAY_FORWARD({', '.join(values)})",
        )
        same = "" if plain else " or z.dtype is not dtype"  # arithmetic keeps it
        if row.ufunc is not None:
            compute += f" if size < WORTH_THREADS else SHARED(UFUNC, {', '.join(values)})"
        text += short.format(compute=compute, fits=fits, same=same, **names)
        shape = "shape" if row.elementwise and len(names) == 2 else "z.shape"
        rest = _SMALL_REST.format(shape=shape)
        text += "\n".join(" " * indent + line for line in rest.split("\n") if line)
    lines += ["    " + line for line in text.split("\n") if line]
    lines += _plain_path(row, called)
    lines.append(f"        return record(ROW, {operands}, {{{attributes}}})")
    captured: dict[str, Any] = {"ROW": row}
    captured |= {"FORWARD": row.scalar_forward, "ARRAY_FORWARD": forward}
    captured |= {"CHOSEN": chosen, "DEFAULTS": defaults_of, "UFUNC": row.ufunc}
    function = make(lines, forward.__name__, namespace, **captured)
    function.__defaults__ = tuple(defaults) or None
    function.__kwdefaults__ = forward.__kwdefaults__
    return function  # type: ignore[no-any-return]


def _named_operands(further: dict[str, str]) -> list[str]:
    """Return the lines that refuse ``out`` and take operands under PyTorch's names.

    An ordinary call gives neither, and pays a comparison for each: a default at the end costs a
    record 3 ns and a comparison 2, a keyword or a wrapper 15 to 60.
    """
    given = " or ".join(f"out is not {name}" for name in further) or "out is not None"
    lines = [f"        if {given}:"]
    lines += ["            if out is not None:", "                refuse_out(ROW.name)"]
    for name, own in further.items():
        given = f"{own!r}, {own}, {name!r}, {name}, DEFAULTS[{own!r}]"
        lines += [
            f"            if {name} is not None:",
            f"                {own} = CHOSEN(ROW.name, {given})",
        ]
    return lines


# How an op in fixed slots sends a contribution on: into the sum in progress of its operand's node.
_SEND = """
        edge = op.{place}
        if edge is None:
            d{place} = None
        else:
            d{place} = {value}
            pending[edge] = pending[edge] + d{place} if edge in pending else d{place}
"""
_SEND_SCALAR = """
        edge = op.{place}
        if edge is not None:
            c = {value}
            pending[edge] = pending[edge] + c if edge in pending else c
"""


def _plain_path(row: Row, called: tuple[str, ...]) -> list[str]:
    """Return the lines that take a rule's call on arrays of one dtype straight to the forward."""
    if row.variadic or row.caches or row.outputs or row.forward.__defaults__:
        return []
    arguments = ", ".join([*called, *(f"{name}={name}" for name in row.attributes)])
    conditions = [f"type({name}) is ndarray" for name in called]
    if row.promotes:
        first, *others = called
        conditions += [f"{first}.dtype is {other}.dtype" for other in others]
        conditions.append(f"({first}.dtype is FLOAT32 or {first}.dtype is FLOAT64)")
    return [
        f"        if {' and '.join(conditions)}:",
        "            try:",
        f"                return ARRAY_FORWARD({arguments})",
        "            except (ValueError, TypeError):",
        "                pass  # record says it better",
    ]


def slot_rules(row: Row, namespace: dict[str, Any]) -> tuple[Callable[..., tuple[Any, ...]], ...]:
    """Write the backward of an op in fixed slots (``ScalarOp``, ``SmallOp``) from its rules.

    Returns
    -------
    scalar_contributions, scalar_send, small_send : callable
        ``(op, upstream)`` returns the contributions of a scalar op; ``(op, upstream, pending)``
        adds them to ``pending``, which is what a plain backward does; ``small_send`` also returns
        them.
    """
    places = {name: f"op.saved_{place}" for name, place in zip(row.names, "xy", strict=False)}
    places |= {"z": "op.value", "upstream": "upstream", "ties": "op.mode.ties"}
    scalar = places | {f"{name}_shape": "()" for name in row.names}
    small = places | {
        f"{name}_shape": f"op.saved_{p}.shape" for name, p in zip(row.names, "xy", strict=False)
    }
    captured: dict[str, Any] = {"fit": _fit_scalar}
    captured |= {f"rule_{p}": rule for p, rule in zip("xy", row.rules, strict=False)}
    returned = ["    def scalar_contributions(op, upstream):"]
    sent = ["    def scalar_send(op, upstream, pending):", "        pass"]
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        value = _scalar_value(place, rule, wants, scalar)
        returned.append(f"        d{place} = None if op.{place} is None else {value}")
        if rule is not None:
            sent.append(_SEND_SCALAR.format(place=place, value=value).strip("\n"))
    result = "        return " + ", ".join(f"d{p}" for p in "xy"[: len(row.names)]) + ","
    bodies = {
        "scalar_contributions": [*returned, result],
        "scalar_send": sent,
        "small_send": [*_small_send(row, small), result],
    }
    return tuple(make(lines, name, namespace, **captured) for name, lines in bodies.items())


def _scalar_value(place: str, rule: Any, wants: tuple[str, ...], places: dict[str, str]) -> str:
    """Return the expression of a scalar's contribution."""
    if not callable(rule):
        return {None: "None", 0: "type(upstream)(0)", 1: "upstream", -1: "-upstream"}[rule]
    value = _call(rule, f"rule_{place}", [places[name] for name in wants])
    if "upstream" not in wants:
        return f"upstream * {value}" if value in places.values() else f"fit(upstream, {value})"
    return f"type(upstream)({value})" if "(" in value else value


def _small_send(row: Row, places: dict[str, str]) -> list[str]:
    """Return the lines that compute and send the contributions of an op on small arrays."""
    lines = ["    def small_send(op, upstream, pending):"]
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        exact = True  # no other shape or dtype can come out
        if rule is None:
            lines.append(f"        d{place} = None")
            continue
        if callable(rule):
            value = _call(rule, f"rule_{place}", [places[name] for name in wants])
            exact = value in places.values()
            if "upstream" not in wants:
                value = f"upstream * {value}" if exact else f"Support.apply(upstream, {value})"
        else:
            value = {0: "Support.zeros(upstream)", 1: "upstream", -1: "-upstream"}[rule]
        checks = []
        for i, p in [*enumerate("xy"[: len(row.names)]), (-1, "z")]:
            if (row.names[i] if p != "z" else "z") in wants:
                checks += [
                    f"            if op.guard_{p}.changed > op.sequence:",
                    f"                Support.refuse(op, {i})",
                ]
        text = _SEND.format(place=place, value=value).strip("\n").split("\n")
        at = next(i for i, line in enumerate(text) if line.endswith(f"d{place} = {value}"))
        fit = f"d{place} = Support.fit(d{place}, edge)"
        fits = [
            f"            if type(d{place}) is not ndarray or d{place}.dtype is not op.dtype",
            f"            or d{place}.shape != edge.shape",
        ]
        if exact and row.elementwise:
            after = []
        else:
            after = [f"{fits[0]} {fits[1].strip()}:", f"                {fit}"]
        lines += [*text[:at], *checks, text[at], *after, *text[at + 1 :]]
    return lines


def rules_function(row: Row) -> Callable[..., tuple[Any, ...]]:
    """Write a row's rules as one function: ``(op, upstream, wanted, saved, z, support)``.

    ``saved`` and ``z`` are arrays, or Tensors when the rules shall record themselves; ``support``
    has the functions that apply a partial, fit a contribution to its operand and refuse a value
    that was changed (rules.py).
    """
    part = ".parts" if row.outputs else ""
    places = {"upstream": f"upstream{part}", "z": f"z{part}"}
    places |= {"wanted": "wanted", "ties": "op.mode.ties"}
    places |= {name: f"z.parts[{i}]" for i, name in enumerate(row.outputs)}
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
        text = "{0}guard = guards[{1}]\n{0}if guard is not None and guard{2}.changed > op.sequence:"
        text += "\n{0}    support.refuse(op, {1})"
        lines = [text.format(indent, i, "") for i in read]
        parts = [i for i, name in enumerate(row.outputs) if name in wants]
        return lines + [text.format(indent, -1, f".each[{i}]") for i in parts]

    if row.vjp is not None:
        captured["vjp"] = row.vjp
        lines += checks(row.shared_wants, " " * 8)
        lines.append(f"        sent = vjp({', '.join(places[name] for name in row.shared_wants)})")
        lines.append("        return support.fit_all(sent, nodes, wanted)")
        return make(lines, "rules", {}, **captured)  # type: ignore[no-any-return]

    for i, (rule, wants) in enumerate(zip(row.rules, row.wants, strict=True)):
        target = "each" if row.variadic else f"d{i}"
        if callable(rule):
            captured[f"rule{i}"] = rule
            value = _call(rule, f"rule{i}", [places[name] for name in wants])
            formula = ", ".join([f"rule{i}", *(places[name] for name in wants)])
            in_blocks = row.elementwise and not any(name.endswith("_shape") for name in wants)
            if "upstream" not in wants:  # a promoted operand is a number; others may be gates
                operand = row.promotes and wants[0] in row.names and value == places[wants[0]]
                if operand:
                    value = f"support.times(upstream, {value})"
                elif in_blocks and value.startswith(f"rule{i}("):
                    value = f"support.send(upstream, {formula})"
                else:
                    value = f"support.apply(upstream, {value})"
            elif in_blocks and wants[0] == "upstream" and value.startswith(f"rule{i}("):
                value = f"support.sent({formula})"
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
    return make(lines, "rules", {}, **captured)  # type: ignore[no-any-return]


def _fit_scalar(upstream: Any, partial: Any) -> Any:
    """Multiply a scalar upstream by a partial; a boolean partial selects."""
    if type(partial) is np.bool_ or type(partial) is bool:
        return upstream if partial else type(upstream)(0)
    return type(upstream)(upstream * partial)


def make(lines: list[str], name: str, namespace: dict[str, Any], **captured: Any) -> Any:
    """Compile the lines of a function, which sees a namespace and what is captured."""
    text = "\n".join([f"def make({', '.join(captured)}):", *lines, f"    return {name}"])
    made: dict[str, Any] = {}
    exec(compile(text, f"<backlight {name}>", "exec"), namespace, made)  # noqa: S102
    return made["make"](**captured)
