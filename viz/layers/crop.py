"""Which channel and which part of a feature map to show: where there is something to see.

A grid of numbers stays readable up to a dozen cells a side. Of all crops that fit, the one is
taken with most windows that differ and carry gradient, with ties, and with gradient that dies in
the relu before, if there are any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viz.layers.routing import PoolRecord

__all__ = ["Crop", "choose_crop"]

CELLS = 12  # a side, of windows that tile
CELLS_OVERLAPPING = 7  # a side, of windows that overlap: each cell holds a sum
WINDOWS_OVERLAPPING = 3
LARGEST_WINDOW = 14


@dataclass(frozen=True)
class Crop:
    """Windows ``rows`` × ``columns`` of one channel, and the cells that they reach over.

    ``cell_rows`` and ``cell_columns`` may leave the image where there is padding or overhang.
    """

    sample: int
    channel: int
    rows: range
    columns: range
    cell_rows: range
    cell_columns: range


def choose_crop(
    record: PoolRecord, sample: int, channel: int | None, window: tuple[int, int] | None
) -> Crop:
    """Choose a crop; ``channel`` and ``window`` (the upper left one) fix what is given.

    Raises
    ------
    ValueError
        If the windows are too large to be drawn cell by cell.
    IndexError
        If the sample, channel or window does not exist.
    """
    batch, channels, height, width = record.z.shape
    if max(record.kernel) > LARGEST_WINDOW:
        size = "×".join(map(str, record.kernel))
        raise ValueError(
            f"viz.pool: a window of {size} cells is too large to draw cell by cell; "
            f"at most {LARGEST_WINDOW} a side can be"
        )
    if not 0 <= sample < batch:
        raise IndexError(f"viz.pool: sample {sample} does not exist; the batch holds {batch}")
    if channel is not None and not 0 <= channel < channels:
        raise IndexError(f"viz.pool: channel {channel} does not exist; there are {channels}")
    counts = [_windows_that_fit(record, axis, size) for axis, size in ((0, height), (1, width))]
    if window is not None:
        if not (0 <= window[0] < height and 0 <= window[1] < width):
            raise IndexError(
                f"viz.pool: window {tuple(window)} does not exist; there are {height}×{width}"
            )
        starts = [(min(window[0], height - 1), min(window[1], width - 1))]
    else:
        starts = _starts(height - counts[0], width - counts[1])
    some = range(channels) if channel is None else (channel,)
    ties: dict[int, np.ndarray] = {}
    best, chosen = -np.inf, (some[0], starts[0])
    for c in some:
        ties[c] = _ties(record, record.x[sample, c], record.z[sample, c])
        interest = _interest(record, sample, c, ties[c])
        for start in starts:
            span = tuple(slice(a, a + n) for a, n in zip(start, counts, strict=True))
            part, values = interest[span], record.z[sample, c][span]
            score = float(part.sum()) + 0.5 * len(np.unique(values))
            score += min(3, int((ties[c][span] & (values != 0)).sum()))
            if score > best:
                best, chosen = score, (c, start)
    c, (i, j) = chosen
    rows, columns = range(i, min(i + counts[0], height)), range(j, min(j + counts[1], width))
    return Crop(sample, c, rows, columns, _reach(record, 0, rows), _reach(record, 1, columns))


def _windows_that_fit(record: PoolRecord, axis: int, size: int) -> int:
    kernel, stride = record.kernel[axis], record.stride[axis]
    if record.overlapping:
        return max(1, min(size, WINDOWS_OVERLAPPING, (CELLS_OVERLAPPING - kernel) // stride + 1))
    return max(1, min(size, (CELLS - kernel) // stride + 1))


def _starts(rows: int, columns: int, most: int = 24) -> list[tuple[int, int]]:
    """List upper left windows to try: all of a small map, a regular sample of a large one."""

    def along(last: int) -> list[int]:
        step = max(1, -(-(last + 1) // most))
        return sorted({*range(0, last + 1, step), max(last, 0)})

    return [(i, j) for i in along(max(rows, 0)) for j in along(max(columns, 0))]


def _interest(record: PoolRecord, sample: int, channel: int, ties: np.ndarray) -> np.ndarray:
    """Score each window: it carries gradient, its value is not 0, it is no tie, it ends in relu."""
    z = record.z[sample, channel]
    score = (z != 0).astype(float)
    if record.upstream is not None:
        upstream = record.upstream[sample, channel]
        size = np.abs(upstream)
        score += upstream != 0
        score += size / (float(size.max(initial=0.0)) or 1.0)
    if record.closed is not None and record.upstream is not None:
        ends = (z == 0) & (record.upstream[sample, channel] != 0)
        score += np.where(ends, 2.0 / max(1, int(ends.sum())) ** 0.5, 0)
    return score - np.where(ties, 0.8, 0)  # a constant background ties everywhere


def _ties(record: PoolRecord, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    count = np.zeros(z.shape, int)
    for di in range(record.kernel[0]):
        for dj in range(record.kernel[1]):
            i = np.arange(z.shape[0]) * record.stride[0] - record.padding[0] + di
            j = np.arange(z.shape[1]) * record.stride[1] - record.padding[1] + dj
            inside = ((i >= 0) & (i < x.shape[0]))[:, None] & ((j >= 0) & (j < x.shape[1]))
            values = x[np.clip(i, 0, x.shape[0] - 1)][:, np.clip(j, 0, x.shape[1] - 1)]
            count += inside & (values == z)
    return count > 1


def _reach(record: PoolRecord, axis: int, windows: range) -> range:
    first = windows[0] * record.stride[axis] - record.padding[axis]
    last = windows[-1] * record.stride[axis] - record.padding[axis] + record.kernel[axis]
    return range(first, last)
