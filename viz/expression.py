"""A card's operations as one line of mathematics, with names or with numbers.

``k1·x1 + k2·x2 + b`` with names, ``1·2 + (−2)·(−1) + 0`` with numbers, and ``k·x + b`` for a head:
indices left out and like terms said once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from viz.extract import Record, Recording
from viz.fold import MAXIMA, Group, Use
from viz.names import stem
from viz.numbers import MINUS, number, operand

__all__ = ["brief", "expression", "terms"]

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression holds together
SHORT = 14  # characters that need no shortening
LONGEST = 400  # operations of one card that are written out

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SCALED = {"add_scaled": "add", "subtract_scaled": "subtract"}
SYMBOLS = {"absolute": "abs", "concatenate": "cat", "broadcast_to": "spread"}

Text = tuple[str, int]
Writer = Callable[[Use], str]


def expression(recording: Recording, group: Group, write: Writer) -> str:
    """Write a group's operations, each input as `write` says.

    Parameters
    ----------
    recording : Recording
    group : Group
    write : callable
        From a ``Use`` to its name or its number.

    Examples
    --------
    >>> import autograd
    >>> from viz.extract import extract
    >>> from viz.fold import fold
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> recording = extract(0.5 * (x - 8) ** 2)
    >>> group = fold(recording, set(), "names")[-1]
    >>> name = lambda use: "x" if use.source == 0 else str(use.payload)
    >>> print(expression(recording, group, name))
    ½·(x − 8)²
    """
    return "".join(f"{sign}{text}" for sign, text in terms(recording, group, write))


def terms(recording: Recording, group: Group, write: Writer) -> list[tuple[str, str]]:
    """Return the terms of the outermost sum: ``[("", "1·2"), (" + ", "0")]``."""
    if len(group.members) > LONGEST:
        return [("", f"… {len(group.members)} operations …")]
    texts = _write_all(recording, group, write)
    found: list[tuple[str, str]] = []
    waiting: list[tuple[int | Use, str]] = [(group.head, "")]
    inputs = _inputs(recording, group)
    while waiting:
        here, sign = waiting.pop()
        if isinstance(here, int):
            record = recording.records[here]
            if record.op in ("add", "subtract") and sign != f" {MINUS} ":
                left, right = inputs[here]
                waiting.append((right, " + " if record.op == "add" else f" {MINUS} "))
                waiting.append((left, sign))
                continue
        text, rank = texts[here] if isinstance(here, int) else (write(here), ATOM)
        if sign == f" {MINUS} " and rank <= SUM:
            text = f"({text})"
        found.append((sign, text))
    if len(found) > 1:
        found[0] = ("", _bare(found[0][1]))
    return found


def brief(text: str) -> str:
    """Shorten an expression of many terms: indices left out, like terms said once.

    >>> brief("k1·x1 + k2·x2 + k3·x3 + b"), brief("max(z1, z2, 0)")
    ('k·x + b', 'max(z1, z2, 0)')
    """
    if len(text) <= SHORT or "·" not in text or text.endswith(")"):
        return text
    parts = text.split(" + ")
    if any(part.count("(") != part.count(")") for part in parts):
        return text
    stripped = ["·".join(stem(f) for f in part.split("·")) for part in parts]
    once = list(dict.fromkeys(stripped))
    return " + ".join(once) if len(once) < len(parts) else text


def _inputs(recording: Recording, group: Group) -> dict[int, list[int | Use]]:
    """Return what stands at each operand of each member: another member or a ``Use``."""
    uses = {use.entry: use for use in group.uses}
    members = set(group.into)
    return {
        m: [
            operand if operand in members else uses[m, position]
            for position, operand in enumerate(recording.records[m].operands)
        ]
        for m in group.members
    }


def _write_all(recording: Recording, group: Group, write: Writer) -> dict[int, Text]:
    """Write every member, operands first (members are in the order of their creation)."""
    inputs = _inputs(recording, group)
    texts: dict[int, Text] = {}
    for member in group.members:
        arguments = [
            texts[part] if isinstance(part, int) else (write(part), ATOM) for part in inputs[member]
        ]
        payloads = [part.payload if isinstance(part, Use) else None for part in inputs[member]]
        texts[member] = _operation(recording.records[member], arguments, payloads)
    return texts


def _operation(record: Record, arguments: list[Text], payloads: list[Any]) -> Text:
    op = record.op
    if record.part is not None:
        return f"{_held(arguments[0], ATOM)}{record.part_name}", ATOM
    if op in MAXIMA:
        inner = [_bare(_flat(text, MAXIMA[op])) for text, _ in arguments]
        return f"{MAXIMA[op]}({', '.join(inner)})", ATOM
    if op in SCALED:
        scaled = _multiply([(operand(record.attributes["alpha"]), ATOM), arguments[1]], [])
        return BINARY[SCALED[op]]([arguments[0], scaled], payloads)
    if op in BINARY and len(arguments) == 2:
        return BINARY[op](arguments, payloads)
    if op in UNARY and len(arguments) == 1:
        return UNARY[op](arguments[0])
    if op == "getitem":
        return f"{_held(arguments[0], ATOM)}[{_index(record.attributes.get('index'))}]", ATOM
    inner = ", ".join(map(_bare, (text for text, _ in arguments)))
    settings = "".join(f", {k} {_setting(v)}" for k, v in _telling(record.attributes).items())
    return f"{SYMBOLS.get(op, op)}({inner}{settings})", ATOM


def _index(index: Any) -> str:
    """Write an index as it stands between brackets."""
    if isinstance(index, tuple):
        return ", ".join(map(_index, index))
    if isinstance(index, np.ndarray) and index.ndim:
        if index.dtype.kind == "b":
            return "mask"
        return str(index.tolist()) if index.ndim == 1 and index.size <= 4 else "indices"
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        step = "" if index.step is None else f":{index.step}"
        return f"{':'.join(ends)}{step}"
    text = "…" if index is Ellipsis else str(index)
    return text if len(text) <= 12 else "…"


def _telling(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes worth a word: small, and set."""
    return {key: value for key, value in attributes.items() if _is_telling(value)}


def _is_telling(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return 0 < len(value) <= 4 and all(isinstance(v, int | float) for v in value)
    return isinstance(value, int | float | str) and bool(value) and len(str(value)) <= 12


def _setting(value: Any) -> str:
    if isinstance(value, tuple | list) and len(set(value)) == 1 and isinstance(value[0], int):
        return str(value[0])
    if isinstance(value, float):
        return number(value)
    return str(value).replace("-", MINUS)


def _flat(text: str, function: str) -> str:
    """Join nested maxima: ``max(max(a, b), 0)`` reads ``max(a, b, 0)``."""
    opening = f"{function}("
    if text.startswith(opening) and _closes(text, len(opening) - 1) == len(text) - 1:
        return text[len(opening) : -1]
    return text


def _bare(text: str) -> str:
    """Take a negative number out of its parentheses."""
    return text[1:-1] if re.fullmatch(r"\(−[^()]+\)", text) else text


def _closes(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if not depth:
            return i
    return -1


def _held(text: Text, rank: int) -> str:
    return text[0] if text[1] >= rank else f"({text[0]})"


def _half(text: str) -> str:
    return {"0.5": "½", "0.25": "¼"}.get(text, text)


def _multiply(arguments: list[Text], _: list[Any]) -> Text:
    x, y = arguments
    return f"{_half(_held(x, PRODUCT))}·{_half(_held(y, SIGN))}", PRODUCT


def _divide(arguments: list[Text], _: list[Any]) -> Text:
    x, y = arguments
    return f"{_held(x, PRODUCT)}/{_held(y, SIGN)}", PRODUCT


def _power(arguments: list[Text], payloads: list[Any]) -> Text:
    x, y = arguments
    base = _held(x, ATOM)
    exponent = payloads[1]
    whole = isinstance(exponent, int) or (isinstance(exponent, float) and exponent.is_integer())
    if whole and abs(exponent) < 100:
        return base + str(int(exponent)).translate(SUPERSCRIPTS), POWER
    return f"{base}^{_held(y, ATOM)}", POWER


BINARY: dict[str, Callable[[list[Text], list[Any]], Text]] = {
    "add": lambda a, _: (f"{_held(a[0], SUM)} + {_held(a[1], SUM)}", SUM),
    "subtract": lambda a, _: (f"{_held(a[0], SUM)} {MINUS} {_held(a[1], PRODUCT)}", SUM),
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "matmul": lambda a, _: (f"{_held(a[0], PRODUCT)} @ {_held(a[1], SIGN)}", PRODUCT),
}
UNARY: dict[str, Callable[[Text], Text]] = {
    "negative": lambda a: (f"{MINUS}{_held(a, POWER)}", SIGN),
    "square": lambda a: (f"{_held(a, ATOM)}²", POWER),
    "reciprocal": lambda a: (f"1/{_held(a, SIGN)}", PRODUCT),
    "cast": lambda a: a,
    "alias": lambda a: a,
    "reshape": lambda a: a,  # the same numbers
    "broadcast_to": lambda a: a,
}
