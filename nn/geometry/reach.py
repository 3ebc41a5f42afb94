"""How far each operation reaches: the receptive field of a recorded value, operation by operation.

A ``Line`` says of one spatial axis of the input how the positions of a value lie along it: what
each sees (``field``), how far neighbours are apart (``jump``), where the first begins (``start``),
and along which axis of the value they run: one of its own, ``FLAT`` (mixed with others, as after
flatten) or ``NONE`` (one position that sees everything). Windows widen the field; sums over an axis
unite its positions; paths that meet (a residual branch) see what either sees. Means and variances
of a normalisation are left out: its field is that of its input, as is usual.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

__all__ = ["Line", "lines_of_input", "propagate"]

NONE, FLAT = None, -1
BATCH = 1_000_003  # stands for the length 0 of the batch where axes are compared by their lengths


@dataclass(frozen=True)
class Line:
    """Positions of a value along one spatial axis of the input."""

    field: int
    jump: Fraction
    start: Fraction
    size: int
    axis: int | None

    @property
    def all(self) -> int:
        """What the positions see together."""
        return math.ceil(self.field + self.jump * (self.size - 1))

    def united(self) -> Line:
        """One position that sees what all saw."""
        return Line(self.all, self.jump * self.size, self.start, 1, NONE)


Reach = tuple[Line, ...]  # one line for each spatial axis of the input


def lines_of_input(shape: tuple[int, ...], spatial: Sequence[int]) -> Reach:
    """Return the lines of the input itself: each position sees itself."""
    return tuple(Line(1, Fraction(1), Fraction(0), shape[axis], axis) for axis in spatial)


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
    rule = _rule(op)
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
    end = max(line.start + line.field for line in lines)
    axis = axes.pop() if len(axes) == 1 else NONE
    size, jump = max((line.size, line.jump) for line in lines)
    return Line(math.ceil(end - start), jump, start, size, axis)


# ---------------------------------------------------------------- rules, by the name of the op


def _rule(op: Any) -> Callable[[Any, int, Reach], Reach]:
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
    """Keep an axis that has its length, and the same behind it, in the new shape; mix others."""
    before, after = op.operands[i].shape, op.shape

    def place(axis: int) -> int:
        for other, length in enumerate(after):
            if length == before[axis] and _behind(before, axis) == _behind(after, other):
                return other
        return FLAT

    return tuple(_moved(line, place) for line in reach)


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
        return Line(line.field, line.jump, first, 1, NONE)
    positions = range(line.size)[part]
    first = line.start + line.jump * (positions[0] if positions else 0)
    return Line(line.field, line.jump * abs(positions.step), first, len(positions), place)


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
    return _slid(op, i, reach, lambda line, k, s, p, d: Line(
        math.ceil(line.field + d * (k - 1) * line.jump),
        line.jump * s,
        line.start - p * line.jump,
        0,
        line.axis,
    ))  # fmt: skip


def _transposed(op: Any, i: int, reach: Reach) -> Reach:
    """Transposed convolution: a result meets the inputs that lie within its kernel over s."""

    def spread(line: Line, k: int, s: int, p: int, d: int) -> Line:
        common = math.gcd(s, d)
        met = -(-k * common // s) - 1  # rows of the kernel that meet one result, but one
        first = Fraction(p - d * (k - 1), s)  # the input whose last row of the kernel is result 0
        return Line(
            math.ceil(line.field + met * (d // common) * line.jump),
            line.jump / s,
            line.start + math.ceil(first) * line.jump,
            0,
            line.axis,
        )

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


def _resized(op: Any, i: int, reach: Reach) -> Reach:
    """Adaptive pooling and interpolation: the windows follow from the lengths."""
    before, after = op.operands[i].shape, op.shape
    lines = []
    for line in reach:
        if line.axis in (NONE, FLAT) or before[line.axis] == after[line.axis]:
            lines.append(line)
            continue
        n, m = before[line.axis], after[line.axis]
        widest = max(-(-(j + 1) * n // m) - j * n // m for j in range(m)) if m < n else 1
        if "nearest" not in str(op.attributes.get("mode", "nearest")):
            widest = max(widest, 2)
        field = math.ceil(line.field + (widest - 1) * line.jump)
        lines.append(Line(field, line.jump * Fraction(n, m), line.start, m, line.axis))
    return tuple(lines)


_RULES: tuple[tuple[str, Callable[[Any, int, Reach], Reach]], ...] = (
    (r"conv\dd", _windows),
    (r"(max|avg|lp)_pool\dd.*", _windows),
    (r"conv_transpose\dd", _transposed),
    (r"adaptive_(max|avg)_pool\dd.*|interpolate.*|upsample.*", _resized),
    (r"(batch|instance|layer|group|rms)_norm|local_response_norm", _same),
    (r"linear", _linear),
    (r"matmul", _multiplied),
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
