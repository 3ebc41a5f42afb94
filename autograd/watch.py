"""What a walk looks at besides its ops: hooks, checkpointed calls, anomalies.

Few graphs have any of them.  A walk asks once, at its start, whether there is something to watch;
where there is not, its loop has nothing of this to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd import anomaly, hooks
from autograd.checkpointing import Segment, stand_in
from autograd.graph import ArrayOp, Leaf, Node, Op
from autograd.hooks import ALIVE
from autograd.modes import MODE, Anomaly


class Watch:
    """What one walk has to watch.

    Attributes
    ----------
    leaves : dict
        The leaves with hooks that the walk may reach, each with the number of the op that is the
        last to send to it; a leaf's hooks see its complete gradient.
    needed : bool
        Whether there is anything; hooks that are alive may be another graph's.
    """

    def __init__(
        self,
        order: list[Op],
        pending: dict[Node, Any],
        targets: set[Node] | None,
        graph: bool,
        wanted: Anomaly | None,
    ) -> None:
        self.graph = graph
        seeds = pending.values()
        excused = wanted is not None and any(
            anomaly.first_bad(seed, wanted) is not None for seed in seeds
        )
        self.anomaly = None if excused else wanted  # what came in bad says nothing of the ops
        self.stand_ins: dict[int, ArrayOp] = {}  # by the number of the op that let its values go
        self.segments: dict[Segment, Segment] = {}
        self.leaves = {node: 0 for node in pending if type(node) is Leaf and node.hooks is not None}
        self.needed = self.anomaly is not None or any(map(hooks.hooks_of, targets or ()))
        for op in reversed(order):
            mode = op.mode
            if mode.hooks is not None or mode.segment is not None:
                self.needed = True
            for edge in op.operands:
                if type(edge) is Leaf and edge.hooks is not None:
                    self.leaves[edge] = op.sequence
        self.needed = self.needed or bool(self.leaves)
        self.due = sorted(self.leaves, key=self.leaves.__getitem__)

    def complete(self, sequence: int) -> Iterator[Leaf]:
        """Yield the leaves that no op numbered ``sequence`` or below sends to."""
        while self.due and self.leaves[self.due[-1]] > sequence:
            yield self.due.pop()

    def arrive(self, node: Any, upstream: Any) -> Any:
        """Return a node's complete gradient as its tensor's hooks leave it."""
        if self.anomaly is not None:
            anomaly.check_sum(node, upstream, self.anomaly)
        found = hooks.hooks_of(node)
        if found is None:
            return upstream
        return self._checked(node, upstream, hooks.arrive(node, found, upstream, self.graph))

    def _checked(self, node: Any, before: Any, after: Any) -> Any:
        """Return what hooks made of a gradient, unless it is an anomaly."""
        if self.anomaly is not None:
            anomaly.check_hooks(node, before, after, self.anomaly)
        return after

    def enter(self, op: Op, upstream: Any) -> tuple[Any, Op]:
        """Return what an op's rule shall see: the upstream, and an op with its values."""
        found = op.mode.hooks
        if found is not None:
            upstream = self._checked(op, upstream, hooks.before(op, found, upstream, self.graph))
        if op.mode.segment is not None and type(op) is ArrayOp and op.guards == ():
            return upstream, stand_in(op, self.stand_ins, self.segments)
        return upstream, op

    def leave(self, op: Op, source: Op, upstream: Any, sent: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what the rules of an op sent, with the values of ``source``, as hooks leave it."""
        if self.anomaly is not None:
            anomaly.check_rule(source, upstream, sent, self.anomaly)
        found = op.mode.hooks
        return sent if found is None else hooks.after(op, found, upstream, sent, self.graph)


def watch(
    order: list[Op], pending: dict[Node, Any], targets: set[Node] | None, graph: bool
) -> Watch | None:
    """Return what a walk has to watch, None if there is nothing."""
    wanted = MODE.get().anomaly
    if wanted is None and not ALIVE:
        return None
    found = Watch(order, pending, targets, graph, wanted)
    return found if found.needed else None
