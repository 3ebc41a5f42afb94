"""What was recorded on the way to a tensor: its operations and leaves."""

from __future__ import annotations

from typing import Any

from autograd import Leaf, Op, Tensor

__all__ = ["recorded"]


def recorded(outputs: Any) -> tuple[list[Op], list[Leaf]]:
    """Return the operations that led to a tensor (or to the first of several), oldest first.

    And the leaves that they read.
    """
    while isinstance(outputs, (tuple, list)) and outputs:
        outputs = outputs[0]
    root = outputs.node if isinstance(outputs, Tensor) else None
    if root is None:
        return [], []
    found, order = {root}, [root]
    for node in order:
        for operand in node.operands if isinstance(node, Op) else ():
            if operand is not None and operand not in found:
                found.add(operand)
                order.append(operand)
    ops = sorted((node for node in order if isinstance(node, Op)), key=lambda op: op.sequence)
    return ops, [node for node in order if isinstance(node, Leaf)]
