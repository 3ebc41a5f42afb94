"""Average pooling: the mean of every window.

It is the sum of a window over a count that no value influences. `window_sums` and its adjoint
`spread` are each the other's rule.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.op import structural
from nn.ops.lines import Line, adaptive_line, pool_lines
from nn.ops.planes import fold_windows, spread_windows

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "spread",
    "window_sums",
]

Lines = tuple[Line, ...]


def _avg_pool(rank: int) -> Any:
    """Return average pooling over the last 1, 2 or 3 axes."""
    name = f"avg_pool{rank}d"
    none, one = (0,) * rank, (1,) * rank

    def shares(
        upstream,
        x_shape,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    ):
        lines = pool_lines(name, x_shape, kernel_size, stride, padding, one, ceil_mode)
        counted = padding if count_include_pad else none
        return spread(
            upstream / _counts(lines, counted, divisor_override, upstream.dtype), lines=lines
        )

    @structural(name=name, x=shares)
    def avg_pool(
        x,
        *,
        kernel_size,
        stride,
        padding=none,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        """z[n, c, i, j] = the mean of x[n, c] over window (i, j).

        Shapes: x (N, C, H, W) -> (N, C, H_out, W_out), as for `max_pool2d`. Padding counts as
        zeros, or with ``count_include_pad=False`` does not count; what ``ceil_mode`` adds never
        counts; ``divisor_override`` is used instead of the count.
        """
        lines = pool_lines(name, x.shape, kernel_size, stride, padding, one, ceil_mode)
        z = fold_windows(np.add, x, lines, 0)
        z /= _counts(lines, padding if count_include_pad else none, divisor_override, x.dtype)
        return z

    avg_pool.__name__ = avg_pool.__qualname__ = name
    return avg_pool


avg_pool1d, avg_pool2d, avg_pool3d = map(_avg_pool, (1, 2, 3))


def _adaptive_avg_pool(rank: int) -> Any:
    """Return adaptive average pooling over the last 1, 2 or 3 axes."""
    name = f"adaptive_avg_pool{rank}d"

    def shares(upstream, x_shape, output_size):
        lines = tuple(map(adaptive_line, x_shape[2:], output_size))
        return spread(upstream / _counts(lines, (0,) * rank, None, upstream.dtype), lines=lines)

    @structural(name=name, x=shares)
    def adaptive_avg_pool(x, *, output_size):
        """z[n, c, i, j] = the mean of x[n, c] over rows [i H // H_out, (i + 1) H / H_out)...

        Shapes: x (N, C, H, W) -> (N, C, H_out, W_out) with ``output_size = (H_out, W_out)``.
        """
        lines = tuple(map(adaptive_line, x.shape[2:], output_size))
        z = fold_windows(np.add, x, lines, 0)
        z /= _counts(lines, (0,) * rank, None, x.dtype)
        return z

    adaptive_avg_pool.__name__ = adaptive_avg_pool.__qualname__ = name
    return adaptive_avg_pool


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(_adaptive_avg_pool, (1, 2, 3))


@structural(y=lambda upstream, lines: window_sums(upstream, lines=lines))
def spread(y, *, lines: Lines):
    """Add y, one value a window, to every pixel of its window: the adjoint of `window_sums`.

    Shapes: y (N, C, H_out, W_out) -> (N, C, H, W).

    Examples
    --------
    >>> spread(np.array([[[2.0, 3.0]]]), lines=(adaptive_line(3, 2),)).tolist()
    [[[2.0, 5.0, 3.0]]]
    """
    return spread_windows(y, lines)


@structural(x=lambda upstream, lines: spread(upstream, lines=lines))
def window_sums(x, *, lines: Lines):
    """z[n, c, i, j] = the sum of x[n, c] over window (i, j).

    Examples
    --------
    >>> window_sums(np.array([[[2.0, 3.0, 4.0]]]), lines=(adaptive_line(3, 2),)).tolist()
    [[[5.0, 7.0]]]
    """
    return fold_windows(np.add, x, lines, 0)


def _counts(lines: Lines, padding: tuple[int, ...], divisor: int | None, dtype: Any) -> Any:
    """Return how many pixels each window averages: a number, or an array (H_out, W_out)."""
    if divisor is not None:
        return dtype.type(divisor)
    sides = [line.counts(p) for line, p in zip(lines, padding, strict=True)]
    if all(len(side) and (side == side[0]).all() for side in sides):
        return dtype.type(math.prod(int(side[0]) for side in sides))
    for side in sides[1:]:
        sides[0] = np.multiply.outer(sides[0], side)
    return sides[0].astype(dtype)
