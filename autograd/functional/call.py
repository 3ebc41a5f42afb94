"""One call of a function on inputs of its own: what every transform begins with.

The inputs are fresh: aliases of tensors that have a history, so that a transform around this one
sees through them, and new leaves of the others.  The function is recorded whatever the caller's
mode; what it returns keeps its record only where that leads out of the call.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any
from weakref import WeakSet

import numpy as np

from autograd.backprop import grad
from autograd.forward import seeded, sweep
from autograd.functional.tree import build, flatten
from autograd.graph import Leaf, Node, Op
from autograd.modes import MODE
from autograd.ops.shape import alias
from autograd.payload import payload_of
from autograd.record import handle, is_tensor
from autograd.storage import tick
from autograd.walk import lead

# The fresh leaves of calls that have returned: what still refers to them is not asked for.
RETURNED: WeakSet[Leaf] = WeakSet()

# What is meant where the function does not take what it is given.
HINTS = {"vjp": "; the vector is an argument of the function that vjp(f, x) returns"}


class Call:
    """A function recorded on fresh inputs.

    Attributes
    ----------
    inputs : list of Tensor
        The fresh inputs, in the order of the leaves of ``argnums``' arguments.
    outputs : list of Tensor
        The leaves of what the function returned.
    leads_out : list of bool
        For each output, whether its record leads to something outside of the call.
    graph : bool
        Whether derivatives shall record themselves.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        argnums: Sequence[int],
        has_aux: bool = False,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.recording = MODE.get().recording
        given, rebuild = flatten([arguments[i] for i in argnums])
        tensors = [_checked(name, leaf) for leaf in given]
        mine: list[Leaf] = []
        token = MODE.set(MODE.get().but(recording=True))
        try:
            self.inputs = [_fresh(tensor, mine) for tensor in tensors]
            replaced = list(arguments)
            for i, argument in zip(argnums, build(rebuild, self.inputs), strict=True):
                replaced[i] = argument
            self._start = tick()
            result = called(name, function, replaced, kwargs or {})
        finally:
            MODE.reset(token)
            RETURNED.update(mine)
        aux = None
        if has_aux:
            if not isinstance(result, tuple) or len(result) != 2:
                raise RuntimeError(
                    f"{name}: with has_aux=True the function returns (output, aux), got "
                    f"{_kind(result)}"
                )
            result, aux = result
        self.outputs, self.rebuild = flatten(result)
        for output in self.outputs:
            if not is_tensor(output):
                raise RuntimeError(
                    f"{name}: expected the function to return a Tensor, or Tensors in tuples, "
                    f"lists or dicts, got {_kind(output)}"
                )
        self._aux = aux
        self._nodes = [tensor.node for tensor in self.inputs]
        self._order: list[Op] | None = None
        self.leads_out = self._find_leads_out(self.outputs)
        self.graph = self.recording and any(self.leads_out)

    # ------------------------------------------------------------ what goes out

    @property
    def result(self) -> Any:
        """What the function returned."""
        return build(self.rebuild, self.outward(self.outputs, self.leads_out))

    @property
    def aux(self) -> Any:
        """What the function returned besides."""
        leaves, rebuild = flatten(self._aux)
        return build(rebuild, self.outward(leaves))

    def outward(self, values: Sequence[Any], leads_out: Sequence[bool] | None = None) -> list[Any]:
        """Return the values, cut off from records that lead to nothing outside of the call."""
        if leads_out is None:
            leads_out = self._find_leads_out(values)
        return [
            value
            if leads and self.recording or not is_tensor(value) or value.node is None
            else handle(value.payload, None, value.storage)
            for value, leads in zip(values, leads_out, strict=True)
        ]

    def _find_leads_out(self, values: Sequence[Any]) -> list[bool]:
        """Tell of each value whether its record leads to what was there before the call."""
        nodes = [value.node if is_tensor(value) else None for value in values]
        seen: set[Node] = set()
        ops: list[Any] = []
        stack: list[Any] = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, Op) and node not in seen and node.sequence > self._start:
                seen.add(node)
                ops.append(node)
                stack.extend(node.operands)
        out: set[Any] = set()

        def is_out(node: Node | None) -> bool:
            if isinstance(node, Op):
                return node in out if node in seen else True
            return node is not None and node not in RETURNED

        for op in sorted(ops, key=attrgetter("sequence")):
            if any(map(is_out, op.operands)):
                out.add(op)
        return [is_out(node) for node in nodes]

    # ------------------------------------------------------------ derivatives

    def pull(self, cotangents: Sequence[Any], graph: bool) -> list[Any]:
        """Return the gradient of <cotangents, outputs> for each input, None where independent."""
        live = [
            (output, given)
            for output, given in zip(self.outputs, cotangents, strict=True)
            if given is not None and output.node is not None
        ]
        if not live:
            return [None] * len(self.inputs)
        outputs, seeds = zip(*live, strict=True)
        return list(grad(outputs, self.inputs, list(seeds), True, graph, allow_unused=True))

    def push(self, tangents: Sequence[Any], graph: bool) -> list[Any]:
        """Return how each output moves with the inputs, None where it does not."""
        moving: dict[Node, Any] = {}
        for tensor, node, tangent in zip(self.inputs, self._nodes, tangents, strict=True):
            if tangent is not None and node is not None:
                moving[node] = seeded(self.name, tensor, tangent, graph)
        roots = {output.node for output in self.outputs if output.node is not None}
        if self._order is None:
            targets = {node for node in self._nodes if node is not None}
            self._order, _ = lead(dict.fromkeys(roots), targets)
        given = {id(value) for value in moving.values()}
        deque(sweep(self._order, moving, roots, graph), maxlen=0)
        found = [
            None if output.node is None else moving.get(output.node) for output in self.outputs
        ]
        return [t if t is None or graph else handle(_own(t, given), None) for t in found]


def _checked(name: str, leaf: Any) -> Any:
    """Return an argument as a Tensor that can have a gradient."""
    if not is_tensor(leaf):
        if not isinstance(leaf, (np.ndarray, np.generic, int, float)):
            raise TypeError(
                f"{name}: expected Tensors to differentiate with respect to, got {_kind(leaf)}"
            )
        leaf = handle(payload_of(leaf), None)
    if leaf.dtype.kind != "f":
        raise RuntimeError(
            f"{name}: only floating-point tensors have derivatives, got one of dtype {leaf.dtype}"
        )
    return leaf


def _fresh(tensor: Any, mine: list[Leaf]) -> Any:
    """Return a tensor on the same memory under a node of its own."""
    if tensor.node is not None:
        again = alias(tensor)
        return handle(again.payload, again._node, again.storage)
    if type(tensor.payload) is np.ndarray:
        tensor.share()  # so that a later change in place is seen
    leaf = Leaf(tensor.payload)
    leaf.storage = tensor.storage
    mine.append(leaf)
    return handle(tensor.payload, leaf, tensor.storage)


def _own(tangent: Any, given: set[int]) -> Any:
    """Return a tangent in memory that neither the caller nor a broadcast shares."""
    if type(tangent) is np.ndarray and (id(tangent) in given or tangent.base is not None):
        return tangent.copy()
    return tangent


def _kind(value: Any) -> str:
    return type(value).__name__


def zeros_like(tensor: Any) -> Any:
    """Return a Tensor of zeros of the tensor's shape and dtype."""
    return handle(np.zeros(tensor.shape, tensor.dtype)[()], None)


def requires_grad(values: Sequence[Any]) -> bool:
    """Tell whether a gradient is asked of one of the values."""
    return any(is_tensor(value) and value.node is not None for value in values)


def called(
    name: str, function: Callable[..., Any], arguments: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """Call a user's function, each input an argument; say so where it does not take as many."""
    try:
        return function(*arguments, **kwargs)
    except TypeError as error:
        if _takes(function, arguments, kwargs):
            raise
        raise TypeError(
            f"{name}: {len(arguments)} inputs are as many arguments of the function, but "
            f"{error}{HINTS.get(name, '')}"
        ) from None


def _takes(function: Callable[..., Any], arguments: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Tell whether a function can be called so; yes if Python does not know."""
    try:
        inspect.signature(function).bind(*arguments, **kwargs)
    except TypeError:
        return False
    except ValueError:  # no signature
        return True
    return True
