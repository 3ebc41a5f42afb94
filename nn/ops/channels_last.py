"""Turning images so that their channels come last, by groups of pixels.

Moving single floats from far apart is what transposing costs. Sixteen bytes at a time, four float32
pixels of a row, as one complex number, it takes a third of that; putting the four apart afterwards
stays within the cache.
"""

from __future__ import annotations

from math import prod

import numpy as np

__all__ = ["gathered", "padded", "pixels_together", "shaped"]


def shaped(room: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the beginning of a flat room as an array of this shape."""
    return room[: prod(shape)].reshape(shape)


def pixels_together(dtype: np.dtype) -> int:
    """Return how many pixels make sixteen bytes."""
    return 16 // dtype.itemsize


def padded(
    images: np.ndarray, origin: tuple[int, int], size: tuple[int, int], room: np.ndarray
) -> np.ndarray:
    """Copy images (N, C, H, W) into zeros (N, C, *size), their first pixel at ``origin``.

    The origin may be negative, and what lies outside is left out. Channels are set one row further
    apart than needed: 4 KB apart they would share few lines of the cache.
    """
    rows, columns = (
        (max(o, 0), max(min(o + n, m), max(o, 0)))
        for o, n, m in zip(origin, images.shape[2:], size, strict=True)
    )
    laid = shaped(room, (*images.shape[:2], size[0] + 1, size[1]))
    laid[:, :, : rows[0]] = 0
    laid[:, :, rows[1] :] = 0
    laid[:, :, rows[0] : rows[1], : columns[0]] = 0
    laid[:, :, rows[0] : rows[1], columns[1] :] = 0
    top, left = rows[0] - origin[0], columns[0] - origin[1]
    source = images[:, :, top : top + rows[1] - rows[0], left : left + columns[1] - columns[0]]
    laid[:, :, rows[0] : rows[1], columns[0] : columns[1]] = source
    return laid[:, :, : size[0]]


def gathered(images: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return images (N, C, H, W), whole groups of pixels wide, as (N, H, W / group, C, group)."""
    number, channels, height, width = images.shape
    group = pixels_together(images.dtype)
    laid = shaped(room, (number, height, width // group, channels, group))
    laid.view(np.complex128)[..., 0] = images.view(np.complex128).transpose(0, 2, 3, 1)
    return laid
