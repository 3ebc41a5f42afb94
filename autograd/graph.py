"""The graph: ops and leaves, with edges from op to op.

Each recorded operation is one object, a ``ScalarOp``, a ``SmallOp`` or an ``ArrayOp``, which is the
node and knows its row of calculus (row.py).  Edges run to the nodes of the operands as they were at
that moment, never to Tensors: a Tensor changed in place gets a new node, and what was recorded
before stays as it was.  Nothing here is cyclic, so reference counting alone frees a graph, however
deep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.modes import Mode
from autograd.storage import Storage

if TYPE_CHECKING:
    from autograd.hooks import Hooks, RemovableHandle
    from autograd.row import Row

Guard = Storage | None  # of a saved array: has it changed since the op was recorded?

SPENT = "spent"  # what an op's ``walk`` says once a backward without retain_graph has passed


class Node:
    """A place in the graph: an ``Op`` or a ``Leaf``."""

    __slots__ = ()
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    grad: Any  # a leaf's Tensor, or the payload that an op kept


class Leaf(Node):
    """A Tensor that the user made and that requires grad: owns ``grad``.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> x.node
    <Leaf (2,) float32>
    >>> (x * x).node.operands[0] is x.node
    True
    """

    __slots__ = (*("__weakref__", "dtype", "grad", "hooks", "name", "shape", "storage", "value"),)

    def __init__(self, value: Any) -> None:
        self.shape = value.shape
        self.dtype = value.dtype
        self.value = value
        self.storage: Storage | None = None
        self.grad = None
        self.name: str | None = None
        self.hooks: Hooks | None = None

    def __repr__(self) -> str:
        return f"<Leaf {self.name or ''}{self.shape} {self.dtype}>"


class Op(Node):
    """One recorded operation.

    Attributes
    ----------
    operands : tuple of Op, Leaf or None
        The nodes of the operands when the op was recorded; None where nothing needs a gradient.
    saved : tuple
        The operands' payloads (ndarray, NumPy scalar, Python number), None where not kept.
    partials : tuple
        An elementwise op's local derivatives, None where there is none.
    value : ndarray or NumPy scalar or None
        The output, None where not kept.
    grad : ndarray or NumPy scalar or None
        The upstream of the last backward, if kept.
    contributions : tuple or None
        What the last backward sent to each operand, if kept.
    spent : bool
        Whether a backward without ``retain_graph`` has passed.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> with autograd.inspect():
    ...     y = x * 3
    >>> op = y.node
    >>> op, op.name, op.operands, op.operand_names
    (<Op multiply (2,) float32>, 'multiply', (<Leaf (2,) float32>, None), ('x', 'y'))
    >>> op.elementwise, [p is None or p.tolist() for p in op.partials]
    (True, [[3.0, 3.0], True])
    >>> op.module, op.ties, op.changed, op.next_functions[0]
    ('', 'torch', (False, False), (<Leaf (2,) float32>, 0))
    >>> file, line = op.source
    >>> y.backward(autograd.tensor([1.0, 10.0]))
    >>> op.spent, op.contributions[0].tolist()
    (True, [3.0, 30.0])
    """

    __slots__ = ("grad", "mode", "row", "sequence", "value", "walk")

    row: Row
    operands: tuple[Op | Leaf | None, ...]
    saved: tuple[Any, ...]
    attributes: dict[str, Any] = {}
    cached: dict[str, Any] = {}
    sequence: int
    mode: Mode
    value: Any
    grad: Any
    walk: object  # the last walk that reached the op (None, a token), or SPENT
    guards: tuple[Guard, ...] | None
    _contributions: Any

    @property
    def name(self) -> str:
        """Name of the operation: ``multiply``, ``conv2d``."""
        return self.row.name

    @property
    def elementwise(self) -> bool:
        """Whether the rules are elementwise partials."""
        return self.row.elementwise

    @property
    def spent(self) -> bool:
        """Whether a backward without ``retain_graph`` has passed."""
        return self.walk is SPENT

    @property
    def next_functions(self) -> tuple[tuple[Op | Leaf | None, int], ...]:
        """The nodes of the operands, each with 0 (PyTorch's pairs of a node and its output)."""
        return tuple((node, 0) for node in self.operands)

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` before the rule runs; what it returns takes their place.

        ``grad_outputs`` is a tuple of the upstream of each output, which tensors' hooks have seen
        before.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor(2.0, requires_grad=True)
        >>> y = x * x
        >>> handle = y.node.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
        >>> y.backward()
        >>> x.grad
        tensor(40.)

        Source: ``torch.autograd.graph.Node.register_prehook``.
        """
        from autograd.hooks import register

        return register(self, "before", hook)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` after the rule; it may return other grad_inputs.

        ``grad_inputs`` is what the op is about to send to each operand, None where nothing is
        asked for.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor(2.0, requires_grad=True)
        >>> y = autograd.exp(x) * 0
        >>> handle = y.node.register_hook(lambda grad_inputs, grad_outputs: print(grad_inputs))
        >>> y.backward()
        (tensor(0.), None)

        Source: ``torch.autograd.graph.Node.register_hook``.
        """
        from autograd.hooks import register

        return register(self, "after", hook)

    @property
    def operand_names(self) -> tuple[str, ...]:
        """Names of the operands, parallel to ``operands``."""
        return self.row.names_of(len(self.operands))

    @property
    def module(self) -> str:
        """Path of the module that recorded the op, ``""`` outside of modules."""
        return self.mode.module

    @property
    def ties(self) -> str:
        """Policy for ties in force when the op was recorded."""
        return self.mode.ties

    @property
    def source(self) -> tuple[str, int] | None:
        """File and line of the user's call, known under ``autograd.inspect()``."""
        return self.mode.source

    @property
    def contributions(self) -> tuple[Any, ...] | None:
        """What the last backward sent to each operand."""
        if self._contributions is None and self.guards is None and self.grad is not None:
            sent: tuple[Any, ...] = self.row.scalar_contributions(self, self.grad)
            return sent
        from autograd.accumulation import Lent  # both run ops, which are made of these classes
        from autograd.rules import contributions_again

        kept: tuple[Any, ...] | None = self._contributions
        if kept is None:
            return contributions_again(self)
        return tuple([c.kept() if type(c) is Lent else c for c in kept])

    @property
    def partials(self) -> tuple[Any, ...]:
        """Local derivatives of an elementwise op: its rules with an upstream of 1."""
        if not self.elementwise:
            return (None,) * len(self.operands)
        from autograd.rules import partials  # rules run ops, which are made of these classes

        return partials(self)

    @property
    def changed(self) -> tuple[bool, ...]:
        """Which saved operands were changed in place since the op was recorded."""
        guards = self.guards
        if guards == ():  # let go
            return (False,) * len(self.operands)
        if guards is None:  # scalars: the payload itself was replaced
            return tuple(
                isinstance(node, Leaf) and saved is not None and bool(node.value != saved)
                for node, saved in zip(self.operands, self.saved, strict=True)
            )
        then = self.sequence
        return tuple(g is not None and g.changed > then for g in guards[: len(self.operands)])

    def __repr__(self) -> str:
        where = f" in {self.module}" if self.module else ""
        return f"<Op {self.name} {self.shape} {self.dtype}{where}>"


class ArrayOp(Op):
    """An op on large arrays, or with attributes, or of three operands or more."""

    __slots__ = (
        "__weakref__",
        "_contributions",
        "attributes",
        "cached",
        "dtype",
        "guards",
        "operands",
        "saved",
        "shape",
        "wanted",
    )
    wanted: tuple[bool, ...]  # which operands have a node


class SmallOp(Op):
    """An op on one or two small arrays of one dtype, in fixed slots as those of ``ScalarOp``.

    What a learner computes by hand is such arrays; an op that never lets go what it saved and whose
    contributions need no fitting costs half the time of the general one.
    """

    __slots__ = (
        "__weakref__",
        "_contributions",
        "dtype",
        "guard_x",
        "guard_y",
        "guard_z",
        "saved_x",
        "saved_y",
        "shape",
        "x",
        "y",
    )
    x: Op | Leaf | None
    y: Op | Leaf | None
    saved_x: Any
    saved_y: Any
    guard_x: Guard
    guard_y: Guard
    guard_z: Guard

    @property
    def operands(self) -> tuple[Op | Leaf | None, ...]:  # type: ignore[override]
        """See ``Op``."""
        return (self.x, self.y)[: len(self.row.names)]

    @property
    def saved(self) -> tuple[Any, ...]:  # type: ignore[override]
        """See ``Op``."""
        return (self.saved_x, self.saved_y)[: len(self.row.names)]

    @property
    def guards(self) -> tuple[Guard, ...]:  # type: ignore[override]
        """See ``Op``."""
        return (*(self.guard_x, self.guard_y)[: len(self.row.names)], self.guard_z)


class ScalarOp(Op):
    """An op on one or two NumPy scalars, which never change, so that nothing needs guarding.

    Two objects a scalar op, this and the handle, are what its record costs.  All rows share this
    one class: the interpreter reads a slot of a class that it has just seen in a tenth of the time.
    """

    __slots__ = ("saved_x", "saved_y", "x", "y")
    shape = ()
    guards = None
    _contributions = None
    x: Op | Leaf | None
    y: Op | Leaf | None  # None also if there is only one operand
    saved_x: Any
    saved_y: Any

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """Dtype of the output."""
        return self.value.dtype  # type: ignore[no-any-return]

    @property
    def operands(self) -> tuple[Op | Leaf | None, ...]:  # type: ignore[override]
        """See ``Op``."""
        return (self.x, self.y)[: len(self.row.names)]

    @property
    def saved(self) -> tuple[Any, ...]:  # type: ignore[override]
        """See ``Op``."""
        return (self.saved_x, self.saved_y)[: len(self.row.names)]
