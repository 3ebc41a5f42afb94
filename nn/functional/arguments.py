"""Checks of arguments, as sentences: which function, what came, what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import get_default_dtype
from autograd.devices import only_cpu

__all__ = [
    "check_broadcasts",
    "check_count",
    "check_dtype",
    "check_flags",
    "check_floating",
    "check_probability",
    "check_reduction",
    "check_tensor",
    "ints",
    "layer_dtype",
    "shape_of",
]


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a tensor or array."""
    return tuple(np.shape(value)) if not hasattr(value, "shape") else tuple(value.shape)


def ints(function: str, name: str, value: Any, count: int, minimum: int) -> tuple[int, ...]:
    """Return ``value``, an int or ``count`` ints, as ``count`` ints of at least ``minimum``.

    Examples
    --------
    >>> ints("conv2d", "stride", 2, 2, minimum=1)
    (2, 2)
    """
    if type(value) is int and value >= minimum:  # as nearly always
        return (value,) * count
    every = (value,) * count if isinstance(value, (int, np.integer)) else value
    try:
        valid = len(every) == count and all(
            isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in every
        )
    except TypeError:
        valid = False
    if not valid:
        raise TypeError(f"{function}: {name} must be an int or {_COUNTS[count]}, got {value!r}")
    if any(n < minimum for n in every):
        raise ValueError(f"{function}: {name} must be at least {minimum}, got {value!r}")
    return tuple(int(n) for n in every)


_COUNTS = {1: "one int in a tuple", 2: "a pair of ints", 3: "three ints"}


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
        kind = getattr(dtype, "kind", None)  # another library's dtype has none
        if kind != "f":
            got = f"{dtype} of shape {operand.shape}" if kind else _type_of(operand)
            raise TypeError(f"{function}: {name} must be a floating-point tensor, got {got}")


def check_tensor(function: str, **operands: Any) -> None:
    """Refuse operands that are neither tensors nor arrays."""
    for name, operand in operands.items():
        if not hasattr(getattr(operand, "dtype", None), "kind"):
            raise TypeError(f"{function}: {name} must be a tensor, got {_type_of(operand)}")


def _type_of(operand: Any) -> str:
    kind = type(operand)
    return f"{kind.__module__}.{kind.__name__}".removeprefix("builtins.")


def check_broadcasts(function: str, input: Any, **weights: Any) -> None:
    """Refuse weights that do not broadcast to the input, or would make the losses more."""
    for name, weight in weights.items():
        if weight is None:
            continue
        shape, own = shape_of(input), shape_of(weight)
        fits = len(own) <= len(shape) and all(
            n in (1, m) for n, m in zip(own[::-1], shape[::-1], strict=False)
        )
        if not fits:
            raise RuntimeError(
                f"{function}: {name} of shape {own} does not broadcast to the input's shape {shape}"
            )


def check_dtype(function: str, input: Any, **parameters: Any) -> None:
    """Refuse an input whose dtype is not that of the parameters (None is absent)."""
    check_floating(function, input=input)
    for name, parameter in parameters.items():
        if parameter is not None:
            check_tensor(function, **{name: parameter})
        if parameter is not None and parameter.dtype != input.dtype:
            raise TypeError(
                f"{function}: input is {input.dtype} but {name} is {parameter.dtype}; convert one "
                "of them (input.float(), or model.double() for float64)"
            )


def check_flags(layer: str, **flags: Any) -> None:
    """Refuse what is neither True nor False."""
    for name, flag in flags.items():
        if not isinstance(flag, (bool, np.bool_)):
            raise TypeError(f"{layer}: {name} must be True or False, got {flag!r}")


def check_probability(function: str, p: Any, name: str = "p") -> None:
    """Refuse a probability outside [0, 1]."""
    if isinstance(p, bool) or not isinstance(p, (int, float, np.floating)) or not 0 <= p <= 1:
        raise ValueError(f"{function}: {name} must be a probability in [0, 1], got {p!r}")


def check_reduction(function: str, reduction: str) -> None:
    """Refuse a reduction that is not 'mean', 'sum' or 'none'."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{function}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}"
        )


def layer_dtype(layer: str, device: Any, dtype: Any) -> np.dtype[Any]:
    """Return the dtype of a new layer, the default one if None; refuse other devices."""
    only_cpu(device, layer)
    found = np.dtype(get_default_dtype() if dtype is None else dtype)
    if found.kind != "f":
        raise TypeError(f"{layer}: dtype must be a floating-point one, got {found}")
    return found
