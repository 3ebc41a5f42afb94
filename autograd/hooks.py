"""Hooks: functions of the user's that see gradients on their way, and may change them.

What a node's hooks are is a ``Hooks``, which a leaf has in a slot and an op in its ``mode``, the
small record that it keeps anyway.  An op without hooks has nothing, and a walk looks for hooks only
if there is a live ``Hooks`` anywhere (``ALIVE``).  A hook belongs to the value that it was
registered on: a tensor changed in place later has another node.  A hook whose function refers to
its own tensor is a cycle, which the collector has to find, as in PyTorch.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any

from autograd.accumulation import LEAF_LOCK, receive
from autograd.graph import Leaf, Op
from autograd.modes import MODE
from autograd.parts import Parts
from autograd.record import handle, is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

Function = Callable[..., Any]

ALIVE: set[int] = set()  # of the hooks, and of the checkpointed calls, that some graph holds

_serial = count()
_registering = threading.Lock()


class Table(dict[int, Function]):
    """Hooks of one kind in the order of their registration, which is that of their calls."""

    __slots__ = ("__weakref__",)


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away again.

    As a context manager it removes the hook at the end of the block.
    """

    __slots__ = ("_key", "_table")

    def __init__(self, table: Table, hook: Function) -> None:
        self._table = weakref.ref(table)  # a hook may hold its own handle
        self._key = next(_serial)
        table[self._key] = hook

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        table = self._table()
        if table is not None:
            table.pop(self._key, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


class Hooks:
    """The hooks of one node.

    Attributes
    ----------
    tensor : Table
        ``hook(grad)`` on the complete gradient of the value.
    before, after : Table
        ``hook(grad_outputs)`` and ``hook(grad_inputs, grad_outputs)`` around an op's rule.
    accumulated : Table
        ``hook(tensor)`` once a leaf's ``.grad`` is up to date.
    retains : bool
        Whether a non-leaf's gradient accumulates in ``grad``.
    grad : Tensor or None
        What has been retained.
    owner : weakref to Tensor, or None
        The leaf's tensor, which hooks on ``.grad`` are given.
    """

    __slots__ = ("accumulated", "after", "before", "grad", "owner", "retains", "tensor")

    def __init__(self) -> None:
        self.tensor = Table()
        self.before = Table()
        self.after = Table()
        self.accumulated = Table()
        self.retains = False
        self.grad: Tensor | None = None
        self.owner: weakref.ref[Tensor] | None = None
        ALIVE.add(id(self))

    def __del__(self) -> None:
        ALIVE.discard(id(self))

    def __repr__(self) -> str:
        tables = ("tensor", "before", "after", "accumulated")
        return f"<Hooks {', '.join(f'{len(getattr(self, name))} {name}' for name in tables)}>"


def hooks_of(node: Any) -> Hooks | None:
    """Return the hooks of a node, None if it has none."""
    hooks: Hooks | None = node.hooks if type(node) is Leaf else node.mode.hooks
    return hooks


def hooked(node: Any) -> Hooks:
    """Return the hooks of a node, making room for them at first use."""
    with _registering:
        hooks = hooks_of(node)
        if hooks is None:
            hooks = Hooks()
            if isinstance(node, Leaf):
                node.hooks = hooks
            else:
                node.mode = node.mode.but(hooks=hooks)
        return hooks


def register(node: Any, kind: str, hook: Function) -> RemovableHandle:
    """Add a hook to a node."""
    if not callable(hook):
        raise TypeError(f"a hook must be callable, got {type(hook).__name__}")
    return RemovableHandle(getattr(hooked(node), kind), hook)


def retain(op: Any, upstream: Any) -> None:
    """Add an upstream to what a non-leaf retains."""
    hooks = hooked(op)
    with LEAF_LOCK:
        if not is_tensor(upstream):
            receive(hooks, upstream, False)
        elif hooks.grad is None:
            hooks.grad = upstream
        else:
            token = MODE.set(MODE.get().of_rules())
            try:
                hooks.grad = hooks.grad + upstream
            finally:
                MODE.reset(token)


def move_retention(before: Any, now: Any) -> None:
    """Let a tensor that retains its gradient do so under its new node."""
    if not isinstance(before, Op) or before is now or before.mode.hooks is None:
        return
    old = before.mode.hooks
    if old.retains and isinstance(now, Op):
        new = hooked(now)
        new.retains, new.grad = True, old.grad
        old.retains, old.grad = False, None


# ---------------------------------------------------------------- called by the walk


def arrive(node: Any, hooks: Hooks, upstream: Any, graph: bool) -> Any:
    """Show a node's complete gradient to its tensor's hooks; return what they make of it."""
    if hooks.tensor:
        upstream = _call_each(hooks.tensor, node, _shown(upstream), graph)
    if hooks.retains:
        retain(node, upstream)
    return upstream


def before(op: Op, hooks: Hooks, upstream: Any, graph: bool) -> Any:
    """Call the hooks before an op's rule."""
    if not hooks.before:
        return upstream
    shown = _tuple_of(upstream)
    for hook in list(hooks.before.values()):
        changed = _called(hook, op, graph, shown)
        if changed is not None:
            shown = _same_kind(hook, op, shown, changed)
    if shown[0] is None and type(upstream) is not Parts:  # "nothing" is 0 to the rule
        shown = (_shown(upstream * 0),)
    payloads = _untuple(shown, graph)
    return Parts(payloads) if type(upstream) is Parts else payloads[0]


def after(
    op: Op, hooks: Hooks, upstream: Any, sent: tuple[Any, ...], graph: bool
) -> tuple[Any, ...]:
    """Call the hooks after an op's rule."""
    if not hooks.after:
        return sent
    received, shown = _tuple_of(upstream), _tuple_of(Parts(sent))
    for hook in list(hooks.after.values()):
        changed = _called(hook, op, graph, shown, received)
        if changed is not None:
            shown = _same_kind(hook, op, shown, changed)
    return _untuple(shown, graph)


def accumulated(leaf: Leaf, hooks: Hooks, graph: bool) -> None:
    """Call the hooks that wait for a leaf's gradient to be up to date."""
    for hook in list(hooks.accumulated.values()):
        owner = hooks.owner() if hooks.owner is not None else None
        tensor = handle(leaf.value, leaf, leaf.storage) if owner is None else owner
        changed = _called(hook, leaf, graph, tensor)
        if changed is not None:
            raise RuntimeError(
                f"post-accumulate hook {_name(hook)!r}: expected it to return None, got "
                f"{type(changed).__name__}"
            )


def _shown(upstream: Any) -> Any:
    """Return an upstream as a Tensor that a hook may change: a copy, if it is an array."""
    if is_tensor(upstream):
        return handle(upstream.payload, upstream.node, upstream.share())
    return handle(upstream.copy(), None)


def _tuple_of(upstream: Any) -> tuple[Any, ...]:
    parts = upstream.parts if type(upstream) is Parts else (upstream,)
    return tuple(None if part is None else _shown(part) for part in parts)


def _untuple(shown: Iterable[Any], graph: bool) -> tuple[Any, ...]:
    return tuple(None if t is None else _bare(t, graph) for t in shown)


def _bare(shown: Any, graph: bool) -> Any:
    """Return what a walk carries: a Tensor under ``create_graph``, else an array or a scalar."""
    return shown if graph else shown.payload[()] if shown.payload.ndim == 0 else shown.payload


def _call_each(table: Table, node: Any, shown: Any, graph: bool) -> Any:
    for hook in list(table.values()):
        changed = _called(hook, node, graph, shown)
        if changed is not None:
            shown = _fitting(hook, node, shown, changed)
    return _bare(shown, graph)


def _called(hook: Function, node: Any, graph: bool, *arguments: Any) -> Any:
    """Call a hook, recording only what ``create_graph`` asks for."""
    token = MODE.set(MODE.get().but(recording=graph, inspecting=False, segment=None))
    try:
        return hook(*arguments)
    except Exception as error:
        error.add_note(f"raised by the hook {_name(hook)!r} on {_what(node)}")
        raise
    finally:
        MODE.reset(token)


def _same_kind(hook: Function, op: Op, shown: tuple[Any, ...], changed: Any) -> tuple[Any, ...]:
    """Check what a hook of an op returned in place of a tuple of gradients."""
    changed = changed if isinstance(changed, tuple) else (changed,)
    if len(changed) != len(shown):
        raise RuntimeError(
            f"hook {_name(hook)!r} on {_what(op)}: expected {len(shown)} gradients, got "
            f"{len(changed)}"
        )
    if any(old is None and new is not None for old, new in zip(shown, changed, strict=True)):
        raise RuntimeError(
            f"hook {_name(hook)!r} on {_what(op)}: a gradient that is None cannot be replaced"
        )
    return tuple(
        None if new is None else _fitting(hook, op, old, new)
        for old, new in zip(shown, changed, strict=True)
    )


def _fitting(hook: Function, node: Any, shown: Any, changed: Any) -> Any:
    """Check what a hook returned in place of one gradient."""
    if not is_tensor(changed):
        raise TypeError(
            f"hook {_name(hook)!r} on {_what(node)}: expected it to return a Tensor or None, got "
            f"{type(changed).__name__}"
        )
    if (changed.shape, changed.dtype) != (shown.shape, shown.dtype):
        raise RuntimeError(
            f"hook {_name(hook)!r} on {_what(node)}: expected a gradient of shape {shown.shape} "
            f"and dtype {shown.dtype}, got {changed.shape} and {changed.dtype}"
        )
    return changed


def _name(hook: Function) -> str:
    return getattr(hook, "__name__", type(hook).__name__)


def _what(node: Any) -> str:
    if isinstance(node, Leaf):
        return f"leaf {node.name or ''} of shape {node.shape}".replace("  ", " ")
    where = f" in module {node.module}" if node.module else ""
    return f"the output of {node.name}{where}"
