"""Max-pooling: the largest value of every window.

No index is stored. The backward finds the winners again by comparing the image with the
output, offset by offset, so that the first of equal values wins (``autograd.ties`` can ask for an
even split, or for no gradient at ties). ``max_pool2d_input`` sends a gradient to the winners and
``max_pool2d_winners`` reads another image at the winners: each is the other's rule.
"""

from __future__ import annotations

import numpy as np

from autograd.op import structural
from nn.ops.planes import (
    as_windows,
    flat_planes,
    fold_windows,
    is_tiling,
    lay_values,
    met_pixels,
    pool_grid,
    run_blocks,
    tiles,
    zero_runs,
)
from nn.ops.windows import WindowGrid

__all__ = ["max_pool2d", "max_pool2d_input", "max_pool2d_winners"]


@structural(
    x=lambda upstream, x, z, kernel_size, stride, padding, ties: max_pool2d_input(
        upstream, x, z, kernel_size=kernel_size, stride=stride, padding=padding, policy=ties
    )
)
def max_pool2d(x, *, kernel_size, stride, padding=(0, 0), ceil_mode=False):
    """z[n, c, i, j] = the largest value of x[n, c] in window (i, j).

    Shapes: x (N, C, H, W) -> (N, C, H_out, W_out), H_out = (H + 2 padding - kernel) // stride + 1,
    rounded up with ``ceil_mode``. Padding never wins. NaN wins over everything, as in PyTorch.

    Raises
    ------
    ValueError
        If there is no window, or the padding exceeds half the kernel.

    Examples
    --------
    >>> x = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
    >>> max_pool2d(x, kernel_size=(2, 2), stride=(2, 2)).tolist()
    [[[[6.0, 8.0], [3.0, 4.0]]]]
    """
    grid = pool_grid("max_pool2d", x.shape, kernel_size, stride, padding, ceil_mode)
    z = np.empty((*x.shape[:2], *grid.output), x.dtype)
    fold_windows(np.maximum, x, z, grid, fill=-np.inf)
    return z


@structural(
    y=lambda upstream, x, maxima, kernel_size, stride, padding, policy: max_pool2d_winners(
        upstream, x, maxima, kernel_size=kernel_size, stride=stride, padding=padding, policy=policy
    )
)
def max_pool2d_input(y, x, maxima, *, kernel_size, stride, padding=(0, 0), policy="torch"):
    """Send y, one value a window, to the pixels of x that won: where x equals its maximum.

    Shapes: x (N, C, H, W); y and maxima (N, C, H_out, W_out) -> (N, C, H, W). Contributions of
    overlapping windows add up. ``policy`` decides ties: the first wins ("torch", "first"), all
    share ("even"), or nobody receives anything ("none").

    Examples
    --------
    >>> x = np.array([[[[3.0, 3.0], [1.0, 2.0]]]])
    >>> z = max_pool2d(x, kernel_size=(2, 2), stride=(2, 2))
    >>> [max_pool2d_input(6 * np.ones_like(z), x, z, kernel_size=(2, 2), stride=(2, 2),
    ...                   policy=policy).tolist() for policy in ("first", "even", "none")]
    [[[[[6.0, 0.0], [0.0, 0.0]]]], [[[[3.0, 3.0], [0.0, 0.0]]]], [[[[0.0, 0.0], [0.0, 0.0]]]]]
    """
    grid = WindowGrid(x.shape[2:], kernel_size, stride, padding, maxima.shape[2:])
    dx = np.empty(x.shape, y.dtype)
    images, tops, values, gradients = (
        flat_planes(x),
        flat_planes(maxima),
        flat_planes(y),
        flat_planes(dx),
    )

    def tiled(first, last):
        places = tiles(gradients[first:last], grid)
        if grid.output[0] * stride[0] < x.shape[2] or grid.output[1] * stride[1] < x.shape[3]:
            gradients[first:last] = 0
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        share = _share(values[first:last], hits, policy)
        for hit, place in zip(hits, places, strict=True):
            _select(share, hit, place)

    def general(first, last):
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        share = _share(lay_values(values[first:last], grid), hits, policy)
        places, planes = zero_runs(last - first, grid, y.dtype)
        chosen = np.empty_like(share)
        for hit, place in zip(hits, places, strict=True):
            place += _select(share, hit, chosen)
        grid.pick_up(planes, gradients[first:last, None])

    run_blocks(tiled if is_tiling(grid) else general, images)
    return dx


@structural(
    u=lambda upstream, x, maxima, kernel_size, stride, padding, policy: max_pool2d_input(
        upstream, x, maxima, kernel_size=kernel_size, stride=stride, padding=padding, policy=policy
    )
)
def max_pool2d_winners(u, x, maxima, *, kernel_size, stride, padding=(0, 0), policy="torch"):
    """Read u where x won its window: the adjoint of `max_pool2d_input`, and its derivative.

    Shapes: u and x (N, C, H, W), maxima (N, C, H_out, W_out) -> (N, C, H_out, W_out).

    Examples
    --------
    >>> x = np.array([[[[1.0, 4.0], [3.0, 2.0]]]])
    >>> max_pool2d_winners(10 * x, x, np.array([[[[4.0]]]]), kernel_size=(2, 2), stride=(2, 2))
    array([[[[40.]]]])
    """
    grid = WindowGrid(x.shape[2:], kernel_size, stride, padding, maxima.shape[2:])
    read = np.empty(maxima.shape, u.dtype)
    images, tops, sources, results = (
        flat_planes(x),
        flat_planes(maxima),
        flat_planes(u),
        flat_planes(read),
    )

    def gather(first, last):
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        total = np.zeros(hits[0].shape, u.dtype)
        for hit, source in zip(hits, met_pixels(sources[first:last], grid, 0), strict=True):
            total += np.where(hit, source, u.dtype.type(0))
        total = _share(total, hits, policy)
        results[first:last] = as_windows(total, grid)

    run_blocks(gather, images)
    return read


# ---------------------------------------------------------------- who won a window


def _winners(images, tops, grid, policy):
    """Return, for each kernel offset, in which windows it wins: boolean arrays.

    One winner a window under "torch" and "first", all equals under "even" and "none". In a window
    with NaN the NaNs are equals, and the last of them wins, as in PyTorch.
    """
    strange = np.isnan(tops).any()
    if not is_tiling(grid):
        tops = lay_values(tops, grid)
    hits = [pixels == tops for pixels in met_pixels(images, grid, np.nan)]  # padding equals nothing
    if policy in ("torch", "first"):
        _only_first(hits)
    if strange:
        nans = [np.isnan(pixels) & np.isnan(tops) for pixels in met_pixels(images, grid, 0)]
        if policy in ("torch", "first"):
            _only_first(nans[::-1])
        for hit, nan in zip(hits, nans, strict=True):
            hit |= nan
    return hits


def _only_first(hits):
    """Leave of several winners of a window the first, in place."""
    taken = hits[0]
    for hit in hits[1:]:
        np.greater(hit, taken, out=hit)
        taken = taken | hit


def _share(values, hits, policy):
    """Return what each winner of a window receives of its value."""
    if policy in ("torch", "first"):
        return values
    winners = np.add.reduce(hits, 0, dtype=values.dtype)
    if policy == "none":
        return np.where(winners == 1, values, values.dtype.type(0))
    return values / np.maximum(winners, 1)


def _select(values, hit, out):
    """``out = values where hit, else 0``: the bits times 0 or 1, which holds for infinities too."""
    bits = np.dtype(f"i{values.dtype.itemsize}")
    np.multiply(values.view(bits), hit.view(np.int8), out=out.view(bits))
    return out
