"""Recording a Function's call: its op, its row, and the checks of what the user's code returned.

``function`` has the public face.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

import numpy as np

from autograd.graph import Leaf, Op
from autograd.modes import MODE, Mode
from autograd.ops.in_place import _adopt
from autograd.parts import Parts
from autograd.record import (
    FLOATS,
    INSPECT_LIMIT,
    _user_frame,
    handle,
    is_tensor,
    output,
    remember,
)
from autograd.row import Row, output_row
from autograd.storage import Storage

if TYPE_CHECKING:
    from autograd.function import Function, FunctionCtx
    from autograd.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def undefined(method: F) -> F:
    """Mark a method that stands for one that the subclass does not define."""
    method.is_undefined = True  # type: ignore[attr-defined]
    return method


def defines(cls: type[Function], name: str) -> bool:
    """Tell whether a subclass defines a method."""
    return not hasattr(getattr(cls, name), "is_undefined")


class _PlainRow(Row):
    """A row without formulas, whose rule is a function of its own."""

    def __init__(self, name: str, names: tuple[str, ...], outputs: int) -> None:
        self.name = name
        self.names = names
        self.elementwise = self.view = self.variadic = False
        self.promotes = self.vjp = None
        self.attributes = self.caches = self.shared_wants = ()
        self.rules = (None,) * len(names)
        self.wants = ((),) * len(names)
        self.defaults = {}
        self.differentiable = True
        self.has_array_path = self.has_scalar_path = False
        self.outputs = tuple(str(i) for i in range(outputs))
        self.output_rows = tuple(output_row(self, i) for i in range(outputs))

    def needed(self, tracked: int) -> tuple[int, ...]:
        """Return no operand: the rule reads none."""
        return ()


class FunctionRow(_PlainRow):
    """The row of a Function: its rule is ``backward``.

    There is one for each way of calling the class: which arguments are Tensors, how many outputs.
    """

    def __init__(
        self, cls: type[Function], names: tuple[str, ...], tensors: tuple[int, ...], outputs: int
    ) -> None:
        super().__init__(cls.__name__, names, outputs)
        self.cls = cls
        self.function = cls.apply
        self.forward = self.scalar_forward = cls.forward
        self.tensors = tensors  # their positions among the arguments
        self.caches = ("saved", "call")
        self.vjp = cls.vjp if defines(cls, "vjp") else cls.backward
        self.shared_wants = ("upstream", "saved")
        self.run = self._run
        if defines(cls, "jvp"):
            self.tangent = self._tangent

    def _run(
        self, op: Op, upstream: Any, wanted: Sequence[bool], saved: Any, z: Any, support: Any
    ) -> tuple[Any, ...]:
        """Call ``backward`` and check what it returns."""
        call: _Call = op.cached["call"]
        given = upstream.parts if type(upstream) is Parts else (upstream,)
        graph = any(is_tensor(part) for part in given)
        grads = call.spread([g if g is None or is_tensor(g) else handle(g, None) for g in given])
        token = MODE.set(op.mode.of_rules().but(recording=graph))
        try:
            sent = self.vjp(call.ctx, *grads)  # type: ignore[misc]
        finally:
            MODE.reset(token)
        sent = sent if isinstance(sent, tuple) else (sent,)
        sent = self._checked(op, sent, call.arguments)
        if not graph:  # a view, since the array may be the user's, and no leaf may own it
            sent = tuple([None if c is None else c.payload[...] for c in sent])
        fitted: tuple[Any, ...] = support.fit_all(sent, op.operands, wanted)
        return fitted

    def _checked(self, op: Op, sent: tuple[Any, ...], arguments: int) -> tuple[Any, ...]:
        """Return the gradients of the Tensors among the arguments."""
        if len(sent) < arguments or any(c is not None for c in sent[arguments:]):
            raise RuntimeError(
                f"{self.name}: backward has to return {arguments} gradient"
                f"{'s' if arguments != 1 else ''}, one an argument of forward, got {len(sent)}"
            )
        for i, c in enumerate(sent[:arguments]):
            if c is not None and not is_tensor(c):
                raise TypeError(
                    f"{self.name}: backward has to return Tensors or None, got "
                    f"{type(c).__name__} for argument {i}"
                )
            if c is not None and i not in self.tensors:
                raise RuntimeError(
                    f"{self.name}: backward returned a gradient for argument {i}, which is no "
                    "Tensor; return None there"
                )
        for i, name, node in zip(self.tensors, self.names, op.operands, strict=True):
            if sent[i] is not None and node is not None and not _sums_to(sent[i].shape, node.shape):
                raise RuntimeError(
                    f"{self.name}: backward returned a gradient of shape {sent[i].shape} for "
                    f"{name}, which has shape {node.shape}"
                )
        return tuple([sent[i] for i in self.tensors])

    def _tangent(self, op: Op, came: tuple[Any, ...], graph: bool) -> Any:
        """Call ``jvp`` with one tangent an argument, None for what does not move."""
        call: _Call = op.cached["call"]
        given: list[Any] = [None] * call.arguments
        for i, tangent in zip(self.tensors, came, strict=True):
            given[i] = tangent if tangent is None or is_tensor(tangent) else handle(tangent, None)
        token = MODE.set(op.mode.of_rules().but(recording=graph))
        try:
            made = self.cls.jvp(call.ctx, *given)
        finally:
            MODE.reset(token)
        parts = made if isinstance(made, tuple) else (made,)
        if len(parts) != len(call.outputs):
            raise RuntimeError(
                f"{self.name}: jvp has to return {len(call.outputs)} tangents, one an output of "
                f"forward, got {len(parts)}"
            )
        kept = [t for t, spec in zip(parts, call.outputs, strict=True) if spec is not None]
        bare = tuple([t if graph or t is None else t.payload for t in kept])
        return Parts(bare) if self.outputs else bare[0]


class _Call(NamedTuple):
    """One call of a Function: what its rule has to know besides the operands."""

    ctx: FunctionCtx
    arguments: int
    outputs: tuple[tuple[tuple[int, ...], Any] | None, ...]  # shape and dtype, None of no Tensor

    def spread(self, given: Sequence[Any]) -> list[Any]:
        """Return one gradient an output, zeros where nothing came if they are wanted."""
        left = iter(given)
        grads = []
        for spec in self.outputs:
            grad = None if spec is None else next(left)
            if grad is None and spec is not None and self.ctx._materializes:
                grad = handle(np.zeros(*spec)[()], None)
            grads.append(grad)
        return grads


class _Saved(NamedTuple):
    """A tensor that was saved for backward; ``place`` tells which output it is, if it is one."""

    payload: Any
    node: Any
    storage: Storage | None
    version: int
    place: int | None

    def tensor(self, op: Op, i: int) -> Tensor:
        """Return the tensor, unless it was changed."""
        if self.storage is not None and self.storage.version != self.version:
            raise RuntimeError(
                f"{op.name}{f' in {op.module}' if op.module else ''}: saved tensor {i} of shape "
                f"{self.payload.shape}, which the derivative needs, was changed in place since it "
                "was saved; change a copy instead (x = x * 2, or x.clone())"
            )
        if self.place is not None and op.row.outputs:
            return output(op, self.place, self.payload, self.storage)
        return handle(self.payload, self.node if self.place is None else op, self.storage)


def record_call(
    cls: type[Function],
    ctx: FunctionCtx,
    args: tuple[Any, ...],
    inputs: Sequence[Any],
    nodes: tuple[Any, ...],
    results: tuple[Any, ...],
    flows: Sequence[bool],
    several: bool,
    mode: Mode,
) -> tuple[Any, ...]:
    """Make the op of one call, and its outputs."""
    made = [t for t in results if is_tensor(t)]
    alive = [_apart(t, inputs, ctx._dirty) for t in made]  # with memory of their own
    row = _row(cls, args, len(made) if several else 0)
    if mode.anomaly is not None:
        mode = mode.but(location=_user_frame())
    z = Parts(tuple([t.payload for t in alive])) if several else alive[0].payload
    payloads = [None if among(t, ctx._dirty) else t.payload for t in inputs]
    storage = None if several else alive[0].storage
    first = remember(row, z, inputs, payloads, nodes, 0, mode, storage)
    op: Any = first._node
    op.attributes = _shown(cls, args)
    if several and z.nbytes > INSPECT_LIMIT and not mode.inspecting:
        op.value = None
    specs = tuple([(t.shape, t.dtype) if is_tensor(t) else None for t in results])
    saved = [_saved(t, inputs, nodes, made, alive, ctx._constant) for t in ctx._to_save]
    op.cached = {"saved": saved, "call": _Call(ctx, len(args), specs)}
    ctx._op = weakref.ref(op)
    ctx._to_save = ()
    outputs = []
    for result, flowing in zip(results, flows, strict=True):
        place = _place(result, made)
        if place is None:
            outputs.append(result)
            continue
        tensor = alive[place]
        fresh = first
        if not flowing:
            fresh = handle(tensor.payload, None, tensor.storage)
        elif several:
            fresh = output(op, place, tensor.payload, tensor.storage)
        if among(result, ctx._dirty):
            root = result if result.view_of is None else result.view_of.root
            _adopt(result, root, fresh)
            fresh = result
        outputs.append(fresh)
    ctx._dirty = ctx._constant = ()
    return tuple(outputs)


def _apart(tensor: Any, inputs: Sequence[Any], dirty: Sequence[Any]) -> Any:
    """Return an output, or a copy if it is an argument or shares its memory.

    A change in place of one would change the other, unknown to its record.
    """
    if type(tensor.payload) is not np.ndarray or among(tensor, dirty):
        return tensor
    tensor.share()
    if any(np.may_share_memory(tensor.payload, t.payload) for t in inputs):
        copied = handle(tensor.payload.copy(), None)
        copied.share()
        return copied
    return tensor


def unrecorded(value: Any, inputs: Sequence[Any], dirty: Sequence[Any]) -> Any:
    """Return an output of a call that is not recorded; an argument comes back detached."""
    if is_tensor(value) and value.node is not None and not among(value, dirty):
        return value.detach()
    return value


def _saved(
    tensor: Any,
    inputs: Sequence[Any],
    nodes: Sequence[Any],
    made: Sequence[Any],
    alive: Sequence[Any],
    constant: Sequence[Any],
) -> _Saved | None:
    """Return what has to be known of a tensor that was saved for backward."""
    if tensor is None:
        return None
    argument, place = _place(tensor, inputs), _place(tensor, made)
    node = None if argument is None else nodes[argument]
    if place is not None:
        tensor = alive[place]
        place = None if among(made[place], constant) or tensor.dtype.char not in FLOATS else place
        node = None
    storage = tensor.share() if type(tensor.payload) is np.ndarray else None
    return _Saved(tensor.payload, node, storage, 0 if storage is None else storage.version, place)


def _row(cls: type[Function], args: tuple[Any, ...], outputs: int) -> FunctionRow:
    tensors = tuple([i for i, arg in enumerate(args) if is_tensor(arg)])
    key = (tensors, len(args), outputs)
    row = cls._rows.get(key)
    if row is None:
        names = _names(cls, len(args))
        chosen = tuple([names[i] for i in tensors])
        row = cls._rows[key] = FunctionRow(cls, chosen, tensors, outputs)
    return row


def _names(cls: type[Function], number: int) -> list[str]:
    """Return the names of the arguments, as the signature of ``forward`` has them."""
    code = getattr(cls.forward, "__code__", None)
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    if not defines(cls, "setup_context"):
        names = names[1:]
    return [names[i] if i < len(names) else f"args[{i}]" for i in range(number)]


def _shown(cls: type[Function], args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments that are numbers or words, as the op's attributes."""
    named = zip(_names(cls, len(args)), args, strict=True)
    return {name: arg for name, arg in named if isinstance(arg, (bool, int, float, str))}


def positional(
    cls: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any], apart: bool
) -> tuple[Any, ...]:
    """Return all arguments in the order of the signature of ``forward``."""
    lead = () if apart else (None,)
    try:
        bound = inspect.signature(cls.forward).bind(*lead, *args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{cls.__name__}.apply: {error}") from None
    bound.apply_defaults()
    if bound.kwargs:
        raise TypeError(
            f"{cls.__name__}.apply: {', '.join(bound.kwargs)} can only be given by keyword, but "
            "backward returns one gradient a position"
        )
    return bound.args[len(lead) :]


def check_results(cls: type[Function], results: tuple[Any, ...]) -> None:
    """Refuse outputs of forward that would lose their gradient unseen."""
    for value in results:
        if isinstance(value, (np.ndarray, np.generic)):
            raise TypeError(
                f"{cls.__name__}: forward has to return Tensors, got {type(value).__name__}; "
                "autograd.from_numpy makes one of an array"
            )
        if isinstance(value, list) and any(map(is_tensor, value)):
            raise TypeError(f"{cls.__name__}: forward has to return a tuple of Tensors, got a list")


def check_dirty(
    cls: type[Function],
    ctx: FunctionCtx,
    inputs: Sequence[Any],
    results: Sequence[Any],
    recording: bool,
) -> None:
    """Refuse arguments that are marked dirty and cannot be."""
    for tensor in ctx._dirty:
        if not among(tensor, inputs) or not among(tensor, results):
            raise RuntimeError(
                f"{cls.__name__}: a tensor that is marked dirty has to be an argument of forward "
                "and one of its outputs"
            )
        root = tensor if tensor.view_of is None else tensor.view_of.root
        if recording and (isinstance(root.node, Leaf) or isinstance(tensor.node, Leaf)):
            raise RuntimeError(
                f"{cls.__name__}: a leaf that requires grad cannot be changed in place while "
                "operations are recorded"
            )


def _sums_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Tell whether a gradient of one shape can be summed to another."""
    pairs = zip(shape[::-1], target[::-1], strict=False)
    return len(shape) >= len(target) and all(m in (1, n) for n, m in pairs)


def among(tensor: Any, tensors: Sequence[Any]) -> bool:
    """Tell whether a Tensor is one of several: itself, not its values."""
    return _place(tensor, tensors) is not None


def _place(tensor: Any, tensors: Sequence[Any]) -> int | None:
    return next((i for i, other in enumerate(tensors) if other is tensor), None)


def refusing(name: str, payload: Any, nodes: Sequence[Any], mode: Mode) -> Tensor:
    """Return a Tensor that depends on ``nodes`` and refuses to be differentiated."""
    nothing = (None,) * len(nodes)
    row = _PlainRow(f"{name}.backward", tuple(f"x{i}" for i in range(len(nodes))), 0)
    row.run = _refuse
    return remember(row, payload, nothing, nothing, nodes, 0, mode)


def _refuse(op: Op, *arguments: Any) -> NoReturn:
    raise RuntimeError(
        f"{op.name} is marked once_differentiable: it cannot be differentiated again"
    )
