"""The frames of a step through layers: one layer's backward rule at a time.

A layer's gradient is an array, so what is said of it is its norm: what came in, the gain of the
rule, what went out. The sentence says what the rule does with the gradient (a max-pool sends it
to winners, a relu stops it, a batch norm divides by a spread), with the shares that were counted.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from viz.frames import Frame
from viz.render.svg import safe_id
from viz.tensors import measures
from viz.tensors.layers import Layer, LayerGraph
from viz.tensors.words import factor, measured, percent

__all__ = ["layer_data", "layer_frames"]


def layer_frames(graph: LayerGraph, *, forward: bool = False) -> tuple[Frame, ...]:
    """Derive the frames of a walk over layers, the last layer first.

    Parameters
    ----------
    graph : LayerGraph
        The layers with the gradients that the engine computed.
    forward : bool
        Whether the values are stepped through first.
    """
    return tuple(_play(graph, forward))


def layer_data(graph: LayerGraph, *, forward: bool = False) -> dict[str, Any]:
    """Return the ledgers and the parts of the layer picture, as `viz.ledgers.page_data` does.

    What belongs to a layer's own step (its gauge, the gradients of its parameters) counts as
    edges of the layer, since it becomes known in the same way.
    """
    nodes = {layer.id: _entry(layer) for layer in graph.layers}
    edges: dict[str, list[str]] = {}
    root = graph.layers[-1]
    nodes[root.id]["seed"] = "∂L/∂L"
    for layer in graph.layers:
        edges[layer.id] = [layer.id, layer.id]
        for position, sent in zip(layer.inputs, layer.sent, strict=False):
            source = graph.layers[position]
            edges[_edge(source, layer)] = [source.id, layer.id]
            if sent is not None:
                nodes[source.id]["contributions"].append(
                    [_edge(source, layer), f"from {layer.path}", _product(layer, sent),
                     _norm_text(sent)]
                )  # fmt: skip
        for weight in layer.weights:
            edges[safe_id(weight.path)] = [layer.id, layer.id]
            if weight.gradient is not None:
                nodes[layer.id]["sent"].append(
                    [safe_id(weight.path), f"to {weight.name}", "parameter",
                     _norm_text(weight.gradient)]
                )  # fmt: skip
    given = [layer.id for layer in graph.layers if not forward or layer.kind == "input"]
    operations = [layer for layer in graph.layers if layer.kind != "input"]
    lines = [["", f"{layer.path}  {layer.caption}".rstrip()] for layer in operations]
    return {
        "nodes": nodes, "edges": edges, "lines": lines, "lines_title": "Layers", "given": given,
        "layers": True,
    }  # fmt: skip


def _entry(layer: Layer) -> dict[str, Any]:
    mean, spread = _moments(layer.value)
    return {
        "name": layer.path,
        "gradient_name": f"‖∂L/∂{layer.path}‖",
        "value": _norm_text(layer.value),
        "cells": True,
        "contributions": [],
        "sent": [],
        "adds": False,
        "sum_word": "norm",
        "none": "no gradient is asked for",
        "seed": "",
        "terms": [
            ["shape", "", "×".join(map(str, layer.shape)) or "scalar", False],
            ["mean", "", mean, False],
            ["standard deviation", "", spread, False],
        ],
        "terms_end": "norm",
    }


def _play(graph: LayerGraph, forward: bool) -> Iterator[Frame]:
    layers, root = graph.layers, graph.layers[-1]
    loss = measured(float(np.ravel(root.value)[0])) if np.size(root.value) == 1 else root.path
    if forward:
        yield Frame("start", None, "The input is there. Nothing is computed yet.",
                    (("Press → or the play button.", ""),))  # fmt: skip
        operations = [layer for layer in layers if layer.kind != "input"]
        for line, layer in enumerate(operations):
            yield _forward(graph, layer, line)
    else:
        yield Frame("start", None, f"Every value is known: the loss is {loss}. No gradient is.",
                    (("Press → or the play button.", ""),))  # fmt: skip
    seed = _norm_text(root.gradient)
    yield Frame(
        "backward", root.id, f"Backward starts here: {root.path} changes one for one with itself.",
        (("∂L/∂L = ", ""), (seed, "gradient")), target=root.id,
        gradients=((root.id, seed, True),), numbers={"sum": root.gradient},
    )  # fmt: skip
    waiting: dict[int, int] = {}
    for layer in layers:
        for position, sent in zip(layer.inputs, layer.sent, strict=False):
            waiting[position] = waiting.get(position, 0) + (sent is not None)
    operations = [layer for layer in layers if layer.kind != "input"]
    for line, layer in reversed(list(enumerate(operations))):
        if layer.gradient is not None:
            yield from _backward(graph, layer, waiting, line)
    yield _end(graph)


def _forward(graph: LayerGraph, layer: Layer, line: int) -> Frame:
    sources = " and ".join(graph.layers[i].path for i in layer.inputs) or "its input"
    mean, spread = _moments(layer.value)
    shape = "×".join(map(str, layer.shape))
    numbers = f"{shape}   mean {mean}   standard deviation {spread}" if shape else mean
    what = f"{layer.path} · {layer.caption}" if layer.caption else layer.path
    return Frame(
        "forward", layer.id, f"{what} runs on {sources}.",
        ((f"{layer.path}: ", ""), (numbers, "value")), target=layer.id, values=(layer.id,),
        edges=tuple(_edge(graph.layers[i], layer) for i in layer.inputs), line=line,
        numbers={"value": layer.value},
    )  # fmt: skip


def _backward(
    graph: LayerGraph, layer: Layer, waiting: dict[int, int], line: int
) -> Iterator[Frame]:
    came = _norm(layer.gradient)
    edges, gradients, left = [layer.id], [], []
    formula: list[tuple[str, str]] = []
    for position, sent in zip(layer.inputs, layer.sent, strict=False):
        if sent is None:
            continue
        waiting[position] -= 1
        source, norm = graph.layers[position], _norm(sent)
        whole = not waiting[position]
        known = source.gradient if whole and source.gradient is not None else sent
        edges.append(_edge(source, layer))
        gradients.append((source.id, _norm_text(known), whole))
        left.append(norm)
        if came:
            gain = factor(norm / came)
            rule = f"‖∂L/∂{layer.path}‖ {gain} = {measured(came)} {gain} = "
            formula += [(f"‖∂L/∂{source.path}‖ = {rule.replace('×', '× ')}", ""),
                        (measured(norm), "gradient" if norm else "zero"), ("  ", "")]  # fmt: skip
    weights = [weight for weight in layer.weights if weight.gradient is not None]
    edges.extend(safe_id(weight.path) for weight in weights)
    if len(edges) == 1:
        return
    if weights:
        norms = ", ".join(f"‖∂L/∂{w.name}‖ = {_norm_text(w.gradient)}" for w in weights)
        formula.append((norms, "now"))
    yield Frame(
        "backward", layer.id, _words(layer, came, left), tuple(formula),
        target=gradients[0][0] if gradients else None, edges=tuple(edges),
        gradients=tuple(gradients), line=line,
        numbers={"upstream": came, "contribution": left,
                 "gain": left[0] / came if came and left else None},
    )  # fmt: skip


def _words(layer: Layer, came: float, left: list[float]) -> str:
    name, gate = layer.path, layer.gate
    if not came:
        return f"No gradient arrives at {name}, so none leaves it."
    if gate is not None and gate.kind == layer.kind:
        passing, stopped = percent(gate.passing_share), percent(gate.stopped_share)
        return GATES[layer.kind].format(name=name, passing=passing, stopped=stopped)
    if layer.kind == "cross_entropy":
        pushed = f": the step will raise logit {layer.target}" if layer.target is not None else ""
        return f"{name} sends back p − y, softmax minus target{pushed}."
    if not left:
        return f"{name} keeps its part: nothing before it asks for a gradient."
    gain = left[0] / came
    change = "shrinks" if gain < 0.95 else "grows" if gain > 1.05 else "keeps its size"
    size = f"the gradient {change}" + ("" if change == "keeps its size" else f" ({factor(gain)})")
    return KINDS.get(layer.kind, "{name} applies its rule: {size}.").format(name=name, size=size)


GATES = {
    "max_pool": "{name} sends each window’s gradient to its winner: "
    "{passing} of positions receive.",
    "relu": "{name} lets gradient through where its input was positive: {passing} of positions "
    "pass, {stopped} are masked here.",
    "dropout": "{name} lets gradient through where it kept the value: {passing} of positions "
    "pass, {stopped} were dropped.",
}
KINDS = {
    "convolution": "{name} spreads each output’s gradient over the window that it read: {size}.",
    "linear": "{name} sends the gradient back through its weights: {size}.",
    "norm": "{name} divides by the spread of its input and takes the mean out: {size}.",
    "avg_pool": "{name} shares each window’s gradient equally: {size}.",
    "reshape": "{name} only reshapes: the same numbers in another shape.",
    "add": "{name} copies its gradient to each of its inputs.",
}


def _end(graph: LayerGraph) -> Frame:
    reached = [w for layer in graph.layers for w in layer.weights if w.gradient is not None]
    dead = [w.path for w in reached if not np.any(w.gradient)]
    words = f"Every gradient is known: {len(reached)} parameters receive theirs."
    if dead:
        words += f" Nothing reaches {', '.join(dead[:4])}{' …' if len(dead) > 4 else ''}."
    shown = "   ".join(f"‖∂{w.path}‖ = {_norm_text(w.gradient)}" for w in reached[:6])
    return Frame("end", None, words, ((shown, ""),))


def _edge(source: Layer, target: Layer) -> str:
    return f"{source.id}-{target.id}"


def _product(layer: Layer, sent: Any) -> str:
    came = _norm(layer.gradient)
    return f"{measured(came)} × {factor(_norm(sent) / came).lstrip('×')}" if came else "0"


def _norm(array: Any) -> float:
    return math.nan if array is None else measures.norm(array)


def _norm_text(array: Any) -> str:
    return "—" if array is None else measured(_norm(array))


def _moments(array: Any) -> tuple[str, str]:
    if array is None or not np.size(array):
        return "—", "—"
    numbers = np.ravel(array).astype(float)
    return measured(numbers.mean()), measured(numbers.std())
