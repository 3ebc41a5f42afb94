"""How far each recorded value reaches into the input: its receptive field, from op to op.

A ``Line`` says of one spatial axis of the input what each position sees, how far neighbours are
apart, where the first begins, and along which axis of the value the positions run: one of its own,
``FLAT`` (mixed with others, as after flatten) or ``NONE`` (one position that sees everything).
Windows widen what is seen; sums over an axis unite its positions; paths that meet (a residual
branch) see what either sees. How an operation moves lines is in ``spreading``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .line import NONE, Line, Reach
from .spreading import rule_of

__all__ = ["lines_of_input", "propagate"]


def lines_of_input(shape: tuple[int, ...], spatial: Sequence[int]) -> Reach:
    """Return the lines of the input itself: each position sees itself."""
    return tuple(Line(Fraction(0), Fraction(1), Fraction(0), shape[axis], axis) for axis in spatial)


def propagate(roots: Sequence[Any], seeds: dict[Any, Reach]) -> dict[Any, Reach]:
    """Return the reach of every node between ``seeds`` and ``roots`` that a seed flows into."""
    order, seen, stack = [], set(seeds), [node for node in roots if node is not None]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack += [n for n in getattr(node, "operands", ()) if n is not None]
    reaches = dict(seeds)
    # An operand was recorded before what is made of it.
    for node in sorted(order, key=lambda node: getattr(node, "sequence", 0)):
        given = [reaches.get(operand) for operand in getattr(node, "operands", ())]
        if any(given):
            reaches[node] = _reach(node, given)
    return reaches


def _reach(op: Any, given: Sequence[Reach | None]) -> Reach:
    """Return the reach of what an op computed."""
    rule = rule_of(op)
    return _merge([rule(op, i, reach) for i, reach in enumerate(given) if reach])


def _merge(reaches: Sequence[Reach]) -> Reach:
    """See what any of several paths sees."""
    return tuple(_union(lines) for lines in zip(*reaches, strict=True))


def _union(lines: Sequence[Line]) -> Line:
    first = lines[0]
    if all(line == first for line in lines):
        return first
    axes = {line.axis for line in lines} - {NONE}
    if len(axes) > 1:  # row i meets column j: what they see lies apart
        lines = [line.united() for line in lines]
    start = min(line.start for line in lines)
    end = max(line.start + line.extent for line in lines)
    axis = axes.pop() if len(axes) == 1 else NONE
    moving = [line for line in lines if line.axis is not NONE and line.jump]
    if 0 < len(moving) < len(lines) and end >= max(line.start + line.all for line in moving):
        # What one path sees of all (attention, a global mean) covers what the others see.
        return Line(end - start, Fraction(0), start, moving[0].size, axis)
    size, jump = max((line.size, line.jump) for line in lines)
    return Line(end - start, jump, start, size, axis)
