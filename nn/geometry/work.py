"""What an operation costs for one sample: products that are added up, and values that it makes.

Shapes are those of an empty batch, whose axis of length 0 stands for one sample. Where ``forward``
folds another axis into the batch, ``x.reshape(-1, C)`` of (0, L, C), the length L is gone from the
shapes; ``folds`` remembers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import prod
from typing import Any

__all__ = ["folds", "holds", "multiply_adds", "of_recurrent"]


def folds(ops: Iterable[Any]) -> dict[Any, int]:
    """Return, for each op in the order of their records, how many rows its batch has a sample."""
    found: dict[Any, int] = {}
    for op in ops:
        own = max((found.get(node, 1) for node in op.operands), default=1)
        if op.name == "reshape":
            before = own * per_sample(op.operands[0].shape)
            own = max(before // max(per_sample(op.shape), 1), 1)
        found[op] = own if 0 in op.shape else 1
    return found


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
        return per_sample(op.shape) * _shape(op, 0)[-1]
    if name == "attention":  # of queries with keys, and of the weights with values
        keys, values = _shape(op, 1), _shape(op, 2)
        return per_sample(op.shape[:-1]) * keys[-2] * (keys[-1] + values[-1])
    if name == "einsum":
        return _of_einsum(op)
    return 0


def _of_einsum(op: Any) -> int:
    """Every combination of its indices is one product."""
    sides = op.attributes["subscripts"].split("->")[0].replace(" ", "").split(",")
    if len(sides) < 2:
        return 0
    lengths = {
        letter: length
        for i, side in enumerate(sides)
        for letter, length in zip(side[::-1], _shape(op, i)[::-1], strict=False)
        if letter.isalpha()
    }
    return per_sample(tuple(lengths.values()))


def _shape(op: Any, i: int) -> tuple[int, ...]:
    """Return the shape of an operand, which was recorded or is a constant."""
    node = op.operands[i]
    return tuple((op.saved[i] if node is None else node).shape)


def of_recurrent(module: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return multiply-adds and values of a recurrent layer on an input of this shape.

    Every weight meets every step once; what is made are the outputs of each layer and direction.
    """
    steps = shape[1 if module.batch_first and len(shape) == 3 else 0]
    weights = [p for name, p in module._parameters.items() if "weight" in name and p is not None]
    directions = 2 if module.bidirectional else 1
    size = getattr(module, "proj_size", 0) or module.hidden_size
    return steps * sum(p.numel() for p in weights), steps * size * directions * module.num_layers


def holds(op: Any) -> int:
    """Return how many values an operation adds to what a backward keeps.

    What is elementwise can be written in place of its operand, and a view is its operand: both add
    none. Nor does an adaptive pooling whose windows are single values.
    """
    if op.elementwise or op.row.view or "." in op.name or op.name in ("clone", "cast"):
        return 0
    if op.name.startswith("adaptive") and op.shape == op.operands[0].shape:
        return 0
    return per_sample(op.shape)


def per_sample(shape: tuple[int, ...]) -> int:
    """Return the number of values of one sample: of all axes but those of length 0.

    Examples
    --------
    >>> per_sample((0, 64, 7, 7))
    3136
    """
    return prod(length for length in shape if length)
