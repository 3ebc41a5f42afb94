"""Backpropagation: one generator that walks the graph, op by op, from the root to the leaves.

``steps`` visits the ops in falling order of creation, so that an op's upstream is complete when its
turn comes, and yields each with what it received and what it sent.  ``Tensor.backward`` drains it,
``grad`` collects from it, and a learner iterates over it: there is no second loop.  The sums in
progress belong to the walk, so walks never meet; the caller's mode is changed around each rule
and never across a ``yield``.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import keeping
from autograd.generate import LEAF_LOCK
from autograd.graph import SPENT, Leaf, Node, Op
from autograd.modes import MODE
from autograd.ops.shape import alias
from autograd.record import handle, is_tensor
from autograd.rules import Support, contributions

if TYPE_CHECKING:
    from autograd.tensor import Tensor


class Step(NamedTuple):
    """One op's part of a backward pass.

    Attributes
    ----------
    op : Op
    upstream : ndarray, NumPy scalar, or under ``create_graph`` a Tensor
        The complete gradient of the root with respect to the op's output.
    contributions : tuple
        What the op sends to each operand; None where nothing is asked for.
    """

    op: Op
    upstream: Any
    contributions: tuple[Any, ...]


_step = tuple.__new__


def steps(
    root: Tensor | Sequence[Tensor],
    gradient: Any = None,
    *,
    inputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    accumulate: bool = True,
) -> Iterator[Step]:
    """Walk backward from ``root``, one op at a time.

    Parameters
    ----------
    root : Tensor or sequence of Tensor
        Where to start; several start together.
    gradient : Tensor or array, or a sequence of them, optional
        The root's gradient, 1 for a scalar.
    inputs : Tensor or sequence of Tensor, optional
        Walk only the ops that lead to these.
    retain_graph : bool, optional
        Whether the graph can be walked again; as ``create_graph`` if None.
    create_graph : bool
        Whether the gradients are Tensors that can be differentiated.
    accumulate : bool
        Whether leaves receive into ``.grad``.

    Yields
    ------
    Step
        ``(op, upstream, contributions)``.

    Raises
    ------
    RuntimeError
        If the root needs no gradient, is no scalar and has no ``gradient``, if the graph was spent
        by an earlier backward, or if a value that a rule needs was changed in place.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> for step in autograd.steps(y):
    ...     print(step.op.name, float(step.upstream), [float(c) for c in step.contributions])
    add 1.0 [1.0, 1.0]
    multiply 1.0 [3.0, 3.0]
    >>> x.grad
    tensor(7.)
    """
    targets = None if inputs is None else {_input_node(t) for t in _sequence(inputs)}
    sink: dict[Node, Any] | None = None if accumulate else {}
    if accumulate and targets is not None:
        sink = _LeafSink(targets)
    return _begin(root, gradient, targets, sink, retain_graph, create_graph)


def backward(
    root: Tensor | Sequence[Tensor],
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``root`` to the leaves' ``.grad``: drains :func:`steps`."""
    walk = steps(
        root, gradient, inputs=inputs, retain_graph=retain_graph, create_graph=create_graph
    )
    deque(walk, maxlen=0)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``; touch no ``.grad``.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensor
    grad_outputs : Tensor, array or a sequence of them, optional
        The outputs' gradients, 1 for scalars.
    retain_graph, create_graph : bool
        As in :func:`steps`.
    allow_unused : bool
        Whether an input that the outputs do not depend on gives None instead of an error.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> (slope,) = autograd.grad(x**3, x, create_graph=True)
    >>> (curvature,) = autograd.grad(slope, x)
    >>> slope.item(), curvature.item()
    (12.0, 12.0)
    """
    nodes = [_input_node(tensor) for tensor in _sequence(inputs)]
    found: dict[Node, Any] = {}
    walk = _begin(outputs, grad_outputs, set(nodes), found, retain_graph, create_graph)
    deque(walk, maxlen=0)
    results: list[Tensor | None] = []
    for i, node in enumerate(nodes):
        if node not in found:
            if not allow_unused:
                raise RuntimeError(
                    f"grad: the outputs do not depend on input {i}; pass allow_unused=True to get "
                    "None for it"
                )
            results.append(None)
        elif create_graph:
            results.append(found[node])
        else:
            results.append(handle(found[node].copy(), None))  # ops keep, and sums share, theirs
    return tuple(results)


def formula_vjp(
    formula: Callable[..., Any], operands: Sequence[Any], upstream: Any, wanted: Sequence[bool]
) -> tuple[Any, ...]:
    """Return the contributions of an op from its formula, composed of other ops.

    For an op whose rule is its own mathematics: the formula is recorded on the operands and
    differentiated.  Given arrays it returns arrays, given Tensors it returns Tensors that can be
    differentiated again.
    """
    graph = is_tensor(upstream) or any(is_tensor(operand) for operand in operands)
    token = MODE.set(MODE.get().but(recording=True, inspecting=False))
    try:
        fresh = list(operands)
        for i, asked in enumerate(wanted):
            if not asked:
                continue
            operand = operands[i]
            if is_tensor(operand) and operand.node is not None:
                fresh[i] = alias(operand)
            else:
                payload = operand.payload if is_tensor(operand) else operand
                fresh[i] = handle(payload, Leaf(payload))
        result = formula(*fresh)
        nodes = [t.node if asked else None for t, asked in zip(fresh, wanted, strict=True)]
        targets = {node for node in nodes if node is not None}
        found: dict[Node, Any] = {}
        if is_tensor(result) and result.node is not None and targets:
            deque(_begin(result, upstream, targets, found, graph, graph), maxlen=0)
    finally:
        MODE.reset(token)
    return tuple(None if node is None else found.get(node) for node in nodes)


# ---------------------------------------------------------------- the walk


def _begin(
    root: Any,
    gradient: Any,
    targets: set[Node] | None,
    sink: dict[Node, Any] | None,
    retain: bool | None,
    graph: bool,
) -> Iterator[Step]:
    """Check the roots, find the ops they reach, and return the walk over them."""
    pending: dict[Node, Any] = {}
    if is_tensor(root):
        if isinstance(gradient, (list, tuple)):
            (gradient,) = gradient
        pending[_root_node(root)] = _seed(root, gradient, graph)
    else:
        roots = list(root)
        gradients = _sequence(gradient, len(roots))
        if len(gradients) != len(roots):
            raise RuntimeError(f"backward: got {len(roots)} roots and {len(gradients)} gradients")
        for tensor, given in zip(roots, gradients, strict=True):
            node, seed = _root_node(tensor), _seed(tensor, given, graph)
            pending[node] = pending[node] + seed if node in pending else seed
    leading = None
    if targets is None:
        order, held = _reach(pending)
    else:
        order, leading = _lead(pending, targets)
        held = sum(prod(op.shape) * op.dtype.itemsize for op in order if not op.arity)
    retain = graph if retain is None else retain
    return _walk(pending, order, held, targets, leading, sink, retain, graph)


def _root_node(tensor: Tensor) -> Node:
    node = tensor.node
    if node is None:
        raise RuntimeError(
            "backward: the tensor requires no gradient; no operand had requires_grad=True, "
            "or it was computed under no_grad() or detached"
        )
    return node


def _seed(tensor: Tensor, gradient: Any, graph: bool) -> Any:
    if gradient is None:
        if tensor.payload.size != 1:
            raise RuntimeError(
                f"backward: a tensor of shape {tensor.shape} is no scalar; pass its gradient, or "
                "reduce it first (loss.sum() or loss.mean())"
            )
        seed = np.ones(tensor.shape, tensor.dtype)[()]
        return handle(seed, None) if graph else seed
    if graph and is_tensor(gradient):
        seed = gradient
    else:
        payload = gradient.payload if is_tensor(gradient) else gradient
        seed = np.asarray(payload, tensor.dtype)
        seed = handle(seed, None) if graph else seed if seed.ndim else seed[()]
    if seed.shape != tensor.shape:
        raise RuntimeError(
            f"backward: expected a gradient of shape {tensor.shape}, got {seed.shape}"
        )
    return seed


def _reach(roots: dict[Node, Any]) -> tuple[list[Op], int]:
    """Return the ops that the roots lead to, latest last, and the bytes of their arrays.

    An op bears the token of the walk that reached it last, which is cheaper than a set of those
    seen.  Two walks that begin at once in two threads may list an op twice; its upstream is
    taken at the first, so the second has nothing to do.
    """
    token = object()
    order: list[Any] = []
    found = order.append
    for node in roots:
        if type(node) is not Leaf:
            if node.walk is SPENT:  # type: ignore[attr-defined]
                raise _spent(node)  # type: ignore[arg-type]
            node.walk = token  # type: ignore[attr-defined]
            found(node)
    held = 0
    for op in order:
        arity = op.arity
        if arity:
            edge = op.x
            if edge is not None and type(edge) is not Leaf and edge.walk is not token:
                if edge.walk is SPENT:
                    raise _spent(edge)
                edge.walk = token
                found(edge)
            if arity == 1:
                continue
            edge = op.y
            if edge is not None and type(edge) is not Leaf and edge.walk is not token:
                if edge.walk is SPENT:
                    raise _spent(edge)
                edge.walk = token
                found(edge)
            continue
        held += prod(op.shape) * op.dtype.itemsize
        for edge in op.operands:
            if edge is not None and type(edge) is not Leaf and edge.walk is not token:
                if edge.walk is SPENT:
                    raise _spent(edge)
                edge.walk = token
                found(edge)
    if len(order) > 1:
        order.sort(key=operator.attrgetter("sequence"))
    return order, held


def _spent(op: Op) -> RuntimeError:
    return RuntimeError(
        f"backward: {op.name} was passed by an earlier backward, and its graph is spent; give that "
        "one retain_graph=True to walk the graph twice"
    )


def _lead(roots: dict[Node, Any], targets: set[Node]) -> tuple[list[Op], set[Node]]:
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


def _walk(
    pending: dict[Node, Any],
    order: list[Op],
    held: int,
    targets: set[Node] | None,
    leading: set[Node] | None,
    sink: dict[Node, Any] | None,
    retain: bool,
    graph: bool,
) -> Iterator[Step]:
    """Send each op's upstream through its rules, latest op first."""
    policy = keeping.Policy(held, spent=not retain)
    whole, keep = policy.whole, policy.keep
    take, sum_of = pending.pop, pending.get
    ours: set[Node] = set()  # whose sum in progress is an array of our own
    plain = not graph and targets is None and sink is None
    for node in [node for node in pending if type(node) is Leaf]:
        _deliver(node, take(node), sink, graph, True)
    while order:
        op = order.pop()
        upstream = take(op, None)
        if upstream is None:
            continue
        if plain and op.arity:  # on scalars: nothing is copied or checked
            sent = op.scalar_send(upstream, pending, sum_of)
            if not retain:
                op.walk = SPENT
            op.grad = upstream
            yield _step(Step, (op, upstream, sent))
            continue
        operands = op.operands
        if targets is not None and op in targets and sink is not None:
            sink[op] = upstream
        if leading is None and not op.arity:
            wanted = op.wanted  # type: ignore[attr-defined]
        else:
            wanted = tuple([e is not None and (leading is None or e in leading) for e in operands])
        try:
            if graph:
                sent = _recorded_rules(op, upstream, wanted)
            elif op.arity:
                sent = op.scalar_contributions(upstream)
                sent = tuple(c if w else None for c, w in zip(sent, wanted, strict=True))
            else:
                sent = op.row.run(op, upstream, wanted, op.saved, op.value, Support)
        except Exception as error:
            _note(error, op, upstream)
            raise
        for edge, c in zip(operands, sent):  # noqa: B905 - equal by construction
            if c is None or edge is None:
                continue
            if type(edge) is Leaf:
                aliased = whole or c is upstream or _repeats(sent, c)
                _deliver(edge, c, sink, graph, aliased)
            elif edge not in pending:
                pending[edge] = c
            elif edge in ours:
                np.add(pending[edge], c, out=pending[edge])
            else:
                total = pending[edge] + c
                pending[edge] = total
                if type(total) is np.ndarray:
                    ours.add(edge)
        if not retain:
            op.walk = SPENT
        if graph:
            payloads = tuple([None if c is None else c.payload for c in sent])
            keep(op, upstream.payload, payloads)
        else:
            keep(op, upstream, sent)
        yield _step(Step, (op, upstream, sent))
    for node in [op for op in targets or () if op in pending]:  # ops that lead to no other target
        upstream = take(node)
        if type(sink) is dict:
            sink[node] = upstream
        elif whole:
            node.grad = upstream.payload if graph else upstream


def _repeats(sent: tuple[Any, ...], c: Any) -> bool:
    """Tell whether a rule sent one array to two operands."""
    return [other is c for other in sent].count(True) > 1


def _recorded_rules(op: Op, upstream: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """Run an op's rules on Tensors, under the mode that the op was recorded in."""
    token = MODE.set(op.mode.but(recording=True, inspecting=False))
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
        if type(sink) is not _LeafSink:
            sink[leaf] = sink[leaf] + c if leaf in sink else c
            return
        if leaf not in sink.targets:
            return
    with LEAF_LOCK:
        held = leaf.grad
        if graph:
            leaf.grad = c if held is None else held + c
        elif held is None:
            leaf.grad = handle(c.copy() if aliased else _owned(c), None)
        elif type(held.payload) is np.ndarray and held.node is None and held.payload.shape:
            np.add(held.payload, c, out=held.payload)
            if held.storage is not None:
                held.storage.version += 1
        else:
            leaf.grad = handle(held.payload + c, None)


class _LeafSink(dict[Node, Any]):
    """Stands for "into .grad, but only of these"."""

    def __init__(self, targets: set[Node]) -> None:
        super().__init__()
        self.targets = targets


def _owned(c: Any) -> Any:
    """Return an array that nothing else refers to and that can be written."""
    if type(c) is np.ndarray and (c.base is not None or not c.flags.writeable):
        return c.copy()
    return c


# ---------------------------------------------------------------- arguments


def _sequence(value: Any, length: int = 1) -> list[Any]:
    if value is None:
        return [None] * length
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _input_node(tensor: Tensor) -> Node:
    node = tensor.node if is_tensor(tensor) else None
    if node is None:
        raise RuntimeError("grad: every input must be a Tensor that requires a gradient")
    return node
