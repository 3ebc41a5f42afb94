"""Naming: an error in NumPy's or Python's words is told again with the name of the function.

What a learner calls is seldom what fails: a list of unequal rows fails in NumPy, an array given as
a flag in Python's ``if``, a wrong axis in a helper.  Where an error leaves a public function, its
message is looked at once: if it does not speak of that function, the name is put before it, and
what Python says of arrays is said in words that tell what was expected.  A call that succeeds pays
for a ``try``, which is nothing, and functions that have no frame of their own for it get one.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from autograd.generate.compiling import make
from autograd.spelling import NOT_GIVEN, chosen, missing, refuse_out, spellings

F = TypeVar("F", bound=Callable[..., Any])

_ERRORS = (
    *(IndexError, NotImplementedError, OverflowError, ZeroDivisionError, ValueError, TypeError),
    RuntimeError,
)
_NO_TENSORS = (bool, int, float, complex, str, list, tuple, dict, slice, type)
_FIRST_WORD = re.compile(r"([\w.]+)(\[index\][ =value]*|\([\w, ]*\))?: ")
_WORDS = [
    (
        r"truth value of an? |bool value of Tensor|more than one element",
        TypeError,
        "expected one number, True or False, got a tensor, array or list",
    ),
    ("inhomogeneous shape", ValueError, "expected nested lists of equal length"),
    (
        "only 0-dimensional arrays|only length-1 arrays",
        TypeError,
        "expected one number, got a tensor, array or list",
    ),
    (
        "StrDType|<U|could not convert string|data type 'O'|safely coerced",
        TypeError,
        "expected numbers, got text or objects",
    ),
]


def named(error: Exception, name: str, operands: Sequence[Any] = ()) -> Exception:
    """Return an error that says which function it is of: NumPy's and Python's do not.

    ``operands`` are what the function was given: of those that are no tensors at all, Python would
    say which attribute they lack.
    """
    message = str(error)
    plain = name.rpartition(".")[2]
    if isinstance(error, AttributeError):
        wrong = error.obj
        if isinstance(wrong, _NO_TENSORS) or any(wrong is operand for operand in operands):
            return TypeError(f"{name}: expected a Tensor, got {wrong!r:.60}")
    kind = next((cls for cls in _ERRORS if isinstance(error, cls)), None)
    if kind is None or re.search(rf"(?<!\w){re.escape(plain.strip('_'))}_?(?!\w)", message):
        return error
    if isinstance(error, np.linalg.LinAlgError):
        kind = type(error)
    first = _FIRST_WORD.match(message)
    if first is not None:
        if not _is_public(first[1].rpartition(".")[2]):
            message = message[first.end() :]  # a helper's name
        return kind(f"{name}: {message}")
    for words, meant, sentence in _WORDS:
        if re.search(words, message):
            return meant(f"{name}: {sentence}")
    return kind(f"{name}: {message}")


def type_name(value: Any) -> str:
    """Return what a value is called in an error: ``list``, but ``torch.Tensor``."""
    cls = type(value)
    package = cls.__module__.partition(".")[0]
    return cls.__name__ if package == "builtins" else f"{package}.{cls.__name__}"


def _is_public(word: str) -> bool:
    """Tell whether a function of this name is one that learners call."""
    autograd = sys.modules["autograd"]
    places = (autograd, autograd.linalg, autograd.Tensor, np)
    return any(hasattr(place, word) for place in places)


def naming(function: F) -> F:
    """Let the errors that leave a function say its name; see the top of this room."""
    name = function.__name__.removeprefix("linalg_").removesuffix("_method")

    def told(error: Exception, *operands: Any) -> Exception:
        return named(error, name, operands)

    return wraps(function)(_guarded(function, told, name))  # type: ignore[return-value]


def _guarded(
    function: Callable[..., Any], told: Callable[..., Exception], name: str
) -> Callable[..., Any]:
    """Write a function that calls another and raises ``told(error, *operands)`` for its errors.

    It has the other's own signature (``*args, **options`` would cost three times as much), and
    besides PyTorch's names and ``out`` (spelling.py).
    """
    code = function.__code__
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    positional, keywords = names[: code.co_argcount], names[code.co_argcount :]
    others = list(code.co_varnames[len(names) :])
    rest = [others.pop(0)] if code.co_flags & inspect.CO_VARARGS else []
    options = others[:1] if code.co_flags & inspect.CO_VARKEYWORDS else []
    optional = function.__kwdefaults__ or {}
    defaults: list[Any] = [*(function.__defaults__ or ())]
    required = len(positional) - len(defaults)
    further = spellings(name, names)
    whole = [n for n in rest if n == "size"]  # rand(2, 3), rand((2, 3)) or rand(size=(2, 3))
    places = [positional.index(n) for n in further.values() if n in positional]
    first = min([*places, required])
    awaited = positional[first:required]  # what may come under another name, and all after it
    defaults = [*[NOT_GIVEN] * len(awaited), *defaults]
    parameters = [n if i < first else f"{n}=None" for i, n in enumerate(positional)]
    extra = [*further, *whole, *([] if "out" in names or options else ["out"])]
    parameters += [f"*_{n}" if n in whole else f"*{n}" for n in rest]
    parameters += ["*"] if not rest and (keywords or extra) else []
    parameters += [f"{name}=None" if name in optional else name for name in keywords]
    parameters += [f"{name}=None" for name in extra]
    parameters += [f"**{name}" for name in options]
    operands = [*positional, *(f"*_{n}" if n in whole else f"*{n}" for n in rest)]
    named = [*(f"{name}={name}" for name in keywords), *(f"**{name}" for name in options)]
    call = ", ".join([*operands, *named])
    last = positional[len(positional) - len(defaults) :]
    values = {**dict(zip(last, defaults, strict=True)), **optional}
    lines = []
    for other, own in further.items():
        default = f"DEFAULTS[{own!r}]"
        lines += [
            f"        if {other} is not None:",
            f"            {own} = CHOSEN(NAME, {own!r}, {own}, {other!r}, {other}, {default})",
        ]
    if "out" in extra:
        lines += ["        if out is not None:", "            REFUSE_OUT(NAME)"]
    for n in whole:
        lines += [f"        if {n} is not None:", f"            _{n} = (*_{n}, {n})"]
    if awaited:
        lines += [f"        if {' or '.join(f'{n} is NOT_GIVEN' for n in awaited)}:"]
        lines += [f"            MISSING(NAME, {awaited!r}, ({', '.join(awaited)},))"]
    lines += [
        "        try:",
        f"            return FUNCTION({call})",
        "        except Exception as error:",
        f"            raise TOLD({', '.join(['error', *operands])}) from None",
    ]
    namespace = {"__name__": function.__module__}  # whose frames are not the user's
    captured = {"FUNCTION": function, "TOLD": told, "NAME": name}
    captured |= {"CHOSEN": chosen, "MISSING": missing, "NOT_GIVEN": NOT_GIVEN, "DEFAULTS": values}
    captured |= {"REFUSE_OUT": refuse_out}
    made = make(function.__name__, parameters, lines, namespace, **captured)
    made.__defaults__ = tuple(defaults) or None
    made.__kwdefaults__ = {**optional, **dict.fromkeys(extra)} or None
    return made  # type: ignore[no-any-return]
