"""Rules at work: the contributions that an op sends to its operands.

The same lines run on arrays (a first-order backward) and, under ``create_graph``, on Tensors made
afresh from the saved payloads and their edges, so that they record themselves.  Every value that
a rule reads is checked against the version it had when it was saved, and every contribution is
summed back to its operand's shape and cast to its dtype here, in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.graph import Guard, Node, Op
from autograd.op import Row
from autograd.ops.elementwise import cast, gate
from autograd.ops.reduction import sum_to
from autograd.record import handle


def contributions(
    op: Op, upstream: Any, wanted: tuple[bool, ...], graph: bool = False
) -> tuple[Any, ...]:
    """Return what ``op`` sends to each operand that is ``wanted``, given the upstream.

    Parameters
    ----------
    op : Op
    upstream : ndarray, NumPy scalar, or with ``graph`` a Tensor
    wanted : tuple of bool
        One an operand; the rules of the others are not run.
    graph : bool
        Whether the rules run on Tensors and record themselves.
    """
    row = op.row
    bound = _bind(op, wanted, graph)
    bound["upstream"] = upstream
    results: Sequence[Any]
    if row.vjp is not None:
        bound["wanted"] = wanted
        results = row.vjp(*[bound[name] for name in row.shared_wants])
    elif row.variadic:
        results = [None] * len(wanted)
        for i, asked in enumerate(wanted):
            bound["index"] = i
            results[i] = _apply(row, 0, bound, upstream) if asked else None
    else:
        results = [
            _apply(row, i, bound, upstream) if asked else None for i, asked in enumerate(wanted)
        ]
    return tuple(
        _fit(c, node) if asked and c is not None and node is not None else None
        for c, node, asked in zip(results, op.operands, wanted, strict=True)
    )


def partials(op: Op) -> tuple[Any, ...]:
    """Return an elementwise op's local derivatives: its rules with an upstream of 1."""
    row = op.row
    tracked = tuple(node is not None for node in op.operands)
    if op.guards == () or (not any(tracked)):
        return (None,) * len(tracked)
    one = np.ones(op.shape, op.dtype)[()]
    bound = _bind(op, tracked, False)
    bound["upstream"] = one
    return tuple(_apply(row, i, bound, one) if asked else None for i, asked in enumerate(tracked))


def _apply(row: Row, i: int, bound: dict[str, Any], upstream: Any) -> Any:
    rule = row.rules[i]
    if rule is None:
        return None
    if not callable(rule):
        if rule == 1:
            return upstream
        return -upstream if rule == -1 else _zeros(upstream)
    wants = row.wants[i]
    result = rule(*[bound[name] for name in wants])
    if "upstream" in wants:
        return result
    if getattr(result, "dtype", None) == np.bool_:
        return gate(upstream, result)
    return upstream * result


def _bind(op: Op, wanted: tuple[bool, ...], graph: bool) -> dict[str, Any]:
    """Return what rules may name; refuse values that were changed or let go."""
    row, saved, guards = op.row, op.saved, op.guards
    needed = row.needed(wanted)
    if guards == () and needed:
        raise RuntimeError(
            f"{row.name}: the values saved for backward were let go by an earlier backward; "
            "call that one with retain_graph=True to walk the graph twice"
        )
    if guards:
        for i in needed:
            guard = guards[i]
            if guard is not None and guard[0].version != guard[1]:
                raise RuntimeError(_changed(op, i, guard))
    bound: dict[str, Any] = {**op.attributes, **op.cached}
    bound["ties"] = op.mode.ties
    if row.variadic:
        values = list(saved)
        if graph:
            values = [_as_tensor(op, i) for i in range(len(values))]
        bound[row.names[0]] = values
    else:
        for i, name in enumerate(row.names):
            node = op.operands[i]
            bound[name] = _as_tensor(op, i) if graph else saved[i]
            bound[f"{name}_shape"] = np.shape(saved[i]) if node is None else node.shape
    if -1 in needed:
        bound["z"] = _as_tensor(op, -1) if graph else op.value
    return bound


def _as_tensor(op: Op, i: int) -> Any:
    """Return what an operand (or, for -1, the output) was, as a Tensor of that storage."""
    payload, node = (op.value, op) if i == -1 else (op.saved[i], op.operands[i])
    if node is None or payload is None:
        return payload
    guard = op.guards[i] if op.guards else None
    return handle(payload, node, None if guard is None else guard[0])


def _zeros(like: Any) -> Any:
    return np.zeros(like.shape, like.dtype)[()]


def _fit(c: Any, node: Node) -> Any:
    """Sum a contribution back to its operand's shape and cast it to its dtype."""
    if c.shape != node.shape:
        c = sum_to(c, shape=node.shape)
    if c.dtype != node.dtype:
        c = cast(c, dtype=node.dtype)
    return c[()] if not node.shape and type(c) is np.ndarray else c


def _changed(op: Op, i: int, guard: Guard) -> str:
    assert guard is not None
    what = "its output" if i == -1 else f"its operand {op.operand_names[i]!r}"
    where = f" in {op.module}" if op.module else ""
    times = guard[0].version - guard[1]
    return (
        f"{op.name}{where}: {what}, which the derivative needs, was changed in place "
        f"{times} time{'s' if times != 1 else ''} since it was used; "
        "change a copy instead (x = x * 2, or x.clone())"
    )
