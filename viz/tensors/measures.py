"""The numbers printed on a card, measured once.

Values and prints show the first sample of a batch; norms, gains and shares are of the whole
batch, because that is what the parameters feel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd.parallel import pinned_blas
from viz.tensors.histogram import Histogram, histogram
from viz.tensors.layers import Layer, LayerGraph

__all__ = ["Link", "Row", "links", "norm", "row"]


BLOCK = 1 << 16


@dataclass(frozen=True)
class Row:
    """One tensor's line on a card: range, mean, spread, norm, zeros.

    ``limit`` is ``max|v|`` of the first sample; ``norm`` the Euclidean norm over the batch;
    ``bad`` counts entries that are nan or infinite.
    """

    limit: float
    mean: float
    std: float
    norm: float
    low: float
    high: float
    size: int  # of the first sample
    bad: int
    histogram: Histogram
    zero_share: float  # of the whole batch


@dataclass(frozen=True)
class Link:
    """One edge: gradient norms at both ends and the gain of the rule between them.

    ``norm`` is that of the gradient along this edge, ``‖g out‖``; ``gain`` is
    ``‖g out‖ / ‖g in‖`` of the layer at its right end.
    """

    source: int
    target: int
    norm: float | None
    gain: float | None
    why: str = ""


def first_sample(array: np.ndarray) -> np.ndarray:
    """Return what a card shows of a batch: its first entry, or the array if it has no batch."""
    return array[:1] if array.ndim > 1 else array


def row(array: np.ndarray, size: float | None = None) -> Row:
    """Measure one tensor; ``size`` is its norm, where that is known already."""
    shown = np.asarray(first_sample(array), np.float64)
    finite = shown[np.isfinite(shown)]
    counted = histogram(shown)
    nothing = float(shown.ravel()[0]) if shown.size else 0.0  # nan or inf, if nothing is finite
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (nothing, nothing)
    return Row(
        limit=counted.limit if finite.size else abs(nothing),
        mean=float(finite.mean()) if finite.size else nothing,
        std=float(finite.std()) if finite.size else nothing,
        size=shown.size,
        norm=norm(array) if size is None else size,
        low=low,
        high=high,
        bad=int(np.size(array) - np.sum(np.isfinite(array))),
        histogram=counted,
        zero_share=float(np.mean(np.asarray(array) == 0)) if np.size(array) else 0.0,
    )


def norm(array: np.ndarray) -> float:
    """Return the Euclidean norm, free of overflow for any float.

    >>> norm(np.array([3e200, 4e200])) / 1e200
    5.0
    """
    flat = np.ravel(array)
    total = 0.0
    with pinned_blas(), np.errstate(over="ignore", invalid="ignore"):  # too short to be shared
        for start in range(0, flat.size, BLOCK):  # float64 sums without a float64 copy of it all
            block = flat[start : start + BLOCK].astype(np.float64)
            total += float(block @ block)
    if 1e-280 < total < np.inf or (total == 0 and not flat.any()):
        return total**0.5
    largest = float(np.max(np.abs(flat.astype(np.float64))))  # squares that over- or underflow
    if not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum((flat.astype(np.float64) / largest) ** 2)))


def gradient_norms(graph: LayerGraph) -> list[float | None]:
    """Measure every layer's gradient, in their order."""
    return [None if g.gradient is None else norm(g.gradient) for g in graph.layers]


def links(graph: LayerGraph, norms: Sequence[float | None] | None = None) -> tuple[Link, ...]:
    """Measure every edge, in the order of the layers and of their inputs."""
    norms = gradient_norms(graph) if norms is None else norms
    consumers: list[int] = [0] * len(graph.layers)
    for layer in graph.layers:
        for source in layer.inputs:
            consumers[source] += 1
    found = []
    for position, layer in enumerate(graph.layers):
        for number, source in enumerate(layer.inputs):
            sent = layer.sent[number] if number < len(layer.sent) else None
            out = norms[source] if consumers[source] == 1 else None  # all of it came this way
            if out is None and sent is not None:
                out = norm(sent)
            into = norms[position]
            gain = out / into if out is not None and into else None
            why = graph.layers[source].why_gradient if out is None else ""
            found.append(Link(source, position, out, gain, why))
    return tuple(found)


def update_ratio(gradient: np.ndarray, value: np.ndarray, lr: float) -> float | None:
    """Return how far one plain gradient step moves a parameter: ``lr ‖g‖ / ‖w‖``."""
    size = norm(value)
    return lr * norm(gradient) / size if size else None


def cluster_maps(layers: Sequence[Layer]) -> dict[tuple[str, int], list[Layer]]:
    """Collect the layers that share a cluster and a number of channels."""
    found: dict[tuple[str, int], list[Layer]] = {}
    for layer in layers:
        if layer.kind != "input" and len(layer.shape) == 4:
            found.setdefault((layer.cluster, layer.shape[1]), []).append(layer)
    return found
