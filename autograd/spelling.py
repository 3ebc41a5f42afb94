"""Spelling: PyTorch's keywords, beside the names that the calculus gives to operands.

A row of calculus calls its operands x and y, and so do formulas, pictures and errors.  PyTorch's
keywords are ``input`` and ``other``, and code that comes from there says ``sum(input=t, dim=0)``.
Functions take both: what generate/recording.py writes has PyTorch's names as further parameters,
which an ordinary call does not touch.  All know ``out``, too, to refuse it in one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

__all__ = ["NOT_GIVEN", "chosen", "missing", "refuse_out", "spellings"]

# PyTorch's names of a parameter of ours, in every function and in particular ones.
COMMON = {"x": ("input",), "A": ("input",), "y": ("other",)}
SECTIONS: dict[str, tuple[str, ...]] = {"indices_or_sections": ("sections", "indices")}
PARTICULAR: dict[str, dict[str, tuple[str, ...]]] = {
    "cholesky_inverse": {"L": ("input",)},
    "cholesky_solve": {"L": ("input2",)},
    "copy_": {"source": ("src", "other")},
    "dot": {"y": ("tensor",)},
    "dsplit": SECTIONS,
    "float_power": {"y": ("exponent",)},
    "hsplit": SECTIONS,
    "isin": {"elements": ("element",), "test_elements": ("test_element",)},
    "max": {"dim": ("other",)},  # max(input, other) is maximum
    "min": {"dim": ("other",)},
    "power": {"y": ("exponent",)},
    "random_": {"high": ("to",)},
    "result_type": {"tensor1": ("tensor", "scalar", "scalar1"), "tensor2": ("other", "scalar2")},
    "searchsorted": {"values": ("input",)},
    "split": {"split_size_or_sections": ("split_size",)},
    "tensor_split": {"indices_or_sections": ("tensor_indices_or_sections",)},
    "transpose": {"dim0": ("axis0",), "dim1": ("axis1",)},
    "uniform_": {"high": ("to",)},
    "vsplit": SECTIONS,
}


class NotGiven:
    """The default of an operand that may come under PyTorch's name; errors call it nothing."""

    def __repr__(self) -> str:
        return "nothing"


NotGiven.__name__, NotGiven.__module__ = (
    "nothing",
    "builtins",
)  # "got nothing", says an error
NOT_GIVEN: Any = NotGiven()


def spellings(function: str, parameters: Iterable[str]) -> dict[str, str]:
    """Return PyTorch's further keywords of a function, each with the parameter that it means."""
    own = tuple(parameters)
    known = {**COMMON, **PARTICULAR.get(function, {})}
    return {other: name for name in own for other in known.get(name, ()) if other not in own}


def chosen(function: str, own: str, value: Any, other: str, given: Any, default: Any) -> Any:
    """Return what was given under PyTorch's name, unless it came under ours as well.

    Raises
    ------
    TypeError
        If it came under both.
    """
    if value is not default:
        raise TypeError(f"{function}: got both {own} and {other}, which are two names of one thing")
    return given


def missing(function: str, names: Iterable[str], values: Iterable[Any]) -> NoReturn:
    """Say which arguments a function was not given, as Python does.

    Raises
    ------
    TypeError
        Always.
    """
    absent = [n for n, value in zip(names, values, strict=True) if value is NOT_GIVEN]
    raise TypeError(f"{function}: missing {' and '.join(absent)}")


def refuse_out(function: str) -> NoReturn:
    """Refuse ``out=``, which PyTorch and NumPy have and a record of operations cannot.

    Raises
    ------
    TypeError
        Always.
    """
    raise TypeError(
        f"{function}: out= cannot be recorded; assign the result, or write it into a tensor with "
        "x.copy_(...)"
    )
