"""Unfolding images into the columns of their windows (im2col), and folding them back.

Unfolding reads, folding adds up where windows overlap: each is the other's adjoint, and so its
rule. Folding what was unfolded multiplies every pixel by the number of windows that met it.
"""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.op import structural
from nn.ops.windows import output_size

__all__ = ["col2im", "im2col"]


@structural(
    x=lambda upstream, x_shape, kernel_size, dilation, padding, stride: col2im(
        upstream,
        output_size=x_shape[2:],
        kernel_size=kernel_size,
        dilation=dilation,
        padding=padding,
        stride=stride,
    )
)
def im2col(x, *, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    """Write the pixels that a window meets as a column, window by window.

    Shapes: x (N, C, H, W) -> (N, C kernel_h kernel_w, windows).

    Examples
    --------
    >>> im2col(np.arange(6.0).reshape(1, 1, 2, 3), kernel_size=(2, 2)).tolist()
    [[[0.0, 1.0], [1.0, 2.0], [3.0, 4.0], [4.0, 5.0]]]
    """
    padded = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    met = _met(padded, x.shape[2:], kernel_size, dilation, padding, stride)
    windows = met[0, 0].shape[2:]
    columns = np.empty((*x.shape[:2], *kernel_size, *windows), x.dtype)
    for offset, pixels in met.items():
        columns[:, :, *offset] = pixels
    return columns.reshape(len(x), x.shape[1] * prod(kernel_size), prod(windows))


@structural(
    x=lambda upstream, kernel_size, dilation, padding, stride: im2col(
        upstream, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride
    )
)
def col2im(x, *, output_size, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    """Add every entry of the columns to the pixel that it came from: the adjoint of `im2col`.

    Shapes: x (N, C kernel_h kernel_w, windows) -> (N, C, H, W), where ``output_size`` is (H, W).

    Examples
    --------
    >>> col2im(np.ones((1, 4, 2)), output_size=(2, 3), kernel_size=(2, 2)).tolist()
    [[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]
    """
    channels = x.shape[1] // prod(kernel_size)
    (height, width), (above, left) = output_size, padding
    padded = np.zeros((len(x), channels, height + 2 * above, width + 2 * left), x.dtype)
    met = _met(padded, output_size, kernel_size, dilation, padding, stride)
    columns = x.reshape(len(x), channels, *kernel_size, *met[0, 0].shape[2:])
    for offset, pixels in met.items():
        pixels += columns[:, :, *offset]
    inside = padded[:, :, above : above + height, left : left + width]
    return np.ascontiguousarray(inside)


def _met(padded, image, kernel, dilation, padding, stride):
    """View, for each kernel offset, the pixels that it meets: (N, C, rows, columns) of windows."""
    sizes = zip(image, kernel, stride, padding, dilation, strict=True)
    windows = [output_size(n, k, s, p, dilation=d) for n, k, s, p, d in sizes]

    def met(axis, i):
        first = i * dilation[axis]
        return slice(first, first + (windows[axis] - 1) * stride[axis] + 1, stride[axis])

    return {
        (i, j): padded[:, :, met(0, i), met(1, j)]
        for i in range(kernel[0])
        for j in range(kernel[1])
    }
