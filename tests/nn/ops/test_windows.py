"""The flat layout of windows: what each offset meets, and its adjoint."""

import itertools

import numpy as np
import pytest

from nn.ops.windows import WindowGrid, output_size

GRIDS = [
    (image, kernel, stride, padding, dilation)
    for image, kernel, stride, padding, dilation in itertools.product(
        [(5, 6), (7, 4)],
        [(3, 3), (1, 1), (2, 4)],
        [(1, 1), (2, 3), (4, 2)],
        [(0, 0), (1, 2)],
        [(1, 1), (2, 1), (1, 2)],
    )
    if all(
        d * (k - 1) < n + 2 * p for n, k, p, d in zip(image, kernel, padding, dilation, strict=True)
    )
]


@pytest.mark.parametrize(("image", "kernel", "stride", "padding", "dilation"), GRIDS)
def test_each_offset_meets_its_pixels(rng, image, kernel, stride, padding, dilation):
    grid = WindowGrid(image, kernel, stride, padding, dilation=dilation)
    x = rng.standard_normal((2, 3, *image))
    padded = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    planes = grid.planes(3, 2, x.dtype)
    planes[...] = np.nan
    grid.lay(x, planes)
    run = grid.run(2)
    columns = np.full((len(grid.offsets) * 3, run), np.nan)
    grid.columns_of(planes, columns, 0, run)
    for k, (i, j) in enumerate(np.ndindex(*kernel)):
        i, j = i * dilation[0], j * dilation[1]
        for channel in range(3):
            room = np.full((1, 2, grid.rows, grid.columns), np.nan)
            room.reshape(-1)[:run] = columns[k * 3 + channel]
            height, width = grid.output
            expected = padded[
                :,
                channel,
                i : i + stride[0] * (height - 1) + 1 : stride[0],
                j : j + stride[1] * (width - 1) + 1 : stride[1],
            ]
            assert np.array_equal(grid.windows_in(room)[:, 0], expected)


@pytest.mark.parametrize(("image", "kernel", "stride", "padding", "dilation"), GRIDS)
def test_pick_up_undoes_lay_where_windows_reach(rng, image, kernel, stride, padding, dilation):
    grid = WindowGrid(image, kernel, stride, padding, dilation=dilation)
    x = rng.standard_normal((2, 3, *image))
    planes = grid.planes(3, 2, x.dtype)
    grid.lay(x, planes, fill=7)
    back = np.full_like(x, np.nan)
    grid.pick_up(planes, back)
    reached = [
        {i * s + k * d - p for i in range(n) for k in range(size)}
        for s, p, n, size, d in zip(stride, padding, grid.output, kernel, dilation, strict=True)
    ]
    inside = np.zeros(image, bool)
    inside[
        np.ix_(*([i for i in range(n) if i in r] for n, r in zip(image, reached, strict=True)))
    ] = 1
    assert np.array_equal(back[:, :, inside], x[:, :, inside])
    assert not np.isnan(back).any()


def test_output_sizes_are_pytorchs(torch):
    for size, kernel, stride, padding, ceil, dilation in itertools.product(
        range(1, 12), range(1, 5), range(1, 5), range(3), (False, True), (1, 2)
    ):
        if 2 * padding > kernel:
            continue
        ours = output_size(size, kernel, stride, padding, ceil, dilation)
        if ours < 1:
            continue
        image = torch.zeros(1, 1, size)
        pooled = torch.nn.functional.max_pool1d(image, kernel, stride, padding, dilation, ceil)
        assert pooled.shape[2] == ours
