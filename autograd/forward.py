"""Forward mode: tangents go through the graph in the order in which it was made.

``forward_steps`` is the mirror image of ``steps``: one sweep from the inputs to the outputs, op by
op, that costs a small multiple of the forward however many outputs there are.  An op's tangent
comes from the row that its contributions come from; there are no rules of its own:

- an elementwise rule is diagonal, so it maps the operand's tangent as it maps an upstream;
- an op whose rules read neither operands nor output is linear: its forward maps the tangents; one
  of two operands whose rules read each other (``matmul``) maps each with the other as it is;
- for any other, the rule is linear in its upstream u, and the tangent is the gradient of
  <rule(u), tangents> with respect to u, whatever u is: the transpose of the transpose.

On Tensors (``create_graph``) all of it records itself, so that a tangent can be differentiated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.anomaly import check_tangent
from autograd.backprop import _begin, _input_node, _root_node, _sequence
from autograd.checkpointing import Segment, stand_in
from autograd.graph import ArrayOp, Leaf, Node, Op
from autograd.modes import MODE
from autograd.ops.axes import expand_to
from autograd.ops.passing import cast
from autograd.parts import Parts
from autograd.record import handle, is_tensor
from autograd.rules import Unfitted, contributions, value_of
from autograd.sums import recorded
from autograd.walk import lead

if TYPE_CHECKING:
    from autograd.row import Row
    from autograd.tensor import Tensor

# Attributes that change no number.  Any other attribute that no rule names may be an offset, such
# as the value that ``pad`` fills in, which a derivative never sees.
SHAPING = frozenset({"keepdim", "shape"})
OURS = ("autograd", "nn")  # whose rows the tests hold to what is said here


class ForwardStep(NamedTuple):
    """One op's part of a forward sweep.

    Attributes
    ----------
    op : Op
    tangents : tuple
        What came in, one an operand; None where the operand does not move.
    tangent : ndarray, NumPy scalar, or under ``create_graph`` a Tensor
        How the op's output moves; ``Parts`` of several outputs.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> for step in autograd.forward_steps(x * x, x, 1.0):
    ...     print(step.op.name, [float(t) for t in step.tangents], float(step.tangent))
    multiply [1.0, 1.0] 6.0
    """

    op: Op
    tangents: tuple[Any, ...]
    tangent: Any


def forward_steps(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    tangents: Any,
    create_graph: bool = False,
) -> Iterator[ForwardStep]:
    """Push the tangents of ``inputs`` towards ``outputs``, one op at a time, earliest first.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensor
        Only the ops between them are visited.
    tangents : Tensor or array, or a sequence of them
        How each input moves; of its shape.
    create_graph : bool
        Whether the tangents are Tensors that can be differentiated.

    Yields
    ------
    ForwardStep
        ``(op, tangents, tangent)``.

    Raises
    ------
    RuntimeError
        If an input or output requires no gradient, a tangent's shape is not its input's, or the
        graph was spent by a backward.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> for step in autograd.forward_steps(y, x, 1.0):
    ...     print(step.op.name, float(step.tangent))
    multiply 6.0
    add 7.0

    Source: forward-mode differentiation, Wengert (1964), on a recorded graph.
    """
    targets = [_input_node(tensor) for tensor in _sequence(inputs)]
    given = _sequence(tangents)
    if len(given) != len(targets):
        raise RuntimeError(
            f"forward_steps: got {len(targets)} inputs and {len(given)} tangents; expected one each"
        )
    moving: dict[Node, Any] = {}
    for tensor, node, tangent in zip(_sequence(inputs), targets, given, strict=True):
        seed = seeded("forward_steps", tensor, tangent, create_graph)
        moving[node] = add(moving.get(node), seed, create_graph)
    roots = [_root_node(tensor, "forward_steps") for tensor in _sequence(outputs)]
    order, _ = lead(dict.fromkeys(roots), set(targets))
    return sweep(order, moving, set(roots), create_graph)


def seeded(name: str, tensor: Any, tangent: Any, graph: bool) -> Any:
    """Return the tangent of ``tensor`` in its dtype, as a Tensor if it shall be recorded."""
    payload = tangent.payload if is_tensor(tangent) else tangent
    if not isinstance(payload, (np.ndarray, np.generic, int, float, list, tuple)):
        raise TypeError(f"{name}: expected tangents as Tensors, got {type(tangent).__name__}")
    if np.shape(payload) != tensor.shape:
        raise RuntimeError(
            f"{name}: expected a tangent of shape {tensor.shape}, that of its primal, got "
            f"{np.shape(payload)}"
        )
    if graph and is_tensor(tangent):
        same = tangent.dtype == tensor.dtype
        return tangent if same else recorded(_cast_to, tangent, tensor.dtype)
    array: Any = np.asarray(payload, tensor.dtype)[()]
    return handle(array, None) if graph else array


def sweep(
    order: Sequence[Op], moving: dict[Node, Any], kept: set[Node], graph: bool
) -> Iterator[ForwardStep]:
    """Visit the ops of ``order``, earliest first, and put their tangents into ``moving``.

    A tangent is let go after its last use, unless its node is ``kept``.
    """
    uses = Counter(edge for op in order for edge in op.operands if edge is not None)
    parts: dict[Op, dict[int, Op]] = {}  # the used outputs of ops that have several
    for op in order:
        source = source_of(op)
        if source is not None:
            parts.setdefault(source, {})[source.row.output_rows.index(op.row)] = op
    stand_ins: dict[int, ArrayOp] = {}  # for checkpointed ops, which let go of their values
    segments: dict[Segment, Segment] = {}
    wanted = MODE.get().anomaly
    for op in order:
        operands = op.operands
        came = tuple([None if edge is None else moving.get(edge) for edge in operands])
        tangent = None
        if any(t is not None for t in came):
            try:
                source = op
                if op.mode.segment is not None and type(op) is ArrayOp and op.guards == ():
                    source = stand_in(op, stand_ins, segments)
                tangent = _tangent(source, came, parts.get(op), graph)
                if wanted is not None:
                    check_tangent(source, came, tangent, wanted)
            except Exception as error:
                error.add_note(f"raised by the tangent of {op!r}")
                raise
        for edge in operands:
            if edge is not None:
                uses[edge] -= 1
                if not uses[edge] and edge not in kept:
                    moving.pop(edge, None)
        if tangent is not None:
            moving[op] = add(moving.get(op), tangent, graph)
            yield ForwardStep(op, came, moving[op])


def source_of(op: Op) -> Op | None:
    """Return the op of several outputs of which this node is one, or None."""
    operands = op.operands
    source = operands[0] if len(operands) == 1 else None
    if isinstance(source, Op) and op.row in source.row.output_rows:
        return source
    return None


def add(a: Any, b: Any, graph: bool) -> Any:
    """Add two tangents, either of which may be None."""
    if a is None or b is None:
        return b if a is None else a
    return recorded(lambda: a + b) if graph else a + b


def is_linear(row: Row) -> bool:
    """Tell whether the forward maps tangents: no rule reads an operand, the output or a cache.

    Of users' rows no one can say: their forward may add something, which no rule betrays.
    """
    named = set(row.shared_wants).union(*row.wants)
    mapped = row.vjp is not None or all(rule is not None for rule in row.rules)
    return mapped and _maps_tangents(row, named) and not named & set(row.names)


def factors(row: Row) -> tuple[int, int] | None:
    """Return the two operands that a bilinear row multiplies; others it adds.

    The rule of each reads the other operand and nothing else.
    """
    if row.vjp is not None or row.variadic or not _maps_tangents(row, set().union(*row.wants)):
        return None
    reads = [{i for i, name in enumerate(row.names) if name in wants} for wants in row.wants]
    found = [i for i, read in enumerate(reads) if read]
    if len(found) == 2 and all(rule is not None for rule in row.rules):
        i, j = found
        if reads[i] == {j} and reads[j] == {i}:
            return i, j
    return None


def _maps_tangents(row: Row, named: set[str]) -> bool:
    """Tell whether a row of ours reads no output and has no offset."""
    ours = row.forward.__module__.partition(".")[0] in OURS
    if not ours or row.elementwise or row.outputs or named & {*row.caches, "z", "ties"}:
        return False
    return set(row.attributes) <= named | SHAPING


# ---------------------------------------------------------------- one op


def _tangent(op: Op, came: tuple[Any, ...], parts: dict[int, Op] | None, graph: bool) -> Any:
    """Return how an op's output moves, None if it does not."""
    source = source_of(op)
    if source is not None:
        return came[0][source.row.output_rows.index(op.row)]
    token = MODE.set(op.mode.of_rules())
    try:
        if op.row.tangent is not None:
            return op.row.tangent(op, came, graph)
        if op.elementwise:
            return _fitted(_diagonal(op, came, graph), op)
        if is_linear(op.row):
            operands = _operands(op, came, graph)
            if operands is not None:
                return _fitted(op.row.function(*operands, **op.attributes), op)
        elif (pair := factors(op.row)) is not None:
            product = _product(op, came, pair, graph)
            if product is not None:
                return _fitted(product, op)
        found = _transposed(op, came, parts or {0: op}, graph)
        if parts is None:
            return _fitted(found[0], op)
        return Parts(tuple(found.get(i) for i in range(len(op.row.outputs))))
    finally:
        MODE.reset(token)


def _diagonal(op: Op, came: tuple[Any, ...], graph: bool) -> Any:
    """Run each operand's rule with its tangent, repeated to the output's shape, as upstream."""
    total = None
    for i, tangent in enumerate(came):
        if tangent is not None:
            only = tuple(k == i for k in range(len(came)))
            spread = _fitted(tangent, op)
            total = add(total, contributions(op, spread, only, graph, Unfitted)[i], graph)
    return total


def _product(op: Op, came: tuple[Any, ...], pair: tuple[int, int], graph: bool) -> Any:
    """Return f(dx, y, dw) + f(x, dy, 0) of a bilinear op that adds w; None if nothing is known."""
    total = None
    added = came
    for i, j in (pair, pair[::-1]):
        if came[i] is None:
            continue
        operands: list[Any] = []
        for k, node in enumerate(op.operands):
            if k == i:
                operands.append(came[i])
            elif k == j:
                operands.append(value_of(op, j, graph))
            elif added[k] is not None:
                operands.append(added[k])
            elif node is not None:
                operands.append(np.zeros(node.shape, node.dtype)[()])
            elif op.saved[k] is None and op.row.forward.__defaults__ is None:
                return None
            else:
                operands.append(None if op.saved[k] is None else np.zeros_like(op.saved[k]))
        added = (None,) * len(came)
        total = add(total, op.row.function(*operands, **op.attributes), graph)
    return total


def _operands(op: Op, came: tuple[Any, ...], graph: bool) -> list[Any] | None:
    """Return the tangents with zeros for what does not move, None where no one knows its shape."""
    operands = []
    for node, saved, tangent in zip(op.operands, op.saved, came, strict=True):
        if tangent is None:
            if node is None and (saved is None or op.row.vjp is not None):
                return None
            if node is None:
                tangent = np.zeros(np.shape(saved), op.dtype)[()]
            else:
                tangent = np.zeros(node.shape, node.dtype)[()]
        operands.append(np.asarray(tangent) if op.row.view and not graph else tangent)
    return operands


def _transposed(
    op: Op, came: tuple[Any, ...], outputs: dict[int, Op], graph: bool
) -> dict[int, Any]:
    """Return d<rule(u), tangents>/du for each output's upstream u."""
    seeds = {}
    for i, output in outputs.items():
        zeros = np.zeros(output.shape, output.dtype)[()]
        seeds[i] = handle(zeros, Leaf(zeros))
    upstream: Any = (
        seeds[0]
        if not op.row.outputs
        else Parts(tuple(seeds.get(i) for i in range(len(op.row.outputs))))
    )
    wanted = tuple(tangent is not None for tangent in came)
    with np.errstate(all="ignore"):  # the values of rule(0) are of no interest
        sent = contributions(op, upstream, wanted, graph)
    pairs = [
        (c, tangent)
        for c, tangent in zip(sent, came, strict=True)
        if tangent is not None and is_tensor(c) and c.node is not None
    ]
    found: dict[Node, Any] = {}
    targets = {i: _input_node(seed) for i, seed in seeds.items()}
    if pairs:
        roots, tangents = zip(*pairs, strict=True)
        walk = _begin(roots, list(tangents), set(targets.values()), found, graph, graph, False)
        next(walk, None)
    results = {}
    for i, seed in seeds.items():
        tangent = found.get(targets[i])
        if tangent is None:
            tangent = handle(seed.payload, None) if graph else seed.payload
        results[i] = tangent
    return results


def _fitted(tangent: Any, op: Op) -> Any:
    """Bring a tangent to the shape and dtype of the op's output."""
    if tangent is None or type(tangent) is Parts:
        return tangent
    if not is_tensor(tangent):
        if tangent.dtype != op.dtype:
            tangent = tangent.astype(op.dtype)
        return tangent if tangent.shape == op.shape else np.broadcast_to(tangent, op.shape)
    if tangent.dtype != op.dtype:
        tangent = _cast_to(tangent, op.dtype)
    return tangent if tangent.shape == op.shape else expand_to(tangent, shape=op.shape)


def _cast_to(tensor: Tensor, dtype: Any) -> Any:
    return cast(tensor, dtype=dtype)
