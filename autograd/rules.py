"""Rules at work: the contributions that an op sends to its operands.

The same lines (``row.run``, written by generate/backward.py from the row) run on arrays, a
first-order backward, and under ``create_graph`` on Tensors made afresh from the saved payloads
and their edges, so that they record themselves.  Every value that a rule reads is checked against
the version it had when it was saved, and every contribution is summed back to its operand's shape
and cast to its dtype here, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.blocks import LARGE, in_blocks, shared, worth_threads
from autograd.graph import Guard, Node, Op
from autograd.ops.passing import cast, gate, gate_into
from autograd.ops.reduction import sum_to
from autograd.parts import Parts
from autograd.record import RECORDING, handle, output

ARRAYS = (np.ndarray, np.generic)


def contributions(
    op: Op,
    upstream: Any,
    wanted: tuple[bool, ...],
    graph: bool = False,
    support: type[Support] | None = None,
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
    support : type, optional
        What the rules call; ``Unfitted`` leaves contributions in the output's shape.

    Raises
    ------
    RuntimeError
        If a value that a rule reads was changed in place, or let go by an earlier backward.
    """
    saved, z = op.saved, op.value
    if graph:
        guards = op.guards or (None,) * (len(saved) + 1)
        saved = tuple(map(_as_tensor, saved, op.operands, guards))
        z = _as_tensor(z, op, guards[-1]) if not op.row.outputs else _as_outputs(op)
    sent = op.row.run(op, upstream, wanted, saved, z, support or Support)
    if graph:  # a rule that reads no operand (a derivative of 0) returns an array
        sent = tuple([handle(c, None) if isinstance(c, ARRAYS) else c for c in sent])
    return sent


def contributions_again(op: Op) -> tuple[Any, ...] | None:
    """Return what an op sent that did not keep it, since that was mostly zeros; None if unknown."""
    if op.grad is None or op.row.add_at is None:
        return None
    return contributions(op, op.grad, tuple(node is not None for node in op.operands))


def value_of(op: Op, i: int, graph: bool) -> Any:
    """Return an operand that was saved, with ``graph`` as a Tensor; refuse one that was changed."""
    guards = op.guards or Support.unguarded(op)
    guard = guards[i]
    if guard is not None and guard.changed > op.sequence:
        Support.refuse(op, i)
    return _as_tensor(op.saved[i], op.operands[i], guard) if graph else op.saved[i]


def partials(op: Op) -> tuple[Any, ...]:
    """Return an elementwise op's local derivatives: its rules with an upstream of 1."""
    tracked = tuple(node is not None for node in op.operands)
    if op.guards == ():
        return (None,) * len(tracked)
    one = np.ones(op.shape, op.dtype)[()]
    return op.row.run(op, one, tracked, op.saved, op.value, Unfitted)


class Support:
    """What the generated rules call."""

    @staticmethod
    def unguarded(op: Op) -> tuple[Guard, ...]:
        """Return no guards for an op on scalars; refuse one whose payloads were let go."""
        if op.guards is None:
            return (None,) * (len(op.saved) + 1)
        raise RuntimeError(
            f"{op.name}: the values saved for backward were let go by an earlier backward; "
            "call that one with retain_graph=True to walk the graph twice"
        )

    @staticmethod
    def apply(upstream: Any, partial: Any) -> Any:
        """Multiply the upstream by a partial; a boolean partial selects."""
        if type(partial) is bool or partial.dtype.char == "?":
            return gate(upstream, partial)
        return upstream * partial

    @staticmethod
    def times(upstream: Any, factor: Any) -> Any:
        """Multiply the upstream by an operand."""
        if type(upstream) is np.ndarray and worth_threads((upstream,)):
            return shared(np.multiply, upstream, factor)
        return upstream * factor

    @staticmethod
    def send(upstream: Any, partial: Callable[..., Any], *values: Any) -> Any:
        """Multiply the upstream by a partial of ``values``, in blocks if it is large."""
        if type(upstream) is np.ndarray and upstream.size >= LARGE:

            def product(upstream: Any, *values: Any, out: Any = None) -> Any:
                factor = partial(*values)
                if out is None or np.shape(factor) != out.shape:
                    return Support.apply(upstream, factor)
                if factor.dtype.char == "?":
                    return gate_into(upstream, factor, out)
                return np.multiply(upstream, factor, out=out)

            sent = in_blocks(product, (upstream, *values), into=True)
            if sent is not None:
                return sent
        return Support.apply(upstream, partial(*values))

    @staticmethod
    def sent(rule: Callable[..., Any], upstream: Any, *values: Any) -> Any:
        """Return what an elementwise rule makes of the upstream, in blocks if it is large."""
        if type(upstream) is np.ndarray and upstream.size >= LARGE:
            sent = in_blocks(rule, (upstream, *values))
            if sent is not None:
                return sent
        return rule(upstream, *values)

    @staticmethod
    def fit(c: Any, node: Node) -> Any:
        """Sum a contribution back to its operand's shape and cast it to its dtype."""
        if c.shape != node.shape:
            c = sum_to(c, shape=node.shape)
        if c.dtype != node.dtype:
            c = cast(c, dtype=node.dtype)
        return c[()] if not node.shape and type(c) is np.ndarray else c

    @classmethod
    def fit_all(
        cls, sent: Sequence[Any], nodes: Sequence[Node | None], wanted: Sequence[bool]
    ) -> tuple[Any, ...]:
        """Fit what a shared rule returned, dropping what was not asked for."""
        return tuple(
            cls.fit(c, node) if asked and c is not None and node is not None else None
            for c, node, asked in zip(sent, nodes, wanted, strict=True)
        )

    @staticmethod
    def in_single(value: Any) -> Any:
        """Return half floats, or several outputs of them, in single precision."""
        if type(value) is Parts:
            return Parts(tuple(map(Support.in_single, value)))
        half = value is not None and value.dtype.char == "e"
        return cast(value, dtype=np.dtype(np.float32)) if half else value

    @staticmethod
    def shape_of(op: Op, i: int) -> tuple[int, ...]:
        """Return an operand's shape; of a constant, that of its value."""
        node = op.operands[i]
        return np.shape(op.saved[i]) if node is None else node.shape

    @staticmethod
    def zeros(like: Any) -> Any:
        """Return zeros of a contribution's shape and dtype."""
        return np.zeros(like.shape, like.dtype)[()]

    @staticmethod
    def refuse(op: Op, i: int) -> NoReturn:
        """Refuse a value that was changed in place since it was saved."""
        what = "its output" if i == -1 else f"its operand {op.operand_names[i]!r}"
        where = f" in {op.module}" if op.module else ""
        raise RuntimeError(
            f"{op.name}{where}: {what}, which the derivative needs, was changed in place since it "
            "was used; change a copy instead (x = x * 2, or x.clone())"
        )


RECORDING["Support"] = Support


class Unfitted(Support):
    """For a picture and for tangents: what a rule returns keeps the output's shape."""

    @staticmethod
    def fit(c: Any, node: Node) -> Any:
        """Leave the contribution as it is."""
        return c


def _as_outputs(op: Op) -> Any:
    """Return the outputs of an op of several as Tensors, each with a node that leads to the op."""
    if op.value is None:  # no rule reads them
        return None
    guard = op.guards[-1] if op.guards else None
    storages = guard.each if guard is not None else (None,) * len(op.value)  # type: ignore[attr-defined]
    return Parts(
        tuple(
            output(op, i, z, storage) if z.dtype.kind == "f" else handle(z, None, storage)
            for i, (z, storage) in enumerate(zip(op.value, storages, strict=True))
        )
    )


def _as_tensor(payload: Any, node: Node | None, guard: Guard) -> Any:
    """Return what an operand was as a Tensor of the same storage, so that changes are seen."""
    if node is None or payload is None:
        return payload
    return handle(payload, node, guard)
