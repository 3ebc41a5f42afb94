"""Checkpoints: parts of a graph that keep their structure and compute their values again.

``checkpoint(function, *args)`` records the function's ops as ever, then lets go what they saved:
the graph has every edge, so that any derivative with respect to anything is what it was, parameters
that the function refers to included.  When a walk comes to such an op, the function runs once more,
as it ran before (mode, random numbers), and the ops of that run stand in for the first ones, whose
rules need the values.  They belong to the walk and go as it passes.  A checkpoint within a
checkpoint keeps no values either: its arguments come from the second run of the outer one.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from autograd.graph import ArrayOp, Leaf, Op
from autograd.hooks import ALIVE
from autograd.modes import MODE, Mode
from autograd.random import get_rng_state, set_rng_state
from autograd.record import handle, is_tensor
from autograd.storage import Storage, tick

__all__ = ["checkpoint", "checkpoint_sequential"]


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Return ``function(*args, **kwargs)``, whose inner values backward will compute again.

    Memory is traded for time: of what the function computes only its outputs stay, and backward
    runs it once more.  A chain of n layers cut into sqrt(n) checkpoints holds about 2 sqrt(n)
    values instead of n.  Derivatives, of any order and with respect to anything that the function
    refers to, are the same.

    Parameters
    ----------
    function : callable
        Has to compute the same when called again with the same arguments.
    *args, **kwargs
        Its arguments.
    use_reentrant : bool, optional
        For PyTorch's sake; there is one way here, which can what both of PyTorch's can.
    preserve_rng_state : bool
        Whether the second run draws the random numbers of the first (those of Backlight; NumPy's
        own are not rewound).

    Raises
    ------
    RuntimeError
        From backward, if the second run records other ops than the first, or if an argument, or a
        leaf that the function refers to, was changed in place in between.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([0.0, 1.0], requires_grad=True)
    >>> y = autograd.checkpoint(lambda x: autograd.exp(x) * 2, x)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2.0000, 5.4366])

    Source: ``torch.utils.checkpoint.checkpoint``; Chen et al., 2016, "Training deep nets with
    sublinear memory cost".
    """
    mode = MODE.get()
    if not mode.recording or mode.inspecting:  # nothing to hold, or everything
        return function(*args, **kwargs)
    held = {name: _hold(value) for name, value in kwargs.items()}
    state = get_rng_state() if preserve_rng_state else None
    segment = Segment(function, tuple(map(_hold, args)), held, state, mode)
    outputs = segment.record(args, kwargs)
    segment.let_go(outputs)
    return outputs


def checkpoint_sequential(
    functions: Sequence[Callable[[Any], Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """Apply functions in turn, in ``segments`` checkpoints of about equal length.

    Parameters
    ----------
    functions : sequence of callable
        Each takes what the one before returned; a ``Sequential`` is such a sequence.
    segments : int
        How many checkpoints; as in PyTorch the last stretch is none, since backward needs it first.
    input : Tensor
    use_reentrant, preserve_rng_state : bool
        See :func:`checkpoint`.

    Raises
    ------
    ValueError
        If ``segments`` is not from 1 to the number of functions.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> autograd.checkpoint_sequential([autograd.exp, autograd.log] * 2, 2, x).sum().backward()
    >>> x.grad
    tensor([1., 1.])

    Source: ``torch.utils.checkpoint.checkpoint_sequential``.
    """
    functions = list(functions)
    if not 1 <= segments <= max(len(functions), 1):
        raise ValueError(
            f"checkpoint_sequential: expected 1 to {len(functions)} segments, got {segments}"
        )
    size = len(functions) // segments

    def run(part: Sequence[Callable[[Any], Any]], x: Any) -> Any:
        for function in part:
            x = function(x)
        return x

    for start in range(0, size * (segments - 1), size):
        part = functions[start : start + size]
        input = checkpoint(run, part, input, preserve_rng_state=preserve_rng_state)
    return run(functions[size * (segments - 1) :], input)


class _Held(NamedTuple):
    """An argument as it was."""

    payload: Any
    node: Any
    storage: Storage | None
    version: int


def _hold(value: Any) -> Any:
    if not is_tensor(value):
        return value
    storage = value.share() if value.ndim else value.storage
    return _Held(value.payload, value.node, storage, 0 if storage is None else storage.version)


class Segment:
    """One checkpointed call: how to run it again, and the numbers of the ops it recorded.

    It refers to no op, since each of its ops refers to it, and an inner one refers to its outer.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        random: Any,
        mode: Mode,
    ) -> None:
        self.function = function
        self.arguments: tuple[Any, ...] | None = arguments  # None if an outer one has to run first
        self.keywords = keywords
        self.random = random
        self.mode = mode.but(segment=None)
        self.outer = mode.segment
        self.inner: list[weakref.ref[Segment]] = []
        self.place = 0  # among the inner ones of the outer
        if self.outer is not None:
            self.place = len(self.outer.inner)
            self.outer.inner.append(weakref.ref(self))
        self.number = tick()  # its ops have later ones
        self.sequences: list[int] = []
        self.leaves: list[tuple[Storage, int]] = []
        ALIVE.add(id(self))

    def __del__(self) -> None:
        ALIVE.discard(id(self))

    def record(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call the function; its ops are known by the segment in their mode."""
        token = MODE.set(self.mode.but(segment=self))
        try:
            return self.function(*args, **kwargs)
        finally:
            MODE.reset(token)

    def ops(self, outputs: Any) -> list[ArrayOp]:
        """Return the ops of the call that its outputs depend on, in the order of their record."""
        found: list[ArrayOp] = []
        stack: list[Any] = [tensor.node for tensor in _tensors(outputs)]
        seen = set()
        while stack:
            node = stack.pop()
            if type(node) is Leaf and node.storage is not None:
                self.leaves.append((node.storage, node.storage.version))
            if not isinstance(node, Op) or node.sequence < self.number or node in seen:
                continue
            seen.add(node)
            stack.extend(node.operands)
            if type(node) is ArrayOp and node.mode.segment is self:
                found.append(node)
        return sorted(found, key=attrgetter("sequence"))

    def let_go(self, outputs: Any) -> None:
        """Let go what the ops saved, and what inner segments hold of it."""
        for op in self.ops(outputs):
            self.sequences.append(op.sequence)
            op.guards = ()
            op.saved = (None,) * len(op.saved)
            op.value = None
            if op.row.caches:
                op.cached = {}
        for reference in self.inner:
            segment = reference()
            if segment is not None:
                segment.arguments = None

    def run_again(self, original: Segment) -> tuple[list[ArrayOp], list[Segment | None]]:
        """Record the call again; return its ops and its inner segments."""
        arguments = self.arguments or ()
        held = [*arguments, *self.keywords.values()]
        guards = [
            (a.storage, a.version) for a in held if type(a) is _Held and a.storage is not None
        ]
        if any(storage.version != version for storage, version in [*guards, *original.leaves]):
            raise RuntimeError(
                f"checkpoint: an argument of {_name(self.function)}, or a leaf that it refers to, "
                "was changed in place since; what it computed cannot be computed again"
            )
        again = Segment(self.function, (), {}, None, self.mode.but(recording=True))
        now = get_rng_state() if self.random is not None else None
        if self.random is not None:
            set_rng_state(self.random)
        try:
            keywords = {name: _take(value) for name, value in self.keywords.items()}
            outputs = again.record([_take(value) for value in arguments], keywords)
        finally:
            if now is not None:
                set_rng_state(now)
        ops = again.ops(outputs)
        if len(ops) != len(original.sequences) or len(again.inner) != len(original.inner):
            raise RuntimeError(
                f"checkpoint: {_name(self.function)} recorded {len(original.sequences)} ops in "
                f"forward and {len(ops)} when run again; it has to compute the same both times"
            )
        return ops, [reference() for reference in again.inner]


def stand_in(op: ArrayOp, ops: dict[int, ArrayOp], segments: dict[Segment, Segment]) -> ArrayOp:
    """Return an op that has the values which a checkpointed one let go.

    Parameters
    ----------
    op : ArrayOp
    ops : dict
        Those that a walk has at hand, by the numbers of the ops that they stand in for.
    segments : dict
        Inner segments, as the second run of their outer one made them.
    """
    if op.sequence not in ops:
        _run_again(op.mode.segment, ops, segments)  # type: ignore[arg-type]
    again = ops.pop(op.sequence)
    if (again.row, again.shape, again.dtype) != (op.row, op.shape, op.dtype):
        raise RuntimeError(
            f"checkpoint: {_name(op.mode.segment.function)} recorded "  # type: ignore[union-attr]
            f"{op.name} of shape {op.shape} and dtype {op.dtype} in forward and {again.name} of "
            f"{again.shape} and {again.dtype} when run again; it has to compute the same both times"
        )
    return again


def _run_again(segment: Segment, ops: dict[int, ArrayOp], segments: dict[Segment, Segment]) -> None:
    outer = segment.outer
    if segment.arguments is None and segment not in segments and outer is not None:
        _run_again(outer, ops, segments)
    made, inner = segments.pop(segment, segment).run_again(segment)
    ops.update(zip(segment.sequences, made, strict=True))
    for reference, second in zip(segment.inner, inner, strict=True):
        first = reference()
        if first is not None and second is not None:
            segments[first] = second


def _take(value: Any) -> Any:
    return handle(value.payload, value.node, value.storage) if type(value) is _Held else value


def _tensors(outputs: Any) -> Iterator[Any]:
    """Yield the Tensors in what a function returned."""
    if is_tensor(outputs):
        yield outputs
    elif isinstance(outputs, dict):
        for value in outputs.values():
            yield from _tensors(value)
    elif isinstance(outputs, (list, tuple)):
        for value in outputs:
            yield from _tensors(value)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
