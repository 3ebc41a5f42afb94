"""From an op graph to layers: what one module's call recorded is one layer.

A module without submodules is one layer, whatever it recorded; functional calls inside a
container are layers of their own. The result is plain: paths, shapes, arrays, words; nothing
here is a drawing, and nothing later looks at a node.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from viz.render.svg import safe_id
from viz.tensors.captions import FAMILIAR, caption, kind_of
from viz.tensors.gates import Gate, gate
from viz.tensors.grouping import Group, group_ops, is_output
from viz.tensors.reading import NO_SAMPLES, NOT_KEPT, Reading, is_leaf

__all__ = ["Bypass", "Layer", "LayerGraph", "Weight", "merged", "read_layers"]

PARAMETER_OPERANDS = frozenset({"weight", "bias", "gamma", "beta", "scale", "shift"})


@dataclass(frozen=True)
class Weight:
    """A parameter of a layer: its name, payload and gradient as far as they are there."""

    name: str
    path: str
    shape: tuple[int, ...]
    value: np.ndarray | None
    gradient: np.ndarray | None
    why: str = ""  # there is no gradient because ...
    changed: bool = False  # written to since the forward pass used it


@dataclass(frozen=True)
class Bypass:
    """Norms where a folded block's input forks: gradients of both ways add up there.

    Norms do not add: ``total`` is the norm of the sum.
    """

    branch: float
    bypass: float
    total: float

    @property
    def share(self) -> float:
        """``‖bypass‖ / (‖bypass‖ + ‖branch‖)``."""
        both = self.branch + self.bypass
        return self.bypass / both if both else 0.0


@dataclass(frozen=True)
class Layer:
    """One card: an input, or what one module's call (or one functional call) recorded."""

    path: str
    name: str
    cluster: str
    kind: str  # "input", or a family of captions.FAMILIAR, or the op's name
    caption: str
    shape: tuple[int, ...]
    value: np.ndarray | None
    gradient: np.ndarray | None
    why_value: str = ""
    why_gradient: str = ""
    inputs: tuple[int, ...] = ()
    weights: tuple[Weight, ...] = ()
    gate: Gate | None = None
    operations: tuple[str, ...] = ()
    target: int | None = None  # of a classification loss: the class of the first sample
    sent: tuple[np.ndarray | None, ...] = ()  # gradient sent along each of `inputs`
    parameters: int = 0
    members: tuple[str, ...] = ()  # paths folded into this card
    bypass: Bypass | None = None  # of a folded block whose input comes back further on

    @property
    def id(self) -> str:
        """The path as it stands in ids of the drawing."""
        return safe_id(self.path)


@dataclass(frozen=True)
class LayerGraph:
    """Layers in the order in which they ran; ``inputs`` of a layer are positions in it."""

    layers: tuple[Layer, ...]
    ran: bool
    batch: int  # how many samples
    entries: str  # along the first axis of the input: "3 samples", "5 steps"
    titles: Mapping[str, str] = field(default_factory=dict)  # cluster path -> its class

    @property
    def is_chain(self) -> bool:
        """Whether each layer feeds exactly the next."""
        return all(layer.inputs == ((i - 1,) if i else ()) for i, layer in enumerate(self.layers))


def read_layers(
    root: Any,
    *,
    backward: Mapping[Any, tuple[Any, Any]] | None = None,
    names: Mapping[Any, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> LayerGraph:
    """Group the ops that a root reaches to layers.

    Parameters
    ----------
    root : Tensor or Op
        Usually a loss.
    backward : mapping of Op to (upstream, contributions), optional
        Gradients of a replayed walk, where nodes kept none.
    names : mapping of node to str, optional
        What the caller calls its inputs.
    titles : mapping of module path to str, optional
        Class names of the modules.

    Raises
    ------
    ValueError
        If the root was not made by a recorded operation.
    """
    reading, names = Reading(root, backward), names or {}
    groups = group_ops(reading.ops)
    home = {op: number for number, group in enumerate(groups) for op in group.ops}
    sources = _sources(reading, groups, names)
    place: dict[Any, int] = {}  # group number or source key -> position among the layers
    layers: list[Layer] = []
    for number, group in enumerate(groups):
        feeds: dict[Any, np.ndarray | None] = {}
        for op in group.ops:
            sent = reading.contributions(op) or (None,) * len(op.operands)
            for position, operand in enumerate(op.operands):
                source = sources.get((op, position))
                key = home.get(operand, source and source.key)
                if key is None or key == number:
                    continue
                if key not in place:
                    place[key] = len(layers)
                    layers.append(_source_layer(reading, source))
                feeds[key] = merged(feeds.get(key), sent[position])
        place[number] = len(layers)
        inputs = tuple(place[key] for key in feeds)
        layers.append(_layer(reading, group, inputs, tuple(feeds.values())))
    layers = _unique(layers)
    if layers[-1].kind == "cross_entropy":
        layers[-1] = replace(layers[-1], path="loss", name="loss")
    first = next((layer for layer in layers if layer.kind == "input" and layer.shape), None)
    shape = first.shape if first is not None and len(first.shape) > 1 else (1,)
    return LayerGraph(
        tuple(layers), reading.ran, *_counted(reading, sources, shape), titles=titles or {}
    )


def _counted(
    reading: Reading, sources: Mapping[tuple[Any, int], "Source"], shape: tuple[int, ...]
) -> tuple[int, str]:
    """Return how many samples an input holds, and of what its first axis is made.

    (T, N, ...) is a sequence where a recurrence reads it, or where N are scored; fewer scores than
    rows are of rows that go together, as those of an unrolled recurrence do.
    """
    root = reading.root
    scores = root.operands[0] if kind_of(root.name) == "cross_entropy" else None
    scored = scores.shape[0] if scores is not None and len(scores.shape) > 1 else shape[0]
    if len(shape) > 2:
        read = any(
            op.name in ("lstm", "gru") and _shape_of(source) == shape
            for (op, _), source in sources.items()
        )
        if read or scored == shape[1] != shape[0]:
            return shape[1], f"{shape[0]} steps"
    if scored < shape[0]:
        return scored, f"{shape[0]} rows"
    return shape[0], f"{shape[0]} samples"


def merged(total: np.ndarray | None, part: Any) -> np.ndarray | None:
    """Return the sum of what went one way; of different outputs of a layer, one after the other."""
    part = None if part is None else np.asarray(getattr(part, "payload", part))
    if part is None or not part.size:
        return total
    if total is None or total.shape == part.shape:
        return part if total is None else total + part
    return np.concatenate([total.ravel(), part.ravel()])  # has the norm of both


def _unique(layers: list[Layer]) -> list[Layer]:
    """Give numbers to names that come again: inputs, and shared parameters (``w#2``)."""
    uses: Counter[Any] = Counter()
    found = []
    for layer in layers:
        uses["", layer.path] += 1
        if uses["", layer.path] > 1:
            again = f"#{uses['', layer.path]}"
            layer = replace(layer, path=layer.path + again, name=f"{layer.name} {again}")
        weights = []
        for weight in layer.weights:
            uses[weight.path] += 1
            number = f"#{uses[weight.path]}" if uses[weight.path] > 1 else ""
            weights.append(replace(weight, path=weight.path + number))
        found.append(replace(layer, weights=tuple(weights)))
    return found


class Source(NamedTuple):
    """An input of the graph: what identifies it, the leaf if it is one, its name and value."""

    key: Any
    leaf: Any
    name: str
    value: Any


def _sources(
    reading: Reading, groups: list[Group], names: Mapping[Any, str]
) -> dict[tuple[Any, int], Source]:
    """Find the inputs: leaves that are no parameters, and the constant that a chain starts from."""
    sources: dict[tuple[Any, int], Source] = {}
    for group in groups:
        fed = False
        for op in group.ops:
            for position, operand in enumerate(op.operands):
                if operand is None or (is_leaf(operand) and _is_weight(op, position)):
                    continue
                fed = fed or operand not in group.ops
                if is_leaf(operand):
                    name = names.get(operand) or operand.name or op.operand_names[position]
                    sources[op, position] = Source(operand, operand, name, None)
        op = group.ops[0]
        if not fed and op.operands and op.operands[0] is None:
            name = names.get(op) or op.operand_names[0]
            sources[op, 0] = Source(("constant", op), None, name, reading.operand_value(op, 0))
    return sources


def _is_weight(op: Any, position: int) -> bool:
    leaf = op.operands[position]
    return bool(leaf.name) or op.operand_names[position] in PARAMETER_OPERANDS


def _source_layer(reading: Reading, source: Source) -> Layer:
    leaf, value, gradient = source.leaf, source.value, None
    if leaf is not None:
        value, gradient = reading.value(leaf), reading.gradient(leaf)
    return Layer(
        path=source.name,
        name=source.name,
        cluster="",
        kind="input",
        caption="",
        shape=_shape_of(source),
        **_shown(value, gradient, reading.why_no_gradient(leaf)),
    )


def _shape_of(source: Source) -> tuple[int, ...]:
    return np.shape(source.value) if source.leaf is None else tuple(source.leaf.shape)


def _shown(value: Any, gradient: Any, why_no_gradient: str) -> dict[str, Any]:
    """Return value and gradient as a card takes them, None with a reason where nothing is."""
    shown: dict[str, Any] = {}
    for name, array, why in (("value", value, NOT_KEPT), ("gradient", gradient, why_no_gradient)):
        empty = array is not None and np.size(array) == 0
        shown[name] = None if empty else array
        shown[f"why_{name}"] = NO_SAMPLES if empty else why if array is None else ""
    return shown


def _layer(
    reading: Reading, group: Group, inputs: tuple[int, ...], sent: tuple[np.ndarray | None, ...]
) -> Layer:
    chief, last = group.chief, group.last
    shapes = {
        name: tuple(chief.operands[i].shape)
        if chief.operands[i] is not None
        else np.shape(reading.operand_value(chief, i))
        for i, name in enumerate(chief.operand_names)
    }
    words = caption(chief.name, chief.attributes, shapes)
    if len(group.ops) > 1 and chief.name not in FAMILIAR:
        made = [op.name for op in group.ops if not is_output(op)]
        words = f"{len(made)} ops: {', '.join(made)}" if len(made) > 1 else ""
    if len(group.parts) > 1:
        words = f"{', '.join(group.parts)}; here {group.parts[-1]}"
    elif group.parts:
        words = f"its {group.parts[0]}"
    value, gradient = reading.value(last), reading.upstream(last)
    weights = _weights(reading, group.ops)
    return Layer(
        path=group.path,
        name=group.name,
        cluster=group.cluster,
        kind=kind_of(chief.name),
        caption="" if words == group.name else words,
        shape=tuple(last.shape),
        **_shown(value, gradient, reading.why_no_gradient(last)),
        inputs=inputs,
        sent=sent,
        weights=weights,
        gate=_gate(reading, chief),
        target=_target(reading, chief),
        operations=tuple(op.name for op in group.ops),
        parameters=sum(int(np.prod(w.shape)) for w in weights),
    )


def _weights(reading: Reading, group: list[Any]) -> tuple[Weight, ...]:
    found: dict[Any, Weight] = {}
    for op in group:
        for position, operand in enumerate(op.operands):
            if operand is None or not is_leaf(operand) or not _is_weight(op, position):
                continue
            name = operand.name or op.operand_names[position]
            gradient = reading.gradient(operand)
            found[operand] = Weight(
                name,
                f"{op.module}.{name}" if op.module else name,
                tuple(operand.shape),
                reading.operand_value(op, position),
                gradient,
                "" if gradient is not None else reading.why_no_gradient(operand),
                reading.is_changed(op, position),
            )
    return tuple(found.values())


def _gate(reading: Reading, op: Any) -> Gate | None:
    upstream = reading.upstream(op)
    sent = reading.contributions(op)
    landed = sent[0] if sent else None
    if landed is None and op.operands and op.operands[0] is not None:
        if len(reading.consumers[op.operands[0]]) == 1:
            landed = reading.gradient(op.operands[0])
    if upstream is None or landed is None or not upstream.size:
        return None
    landed = np.asarray(getattr(landed, "payload", landed))
    return gate(kind_of(op.name), upstream, landed, dict(op.attributes))


def _target(reading: Reading, op: Any) -> int | None:
    if kind_of(op.name) != "cross_entropy":
        return None
    targets = op.attributes.get("target")
    for position, name in enumerate(op.operand_names):
        if targets is None and name in ("target", "targets", "y"):
            targets = reading.operand_value(op, position)
    targets = np.asarray(targets) if targets is not None else np.zeros(0)
    if targets.size and targets.ndim <= 1 and np.issubdtype(targets.dtype, np.integer):
        return int(targets.reshape(-1)[0])
    return None
