"""Where a layer stops gradient: relu, max-pool and dropout select, position by position.

Of all input positions some pass gradient, some stop it here, and some had none to stop: their
upstream was zero on arrival. The third is never counted as killed; a relu that masks half of its
positions may mask few that still carried gradient.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Gate", "gate"]

STOPPED = {"relu": "masked", "max_pool": "lose max", "dropout": "dropped"}


@dataclass(frozen=True)
class Gate:
    """Counts of input positions, over the whole batch.

    ``dead_channels`` of ``channels`` receive no gradient at all though some arrived at the
    layer; ``None`` when the input has no channels.
    """

    kind: str
    word: str
    passing: int
    stopped: int
    size: int
    dead_channels: int | None = None
    channels: int | None = None

    @property
    def passing_share(self) -> float:
        """Share of all input positions that pass gradient on."""
        return self.passing / self.size if self.size else 0.0

    @property
    def stopped_share(self) -> float:
        """Share of all input positions whose gradient ends here."""
        return self.stopped / self.size if self.size else 0.0

    @property
    def loss(self) -> float:
        """Share stopped of what arrived alive."""
        alive = self.passing + self.stopped
        return self.stopped / alive if alive else 0.0


def gate(
    kind: str, upstream: np.ndarray, landed: np.ndarray, attributes: dict[str, Any]
) -> Gate | None:
    """Count what passes and what stops.

    Parameters
    ----------
    kind : str
        ``"relu"``, ``"dropout"`` or ``"max_pool"``; of other kinds None is returned.
    upstream : array
        Gradient at the output.
    landed : array
        Gradient that the layer sent to its input.
    attributes : dict
        Of a pool: ``kernel_size, stride, padding, dilation``, or ``output_size``.
    """
    if kind not in STOPPED:
        return None
    passing = landed != 0
    if kind == "max_pool":
        arrived = _under_live_windows(upstream != 0, landed.shape, attributes)
    elif upstream.shape == landed.shape:
        arrived = upstream != 0
    else:
        return None
    stopped = arrived & ~passing
    dead = channels = None
    if landed.ndim >= 3:
        channels = landed.shape[1]
        rest = tuple(axis for axis in range(landed.ndim) if axis != 1)
        dead = int(np.sum(~np.any(passing, axis=rest)))
    counts = int(np.sum(passing)), int(np.sum(stopped))
    return Gate(kind, STOPPED[kind], *counts, int(landed.size), dead, channels)


def _under_live_windows(
    live: np.ndarray, input_shape: tuple[int, ...], attributes: dict[str, Any]
) -> np.ndarray:
    """Mark the inputs that lie in a window whose upstream is not zero."""
    if "output_size" in attributes:
        return _under_adaptive_windows(live, input_shape, len(attributes["output_size"]))
    rank = max(1, live.ndim - 2)
    kernel = _axes(attributes["kernel_size"], rank)
    stride = _axes(attributes.get("stride") or kernel, rank)
    padding = _axes(attributes.get("padding", 0), rank)
    dilation = _axes(attributes.get("dilation", 1), rank)
    marked = np.zeros(input_shape, bool)
    outputs = live.shape[-rank:]
    for offset in np.ndindex(*kernel):
        source, target = [Ellipsis], [Ellipsis]
        for axis in range(rank):
            first = offset[axis] * dilation[axis] - padding[axis]
            positions = np.arange(outputs[axis]) * stride[axis] + first
            inside = np.flatnonzero((positions >= 0) & (positions < input_shape[axis - rank]))
            if not inside.size:
                break
            source.append(slice(inside[0], inside[-1] + 1))
            target.append(slice(positions[inside[0]], positions[inside[-1]] + 1, stride[axis]))
        else:
            marked[tuple(target)] |= live[tuple(source)]
    return marked


def _axes(value: Any, rank: int) -> tuple[int, ...]:
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return values if len(values) == rank else values * rank


def _under_adaptive_windows(live: np.ndarray, shape: tuple[int, ...], rank: int) -> np.ndarray:
    """Mark the inputs under live windows that cover [i n // m, ceil((i + 1) n / m)) of an axis."""
    marked = live.astype(np.int64)
    for axis in range(live.ndim - rank, live.ndim):
        pixel, (n, m) = np.arange(shape[axis]), (shape[axis], live.shape[axis])
        window = np.arange(m)[:, None]
        within = (pixel >= window * n // m) & (pixel < -(-(window + 1) * n // m))
        marked = np.moveaxis(np.tensordot(marked, within, (axis, 0)), -1, axis)
    return marked > 0
