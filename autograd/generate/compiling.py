"""From lines of text to a function: what is written alike is compiled once.

``exp``, ``sin`` and fifty others differ in what they call and not in their text, and compiling is
most of what importing autograd costs.  Each function still has its own code, with its own name in
tracebacks and profiles: the interpreter notes in the code what a call site met last, and functions
that shared it would spoil each other's notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import CodeType
from typing import Any


def make(
    name: str,
    parameters: Iterable[str],
    lines: Iterable[str],
    namespace: dict[str, Any],
    **captured: Any,
) -> Any:
    """Return a function of these parameters and lines, which sees a namespace and a closure.

    Parameters
    ----------
    name : str
        The function's name, which is no part of the text.
    parameters, lines : iterable of str
        What stands in the brackets, and the body, indented by 8.
    namespace : dict
        The function's globals.
    **captured
        What the lines know by further names.
    """
    text = "\n".join(
        [
            f"def make({', '.join(captured)}):",
            f"    def function({', '.join(parameters)}):",
            *lines,
            "    return function",
        ]
    )
    made: dict[str, Any] = {}
    exec(_compiled(text), namespace, made)  # noqa: S102
    function = made["make"](**captured)
    function.__name__ = function.__qualname__ = name
    function.__code__ = function.__code__.replace(
        co_name=name, co_qualname=name, co_filename=f"<backlight {name}>"
    )
    return function


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "<backlight>", "exec")
