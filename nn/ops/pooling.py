"""Pooling over windows: the largest value, or the mean, of each.

Max-pooling stores no index. Its backward finds the winners again by comparing the image with the
output, offset by offset, so that the first of equal values wins (``autograd.ties`` can ask for an
even split, or for no gradient at ties). ``max_pool2d_input`` sends a gradient to the winners and
``max_pool2d_winners`` reads another image at the winners: each is the other's rule.
"""

from __future__ import annotations

import numpy as np

from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid, output_size

__all__ = [
    "avg_pool2d",
    "avg_pool2d_input",
    "max_pool2d",
    "max_pool2d_input",
    "max_pool2d_winners",
]

BLOCK_FLOATS = 1 << 16  # of image in a block, 256 KB: its windows stay in cache
SECONDS_PER_PIXEL = 2e-9


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
    grid = _grid("max_pool2d", x.shape, kernel_size, stride, padding, ceil_mode)
    z = np.empty((*x.shape[:2], *grid.output), x.dtype)
    _reduce(np.maximum, x, z, grid, fill=-np.inf)
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
    images, tops, values, gradients = _flat(x), _flat(maxima), _flat(y), _flat(dx)

    def tiled(first, last):
        places = _tiles(gradients[first:last], grid)
        if grid.output[0] * stride[0] < x.shape[2] or grid.output[1] * stride[1] < x.shape[3]:
            gradients[first:last] = 0
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        share = _share(values[first:last], hits, policy)
        for hit, place in zip(hits, places, strict=True):
            _select(share, hit, place)

    def general(first, last):
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        share = _share(_laid(values[first:last], grid, 0), hits, policy)
        places, planes = _offers(None, grid, 0, (last - first, y.dtype))
        chosen = np.empty_like(share)
        for hit, place in zip(hits, places, strict=True):
            place += _select(share, hit, chosen)
        grid.pick_up(planes, gradients[first:last, None])

    _run(tiled if _is_tiling(grid) else general, images)
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
    images, tops, sources, results = _flat(x), _flat(maxima), _flat(u), _flat(read)

    def gather(first, last):
        hits = _winners(images[first:last], tops[first:last], grid, policy)
        total = np.zeros(hits[0].shape, u.dtype)
        for hit, source in zip(hits, _met(sources[first:last], grid, 0), strict=True):
            total += np.where(hit, source, u.dtype.type(0))
        total = _share(total, hits, policy)
        results[first:last] = _as_windows(total, grid)

    _run(gather, images)
    return read


@structural(
    x=lambda upstream, x_shape, kernel_size, stride, padding, ceil_mode, count_include_pad: (
        avg_pool2d_input(
            upstream,
            size=x_shape[2:],
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )
    )
)
def avg_pool2d(x, *, kernel_size, stride, padding=(0, 0), ceil_mode=False, count_include_pad=True):
    """z[n, c, i, j] = the mean of x[n, c] over window (i, j).

    Shapes: x (N, C, H, W) -> (N, C, H_out, W_out), as for `max_pool2d`. Padding counts as zeros, or
    with ``count_include_pad=False`` does not count; what ``ceil_mode`` adds never counts.

    Examples
    --------
    >>> x = np.array([[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]])
    >>> avg_pool2d(x, kernel_size=(2, 2), stride=(2, 2)).tolist()
    [[[[3.25, 5.25], [2.0, 2.0]]]]
    """
    grid = _grid("avg_pool2d", x.shape, kernel_size, stride, padding, ceil_mode)
    z = np.empty((*x.shape[:2], *grid.output), x.dtype)
    _reduce(np.add, x, z, grid, fill=0)
    z /= _counts(grid, count_include_pad, x.dtype)
    return z


@structural(
    y=lambda upstream, kernel_size, stride, padding, ceil_mode, count_include_pad: avg_pool2d(
        upstream,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
)
def avg_pool2d_input(
    y, *, size, kernel_size, stride, padding=(0, 0), ceil_mode=False, count_include_pad=True
):
    """Spread y, one value a window, evenly over the pixels of its window.

    Shapes: y (N, C, H_out, W_out) -> (N, C, H, W), where ``size`` is (H, W).

    Examples
    --------
    >>> avg_pool2d_input(np.array([[[[8.0]]]]), size=(2, 2), kernel_size=(2, 2), stride=(2, 2))
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    shape = (*y.shape[:2], *size)
    grid = _grid("avg_pool2d_input", shape, kernel_size, stride, padding, ceil_mode)
    dx = np.zeros(shape, y.dtype)
    values, gradients = _flat(y / _counts(grid, count_include_pad, y.dtype)), _flat(dx)

    def tiled(first, last):
        for place in _tiles(gradients[first:last], grid):
            place[...] = values[first:last]

    def general(first, last):
        places, planes = _offers(None, grid, 0, (last - first, y.dtype))
        laid = _laid(values[first:last], grid, 0)
        for place in places:
            place += laid
        grid.pick_up(planes, gradients[first:last, None])

    _run(tiled if _is_tiling(grid) else general, gradients)
    return dx


# ---------------------------------------------------------------- windows of a block of images


def _grid(name, shape, kernel_size, stride, padding, ceil_mode):
    """Return the windows over images of this shape, or raise where there are none."""
    if len(shape) != 4:
        raise ValueError(f"{name}: expects x (N, C, H, W), got shape {tuple(shape)}")
    if min(kernel_size) < 1 or min(stride) < 1:
        raise ValueError(
            f"{name}: expects kernel_size and stride >= 1, got {kernel_size} and {stride}"
        )
    if any(not 0 <= 2 * p <= k for p, k in zip(padding, kernel_size, strict=True)):
        raise ValueError(
            f"{name}: padding must be at most half the kernel, "
            f"got padding {tuple(padding)} for kernel_size {tuple(kernel_size)}"
        )
    sizes = zip(shape[2:], kernel_size, stride, padding, strict=True)
    output = tuple(output_size(*each, ceil_mode) for each in sizes)
    if min(output) < 1:
        raise ValueError(
            f"{name}: kernel_size {tuple(kernel_size)} does not fit in the input of shape "
            f"{tuple(shape)} with padding {tuple(padding)}"
        )
    return WindowGrid(tuple(shape[2:]), tuple(kernel_size), tuple(stride), tuple(padding), output)


def _is_tiling(grid):
    """Whether the windows lie side by side within the image: no overlap, padding or overhang."""
    fits = all(n * k <= s for n, k, s in zip(grid.output, grid.kernel, grid.image, strict=True))
    return grid.kernel == grid.stride and grid.padding == (0, 0) and fits


def _flat(array):
    """Return (N, C, H, W) as (N C, H, W): pooling treats every plane alike."""
    return np.ascontiguousarray(array).reshape(-1, *array.shape[2:])


def _run(work, images):
    """Run ``work(first, last)`` over blocks of planes, cut by their size."""
    ranges = block_ranges(len(images), max(1, BLOCK_FLOATS // max(images[:1].size, 1)))
    seconds = SECONDS_PER_PIXEL * images.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)


def _tiles(images, grid):
    """View, for each kernel offset, the pixels that it meets (no copy; for tilings)."""
    (height, width), (kernel_h, kernel_w) = grid.output, grid.kernel
    return [
        images[:, i : i + kernel_h * height : kernel_h, j : j + kernel_w * width : kernel_w]
        for i in range(kernel_h)
        for j in range(kernel_w)
    ]


def _offers(images, grid, fill, room=None):
    """Lay images out (or zeros in a room); return a flat run for each kernel offset, and all."""
    if images is None:
        planes = grid.planes(1, *room)
        planes[...] = fill
    else:
        planes = grid.planes(1, len(images), images.dtype)
        grid.lay(images[:, None], planes, fill)
    flat = planes.reshape(*planes.shape[:2], -1)
    run = grid.run(planes.shape[3])
    return [flat[a, b, shift : shift + run] for a, b, shift in grid.offsets], planes


def _met(images, grid, fill):
    """Return, for each kernel offset, the pixels that it meets: tiles, or flat runs."""
    return _tiles(images, grid) if _is_tiling(grid) else _offers(images, grid, fill)[0]


def _laid(values, grid, fill):
    """Lay window values (B, H_out, W_out) out as a flat run beside those of `_offers`."""
    room = np.full((len(values), grid.rows, grid.columns), fill, values.dtype)
    room[:, : grid.output[0], : grid.output[1]] = values
    return room.reshape(-1)[: grid.run(len(values))]


def _as_windows(values, grid):
    """View a flat run as window values: the inverse of `_laid`. Those of tiles are as they are."""
    if values.ndim == 3:
        return values
    room = np.empty(len(values) + grid.reach, values.dtype)
    room[: len(values)] = values
    return room.reshape(-1, grid.rows, grid.columns)[:, : grid.output[0], : grid.output[1]]


def _reduce(ufunc, x, z, grid, fill):
    """Fold every window of x with ``ufunc`` into z: rows first, then columns, where they tile."""
    images, outputs = _flat(x), _flat(z)
    (kernel_h, kernel_w), (height, width) = grid.kernel, grid.output

    def fold(arrays, out=None):
        if len(arrays) == 1:
            return arrays[0]
        out = ufunc(arrays[0], arrays[1], out=out)
        for array in arrays[2:]:
            ufunc(out, array, out=out)
        return out

    def tiled(first, last):
        block = images[first:last, : kernel_h * height, : kernel_w * width]
        rows = fold([block[:, i::kernel_h] for i in range(kernel_h)])
        outputs[first:last] = fold([rows[:, :, j::kernel_w] for j in range(kernel_w)])

    def general(first, last):
        flat = fold(_offers(images[first:last], grid, fill)[0])
        outputs[first:last] = _as_windows(flat, grid)

    _run(tiled if _is_tiling(grid) else general, images)


def _counts(grid, count_include_pad, dtype):
    """How many pixels each window averages: a number, or an array (H_out, W_out)."""
    if _is_tiling(grid):
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


# ---------------------------------------------------------------- who won a window


def _winners(images, tops, grid, policy):
    """Return, for each kernel offset, in which windows it wins: boolean arrays.

    One winner a window under "torch" and "first", all equals under "even" and "none". In a window
    with NaN the NaNs are equals, and the last of them wins, as in PyTorch.
    """
    strange = np.isnan(tops).any()
    if not _is_tiling(grid):
        tops = _laid(tops, grid, 0)
    hits = [pixels == tops for pixels in _met(images, grid, np.nan)]  # padding equals nothing
    if policy in ("torch", "first"):
        _only_first(hits)
    if strange:
        nans = [np.isnan(pixels) & np.isnan(tops) for pixels in _met(images, grid, 0)]
        if policy in ("torch", "first"):
            _only_first(nans[::-1])
        for hit, nan in zip(hits, nans, strict=True):
            hit |= nan
    return hits


def _only_first(hits):
    """Leave of several winners of a window the first, in place."""
    taken = hits[0].copy()
    for hit in hits[1:]:
        np.greater(hit, taken, out=hit)
        taken |= hit


def _share(values, hits, policy):
    """Return what each winner of a window receives of its value."""
    if policy in ("torch", "first"):
        return values
    winners = np.add.reduce(hits, 0, dtype=values.dtype)
    if policy == "none":
        return np.where(winners == 1, values, values.dtype.type(0))
    return values / np.maximum(winners, 1)


def _select(values, hit, out):
    """``out = values where hit, else 0``: a product, unless values are infinite."""
    if np.isfinite(values).all():
        return np.multiply(values, hit, out=out)
    out[...] = np.where(hit, values, values.dtype.type(0))
    return out
