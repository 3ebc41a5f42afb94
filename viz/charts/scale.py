"""Scales: where a value stands on an axis, which values get a tick, and labels kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from viz.numbers import number

__all__ = ["Scale", "apart", "scale_over"]

WIDE = 50  # a range of positive values that spans more than this factor is drawn logarithmically


@dataclass(frozen=True)
class Scale:
    """Takes ``low`` to pixel ``start`` and ``high`` to pixel ``end``.

    Examples
    --------
    >>> scale = Scale(1.0, 100.0, 0.0, 200.0, log=True)
    >>> scale(10.0), [label for _, label in scale.ticks()]
    (100.0, ['1', '10', '100'])
    >>> [value for value, _ in Scale(0.0, 2.3, 0.0, 100.0).ticks()]
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.log:
            share = log10(value / self.low) / log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def shows(self, value: float) -> bool:
        """Tell whether a value has a place on this scale at all."""
        return isfinite(value) and (value > 0 or not self.log)

    def ticks(self, most: int = 6, *, whole: bool = False) -> list[tuple[float, str]]:
        """Return round values within the scale, with their labels; whole numbers if asked."""
        values = _decades(self.low, self.high, most) if self.log else []
        if not values:
            values = _round_steps(self.low, self.high, most, 1.0 if whole else 0.0)
        return [(value, number(value)) for value in values]


def _decades(low: float, high: float, most: int) -> list[float]:
    first, last = ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9)
    if last - first < 1:
        every = [m * 10.0**e for e in range(first - 1, last + 1) for m in (1, 2, 5)]
        inside = [v for v in every if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        return inside if len(inside) > 1 else []
    stride = ceil((last - first + 1) / most)
    return [float(f"1e{e}") for e in range(first, last + 1) if e % stride == 0]


def _round_steps(low: float, high: float, most: int, least: float) -> list[float]:
    rough = max((high - low) / most, least)
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def scale_over(
    values: Iterable[float], start: float, end: float, *, log: bool | None = False,
    margin: float = 0.04, least: float | None = None,
) -> Scale:  # fmt: skip
    """Return a scale that holds all finite values, with a margin.

    Parameters
    ----------
    values : iterable of float
    start, end : float
        Pixels.
    log : bool, optional
        None: logarithmic if all values are positive and span more than a factor of 50.
    margin : float
        A share of the range, on both sides.
    least : float, optional
        A value to be on the scale too, such as 0 for shares; not on a logarithmic one.

    Examples
    --------
    >>> scale_over([1.0, 3.0, float("nan")], 0, 100, margin=0)
    Scale(low=1.0, high=3.0, start=0, end=100, log=False)
    """
    finite = [float(v) for v in values if isfinite(v)]
    positive = [v for v in finite if v > 0]
    if log is None:
        log = len(positive) == len(finite) > 0 and max(finite) > WIDE * min(finite)
    shown = positive if log else finite + ([] if least is None else [least])
    low, high = (min(shown), max(shown)) if shown else (1.0, 10.0) if log else (0.0, 1.0)
    if log:
        if high < low * 1.0001:
            low, high = low / 2, high * 2
        more = (high / low) ** margin
        return Scale(low / more, high * more, start, end, True)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        reach = 0.5 * max(abs(low), 1e-3) if low else 0.5
        low, high = low - reach, high + reach
    more = (high - low) * margin
    return Scale(low if least == low else low - more, high + more, start, end)


def apart(heights: Sequence[float], distance: float = 18, low: float | None = None,
          high: float | None = None) -> list[float]:  # fmt: skip
    """Move labels that would overlap away from each other, as little as possible, keeping order.

    Examples
    --------
    >>> apart([20.0, 24.0, 100.0])
    [13.0, 31.0, 100.0]
    >>> apart([20.0, 24.0, 100.0], low=20.0)
    [20.0, 38.0, 100.0]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    groups: list[list[float]] = []  # [sum of where the first label would stand, count]
    for k, index in enumerate(order):
        groups.append([heights[index] - k * distance, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + count]
    firsts = [total / count for total, count in groups for _ in range(int(count))]
    most = None if high is None else high - (len(order) - 1) * distance
    placed = list(heights)
    for k, index in enumerate(order):
        first = firsts[k] if most is None else min(firsts[k], most)
        placed[index] = (first if low is None else max(first, low)) + k * distance
    return placed
