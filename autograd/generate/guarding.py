"""The function that stands around a public one, and raises its errors again in other words.

It has the other's own signature (``*args, **options`` would cost three times as much).  Besides it
takes PyTorch's names (spelling.py), ``size=`` for lengths that may come one by one, and ``out``,
to refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import Any

from autograd.generate.compiling import make
from autograd.spelling import NOT_GIVEN, chosen, missing, refuse_out, spellings


def guarded(
    function: Callable[..., Any], told: Callable[..., Exception], name: str
) -> Callable[..., Any]:
    """Write a function that calls another and raises ``told(error, *operands)`` for its errors."""
    own = _Signature(function)
    further = spellings(name, own.names)
    places = [own.positional.index(n) for n in further.values() if n in own.positional]
    first = min([*places, own.required])
    awaited = own.positional[first : own.required]  # one may have another name, and all after it
    takes_size = own.rest == "size"  # rand(2, 3), rand((2, 3)) or rand(size=(2, 3))
    takes_out = "out" not in own.names and own.options is None
    extra = [*further, *["size"] * takes_size, *["out"] * takes_out]
    lines = []
    for other, n in further.items():
        lines += [
            f"        if {other} is not None:",
            f"            {n} = CHOSEN(NAME, {n!r}, {n}, {other!r}, {other}, DEFAULTS[{n!r}])",
        ]
    if takes_out:
        lines += ["        if out is not None:", "            REFUSE_OUT(NAME)"]
    if takes_size:
        lines += ["        if size is not None:", "            _size = (*_size, size)"]
    if awaited:
        lines += [
            f"        if {' or '.join(f'{n} is NOT_GIVEN' for n in awaited)}:",
            f"            MISSING(NAME, {awaited!r}, ({', '.join(awaited)},))",
        ]
    rest = ["*_size"] if takes_size else [f"*{own.rest}"] if own.rest else []
    options = [f"**{own.options}"] if own.options else []
    operands = [*own.positional, *rest]
    lines += [
        "        try:",
        f"            return FUNCTION({', '.join([*operands, *own.passed, *options])})",
        "        except Exception as error:",
        f"            raise TOLD({', '.join(['error', *operands])}) from None",
    ]
    parameters = [
        *(n if i < first else f"{n}=None" for i, n in enumerate(own.positional)),
        *(rest or ["*"] * bool(own.keywords or extra)),
        *(f"{n}=None" if n in own.optional else n for n in own.keywords),
        *(f"{n}=None" for n in extra),
        *options,
    ]
    defaults = (*[NOT_GIVEN] * len(awaited), *own.defaults)
    values = dict(zip(own.positional[first:], defaults, strict=True))
    captured = {"FUNCTION": function, "TOLD": told, "NAME": name}
    captured |= {"CHOSEN": chosen, "MISSING": missing, "NOT_GIVEN": NOT_GIVEN}
    captured |= {"DEFAULTS": values | own.optional, "REFUSE_OUT": refuse_out}
    namespace = {"__name__": function.__module__}  # whose frames are not the user's
    made = make(function.__name__, parameters, lines, namespace, **captured)
    made.__defaults__ = defaults or None
    made.__kwdefaults__ = own.optional | dict.fromkeys(extra) or None
    return made  # type: ignore[no-any-return]


class _Signature:
    """A function's parameters, read off its code: ``inspect.signature`` takes ten times as long."""

    def __init__(self, function: Callable[..., Any]) -> None:
        code = function.__code__
        end = code.co_argcount + code.co_kwonlyargcount
        others = list(code.co_varnames[end:])
        self.names = list(code.co_varnames[:end])
        self.positional = self.names[: code.co_argcount]
        self.keywords = self.names[code.co_argcount :]
        self.rest = others.pop(0) if code.co_flags & CO_VARARGS else None
        self.options = others.pop(0) if code.co_flags & CO_VARKEYWORDS else None
        self.defaults = function.__defaults__ or ()
        self.optional = dict(function.__kwdefaults__ or {})
        self.required = len(self.positional) - len(self.defaults)
        self.passed = [f"{n}={n}" for n in self.keywords]
