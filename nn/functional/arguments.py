"""Checks of arguments, as sentences: which function, what came, what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["check_count", "check_dtype", "check_floating", "pair", "shape_of"]


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a tensor or array."""
    return tuple(np.shape(value)) if not hasattr(value, "shape") else tuple(value.shape)


def pair(function: str, name: str, value: Any, minimum: int) -> tuple[int, int]:
    """Return ``value``, an int or two ints, as two ints of at least ``minimum``."""
    both = (value, value) if isinstance(value, (int, np.integer)) else value
    try:
        first, second = both
        valid = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in both)
    except (TypeError, ValueError):
        valid = False
    if not valid or isinstance(value, bool):
        raise TypeError(f"{function}: {name} must be an int or a pair of ints, got {value!r}")
    if first < minimum or second < minimum:
        raise ValueError(f"{function}: {name} must be at least {minimum}, got {value!r}")
    return int(first), int(second)


def check_count(layer: str, minimum: int, **counts: Any) -> None:
    """Refuse numbers of features or channels that are no integers, or too small."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
            raise TypeError(f"{layer}: {name} must be an int, got {count!r}")
        if count < minimum:
            raise ValueError(f"{layer}: {name} must be at least {minimum}, got {count}")


def check_floating(function: str, **operands: Any) -> None:
    """Refuse operands that are not floating-point numbers."""
    for name, operand in operands.items():
        dtype = getattr(operand, "dtype", None)
        if dtype is None or dtype.kind != "f":
            got = type(operand).__name__ if dtype is None else f"{dtype} of shape {operand.shape}"
            raise TypeError(f"{function}: {name} must be a floating-point tensor, got {got}")


def check_dtype(function: str, input: Any, **parameters: Any) -> None:
    """Refuse an input whose dtype is not that of the parameters (None is absent)."""
    check_floating(function, input=input)
    for name, parameter in parameters.items():
        if parameter is not None and parameter.dtype != input.dtype:
            raise TypeError(
                f"{function}: input is {input.dtype} but {name} is {parameter.dtype}; convert one "
                "of them (input.float(), or model.double() for float64)"
            )
