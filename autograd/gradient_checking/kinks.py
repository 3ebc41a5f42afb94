"""Kinks: points within the step where an operation decides otherwise.

A difference across a kink of ``relu``, ``abs`` or ``max`` is a mean of two slopes and agrees with
neither.  The graphs recorded at four points of the step, x - h, x, x + h/3 and x + h, tell: where
an op's rule is smooth, what it sends changes at one rate over the three stretches between; where a
winner changes, it jumps within one of them and stays in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.forward import source_of
from autograd.graph import Op
from autograd.parts import Parts
from autograd.record import is_tensor
from autograd.rules import contributions
from autograd.walk import reach

POINTS = (-1.0, 0.0, 1 / 3, 1.0)  # in steps


def find_kink(outputs: Sequence[Sequence[Any]]) -> str | None:
    """Return which op decides otherwise, given what the function returned at the points.

    Returns
    -------
    str or None
        ``"amax changed its winner"``; None if there is no such op.
    """
    graphs = [_ops(found) for found in outputs]
    for ops in zip(*graphs, strict=False):
        first = ops[0]
        for other in ops[1:]:
            if (other.row, other.shape) != (first.row, first.shape):
                said = [f"{op.name} of shape {op.shape}" for op in (first, other)]
                return f"the function branched, {said[0]} here and {said[1]} there"
        if source_of(first) is not None or any(op.guards == () for op in ops):
            continue
        sent = [_sent(op) for op in ops]
        if any(_jumps(*parts) for parts in zip(*sent, strict=True)):
            return f"{first.name} changed its winner"
        values = [_floats(op.value) for op in ops]
        if any(_jumps(*parts) for parts in zip(*values, strict=True)):
            return f"{first.name} made a step"
    if len({len(graph) for graph in graphs}) > 1:
        return "the function branched"
    return None


def _ops(outputs: Sequence[Any]) -> list[Op]:
    roots = {o.node: None for o in outputs if is_tensor(o) and o.node is not None}
    return reach(dict(roots))[0]


def _sent(op: Op) -> list[Any]:
    """Return what an op sends to its operands for a random upstream, and the indices it found."""
    random = np.random.default_rng(0)

    def seed(shape: Any, dtype: Any) -> Any:
        return np.asarray(random.uniform(0.5, 1.5, shape), dtype)[()]

    upstream: Any
    found = []
    if op.row.outputs:
        if op.value is None:
            return []
        floats = [z.dtype.kind == "f" for z in op.value]
        pairs = zip(op.value, floats, strict=True)
        upstream = Parts(tuple(seed(z.shape, z.dtype) if f else None for z, f in pairs))
        found = [z for z, f in zip(op.value, floats, strict=True) if not f]
    else:
        upstream = seed(op.shape, op.dtype)
    wanted = tuple(node is not None for node in op.operands)
    with np.errstate(all="ignore"):
        sent = contributions(op, upstream, wanted)
    return found + [c for c in sent if c is not None]


def _floats(value: Any) -> list[Any]:
    parts = list(value) if isinstance(value, Parts) else [value]
    return [part for part in parts if part is not None and part.dtype.kind == "f"]


def _jumps(*values: Any) -> bool:
    """Tell whether an element jumps within one stretch and stays in another."""
    first = values[0]
    if any(value.shape != first.shape for value in values):
        return True
    if first.dtype.kind != "f":
        return any(bool(np.any(value != first)) for value in values)
    with np.errstate(all="ignore"):
        every = np.stack(values)
        lengths = np.diff(POINTS).reshape(-1, *[1] * first.ndim)
        changes = np.abs(np.diff(every, axis=0))
        rates = changes / lengths
        scale = np.max(np.abs(every), initial=0, where=np.isfinite(every))
        uneven = rates.min(0) < 0.02 * rates.max(0)
        return bool(np.any(uneven & (changes.max(0) > 1e-4 * scale)))
