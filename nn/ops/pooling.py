"""Max-pooling: the largest value of every window.

No index is stored. The backward finds the winners again, one axis after the other: the first column
of each row whose value is the row's largest, then the first row whose largest is the window's,
which is the first of equal values in row order (``autograd.ties`` can ask for an even split, or for
no gradient at ties). ``max_pool_input`` sends a gradient to the winners and ``max_pool_winners``
reads another image at the winners: each is the other's rule. Two quicker ways send the same:
`nn.ops.phases` for windows that slide, and `nn.ops.pairs` for windows of 2x2 side by side, whose
winners the forward meets on its way: it keeps a byte for each two pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.modes import is_grad_enabled
from autograd.op import structural
from nn.ops.lines import Line, adaptive_line, pool_lines
from nn.ops.pairs import are_pairs, find_winners, send_to_winners
from nn.ops.phases import have_phases, send_through_phases
from nn.ops.planes import (
    flat_planes,
    fold_axis,
    fold_windows,
    gather_axis,
    run_blocks,
    spread_axis,
)

__all__ = [
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_indices",
    "max_pool_input",
    "max_pool_winners",
]

Lines = tuple[Line, ...]
SECONDS_TO_FIND = 5e-9  # the winners, of each pixel
SECONDS_OF_PAIRS = {"find": 6e-10, "send": 3.5e-10}  # in calls too short to take turns in


def _max_pool(rank: int) -> Any:
    """Return max-pooling over the last 1, 2 or 3 axes."""
    name = f"max_pool{rank}d"
    none, one = (0,) * rank, (1,) * rank

    def to_the_winners(
        upstream, x, kernel_size, stride, padding, dilation, ceil_mode, ties, shifts
    ):
        lines = pool_lines(name, x.shape, kernel_size, stride, padding, dilation, ceil_mode)
        return max_pool_input(upstream, x, lines=lines, policy=ties, shifts=shifts)

    @structural(name=name, x=to_the_winners, caches=("shifts",))
    def max_pool(x, *, kernel_size, stride, padding=none, dilation=one, ceil_mode=False):
        """z[n, c, i, j] = the largest value of x[n, c] in window (i, j).

        Shapes: x (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = (H + 2 padding - dilation (kernel - 1) - 1) // stride + 1, rounded up with
        ``ceil_mode``. Padding never wins. NaN wins over everything, as in PyTorch.

        Raises
        ------
        ValueError
            If there is no window, or the padding exceeds half the kernel.
        """
        lines = pool_lines(name, x.shape, kernel_size, stride, padding, dilation, ceil_mode)
        return _largest(x, lines)

    max_pool.__name__ = max_pool.__qualname__ = name
    return max_pool


max_pool1d, max_pool2d, max_pool3d = map(_max_pool, (1, 2, 3))


def _adaptive_max_pool(rank: int) -> Any:
    """Return adaptive max-pooling over the last 1, 2 or 3 axes."""
    name = f"adaptive_max_pool{rank}d"

    def to_the_winners(upstream, x, output_size, ties, shifts):
        lines = tuple(map(adaptive_line, x.shape[2:], output_size))
        return max_pool_input(upstream, x, lines=lines, policy=ties, shifts=shifts)

    @structural(name=name, x=to_the_winners, caches=("shifts",))
    def adaptive_max_pool(x, *, output_size):
        """z[n, c, i, j] = the largest value of x[n, c] in rows [i H // H_out, (i + 1) H / H_out)...

        Shapes: x (N, C, H, W) -> (N, C, H_out, W_out) with ``output_size = (H_out, W_out)``.
        """
        lines = tuple(map(adaptive_line, x.shape[2:], output_size))
        return _largest(x, lines)

    adaptive_max_pool.__name__ = adaptive_max_pool.__qualname__ = name
    return adaptive_max_pool


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(_adaptive_max_pool, (1, 2, 3))


def _largest(x, lines):
    """Return the largest value of each window, and of pairs who has it, if that may be asked for.

    ``shifts`` are those of ``nn.ops.pairs``, None where they are not known.
    """
    if not (are_pairs(x, lines) and is_grad_enabled()):
        return fold_windows(np.maximum, x, lines, -np.inf), None
    z = np.empty((*x.shape[:2], *(line.windows for line in lines)), x.dtype)
    images, largest = flat_planes(x), flat_planes(z)
    shifts = _room_for_shifts(largest)
    found = []

    def find(first: int, last: int) -> None:
        block = slice(first, last)
        found.append(find_winners(images[block], largest[block], shifts[block]))

    run_blocks(find, images, SECONDS_OF_PAIRS["find"])
    return z, shifts if all(found) else None


def _room_for_shifts(values):
    planes, height, width = values.shape
    return np.empty((planes, 2 * height, width), np.uint8)


# `shifts` is named among what the rule reads, though x says the same, slower.
@structural(
    y=lambda upstream, x, lines, policy, shifts: max_pool_winners(
        upstream, x, lines=lines, policy=policy
    )
)
def max_pool_input(y, x, *, lines: Lines, policy: str = "torch", shifts: Any = None):
    """Send y, one value a window, to the pixels of x that won: those that equal the largest.

    Shapes: x (N, C, H, W), y (N, C, H_out, W_out) -> (N, C, H, W). Contributions of overlapping
    windows add up. ``policy`` decides ties: the first wins ("torch", "first"), all share ("even"),
    or nobody receives anything ("none"). ``shifts``: what the forward of pairs knew of the winners.

    Examples
    --------
    >>> x = np.array([[[[3.0, 3.0], [1.0, 2.0]]]])
    >>> lines = adaptive_line(2, 1), adaptive_line(2, 1)
    >>> [max_pool_input(np.array([[[[6.0]]]]), x, lines=lines, policy=policy).tolist()
    ...  for policy in ("first", "even", "none")]
    [[[[[6.0, 0.0], [0.0, 0.0]]]], [[[[3.0, 3.0], [0.0, 0.0]]]], [[[[0.0, 0.0], [0.0, 0.0]]]]]
    """
    dx = np.empty(x.shape, y.dtype)
    images, values, gradients = flat_planes(x), flat_planes(y), flat_planes(dx)
    first_wins = policy in ("torch", "first") and y.dtype == x.dtype
    whole = first_wins and all(line.single for line in lines)
    pairs, phases = first_wins and are_pairs(x, lines), first_wins and have_phases(lines)
    if pairs and shifts is not None:

        def shift(first: int, last: int) -> None:
            block = slice(first, last)
            send_to_winners(values[block], shifts[block], gradients[block])

        run_blocks(shift, images, SECONDS_OF_PAIRS["send"])
        return dx

    def send(first: int, last: int) -> None:
        block = slice(first, last)
        if whole:
            winners = np.arange(last - first), _first_of_all(images[block])
            gradients[block] = 0
            gradients[block].reshape(last - first, -1)[winners] = values[block].reshape(-1)
            return
        if pairs:
            known = _room_for_shifts(values[block])
            if find_winners(images[block], np.empty_like(values[block]), known):
                send_to_winners(values[block], known, gradients[block])
                return
        if phases and send_through_phases(values[block], images[block], lines, gradients[block]):
            return
        trail, winners = _winners(images[first:last], lines, policy)
        part = _share(values[first:last], winners, policy)
        for axis, hits in enumerate(trail[:-1], 1):
            part = spread_axis(part, axis, lines[axis - 1], hits)
        spread_axis(part, len(lines), lines[-1], trail[-1], gradients[first:last])

    run_blocks(send, images, sum(SECONDS_OF_PAIRS.values()) if pairs else SECONDS_TO_FIND)
    return dx


@structural(
    u=lambda upstream, x, lines, policy: max_pool_input(upstream, x, lines=lines, policy=policy)
)
def max_pool_winners(u, x, *, lines: Lines, policy: str = "torch"):
    """Read u where x won its window: the adjoint of `max_pool_input`, and its derivative.

    Shapes: u and x (N, C, H, W) -> (N, C, H_out, W_out).

    Examples
    --------
    >>> x = np.array([[[[1.0, 4.0], [3.0, 2.0]]]])
    >>> max_pool_winners(10 * x, x, lines=(adaptive_line(2, 1), adaptive_line(2, 1)))
    array([[[[40.]]]])
    """
    read = np.empty((*x.shape[:2], *(line.windows for line in lines)), u.dtype)
    images, sources, results = flat_planes(x), flat_planes(u), flat_planes(read)

    whole = policy in ("torch", "first") and all(line.single for line in lines)

    def gather(first: int, last: int) -> None:
        if whole:
            winners = np.arange(last - first), _first_of_all(images[first:last])
            found = sources[first:last].reshape(last - first, -1)[winners]
            results[first:last] = found.reshape(results[first:last].shape)
            return
        trail, winners = _winners(images[first:last], lines, policy)
        part = sources[first:last]
        for axis in range(len(lines), 0, -1):
            part = gather_axis(part, axis, lines[axis - 1], trail[axis - 1])
        results[first:last] = _share(part, winners, policy)

    run_blocks(gather, images, SECONDS_TO_FIND)
    return read


@structural()
def max_pool_indices(x, *, lines: Lines):
    """Return where each window has its largest value: the place in the flattened plane (int64).

    Examples
    --------
    >>> x = np.array([[[1.0, 4.0, 3.0, 2.0]]])
    >>> max_pool_indices(x, lines=(adaptive_line(4, 2),))
    array([[[1, 2]]])
    """
    indices = np.empty((*x.shape[:2], *(line.windows for line in lines)), np.int64)
    images, results = flat_planes(x), flat_planes(indices)

    whole = all(line.single for line in lines)

    def find(first: int, last: int) -> None:
        if whole:
            found = _first_of_all(images[first:last])
            results[first:last] = found.reshape(results[first:last].shape)
            return
        trail, _ = _winners(images[first:last], lines, "first")
        part, places = np.zeros((1,) * images.ndim, np.int64), 1
        part = np.broadcast_to(part, images[first:last].shape)
        for axis in range(len(lines), 0, -1):
            line = lines[axis - 1]
            steps = np.arange(line.size).reshape(-1, *(1,) * (len(lines) - axis)) * places
            part = gather_axis(part + steps, axis, line, trail[axis - 1])
            places *= line.size
        results[first:last] = part

    run_blocks(find, images, SECONDS_TO_FIND)
    return indices


# ---------------------------------------------------------------- who won a window


def _first_of_all(images):
    """Return where each plane has its first largest value, or its last NaN."""
    rows = images.reshape(len(images), -1)
    places = np.argmax(rows, 1)
    for row in np.flatnonzero(np.isnan(rows[np.arange(len(rows)), places])):
        places[row] = np.flatnonzero(np.isnan(rows[row]))[-1]
    return places


def _winners(images, lines, policy):
    """Return, axis by axis, which pixels met win along it, and how many win each window.

    One pixel a window wins under "torch" and "first", all equals under "even" and "none"; they
    are counted only there. In a window with NaN the NaNs are equals, and the last of them wins, as
    in PyTorch.
    """
    cells = [images]  # and the largest along the last axis, along the last two, ...
    for axis in range(len(lines), 0, -1):
        cells.append(fold_axis(np.maximum, cells[-1], axis, lines[axis - 1], -np.inf))
    strange = bool(np.isnan(cells[-1]).any())
    first = policy in ("torch", "first")
    trail, winners = [], None if first else np.ones(images.shape, images.dtype)
    for axis in range(len(lines), 0, -1):
        line, (pixels, tops) = lines[axis - 1], cells[len(lines) - axis :][:2]
        trail.insert(0, _hits(pixels, tops, axis, line, first, strange))
        if not first:
            winners = gather_axis(winners, axis, line, trail[0])
    return trail, winners


def _hits(cells, tops, axis, line, first, strange):
    """Return which of the pixels met along one axis win: a boolean array for each place."""
    lead = (slice(None),) * axis
    pairs = [(cells[(*lead, pixels)], tops[(*lead, windows)]) for windows, pixels in line.meets]
    hits = [pixels == top for pixels, top in pairs]
    if first:
        _only_first(hits, line, lead, tops.shape)
    if strange:
        nans = [np.isnan(pixels) & np.isnan(top) for pixels, top in pairs]
        if first:
            _only_first(nans, line, lead, tops.shape, backwards=True)
        for hit, nan in zip(hits, nans, strict=True):
            hit |= nan
    return hits


def _only_first(hits, line, lead, shape, backwards=False):
    """Leave of several winners of a window the first (or the last), in place."""
    places = range(len(hits))
    taken = np.zeros(shape, bool)
    for k in reversed(places) if backwards else places:
        windows = (*lead, line.meets[k][0])
        np.greater(hits[k], taken[windows], out=hits[k])
        taken[windows] |= hits[k]


def _share(values, winners, policy):
    """Return what each winner of a window receives of its value."""
    if winners is None:
        return values
    if policy == "none":
        return np.where(winners == 1, values, values.dtype.type(0))
    return values / np.maximum(winners, 1)
