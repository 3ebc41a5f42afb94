"""Naming: an error in NumPy's or Python's words is told again with the name of the function.

What a learner calls is seldom what fails: a list of unequal rows fails in NumPy, an array given as
a flag in Python's ``if``, a wrong axis in a helper.  Where an error leaves a public function, its
message is looked at once: if it does not speak of that function, the name is put before it, and
what Python says of arrays is said in words that tell what was expected.  A call that succeeds pays
for a ``try``, which is nothing, and functions that have no frame of their own for it get one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from autograd.generate.guarding import guarded

if TYPE_CHECKING:
    from autograd.signatures import Spelled

P = ParamSpec("P")
R = TypeVar("R")

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


def naming(function: Callable[P, R]) -> Spelled[P, R]:
    """Let the errors that leave a function say its name; see the top of this room."""
    name = function.__name__.removeprefix("linalg_").removesuffix("_method")

    def told(error: Exception, *operands: Any) -> Exception:
        return named(error, name, operands)

    return wraps(function)(guarded(function, told, name))  # type: ignore[return-value]
