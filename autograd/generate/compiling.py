"""From lines of text to a function, which has its own name in tracebacks and profiles."""

from __future__ import annotations

from collections.abc import Iterable
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
        The function's name.
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
            f"    def {name}({', '.join(parameters)}):",
            *lines,
            f"    return {name}",
        ]
    )
    made: dict[str, Any] = {}
    exec(compile(text, f"<backlight {name}>", "exec"), namespace, made)  # noqa: S102
    function = made["make"](**captured)
    function.__name__ = function.__qualname__ = name
    return function
