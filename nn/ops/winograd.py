"""Winograd's minimal filtering F(4x4, 3x3): sixteen outputs of a 3x3 convolution for 36 products.

An output tile of 4x4 is ``A^T [(G w G^T) * (B^T d B)] A`` of its 6x6 input tile d (Lavin & Gray,
"Fast Algorithms for Convolutional Neural Networks", 2016): 36 multiplications instead of 144. Over
channels the product is 36 small matrix products; `nn.ops.winograd_tiles` does the transforms.

The price is rounding: a relative error of about 2e-6 where direct summation in float32 has 3e-7;
and a pixel that is infinite or NaN spoils all 16 outputs of its tiles, not nine. It is therefore
used in float32 only, for 3x3 kernels of stride 1 with enough channels; float64, and so every
gradient check, takes the direct way. ``nn.set_winograd(False)`` turns it off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.parallel import block_ranges, parallel_for
from nn.ops.windows import WindowGrid
from nn.ops.winograd_tiles import BLOCKS, TILE, Tiling

__all__ = ["correlate", "correlate_weight", "of_groups", "set_winograd", "suits"]

LEAST_CHANNELS = 20  # fewer, and transforming takes longer than it saves
TOGETHER = 16  # tiles in a product: with fewer, BLAS is slow
LEAST_TILES = 48  # of a batch: for fewer it does not pay to transform the kernels
PARTIAL_FLOATS = 1 << 22  # of all blocks' partial sums of the kernel's gradient: 16 MB
SECONDS_PER_PRODUCT = 1e-11

# The kernel's transform, for all kernels at once: kron(G, G) is (36, 9).
_G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
FILTER = np.kron(_G, _G).astype(np.float32)
OF_ALL = 7  # in a tile's 36 numbers, the one that counts once in each of its outputs

_enabled: ContextVar[bool] = ContextVar("winograd", default=True)


class set_winograd:  # noqa: N801 - named as PyTorch names its switches
    """Allow or forbid Winograd's convolution, at once, or for a ``with`` block.

    It serves 3x3 kernels of stride 1 with 20 channels and more, in float32 only, and takes about
    half the time. Its relative error, the norm of the error over that of the result, is 1.2e-6 over
    24 channels, 1.7e-6 over 64 and 3.2e-6 over 256, where summing directly has 3e-7. A backward
    chooses when it runs, so it belongs into the block too. The setting holds for its own thread and
    its own async task.

    Examples
    --------
    >>> import nn
    >>> with nn.set_winograd(False):
    ...     pass  # convolutions, and their backward
    >>> nn.set_winograd(True)
    set_winograd(True)

    Source: Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
    """

    def __init__(self, enabled: bool) -> None:
        if not isinstance(enabled, bool):
            raise TypeError(f"set_winograd: expected a bool, got {type(enabled).__name__}")
        self._before, self._enabled = _enabled.get(), enabled
        _enabled.set(enabled)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *failure: object) -> None:
        _enabled.set(self._before)

    def __repr__(self) -> str:
        return f"set_winograd({self._enabled})"


def suits(dtype: np.dtype, batch: int, weight_shape: tuple[int, ...], grid: WindowGrid) -> bool:
    """Return whether Winograd's way is allowed here, and faster (as measured)."""
    outputs, channels = weight_shape[:2]
    height, width = grid.output
    tiles = -(-height // TILE) * -(-width // TILE)
    return (
        _enabled.get()
        and dtype == np.float32
        and grid.kernel == (3, 3)
        and grid.stride == grid.dilation == (1, 1)
        and max(grid.padding) <= 2
        and min(channels, outputs) >= LEAST_CHANNELS
        and tiles * TILE * TILE <= 1.6 * height * width
        and tiles * -(-batch // BLOCKS) >= TOGETHER
        and tiles * batch >= LEAST_TILES
    )


def of_groups(
    kernel: Callable[..., np.ndarray],
    operands: Sequence[Sequence[Any]],
    grid: WindowGrid,
    products: int,
) -> list[np.ndarray]:
    """Return what a kernel makes of each group, of so many products in all.

    Groups are often too small to be shared between threads, but together they are not.
    """
    groups = list(zip(*operands, strict=True))
    parts: list[Any] = [None] * len(groups)

    def work(group: int) -> None:
        parts[group] = kernel(*groups[group], grid.padding)

    if len(groups) > 1:
        parallel_for(work, len(groups), seconds=SECONDS_PER_PRODUCT * products)
    else:
        work(0)
    return parts


def correlate(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, padding: tuple[int, int]
) -> np.ndarray:
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c]."""
    channels, outputs = x.shape[1], len(weight)
    height, width = x.shape[2] + 2 * padding[0] - 2, x.shape[3] + 2 * padding[1] - 2
    y = np.empty((len(x), outputs, height, width), np.float32)
    kernels = np.ascontiguousarray(weight.transpose(3, 2, 1, 0)).reshape(9, -1)  # column by column
    kernels = (FILTER @ kernels).reshape(36, channels, outputs)
    widest = max(channels, outputs)
    tiling = Tiling(len(x), (height, width), padding, widest)

    def work(block: int) -> None:
        rooms = [tiling.room(widest) for _ in range(2)]
        v_room, m_room = tiling.room(channels), tiling.room(outputs)
        for piece in tiling.blocks[block]:
            count = tiling.count(piece)
            v = v_room[: 36 * count * channels].reshape(36, count, channels)
            m = m_room[: 36 * count * outputs].reshape(36, count, outputs)
            tiling.input_tiles(x, piece, rooms, v)
            np.matmul(v, kernels, out=m)
            if bias is not None:
                np.add(m[OF_ALL], bias, out=m[OF_ALL])
            tiling.output_tiles(m, piece, rooms, y)

    seconds = SECONDS_PER_PRODUCT * 9 * y.size * channels
    parallel_for(work, len(tiling.blocks), seconds=seconds)
    return y


def correlate_weight(dy: np.ndarray, x: np.ndarray, padding: tuple[int, int]) -> np.ndarray:
    """Gradient of the kernel: ``G^T [sum over tiles of (A dy A^T) * (B^T d B)] G``."""
    channels, outputs = x.shape[1], dy.shape[1]
    blocks = min(max(PARTIAL_FLOATS // (36 * outputs * channels), 2), BLOCKS)
    widest = max(channels, outputs)
    tiling = Tiling(len(x), dy.shape[2:], padding, widest, blocks)
    parts = np.zeros((len(tiling.blocks), 36, outputs, channels), np.float32)
    # Each product adds to 36 sums for every pair of channels: it must be over many tiles to pay.
    together = max(1, widest // tiling.tiles)

    def work(block: int) -> None:
        rooms = [tiling.room(widest) for _ in range(2)]
        pieces = tiling.blocks[block]
        count = tiling.tiles * min(together, len(pieces))
        v_room = np.empty((36, count, channels), np.float32)
        m_room = np.empty((36, count, outputs), np.float32)
        total = parts[block]
        product = np.empty_like(total) if len(pieces) > together else total
        for start, stop in block_ranges(len(pieces), together):
            filled = 0
            for piece in pieces[start:stop]:
                last = filled + tiling.count(piece)
                tiling.input_tiles(x, piece, rooms, v_room[:, filled:last])
                tiling.spread_tiles(dy, piece, rooms, m_room[:, filled:last])
                filled = last
            np.matmul(m_room[:, :filled].transpose(0, 2, 1), v_room[:, :filled], out=product)
            if product is not total:
                np.add(total, product, out=total)

    seconds = SECONDS_PER_PRODUCT * 9 * dy.size * channels
    parallel_for(work, len(tiling.blocks), seconds=seconds)
    sums = np.add.reduce(parts, 0).reshape(36, -1)
    kernels = (FILTER.T @ sums).reshape(3, 3, outputs, channels)
    return np.ascontiguousarray(kernels.transpose(2, 3, 1, 0))
