"""Backpropagation: one generator that goes through the graph from the root to the leaves.

``steps`` yields each op with what it received and what it sent.  ``Tensor.backward`` drains it,
``grad`` collects from it, and a learner iterates over it: there is no second loop.  ``walk`` has
the loop itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Leaf, Node
from autograd.modes import MODE
from autograd.ops.joining import stack
from autograd.ops.shape import alias
from autograd.parts import Parts
from autograd.record import RECORDING, handle, is_tensor
from autograd.sums import LeafSink, recorded
from autograd.walk import Step, lead, reach, walk

if TYPE_CHECKING:
    from autograd.tensor import Tensor


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
        Whether the gradients are Tensors that can be differentiated.  In ``.grad`` they hold the
        graph, and it holds them, until ``.grad`` is set to None; :func:`grad` makes no such cycle.
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
        sink = LeafSink(targets)
    return _begin(root, gradient, targets, sink, retain_graph, create_graph, True, "steps")


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``tensors`` to the leaves' ``.grad``: :func:`steps` without a stop.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
        Where to start.
    grad_tensors : Tensor, array or a sequence of them, optional
        Their gradients, 1 for scalars.
    retain_graph, create_graph : bool
        As in :func:`steps`.
    inputs : Tensor or sequence of Tensor, optional
        Who receives, instead of all leaves; also tensors that were computed.

    Raises
    ------
    RuntimeError
        As :func:`steps` does, or if there are not as many gradients as tensors.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.backward([x.sum(), x * x], [None, autograd.ones(2)])
    >>> x.grad
    tensor([3., 5.])

    Source: ``torch.autograd.backward``.
    """
    targets = sink = None
    if inputs is not None:
        if not _sequence(inputs):
            raise RuntimeError("backward: inputs is empty; leave it out to go to all leaves")
        targets = {_input_node(t) for t in _sequence(inputs)}
        sink = LeafSink(targets)
    next(_begin(tensors, grad_tensors, targets, sink, retain_graph, create_graph, False), None)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``; touch no ``.grad``.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensor
    grad_outputs : Tensor, array or a sequence of them, optional
        The outputs' gradients, 1 for scalars.
    retain_graph, create_graph : bool
        As in :func:`steps`.
    only_inputs : bool
        True: gradients of other tensors are not computed.  (PyTorch's older argument, from which
        code still says so; what goes into ``.grad`` is :func:`backward`.)
    allow_unused : bool, optional
        Whether an input that the outputs do not depend on gives None instead of an error.
    is_grads_batched : bool
        Whether each of ``grad_outputs`` has a first axis more, over which one walk after another
        is made; the results have it too.
    materialize_grads : bool
        Whether such an input gives zeros.

    Raises
    ------
    RuntimeError
        If an input is not used and that is not allowed, or as :func:`steps` does.
    ValueError
        If ``only_inputs`` is False.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> (slope,) = autograd.grad(x**3, x, create_graph=True)
    >>> (curvature,) = autograd.grad(slope, x)
    >>> slope.item(), curvature.item()
    (12.0, 12.0)

    Source: ``torch.autograd.grad``.
    """
    tensors = _sequence(inputs)
    if not tensors:
        raise RuntimeError("grad: inputs is empty")
    if not only_inputs:
        raise ValueError("grad: only_inputs=False would accumulate into .grad; call backward()")
    if materialize_grads and allow_unused is False:
        raise ValueError("grad: materialize_grads=True allows what allow_unused=False forbids")
    if is_grads_batched:
        options = (create_graph, True, allow_unused, False, materialize_grads)
        return _one_by_one(outputs, tensors, grad_outputs, retain_graph, *options)
    nodes = [_input_node(tensor) for tensor in tensors]
    found: dict[Node, Any] = {}
    targets = set(nodes)
    begun = _begin(outputs, grad_outputs, targets, found, retain_graph, create_graph, False, "grad")
    next(begun, None)
    results: list[Tensor | None] = []
    for i, node in enumerate(nodes):
        if node in found:
            copied = found[node] if create_graph else handle(found[node].copy(), None)
            results.append(copied)  # ops keep, and sums share, theirs
        elif materialize_grads:
            zeros = handle(np.zeros(node.shape, node.dtype)[()], None)
            results.append(zeros.requires_grad_() if create_graph else zeros)
        elif allow_unused:
            results.append(None)
        else:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {i}; pass allow_unused=True to get "
                "None for it, or materialize_grads=True to get zeros"
            )
    return tuple(results)


def _one_by_one(
    outputs: Any, inputs: list[Any], grad_outputs: Any, retain: bool | None, *options: Any
) -> tuple[Tensor | None, ...]:
    """Return the gradients for each of a batch of ``grad_outputs``, stacked."""
    batches = _sequence(grad_outputs)
    lengths = {len(batch) if np.ndim(batch) else None for batch in batches}
    if len(lengths) != 1 or None in lengths or 0 in lengths:
        raise RuntimeError(
            "grad: with is_grads_batched=True each of grad_outputs has to have one more axis, all "
            "of one length, before those of its output"
        )
    (number,) = lengths
    rows = []
    for i in range(number):  # type: ignore[arg-type]
        keep = True if i + 1 < number else retain  # type: ignore[operator]
        rows.append(grad(outputs, inputs, [batch[i] for batch in batches], keep, *options))
    return tuple(
        None if any(one is None for one in column) else stack(column)
        for column in zip(*rows, strict=True)
    )


def formula_vjp(
    formula: Callable[..., Any], operands: Sequence[Any], upstream: Any, wanted: Sequence[bool]
) -> tuple[Any, ...]:
    """Return the contributions of an op from its formula, composed of other ops.

    For an op whose rule is its own mathematics: the formula is recorded on the operands and
    differentiated.  Given arrays it returns arrays, given Tensors it returns Tensors that can be
    differentiated again.  A formula of several outputs returns a tuple, and ``upstream`` has as
    many parts, None where nothing arrived.
    """
    several = isinstance(upstream, (tuple, Parts))
    upstreams = tuple(upstream) if several else (upstream,)
    graph = any(is_tensor(value) for value in (*upstreams, *operands))
    token = MODE.set(MODE.get().of_rules())
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
        results = formula(*fresh) if several else (formula(*fresh),)
        nodes = [t.node if asked else None for t, asked in zip(fresh, wanted, strict=True)]
        targets = {node for node in nodes if node is not None}
        found: dict[Node, Any] = {}
        sent = [
            (result, given)
            for result, given in zip(results, upstreams, strict=True)
            if is_tensor(result) and result.node is not None and given is not None
        ]
        if sent and targets:
            roots, seeds = zip(*sent, strict=True)
            next(_begin(list(roots), list(seeds), targets, found, graph, graph, False), None)
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
    stepping: bool,
    caller: str = "backward",
) -> Iterator[Step]:
    """Check the roots, find the ops they reach, and return the walk over them."""
    pending: dict[Node, Any] = {}
    if type(root) is RECORDING["Tensor"] or is_tensor(root):
        if type(gradient) is list or type(gradient) is tuple:
            if len(gradient) != 1:
                raise RuntimeError(f"{caller}: got 1 root and {len(gradient)} gradients")
            (gradient,) = gradient
        node = root._node if root.view_of is None else root.node
        pending[node or _root_node(root, caller)] = _seed(root, gradient, graph, caller)
    else:
        roots = list(root) if isinstance(root, Iterable) else [root]
        gradients = _sequence(gradient, len(roots))
        if len(gradients) != len(roots):
            raise RuntimeError(f"{caller}: got {len(roots)} roots and {len(gradients)} gradients")
        for tensor, given in zip(roots, gradients, strict=True):
            node, seed = _root_node(tensor, caller), _seed(tensor, given, graph, caller)
            if node in pending:
                seed = (
                    recorded(operator.add, pending[node], seed) if graph else pending[node] + seed
                )
            pending[node] = seed
    leading = None
    if targets is None:
        order, held = reach(pending)
    else:
        order, leading = lead(pending, targets)
        held = sum(prod(op.shape) * op.dtype.itemsize for op in order)
    retain = graph if retain is None else retain
    return walk(pending, order, held, targets, leading, sink, retain, graph, stepping)


def _root_node(tensor: Any, caller: str) -> Node:
    if not is_tensor(tensor):
        raise TypeError(f"{caller}: expected a Tensor to go back from, got {_kind(tensor)}")
    node: Node | None = tensor.node
    if node is None:
        raise RuntimeError(
            f"{caller}: the tensor requires no gradient; no operand had requires_grad=True, "
            "or it was computed under no_grad() or detached"
        )
    return node


def _seed(tensor: Tensor, gradient: Any, graph: bool, caller: str) -> Any:
    if type(gradient) is type(tensor) and not graph:
        given, value = gradient.payload, tensor.payload
        if type(given) is type(value) and given.dtype is value.dtype and given.shape == value.shape:
            return given
    if gradient is None:
        if tensor.payload.size != 1:
            raise RuntimeError(
                f"{caller}: a tensor of shape {tensor.shape} is no scalar; pass its gradient, or "
                "reduce it first (loss.sum() or loss.mean())"
            )
        one = np.ones(tensor.shape, tensor.dtype)[()]
        return handle(one, None) if graph else one
    if graph and is_tensor(gradient):
        seed = gradient
    else:
        payload = gradient.payload if is_tensor(gradient) else gradient
        array: Any = np.asarray(payload, tensor.dtype)
        array = array if array.ndim else array[()]
        seed = handle(array, None) if graph else array
    if seed.shape != tensor.shape:
        raise RuntimeError(
            f"{caller}: expected a gradient of shape {tensor.shape}, got {seed.shape}"
        )
    return seed


def _sequence(value: Any, length: int = 1) -> list[Any]:
    if value is None:
        return [None] * length
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _input_node(tensor: Any) -> Node:
    if not is_tensor(tensor):
        raise TypeError(f"inputs: expected Tensors that require a gradient, got {_kind(tensor)}")
    node: Node | None = tensor.node
    if node is None:
        raise RuntimeError(
            f"inputs: expected Tensors that require a gradient, got one of shape {tensor.shape} "
            "that requires none"
        )
    return node


def _kind(value: Any) -> str:
    return type(value).__name__
