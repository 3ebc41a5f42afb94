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
from viz.tensors.layers import Layer, LayerGraph
from viz.tensors.words import factor, measured, percent

__all__ = ["layer_entries", "layer_frames"]


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


def layer_entries(graph: LayerGraph) -> dict[str, dict[str, Any]]:
    """Return the ledger of each layer: what its consumers and its parameters receive."""
    entries: dict[str, dict[str, Any]] = {}
    for layer in graph.layers:
        mean, spread = _moments(layer.value)
        entries[layer.path] = {
            "name": layer.path,
            "gradient_name": f"‖∂L/∂{layer.path}‖",
            "value": _norm_text(layer.value),
            "contributions": [],
            "adds": False,
            "sum_word": "norm",
            "none": "no path to the loss",
            "seed": "",
            "terms": [
                ["shape", "", "×".join(map(str, layer.shape)) or "scalar", False],
                ["mean", "", mean, False],
                ["standard deviation", "", spread, False],
            ],
            "terms_end": "norm",
        }
    root = graph.layers[-1]
    entries[root.path]["seed"] = "∂L/∂L"
    for layer in graph.layers:
        for position, sent in zip(layer.inputs, layer.sent, strict=False):
            if sent is None:
                continue
            source = graph.layers[position].path
            entries[source]["contributions"].append(
                [_edge(source, layer.path), f"from {layer.path}", _product(layer, sent),
                 _norm_text(sent)]
            )  # fmt: skip
        for weight in layer.weights:
            if weight.gradient is not None:
                entries[layer.path]["contributions"].append(
                    [weight.path, f"→ {weight.name}", "parameter", _norm_text(weight.gradient)]
                )
    return entries


def _play(graph: LayerGraph, forward: bool) -> Iterator[Frame]:
    layers, root = graph.layers, graph.layers[-1]
    loss = measured(float(np.ravel(root.value)[0])) if np.size(root.value) == 1 else root.path
    if forward:
        yield Frame("start", None, "The input is there. Nothing is computed yet.",
                    (("Press → or the play button.", ""),))  # fmt: skip
        for layer in layers:
            if layer.kind != "input":
                yield _forward(graph, layer)
    else:
        yield Frame("start", None, f"Every value is known: the loss is {loss}. No gradient is.",
                    (("Press → or the play button.", ""),))  # fmt: skip
    seed = _norm_text(root.gradient)
    yield Frame(
        "backward", root.path, f"Backward starts here: {root.path} changes one for one with itself.",
        (("∂L/∂L = ", ""), (seed, "gradient")), target=root.path,
        gradients=((root.path, seed, True),), numbers={"sum": root.gradient},
    )  # fmt: skip
    waiting: dict[int, int] = {}
    for layer in layers:
        for position, sent in zip(layer.inputs, layer.sent, strict=False):
            waiting[position] = waiting.get(position, 0) + (sent is not None)
    for layer in reversed(layers):
        if layer.kind == "input" or layer.gradient is None:
            continue
        yield from _backward(graph, layer, waiting)
    yield _end(graph)


def _forward(graph: LayerGraph, layer: Layer) -> Frame:
    sources = " and ".join(graph.layers[i].path for i in layer.inputs) or "its input"
    mean, spread = _moments(layer.value)
    shape = "×".join(map(str, layer.shape))
    numbers = f"{shape}   mean {mean}   standard deviation {spread}" if shape else f"= {mean}"
    what = f"{layer.path} · {layer.caption}" if layer.caption else layer.path
    return Frame(
        "forward", layer.path, f"{what} runs on {sources}.", ((f"{layer.path} ", ""),
        (numbers, "value")), target=layer.path, values=(layer.path,),
        edges=tuple(_edge(graph.layers[i].path, layer.path) for i in layer.inputs),
        numbers={"value": layer.value},
    )  # fmt: skip


def _backward(graph: LayerGraph, layer: Layer, waiting: dict[int, int]) -> Iterator[Frame]:
    gradients, edges, sums = [], [layer.path], []
    target = None
    for position, sent in zip(layer.inputs, layer.sent, strict=False):
        if sent is None:
            continue
        waiting[position] -= 1
        source = graph.layers[position]
        target = target or source.path
        edges.append(_edge(source.path, layer.path))
        whole = not waiting[position]
        known = source.gradient if whole and source.gradient is not None else sent
        gradients.append((source.path, _norm_text(known), whole))
        sums.append(known)
    edges.extend(weight.path for weight in layer.weights if weight.gradient is not None)
    if len(edges) == 1:
        return
    came, left = _norm(layer.gradient), [_norm(sent) for sent in layer.sent if sent is not None]
    formula: list[tuple[str, str]] = [(f"‖∂L/∂{layer.path}‖ = {measured(came)}", "")]
    for (path, _, _), norm in zip(gradients, left, strict=True):
        gain = f" × {factor(norm / came).lstrip('×')}" if came else ""
        formula += [(f"   →   ‖∂L/∂{path}‖ = {measured(came)}{gain} = ", ""),
                    (measured(norm), "gradient" if norm else "zero")]  # fmt: skip
    parameters = ", ".join(
        f"‖∂{weight.name}‖ {_norm_text(weight.gradient)}"
        for weight in layer.weights if weight.gradient is not None
    )  # fmt: skip
    if parameters:
        formula.append((parameters, "now"))
    yield Frame(
        "backward", layer.path, _words(layer, came, left), tuple(formula), target=target,
        edges=tuple(edges), gradients=tuple(gradients),
        numbers={"upstream": layer.gradient, "contribution": layer.sent,
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
        pushed = f": logit {layer.target} is pushed up" if layer.target is not None else ""
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
    "convolution": "{name} gathers from every window that read a position, through the kernel: "
    "{size}.",
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


def _edge(source: str, target: str) -> str:
    return f"{source}-{target}"


def _product(layer: Layer, sent: Any) -> str:
    came = _norm(layer.gradient)
    return f"{measured(came)} {factor(_norm(sent) / came)}" if came else f"{measured(came)}"


def _norm(array: Any) -> float:
    return math.nan if array is None else float(np.linalg.norm(np.ravel(array).astype(float)))


def _norm_text(array: Any) -> str:
    return "—" if array is None else measured(_norm(array))


def _moments(array: Any) -> tuple[str, str]:
    if array is None or not np.size(array):
        return "—", "—"
    numbers = np.ravel(array).astype(float)
    return measured(numbers.mean()), measured(numbers.std())
