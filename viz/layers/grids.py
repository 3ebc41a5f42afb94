"""Numbers in dense grids: four characters a cell, over a common power of ten.

A number that is small beside its neighbours is still a number: what would round to nothing is
written ``≈0``, never ``0``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from viz.numbers import MINUS, number

__all__ = ["Scale"]

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SHORT = 4


@dataclass(frozen=True)
class Scale:
    """How the numbers of one grid are written: divided by ``10 ** exponent``.

    ``exact`` numbers (0.5, −1, 2) are written as they are.
    """

    exponent: int = 0
    exact: bool = False

    @classmethod
    def of(cls, values: Iterable[float], room: int = SHORT) -> Scale:
        """Choose the scale of a grid.

        >>> Scale.of([0.5, -1.0, 2.0]), Scale.of([0.03, -0.14123])
        (Scale(exponent=0, exact=True), Scale(exponent=-2, exact=False))
        >>> Scale.of([3.7012, 0.08]).exponent
        0
        """
        live = [abs(v) for v in values if v and math.isfinite(v)]
        if not live:
            return cls(0, True)
        if all(len(_bare(v)) < room and float(number(v)) == v for v in live if v < 1e4):
            if max(live) < 1e4:
                return cls(0, True)
        if 0.3 <= max(live) < 1000:
            return cls(0)
        return cls(math.floor(math.log10(max(live))) - 1)

    @property
    def words(self) -> str:
        """The factor, ``× 10⁻²``, or nothing."""
        return f"× 10{str(self.exponent).translate(SUPERSCRIPTS)}" if self.exponent else ""

    def text(self, value: float, room: int = SHORT) -> str:
        """Write one number in at most ``room`` characters.

        >>> scale = Scale(-2)
        >>> scale.text(-0.1412), scale.text(0.0021), scale.text(0.0), scale.text(1e-9)
        ('−14', '.21', '0', '≈0')
        >>> Scale().text(2.856), Scale().text(-1.286), Scale(exact=True).text(0.25)
        ('2.86', '−1.3', '.25')
        """
        if value == 0:
            return "0"
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        if self.exact:
            for text in (number(value) if room > SHORT else "", _bare(value)):
                if text and len(text) <= room:
                    return text
        scaled = value / 10.0**self.exponent
        for places in (2, 1, 0):
            text = f"{scaled:.{places}f}".replace("-", MINUS)
            text = text.replace("0.", ".", 1) if abs(float(f"{scaled:.{places}f}")) < 1 else text
            if len(text) <= room or places == 0:
                break
        return text if float(f"{scaled:.{places}f}") else "≈0"


def _bare(value: float) -> str:
    text = number(value)
    return text.replace("0.", ".", 1) if text.lstrip(MINUS).startswith("0.") else text
