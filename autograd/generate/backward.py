"""The backward of an op, written from the rules of its row: ``upstream * op.saved_y``.

``slot_rules`` serves ops in fixed slots, scalars and small arrays, and sends each contribution on
as it is computed; ``rules_function`` serves every op, on arrays and on Tensors, and leaves to
rules.py what all rules share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.generate.compiling import make
from autograd.generate.operators import call

if TYPE_CHECKING:
    from autograd.row import Row

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
    returned, sent = [], ["        pass"]
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        value = _scalar_value(place, rule, wants, scalar)
        returned.append(f"        d{place} = None if op.{place} is None else {value}")
        if rule is not None:
            sent.append(_SEND_SCALAR.format(place=place, value=value).strip("\n"))
    result = "        return " + ", ".join(f"d{p}" for p in "xy"[: len(row.names)]) + ","
    bodies = {
        "scalar_contributions": (("op", "upstream"), [*returned, result]),
        "scalar_send": (("op", "upstream", "pending"), sent),
        "small_send": (("op", "upstream", "pending"), [*_small_send(row, small), result]),
    }
    return tuple(
        make(name, parameters, lines, namespace, **captured)
        for name, (parameters, lines) in bodies.items()
    )


def _scalar_value(place: str, rule: Any, wants: tuple[str, ...], places: dict[str, str]) -> str:
    """Return the expression of a scalar's contribution."""
    if not callable(rule):
        return {None: "None", 0: "type(upstream)(0)", 1: "upstream", -1: "-upstream"}[rule]
    value = call(rule, f"rule_{place}", [places[name] for name in wants])
    if "upstream" not in wants:
        return f"upstream * {value}" if value in places.values() else f"fit(upstream, {value})"
    return f"type(upstream)({value})" if "(" in value else value


def _small_send(row: Row, places: dict[str, str]) -> list[str]:
    """Return the lines that compute and send the contributions of an op on small arrays."""
    lines = []
    for place, rule, wants in zip("xy", row.rules, row.wants, strict=False):
        exact = True  # no other shape or dtype can come out
        if rule is None:
            lines.append(f"        d{place} = None")
            continue
        if callable(rule):
            value = call(rule, f"rule_{place}", [places[name] for name in wants])
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
        after = [
            f"            if type(d{place}) is not ndarray or d{place}.dtype is not op.dtype"
            f" or d{place}.shape != edge.shape:",
            f"                d{place} = Support.fit(d{place}, edge)",
        ]
        if exact and row.elementwise:
            after = []
        lines += [*text[:at], *checks, text[at], *after, *text[at + 1 :]]
    return lines


def rules_function(row: Row) -> Callable[..., tuple[Any, ...]]:
    """Write a row's rules as one function: ``(op, upstream, wanted, saved, z, support)``.

    ``saved`` and ``z`` are arrays, or Tensors when the rules shall record themselves; ``support``
    has the functions that apply a partial, fit a contribution to its operand and refuse a value
    that was changed (rules.py).
    """
    parameters = ("op", "upstream", "wanted", "saved", "z", "support")
    places = _places(row)
    lines = [
        "        nodes = op.operands",
        "        guards = op.guards",
        "        if not guards:",
        "            guards = support.unguarded(op)",
    ]
    if row.vjp is not None:
        lines += [" " * 8 + line for line in _checks(row, row.shared_wants)]
        lines += [
            f"        sent = vjp({', '.join(places[name] for name in row.shared_wants)})",
            "        return support.fit_all(sent, nodes, wanted)",
        ]
        return make("rules", parameters, lines, {}, vjp=row.vjp)  # type: ignore[no-any-return]
    captured = {f"rule{i}": rule for i, rule in enumerate(row.rules) if callable(rule)}
    if row.variadic:
        lines += [
            "        sent = []",
            "        for index, node in enumerate(nodes):",
            "            each = None",
            "            if wanted[index]:",
            *(" " * 16 + line for line in _contribution(row, 0, "each", places)),
            "            sent.append(each)",
            "        return tuple(sent)",
        ]
    else:
        for i in range(len(row.rules)):
            lines += [
                f"        d{i} = None",
                f"        if wanted[{i}]:",
                f"            node = nodes[{i}]",
                *(" " * 12 + line for line in _contribution(row, i, f"d{i}", places)),
            ]
        lines.append(f"        return ({''.join(f'd{i}, ' for i in range(len(row.rules)))})")
    return make("rules", parameters, lines, {}, **captured)  # type: ignore[no-any-return]


def _places(row: Row) -> dict[str, str]:
    """Return where a function of rules finds what a rule may name."""
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
    return places


def _checks(row: Row, wants: tuple[str, ...]) -> list[str]:
    """Return the lines that refuse a value which was changed since it was saved."""
    read = [(i, "") for i, name in enumerate(row.names) if name in wants and not row.variadic]
    read += [(-1, "")] if "z" in wants else []
    read += [(-1, f".each[{i}]") for i, name in enumerate(row.outputs) if name in wants]
    lines = []
    for i, part in read:
        lines += [
            f"guard = guards[{i}]",
            f"if guard is not None and guard{part}.changed > op.sequence:",
            f"    support.refuse(op, {i})",
        ]
    return lines


def _contribution(row: Row, i: int, target: str, places: dict[str, str]) -> list[str]:
    """Return the lines that compute what a rule sends to its operand, ``node``."""
    rule, wants = row.rules[i], row.wants[i]
    if rule is None:
        return [f"{target} = None"]
    if callable(rule):
        value = _value(row, i, places)
    else:
        value = {0: "support.zeros(upstream)", 1: "upstream", -1: "-upstream"}[rule]
    return [
        *_checks(row, wants),
        f"{target} = {value}",
        f"if {target}.shape != node.shape or {target}.dtype is not node.dtype or not node.shape:",
        f"    {target} = support.fit({target}, node)",
    ]


def _value(row: Row, i: int, places: dict[str, str]) -> str:
    """Return the expression of a rule's contribution, in blocks where it is elementwise."""
    wants = row.wants[i]
    read = [places[name] for name in wants]
    value = call(row.rules[i], f"rule{i}", read)
    formula = ", ".join([f"rule{i}", *read])
    in_blocks = row.elementwise and not any(name.endswith("_shape") for name in wants)
    in_blocks = in_blocks and value.startswith(f"rule{i}(")
    if "upstream" in wants:
        return f"support.sent({formula})" if in_blocks and wants[0] == "upstream" else value
    if row.promotes and wants[0] in row.names and value == read[0]:
        return f"support.times(upstream, {value})"  # a promoted operand is a number, not a gate
    if in_blocks:
        return f"support.send(upstream, {formula})"
    return f"support.apply(upstream, {value})"


def _fit_scalar(upstream: Any, partial: Any) -> Any:
    """Multiply a scalar upstream by a partial; a boolean partial selects."""
    if type(partial) is np.bool_ or type(partial) is bool:
        return upstream if partial else type(upstream)(0)
    return type(upstream)(upstream * partial)
