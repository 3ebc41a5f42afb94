"""How operations move lines: a rule for each, by its name; what is not known sees everything.

Means and variances of a normalisation are left out: its field is that of its input, as is usual.
A padding that repeats the image (reflect, circular) is read as if it lay beyond the image. Behind a
stride, the field of a transposed convolution or an interpolation may be a step too wide: its ends
are not whole there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from .line import BATCH, FLAT, NONE, Line, Reach

__all__ = ["rule_of"]


def rule_of(op: Any) -> Callable[[Any, int, Reach], Reach]:
    """Return ``rule(op, i, reach)``: the reach of the op's result through operand ``i``."""
    if op.elementwise:
        return _aligned
    name = op.name
    for pattern, rule in _RULES:
        if re.fullmatch(pattern, name):
            return rule
    if "keepdim" in op.attributes:
        return _reduced
    return _everything


def _everything(op: Any, i: int, reach: Reach) -> Reach:
    """Of an operation that is not known: each result may depend on all positions."""
    return tuple(line.united() for line in reach)


def _same(op: Any, i: int, reach: Reach) -> Reach:
    return reach


def _aligned(op: Any, i: int, reach: Reach) -> Reach:
    """Axes are aligned from the right, as broadcasting does."""
    shift = len(op.shape) - len(op.operands[i].shape)
    return tuple(_moved(line, lambda axis: axis + shift) for line in reach)


def _moved(line: Line, place: Callable[[int], int | None]) -> Line:
    """Put a line on another axis; where there is none its positions are united."""
    if line.axis in (NONE, FLAT):
        return line
    axis = place(line.axis)
    return line.united() if axis is None else replace(line, axis=axis)


def _reshaped(op: Any, i: int, reach: Reach) -> Reach:
    """Find each axis again by what it spans: itself times what lies behind it.

    Joined with axes behind it (a pixel shuffle), ``ratio`` positions are one of the old; divided
    (patches), a position is ``ratio`` of the old, like a window; else the places are mixed.
    """
    before, after = op.operands[i].shape, op.shape

    def moved(line: Line) -> Line:
        if line.axis in (NONE, FLAT):
            return line
        step = _behind(before, line.axis)
        span = step * (before[line.axis] or BATCH)
        found = [
            n for n, length in enumerate(after) if _behind(after, n) * (length or BATCH) == span
        ]
        if not found:
            return replace(line, axis=FLAT)
        axis = max(found, key=lambda n: after[n])
        ratio = Fraction(_behind(after, axis), step)
        if ratio >= 1:
            extent, start = line.extent + (ratio - 1) * line.jump, line.start
        else:
            extent, start = (
                line.extent + (1 - ratio) * line.jump,
                line.start - (1 - ratio) * line.jump,
            )
        return Line(extent, line.jump * ratio, start, after[axis], axis)

    return tuple(map(moved, reach))


def _behind(shape: tuple[int, ...], axis: int) -> int:
    return math.prod(length or BATCH for length in shape[axis + 1 :])


def _permuted(op: Any, i: int, reach: Reach) -> Reach:
    dims = tuple(op.attributes["dims"])
    return tuple(_moved(line, dims.index) for line in reach)


def _indexed(op: Any, i: int, reach: Reach) -> Reach:
    index = op.attributes["index"]
    index = index if isinstance(index, tuple) else (index,)
    if not all(
        part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in index
    ):
        return _everything(op, i, reach)
    ndim = len(op.operands[i].shape)
    missing = ndim - sum(part is not None and part is not Ellipsis for part in index)
    at = index.index(Ellipsis) if Ellipsis in index else len(index)
    index = (*index[:at], *[slice(None)] * missing, *index[at + 1 :])
    cuts: dict[int, tuple[int | None, Any]] = {}  # of each axis: its new place, and the part
    place = axis = 0
    for part in index:
        if part is not None:
            cuts[axis] = (place if isinstance(part, slice) else None, part)
            axis += 1
        place += not isinstance(part, int)
    return tuple(_cut(line, cuts) for line in reach)


def _cut(line: Line, cuts: dict[int, tuple[int | None, Any]]) -> Line:
    if line.axis in (NONE, FLAT):
        return line
    place, part = cuts[line.axis]
    if place is None:  # one position is picked
        first = line.start + line.jump * (part % line.size)
        return Line(line.extent, line.jump, first, 1, NONE)
    positions = range(line.size)[part]
    first = line.start + line.jump * (positions[0] if positions else 0)
    return Line(line.extent, line.jump * abs(positions.step), first, len(positions), place)


def _reduced(op: Any, i: int, reach: Reach) -> Reach:
    """Sum, mean, maximum ... over axes."""
    ndim = len(op.operands[i].shape)
    dims = op.attributes.get("dim")
    dims = range(ndim) if dims is None else [dims] if isinstance(dims, int) else dims
    gone = {dim % ndim for dim in dims}
    kept = [axis for axis in range(ndim) if op.attributes["keepdim"] or axis not in gone]
    flat = tuple(line.united() if line.axis == FLAT else line for line in reach)
    place = lambda axis: None if axis in gone else kept.index(axis)  # noqa: E731
    return tuple(_moved(line, place) for line in flat)


def _along(op: Any, i: int, reach: Reach) -> Reach:
    """Softmax and the like: each position sees all along ``dim``."""
    axis = op.attributes["dim"] % len(op.shape)
    return tuple(
        replace(line.united(), size=line.size, jump=Fraction(0), axis=line.axis)
        if line.axis in (axis, FLAT)
        else line
        for line in reach
    )


def _joined(op: Any, i: int, reach: Reach) -> Reach:
    """Concatenate: along a spatial axis the positions of all follow each other."""
    dim = op.attributes["dim"] % len(op.shape)
    return tuple(replace(line, size=op.shape[dim]) if line.axis == dim else line for line in reach)


def _stacked(op: Any, i: int, reach: Reach) -> Reach:
    dim = op.attributes["dim"] % len(op.shape)
    return tuple(_moved(line, lambda axis: axis + (axis >= dim)) for line in reach)


def _linear(op: Any, i: int, reach: Reach) -> Reach:
    """Unite the last axis, which is summed over."""
    last = len(op.operands[i].shape) - 1
    if i:
        return _everything(op, i, reach)
    flat = tuple(line.united() if line.axis == FLAT else line for line in reach)
    return tuple(_moved(line, lambda axis: None if axis == last else axis) for line in flat)


def _attended(op: Any, i: int, reach: Reach) -> Reach:
    """Unite keys and values, along their last axis but one; queries keep their places."""
    summed = len(op.operands[i].shape) - 2 if i else None
    return tuple(_moved(line, lambda axis: None if axis == summed else axis) for line in reach)


def _unfolded(op: Any, i: int, reach: Reach) -> Reach:
    """Write windows as columns (im2col): what each sees is its window, the places are mixed."""
    lines = []
    for line in reach:
        if line.axis in (NONE, FLAT) or line.axis < 2:
            lines.append(line.united())
            continue
        k, s, p, d = (
            op.attributes[name][line.axis - 2]
            for name in ("kernel_size", "stride", "padding", "dilation")
        )
        windows = (line.size + 2 * p - d * (k - 1) - 1) // s + 1
        extent = line.extent + d * (k - 1) * line.jump
        lines.append(Line(extent, line.jump * s, line.start - p * line.jump, windows, FLAT))
    return tuple(lines)


def _multiplied(op: Any, i: int, reach: Reach) -> Reach:
    """Matrix product: the last axis of x and the last but one of y are summed over."""
    ranks = [len(node.shape) if node is not None else len(op.shape) for node in op.operands]
    if min(ranks) < 2 or any(line.axis == FLAT for line in reach):
        return _everything(op, i, reach)
    summed = ranks[i] - 1 if i == 0 else ranks[i] - 2
    shift = len(op.shape) - ranks[i]
    place = lambda axis: None if axis == summed else axis + shift  # noqa: E731
    return tuple(_moved(line, place) for line in reach)


def _padded(op: Any, i: int, reach: Reach) -> Reach:
    widths = op.attributes["widths"]
    sign = -1 if op.name == "crop" else 1

    def grown(line: Line) -> Line:
        if line.axis in (NONE, FLAT):
            return line
        before = sign * widths[line.axis][0]
        return replace(line, start=line.start - before * line.jump, size=op.shape[line.axis])

    return tuple(map(grown, reach))


def _windows(op: Any, i: int, reach: Reach) -> Reach:
    """Convolution and pooling: the field grows by k - 1 jumps, the jump by the stride."""

    def window(line: Line, k: int, s: int, p: int, d: int) -> Line:
        extent = line.extent + d * (k - 1) * line.jump
        return Line(extent, line.jump * s, line.start - p * line.jump, 0, line.axis)

    return _slid(op, i, reach, window)


def _transposed(op: Any, i: int, reach: Reach) -> Reach:
    """Transposed convolution: result o meets inputs from (o + p - d (k - 1)) / s to (o + p) / s."""

    def spread(line: Line, k: int, s: int, p: int, d: int) -> Line:
        jump = line.jump / s
        extent = line.extent + d * (k - 1) * jump
        return Line(extent, jump, line.start + (p - d * (k - 1)) * jump, 0, line.axis)

    return _slid(op, i, reach, spread)


def _slid(op: Any, i: int, reach: Reach, move: Callable[..., Line]) -> Reach:
    if i:
        return _everything(op, i, reach)
    attributes, rank = op.attributes, int(re.search(r"(\d)d", op.name)[1])
    kernel = attributes.get("kernel_size") or op.saved[1].shape[-rank:]
    front = len(op.shape) - rank
    lines = []
    for line in reach:
        if line.axis in (NONE, FLAT) or line.axis < front:
            lines.append(line.united() if line.axis in (FLAT, front - 1) else line)
            continue
        k, s, p, d = (
            _of_axis(value, line.axis - front)
            for value in (
                kernel,
                attributes.get("stride", 1),
                attributes.get("padding", 0),
                attributes.get("dilation", 1),
            )
        )
        lines.append(replace(move(line, k, s, p, d), size=op.shape[line.axis]))
    return tuple(lines)


def _of_axis(value: Any, axis: int) -> int:
    return value if isinstance(value, int) else value[axis]


def _adapted(op: Any, i: int, reach: Reach) -> Reach:
    """Adaptive pooling of n inputs to m: result j meets j n // m to ceil((j + 1) n / m) - 1."""
    before, after = op.operands[i].shape, op.shape
    lines = []
    for line in reach:
        if line.axis in (NONE, FLAT) or before[line.axis] == after[line.axis]:
            lines.append(line)
            continue
        ratio = Fraction(before[line.axis], after[line.axis])
        part = 1 - Fraction(1, ratio.denominator)  # by which an end lies beyond a whole input
        extent = line.extent + (ratio - 1 + 2 * part) * line.jump
        start = line.start - part * line.jump
        lines.append(Line(extent, line.jump * ratio, start, after[line.axis], line.axis))
    return tuple(lines)


def _resampled(op: Any, i: int, reach: Reach) -> Reach:
    """Interpolation: the rows of its maps say which inputs a result reads."""
    maps = op.attributes["maps"]
    front = len(op.shape) - len(maps)
    lines = []
    for line in reach:
        if line.axis in (NONE, FLAT) or line.axis < front:
            lines.append(line)
            continue
        outputs, inputs = maps[line.axis - front].shape
        read: list[list[int]] = [[] for _ in range(outputs)]
        for results, sources, _ in maps[line.axis - front].rounds:
            pairs = zip(np.arange(outputs)[results], np.arange(inputs)[sources], strict=True)
            for result, source in pairs:
                read[result].append(int(source))
        jump = Fraction(inputs, outputs)
        ends = [(n, min(places), max(places)) for n, places in enumerate(read) if places]
        start = min(low - n * jump for n, low, _ in ends)
        extent = max(high - n * jump for n, _, high in ends) - start
        lines.append(
            Line(
                line.extent + extent * line.jump,
                line.jump * jump,
                line.start + start * line.jump,
                outputs,
                line.axis,
            )
        )
    return tuple(lines)


def _halved(op: Any, i: int, reach: Reach) -> Reach:
    """Gated linear unit: along ``dim`` the halves meet."""
    axis = op.attributes["dim"] % len(op.shape)
    return tuple(line.united() if line.axis in (axis, FLAT) else line for line in reach)


_RULES: tuple[tuple[str, Callable[[Any, int, Reach], Reach]], ...] = (
    (r"conv\dd", _windows),
    (r"(max|avg|lp)_pool\dd.*", _windows),
    (r"conv_transpose\dd", _transposed),
    (r"adaptive_(max|avg)_pool\dd.*", _adapted),
    (r"(batch|instance|layer|group|rms)_norm|local_response_norm", _same),
    (r"linear", _linear),
    (r"interpolate", _resampled),
    (r"glu", _halved),
    (r"matmul", _multiplied),
    (r"attention", _attended),
    (r"im2col", _unfolded),
    (r"reshape", _reshaped),
    (r"permute", _permuted),
    (r"getitem", _indexed),
    (r"concatenate", _joined),
    (r"stack", _stacked),
    (r"pad|crop", _padded),
    (r"broadcast_to", _aligned),
    (r"alias|clone|cast|.*[.].*", _same),
    (r"(log_)?softmax|softmin|logcumsumexp", _along),
)
