"""What to look at in the picture of a training step, in sentences computed from its data."""

from collections.abc import Mapping
from typing import Any

from autograd import Tensor
from viz.tensors.findings import find
from viz.tensors.layers import Layer, read_layers
from viz.tensors.measures import links
from viz.tensors.words import factor, percent

__all__ = ["at_the_overlap", "at_the_pool", "at_the_step"]


def at_the_step(loss: Tensor) -> list[str]:
    """Say where the gradient flows, where it dies, and what batch norm does to it."""
    graph = read_layers(loss)
    edges = links(graph)
    sentences = [
        "Follow the vermilion band from the loss, right to left and upwards: its width is the norm "
        "of the gradient."
    ]
    ringed = find(graph, edges).ringed
    if ringed is not None:
        sentences.append(dying(graph.layers[ringed]))
    norms = [
        f"{factor(edge.gain)} in `{graph.layers[edge.target].path}`"
        for edge in reversed(edges)
        if graph.layers[edge.target].kind == "norm" and edge.gain is not None
    ]
    if norms:
        sentences.append(
            f"Batch norm divides the gradient by the spread of its input: {' and '.join(norms)}."
        )
    return sentences


def dying(layer: Layer) -> str:
    """Say how much a layer that selects lets through."""
    gate = layer.gate
    sentence = (
        f"The outlined gauge is where most of it dies: `{layer.path}` lets "
        f"{percent(gate.passing_share)} of its positions through"
    )
    if gate.dead_channels:
        dead = f"{gate.dead_channels} of its {gate.channels} channels"
        sentence += f", and {dead} get nothing at all (hatched if drawn)"
    return sentence + "."


def at_the_pool(data: Mapping[str, Any]) -> list[str]:
    """Say who wins, what ties and what dies, given the data of ``viz.pool``'s figure."""
    sentences = [
        "Follow one colour: a window, its winner (ringed), the gradient that arrives, and where it "
        f"lands. {data['receiving']} of {data['inputs']} cells receive any."
    ]
    if any(window["tied"] for window in data["windows"]):
        sentences.append(
            "Find the dashed cells: they tie with the winner, and the first in row order takes all."
        )
    dying = sum(landing["dies"] for landing in data["landed"])
    if dying:
        winners = f"{dying} winners are" if dying > 1 else "One winner is"
        sentences.append(
            f"{winners} 0 (hatched landing): the relu before stops that gradient one step later."
        )
    return sentences


def at_the_overlap(data: Mapping[str, Any]) -> list[str]:
    """Say which cells receive from several windows, given the data of ``viz.pool``'s figure."""
    sums = [landing["text"] for landing in data["landed"] if len(landing["from"]) > 1]
    return [
        f"{len(sums)} cells win twice, and what they receive is a sum: {', '.join(sums)}.",
        "Add up the six upstream gradients, then what has landed: nothing is lost where they meet.",
    ]
