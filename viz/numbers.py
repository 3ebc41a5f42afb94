"""Numbers as a picture prints them: three significant digits and a true minus.

A rounded number keeps its zeros (``1.00``), an exact one has none to keep (``1``, ``0.5``); exact
means that the shortest text from which the number can be read back is no longer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["MINUS", "factor", "number", "operand", "total"]

MINUS = "\N{MINUS SIGN}"


def number(value: Any, precision: int = 3) -> str:
    """Write a number to `precision` significant digits.

    Examples
    --------
    >>> number(12.5), number(-30.0), number(1.2e-7), number(-0.0), number(0.99999)
    ('12.5', '−30', '1.2e−7', '0', '1.00')
    >>> number(np.float32(0.1)), number(1 / 3), number(123456.0), number(1234), number(1e6)
    ('0.1', '0.333', '1.23e5', '1234', '1e6')
    >>> number(float("nan")), number(-np.inf), number(True), number(3 + 4j)
    ('nan', '−inf', 'True', '3+4j')
    """
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, complex | np.complexfloating):
        return str(complex(value)).strip("()").replace("-", MINUS)
    if isinstance(value, int | np.integer) and abs(int(value)) < 100_000:
        return str(int(value)).replace("-", MINUS)
    shortest = float(str(np.asarray(value)[()]))
    if not math.isfinite(shortest):
        return str(shortest).replace("-", MINUS)
    if shortest == 0:
        return "0"
    exact = float(f"{shortest:.{precision - 1}e}") == shortest
    rounded = float(f"{shortest:.{precision - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)) + 1e-12)
    if shortest == int(shortest) and abs(shortest) < 100_000:
        text = str(int(shortest))
    elif -3 <= exponent < 5:
        text = f"{rounded:.{max(0, precision - 1 - exponent)}f}"
        if exact and "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        mantissa, power = f"{rounded:.{precision - 1}e}".split("e")
        if exact and "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        text = f"{mantissa}e{int(power)}"
    return text.replace("-", MINUS)


def operand(value: Any, precision: int = 3) -> str:
    """Write a number inside an expression: a negative one in parentheses.

    >>> operand(-2.0), operand(2.0)
    ('(−2)', '2')
    """
    text = number(value, precision)
    return f"({text})" if text.startswith(MINUS) else text


def factor(value: Any, precision: int = 3) -> str:
    """Write a local derivative: ``×−2``."""
    return f"×{number(value, precision)}"


def total(parts: list[Any], precision: int = 3) -> str:
    """Write a sum of numbers: ``10 + 5``, ``3 − 2``.

    >>> total([10.0, -5.0, 2.5])
    '10 − 5 + 2.5'
    """
    text = number(parts[0], precision)
    for part in parts[1:]:
        term = number(part, precision)
        text += f" {MINUS} {term[1:]}" if term.startswith(MINUS) else f" + {term}"
    return text
