"""Everything that a layer picture shows, measured before anything is drawn.

``measure`` turns layers into contents: rows of numbers, chosen channels, the loss's table, the
headline, and plain data for ``Figure.data``. The drawing reads nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viz.tensors.cards import BARS, CardContent
from viz.tensors.channels import choose_channels
from viz.tensors.findings import Findings, find
from viz.tensors.layers import Layer, LayerGraph
from viz.tensors.loss_card import ClassTable, class_table
from viz.tensors.measures import (
    Link,
    Row,
    cluster_maps,
    gradient_norms,
    links,
    norm,
    row,
    update_ratio,
)
from viz.tensors.words import measured, percent

__all__ = ["Contents", "measure"]


@dataclass(frozen=True)
class Contents:
    """A measured picture: cards, edges, findings and the loss's classes."""

    graph: LayerGraph
    cards: tuple[CardContent, ...]
    links: tuple[Link, ...]
    findings: Findings
    table: ClassTable | None
    lr: float | None
    optimizer: str
    remarks: tuple[str, ...]

    def summary(self) -> list[tuple[str, str]]:
        """Return the line at the right of the title: (words, role) parts."""
        parts: list[str] = []
        table = self.table
        if table is not None:
            named = dict(zip(table.classes, table.names, strict=True))
            best = sorted(zip(table.p, table.names, strict=True), key=lambda pair: -pair[0])[:3]
            read = (
                ", ".join(f"{name} ({percent(p)})" for p, name in best if p >= 0.005)
                or f"{best[0][1]} ({percent(best[0][0])})"
            )
            parts += [f"target {named[table.target]}", f"read as {read}"]
        if self.optimizer:
            parts.append(self.optimizer)
        loss = self.cards[-1].value
        words = [(" · ".join(parts), "ink2")] if parts else []
        if loss is not None and not self.graph.layers[-1].shape:
            words += [(" · loss " if parts else "loss ", "ink2"), (measured(loss.mean), "value b")]
        return words

    def as_data(self) -> dict[str, Any]:
        """Return plain values: what ``Figure.data`` holds of this picture."""
        return {
            "kind": "layers",
            "batch": self.graph.batch,
            "entries": self.graph.entries,
            "layers": [_card_data(card) for card in self.cards],
            "edges": [
                {
                    "source": self.graph.layers[k.source].path,
                    "target": self.graph.layers[k.target].path,
                    "norm": k.norm,
                    "gain": k.gain,
                }
                for k in self.links
            ],
            "findings": self.findings.as_data(),
            "classes": None if self.table is None else _table_data(self.table),
            "remarks": list(self.remarks),
        }


def measure(
    graph: LayerGraph,
    *,
    lr: float | None = None,
    optimizer: str = "",
    labels: Sequence[str] | None = None,
) -> Contents:
    """Measure every card and edge of a layer graph.

    Parameters
    ----------
    graph : LayerGraph
    lr : float, optional
        Learning rate: parameter chips then say how far the step moves them.
    optimizer : str
        Its words for the title line, ``"SGD, lr 0.01"``.
    labels : sequence of str, optional
        Names of the classes.
    """
    norms = gradient_norms(graph)
    found = links(graph, norms)
    findings = find(graph, found)
    channels = {
        key: choose_channels(
            [layer.value[0] for layer in members if layer.value is not None],
            [layer.gradient[0] for layer in members if layer.gradient is not None],
        )
        for key, members in cluster_maps(graph.layers).items()
    }
    target, table = None, None
    for layer in graph.layers:
        if layer.target is not None and layer.inputs:
            feeder = graph.layers[layer.inputs[0]]
            if feeder.value is not None and feeder.value.ndim <= 2:
                gradient = layer.sent[0] if layer.sent else feeder.gradient
                target = layer.target
                table = class_table(feeder.value, gradient, target, labels, feeder.name)
    cards = []
    for position, layer in enumerate(graph.layers):
        rows = _fold_rows(graph, position)
        card = CardContent(
            _worded(graph, position, table),
            None if layer.value is None else row(layer.value),
            None if layer.gradient is None else row(layer.gradient, norms[position]),
            channels.get((layer.cluster, layer.shape[1]), ()) if len(layer.shape) == 4 else (),
            fold_rows=rows,
            ring=position == findings.ringed,
            target=target if _is_logits(graph, position) else None,
            lr=lr,
            note=_note(layer, rows),
            is_root=position == len(graph.layers) - 1,
        )
        cards.append(card)
    return Contents(
        graph, tuple(cards), found, findings, table, lr, optimizer, _remarks(graph, cards)
    )


def _is_logits(graph: LayerGraph, position: int) -> bool:
    return any(k.target is not None and position in k.inputs for k in graph.layers)


def _worded(graph: LayerGraph, position: int, table: ClassTable | None) -> Layer:
    """Put words on a card that need its neighbours: what a loss compares, what bars stand for."""
    layer = graph.layers[position]
    if layer.kind == "cross_entropy" and layer.inputs:
        feeder = graph.layers[layer.inputs[0]].name
        wish = "y" if layer.target is None else f"y = {layer.target}"
        return replace(layer, caption=f"cross_entropy({feeder}, {wish})")
    if layer.kind == "linear" and table is not None and _is_logits(graph, position):
        if table.total <= BARS:
            first, last = table.names[0], table.names[-1]
            return replace(layer, caption=f"Linear · classes {first}–{last}")
    return layer


def _fold_rows(graph: LayerGraph, position: int) -> int | None:
    """Return into how many rows a vector folds that was (C, H, W) maps: one row a channel."""
    layer = graph.layers[position]
    if len(layer.shape) != 2:
        return None
    size, source = layer.shape[1], layer
    while source.inputs and len(source.shape) == 2 and source.shape[1] == size:
        source = graph.layers[source.inputs[0]]
    if len(source.shape) == 4 and int(np.prod(source.shape[1:])) == size > source.shape[1]:
        return source.shape[1] if source.shape[1] > 1 else source.shape[2]
    return None


def _note(layer: Layer, rows: int | None) -> str:
    if layer.kind == "reshape" and rows:
        return f"same numbers,\n{rows} rows × {layer.shape[1] // rows}"
    return "same numbers" if layer.kind == "reshape" else ""


def _remarks(graph: LayerGraph, cards: Sequence[CardContent]) -> tuple[str, ...]:
    found = []
    if not graph.entries.startswith(("0 ", "1 ")):
        found.append(
            f"Prints and ranges show the first of {graph.entries}; norms, gains and shares "
            "are of the whole batch."
        )
    lost = [c.layer.name for c in cards if "not kept" in (c.layer.why_value, c.layer.why_gradient)]
    if lost:
        found.append(
            f"Not kept: parts of {len(lost)} of {len(cards)} cards. "
            "Run the step under autograd.inspect() to keep everything."
        )
    changed = [w.path for c in cards for w in c.layer.weights if w.changed]
    if changed:
        found.append(
            f"Changed since the forward pass used it: {', '.join(changed[:3])}"
            + (f" and {len(changed) - 3} more." if changed[3:] else ".")
        )
    return tuple(found)


def _card_data(card: CardContent) -> dict[str, Any]:
    layer = card.layer
    gate = layer.gate
    return {
        "path": layer.path,
        "name": layer.name,
        "cluster": layer.cluster,
        "kind": layer.kind,
        "caption": layer.caption,
        "shape": list(layer.shape),
        "operations": list(layer.operations),
        "members": list(layer.members),
        "bypass": layer.bypass
        and {
            "share": layer.bypass.share,
            "branch": layer.bypass.branch,
            "bypass": layer.bypass.bypass,
            "sum": layer.bypass.total,
        },
        "value": _row_data(card.value, layer.why_value),
        "gradient": _row_data(card.gradient, layer.why_gradient),
        "channels": list(card.channels),
        "gate": gate
        and {
            "word": gate.word,
            "passing": gate.passing,
            "stopped": gate.stopped,
            "size": gate.size,
            "dead_channels": gate.dead_channels,
            "channels": gate.channels,
            "ringed": card.ring,
        },
        "parameters": [
            {
                "path": weight.path,
                "shape": list(weight.shape),
                "norm": None if weight.value is None else _number(norm(weight.value)),
                "gradient_norm": None
                if weight.gradient is None
                else _number(norm(weight.gradient)),
                "why": weight.why,
                "changed": weight.changed,
                "update": None
                if card.lr is None or weight.gradient is None or weight.value is None
                else update_ratio(weight.gradient, weight.value, card.lr),
            }
            for weight in layer.weights
        ],
    }


def _row_data(numbers: Row | None, why: str) -> dict[str, Any]:
    if numbers is None:
        return {"kept": False, "why": why}
    return {
        "kept": True,
        "limit": numbers.limit,
        "mean": numbers.mean,
        "std": numbers.std,
        "norm": _number(numbers.norm),
        "zero_share": numbers.zero_share,
        "not_finite": numbers.bad,
        "histogram": list(numbers.histogram.counts),
    }


def _table_data(table: ClassTable) -> dict[str, Any]:
    return {
        "classes": list(table.classes),
        "names": list(table.names),
        "p": list(table.p),
        "gradient": None if table.gradient is None else list(table.gradient),
        "target": table.target,
        "is_p_minus_y": table.exact,
        "sentence": table.sentence,
    }


def _number(value: float) -> float | str:
    return value if np.isfinite(value) else str(value)  # JSON has no nan
