"""Formulas that are one operator, or one function of NumPy's, recognised by their bytecode.

The calculus of the commonest ops is ``return x * y`` and ``lambda y: y``.  A generated function
has such a formula in its text, in place of a call, and NumPy has a function for it, whose loop
threads can share on large arrays.  So they can where the formula is ``return np.tanh(x)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Bytecode, the text that does the same, and NumPy's function.
_OPERATORS: dict[bytes, tuple[str, np.ufunc | None]] = {
    (lambda x: x).__code__.co_code: ("{0}", None),
    (lambda x: -x).__code__.co_code: ("-{0}", np.negative),
    (lambda x, y: x + y).__code__.co_code: ("{0} + {1}", np.add),
    (lambda x, y: x - y).__code__.co_code: ("{0} - {1}", np.subtract),
    (lambda x, y: x * y).__code__.co_code: ("{0} * {1}", np.multiply),
    (lambda x, y: x / y).__code__.co_code: ("{0} / {1}", np.divide),
}
_FUNCTIONS = {
    (lambda x: np.sin(x)).__code__.co_code,
    (lambda x, y: np.add(x, y)).__code__.co_code,
}
NO_OPERATOR = (None, None)


def ufunc_of(function: Any) -> np.ufunc | None:
    """Return NumPy's function that a forward is, None of another.

    An attribute among the factors, as in ``def f(x, *, slope): return x * slope``, is no operand,
    though the bytecode is the same.
    """
    code = function.__code__
    if code.co_code in _FUNCTIONS and function.__globals__.get(code.co_names[0]) is np:
        found = getattr(np, code.co_names[1])
    else:
        found = _operator(function)[1]
    takes = code.co_argcount if not code.co_kwonlyargcount else None
    return found if isinstance(found, np.ufunc) and found.nin == takes else None


def call(function: Any, name: str, arguments: Sequence[str]) -> str:
    """Return the text of a call of ``function``, or of its one operator."""
    expression = _operator(function)[0]
    if expression is not None:
        return expression.format(*arguments)
    return f"{name}({', '.join(arguments)})"


def _operator(function: Any) -> tuple[str | None, np.ufunc | None]:
    code = function.__code__
    return NO_OPERATOR if code.co_names else _OPERATORS.get(code.co_code, NO_OPERATOR)
