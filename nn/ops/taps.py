"""Resampling along one axis as a sparse matrix: which inputs each output reads, and how much.

Each mode of ``interpolate`` is a list of taps (output, input, weight). They are sorted into rounds,
in each of which no output occurs twice, so that a round is one array operation; the transposed
matrix, which sends gradients back, is made of the same taps.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from nn.ops.lines import as_slice

__all__ = ["Taps", "cubic", "resampling_taps"]


class Taps:
    """A sparse matrix (outputs, inputs).

    Attributes
    ----------
    shape : (int, int)
    rounds : list of (outputs, inputs, weights)
        Indices and weights, each output at most once in a round; weights None are all 1.
    bare : index or None
        The outputs that read nothing.
    """

    def __init__(
        self, shape: tuple[int, int], outputs: np.ndarray, inputs: np.ndarray, weights: Any
    ) -> None:
        self.shape = shape
        weights = np.broadcast_to(weights, inputs.shape)
        flat, where = np.unique(outputs * shape[1] + inputs, return_inverse=True)
        weights = np.bincount(where, weights, len(flat))
        flat, weights = flat[weights != 0], weights[weights != 0]
        self._outputs, self._inputs, self._weights = flat // shape[1], flat % shape[1], weights
        self.bare = None
        missing = np.setdiff1d(np.arange(shape[0]), self._outputs)
        if len(missing):
            self.bare = as_slice(missing)
        self.rounds: list[tuple[Any, Any, np.ndarray | None]] = []
        _, starts, counts = np.unique(self._outputs, return_index=True, return_counts=True)
        for turn in range(int(counts.max(initial=0))):
            chosen = starts[counts > turn] + turn
            some = weights[chosen]
            self.rounds.append(
                (
                    as_slice(self._outputs[chosen]),
                    as_slice(self._inputs[chosen]),
                    None if (some == 1).all() else some,
                )
            )

    @cached_property
    def transposed(self) -> Taps:
        """The transposed matrix: its adjoint."""
        return Taps(self.shape[::-1], self._inputs, self._outputs, self._weights)

    def __repr__(self) -> str:
        return f"Taps({self.shape[1]} -> {self.shape[0]})"


@lru_cache(maxsize=64)
def resampling_taps(
    mode: str,
    size: int,
    output: int,
    scale: float | None = None,
    align_corners: bool = False,
    antialias: bool = False,
    dtype: Any = np.float64,
) -> Taps:
    """Return how ``output`` pixels are read from ``size`` pixels.

    Parameters
    ----------
    mode : {"nearest", "nearest-exact", "linear", "cubic"}
    size, output : int
    scale : float or None
        Inputs an output, if a scale factor was given; size / output otherwise.
    align_corners : bool
        Whether the centres of the first and last pixels coincide, instead of their edges.
    antialias : bool
        Whether the kernel is as wide as an output where that is wider than an input.
    dtype : dtype, optional
        Of the images: its rounding decides which of two pixels is nearest.
    """
    places = np.arange(output)
    if mode.startswith("nearest"):
        return Taps((output, size), places, _nearest(mode, size, output, scale, dtype), 1.0)
    if align_corners:
        step = (size - 1) / (output - 1) if output > 1 else 0.0
    else:
        step = size / output if scale is None else scale
    if (
        antialias and output != size
    ):  # where PyTorch does not align the centres of the corners, only their distance
        return _antialiased(mode, size, (places + 0.5) * step - 0.5, step)
    centres = places * step if align_corners else (places + 0.5) * step - 0.5
    if mode == "linear":  # PyTorch copies where sizes are equal, whatever the scale
        centres = places if output == size else np.clip(centres, 0, size - 1)
    first = np.floor(centres).astype(np.int64)
    t = (centres - first)[:, None]
    reach = np.arange(2) if mode == "linear" else np.arange(-1, 3)
    weights = _linear(t - reach) if mode == "linear" else cubic(t - reach, -0.75)
    inputs = np.clip(first[:, None] + reach, 0, size - 1)
    return Taps((output, size), places.repeat(len(reach)), inputs.ravel(), weights.ravel())


def _nearest(mode: str, size: int, output: int, scale: float | None, dtype: Any) -> np.ndarray:
    """Return the input that each output is nearest to, rounded as PyTorch rounds."""
    centres = np.arange(output).astype(dtype) + np.dtype(dtype).type(mode == "nearest-exact") / 2
    if scale is not None and (mode == "nearest-exact" or output not in (size, 2 * size)):
        inputs = centres * np.dtype(dtype).type(scale)
    elif dtype == np.float64:
        inputs = centres * size / output
    else:
        inputs = centres * np.dtype(dtype).type(size / output)
    return np.minimum(np.floor(inputs).astype(np.int64), size - 1)


def _antialiased(mode: str, size: int, centres: np.ndarray, step: float) -> Taps:
    """Widen the kernel to an output's width, cut it at the edges, and make its sum 1."""
    width = max(step, 1.0)
    support = (1.0 if mode == "linear" else 2.0) * width
    first = np.maximum(np.trunc(centres + 0.5 - support + 0.5).astype(np.int64), 0)
    stop = np.minimum(np.trunc(centres + 0.5 + support + 0.5).astype(np.int64), size)
    inputs = first[:, None] + np.arange(math.ceil(support) * 2 + 1)
    distance = (inputs - centres[:, None]) / width
    weights = _linear(distance) if mode == "linear" else cubic(distance, -0.5)
    weights = np.where(inputs < stop[:, None], weights, 0)
    weights /= weights.sum(1, keepdims=True)
    outputs = np.arange(len(centres)).repeat(inputs.shape[1])
    return Taps(
        (len(centres), size), outputs, np.minimum(inputs, size - 1).ravel(), weights.ravel()
    )


def _linear(t: np.ndarray) -> np.ndarray:
    """1 - |t| within 1, else 0."""
    return np.maximum(1 - np.abs(t), 0)


def cubic(t: np.ndarray, a: float) -> np.ndarray:
    """Keys' cubic convolution: (a + 2)|t|^3 - (a + 3)|t|^2 + 1 within 1, a(...) within 2."""
    t = np.abs(t)
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = (((t - 5) * t + 8) * t - 4) * a
    return np.where(t <= 1, near, np.where(t < 2, far, 0))
