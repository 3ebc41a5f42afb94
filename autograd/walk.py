"""The walk over a graph: who is reached, in which order, and what each op sends on.

Ops are visited in falling order of creation, without recursion, so that an op's upstream is
complete when its turn comes.  The sums in progress belong to the walk, so walks never meet; the
mode is changed around each rule and never across a ``yield``.  ``backprop`` has the public face.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

from autograd import keeping
from autograd.graph import SPENT, ArrayOp, Leaf, Node, Op, ScalarOp, SmallOp
from autograd.modes import MODE
from autograd.rules import Support, contributions
from autograd.sums import LeafSink, Sums
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
    stack: list[Any] = [None]
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
    op = pull()
    while op is not None:  # the check of an edge is written out: a call would take longer
        found(op)
        kind = type(op)
        if kind is ScalarOp or kind is SmallOp:
            if kind is SmallOp:
                z = op.value
                held += prod(op.shape) * op.dtype.itemsize if z is None else z.nbytes
            following = None
            edge = op.y
            if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                if last is SPENT:
                    raise _spent(edge)
                edge.walk = token
                following = edge
            edge = op.x
            if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                if last is SPENT:
                    raise _spent(edge)
                edge.walk = token
                if following is None:
                    following = edge
                else:
                    push(edge)
            if following is not None:  # without the stack
                op = following
                continue
        else:
            z = op.value
            held += prod(op.shape) * op.dtype.itemsize if z is None else z.nbytes
            for edge in op.operands:
                if not (edge is None or type(edge) is Leaf) and (last := edge.walk) is not token:
                    if last is SPENT:
                        raise _spent(edge)
                    edge.walk = token
                    push(edge)
        op = pull()
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
    end.
    """
    small = held <= keeping.SMALL
    whole = small or keeping.stays_whole(held)
    take = pending.pop
    watched = watch(order, pending, targets, graph)
    plain = not graph and targets is None and sink is None and watched is None
    sums = Sums(pending, sink, graph, watched)
    for root in tuple(pending):
        if type(root) is Leaf and not sums.waits_for_hooks(root):
            sums.deliver(root, take(root), False)
    try:
        for op in reversed(order):
            if watched is not None:
                sums.deliver_to_hooks(op.sequence)
            upstream = take(op, None)
            if upstream is None:
                continue
            if plain and type(op) is not ArrayOp:  # no operand to choose, nothing to let go
                try:
                    if type(op) is ScalarOp:
                        op.row.scalar_send(op, upstream, pending)
                    else:
                        sent = op.row.small_send(op, upstream, pending)
                        if whole:
                            op._contributions = sent
                except Exception as error:
                    _note(error, op, upstream)
                    raise
                if not retain:
                    op.walk = SPENT
                op.grad = upstream
                if stepping:
                    sums.deliver_what_waits()
                    if type(op) is ScalarOp:
                        sent = op.row.scalar_contributions(op, upstream)
                    yield Step(op, upstream, sent)
                continue
            if watched is not None:
                upstream = watched.arrive(op, upstream)
            if targets is not None and op in targets:
                sums.capture(op, upstream)
            slicing = op.row.add_at is not None and not (graph or stepping or watched)
            if slicing and sums.add_slice(op, upstream):
                sent = kept = None
            else:
                try:
                    upstream, sent = _run_rules(op, upstream, leading, graph, watched)
                except Exception as error:
                    _note(error, op, upstream)
                    raise
                if slicing:
                    sums.add(op.operands[0], sent[0], own=True)  # type: ignore[arg-type]
                    sent = kept = None  # mostly zeros: worked out again for who asks
                else:
                    kept = sums.send(op, upstream, sent, whole, stepping)
            if not retain:
                op.walk = SPENT
            if graph:
                payloads = tuple([None if c is None else c.payload for c in sent])
                keeping.keep(op, upstream.payload, payloads, whole, not retain)
            elif small:
                op.grad = upstream
                if type(op) is not ScalarOp:
                    op._contributions = kept
            else:
                keeping.keep(op, upstream, kept, whole, not retain)
            if stepping:
                yield Step(op, upstream, sent)
    finally:  # whatever happened, leaves keep what arrived
        upstream = sent = kept = None  # so that the sums alone refer to their arrays
        if pending and not graph:
            sums.deliver_what_waits()
    sums.deliver_to_hooks(-1)
    for last in targets or ():  # ops that lead to no other target
        upstream = take(last, None)
        if upstream is None:
            continue
        if watched is not None:
            upstream = watched.arrive(last, upstream)
        sums.capture(last, upstream)
        if whole and type(sink) is LeafSink:
            last.grad = upstream.payload if graph else upstream


def _run_rules(
    op: Op, upstream: Any, leading: set[Node] | None, graph: bool, watched: Watch | None
) -> tuple[Any, tuple[Any, ...]]:
    """Return an op's upstream as its hooks leave it, and what its rules make of that.

    Only the operands that are led to are sent something.
    """
    if leading is None and type(op) is ArrayOp:
        wanted = op.wanted
    else:
        wanted = tuple([e is not None and (leading is None or e in leading) for e in op.operands])
    source = op
    if watched is not None:
        upstream, source = watched.enter(op, upstream)
    if graph:
        sent = _recorded_rules(source, upstream, wanted)
    elif type(source) is ScalarOp:
        sent = op.row.scalar_contributions(op, upstream)
        sent = tuple(c if w else None for c, w in zip(sent, wanted, strict=True))
    else:
        sent = op.row.run(source, upstream, wanted, source.saved, source.value, Support)
    return upstream, sent if watched is None else watched.leave(op, source, upstream, sent)


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
