"""Standardising: numbers of like size, by statistics of the training data alone.

What validation and test data look like must not be known in training, so they are transformed by
what was fitted on the training data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

__all__ = ["Standardizer"]

_ROWS = 4096  # summed up at once, so that bytes are never all floats at the same time


class Standardizer:
    """y = (x - shift) / scale, column by column, fitted on training data.

    ``scale="std"``: shift = mean, scale = standard deviation (ddof 0). ``"range"``: shift = min,
    scale = max - min. ``None``: shift = mean, scale = 1. The scale of a constant column is 1.

    Shapes: x (N, ...) or a sample (...) -> the same. Columns are all entries of a sample; with
    ``per_channel``, samples are (C, H, W), or (C, L), and the columns are the channels.

    Parameters
    ----------
    scale : {"std", "range", None}
        What is 1 afterwards.
    per_channel : bool
        One shift and scale for each channel of an image, over all its places.

    Raises
    ------
    ValueError
        ``scale`` is another; the data are empty, not finite, or of another shape than fitted.
    RuntimeError
        ``transform`` comes before ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> standardizer = Standardizer().fit(np.array([[1.0], [3.0]]))
    >>> standardizer.transform(np.array([[10.0]]))
    array([[8.]])
    >>> standardizer.inverse_transform(np.array([[8.0]]))
    array([[10.]])
    >>> Standardizer(scale="range").fit_transform(np.array([2.0, 4, 10]))
    array([0.  , 0.25, 1.  ])

    Source: scikit-learn's ``StandardScaler`` and ``MinMaxScaler``.
    """

    def __init__(self, scale: str | None = "std", *, per_channel: bool = False) -> None:
        if scale not in ("std", "range", None):
            raise ValueError(f"Standardizer: scale must be 'std', 'range' or None, got {scale!r}")
        self.scaled_by = scale
        self.per_channel = per_channel
        self.shift: np.ndarray | None = None
        self.scale: np.ndarray | None = None

    def fit(self, x: Any) -> Standardizer:
        """Take shift and scale from training data (N, ...); returns the standardizer."""
        x = _array(x)
        if x.dtype.kind not in "fiub":
            raise ValueError(f"Standardizer: expected numbers, got {x.dtype}")
        if x.ndim < (3 if self.per_channel else 1) or x.size == 0:
            needed = "(N, C, ...)" if self.per_channel else "(N, ...)"
            raise ValueError(
                f"Standardizer: expected data {needed} with a sample in it, got shape {x.shape}"
            )
        axes = (0, *range(2, x.ndim)) if self.per_channel else (0,)
        kept = tuple(1 for _ in range(2, x.ndim)) if self.per_channel else x.shape[1:]
        shape = (x.shape[1], *kept) if self.per_channel else kept
        with np.errstate(invalid="ignore", over="ignore"):  # of infinities, refused below
            if self.scaled_by == "range":
                low, high = (f(x, axis=axes).astype(np.float64) for f in (np.min, np.max))
                shift, scale = low, high - low
            else:
                shift = np.mean(x, axis=axes, dtype=np.float64)
                scale = np.ones_like(shift)
                if self.scaled_by == "std":
                    squares = _sum_of_squares(x, shift.reshape(shape), axes)
                    scale = np.sqrt(squares / _count(x, axes))
        if not (np.isfinite(shift).all() and np.isfinite(scale).all()):
            raise ValueError("Standardizer: the data to fit hold nan or infinity")
        # The mean of equal numbers may be off by its last bit, and the deviation is then not 0.
        constant = scale <= 8 * np.finfo(np.float64).eps * np.abs(shift)
        self.shift = np.reshape(shift, shape)
        self.scale = np.reshape(np.where(constant, 1.0, scale), shape)
        return self

    def transform(self, x: Any) -> Any:
        """Return (x - shift) / scale; what came in stays as it is."""
        x, shift, scale = self._ready(x, "transform")
        return (x - shift) / scale

    def inverse_transform(self, y: Any) -> Any:
        """Return y scale + shift."""
        y, shift, scale = self._ready(y, "inverse_transform")
        return y * scale + shift

    def fit_transform(self, x: Any) -> Any:
        """Fit on training data and return them transformed."""
        return self.fit(x).transform(x)

    __call__ = transform

    def state_dict(self) -> dict[str, Any]:
        """Return what was fitted, as arrays."""
        shift, scale = self._fitted("state_dict")
        return {"shift": shift, "scale": scale}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take what another standardizer was fitted to.

        Raises
        ------
        ValueError
            It is not a standardizer's state.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"Standardizer: expected a state, got {type(state).__name__}")
        if set(state) != {"shift", "scale"}:
            raise ValueError(
                f"Standardizer: expected a state of shift and scale, got {sorted(state)}"
            )
        self.shift, self.scale = (np.array(_array(state[n]), float) for n in ("shift", "scale"))

    def _fitted(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        if self.shift is None or self.scale is None:
            raise RuntimeError(f"Standardizer: fit it on the training data before {name}")
        return self.shift, self.scale

    def _ready(self, x: Any, name: str) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return the data as floats, and shift and scale in their dtype."""
        shift, scale = self._fitted(name)
        if not isinstance(x, Tensor):
            x = np.asarray(x)
        columns = x.shape[x.ndim - shift.ndim :]
        fits = len(columns) == shift.ndim and all(
            a == b or (self.per_channel and b == 1 and place > 0)
            for place, (a, b) in enumerate(zip(columns, shift.shape, strict=True))
        )
        if not fits:
            raise ValueError(
                f"Standardizer: fitted on samples of shape {shift.shape}, got {x.shape}"
            )
        kind = x.dtype if x.dtype.kind == "f" else autograd.get_default_dtype()
        floats = x.to(kind) if isinstance(x, Tensor) else x.astype(kind, copy=False)
        return floats, shift.astype(kind), scale.astype(kind)


def _array(x: Any) -> np.ndarray:
    return np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)


def _count(x: np.ndarray, axes: tuple[int, ...]) -> int:
    return int(np.prod([x.shape[axis] for axis in axes]))


def _sum_of_squares(x: np.ndarray, mean: np.ndarray, axes: tuple[int, ...]) -> Any:
    """Return sum (x - mean)^2 over ``axes``, a few thousand rows at a time."""
    total: Any = 0.0
    for first in range(0, len(x), _ROWS):
        away = x[first : first + _ROWS] - mean
        total = total + np.sum(away * away, axis=axes)
    return total
