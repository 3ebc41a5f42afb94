"""Blocks of image planes and their windows, as the pooling kernels walk over them.

Pooling treats every plane of every image alike, so (N, C, H, W) becomes (N C, H, W) and is cut into
blocks. Windows that lie side by side are read through strided views; any others through the flat
layout of `nn.ops.windows`.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid, output_size

__all__ = [
    "as_windows",
    "flat_planes",
    "fold_windows",
    "is_tiling",
    "lay_values",
    "met_pixels",
    "pool_grid",
    "run_blocks",
    "tiles",
    "zero_runs",
]

BLOCK_FLOATS = 1 << 17  # of image in a block, 512 KB: its windows stay in cache
SECONDS_PER_PIXEL = 5e-10


def pool_grid(name, shape, kernel_size, stride, padding, ceil_mode):
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


def is_tiling(grid):
    """Whether the windows lie side by side within the image: no overlap, padding or overhang."""
    fits = all(n * k <= s for n, k, s in zip(grid.output, grid.kernel, grid.image, strict=True))
    return grid.kernel == grid.stride and grid.padding == (0, 0) and fits


def flat_planes(array):
    """Return (N, C, H, W) as (N C, H, W): pooling treats every plane alike."""
    return np.ascontiguousarray(array).reshape(-1, *array.shape[2:])


def run_blocks(work, images):
    """Run ``work(first, last)`` over blocks of planes, an even number of them if several."""
    blocks = max(1, -(-images.size // BLOCK_FLOATS))
    blocks += blocks % 2 if blocks > 1 else 0
    ranges = block_ranges(len(images), -(-len(images) // blocks))
    seconds = SECONDS_PER_PIXEL * images.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)


def tiles(images, grid):
    """View, for each kernel offset, the pixels that it meets (no copy; for tilings)."""
    (height, width), (kernel_h, kernel_w) = grid.output, grid.kernel
    return [
        images[:, i : i + kernel_h * height : kernel_h, j : j + kernel_w * width : kernel_w]
        for i in range(kernel_h)
        for j in range(kernel_w)
    ]


def _flat_runs(planes, grid):
    """View, for each kernel offset, the flat run of places that it meets."""
    flat = planes.reshape(*planes.shape[:2], -1)
    run = grid.run(planes.shape[3])
    return [flat[a, b, shift : shift + run] for a, b, shift in grid.offsets]


def met_pixels(images, grid, fill):
    """Return, for each kernel offset, the pixels that it meets: tiles, or flat runs."""
    if is_tiling(grid):
        return tiles(images, grid)
    planes = grid.planes(1, len(images), images.dtype)
    grid.lay(images[:, None], planes, fill)
    return _flat_runs(planes, grid)


def zero_runs(batch, grid, dtype):
    """Return zeros to add to, for each kernel offset where it meets pixels, and all as planes."""
    planes = grid.planes(1, batch, dtype)
    planes[...] = 0
    return _flat_runs(planes, grid), planes


def lay_values(values, grid):
    """Lay window values (B, H_out, W_out) out as a flat run, beside those of `met_pixels`."""
    room = np.zeros((len(values), grid.rows, grid.columns), values.dtype)
    room[:, : grid.output[0], : grid.output[1]] = values
    return room.reshape(-1)[: grid.run(len(values))]


def as_windows(values, grid):
    """View a flat run as window values, the inverse of `lay_values`; those of tiles as they are."""
    if values.ndim == 3:
        return values
    room = np.empty(len(values) + grid.reach, values.dtype)
    room[: len(values)] = values
    return room.reshape(-1, grid.rows, grid.columns)[:, : grid.output[0], : grid.output[1]]


def fold_windows(ufunc, x, z, grid, fill):
    """Fold every window of x with ``ufunc`` into z: rows first, then columns, where they tile."""
    images, outputs = flat_planes(x), flat_planes(z)
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
        flat = fold(met_pixels(images[first:last], grid, fill))
        outputs[first:last] = as_windows(flat, grid)

    run_blocks(tiled if is_tiling(grid) else general, images)
