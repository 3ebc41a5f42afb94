"""Values at places of flattened planes: what unpooling and pooling at random places are made of.

`take_at` reads a plane at places and `add_at` is its adjoint; `unpool` puts values at places, the
last where several meet, as PyTorch does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.op import structural
from autograd.ops import adding_at as positions
from nn.ops.planes import flat_planes

__all__ = ["add_at", "take_at", "unpool", "winners_at_random"]


@structural(
    x=lambda upstream, x_shape, indices: add_at(upstream, indices=indices, size=x_shape[2:])
)
def take_at(x: Any, *, indices: np.ndarray) -> Any:
    """Read x (N, C, ...) at ``indices`` (N, C, ...) of its flattened planes.

    Examples
    --------
    >>> take_at(np.array([[[5.0, 6.0, 7.0]]]), indices=np.array([[[2, 0]]])).tolist()
    [[[7.0, 5.0]]]
    """
    return np.take(x.reshape(-1), _places(x.shape, indices)).reshape(indices.shape)


@structural(y=lambda upstream, indices: take_at(upstream, indices=indices))
def add_at(y: Any, *, indices: np.ndarray, size: tuple[int, ...]) -> Any:
    """Add y to zeros (N, C, *size) at ``indices`` of the flattened planes.

    Examples
    --------
    >>> add_at(np.array([[[7.0, 5.0]]]), indices=np.array([[[2, 2]]]), size=(3,)).tolist()
    [[[0.0, 0.0, 12.0]]]
    """
    z = np.zeros((*y.shape[:2], *size), y.dtype)
    positions.add_at(z.reshape(-1), (_places(z.shape, indices),), y.reshape(-1))
    return z


@structural(x=lambda upstream, indices: take_at(upstream, indices=indices))
def unpool(x: Any, *, indices: np.ndarray, size: tuple[int, ...]) -> Any:
    """Put x (N, C, ...) into zeros (N, C, *size) at ``indices`` of the flattened planes.

    Examples
    --------
    >>> unpool(np.array([[[7.0, 5.0]]]), indices=np.array([[[2, 0]]]), size=(3,)).tolist()
    [[[5.0, 0.0, 7.0]]]
    """
    z = np.zeros((*x.shape[:2], *size), x.dtype)
    z.reshape(-1)[_places(z.shape, indices)] = x.reshape(-1)
    return z


@structural()
def winners_at_random(x: Any, samples: Any, *, kernel_size: Any, output_size: Any) -> Any:
    """Return where the windows of fractional pooling have their largest value.

    Along an axis of n pixels window i of m starts at floor((i + u) a) - floor(u a) with
    a = (n - k) / (m - 1), the last one at n - k; u is drawn for each plane (``samples``
    (N, C, axes); of images for W, then H).

    Shapes: x (N, C, ...) -> (N, C, *output_size), places in the flattened planes.
    """
    images, rank = flat_planes(x), len(kernel_size)
    samples = np.reshape(samples, (len(images), rank))
    samples = samples[:, ::-1] if rank == 2 else samples
    first: Any = 0  # the first pixel of each window
    size = x.shape[2:]
    for axis, (n, k, m) in enumerate(zip(size, kernel_size, output_size, strict=True)):
        u, step = samples[:, axis, None], x.dtype.type((n - k) / max(m - 1, 1))
        starts = np.trunc((np.arange(m) + u).astype(x.dtype) * step) - np.trunc(u * step)
        starts[:, -1] = n - k
        lined = starts.astype(np.int64).reshape(len(images), *_alone(axis, rank, m))
        first = first * n + lined
    flat = images.reshape(len(images), math.prod(size))
    rows = np.arange(len(images)).reshape(-1, *(1,) * rank)
    best, where = None, first
    for offset in np.ndindex(*kernel_size):
        places = first + int(np.ravel_multi_index(offset, size))
        values = flat[rows, places]
        if best is None:
            best = values
            continue
        wins = (values > best) | np.isnan(values)
        best, where = np.where(wins, values, best), np.where(wins, places, where)
    return where.reshape(*x.shape[:2], *output_size)


def _alone(axis: int, rank: int, length: int) -> tuple[int, ...]:
    """Return a shape of ones with ``length`` at one axis."""
    return (1,) * axis + (length,) + (1,) * (rank - axis - 1)


def _places(shape: tuple[int, ...], indices: np.ndarray) -> np.ndarray:
    """Return ``indices`` of the planes of an array of this shape as places of it all, flat."""
    planes, size = shape[0] * shape[1], math.prod(shape[2:])
    places = np.reshape(indices, (planes, math.prod(indices.shape[2:])))
    return (places + np.arange(0, planes * size, max(size, 1))[:planes, None]).reshape(-1)
