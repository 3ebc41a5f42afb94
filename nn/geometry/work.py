"""What an operation costs for one sample: products that are added up, and values that it makes."""

from __future__ import annotations

import re
from math import prod
from typing import Any

__all__ = ["holds", "multiply_adds"]


def multiply_adds(op: Any) -> int:
    """Return the products of a recorded operation that are added up; none of what is elementwise.

    A weight of a convolution or a linear layer meets every place of the output once.
    """
    name = op.name
    if re.fullmatch(r"conv\dd", name) or name == "linear":
        return per_sample(op.shape) * prod(op.saved[1].shape[1:])
    if re.fullmatch(r"conv_transpose\dd", name):
        return per_sample(op.operands[0].shape) * prod(op.saved[1].shape[1:])
    if name == "matmul":
        x, y = op.operands[0], op.operands[1]
        inner = x.shape[-1] if x is not None else y.shape[-2] if len(y.shape) > 1 else y.shape[0]
        return per_sample(op.shape) * inner
    return 0


def holds(op: Any) -> int:
    """Return how many values an operation adds to what a backward keeps.

    What is elementwise can be written in place of its operand, and a view is its operand: both add
    none. Nor does an adaptive pooling whose windows are single values.
    """
    if op.elementwise or op.row.view or "." in op.name or op.name in ("clone", "cast"):
        return 0
    if op.name.startswith("adaptive") and op.shape == op.operands[0].shape:
        return 0
    shape = op.shape
    if shape and not isinstance(shape[0], int):  # of several outputs
        return sum(per_sample(part) for part in shape if part is not None)
    return per_sample(shape)


def per_sample(shape: tuple[int, ...]) -> int:
    """Return the number of values of one sample: of all axes but those of length 0.

    Examples
    --------
    >>> per_sample((0, 64, 7, 7))
    3136
    """
    return prod(length for length in shape if length)
