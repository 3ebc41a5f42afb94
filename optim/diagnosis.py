"""What went wrong: reading the recorded graph of a loss that is not a number."""

from __future__ import annotations

import numpy as np

from autograd import Leaf, Tensor

__all__ = ["first_not_finite"]


def first_not_finite(loss: Tensor) -> str:
    """Say which recorded operation was the first to give nan or infinity.

    Values that the graph did not keep (the largest ones) are passed over.
    """
    root = loss.node
    seen, order = {root}, [root] if root is not None else []
    for node in order:
        if isinstance(node, Leaf):
            continue
        for operand in node.operands:
            if operand is not None and operand not in seen:
                seen.add(operand)
                order.append(operand)
    for leaf in (node for node in order if isinstance(node, Leaf)):
        if not np.isfinite(leaf.value).all():
            return f"parameter {leaf.name or ''} of shape {leaf.shape} holds nan or infinity"
    ops = sorted((node for node in order if not isinstance(node, Leaf)), key=lambda op: op.sequence)
    for op in ops:
        for name, value in zip(op.operand_names, op.saved, strict=False):
            if isinstance(value, (np.ndarray, np.generic)) and not np.isfinite(value).all():
                return f"operand {name} of {_named(op)} holds nan or infinity"
        if op.value is not None and not np.isfinite(op.value).all():
            return f"the first operation to give nan or infinity is {_named(op)}"
    return "no operation kept the value in which it began"


def _named(op: object) -> str:
    where = f" in {op.module}" if op.module else ""
    return f"{op.name}{where} (output of shape {op.shape})"
