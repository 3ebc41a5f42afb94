"""Local derivatives along the ways of a card, where they are numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from viz.extract import Recording
from viz.fold import Group
from viz.trace import Trace

__all__ = ["local_derivatives"]

LARGEST = 512  # numbers of an array whose local derivatives are shown one by one


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
