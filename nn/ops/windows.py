"""The windows that a kernel slides over an image, laid out so that each kernel offset is one shift.

Pad an image, lay its rows end to end, and the pixel that kernel offset (i, j) meets is found
``i * width + j`` places further on, for all windows at once: a whole im2col row is one contiguous
copy. With a stride the padded image is first split into stride x stride *phases* (every s-th row
and column); then the same holds within each phase. Dilation spreads the offsets, no more. A few
places at the row ends belong to no window; they are computed and dropped. Convolution and general
pooling are built on this.
"""

from __future__ import annotations

import numpy as np

__all__ = ["WindowGrid", "output_size"]


def output_size(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool = False, dilation: int = 1
) -> int:
    """Return how many windows fit: ``(size + 2 padding - extent) // stride + 1``.

    A kernel extends over ``extent = dilation (kernel - 1) + 1`` pixels. With ``ceil_mode`` a last
    window may hang over the end, if it starts within the image or its left padding (PyTorch's).

    Examples
    --------
    >>> output_size(32, 3, 2, 1), output_size(6, 3, 2, 0), output_size(6, 3, 2, 0, ceil_mode=True)
    (16, 2, 3)
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= size + padding else windows


class WindowGrid:
    """Kernel windows over images of one size.

    Attributes
    ----------
    output : tuple of int
        ``(H_out, W_out)``, the number of windows each way.
    rows, columns : int
        Size of one phase plane.
    reach : int
        The largest shift; a flat run of ``planes`` is that much longer than the windows it serves.
    offsets : list of tuple
        ``(row phase, column phase, shift)`` of each kernel offset, row by row; phases are counted
        among those that the kernel meets.
    """

    __slots__ = (
        "_cuts",
        "_padded",
        "_phases",
        "columns",
        "dilation",
        "image",
        "kernel",
        "offsets",
        "output",
        "padding",
        "reach",
        "rows",
        "stride",
    )

    def __init__(self, image, kernel, stride, padding, output=None, dilation=(1, 1)):
        self.image, self.kernel, self.stride, self.padding = image, kernel, stride, padding
        self.dilation = dilation
        self.output = output or tuple(
            output_size(size, k, s, p, dilation=d)
            for size, k, s, p, d in zip(image, kernel, stride, padding, dilation, strict=True)
        )
        met_h, met_w = (
            [divmod(d * i, s) for i in range(k)]  # the shift in the plane, and the phase
            for k, s, d in zip(kernel, stride, dilation, strict=True)
        )
        self.rows = self.output[0] + met_h[-1][0]
        self.columns = self.output[1] + met_w[-1][0]
        self.reach = met_h[-1][0] * self.columns + met_w[-1][0]
        phases_h, phases_w = (sorted({phase for _, phase in met}) for met in (met_h, met_w))
        self._phases = len(phases_h), len(phases_w)
        self.offsets = [
            (phases_h.index(a), phases_w.index(b), i * self.columns + j)
            for i, a in met_h
            for j, b in met_w
        ]
        self._cuts = [
            (a, b, *self._cut(0, phase_h), *self._cut(1, phase_w))
            for a, phase_h in enumerate(phases_h)
            for b, phase_w in enumerate(phases_w)
        ]
        self._padded = any(
            (top, left) != (0, 0) or bottom < self.rows or right < self.columns
            for _, _, top, bottom, _, left, right, _ in self._cuts
        )

    @property
    def plane(self) -> int:
        """Places in one phase plane of one image and channel."""
        return self.rows * self.columns

    def turned(self) -> WindowGrid | None:
        """Return the windows of the adjoint, if it is a correlation with the kernel turned round.

        It is with stride 1, unless the padding reaches beyond the kernel.
        """
        sizes = zip(self.kernel, self.padding, self.dilation, strict=True)
        rest = tuple(d * (k - 1) - p for k, p, d in sizes)
        if self.stride != (1, 1) or min(rest) < 0:
            return None
        return WindowGrid(self.output, self.kernel, (1, 1), rest, self.image, self.dilation)

    def run(self, batch: int) -> int:
        """Return the length of the flat run that holds every window of ``batch`` images."""
        return batch * self.plane - self.reach

    def planes(self, channels: int, batch: int, dtype) -> np.ndarray:
        """Return uninitialised room ``(phases_h, phases_w, C, N, rows, columns)``."""
        return np.empty((*self._phases, channels, batch, self.rows, self.columns), dtype)

    def _cut(self, axis: int, phase: int) -> tuple[int, int, slice]:
        """Where a phase meets the image: plane positions [start, stop) and image indices."""
        stride, padding, size = self.stride[axis], self.padding[axis], self.image[axis]
        extent = self.rows if axis == 0 else self.columns
        start = min(max(-(-(padding - phase) // stride), 0), extent)
        stop = min(max((size - 1 + padding - phase) // stride + 1, start), extent)
        first = start * stride + phase - padding
        return start, stop, slice(first, first + (stop - start) * stride, stride)

    def lay(self, images: np.ndarray, planes: np.ndarray, fill=0) -> None:
        """Copy images (N, C, H, W) into ``planes``, with ``fill`` as their padding."""
        if self._padded:
            planes[...] = fill
        images = images.transpose(1, 0, 2, 3)
        for a, b, top, bottom, image_rows, left, right, image_columns in self._cuts:
            plane = planes[a, b, :, :, top:bottom, left:right]
            plane[...] = images[:, :, image_rows, image_columns]

    def pick_up(self, planes: np.ndarray, images: np.ndarray) -> None:
        """Copy ``planes`` back to images (N, C, H, W): the inverse of `lay`, padding dropped.

        Pixels that no window reaches are set to zero.
        """
        covered_h = sum(bottom - top for _, b, top, bottom, *_ in self._cuts if b == 0)
        covered_w = sum(cut[6] - cut[5] for cut in self._cuts if cut[0] == 0)
        if (covered_h, covered_w) != tuple(self.image):
            images[...] = 0
        images = images.transpose(1, 0, 2, 3)
        for a, b, top, bottom, image_rows, left, right, image_columns in self._cuts:
            images[:, :, image_rows, image_columns] = planes[a, b, :, :, top:bottom, left:right]

    def served(self, start: int, stop: int) -> np.ndarray:
        """Return which places of the flat run [start, stop) are windows, counted from start."""
        row, column = np.divmod(np.arange(start, stop) % self.plane, self.columns)
        return np.flatnonzero((row < self.output[0]) & (column < self.output[1]))

    def columns_of(self, planes: np.ndarray, out: np.ndarray, start: int, stop: int) -> None:
        """im2col: row (k, c) of ``out`` is what offset k meets in channel c, window by window."""
        if self.stride == (1, 1):  # one copy for all offsets: their shifts are a stride of memory
            pixel, channel = planes.itemsize, planes.strides[2]
            down, across = self.dilation
            shape = (*self.kernel, planes.shape[2], stop - start)
            strides = (down * self.columns * pixel, across * pixel, channel, pixel)
            met = np.ndarray(shape, planes.dtype, planes, start * pixel, strides)
            out.reshape(shape)[...] = met
            return
        out = out.reshape(len(self.offsets), -1, stop - start)
        flat = planes.reshape(*planes.shape[:3], -1)
        for k, (a, b, shift) in enumerate(self.offsets):
            out[k] = flat[a, b, :, start + shift : stop + shift]

    def add_columns(self, columns: np.ndarray, planes: np.ndarray, start: int, stop: int) -> None:
        """col2im, the adjoint of `columns_of`: add each entry to the place that it met."""
        columns = columns.reshape(len(self.offsets), -1, stop - start)
        flat = planes.reshape(*planes.shape[:3], -1)
        for k, (a, b, shift) in enumerate(self.offsets):
            place = flat[a, b, :, start + shift : stop + shift]
            np.add(place, columns[k], out=place)

    def lay_output(self, values: np.ndarray, room: np.ndarray) -> None:
        """Copy window values (N, C, H_out, W_out) to their places in (C, N, rows, columns)."""
        height, width = self.output
        if self.reach:
            room[...] = 0
        room[:, :, :height, :width] = values.transpose(1, 0, 2, 3)

    def windows_in(self, room: np.ndarray) -> np.ndarray:
        """View the window values (N, C, H_out, W_out) within (C, N, rows, columns)."""
        height, width = self.output
        return room[:, :, :height, :width].transpose(1, 0, 2, 3)
