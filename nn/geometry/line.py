"""Line: how the positions of a value lie along one spatial axis of the network's input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["BATCH", "FLAT", "NONE", "Line", "Reach"]

NONE, FLAT = None, -1
BATCH = 1_000_003  # stands for the length 0 of the batch where axes are compared by their lengths


@dataclass(frozen=True)
class Line:
    """Positions of a value along one spatial axis of the input.

    Position i sees the inputs within [start + i jump, start + i jump + extent], whose ends need not
    be whole (transposed convolutions, adaptive pooling).
    """

    extent: Fraction
    jump: Fraction
    start: Fraction
    size: int
    axis: int | None

    @property
    def field(self) -> int:
        """How many inputs a position sees, at most."""
        return math.floor(self.extent) + 1

    @property
    def all(self) -> Fraction:
        """The extent of what the positions see together."""
        return self.extent + self.jump * (self.size - 1)

    def united(self) -> Line:
        """One position that sees what all saw."""
        return Line(self.all, Fraction(0), self.start, 1, NONE)


Reach = tuple[Line, ...]  # one line for each spatial axis of the input
