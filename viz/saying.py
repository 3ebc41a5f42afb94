"""How the frames write quantities and lists: numbers, small arrays, running sums, names."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["SHORT", "listed", "role_of", "running_sum", "say"]

SHORT = 6  # elements of an array that is written out


def say(quantity: Any, number: Callable[[Any], str]) -> str:
    """Write a number, a small array element by element, a larger one by shape and norm."""
    if quantity is None:
        return "—"
    array = np.asarray(getattr(quantity, "payload", quantity))
    if not array.ndim:
        return number(array[()])
    if array.size <= SHORT:
        return _nested(array.tolist(), number)
    shape = "×".join(map(str, array.shape))
    return f"[{shape}], norm {number(np.linalg.norm(array.astype(float)))}"


def _nested(values: Any, number: Callable[[Any], str]) -> str:
    if isinstance(values, list):
        return f"[{', '.join(_nested(value, number) for value in values)}]"
    return number(values)


def role_of(text: str) -> str:
    """Return the class of a contribution: one of 0 looks different."""
    return "zero" if text == "0" else "gradient"


def running_sum(parts: Sequence[str]) -> str:
    """Write what has arrived so far; a long sum keeps its ends.

    >>> running_sum(["1", "−2", "3"])
    '1 − 2 + 3'
    """
    shown = [*parts[:3], "…", *parts[-2:]] if len(parts) > 6 else parts
    text = shown[0]
    for part in shown[1:]:
        text += f" − {part[1:]}" if part.startswith("−") else f" + {part}"
    return text


def listed(names: Sequence[str]) -> str:
    """Write names as a sentence does, at most seven.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    shown = [*names[:6], f"{len(names) - 6} more"] if len(names) > 7 else list(names)
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else "nothing"
