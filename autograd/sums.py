"""Sums: what has arrived so far in a walk, and how it reaches the leaves.

The sums in progress belong to the walk, so walks never meet.  A leaf receives each contribution as
it arrives, but for what costs nothing to hold until the end: what scalars and small arrays send,
slices of one array, which add up in place, and upstreams that are passed on as they are or cut up
into views, which whoever else needs them has then done with.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np

from autograd import hooks
from autograd.accumulation import LEAF_LOCK, complete, lend, receive, tile
from autograd.graph import Leaf, Node, Op
from autograd.keeping import SMALL
from autograd.modes import MODE
from autograd.ops.passing import clone
from autograd.watch import Watch


class LeafSink(dict[Node, Any]):
    """Stands for "into .grad, but only of these", which a computed tensor retains."""

    def __init__(self, targets: set[Node]) -> None:
        super().__init__()
        self.targets = targets
        for node in targets:
            if isinstance(node, Op):
                hooks.hooked(node).retains = True


class Sums:
    """The sums in progress of one walk.

    Attributes
    ----------
    pending : dict
        The sum so far of each node that has been sent something and was not visited yet.
    ours : set of Node
        The nodes whose sum is an array that the walk made and nothing else refers to.
    views : list of Node
        The leaves that wait with a part of an array.
    sink : dict, LeafSink or None
        Where gradients go instead of ``.grad``.
    """

    __slots__ = ("graph", "ours", "pending", "sink", "views", "watched")

    def __init__(
        self,
        pending: dict[Node, Any],
        sink: dict[Node, Any] | None,
        graph: bool,
        watched: Watch | None,
    ) -> None:
        self.pending = pending
        self.ours: set[Node] = set()
        self.views: list[Node] = []
        self.sink = sink
        self.graph = graph
        self.watched = watched

    def add(self, node: Node, c: Any, own: bool = False) -> None:
        """Add to the sum of a node; ``own`` says that nothing else refers to the array ``c``."""
        pending = self.pending
        before = pending.get(node)
        if before is None:
            pending[node] = c
            if own and type(c) is np.ndarray:
                self.ours.add(node)
        elif node in self.ours:
            np.add(before, c, out=before)
        else:
            pending[node] = total = recorded(operator.add, before, c) if self.graph else before + c
            if type(total) is np.ndarray:
                self.ours.add(node)

    def add_slice(self, op: Op, upstream: Any) -> bool:
        """Add what an op sends in place, where that is zero but for a slice; tell whether it was.

        The first slice makes the array; then adding one costs no more than the slice is large.
        """
        node = op.operands[0]
        if node not in self.ours or op.row.add_at is None:
            return False
        return op.row.add_at(self.pending[node], upstream, **op.attributes)

    def send(
        self, op: Op, upstream: Any, sent: tuple[Any, ...], whole: bool, at_once: bool
    ) -> tuple[Any, ...]:
        """Send contributions on; return what the op may keep of them.

        Parameters
        ----------
        op, upstream, sent
            An op, what it received, and what its rules made of it.
        whole : bool
            Whether the op keeps them.
        at_once : bool
            Whether a leaf has to receive now what could wait, and leaves it to who is stepping.
        """
        kept = sent
        cut_up = not (whole or at_once) and self._cut_up(op, upstream, sent)
        if cut_up:
            self.views += [node for node in op.operands if node is not None]
        for node, c in zip(op.operands, sent):  # noqa: B905 - equal by construction
            if c is None or node is None:
                continue
            if type(node) is not Leaf or self.waits_for_hooks(node):
                self.add(node, c)
                continue
            passed = c is upstream or [other is c for other in sent].count(True) > 1
            if self.graph or self.sink is not None or op.mode.inspecting:
                self.deliver(node, c, not (whole or passed or at_once or op.mode.inspecting))
            elif cut_up or (passed and not (whole or at_once)):
                self.add(node, c)
            elif whole and not (passed or at_once) and c.nbytes > SMALL:
                lent = lend(node, c)
                if lent is None:
                    self.deliver(node, c, False)
                else:
                    kept = tuple([lent if other is c else other for other in kept])
            else:
                self.deliver(node, c, not (whole or passed or at_once))
        return kept

    def _cut_up(self, op: Op, upstream: Any, sent: tuple[Any, ...]) -> bool:
        """Tell whether all of the upstream is sent to leaves, as views that do not overlap.

        These wait.  Of a part the leaf gets a copy, since a view would hold the rest with it.
        """
        if type(upstream) is not np.ndarray:
            return False
        base = upstream if upstream.base is None else upstream.base
        views = [c for c in sent if c is not None]
        return (
            all(type(c) is np.ndarray and c.base is base for c in views)
            and all(
                c is None or (type(node) is Leaf and not self.waits_for_hooks(node))
                for node, c in zip(op.operands, sent, strict=True)
            )
            and tile(views, base)
        )

    def waits_for_hooks(self, leaf: Leaf) -> bool:
        """Tell whether a leaf has hooks, which see its complete gradient."""
        return self.watched is not None and leaf in self.watched.leaves

    def deliver_what_waits(self) -> None:
        """Deliver what has added up for leaves.

        An array that nothing else refers to becomes the leaf's own, and so do views that make up
        such an array.  Another may be an op's upstream, or be kept as what an op sent: the leaf
        gets a copy.
        """
        pending = self.pending
        if not self.views and self.watched is None is self.sink:
            with LEAF_LOCK:  # nobody asks who: it is taken once
                for node in tuple(pending):
                    if type(node) is Leaf:
                        owned = getrefcount(pending[node]) == 2  # the dict's, and the argument
                        receive(node, pending.pop(node), owned)
            return
        whole = complete(pending, self.views)
        for node in tuple(pending):
            if type(node) is Leaf and not self.waits_for_hooks(node):
                owned = node in whole or getrefcount(pending[node]) == 2
                self.deliver(node, pending.pop(node), owned, node in whole)

    def deliver_to_hooks(self, sequence: int) -> None:
        """Deliver to the leaves with hooks that no op numbered ``sequence`` or below sends to."""
        if self.watched is None or not self.watched.due:
            return
        sink = self.sink
        for leaf in self.watched.complete(sequence):
            if leaf not in self.pending or (type(sink) is LeafSink and leaf not in sink.targets):
                continue
            self.deliver(leaf, self.watched.arrive(leaf, self.pending.pop(leaf)), False)
            if (sink is None or type(sink) is LeafSink) and leaf.hooks is not None:
                hooks.accumulated(leaf, leaf.hooks, self.graph)

    def deliver(self, leaf: Leaf, c: Any, owned: bool, view: bool = False) -> None:
        """Add to a leaf's gradient, which the leaf owns, or to the sink."""
        sink = self.sink
        if type(sink) is LeafSink:
            if leaf not in sink.targets:
                return
        elif sink is not None:
            before = sink.get(leaf)
            if before is not None:
                c = recorded(operator.add, before, c) if self.graph else before + c
            sink[leaf] = c
            return
        with LEAF_LOCK:
            if self.graph:
                held = leaf.grad
                leaf.grad = recorded(clone, c) if held is None else recorded(operator.add, held, c)
            else:
                receive(leaf, c, owned, view)

    def capture(self, op: Node, upstream: Any) -> None:
        """Hand over the gradient of a tensor that was computed and was asked for."""
        if self.sink is not None and type(self.sink) is not LeafSink:
            self.sink[op] = upstream


def recorded(function: Callable[..., Any], *operands: Any) -> Any:
    """Compute what ``create_graph`` has to record, whatever the caller's mode."""
    token = MODE.set(MODE.get().of_rules())
    try:
        return function(*operands)
    finally:
        MODE.reset(token)
