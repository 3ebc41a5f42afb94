"""The recorded graph as plain records: one a node, in the order of creation.

Nothing after this page touches an op except to read the fields listed here.  The order of the
operands and their multiplicity are kept (``x * x`` has two), the search is iterative, and each
node is one record however many paths lead to it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

__all__ = ["Record", "Recording", "extract"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A node of the graph.

    ``operands`` holds positions in ``Recording.records``, None for what needs no gradient;
    ``saved`` the payloads that the operation received, as far as they were kept.

    An operation of several outputs (``svd``) has their names in ``outputs`` and what was kept of
    them in ``parts``; each output that is used is a record of its own, and its ``part`` says which
    of them it is.
    """

    index: int
    node: Any = dataclasses.field(repr=False)
    op: str = ""  # "" for a leaf
    operands: tuple[int | None, ...] = ()
    operand_names: tuple[str, ...] = ()
    saved: tuple[Any, ...] = ()
    attributes: dict[str, Any] = dataclasses.field(default_factory=dict)
    value: Any = None
    shape: tuple[int, ...] = ()
    dtype: str = ""
    module: str = ""
    ties: str = "torch"
    source: tuple[str, int] | None = None
    elementwise: bool = False
    changed: tuple[bool, ...] = ()
    outputs: tuple[str, ...] = ()
    parts: tuple[Any, ...] | None = None
    part: int | None = None
    recomputed: bool = False  # its values are let go and made again as backward comes to them

    @property
    def part_name(self) -> str:
        """What stands behind an operation for one of its outputs: ``.S``, ``[0]``."""
        name = self.op.rpartition(".")[2]
        return "" if self.part is None else f"[{name}]" if name.isdigit() else f".{name}"

    @property
    def is_leaf(self) -> bool:
        """Whether the user made it."""
        return not self.op


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """All records that a root reaches; operands stand before their consumers, the root last."""

    records: tuple[Record, ...]
    consumers: tuple[tuple[tuple[int, int], ...], ...]  # of each record: (consumer, position)

    @property
    def root(self) -> Record:
        """The record of what was differentiated."""
        return self.records[-1]

    @property
    def operations(self) -> tuple[Record, ...]:
        """The records that are no leaves."""
        return tuple(record for record in self.records if record.op)

    def value(self, index: int) -> Any:
        """Return the value that a record had when it was used, or None if nobody kept it.

        A scalar leaf may have been changed since: what a consumer saved is what was used.
        """
        record = self.records[index]
        if record.op and record.value is not None:
            return record.value
        for consumer, position in self.consumers[index]:
            saved = self.records[consumer].saved
            if position < len(saved) and saved[position] is not None:
                return saved[position]
        return record.value

    def changed(self, index: int) -> bool:
        """Tell whether a consumer says that this value was changed since it used it."""
        return any(
            position < len(self.records[consumer].changed)
            and self.records[consumer].changed[position]
            for consumer, position in self.consumers[index]
        )


def extract(root: Any) -> Recording:
    """Return the records of the graph behind a Tensor (or behind a node).

    Raises
    ------
    TypeError
        If `root` is neither a Tensor nor a node.
    ValueError
        If the Tensor needs no gradient, so that nothing was recorded.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> [(r.op, r.operands) for r in extract(x * x + x).records]
    [('', ()), ('multiply', (0, 0)), ('add', (1, 0))]
    """
    nodes = _in_order(_node(root))
    index = {id(node): i for i, node in enumerate(nodes)}
    records = tuple(_record(i, node, index) for i, node in enumerate(nodes))
    consumers: list[list[tuple[int, int]]] = [[] for _ in records]
    for record in records:
        for position, operand in enumerate(record.operands):
            if operand is not None:
                consumers[operand].append((record.index, position))
    return Recording(records, tuple(map(tuple, consumers)))


def _node(root: Any) -> Any:
    if hasattr(root, "payload"):
        if root.node is None:
            raise ValueError(
                "graph: the tensor needs no gradient, so nothing was recorded; build it from "
                "tensors with requires_grad=True, outside no_grad()"
            )
        return root.node
    if hasattr(root, "shape") and hasattr(root, "grad"):
        return root
    raise TypeError(f"graph: expected a Tensor, got {type(root).__name__}")


def _in_order(root: Any) -> list[Any]:
    """Return the nodes that are reached, operands before consumers, leaves at their first use."""
    seen, ops, waiting = {id(root)}, [], [root]
    while waiting:
        node = waiting.pop()
        if not hasattr(node, "operands"):
            continue
        ops.append(node)
        for operand in node.operands:
            if operand is not None and id(operand) not in seen:
                seen.add(id(operand))
                waiting.append(operand)
    ops.sort(key=lambda op: op.sequence)
    placed: set[int] = set()
    order = []
    for op in ops:
        for node in (*op.operands, op):
            if node is not None and id(node) not in placed:
                placed.add(id(node))
                order.append(node)
    return order or [root]


def _name(node: Any) -> str:
    """Return an op's name; a sum with a factor (``alpha``) is not called a sum."""
    name: str = node.name
    scaled = name in ("add", "subtract") and node.attributes.get("alpha", 1) != 1
    return f"{name}_scaled" if scaled else name


def _record(i: int, node: Any, index: dict[int, int]) -> Record:
    common = {"index": i, "node": node, "shape": tuple(node.shape), "dtype": str(node.dtype)}
    if not hasattr(node, "operands"):
        return Record(value=node.value, **common)
    row, value = node.row, getattr(node, "value", None)
    above = getattr(node.operands[0], "row", None) if node.operands else None
    rows_above = () if above is None else above.output_rows
    return Record(
        outputs=tuple(row.outputs),
        parts=tuple(value) if row.outputs and value is not None else None,
        part=rows_above.index(row) if row in rows_above else None,
        recomputed=node.mode.segment is not None,
        op=_name(node),
        operands=tuple(None if o is None else index[id(o)] for o in node.operands),
        operand_names=tuple(node.operand_names),
        saved=tuple(node.saved),
        attributes=dict(node.attributes),
        value=None if row.outputs else value,
        module=node.module,
        ties=node.ties,
        source=node.source,
        elementwise=node.elementwise,
        changed=tuple(map(bool, np.atleast_1d(node.changed))),
        **common,
    )
