"""A line search: how far to go along a direction, so that loss and slope fall enough.

First steps grow until they bracket a good one, then cubics through loss and slope at both ends
close in on it (Nocedal & Wright, Numerical Optimization, chapter 3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, inf, isnan, nan, sqrt
from typing import Any

import numpy as np

__all__ = ["Point", "strong_wolfe"]

SUFFICIENT = 1e-4  # of the decrease that the first slope promises
CURVATURE = 0.9  # of the first slope may remain
FARTHER = 10  # times the last step is the next one at most


@dataclass
class Point:
    """A place on the line: how far, the loss there, the gradient, and the slope along the line.

    The gradient is let go of (None) once the point cannot be the one that is returned.
    """

    step: Any
    loss: float
    gradient: Any
    slope: Any


def strong_wolfe(
    at: Callable[[Any], Point],
    start: Point,
    step: Any,
    *,
    longest: float,
    tolerance: float,
    rounds: int,
) -> tuple[Point, int]:
    """Return a point with a lower loss and a flatter slope, and how many were evaluated.

    loss(step) <= loss(0) + 1e-4 step slope(0) and |slope(step)| <= 0.9 |slope(0)|, the strong Wolfe
    conditions, if such a point is found; else the best one that was seen.

    Parameters
    ----------
    at : callable
        Evaluates a step.
    start : Point
        At step 0, where the slope is negative.
    step : float
        The first to try.
    longest : float
        The largest component of the direction.
    tolerance : float
        Of the components of the change; a narrower bracket is searched no more.
    rounds : int
        How many further points may be evaluated after the first.
    """

    def too_high(point: Point) -> bool:
        return point.loss > start.loss + SUFFICIENT * point.step * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -CURVATURE * start.slope

    before, new, done = start, at(step), 0
    bracket = None
    while done < rounds:
        if too_high(new) or (done > 1 and new.loss >= before.loss):
            bracket = [before, new]
            break
        if flat(new):
            return new, done + 1
        if new.slope >= 0:
            bracket = [before, new]
            break
        nearest = new.step + 0.01 * (new.step - before.step)
        step = _lowest_of_cubic(before, new, (nearest, new.step * FARTHER))
        before = new
        new, done = at(step), done + 1
    low, high = sorted(bracket or [start, new], key=lambda point: point.loss)

    stalled = False
    high.gradient = None
    while done < rounds and abs(high.step - low.step) * longest >= tolerance:
        least, most = sorted((low.step, high.step))
        step = _lowest_of_cubic(low, high, (least, most))
        margin = 0.1 * (most - least)
        if min(most - step, step - least) < margin:  # so near an end that little can be gained
            if stalled or step >= most or step <= least:
                step = most - margin if most - step < step - least else least + margin
                stalled = False
            else:
                stalled = True
        else:
            stalled = False
        new, done = at(step), done + 1
        if too_high(new) or new.loss >= low.loss:
            high = new
            if high.loss < low.loss:
                low, high = high, low
        else:
            if flat(new):
                return new, done + 1
            if new.slope * (high.step - low.step) >= 0:
                high = low
            low = new
        high.gradient = None
    return low, done + 1


@np.errstate(over="ignore", invalid="ignore")  # a cubic too steep for single precision has none
def _lowest_of_cubic(a: Point, b: Point, bounds: tuple[Any, Any]) -> Any:
    """Return where the cubic through the losses and slopes at two points is lowest, in bounds."""
    least, most = bounds
    if a.step != b.step:
        if a.step > b.step:
            a, b = b, a
        bend = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step)
        square = bend * bend - a.slope * b.slope
        if square >= 0:
            root = type(square)(sqrt(square))
            share, divisor = b.slope + root - bend, b.slope - a.slope + 2 * root
            if divisor:
                step = b.step - (b.step - a.step) * (share / divisor)
            else:  # a straight line is lowest at the end of the bounds
                step = copysign(inf, -share) if share else nan
            if not isnan(step):
                return min(max(step, least), most)
    return (least + most) / 2
