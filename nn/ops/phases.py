"""The winners of sliding windows, by flat operations on phases.

With a stride of s an image is taken apart into its s *phases* along each axis: every s-th row, from
the first, the second, ... In a phase the pixels that one place of all windows meets lie side by
side, some places further on than those of another place; laid out with its padding, a whole block
is one run of memory that each step goes through once. What is computed where a window would reach
from one row into the next is not used. Padding is NaN, which equals nothing and which ``fmax``
passes over; images with NaN of their own take the general way (`nn.ops.pooling`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from nn.ops.lines import Line
from nn.ops.planes import select

__all__ = ["have_phases", "send_through_phases"]


class _Axis:
    """One axis of the layout.

    Attributes
    ----------
    phases : list of (places, pixels)
        Slices of the phase and of the image that correspond.
    meets : list of (phase, shift)
        Which phase each place of a window meets, and how many elements of the flat run further on.
    length : int
        Of a phase, padding included.
    """

    def __init__(self, line: Line, step: int) -> None:
        stride, dilation, padding = line.stride, line.dilation, -int(line.starts[0])
        offsets = range(0, line.kernel * dilation, dilation)
        firsts = sorted({offset % stride for offset in offsets})
        self.length = line.windows + offsets[-1] // stride
        self.meets = [(firsts.index(k % stride), k // stride * step) for k in offsets]
        self.reach = offsets[-1] // stride * step
        self.phases = []
        for first in firsts:
            start = min(max(-((first - padding) // stride), 0), self.length)
            stop = (line.size - 1 + padding - first) // stride + 1
            stop = min(max(stop, start), self.length)
            pixel = start * stride + first - padding
            pixels = slice(pixel, pixel + (stop - start) * stride, stride)
            self.phases.append((slice(start, stop), pixels))
        met = np.concatenate([np.arange(line.size)[pixels] for _, pixels in self.phases])
        self.covers = len(met) == line.size


def have_phases(lines: Sequence[Line]) -> bool:
    """Whether the windows slide, and there are enough of them for flat runs to pay."""
    return all(line.stride and line.windows >= 4 for line in lines)


class _Layout:
    """A block of images (B, ...) taken apart into phases, (phases..., B * plane)."""

    def __init__(self, lines: Sequence[Line], batch: int) -> None:
        self.axes: list[_Axis] = []
        step = 1
        for line in reversed(lines):
            self.axes.insert(0, _Axis(line, step))
            step *= self.axes[0].length
        self.windows = tuple(slice(0, line.windows) for line in lines)
        self.lengths = (batch, *(axis.length for axis in self.axes))
        self.shape = tuple(len(axis.phases) for axis in self.axes)
        self.run = math.prod(self.lengths) - sum(axis.reach for axis in self.axes)

    def pairs(self, phases: np.ndarray, images: np.ndarray):
        """Yield views of the phases and of the images that correspond."""
        boxes = phases.reshape(*self.shape, *self.lengths)
        for chosen in itertools.product(*(range(n) for n in self.shape)):
            cuts = [axis.phases[k] for axis, k in zip(self.axes, chosen, strict=True)]
            places, pixels = zip(*cuts, strict=True)
            yield boxes[(*chosen, slice(None), *places)], images[(slice(None), *pixels)]

    def lay(self, images: np.ndarray) -> np.ndarray:
        phases = np.empty((*self.shape, math.prod(self.lengths)), images.dtype)
        box = math.prod(self.shape) * phases.shape[-1]
        phases[...] = np.nan if box != images.size else 0
        for place, pixels in self.pairs(phases, images):
            place[...] = pixels
        return phases

    def lay_values(self, values: np.ndarray) -> np.ndarray:
        """Lay values of windows out as a run, with zeros where there is no window."""
        run = np.zeros(self.lengths, values.dtype)
        run[(slice(None), *self.windows)] = values
        return run.reshape(-1)[: self.run]


def send_through_phases(
    values: np.ndarray, images: np.ndarray, lines: Sequence[Line], out: np.ndarray
) -> bool:
    """Send values (B, ...), one a window, to the first largest pixel of each: ``out`` (B, ...).

    Returns False, with nothing sent, if there is a NaN: its windows have other winners.
    """
    if np.isnan(images.max()):
        return False
    layout = _Layout(lines, len(images))
    cells = layout.lay(images)
    trail = []
    for axis in reversed(layout.axes):
        met = _met(axis, cells)
        tops = np.fmax(met[0], met[1]) if len(met) > 1 else met[0]
        for pixels in met[2:]:
            np.fmax(tops, pixels, out=tops)
        trail.append(_first_equal(met, tops))
        cells = tops
    part = layout.lay_values(values)
    for axis, hits in zip(layout.axes, reversed(trail), strict=True):
        part = _sent(axis, part, hits)
    if not all(axis.covers for axis in layout.axes):
        out[...] = 0
    for place, pixels in layout.pairs(part, out):
        pixels[...] = place
    return True


def _met(axis: _Axis, cells: np.ndarray) -> list[np.ndarray]:
    """View, for each place of a window along an axis, the run of pixels that it meets."""
    run = cells.shape[-1] - axis.reach
    return [cells[..., phase, shift : shift + run] for phase, shift in axis.meets]


def _first_equal(met: list[np.ndarray], tops: np.ndarray) -> list[np.ndarray]:
    """Return which pixels are the first that equal the top of their window."""
    hits = [pixels == tops for pixels in met]
    taken = hits[0]
    for hit in hits[1:]:
        np.greater(hit, taken, out=hit)
        taken = taken | hit
    return hits


def _sent(axis: _Axis, values: np.ndarray, hits: list[np.ndarray]) -> np.ndarray:
    """Add values, one a window, to the pixels that ``hits`` marks along an axis."""
    run = values.shape[-1]
    sent = np.empty((*values.shape[:-1], len(axis.phases), run + axis.reach), values.dtype)
    written = set()
    for (phase, shift), hit in zip(axis.meets, hits, strict=True):
        place = sent[..., phase, shift : shift + run]
        if phase in written:
            place += select(values, hit)
        else:
            written.add(phase)
            sent[..., phase, :shift] = sent[..., phase, shift + run :] = 0
            select(values, hit, place)
    return sent
