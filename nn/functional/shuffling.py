"""Channels and pixels put in another order: each is a reshape, a permutation and a reshape."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.naming import naming

from .arguments import shape_of

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


@naming
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Give each pixel an r x r square of pixels, from r^2 channels: r = ``upscale_factor``.

    Shapes: (..., C r^2, H, W) -> (..., C, H r, W r).

    Raises
    ------
    TypeError
        The factor is not an integer.
    ValueError
        The factor is not positive, or its square does not divide the channels.

    Examples
    --------
    >>> import autograd
    >>> pixel_shuffle(autograd.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]

    Source: ``torch.nn.functional.pixel_shuffle``.
    """
    *batch, channels, height, width = _image("pixel_shuffle", input)
    r = _positive("pixel_shuffle", "upscale_factor", upscale_factor)
    if channels % (r * r):
        raise ValueError(
            f"pixel_shuffle: upscale_factor {r} needs channels that {r * r} divides, got shape "
            f"{shape_of(input)}"
        )
    n = len(batch)
    squares = autograd.reshape(input, (*batch, channels // (r * r), r, r, height, width))
    ordered = autograd.permute(squares, (*range(n + 1), n + 3, n + 1, n + 4, n + 2))
    return autograd.reshape(ordered, (*batch, channels // (r * r), height * r, width * r))


@naming
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Make an r x r square of pixels r^2 channels: the inverse of :func:`pixel_shuffle`.

    Shapes: (..., C, H r, W r) -> (..., C r^2, H, W).

    Raises
    ------
    TypeError
        The factor is not an integer.
    ValueError
        The factor is not positive, or does not divide height and width.

    Examples
    --------
    >>> import autograd
    >>> pixel_unshuffle(autograd.arange(4.0).reshape(1, 2, 2), 2).tolist()
    [[[0.0]], [[1.0]], [[2.0]], [[3.0]]]

    Source: ``torch.nn.functional.pixel_unshuffle``.
    """
    *batch, channels, height, width = _image("pixel_unshuffle", input)
    r = _positive("pixel_unshuffle", "downscale_factor", downscale_factor)
    if height % r or width % r:
        raise ValueError(
            f"pixel_unshuffle: downscale_factor {r} must divide height and width, got shape "
            f"{shape_of(input)}"
        )
    n = len(batch)
    squares = autograd.reshape(input, (*batch, channels, height // r, r, width // r, r))
    ordered = autograd.permute(squares, (*range(n + 1), n + 2, n + 4, n + 1, n + 3))
    return autograd.reshape(ordered, (*batch, channels * r * r, height // r, width // r))


@naming
def channel_shuffle(input: Any, groups: int) -> Any:
    """Deal the channels of ``groups`` groups out in turn: channel j of group i becomes j g + i.

    Shapes: (N, C, ...) -> (N, C, ...).

    Raises
    ------
    TypeError
        ``groups`` is not an integer.
    ValueError
        ``groups`` is not positive, or does not divide the channels.

    Examples
    --------
    >>> import autograd
    >>> channel_shuffle(autograd.arange(6.0).reshape(1, 6, 1), 2).flatten().tolist()
    [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]

    Source: ``torch.nn.functional.channel_shuffle``.
    """
    shape = shape_of(input)
    if len(shape) < 3:
        raise ValueError(f"channel_shuffle: input must have shape (N, C, ...), got {shape}")
    g = _positive("channel_shuffle", "groups", groups)
    if shape[1] % g:
        raise ValueError(f"channel_shuffle: groups {g} must divide the channels, got shape {shape}")
    dealt = autograd.reshape(input, (shape[0], g, shape[1] // g, *shape[2:]))
    return autograd.reshape(autograd.transpose(dealt, 1, 2), shape)


def _image(function: str, input: Any) -> tuple[int, ...]:
    shape = shape_of(input)
    if len(shape) < 3:
        raise ValueError(f"{function}: input must have shape (..., C, H, W), got {shape}")
    return shape


def _positive(function: str, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{function}: {name} must be an int, got {value!r}")
    if value < 1:
        raise ValueError(f"{function}: {name} must be at least 1, got {value}")
    return int(value)
