"""Which ops make one card.

A module without submodules that recorded one layer's worth of work is one card, named by its
path. Functional calls (in a container's forward, or with no module at all) are cards of their
own, named by the operation. The outputs of an op of several stay with it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from viz.tensors.captions import FAMILIAR, kind_of

__all__ = ["Group", "group_ops"]

SHORT = {
    **{name: "pool" for name, kind in FAMILIAR.items() if kind in ("max_pool", "avg_pool")},
    "batch_norm": "bn",
}  # names of functional calls


@dataclass
class Group:
    """Ops of one card, in the order of their creation, and where the card belongs."""

    ops: list[Any]
    cluster: str
    name: str
    path: str = ""  # unique in the picture

    @property
    def chief(self) -> Any:
        """The op that the card is about: the familiar one, or the last."""
        if self.ops[0].row.outputs:
            return self.ops[0]
        return next((op for op in self.ops if is_work(op)), self.ops[-1])

    @property
    def last(self) -> Any:
        """The op whose output is the card's output."""
        return self.ops[-1]

    @property
    def parts(self) -> list[str]:
        """The names of the outputs in use, if the card is an op of several."""
        if not self.ops[0].row.outputs:
            return []
        return [op.name.rpartition(".")[2] for op in self.ops if is_output(op)]


def is_work(op: Any) -> bool:
    """Whether an op is a layer's work, as opposed to reshaping or plain arithmetic."""
    return op.name in FAMILIAR and kind_of(op.name) != "reshape"


def is_output(op: Any) -> bool:
    """Whether a node is no operation but one of the outputs of one."""
    above = getattr(op.operands[0], "row", None) if op.operands else None
    return above is not None and op.row in above.output_rows


def group_ops(ops: Sequence[Any]) -> list[Group]:
    """Group ops, given in the order of their creation."""
    functional = _containers(ops) | _busy(ops)
    groups: list[Group] = []
    for op in ops:
        cluster, _, name = op.module.rpartition(".")
        if is_output(op) and (made := next((g for g in groups if op.operands[0] in g.ops), None)):
            made.ops.append(op)
        elif op.module in functional:
            groups.append(Group([op], op.module, SHORT.get(op.name, op.name)))
        elif (
            groups
            and groups[-1].ops[-1].module == op.module
            and not (is_work(op) and any(is_work(other) for other in groups[-1].ops))
        ):
            groups[-1].ops.append(op)
        else:
            groups.append(Group([op], cluster, name))
    seen: Counter[str] = Counter()
    for group in groups:
        path = f"{group.cluster}.{group.name}" if group.cluster else group.name
        seen[path] += 1  # a module that is called twice, a function used twice
        group.path = path
        if seen[path] > 1:
            group.path, group.name = f"{path}#{seen[path]}", f"{group.name} #{seen[path]}"
    return groups


def _containers(ops: Sequence[Any]) -> set[str]:
    """Paths of modules that have submodules, the root among them."""
    paths = {""}
    for op in ops:
        parts = op.module.split(".")
        paths.update(".".join(parts[:depth]) for depth in range(1, len(parts)))
    return paths


def _busy(ops: Sequence[Any]) -> set[str]:
    """Paths of modules without submodules that do several layers' work by functional calls."""
    kinds: dict[str, set[str]] = {}
    for op in ops:
        if is_work(op):
            kinds.setdefault(op.module, set()).add(kind_of(op.name))
    return {path for path, found in kinds.items() if len(found) > 1}
