"""The backward pass of a recording: every upstream and every contribution, or why it is missing.

What the engine kept is replayed; a graph that can still be walked is walked anew, with
``steps(root, accumulate=False, retain_graph=True)``, and what its ops held before is put back:
drawing changes no ``.grad``, and never runs the engine on a spent graph.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from autograd import steps
from autograd.parts import Parts
from viz.extract import Recording
from viz.scene import BY_OUTPUT, KNOWN, NO_PATH, NOT_COMPUTED, NOT_FINITE, NOT_KEPT, ZERO

__all__ = ["Trace", "trace"]


@dataclasses.dataclass(frozen=True)
class Trace:
    """Gradients by record.

    Attributes
    ----------
    upstream : dict of index to payload
        Gradient of the root by each record that has one.
    parts : dict of index to tuple
        Of an op of several outputs the gradient by each of them, None where nothing arrived.
    contributions : dict of (index, position) to payload
        What each op sent to each operand.
    order : tuple of int
        The ops in the order in which they were visited.
    source : {"walk", "kept", "none"}
        Where the numbers are from.
    notes : tuple of str
        What a reader should know of them.
    """

    recording: Recording
    upstream: dict[int, Any]
    contributions: dict[tuple[int, int], Any]
    order: tuple[int, ...]
    source: str
    notes: tuple[str, ...] = ()
    parts: dict[int, tuple[Any, ...]] = dataclasses.field(default_factory=dict)

    def arrived(self, index: int) -> tuple[Any, ...]:
        """Return what arrived at a record, output by output."""
        upstream = self.upstream.get(index)
        sent = self.parts.get(index, ()) if upstream is None else (upstream,)
        return tuple(part for part in sent if part is not None)

    def state(self, index: int) -> str:
        """Return the state of a record's gradient, as ``Node.gradient_state``."""
        gradient = self.upstream.get(index)
        if index in self.parts:
            return BY_OUTPUT
        if gradient is not None:
            array = np.asarray(gradient)
            if not np.all(np.isfinite(array)):
                return NOT_FINITE
            return KNOWN if np.any(array) else ZERO
        if self.source == "none":
            return NOT_COMPUTED
        record = self.recording.records[index]
        if self.source == "walk" or (record.is_leaf and not self.recording.consumers[index]):
            return NO_PATH
        return NOT_KEPT


def trace(root: Any, recording: Recording) -> Trace:
    """Return the gradients of `root` over its recording.

    Parameters
    ----------
    root : Tensor
        What the recording was extracted from.
    recording : Recording

    Examples
    --------
    >>> import autograd
    >>> from viz.extract import extract
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> walked = trace(y, extract(y))
    >>> [float(walked.contributions[edge]) for edge in ((1, 0), (1, 1), (2, 1))]
    [3.0, 3.0, 1.0]
    >>> float(walked.upstream[0]), x.grad
    (7.0, None)
    """
    spent = any(getattr(record.node, "spent", False) for record in recording.records)
    if spent or not hasattr(root, "payload"):
        return _replayed(recording)
    seed = None
    if np.prod(recording.root.shape, dtype=int) != 1:
        seed = recording.root.node.grad
        if seed is None:
            note = (
                "Gradients are not computed: the root is no scalar. Reduce it (sum, mean), or "
                "call backward(gradient) on it first."
            )
            return Trace(recording, {}, {}, (), "none", (note,))
    try:
        return _walked(root, recording, seed)
    except RuntimeError as error:
        kept = _replayed(recording)
        return dataclasses.replace(kept, notes=(f"The graph cannot be walked: {error}.",))


def _walked(root: Any, recording: Recording, seed: Any) -> Trace:
    index = {id(record.node): record.index for record in recording.records}
    held = [
        (record.node, record.node.grad, record.node._contributions)
        for record in recording.records
        if record.op and hasattr(record.node, "_contributions")
    ]
    upstream: dict[int, Any] = {}
    parts: dict[int, tuple[Any, ...]] = {}
    contributions: dict[tuple[int, int], Any] = {}
    order = []
    try:
        seed = getattr(seed, "payload", seed)
        for step in steps(root, seed, accumulate=False, retain_graph=True):
            i = index[id(step.op)]
            order.append(i)
            _enter(i, step.upstream, upstream, parts)
            contributions.update(
                ((i, position), _only(sent))
                for position, sent in enumerate(step.contributions)
                if sent is not None
            )
    finally:
        for node, grad, kept in held:
            node.grad = grad
            if node._contributions is not kept:
                node._contributions = kept
    if recording.root.is_leaf:
        start = np.ones(recording.root.shape)[()] if seed is None else seed
        upstream[recording.root.index] = start
    _fill_leaves(recording, upstream, contributions)
    notes = _notes(recording, upstream)
    return Trace(recording, upstream, contributions, tuple(order), "walk", notes, parts)


def _enter(
    index: int, came: Any, upstream: dict[int, Any], parts: dict[int, tuple[Any, ...]]
) -> None:
    """Note what arrived at an op; at one of several outputs, for each of them."""
    if isinstance(came, Parts):
        parts[index] = tuple(came)
    else:
        upstream[index] = came


def _only(sent: Any) -> Any:
    """Return what was sent; what an output hands to its op is one part of many."""
    if not isinstance(sent, Parts):
        return sent
    return next((part for part in sent if part is not None), None)


def _replayed(recording: Recording) -> Trace:
    upstream: dict[int, Any] = {}
    parts: dict[int, tuple[Any, ...]] = {}
    contributions: dict[tuple[int, int], Any] = {}
    order = []
    for record in reversed(recording.records):
        if record.is_leaf or record.node.grad is None:
            continue
        _enter(record.index, record.node.grad, upstream, parts)
        order.append(record.index)
        for position, sent in enumerate(record.node.contributions or ()):
            if sent is not None:
                contributions[record.index, position] = _only(sent)
    _fill_leaves(recording, upstream, contributions)
    notes = _notes(recording, upstream)
    root = upstream.get(recording.root.index)
    if root is not None and np.size(root) == 1 and float(np.reshape(root, ())) != 1:
        notes += (
            "The gradients are those of the last backward pass, which did not begin with 1 here.",
        )
    known = {*upstream, *parts}
    if any(record.index not in known for record in recording.records):
        notes += (
            "Not kept: some values or gradients were let go as backward passed. Record and run it "
            "within autograd.inspect() to keep them all.",
        )
    source = "kept" if known or getattr(recording.root.node, "spent", False) else "none"
    return Trace(recording, upstream, contributions, tuple(order), source, notes, parts)


def _fill_leaves(
    recording: Recording, upstream: dict[int, Any], contributions: dict[tuple[int, int], Any]
) -> None:
    """Add up what the consumers sent to each leaf, in the order of the walk."""
    for record in recording.records:
        if record.op or not recording.consumers[record.index]:
            continue
        sent = [
            contributions.get(use)
            for use in sorted(recording.consumers[record.index], key=lambda u: (-u[0], u[1]))
        ]
        if all(part is not None for part in sent):
            upstream[record.index] = sum(sent[1:], start=sent[0])
        elif record.node.grad is not None and not any(part is not None for part in sent):
            upstream[record.index] = record.node.grad.payload


def _notes(recording: Recording, upstream: dict[int, Any]) -> tuple[str, ...]:
    """Say where ``.grad`` holds more than this pass: it adds up over backward calls."""
    for record in recording.records:
        if record.op or record.node.grad is None or record.index not in upstream:
            continue
        held, now = np.asarray(record.node.grad.payload), np.asarray(upstream[record.index])
        if held.shape == now.shape and not np.allclose(held, now, rtol=1e-4, equal_nan=True):
            return (
                ".grad of some leaves holds more than this pass: it adds up over calls of "
                "backward() until it is set to zero.",
            )
    return ()


def missing_words(state: str, root: str) -> str:
    """Return what stands in the place of a gradient that is not there."""
    return {NO_PATH: f"no path to {root}", NOT_KEPT: "not kept"}.get(state, "—")
