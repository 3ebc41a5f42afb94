"""The headline of a layer picture, computed from its data.

Three questions, in the order in which a learner asks them: does gradient reach every layer; where
does most of it die (positions stopped of those still alive); where does its norm shrink or grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.tensors.layers import Layer, LayerGraph
from viz.tensors.measures import Link, norm
from viz.tensors.words import factor, percent

__all__ = ["Findings", "find"]

DIES = 0.5  # of the positions still alive, stopped by one gate
THINS = 0.1
SHRINKS = 0.5  # gain of one rule
GROWS = 10.0


@dataclass(frozen=True)
class Findings:
    """What was found, as data and as words.

    ``sentence`` is a tuple of (words, emphasised) parts; ``ringed`` the position of the layer
    whose gauge stops the largest part of what arrived, relu and dropout before pools.
    """

    unreached: tuple[str, ...]
    not_finite: str | None
    dies: str | None
    shrinks: tuple[str, float] | None
    grows: tuple[str, float] | None
    ringed: int | None
    sentence: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The headline as plain words."""
        return "".join(words for words, _ in self.sentence)

    def as_data(self) -> dict[str, Any]:
        """Return plain values for ``Figure.data``."""
        return {
            "headline": self.text,
            "unreached": list(self.unreached),
            "not_finite": self.not_finite,
            "dies": self.dies,
            "shrinks": list(self.shrinks) if self.shrinks else None,
            "grows": list(self.grows) if self.grows else None,
        }


def find(graph: LayerGraph, links: Sequence[Link]) -> Findings:
    """Look for where gradient ends, dies, shrinks and grows."""
    layers = graph.layers
    known = [layer for layer in layers if layer.gradient is not None]
    if not known:
        return _silent(graph)
    bad = next((layer for layer in reversed(known) if not _is_finite(layer.gradient)), None)
    origin = next((layer for layer in layers if not _is_finite(layer.value)), None)
    unreached = tuple(_path(layer) for layer in layers if _is_unreached(layer))
    ringed = _worst_gate(layers)
    worst = layers[ringed] if ringed is not None else None
    if worst is not None and (worst.gate.kind == "max_pool" or worst.gate.loss < THINS):
        worst = None  # 1 - 1/k^2 of a pool's inputs lose by design
    dying = worst if worst is not None and worst.gate.loss >= DIES else None
    gains = [
        (link.gain, _path(layers[link.target]))
        for link in links
        if link.gain is not None and 0 < link.gain < np.inf and layers[link.target].shape
    ]
    low, high = min(gains, default=(1.0, "")), max(gains, default=(1.0, ""))
    shrinks = (low[1], low[0]) if low[0] < SHRINKS else None
    grows = (high[1], high[0]) if high[0] > GROWS else None
    parts = _reach(unreached, bad, origin)
    if bad is None:
        parts += _changes(worst, shrinks, grows)
        if gains and shrinks is None and grows is None:
            parts.append(
                (f" Its norm changes by {factor(low[0])} to {factor(high[0])} a rule.", False)
            )
    shares = [layer.bypass.share for layer in layers if layer.bypass is not None]
    if shares and bad is None:
        low_share, high_share = percent(min(shares), sign=False), percent(max(shares))
        span = high_share if len(shares) == 1 else f"{low_share}–{high_share}"
        parts.append((f" {span} of the gradient at a block's input came by its bypass.", False))
    return Findings(
        unreached,
        _path(bad) if bad is not None else None,
        _path(dying) if dying is not None else None,
        shrinks,
        grows,
        ringed,
        tuple(parts),
    )


def _silent(graph: LayerGraph) -> Findings:
    if graph.ran:
        words = "The gradients of this step were not kept. Run backward() under autograd.inspect()."
    else:
        words = "Values only: backward() has not been run, so there are no gradients to show."
    return Findings((), None, None, None, None, None, ((words, False),))


def _is_unreached(layer: Layer) -> bool:
    of_weights = [w.gradient for w in layer.weights if w.gradient is not None]
    if of_weights:
        return all(norm(gradient) == 0 for gradient in of_weights)
    return layer.kind == "input" and layer.gradient is not None and norm(layer.gradient) == 0


def _worst_gate(layers: Sequence[Layer]) -> int | None:
    """Choose the gauge to outline: the largest loss; of pools only if nothing else stops."""
    gated = [(p, layer.gate) for p, layer in enumerate(layers) if layer.gate and layer.gate.stopped]
    first = [(p, gate) for p, gate in gated if gate.kind != "max_pool"] or gated
    position, worst = max(first, key=lambda pair: pair[1].loss, default=(None, None))
    return position if worst is not None and worst.loss >= THINS else None


def _is_finite(array: np.ndarray | None) -> bool:
    return array is None or bool(np.all(np.isfinite(array)))


def _reach(
    unreached: tuple[str, ...], bad: Layer | None, origin: Layer | None
) -> list[tuple[str, bool]]:
    if origin is not None:
        words = [("Values are ", False), ("not finite", True), (" from ", False)]
        words += [(_path(origin), True), (" on", False)]
        return [*words, (", and so are the gradients." if bad is not None else ".", False)]
    if bad is not None:
        return [("Gradient is ", False), ("not finite", True), (" from ", False),
                (_path(bad), True), (" back.", False)]  # fmt: skip
    if unreached:
        some = ", ".join(unreached[:3]) + (
            f" and {len(unreached) - 3} more" if unreached[3:] else ""
        )
        return [("Gradient ", False), ("does not reach", True), (" ", False), (some, True),
                (".", False)]  # fmt: skip
    return [("Gradient reaches every layer.", False)]


def _changes(
    worst: Layer | None, shrinks: tuple[str, float] | None, grows: tuple[str, float] | None
) -> list[tuple[str, bool]]:
    clauses: list[list[tuple[str, bool]]] = []
    if worst is not None:
        gate = worst.gate
        alive = gate.passing_share + gate.stopped_share
        word = {"relu": "masks", "dropout": "drops"}[gate.kind]
        detail = f" ({word} {percent(gate.stopped_share, sign=False)} of the {percent(alive)} "
        detail += "of positions still alive"
        if gate.dead_channels:
            detail += f"; {gate.dead_channels} of {gate.channels} channels get none"
        verb = "dies" if gate.loss >= DIES else "thins most"
        clauses.append([(verb, True), (" at ", False), (_path(worst), True), (detail + ")", False)])
    for verb, change in (("shrinks", shrinks), ("grows", grows)):
        if change is not None:
            clauses.append([(verb, True), (" at ", False), (change[0], True),
                            (f" ({factor(change[1])})", False)])  # fmt: skip
    parts: list[tuple[str, bool]] = []
    for number, clause in enumerate(clauses):
        parts.append((" It " if number == 0 else ", ", False))
        parts += clause
    return [*parts, (".", False)] if parts else []


def _path(layer: Layer) -> str:
    return "loss" if layer.kind == "cross_entropy" else layer.path
