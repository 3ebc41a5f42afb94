"""The windows of a pool, axis by axis.

The windows of a pool are a product of intervals, those of the rows with those of the columns (and
of the depths), and so is what is done with them: the largest value or the sum of a window is found
along one axis after the other. A `Line` holds the intervals along one axis: of sliding windows with
stride, padding and dilation, or of those that adapt to the size of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from nn.ops.windows import output_size

__all__ = ["Line", "adaptive_line", "as_slice", "pool_lines", "sliding_line"]

Index = Any  # a slice, or an array of places


class Line:
    """Intervals along one axis.

    Attributes
    ----------
    size, windows : int
        How many pixels there are, and how many intervals.
    meets : list of (Index, Index)
        Which windows meet which pixels: a pair for each place within a window, in order. Padding
        is not met, and within a pair no pixel occurs twice.
    whole, part : list of (Index, Index)
        The pairs that all windows have a share in, and the others.
    written, added : list of int
        The numbers of pairs: those whose pixels, together, are all different, and the others.
    bare : Index or None
        The pixels that are not written.
    kernel, stride, dilation : int
        Of windows that slide; 0 where they do not.
    starts, stops : ndarray
        The first place of each window and the one after its last, padding included.
    dense : bool
        Whether all places of all windows are in the image, and without gaps.
    """

    __slots__ = (
        "added",
        "bare",
        "dense",
        "dilation",
        "kernel",
        "meets",
        "part",
        "size",
        "starts",
        "stops",
        "stride",
        "whole",
        "windows",
        "written",
    )

    def __init__(
        self, size: int, starts: np.ndarray, stops: np.ndarray, meets: list[tuple[Index, Index]]
    ) -> None:
        self.size, self.windows = size, len(starts)
        self.kernel = self.stride = self.dilation = 0
        self.starts, self.stops = starts, stops
        self.meets = meets
        pixels = [np.arange(size)[met] for _, met in meets]
        self.whole = [meets[k] for k in range(len(meets)) if len(pixels[k]) == self.windows]
        self.part = [meets[k] for k in range(len(meets)) if len(pixels[k]) < self.windows]
        self.written: list[int] = []
        reached = np.zeros(size, bool)
        for k in sorted(range(len(meets)), key=lambda k: -len(pixels[k])):
            if not reached[pixels[k]].any():
                self.written.append(k)
                reached[pixels[k]] = True
        self.added = [k for k in range(len(meets)) if k not in self.written]
        self.bare = None if reached.all() else as_slice(np.flatnonzero(~reached))
        self.dense = sum(map(len, pixels)) == int((stops - starts).sum())

    @property
    def trivial(self) -> bool:
        """Whether each window is one pixel, and each pixel one window."""
        return self.dense and len(self.meets) == 1 and self.windows == self.size

    @property
    def single(self) -> bool:
        """Whether all pixels are in one window."""
        return self.dense and self.windows == 1 and len(self.meets) == self.size

    def counts(self, padding: int = 0) -> np.ndarray:
        """Return how many places each window has within the image and ``padding`` around it."""
        return np.minimum(self.stops, self.size + padding) - np.maximum(self.starts, -padding)

    def __repr__(self) -> str:
        return f"Line({self.size} -> {self.windows})"


@lru_cache(maxsize=256)
def sliding_line(
    size: int, kernel: int, stride: int, padding: int, dilation: int, windows: int
) -> Line:
    """Return the windows of ``kernel`` places that slide over ``size`` pixels.

    Examples
    --------
    >>> sliding_line(5, 2, 2, 0, 1, 2).meets
    [(slice(0, 2, None), slice(0, 3, 2)), (slice(0, 2, None), slice(1, 4, 2))]
    """
    meets = []
    for shift in range(-padding, kernel * dilation - padding, dilation):
        first = max(0, -(shift // stride))
        stop = min(windows, (size - 1 - shift) // stride + 1)
        if first < stop:
            pixels = slice(first * stride + shift, (stop - 1) * stride + shift + 1, stride)
            meets.append((slice(first, stop), pixels))
    starts = np.arange(windows) * stride - padding
    line = Line(size, starts, starts + dilation * (kernel - 1) + 1, meets)
    line.kernel, line.stride, line.dilation = kernel, stride, dilation
    return line


@lru_cache(maxsize=256)
def adaptive_line(size: int, windows: int) -> Line:
    """Return ``windows`` intervals that cover ``size`` pixels: [i n // m, ceil((i + 1) n / m)).

    Examples
    --------
    >>> line = adaptive_line(5, 3)
    >>> line.starts.tolist(), line.stops.tolist()
    ([0, 1, 3], [2, 4, 5])
    """
    i = np.arange(windows)
    starts, stops = i * size // max(windows, 1), -(-(i + 1) * size // max(windows, 1))
    meets = []
    for place in range(int(np.max(stops - starts, initial=0))):
        left = np.flatnonzero(starts + place < stops)
        while len(left):  # several small windows may start at one pixel
            _, once = np.unique(starts[left], return_index=True)
            meets.append((as_slice(left[once]), as_slice(starts[left[once]] + place)))
            left = np.delete(left, once)
    return Line(size, starts, stops, meets)


def as_slice(places: np.ndarray) -> Index:
    """Return evenly spaced places as a slice, which reads and writes without a copy."""
    steps = np.diff(places)
    if len(places) == 1 or (steps[0] > 0 and (steps == steps[0]).all()):
        step = int(steps[0]) if len(steps) else 1
        return slice(int(places[0]), int(places[-1]) + 1, step)
    return places


def pool_lines(
    name: str,
    shape: Sequence[int],
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> tuple[Line, ...]:
    """Return the windows over images of this shape, an axis each, or raise where there are none."""
    rank = len(kernel_size)
    if len(shape) != rank + 2:
        space = "DHW"[-rank:] if rank > 1 else "L"
        raise ValueError(f"{name}: expects x (N, C, {', '.join(space)}), got shape {tuple(shape)}")
    if min(kernel_size) < 1 or min(stride) < 1 or min(dilation) < 1:
        raise ValueError(
            f"{name}: expects kernel_size, stride and dilation >= 1, got {tuple(kernel_size)}, "
            f"{tuple(stride)} and {tuple(dilation)}"
        )
    extents = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    if any(not 0 <= 2 * p <= extent for p, extent in zip(padding, extents, strict=True)):
        raise ValueError(
            f"{name}: padding must be at most half the kernel, "
            f"got padding {tuple(padding)} for kernel_size {tuple(kernel_size)}"
            + (f" and dilation {tuple(dilation)}" if max(dilation) > 1 else "")
        )
    sizes = zip(shape[2:], extents, stride, padding, strict=True)
    output = [output_size(*each, ceil_mode) for each in sizes]
    if min(output) < 1:
        raise ValueError(
            f"{name}: kernel_size {tuple(kernel_size)} does not fit in the input of shape "
            f"{tuple(shape)} with padding {tuple(padding)}"
            + (f" and dilation {tuple(dilation)}" if max(dilation) > 1 else "")
        )
    each = zip(shape[2:], kernel_size, stride, padding, dilation, output, strict=True)
    return tuple(sliding_line(*axis) for axis in each)
