"""Local derivatives along the ways of a card, and the rule in words where they are no number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from viz.extract import Recording
from viz.fold import Group
from viz.trace import Trace

__all__ = ["RULES", "local_derivatives", "rule_text"]

LARGEST = 512  # numbers of an array whose local derivatives are shown one by one

# What an operation sends to an operand, g being its own gradient; (op, operand) or op alone.
RULES: dict[Any, str] = {
    "add": "g",
    ("subtract", 0): "g",
    ("subtract", 1): "−g",
    "multiply": "g × the other factor",
    ("divide", 0): "g / y",
    ("divide", 1): "−g z / y",
    "negative": "−g",
    "power": "g y x^(y−1)",
    "square": "2 g x",
    "exp": "g z",
    "log": "g / x",
    "sqrt": "g / (2z)",
    "tanh": "g (1 − z²)",
    "sigmoid": "g z (1 − z)",
    "relu": "g where z > 0",
    "maximum": "g where larger",
    "maximum_of": "g where larger",
    "minimum": "g where smaller",
    "minimum_of": "g where smaller",
    "clip": "g within bounds",
    "where": "g where chosen",
    ("matmul", 0): "g @ yᵀ",
    ("matmul", 1): "xᵀ @ g",
    ("linear", 0): "g @ W",
    ("linear", 1): "gᵀ @ x",
    ("linear", 2): "Σ g over the batch",
    ("conv1d", 0): "g ∗ flipped weight",
    ("conv1d", 1): "x ⋆ g",
    ("conv1d", 2): "Σ g",
    ("conv2d", 0): "g ∗ flipped weight",
    ("conv2d", 1): "x ⋆ g",
    ("conv2d", 2): "Σ g",
    "sum": "g, spread",
    "mean": "g / n, spread",
    "max": "g, to the winner",
    "min": "g, to the winner",
    "amax": "g, to the winners",
    "amin": "g, to the winners",
    "max_pool1d": "g, to the winners",
    "max_pool2d": "g, to the winners",
    "avg_pool2d": "g / k², spread",
    "reshape": "g, reshaped",
    "flatten": "g, reshaped",
    "permute": "g, permuted back",
    "transpose": "g, transposed",
    "getitem": "g, put back",
    "broadcast_to": "Σ g over copies",
    "concatenate": "its part of g",
    "stack": "its part of g",
    "cross_entropy": "(p − y) / n",
    "softmax": "p (g − Σ g p)",
    "dropout": "g × mask",
}


def rule_text(op: str, position: int) -> str:
    """Return the rule by which an operation sends gradient to one operand, ``""`` if unknown.

    >>> rule_text("matmul", 1), rule_text("sum", 0), rule_text("fft", 0)
    ('xᵀ @ g', 'g, spread', '')
    """
    return RULES.get((op, position)) or RULES.get(op, "")


def local_derivatives(recording: Recording, group: Group, trace: Trace) -> list[Any]:
    """Return the derivative of a card by each of its inputs, in the order of ``group.uses``.

    Along one way it is the product of the operations' partials. Where an operation has no
    partials it is the quotient of what was sent and what arrived, if both are numbers; None for
    constants and wherever it would be a Jacobian.
    """
    partials = {m: _partials(recording, m) for m in group.members}
    factor: dict[int, Any] = {group.head: 1.0}
    for member in reversed(group.members):  # the head is the latest
        if member != group.head:
            consumer, position = group.into[member]
            factor[member] = _product(factor[consumer], partials[consumer], position)
    found = []
    for use in group.uses:
        if use.source is None:
            found.append(None)
            continue
        member, position = use.entry
        local = _product(factor[member], partials[member], position)
        if local is None:
            local = _quotient(trace.contributions.get(use.entry), trace.upstream.get(group.head))
        found.append(local)
    return found


def _partials(recording: Recording, index: int) -> tuple[Any, ...]:
    record = recording.records[index]
    if not record.elementwise or math.prod(record.shape) > LARGEST:
        return (None,) * len(record.operands)
    try:
        return record.node.partials
    except RuntimeError:  # a saved value was changed in place, or let go
        return (None,) * len(record.operands)


def _product(factor: Any, partials: tuple[Any, ...], position: int) -> Any:
    partial = partials[position] if position < len(partials) else None
    if factor is None or partial is None:
        return None
    if np.ndim(factor) == 0 and factor == 1:
        return partial
    with np.errstate(all="ignore"):
        try:
            return factor * partial
        except ValueError:  # shapes that meet only through a sum
            return None


def _quotient(sent: Any, upstream: Any) -> Any:
    if sent is None or upstream is None or np.ndim(sent) or np.ndim(upstream) or not upstream:
        return None
    with np.errstate(all="ignore"):
        return sent / upstream
