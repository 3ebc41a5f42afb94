"""Which kernel computes a convolution: chosen by rank first, then by shapes and dtype.

A signal is an image of height 1, by a reshape; a volume is a stack of images whose slices become
channels (`nn.ops.volumes`). In the plane, 1x1 kernels are products image by image
(`nn.ops.pointwise`); one channel a group goes by banded matrices (`depthwise`); Winograd's way
serves 3x3 kernels of stride 1 in float32 (`winograd`); everything else are products with what the
windows meet: row by row (`row_products`), with many channels in large matrices, channels last
(`pixel_products`), and with dilated rows in matrices of all windows (`window_products`). Where
windows stride, pixels a stride apart get their gradient together (`phase_products`). An empty batch
costs nothing.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from autograd.parallel import pinned_blas
from nn.ops import (
    depthwise,
    phase_products,
    pixel_products,
    pointwise,
    row_products,
    window_products,
    winograd,
)
from nn.ops.volumes import DepthStack
from nn.ops.windows import WindowGrid

__all__ = ["Geometry", "correlate", "correlate_input", "correlate_weight"]


class Geometry(NamedTuple):
    """Sizes of a convolution along each axis, and its number of groups."""

    image: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    output: tuple[int, ...]
    groups: int

    def planar(self) -> Geometry:
        """Return what is left in the plane: a signal gets height 1, a volume loses its depth."""
        if len(self.image) == 3:
            return Geometry(*(sizes[1:] for sizes in self[:6]), self.groups)
        ones = (1, 1, 1, 0, 1, 1)
        sizes = ((one, *size) for one, size in zip(ones, self[:6], strict=True))
        return Geometry(*sizes, self.groups)

    def depth_stack(self) -> DepthStack:
        """Return how a volume is stacked."""
        return DepthStack(*(sizes[0] for sizes in self[:6]), self.groups)

    def grid(self) -> WindowGrid:
        """Return the windows over images."""
        return _grid(self)

    @property
    def is_product(self) -> bool:
        """Whether pixels times kernels do: each output meets one of its own, or all of them."""
        if any(self.padding):
            return False
        if set(self.kernel) == set(self.stride) == {1}:
            return self.image == self.output
        return self.groups == 1 and self.image == self.kernel and set(self.dilation) == {1}


@lru_cache(maxsize=256)
def _grid(geometry):
    return WindowGrid(*geometry[:4], geometry.output, geometry.dilation)


# BLAS is pinned around whole kernels, for its threads spin for some 20 ms after a product of their
# own, and would keep a core from the blocks that follow.


@pinned_blas()
def correlate(x, weight, bias, geometry):
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], for any rank."""
    shape = len(x), len(weight), *geometry.output
    if not len(x):
        return np.empty(shape, x.dtype)
    if geometry.is_product:
        pixels, kernels = _merged(x, weight, geometry)
        return pointwise.correlate(pixels, kernels, bias, geometry.groups).reshape(shape)
    if x.ndim == 4:
        return _correlate_images(x, weight, bias, geometry)
    plane = geometry.planar()
    if x.ndim == 3:
        y = _correlate_images(x[:, :, None], weight[:, :, None], bias, plane)
        return y.reshape(shape)
    stack = geometry.depth_stack()
    kernels = stack.flat_kernel(weight)
    y = np.empty(shape, x.dtype)
    for first, last in stack.blocks(x.shape):
        slices = _correlate_images(stack.stack(x[first:last]), kernels, bias, plane)
        slices = slices.reshape(last - first, stack.output, *slices.shape[1:])
        y[first:last] = slices.transpose(0, 2, 1, 3, 4)
    return y


@pinned_blas()
def correlate_input(y, weight, geometry):
    """Adjoint of `correlate` in x."""
    shape = len(y), weight.shape[1] * geometry.groups, *geometry.image
    if not len(y):
        return np.empty(shape, y.dtype)
    if geometry.is_product:
        values = y.reshape(*y.shape[:2], -1)
        kernels = weight.reshape(len(weight), -1)
        return pointwise.correlate_input(values, kernels, geometry.groups, shape)
    if y.ndim == 4:
        return _correlate_images_input(y, weight, geometry)
    plane = geometry.planar()
    if y.ndim == 3:
        x = _correlate_images_input(y[:, :, None], weight[:, :, None], plane)
        return x.reshape(shape)
    stack = geometry.depth_stack()
    kernels = stack.flat_kernel(weight)
    x = np.empty(shape, y.dtype)
    for first, last in stack.blocks(shape):
        stacked = _correlate_images_input(stack.slices(y[first:last]), kernels, plane)
        stack.unstack(stacked, x[first:last])
    return x


@pinned_blas()
def correlate_weight(y, x, geometry):
    """Adjoint of `correlate` in the kernel."""
    depth = x.shape[1] // geometry.groups
    shape = y.shape[1], depth, *geometry.kernel
    if not len(x):
        return np.zeros(shape, x.dtype)
    if geometry.is_product:
        values = y.reshape(*y.shape[:2], -1)
        pixels = x.reshape(len(x), -1, values.shape[2])
        return pointwise.correlate_weight(values, pixels, geometry.groups).reshape(shape)
    if x.ndim == 4:
        return _correlate_images_weight(y, x, geometry)
    plane = geometry.planar()
    if x.ndim == 3:
        return _correlate_images_weight(y[:, :, None], x[:, :, None], plane).reshape(shape)
    stack = geometry.depth_stack()
    total = 0
    for first, last in stack.blocks(x.shape):
        slices, stacked = stack.slices(y[first:last]), stack.stack(x[first:last])
        total = total + _correlate_images_weight(slices, stacked, plane)
    return stack.deep_kernel(total)


def _merged(x, weight, geometry):
    """Return pixels (N, C, positions) and kernels (K, C) of a pointwise or one-window product."""
    kernels = weight.reshape(len(weight), -1)
    return x.reshape(len(x), kernels.shape[1] * geometry.groups, -1), kernels


def _correlate_images(x, weight, bias, geometry):
    grid, groups = geometry.grid(), geometry.groups
    if depthwise.suits(x, weight.shape, groups):
        return depthwise.correlate(x, weight, bias, grid, groups)
    return _by_windows(x, weight, bias, grid, groups)


def _of_a_group(weight, groups):
    return len(weight) // groups, weight.shape[1]


def _by_windows(x, weight, bias, grid, groups):
    if winograd.suits(x.dtype, len(x), _of_a_group(weight, groups), grid):
        shifts = [None] * groups if bias is None else np.split(bias, groups)
        parts = np.split(x, groups, 1), np.split(weight, groups), shifts
        products = len(x) * weight.size * prod(grid.output)
        parts = winograd.of_groups(winograd.correlate, parts, grid, products)
        return parts[0] if groups == 1 else np.concatenate(parts, 1)
    return _products(weight.shape, grid).correlate(x, weight, bias, grid, groups)


def _products(weight_shape, grid):
    if pixel_products.suits(weight_shape, grid):
        return pixel_products
    return row_products if row_products.suits(grid) else window_products


def _correlate_images_input(y, weight, geometry):
    """With stride 1 it is the full correlation with the kernel flipped both ways.

    Channels and outputs are exchanged; unless there are many more outputs, that is fewer passes
    than adding windows.
    """
    grid, groups = geometry.grid(), geometry.groups
    if depthwise.suits(y, weight.shape, groups):
        return depthwise.correlate_input(y, weight, grid, groups)
    outputs, depth = _of_a_group(weight, groups)
    turned = grid.turned()
    winograds = winograd.suits(y.dtype, len(y), (outputs, depth), grid)
    if turned and (winograds or outputs <= 2 * depth):
        split = weight.reshape(groups, outputs, *weight.shape[1:])[..., ::-1, ::-1]
        flipped = split.transpose(0, 2, 1, 3, 4).reshape(groups * depth, outputs, *grid.kernel)
        return _by_windows(y, flipped, None, turned, groups)
    if phase_products.suits(weight.shape, grid):
        return phase_products.correlate_input(y, weight, grid, groups)
    return _products(weight.shape, grid).correlate_input(y, weight, grid, groups)


def _correlate_images_weight(y, x, geometry):
    grid, groups = geometry.grid(), geometry.groups
    shape = y.shape[1] // groups, x.shape[1] // groups
    if depthwise.suits(x, shape, groups):
        return depthwise.correlate_weight(y, x, grid, groups)
    if winograd.suits(x.dtype, len(x), shape, grid):
        parts = np.split(y, groups, 1), np.split(x, groups, 1)
        products = y.size * shape[1] * prod(grid.kernel)
        parts = winograd.of_groups(winograd.correlate_weight, parts, grid, products)
        return parts[0] if groups == 1 else np.concatenate(parts)
    return _products(shape, grid).correlate_weight(y, x, grid, groups)
