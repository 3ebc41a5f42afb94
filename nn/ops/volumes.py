"""Convolution of volumes as convolution of images: depth offsets of the kernel become channels.

Output slice d of a volume meets input slices ``d stride - padding + i dilation``, one for each
depth offset i of the kernel. Stacked as channels, they are an image, and the kernel's depth is part
of its channels: one convolution in the plane does the rest. `stack` and `unstack` are adjoint.
"""

from __future__ import annotations

import numpy as np

from autograd.parallel import block_ranges

__all__ = ["DepthStack"]

BLOCK_FLOATS = 1 << 22  # of stacked slices at a time: 16 MB in float32


class DepthStack:
    """How slices of a volume are stacked for a kernel of some depth.

    Attributes
    ----------
    output : int
        Slices of the result.
    """

    def __init__(self, depth, kernel, stride, padding, dilation, output, groups):
        self.depth, self.kernel, self.output, self.groups = depth, kernel, output, groups
        self._cuts = []  # for each depth offset: output slices [start, stop), and what they meet
        for i in range(kernel):
            shift = i * dilation - padding
            start = min(max(-(shift // stride), 0), output)
            stop = min(max((depth - 1 - shift) // stride + 1, start), output)
            first = start * stride + shift
            self._cuts.append((start, stop, slice(first, first + (stop - start) * stride, stride)))

    def blocks(self, shape):
        """Cut a batch of volumes (N, C, D, H, W), so that a block's stacked slices are few."""
        floats = self.output * self.kernel * int(np.prod(shape[1:2] + shape[3:]))
        return block_ranges(shape[0], max(1, BLOCK_FLOATS // max(floats, 1)))

    def stack(self, volumes):
        """Return (N D_out, groups kernel C / groups, H, W) of volumes (N, C, D, H, W)."""
        batch, channels, _, height, width = volumes.shape
        shape = batch, self.output, self.groups, self.kernel, channels // self.groups
        stacked = np.empty((*shape, height, width), volumes.dtype)
        source = volumes.reshape(batch, self.groups, -1, *volumes.shape[2:])
        source = source.transpose(0, 3, 1, 2, 4, 5)
        for i, (start, stop, met) in enumerate(self._cuts):
            stacked[:, :start, :, i] = 0
            stacked[:, start:stop, :, i] = source[:, met]
            stacked[:, stop:, :, i] = 0
        return stacked.reshape(batch * self.output, -1, height, width)

    def unstack(self, stacked, volumes):
        """Add every stacked slice to the slice that it came from: ``volumes`` (N, C, D, H, W)."""
        volumes[...] = 0
        batch, channels = volumes.shape[:2]
        shape = batch, self.output, self.groups, self.kernel, channels // self.groups
        stacked = stacked.reshape(*shape, *stacked.shape[2:])
        target = volumes.reshape(batch, self.groups, -1, *volumes.shape[2:])
        target = target.transpose(0, 3, 1, 2, 4, 5)
        for i, (start, stop, met) in enumerate(self._cuts):
            target[:, met] += stacked[:, start:stop, :, i]

    def flat_kernel(self, weight):
        """Return kernels (K, C, depth, h, w) as kernels (K, depth C, h, w) of images."""
        return weight.transpose(0, 2, 1, 3, 4).reshape(len(weight), -1, *weight.shape[3:])

    def deep_kernel(self, weight):
        """Return kernels (K, depth C, h, w) as (K, C, depth, h, w): undoes `flat_kernel`."""
        deep = weight.reshape(len(weight), self.kernel, -1, *weight.shape[2:])
        return np.ascontiguousarray(deep.transpose(0, 2, 1, 3, 4))

    def slices(self, volumes):
        """Return the slices of (N, C, D_out, H, W) as images (N D_out, C, H, W)."""
        return volumes.transpose(0, 2, 1, 3, 4).reshape(-1, *np.delete(volumes.shape, (0, 2)))
