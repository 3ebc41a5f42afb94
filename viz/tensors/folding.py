"""Folding deep modules: the layers of one block become one card.

What a folded card says is what is true of the block: its output, the gradient there, its
parameters together. A picture holds some two dozen cards; deeper graphs fold until they fit.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from viz.tensors.layers import Bypass, Layer, LayerGraph, Weight, merged
from viz.tensors.measures import norm

__all__ = ["MOST_CARDS", "fold", "fold_to_fit"]

MOST_CARDS = 24  # of a chain; what branches runs in one line, and has room for half


def fold(graph: LayerGraph, depth: int) -> LayerGraph:
    """Fold every run of layers that share the first ``depth`` components of their path.

    Examples
    --------
    >>> from viz.tensors.layers import LayerGraph
    >>> fold(LayerGraph((), True, 1, "1 samples"), 1).layers
    ()
    """
    runs: list[list[int]] = []
    keys: list[str] = []
    for position, layer in enumerate(graph.layers):
        parts = layer.path.split(".")
        key = ".".join(parts[:depth]) if len(parts) > depth and layer.kind != "input" else ""
        if key and keys and keys[-1] == key:
            runs[-1].append(position)
        else:
            runs.append([position])
            keys.append(key)
    place = {position: number for number, run in enumerate(runs) for position in run}
    layers = [
        _joined(graph, run, key, place) if key else _moved(graph.layers[run[0]], place)
        for run, key in zip(runs, keys, strict=True)
    ]
    return replace(graph, layers=tuple(layers))


def fold_to_fit(graph: LayerGraph, most: int = MOST_CARDS) -> LayerGraph:
    """Fold by the deepest modules first until at most ``most`` cards are left, if that can be."""
    deepest = max((layer.path.count(".") for layer in graph.layers), default=0)
    folded = graph
    for depth in range(deepest, 0, -1):
        if len(folded.layers) <= (most if folded.is_chain else most // 2):
            break
        folded = fold(graph, depth)
    return folded


def _moved(layer: Layer, place: dict[int, int]) -> Layer:
    return replace(layer, inputs=tuple(place[source] for source in layer.inputs))


def _joined(graph: LayerGraph, run: Sequence[int], key: str, place: dict[int, int]) -> Layer:
    members = [graph.layers[position] for position in run]
    last, here = members[-1], place[run[0]]
    sent: dict[int, np.ndarray | None] = {}
    for member in members:
        for number, source in enumerate(member.inputs):
            if place[source] == here:
                continue
            part = member.sent[number] if number < len(member.sent) else None
            sent[place[source]] = merged(sent.get(place[source]), part)
    cluster, _, name = key.rpartition(".")
    weights = tuple(weight for member in members for weight in member.weights)
    title = graph.titles.get(key, "")
    return Layer(
        path=key,
        name=name,
        cluster=cluster,
        kind="block",
        caption=" · ".join(filter(None, (title, f"{len(members)} layers"))),
        shape=last.shape,
        value=last.value,
        gradient=last.gradient,
        why_value=last.why_value,
        why_gradient=last.why_gradient,
        inputs=tuple(sent),
        sent=tuple(sent.values()),
        weights=_together(key, weights),
        operations=tuple(op for member in members for op in member.operations),
        parameters=sum(member.parameters for member in members),
        members=tuple(member.path for member in members),
        bypass=_bypass(graph, run),
    )


def _bypass(graph: LayerGraph, run: Sequence[int]) -> Bypass | None:
    """Measure the fork at a block's input: the longest way through it against all others."""
    steps = dict.fromkeys(run, 0)  # layers from a member to the block's end
    for position in reversed(run):
        for source in graph.layers[position].inputs:
            if source in steps:
                steps[source] = max(steps[source], steps[position] + 1)
    forks: dict[int, list[tuple[int, np.ndarray]]] = {}
    for position in run:
        layer = graph.layers[position]
        for source, part in zip(layer.inputs, layer.sent, strict=False):
            if source not in steps and part is not None:
                forks.setdefault(source, []).append((steps[position], part))
    parts = max(forks.values(), key=len, default=[])
    parts.sort(key=lambda part: -part[0])
    joins = any(graph.layers[position].kind == "add" for position in run)
    if len(parts) < 2 or not joins or parts[0][0] == parts[1][0]:
        return None  # no shorter way that an addition brings back
    if len({part.shape for _, part in parts}) > 1:
        return None  # they left by different outputs, and do not meet as gradients
    rest = sum(part for _, part in parts[1:])
    return Bypass(norm(parts[0][1]), norm(rest), norm(parts[0][1] + rest))


def _together(path: str, weights: Sequence[Weight]) -> tuple[Weight, ...]:
    """Join a block's parameters to one chip; their norms add in squares, as vectors do."""
    if len(weights) < 2:
        return tuple(weights)
    values = [w.value for w in weights]
    gradients = [w.gradient for w in weights]
    size = sum(int(np.prod(w.shape)) for w in weights)
    missing = next((w.why for w in weights if w.gradient is None), "")
    return (
        Weight(
            f"all {len(weights)}",
            f"{path}.*",
            (size,),
            _concatenated(values),
            _concatenated(gradients),
            missing,
            any(w.changed for w in weights),
        ),
    )


def _concatenated(arrays: Sequence[np.ndarray | None]) -> np.ndarray | None:
    if any(array is None for array in arrays):
        return None
    return np.concatenate([np.ravel(array) for array in arrays])
