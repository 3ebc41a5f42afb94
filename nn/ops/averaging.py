"""Average pooling: the mean of every window.

It is the sum of a window over a count that no value influences. `window_sums` and its adjoint
`spread` are each the other's rule.
"""

from __future__ import annotations

import numpy as np

from autograd.op import structural
from nn.ops.planes import (
    flat_planes,
    fold_windows,
    is_tiling,
    lay_values,
    pool_grid,
    run_blocks,
    tiles,
    zero_runs,
)
from nn.ops.windows import WindowGrid

__all__ = ["avg_pool2d", "spread", "window_sums"]


def _avg_pool2d_vjp(
    upstream, x_shape, kernel_size, stride, padding, count_include_pad, divisor_override
):
    size, output = x_shape[2:], upstream.shape[2:]
    grid = WindowGrid(size, kernel_size, stride, padding, output)
    share = upstream / _counts(grid, count_include_pad, divisor_override, upstream.dtype)
    return (spread(share, size=size, kernel_size=kernel_size, stride=stride, padding=padding),)


@structural(vjp=_avg_pool2d_vjp)
def avg_pool2d(
    x,
    *,
    kernel_size,
    stride,
    padding=(0, 0),
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """z[n, c, i, j] = the mean of x[n, c] over window (i, j).

    Shapes: x (N, C, H, W) -> (N, C, H_out, W_out), as for `max_pool2d`. Padding counts as zeros, or
    with ``count_include_pad=False`` does not count; what ``ceil_mode`` adds never counts;
    ``divisor_override`` is used instead of the count.

    Examples
    --------
    >>> x = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
    >>> avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2)).tolist()
    [[[[3.25, 5.25], [2.0, 2.0]]]]
    """
    grid = pool_grid("avg_pool2d", x.shape, kernel_size, stride, padding, ceil_mode)
    z = np.empty((*x.shape[:2], *grid.output), x.dtype)
    fold_windows(np.add, x, z, grid, fill=0)
    z /= _counts(grid, count_include_pad, divisor_override, x.dtype)
    return z


@structural(
    y=lambda upstream, y_shape, kernel_size, stride, padding: window_sums(
        upstream, output=y_shape[2:], kernel_size=kernel_size, stride=stride, padding=padding
    )
)
def spread(y, *, size, kernel_size, stride, padding=(0, 0)):
    """Add y, one value a window, to every pixel of its window: the adjoint of `window_sums`.

    Shapes: y (N, C, H_out, W_out) -> (N, C, H, W), where ``size`` is (H, W).

    Examples
    --------
    >>> spread(np.array([[[[2.0]]]]), size=(2, 2), kernel_size=(2, 2), stride=(2, 2)).tolist()
    [[[[2.0, 2.0], [2.0, 2.0]]]]
    """
    grid = WindowGrid(tuple(size), kernel_size, stride, padding, y.shape[2:])
    dx = np.zeros((*y.shape[:2], *size), y.dtype)
    values, gradients = flat_planes(y), flat_planes(dx)

    def tiled(first, last):
        for place in tiles(gradients[first:last], grid):
            place[...] = values[first:last]

    def general(first, last):
        places, planes = zero_runs(last - first, grid, y.dtype)
        laid = lay_values(values[first:last], grid)
        for place in places:
            place += laid
        grid.pick_up(planes, gradients[first:last, None])

    run_blocks(tiled if is_tiling(grid) else general, gradients)
    return dx


@structural(
    x=lambda upstream, x_shape, kernel_size, stride, padding: spread(
        upstream, size=x_shape[2:], kernel_size=kernel_size, stride=stride, padding=padding
    )
)
def window_sums(x, *, output, kernel_size, stride, padding=(0, 0)):
    """z[n, c, i, j] = the sum of x[n, c] over window (i, j), for ``output`` windows each way."""
    grid = WindowGrid(x.shape[2:], kernel_size, stride, padding, tuple(output))
    z = np.empty((*x.shape[:2], *grid.output), x.dtype)
    fold_windows(np.add, x, z, grid, fill=0)
    return z


def _counts(grid, count_include_pad, divisor_override, dtype):
    """Return how many pixels each window averages: a number, or an array (H_out, W_out)."""
    if divisor_override is not None:
        return dtype.type(divisor_override)
    if is_tiling(grid):
        return dtype.type(grid.kernel[0] * grid.kernel[1])
    sides = []
    for axis in (0, 1):
        padding = grid.padding[axis]
        start = np.arange(grid.output[axis]) * grid.stride[axis] - padding
        stop = np.minimum(start + grid.kernel[axis], grid.image[axis] + padding)
        if not count_include_pad:
            start, stop = np.maximum(start, 0), np.minimum(stop, grid.image[axis])
        sides.append(stop - start)
    return np.multiply.outer(*sides).astype(dtype)
