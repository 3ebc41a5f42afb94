"""Image planes in blocks, and what pooling does with the windows along one axis of them.

Pooling treats every plane of every image alike, so (N, C, H, W) becomes (N C, H, W) and is cut into
blocks. Windows are folded one axis after the other: 3 + 3 steps for a 3x3 window, not 9. Padding
is never made: a place of a window outside the image is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.lines import Index, Line
from nn.ops.pairs import are_pairs, fold_pairs

__all__ = ["at", "flat_planes", "fold_axis", "fold_windows", "gather_axis", "run_blocks", "select",
           "spread_axis", "spread_windows"]  # fmt: skip

BLOCK_FLOATS = 1 << 19  # of image in a block, 2 MB: calls on less are too short to take turns


def flat_planes(array: np.ndarray) -> np.ndarray:
    """Return (N, C, H, W) as (N C, H, W): pooling treats every plane alike."""
    planes = array.shape[0] * array.shape[1]
    return np.ascontiguousarray(array).reshape(planes, *array.shape[2:])


def run_blocks(
    work: Callable[[int, int], object],
    images: np.ndarray,
    seconds_per_pixel: float = 1.3e-9,
) -> None:
    """Run ``work(first, last)`` over blocks of planes, an even number of them if several.

    ``seconds_per_pixel`` was measured on one thread; it decides whether the work is shared.
    """
    if not len(images):
        return
    blocks = max(1, -(-images.size // BLOCK_FLOATS))
    blocks += blocks % 2 if blocks > 1 else 0
    ranges = block_ranges(len(images), -(-len(images) // blocks))
    seconds = seconds_per_pixel * images.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)


def fold_windows(ufunc: np.ufunc, x: np.ndarray, lines: Sequence[Line], fill: float) -> np.ndarray:
    """Fold every window of x (N, C, ...) with ``ufunc``: rows first, which are contiguous."""
    z = np.empty((*x.shape[:2], *(line.windows for line in lines)), x.dtype)
    images, outputs = flat_planes(x), flat_planes(z)

    pairs, whole = are_pairs(x, lines), all(line.single for line in lines)

    def fold(first: int, last: int) -> None:
        if pairs and fold_pairs(ufunc, images[first:last], outputs[first:last]):
            return
        if whole:
            rows = images[first:last].reshape(last - first, -1)
            ufunc.reduce(rows, 1, out=outputs[first:last].reshape(-1))
            return
        part = images[first:last]
        for axis, line in enumerate(lines[:-1], 1):
            part = fold_axis(ufunc, part, axis, line, fill)
        fold_axis(ufunc, part, len(lines), lines[-1], fill, outputs[first:last])

    run_blocks(fold, images, 4e-10 if pairs else 1.3e-9)
    return z


def spread_windows(y: np.ndarray, lines: Sequence[Line]) -> np.ndarray:
    """Add y (N, C, ...), one value a window, to every pixel of its window."""
    x = np.empty((*y.shape[:2], *(line.size for line in lines)), y.dtype)
    values, images = flat_planes(y), flat_planes(x)

    def spread(first: int, last: int) -> None:
        part = values[first:last]
        for axis in range(len(lines), 1, -1):
            part = spread_axis(part, axis, lines[axis - 1])
        spread_axis(part, 1, lines[0], out=images[first:last])

    run_blocks(spread, images)
    return x


# ---------------------------------------------------------------- along one axis


def at(axis: int, index: Index) -> tuple[Index, ...]:
    """Return the index that takes ``index`` along ``axis`` and everything of the axes before."""
    return (slice(None),) * axis + (index,)


def fold_axis(
    ufunc: np.ufunc,
    x: np.ndarray,
    axis: int,
    line: Line,
    fill: float,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Fold the windows along one axis; a window without a pixel is ``fill``."""
    if line.trivial:
        if out is None:
            return x
        out[...] = x
        return out
    if out is None:
        out = np.empty((*x.shape[:axis], line.windows, *x.shape[axis + 1 :]), x.dtype)
    if line.dense and line.windows < len(line.meets):  # few long windows: window by window
        for window, (start, stop) in enumerate(zip(line.starts, line.stops, strict=True)):
            ufunc.reduce(x[at(axis, slice(start, stop))], axis, out=out[at(axis, window)])
        return out
    whole = [x[at(axis, pixels)] for _, pixels in line.whole]
    if len(whole) > 1:
        ufunc(whole[0], whole[1], out=out)
    else:
        out[...] = whole[0] if whole else fill
    for pixels in whole[2:]:
        ufunc(out, pixels, out=out)
    for windows, pixels in line.part:
        place = out[at(axis, windows)]
        if isinstance(windows, slice):
            ufunc(place, x[at(axis, pixels)], out=place)
        else:
            out[at(axis, windows)] = ufunc(place, x[at(axis, pixels)])
    return out


def spread_axis(
    values: np.ndarray,
    axis: int,
    line: Line,
    hits: Sequence[np.ndarray] | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Add the values of windows to their pixels along one axis, or where ``hits`` says so."""
    if out is None:
        out = np.empty((*values.shape[:axis], line.size, *values.shape[axis + 1 :]), values.dtype)
    for k in line.written:
        windows, pixels = line.meets[k]
        sent, place = values[at(axis, windows)], at(axis, pixels)
        if hits is not None and isinstance(pixels, slice):
            select(sent, hits[k], out[place])
        else:
            out[place] = sent if hits is None else select(sent, hits[k])
    if line.bare is not None:
        out[at(axis, line.bare)] = 0
    for k in line.added:
        windows, pixels = line.meets[k]
        sent = values[at(axis, windows)]
        out[at(axis, pixels)] += sent if hits is None else select(sent, hits[k])
    return out


def gather_axis(x: np.ndarray, axis: int, line: Line, hits: Sequence[np.ndarray]) -> np.ndarray:
    """Add up, for each window along one axis, the pixels that ``hits`` marks."""
    total = np.zeros((*x.shape[:axis], line.windows, *x.shape[axis + 1 :]), x.dtype)
    for (windows, pixels), hit in zip(line.meets, hits, strict=True):
        total[at(axis, windows)] += select(x[at(axis, pixels)], hit)
    return total


def select(values: np.ndarray, hit: np.ndarray, out: Any = None) -> np.ndarray:
    """Return values where hit, else 0: the bits times 0 or 1, which holds for infinities too."""
    bits = np.dtype(f"i{values.dtype.itemsize}")
    if out is None:
        out = np.empty(hit.shape, values.dtype)
    np.multiply(values.view(bits), hit.view(np.int8), out=out.view(bits))
    return out
