"""Passage: the way of one contribution through the ops that are folded into a card."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Contestant", "Entry", "Passage"]


@dataclass(frozen=True)
class Entry:
    """One op of a passage: its name, which operand is meant, and the operands' words and values."""

    name: str
    position: int
    operands: tuple[str, ...]  # what to call each: "k1", "0.5", "k1·x1"
    values: tuple[Any, ...]
    value: Any
    attributes: dict[str, Any] = field(default_factory=dict)
    ties: str = "torch"

    @property
    def other(self) -> int:
        """The position of the second operand of a pair."""
        return 1 - self.position


@dataclass(frozen=True)
class Contestant:
    """One argument of a max or min: a card or a constant."""

    name: str
    value: Any
    constant: bool = False


@dataclass(frozen=True)
class Passage:
    """The way of one contribution, from the operand up to the card that consumes it.

    Attributes
    ----------
    operand, consumer : str
        The names on the two cards.
    entries : tuple of Entry
        The ops on the way, the one that the operand enters first; empty when the ways part and
        meet again inside the card.
    local : number, array or None
        The derivative of the consumer with respect to the operand, along this way.
    contestants : tuple of Contestant
        When a max or min is on the way: all its arguments.
    """

    operand: str
    consumer: str
    entries: tuple[Entry, ...]
    local: Any
    contestants: tuple[Contestant, ...] = ()
