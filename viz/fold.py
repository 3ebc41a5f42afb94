"""Folding: which records share a card.

A value that the user named is a card.  Unnamed temporaries fold into the named value that uses
them, as long as there is one use only, so that every input of a card has one way through it and
the local derivative is the product along that way.  What routes gradient (max, min, clamp, relu)
stays in sight: it never folds into another card, and only a max folds into a max of numbers.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Container
from typing import Any

from viz.extract import Record, Recording

__all__ = ["LEVELS", "MAXIMA", "ROUTING", "Group", "Use", "fold"]

MAXIMA = {"maximum": "max", "minimum": "min"}
ROUTING = frozenset({*MAXIMA, "relu", "clamp", "where"})
LEVELS = ("op", "routes", "names")  # nothing folds; nested max only; unnamed temporaries too


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """An input of a card: where it enters, and what arrived.

    Attributes
    ----------
    source : int or None
        The record that is used, None for a constant.
    entry : (record, position)
        The operand of the operation that it enters.
    payload : any
        What arrived, as far as it was kept.
    """

    source: int | None
    entry: tuple[int, int]
    payload: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """The records of one card: its own (`head`), the folded ones, and the inputs in order.

    ``into`` leads from each folded record to the operand of the operation that uses it.
    """

    head: int
    members: tuple[int, ...]
    uses: tuple[Use, ...]
    into: dict[int, tuple[int, int]]

    def path(self, use: Use) -> tuple[tuple[int, int], ...]:
        """Return the (record, position) on the way of an input, the one it enters first."""
        steps = [use.entry]
        while steps[-1][0] != self.head:
            steps.append(self.into[steps[-1][0]])
        return tuple(steps)

    def folded_words(self, recording: Recording) -> str:
        """Say what is folded into the head: ``"3 multiply, 2 add"``."""
        whole = recording.records[self.head]
        same = whole.operands if whole.part is not None else ()  # sort, in the card of its values
        ops = [recording.records[m].op for m in self.members if m != self.head and m not in same]
        if set(ops) <= set(MAXIMA):  # max(a, b, 0) hides nothing
            return ""
        count = Counter(op.removesuffix("_of") for op in ops)
        return ", ".join(f"{n} {op}" for op, n in count.items())


def fold(recording: Recording, named: Container[int], level: str) -> tuple[Group, ...]:
    """Return the groups, in the order of their heads; a leaf is a group of its own.

    Parameters
    ----------
    recording : Recording
    named : container of int
        Records that the user named.
    level : {"op", "routes", "names"}
        Nothing folds; only a max into a max; or every unnamed temporary too.

    Examples
    --------
    >>> import autograd
    >>> from viz.extract import extract
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> [g.members for g in fold(extract(x * x + x), set(), "names")]
    [(0,), (1, 2)]
    """
    records = recording.records
    into: dict[int, tuple[int, int]] = {}
    head: dict[int, int] = {}
    for record in reversed(records):  # consumers before operands
        uses = recording.consumers[record.index]
        alone = record.op and len(uses) == 1 and record.index not in named
        alone = alone and not _is_one_of_many(record, recording)
        if alone and _folds(record, records[uses[0][0]], level):
            into[record.index] = uses[0]
            head[record.index] = head[uses[0][0]]
        else:
            head[record.index] = record.index
    members: dict[int, list[int]] = {}
    for index in sorted(head):
        members.setdefault(head[index], []).append(index)
    return tuple(
        Group(
            top, tuple(inside), _uses(recording, top, into),
            {member: into[member] for member in inside if member != top},
        )
        for top, inside in sorted(members.items())
    )  # fmt: skip


def _is_one_of_many(record: Record, recording: Recording) -> bool:
    """Tell whether a record is an output of an op of which others are used, too."""
    op = record.operands[0] if record.part is not None else None
    return op is not None and len(recording.consumers[op]) > 1


def _folds(record: Record, consumer: Record, level: str) -> bool:
    if consumer.part is not None:  # an op of which one output is used is that output
        return True
    if level == "op":
        return False
    if record.op in MAXIMA and record.shape == consumer.shape:
        return MAXIMA[record.op] == MAXIMA.get(consumer.op)
    if level != "names" or record.op in ROUTING:
        return False
    return bool(consumer.shape) or consumer.op not in ROUTING  # arrays have no candidates


def _uses(recording: Recording, head: int, into: Container[int]) -> tuple[Use, ...]:
    """Walk a card's tree of operations, operands in order, without recursion."""
    records = recording.records
    uses = []
    waiting: list[int | Use] = [head]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Use):
            uses.append(here)
            continue
        record = records[here]
        for position in reversed(range(len(record.operands))):
            operand = record.operands[position]
            if operand is not None and operand in into:
                waiting.append(operand)
                continue
            payload = record.saved[position] if position < len(record.saved) else None
            if payload is None and operand is not None:
                payload = recording.value(operand)
            waiting.append(Use(operand, (here, position), payload))
    return tuple(uses)
