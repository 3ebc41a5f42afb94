"""Resampling to another size, with PyTorch's arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.naming import naming
from nn import ops
from nn.ops.taps import resampling_taps

from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .arguments import check_floating, ints, shape_of

__all__ = ["interpolate"]

# Of each mode: along an axis, and for how many axes.
MODES = {
    "nearest": ("nearest", (1, 2, 3)),
    "nearest-exact": ("nearest-exact", (1, 2, 3)),
    "area": ("area", (1, 2, 3)),
    "linear": ("linear", (1,)),
    "bilinear": ("linear", (2,)),
    "trilinear": ("linear", (3,)),
    "bicubic": ("cubic", (2,)),
}


@naming
def interpolate(
    input: Any,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Resample images to another size: a linear map along each axis.

    Pixel j of an axis is read at (j + 1/2) s - 1/2 of the input, s = n / n_out; with
    ``align_corners`` at j (n - 1) / (n_out - 1).

    Shapes: (N, C, L), (N, C, H, W) or (N, C, D, H, W) -> the same with another L, H, W, D.

    Parameters
    ----------
    input : Tensor
    size : int or ints, optional
        Of the output.
    scale_factor : float or floats, optional
        Instead of ``size``: the output has floor(n scale_factor) pixels, and s is 1 / scale_factor.
    mode : str
        "nearest" (floor(j s), as old programs), "nearest-exact" (the nearest centre), "linear",
        "bilinear", "trilinear" by the number of axes, "bicubic" (a = -0.75), or "area" (adaptive
        average pooling).
    align_corners : bool, optional
        Only of linear and cubic modes.
    recompute_scale_factor : bool, optional
        Whether s is n / n_out although a scale factor was given.
    antialias : bool
        Widen the kernel of "bilinear" and "bicubic" (a = -0.5 then) where the image shrinks.

    Raises
    ------
    TypeError
        The input is not floating-point, or an argument is not made of numbers.
    ValueError
        The mode does not exist or not for that many axes, or arguments contradict one another.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[1.0, 3.0]]])
    >>> interpolate(x, 4).tolist(), interpolate(x, 4, mode="linear").tolist()
    ([[[1.0, 1.0, 3.0, 3.0]]], [[[1.0, 1.5, 2.5, 3.0]]])

    Source: ``torch.nn.functional.interpolate``.
    """
    check_floating("interpolate", input=input)
    shape = shape_of(input)
    rank = len(shape) - 2
    if mode not in MODES:
        raise ValueError(f"interpolate: mode must be one of {', '.join(MODES)}, got {mode!r}")
    kind, ranks = MODES[mode]
    if rank not in ranks or 0 in shape[1:]:
        forms = {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
        expected = " or ".join(forms[r] for r in ranks)
        raise ValueError(
            f"interpolate: mode {mode!r} expects a non-empty input {expected}, got {shape}"
        )
    if align_corners is not None and kind not in ("linear", "cubic"):
        raise ValueError(f"interpolate: align_corners has no meaning for mode {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError(f"interpolate: antialias is for bilinear and bicubic, got mode {mode!r}")
    output, factors = _sizes(shape[2:], size, scale_factor, recompute_scale_factor, kind == "area")
    if kind == "area":
        pools = adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
        return pools[rank - 1](input, output)
    options = bool(align_corners), bool(antialias), input.dtype
    maps = tuple(
        resampling_taps(kind, n, m, None if factor is None else 1 / factor, *options)
        for n, m, factor in zip(shape[2:], output, factors, strict=True)
    )
    return ops.interpolate(input, maps=maps, mode=mode)


def _sizes(
    image: tuple[int, ...], size: Any, scale_factor: Any, recompute: bool | None, area: bool
) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """Return the size of the output, and the scale along each axis where it was given."""
    rank = len(image)
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    if size is not None:
        if recompute:
            raise ValueError("interpolate: recompute_scale_factor needs a scale_factor, got a size")
        return ints("interpolate", "size", size, rank, 1), (None,) * rank
    factors = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * rank
    number = (int, float, np.integer, np.floating)
    if len(factors) != rank or any(
        isinstance(f, bool) or not isinstance(f, number) for f in factors
    ):
        raise TypeError(
            f"interpolate: scale_factor must be a number or {rank} of them, got {scale_factor!r}"
        )
    if any(not f > 0 for f in factors):
        raise ValueError(f"interpolate: scale_factor must be positive, got {scale_factor!r}")
    output = tuple(math.floor(n * f) for n, f in zip(image, factors, strict=True))
    if min(output) < 1 and not area:
        raise ValueError(
            f"interpolate: scale_factor {scale_factor!r} leaves nothing of an image of {image}"
        )
    return output, (None,) * rank if recompute or area else tuple(map(float, factors))
