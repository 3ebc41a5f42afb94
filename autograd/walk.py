"""The walk over a graph: who is reached, in which order, and what each op sends on.

Ops are visited in falling order of creation, without recursion, so that an op's upstream is
complete when its turn comes.  The sums in progress belong to the walk, so walks never meet; the
mode is changed around each rule and never across a ``yield``.  ``backprop`` has the public face.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from math import prod
from sys import getrefcount
from typing import Any, NamedTuple

import numpy as np

from autograd import hooks, keeping
from autograd.accumulation import LEAF_LOCK, lend, receive
from autograd.graph import SPENT, ArrayOp, Leaf, Node, Op, ScalarOp, SmallOp
from autograd.modes import MODE
from autograd.ops.passing import clone
from autograd.rules import Support, contributions
from autograd.watch import Watch, watch


class Step(NamedTuple):
    """One op's part of a backward pass.

    Attributes
    ----------
    op : Op
    upstream : ndarray, NumPy scalar, or under ``create_graph`` a Tensor
        The complete gradient of the root with respect to the op's output.
    contributions : tuple
        What the op sends to each operand; None where nothing is asked for.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> for step in autograd.steps(x * x):
    ...     print(step.op.name, float(step.upstream), [float(c) for c in step.contributions])
    multiply 1.0 [3.0, 3.0]
    """

    op: Op
    upstream: Any
    contributions: tuple[Any, ...]


def reach(roots: dict[Node, Any]) -> tuple[list[Op], int]:
    """Return the ops that the roots lead to, latest last, and the bytes of their arrays.

    An op bears the token of the walk that reached it last, which is cheaper than a set of those
    seen.  Two walks that begin at once in two threads may list an op twice; its upstream is
    taken at the first, so the second has nothing to do.
    """
    token = object()
    stack: list[Any] = []
    push, pull = stack.append, stack.pop
    for node in roots:
        if type(node) is not Leaf:
            if node.walk is SPENT:  # type: ignore[attr-defined]
                raise _spent(node)  # type: ignore[arg-type]
            node.walk = token  # type: ignore[attr-defined]
            push(node)
    order: list[Op] = []
    found = order.append
    held = 0
    edge: Any
    while stack:  # the check of an edge is written out: a call would take longer than it does
        op = pull()
        kind = type(op)
        if kind is ScalarOp or kind is SmallOp:
            found(op)
            edge = op.x
            if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                if last is SPENT:
                    raise _spent(edge)
                edge.walk = token
                push(edge)
            edge = op.y
            if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                if last is SPENT:
                    raise _spent(edge)
                edge.walk = token
                push(edge)
            if kind is SmallOp:
                z = op.value
                held += prod(op.shape) * op.dtype.itemsize if z is None else z.nbytes
            continue
        found(op)
        z = op.value
        held += prod(op.shape) * op.dtype.itemsize if z is None else z.nbytes
        for edge in op.operands:
            if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                if last is SPENT:
                    raise _spent(edge)
                edge.walk = token
                push(edge)
    if len(order) > 1:
        order.reverse()  # a depth-first search finds long runs in falling order: they sort fast
        order.sort(key=operator.attrgetter("sequence"))
    return order, held


def _spent(op: Op) -> RuntimeError:
    return RuntimeError(
        f"backward: {op.name} was passed by an earlier backward, and its graph is spent; give that "
        "one retain_graph=True to walk the graph twice"
    )


def lead(roots: dict[Node, Any], targets: set[Node]) -> tuple[list[Op], set[Node]]:
    """Return the ops between the roots and the targets, and these with the targets.

    Only ops on the way are asked whether they are spent.
    """
    seen = set(roots)
    reached: list[Any] = [node for node in roots if type(node) is not Leaf]
    for op in reached:
        for edge in op.operands:
            if edge is not None and edge not in seen:
                seen.add(edge)
                if type(edge) is not Leaf:
                    reached.append(edge)
    reached.sort(key=operator.attrgetter("sequence"))
    leading = set(targets)
    order = []
    for op in reached:
        if any(edge in leading for edge in op.operands if edge is not None):
            leading.add(op)
            order.append(op)
    for op in reversed(order):
        if op.walk is SPENT:
            raise _spent(op)
    return order, leading


def walk(
    pending: dict[Node, Any],
    order: list[Op],
    held: int,
    targets: set[Node] | None,
    leading: set[Node] | None,
    sink: dict[Node, Any] | None,
    retain: bool,
    graph: bool,
    stepping: bool,
) -> Iterator[Step]:
    """Send each op's upstream through its rules, latest op first.

    Yields each step if someone is ``stepping``; otherwise the one ``next`` goes through to the
    end.  What costs nothing to hold, what scalars and small arrays send to a leaf, slices of one
    array, and upstreams passed on as they are, adds up within the walk and is delivered at its end.
    """
    small = held <= keeping.SMALL
    whole = small or keeping.stays_whole(held)
    take, sum_of = pending.pop, pending.get
    ours: set[Node] = set()  # whose sum in progress is an array of our own
    watched = watch(order, pending, graph)
    plain = not graph and targets is None and sink is None and watched is None
    for root in tuple(pending):
        if type(root) is Leaf and (watched is None or root not in watched.leaves):
            _deliver(root, take(root), sink, graph, True)
    try:
        for op in reversed(order):
            if watched is not None and watched.due:
                _deliver_watched(watched, op.sequence, pending, sink, graph)
            upstream = take(op, None)
            if upstream is None:
                continue
            if plain and type(op) is not ArrayOp:  # no operand to choose, nothing to let go
                try:
                    if type(op) is ScalarOp:
                        sent = op.row.scalar_send(op, upstream, pending, sum_of)
                    else:
                        sent = op.row.small_send(op, upstream, pending, sum_of)
                        if whole:
                            op._contributions = sent
                except Exception as error:
                    _note(error, op, upstream)
                    raise
                if not retain:
                    op.walk = SPENT
                op.grad = upstream
                if stepping:
                    _deliver_sums(pending)
                    yield Step(op, upstream, sent)
                continue
            operands = op.operands
            if watched is not None:
                upstream = watched.arrive(op, upstream)
            if targets is not None and op in targets:
                _capture(op, upstream, sink)
            add_at = None if graph or stepping or watched else op.row.add_at
            if add_at is not None and operands[0] in ours:
                total = pending[operands[0]]
                if add_at(total, upstream, **op.attributes):
                    if not retain:
                        op.walk = SPENT
                    keeping.keep(op, upstream, None, whole, not retain)
                    continue
            source = op
            if leading is None and type(op) is ArrayOp:
                wanted = op.wanted
            else:
                wanted = tuple(
                    [e is not None and (leading is None or e in leading) for e in operands]
                )
            try:
                if watched is not None:
                    upstream, source = watched.enter(op, upstream)
                if graph:
                    sent = _recorded_rules(source, upstream, wanted)
                elif type(source) is ScalarOp:
                    sent = op.row.scalar_contributions(op, upstream)
                    sent = tuple(c if w else None for c, w in zip(sent, wanted, strict=True))
                else:
                    sent = op.row.run(source, upstream, wanted, source.saved, source.value, Support)
                if watched is not None:
                    sent = watched.leave(op, source, upstream, sent)
            except Exception as error:
                _note(error, op, upstream)
                raise
            for edge, c in zip(operands, sent):  # noqa: B905 - equal by construction
                if c is None or edge is None:
                    continue
                if add_at is not None and type(c) is np.ndarray:  # ours: the op does not keep it
                    if edge in ours:
                        np.add(pending[edge], c, out=pending[edge])
                    else:
                        before = sum_of(edge)
                        pending[edge] = c if before is None else before + c
                        ours.add(edge)
                    sent = None
                elif type(edge) is Leaf and (watched is None or edge not in watched.leaves):
                    passed = c is upstream or _repeats(sent, c)
                    inspecting = op.mode.inspecting
                    if plain and passed and not (whole or stepping):  # who else needs it is done
                        before = sum_of(edge)  # at the end, when it need not be copied
                        pending[edge] = c if before is None else before + c
                    elif whole and sink is None and not (passed or small or graph or inspecting):
                        lent = lend(edge, c)
                        if lent is None:
                            _deliver(edge, c, sink, graph, True)
                        else:
                            sent = tuple([lent if other is c else other for other in sent])
                    else:
                        aliased = whole or passed or inspecting
                        _deliver(edge, c, sink, graph, aliased)
                elif edge not in pending:
                    pending[edge] = c
                elif edge in ours:
                    np.add(pending[edge], c, out=pending[edge])
                else:
                    total = recorded(operator.add, pending[edge], c) if graph else pending[edge] + c
                    pending[edge] = total
                    if type(total) is np.ndarray:
                        ours.add(edge)
            if not retain:
                op.walk = SPENT
            if small and not graph:
                op.grad = upstream
                if type(op) is not ScalarOp:
                    op._contributions = sent
            elif graph:
                payloads = tuple([None if c is None else c.payload for c in sent])
                keeping.keep(op, upstream.payload, payloads, whole, not retain)
            else:
                keeping.keep(op, upstream, sent, whole, not retain)
            if stepping:
                yield Step(op, upstream, sent)
    finally:  # whatever happened, leaves keep what arrived
        upstream = sent = c = before = total = None  # so that pending alone refers to its arrays
        if pending and not graph:
            _deliver_sums(pending, sink, watched)
    if watched is not None:
        _deliver_watched(watched, -1, pending, sink, graph)
    for last in targets or ():  # ops that lead to no other target
        upstream = take(last, None)
        if upstream is None:
            continue
        if watched is not None:
            upstream = watched.arrive(last, upstream)
        _capture(last, upstream, sink)
        if whole and type(sink) is LeafSink:
            last.grad = upstream.payload if graph else upstream


def _deliver_sums(
    pending: dict[Node, Any], sink: dict[Node, Any] | None = None, watched: Watch | None = None
) -> None:
    """Deliver what has added up for leaves within the walk.

    An array that nothing else refers to becomes the leaf's own.  Another may be an op's upstream,
    or be kept as what an op sent: the leaf gets a copy.
    """
    for node in tuple(pending):
        if type(node) is Leaf and (watched is None or node not in watched.leaves):
            c = pending.pop(node)
            owned = getrefcount(c) == 2  # c, and the argument
            if sink is None:
                with LEAF_LOCK:
                    receive(node, c, owned)
            else:
                _deliver(node, c, sink, False, not owned)


def _capture(op: Node, upstream: Any, sink: dict[Node, Any] | None) -> None:
    """Hand over the gradient of a tensor that was computed and was asked for."""
    if sink is not None and type(sink) is not LeafSink:
        sink[op] = upstream


def _deliver_watched(
    watched: Watch,
    sequence: int,
    pending: dict[Node, Any],
    sink: dict[Node, Any] | None,
    graph: bool,
) -> None:
    """Deliver to the leaves with hooks whose gradients are complete."""
    for leaf in watched.complete(sequence):
        if leaf not in pending or (type(sink) is LeafSink and leaf not in sink.targets):
            continue
        _deliver(leaf, watched.arrive(leaf, pending.pop(leaf)), sink, graph, True)
        if (sink is None or type(sink) is LeafSink) and leaf.hooks is not None:
            hooks.accumulated(leaf, leaf.hooks, graph)


def _repeats(sent: tuple[Any, ...], c: Any) -> bool:
    """Tell whether a rule sent one array to two operands."""
    return [other is c for other in sent].count(True) > 1


def recorded(function: Callable[..., Any], *operands: Any) -> Any:
    """Compute what ``create_graph`` has to record, whatever the caller's mode."""
    token = MODE.set(MODE.get().of_rules())
    try:
        return function(*operands)
    finally:
        MODE.reset(token)


def _recorded_rules(op: Op, upstream: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """Run an op's rules on Tensors, under the mode that the op was recorded in."""
    token = MODE.set(op.mode.of_rules())
    try:
        return contributions(op, upstream, wanted, True)
    finally:
        MODE.reset(token)


def _note(error: Exception, op: Op, upstream: Any) -> None:
    """Say which op's rule raised, and where it was recorded."""
    shapes = [None if n is None else n.shape for n in op.operands]
    where = f" in module {op.module}" if op.module else ""
    source = f", {op.source[0]}:{op.source[1]}" if op.source else ""
    error.add_note(
        f"raised by the derivative of {op.name}{where}{source}: output {op.shape} {op.dtype}, "
        f"operands {shapes}, upstream {upstream.shape}"
    )


def _deliver(leaf: Leaf, c: Any, sink: dict[Node, Any] | None, graph: bool, aliased: bool) -> None:
    """Add a contribution to a leaf's gradient, which the leaf owns, or to the sink."""
    if sink is not None:
        if type(sink) is not LeafSink:
            if leaf not in sink:
                sink[leaf] = c
            else:
                sink[leaf] = recorded(operator.add, sink[leaf], c) if graph else sink[leaf] + c
            return
        if leaf not in sink.targets:
            return
    with LEAF_LOCK:
        held = leaf.grad
        if graph:
            leaf.grad = recorded(clone, c) if held is None else recorded(operator.add, held, c)
        else:
            receive(leaf, c, not aliased)


class LeafSink(dict[Node, Any]):
    """Stands for "into .grad, but only of these", which a computed tensor retains."""

    def __init__(self, targets: set[Node]) -> None:
        super().__init__()
        self.targets = targets
        for node in targets:
            if isinstance(node, Op):
                hooks.hooked(node).retains = True
