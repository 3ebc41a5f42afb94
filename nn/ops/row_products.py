"""Convolution as stacks of small matrix products, one for each row of output.

For each column of a kernel, the pixels that a row of windows meets there are laid out as a run. The
runs of all columns and channels, row below row, are such that what a row of output meets is one
matrix, and what the next row meets is the same matrix moved on: nothing is copied once more for
each row of the kernel. Products of up to a million multiplications BLAS makes where operands lie;
a stack of them reaches its full speed, in one call.
"""

from __future__ import annotations

from math import prod

import numpy as np

from autograd.parallel import parallel_for
from nn.ops.calls import MANY, Calls
from nn.ops.row_layout import BLOCKS, Plan
from nn.ops.small_products import SMALL, divisor, pieces_of
from nn.ops.windows import WindowGrid

__all__ = ["correlate", "correlate_input", "correlate_weight", "suits"]

FEW_LINES = 32  # that a row of the kernel meets
POSITIONS = 256  # that a product of the kernel's gradient sums over, about
# Small products with a transposed factor are fast if they are no larger than that, and sum over so
# many positions at least; they need no copy of dy.
TILE, LEAST_TILE, LEAST_TILED = (32, 16), 6, 512
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB


def suits(grid: WindowGrid) -> bool:
    """Return whether rows of the kernel meet consecutive rows."""
    return grid.dilation[0] == 1


def correlate(x, weight, bias, grid, groups):
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], c in the group of k.

    The bias is the weight of a line of ones.
    """
    batch, outputs = len(x), len(weight)
    plan = Plan(batch, weight.shape, grid, groups)
    y = np.empty((batch, outputs, *grid.output), x.dtype)
    ones = int(bias is not None)
    size = grid.kernel[0] * (plan.lines + ones)
    pieces = pieces_of(plan.outputs, size * plan.columns)
    # With its outputs last a kernel is a transposed factor, which BLAS likes best.
    kernels = np.zeros((groups, grid.kernel[0], plan.lines + ones, plan.outputs), x.dtype)
    by_output = np.ascontiguousarray(weight.reshape(groups, plan.outputs, -1).swapaxes(1, 2))
    by_output = by_output.reshape(groups, plan.depth, *grid.kernel, plan.outputs)
    taps = kernels[:, :, : plan.lines].reshape(groups, *grid.kernel, plan.depth, plan.outputs)
    taps[...] = by_output.transpose(0, 2, 3, 1, 4)
    if ones:
        kernels[:, 0, -1] = bias.reshape(groups, -1)
    kernels = kernels.reshape(groups, size, 1, pieces, -1).transpose(0, 2, 3, 4, 1)
    # Rows of y that lie 4 KB apart share few lines of the cache.
    aside = plan.side > 1 or prod(grid.output) % 1024 == 0

    def work(block):
        rows = plan.met(plan.band)
        lines = plan.room((rows, plan.lines + ones), x.dtype, zero=plan.side > 1)
        strip, group, row, line, *_ = lines.strides
        if ones:
            lines[:, :, :, -1] = 1
        laid = plan.by_column(lines)
        plan.clear_sides(np.moveaxis(laid, 3, 0))
        shape = *lines.shape[:2], plan.band, 1, size, plan.columns
        strides = strip, group, grid.stride[0] * row, 0, line, lines.itemsize
        windows = np.ndarray(shape, lines.dtype, lines, 0, strides)
        room = plan.room((plan.band, plan.outputs), x.dtype) if aside else None
        calls = Calls()
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            plan.lay(x, piece, laid, calls)
            targets = plan.by_image(y[first:last, :, top:bottom])
            if aside:
                products = room[: len(targets[0]), :, : bottom - top]
            else:
                products = targets[0].swapaxes(2, 3)[..., None, :]
            split = *products.shape[:3], pieces, -1, plan.columns
            some = windows[: len(products), :, : bottom - top]
            calls.add(np.matmul, kernels, some, products.reshape(split))
            if aside:
                for s, target in enumerate(targets):
                    calls.copy(target, products[: len(target), ..., s, :].swapaxes(2, 3))
            calls.make(MANY)
        calls.make()

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    return y


def correlate_input(dy, weight, grid, groups):
    """Gradient of the image: each dy spread over its window, weighted by the kernel."""
    batch, outputs = dy.shape[:2]
    dy = np.ascontiguousarray(dy)
    dx = np.empty((batch, groups * weight.shape[1], *grid.image), dy.dtype)
    plan = Plan(batch, weight.shape, grid, groups, whole_images=True)
    lines = grid.kernel[0], plan.lines
    pieces = pieces_of(prod(lines), plan.outputs * plan.columns)
    kernels = weight.reshape(groups, plan.outputs, -1, *grid.kernel).transpose(0, 1, 3, 4, 2)
    kernels = np.ascontiguousarray(kernels).reshape(groups, plan.outputs, 1, pieces, -1)
    kernels = kernels.transpose(0, 2, 3, 4, 1)
    stride, step = grid.stride
    phases = [(phase, plan.met_in_phase(phase)) for phase in range(step)]
    bands = len(plan.bands) > 1
    whole = not bands and plan.met_rows(plan.blocks[0][0])[1] == slice(0, grid.image[0], 1)
    whole = whole and all(met for _, met in phases)
    aside = plan.side > 1 or prod(grid.output) % 1024 == 0

    def work(block):
        given = plan.room((plan.band, plan.outputs), dy.dtype, zero=plan.side > 1)
        spread = plan.room((plan.band, *lines), dy.dtype)
        split = *spread.shape[:3], pieces, -1, plan.columns
        products = spread.reshape(split)
        laid = plan.room((plan.met(plan.band), plan.lines), dy.dtype, zero=stride > grid.kernel[0])
        by_column = plan.by_column(laid)
        calls = Calls()
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            height = bottom - top
            sources = plan.by_image(dy[first:last, :, top:bottom])
            some = slice(len(sources[0]))
            if aside:
                values = given[some, :, :height]
                for s, images in enumerate(sources):
                    calls.copy(values[: len(images), ..., s, :], images.swapaxes(2, 3))
                values = values.reshape(*values.shape[:4], plan.columns)
            else:
                values = sources[0].swapaxes(2, 3)
            calls.add(np.matmul, kernels, values[:, :, :, None], products[some, :, :height])
            for i in range(grid.kernel[0]):
                place = laid[some, :, i : i + (height - 1) * stride + 1 : stride]
                new = height - 1 if i >= stride else 0  # rows before were added to already
                calls.add(np.copyto, place[:, :, new:], spread[some, :, new:height, i])
                if new:
                    place = place[:, :, :new]
                    calls.add(np.add, place, spread[some, :, :new, i], place)
            if not top and not whole:
                calls.clear(dx[first:last])
            rows, of_rows = plan.met_rows(piece)
            for s, target in enumerate(plan.by_image(dx[first:last])):
                source = by_column[: len(target), :, rows, ..., s, :].transpose(0, 1, 4, 2, 3, 5)
                for phase, met in phases:
                    place = target[..., of_rows, phase::step]
                    sums = place
                    if bands or step > 1:  # made side by side, and put a stride apart in one pass
                        sums = calls.room("sums", place.shape, dx.dtype)
                    for n, (j, columns, pixel) in enumerate(met):
                        some = sums[..., pixel : pixel + columns.stop - columns.start]
                        if n:
                            calls.add(np.add, some, source[:, :, :, :, j, columns], some)
                        else:
                            calls.copy(some, source[:, :, :, :, j, columns])
                            beyond = pixel + columns.stop - columns.start
                            calls.clear(sums[..., :pixel], sums[..., beyond:])
                    if bands and met:
                        calls.add(np.add, place, sums, place)
                    elif step > 1 and met:
                        calls.add(np.copyto, place, sums)
            calls.make(MANY)
        calls.make()

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    return dx


def correlate_weight(dy, x, grid, groups):
    """Gradient of the kernel: for each of its offsets, dy times the pixels that it met.

    What a row of the kernel meets with one of its columns, in all rows of output, is one run if
    rows that lie ``stride`` apart are laid out together, channel by channel.
    """
    outputs, depth = dy.shape[1], x.shape[1] // groups
    shape = outputs, depth, *grid.kernel
    blocks = min(max(PARTIAL_FLOATS // prod(shape), 2), BLOCKS)
    plan = Plan(len(x), shape, grid, groups, blocks)
    dy = np.ascontiguousarray(dy)
    stride = grid.stride[0]
    phases, reach = min(stride, grid.kernel[0]), (grid.kernel[0] - 1) // stride
    tile = tuple(map(divisor, (plan.outputs, plan.lines), TILE))
    tiled = plan.side == 1 and min(tile) >= LEAST_TILE
    tiled = tiled and plan.band * plan.columns >= LEAST_TILED
    most = SMALL // prod(tile) if tiled else POSITIONS
    most = max(1, most // plan.columns)  # rows in a product
    positions = min(most, plan.band) * plan.columns
    # Another product of few lines takes those of all rows of the kernel, and dy as it lies too.
    few = not tiled and plan.lines < FEW_LINES
    as_it_lies = plan.side == 1 and (tiled or few)
    together = grid.kernel[0] if few else 1
    lines = together * plan.lines
    rows = grid.kernel[0] // together  # of the kernel, apart
    if tiled:
        across, down = plan.outputs // tile[0], plan.lines // tile[1]
        shape = groups, down, across, *tile
    else:
        across = pieces_of(plan.outputs, positions * min(lines, FEW_LINES))
        down = pieces_of(lines, positions * plan.outputs // across)
        shape = groups, across, down, lines // down, plan.outputs // across
    parts = np.empty((len(plan.blocks), rows, *shape), x.dtype)

    def work(block):
        laid = grid.kernel[1], depth, phases, plan.band + reach
        laid = plan.room(laid, x.dtype, zero=plan.side > 1)
        plan.clear_sides(np.moveaxis(laid, 2, 0))
        total, sums = parts[block], None
        calls = Calls()
        for piece in plan.blocks[block]:
            first, last, top, bottom = piece
            strips, height = -(-(last - first) // plan.side), bottom - top
            plan.lay_by_phase(x, piece, laid, calls)
            near = next(n for n in range(min(most, height), 0, -1) if height % n == 0)
            split = strips, groups, height // near, near * plan.columns
            values = dy[first:last, :, top:bottom]
            if as_it_lies:
                values = values.reshape(strips, groups, across, -1, *split[2:])
                values = values.transpose(0, 1, 4, 2, 5, 3)
            else:
                turned = strips, groups, height * plan.columns, plan.outputs
                turned, room = (calls.room(name, turned, x.dtype) for name in ("turned", "room"))
                plan.turn(values, turned, room, calls)
                values = turned.reshape(*split, across, -1).transpose(0, 1, 2, 4, 3, 5)
            starts = [divmod(i, stride) for i in range(grid.kernel[0])]
            met = [laid[:strips, :, :, :, f, q : q + height] for q, f in starts]
            products = calls.room("products", (rows, *split[:3], *shape[1:]), x.dtype)
            if few:
                stacked = *met[0].shape[:2], len(met), *met[0].shape[2:]
                stacked = calls.room("stacked", stacked, x.dtype)
                for i, some in enumerate(met):
                    calls.add(np.copyto, stacked[:, :, i], some)
                met = [stacked]
            for n, some in enumerate(met):
                some = some.reshape(*split[:2], 1, down, -1, *split[2:])
                some = some.transpose(0, 1, 5, 2, 3, 4, 6)
                factors = some, values[:, :, :, :, None]
                if tiled:
                    factors = (factor.swapaxes(3, 4).swapaxes(5, 6) for factor in factors[::-1])
                calls.add(np.matmul, *factors, products[n])
            if sums is None:  # of the first piece
                calls.add(np.add.reduce, products, (1, 3), None, total)
                sums = np.empty_like(total)
            else:
                calls.add(np.add.reduce, products, (1, 3), None, sums)
                calls.add(np.add, total, sums, total)
            calls.make(MANY)
        calls.make()

    parallel_for(work, len(plan.blocks), seconds=plan.seconds, long_calls=True)
    dw = np.add.reduce(parts, 0).transpose((1, 3, 4, 0, 2, 5) if tiled else (1, 2, 5, 0, 3, 4))
    dw = dw.reshape(outputs, *grid.kernel, depth)
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))
