"""Ops of several outputs (``svd``, ``sort``, ``var_mean``): what became of each output.

An op of which one output is used shares that output's card.  Of several that are used each has a
card of its own, with its value, its gradient and its ledger, which stands within the card of the
op; the op's card says of the others that nothing arrived, which is not a gradient of zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from viz.extract import Record, Recording
from viz.scene import (
    KNOWN,
    NO_GRADIENT,
    NOT_COMPUTED,
    NOT_FINITE,
    NOTHING,
    ZERO,
    Output,
)
from viz.trace import Trace

__all__ = ["index_words", "outputs_of"]

FEW = 6  # indices that are written out


def outputs_of(
    recording: Recording, trace: Trace, record: Record, ids: Mapping[int, str]
) -> tuple[Output, ...]:
    """Return the outputs of an op of several, in order; none of any other record.

    Parameters
    ----------
    recording : Recording
    trace : Trace
    record : Record
    ids : mapping of index to str
        The ids of the cards.
    """
    parts = record.parts or (None,) * len(record.outputs)
    arrived = trace.parts.get(record.index)
    found = []
    for i, name in enumerate(record.outputs):
        uses = [
            recording.records[consumer]
            for consumer, _ in recording.consumers[record.index]
            if recording.records[consumer].part == i
        ]
        value = parts[i] if parts[i] is not None or not uses else uses[0].value
        gradient = None if arrived is None else arrived[i]
        shape, dtype = (uses[0].shape, uses[0].dtype) if uses else _kind(value)
        state = NOT_COMPUTED if arrived is None else _state(gradient)
        if value is not None and np.asarray(value).dtype.kind not in "fc":
            state = NO_GRADIENT
        node = next((ids[use.index] for use in uses if use.index in ids), "")
        found.append(
            Output(
                name=name, node=node, shape=shape, dtype=dtype, value=value, gradient=gradient,
                state=state,
            )
        )  # fmt: skip
    return tuple(found)


def _kind(value: Any) -> tuple[tuple[int, ...], str]:
    return ((), "") if value is None else (np.shape(value), str(np.asarray(value).dtype))


def _state(gradient: Any) -> str:
    if gradient is None:
        return NOTHING
    if not np.all(np.isfinite(gradient)):
        return NOT_FINITE
    return KNOWN if np.any(gradient) else ZERO


def index_words(recording: Recording, record: Record) -> str:
    """Say which elements the only output in use was taken from: ``"indices 1, 0"``."""
    if record.part is None or record.operands[0] is None:
        return ""
    op = recording.records[record.operands[0]]
    if op.parts is None or len(recording.consumers[op.index]) > 1:
        return ""
    said = [
        f"{name} {', '.join(map(str, np.ravel(part)))}"
        for name, part in zip(op.outputs, op.parts, strict=True)
        if part is not None and np.asarray(part).dtype.kind in "iu" and 0 < np.size(part) <= FEW
    ]
    return "; ".join(said)
