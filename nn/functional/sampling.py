"""Reading images at places that a grid names: the differentiable half of a spatial transformer."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

import autograd
from autograd.naming import naming
from nn import ops
from nn.ops.taps import cubic

from .arguments import check_dtype, check_floating, ints, shape_of

__all__ = ["affine_grid", "grid_sample"]


@naming
def affine_grid(theta: Any, size: tuple[int, ...], align_corners: bool | None = None) -> Any:
    """Return where an image of ``size`` reads under affine maps: theta (x, y, 1) at each pixel.

    Pixel centres are spread evenly over [-1, 1]: with ``align_corners`` the first and last are at
    its ends, otherwise the edges of the image are.

    Shapes: theta (N, 2, 3), size (N, C, H, W) -> (N, H, W, 2) of (x, y); theta (N, 3, 4), size
    (N, C, D, H, W) -> (N, D, H, W, 3) of (x, y, z).

    Raises
    ------
    TypeError
        ``theta`` is not floating-point, or ``size`` is not made of integers.
    ValueError
        Shapes do not fit together.

    Examples
    --------
    >>> import autograd
    >>> identity = autograd.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> affine_grid(identity, (1, 1, 1, 2)).tolist()
    [[[[-0.5, 0.0], [0.5, 0.0]]]]

    Source: ``torch.nn.functional.affine_grid``.
    """
    check_floating("affine_grid", theta=theta)
    size = tuple(size)
    if len(size) not in (4, 5):
        raise ValueError(f"affine_grid: size must be (N, C, H, W) or (N, C, D, H, W), got {size}")
    size = ints("affine_grid", "size", size, len(size), 1)
    rank = len(size) - 2
    expected = (size[0], rank, rank + 1)
    if shape_of(theta) != expected:
        raise ValueError(
            f"affine_grid: for size {size} theta must have shape {expected}, got {shape_of(theta)}"
        )
    ends = [1 if align_corners else (n - 1) / n for n in size[2:]]
    axes = [
        np.linspace(-e, e, n) if n > 1 else np.zeros(1) for e, n in zip(ends, size[2:], strict=True)
    ]
    places = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(size[2:])], -1)
    points = autograd.tensor(places.reshape(-1, rank + 1), dtype=theta.dtype)
    return (points @ theta.transpose(1, 2)).reshape(size[0], *size[2:], rank)


@naming
def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """Read images at the places of a grid, which is differentiated as well.

    Shapes: input (N, C, H, W), grid (N, H_out, W_out, 2) of (x, y) -> (N, C, H_out, W_out); or
    input (N, C, D, H, W), grid (N, D_out, H_out, W_out, 3) -> (N, C, D_out, H_out, W_out).

    Parameters
    ----------
    input : Tensor
    grid : Tensor
        Places, -1 and 1 being the edges of the image, or with ``align_corners`` the centres of its
        first and last pixels.
    mode : {"bilinear", "nearest", "bicubic"}
        "bilinear" is trilinear in volumes, "bicubic" is for images only.
    padding_mode : {"zeros", "border", "reflection"}
        What is outside: zeros, the edge, or the mirror image.
    align_corners : bool, optional

    Raises
    ------
    TypeError
        The operands are not floating-point, or of different dtypes.
    ValueError
        Shapes do not fit together, or there is no such mode.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[[1.0, 3.0]]]])
    >>> grid_sample(x, autograd.tensor([[[[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]]]])).tolist()
    [[[[2.0, 3.0, 1.5]]]]

    Source: ``torch.nn.functional.grid_sample``; Jaderberg et al., Spatial Transformer Networks.
    """
    check_dtype("grid_sample", input, grid=grid)
    shape, places = shape_of(input), shape_of(grid)
    rank = len(shape) - 2
    if rank not in (2, 3) or len(places) != rank + 2 or places[-1] != rank or places[0] != shape[0]:
        raise ValueError(
            "grid_sample: input and grid must have shapes (N, C, H, W) and (N, H_out, W_out, 2), "
            f"or (N, C, D, H, W) and (N, D_out, H_out, W_out, 3), got {shape} and {places}"
        )
    if 0 in shape[1:]:
        raise ValueError(f"grid_sample: input must have no empty axis but N, got shape {shape}")
    if mode not in ("bilinear", "nearest", "bicubic") or (mode == "bicubic" and rank == 3):
        raise ValueError(
            "grid_sample: mode must be 'bilinear', 'nearest' or (of images) 'bicubic', got "
            f"{mode!r} for input of shape {shape}"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "grid_sample: padding_mode must be 'zeros', 'border' or 'reflection', got "
            f"{padding_mode!r}"
        )
    corners = bool(align_corners)
    axes = []
    for axis, n in enumerate(shape[2:]):
        at = _in_pixels(grid[..., rank - 1 - axis], n, corners)
        axes.append(_taps(at, n, mode, padding_mode, corners))
    total = None
    for taps in itertools.product(*axes):
        part = _read(input, taps, shape, places)
        total = part if total is None else total + part
    return total


def _in_pixels(x: Any, n: int, corners: bool) -> Any:
    """Return a place on [-1, 1] as a place among n pixels."""
    return (x + 1) * ((n - 1) / 2) if corners else (x + 1) * (n / 2) - 0.5


def _taps(at: Any, n: int, mode: str, padding: str, corners: bool) -> list[tuple[Any, Any]]:
    """Return which pixels of an axis are read, and their weights (None is 1)."""
    if mode == "bicubic":
        first = np.floor(_array(at))
        near = at - first
        pixels = [_array(_within(first + k, n, padding, corners)) for k in range(-1, 3)]
        return [
            (pixel, cubic(near - k, -0.75)) for k, pixel in zip(range(-1, 3), pixels, strict=True)
        ]
    at = _within(at, n, padding, corners)
    if mode == "nearest":
        return [(np.round(_array(at)), None)]
    first = np.floor(_array(at))
    return [(first, first + 1 - at), (first + 1, at - first)]


def _within(at: Any, n: int, padding: str, corners: bool) -> Any:
    """Return a place within the image, as the padding says; of "zeros" the place itself."""
    if padding == "zeros":
        return at
    if padding == "reflection":
        low, span = (0.0, float(n - 1)) if corners else (-0.5, float(n))
        if span == 0:
            return autograd.zeros_like(at) if hasattr(at, "payload") else np.zeros_like(at)
        distance = autograd.abs(at - low)
        turns = np.floor(_array(distance) / span)
        rest = distance - turns * span
        at = autograd.where(turns % 2 == 0, rest, span - rest) + low
    inside = (_array(at) > 0) & (_array(at) < n - 1)  # at the edge no gradient, as PyTorch
    return autograd.where(inside, at, np.clip(_array(at), 0, n - 1))


def _read(input: Any, taps: Any, shape: tuple[int, ...], places: tuple[int, ...]) -> Any:
    """Read one pixel for each place, times its weights; nothing outside the image."""
    inside, index, weight = np.True_, np.int64(0), None
    for (pixel, share), n in zip(taps, shape[2:], strict=True):
        within = (pixel >= 0) & (pixel <= n - 1)
        inside = inside & within
        index = index * n + np.where(within, pixel, 0).astype(np.int64)
        if share is not None:
            weight = share if weight is None else weight * share
    output = (shape[0], shape[1], *places[1:-1])
    read = ops.take_at(input, indices=np.broadcast_to(index[:, None], output))
    if weight is None:
        return autograd.where(inside[:, None], read, 0.0)
    return read * autograd.where(inside, weight, 0.0).unsqueeze(1)


def _array(x: Any) -> np.ndarray:
    return np.asarray(getattr(x, "payload", x))
