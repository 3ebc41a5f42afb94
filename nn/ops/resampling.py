"""Resampling images: a linear map along each axis, one after the other, and its adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import structural
from nn.ops.planes import at, flat_planes, run_blocks
from nn.ops.taps import Taps

__all__ = ["interpolate", "interpolate_adjoint"]

Maps = tuple[Taps, ...]


@structural(x=lambda upstream, maps, mode: interpolate_adjoint(upstream, maps=maps, mode=mode))
def interpolate(x: Any, *, maps: Maps, mode: str) -> Any:
    """z[n, c] = A x[n, c] B^T: rows are mixed by the first of ``maps``, columns by the second.

    Shapes: x (N, C, H, W) -> (N, C, H_out, W_out), with maps (H_out, H) and (W_out, W).

    Examples
    --------
    >>> from nn.ops.taps import resampling_taps
    >>> double = resampling_taps("nearest", 2, 4)
    >>> interpolate(np.array([[[1.0, 2.0]]]), maps=(double,), mode="nearest").tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """
    return _apply(x, maps)


@structural(y=lambda upstream, maps, mode: interpolate(upstream, maps=maps, mode=mode))
def interpolate_adjoint(y: Any, *, maps: Maps, mode: str) -> Any:
    """x[n, c] = A^T y[n, c] B: each output sends to the inputs that it was read from.

    Shapes: y (N, C, H_out, W_out) -> (N, C, H, W).
    """
    return _apply(y, tuple(taps.transposed for taps in maps))


def _apply(x: np.ndarray, maps: Maps) -> np.ndarray:
    """Apply the maps, those that shrink first."""
    z = np.empty((*x.shape[:2], *(taps.shape[0] for taps in maps)), x.dtype)
    order = sorted(range(len(maps)), key=lambda a: maps[a].shape[0] / max(maps[a].shape[1], 1))
    images, results = flat_planes(x), flat_planes(z)
    larger = images if images.size > results.size else results

    def apply(first: int, last: int) -> None:
        part = images[first:last]
        for axis in order[:-1]:
            part = _mixed(part, axis + 1, maps[axis])
        _mixed(part, order[-1] + 1, maps[order[-1]], results[first:last])

    run_blocks(apply, larger, seconds_per_pixel=4e-9)
    return z


def _mixed(x: np.ndarray, axis: int, taps: Taps, out: np.ndarray | None = None) -> np.ndarray:
    """Apply a sparse matrix along one axis."""
    if out is None:
        out = np.empty((*x.shape[:axis], taps.shape[0], *x.shape[axis + 1 :]), x.dtype)
    if taps.bare is not None:
        out[at(axis, taps.bare)] = 0
    tail = (1,) * (x.ndim - axis - 1)
    for turn, (outputs, inputs, weights) in enumerate(taps.rounds):
        read = x[at(axis, inputs)] if isinstance(inputs, slice) else np.take(x, inputs, axis)
        if weights is not None:
            read = read * weights.astype(x.dtype).reshape(-1, *tail)
        if turn == 0:
            out[at(axis, outputs)] = read
        elif isinstance(outputs, slice):
            place = out[at(axis, outputs)]
            np.add(place, read, out=place)
        else:
            out[at(axis, outputs)] += read
    return out
