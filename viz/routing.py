"""How the inputs of a max, a min, a clamp or a relu fared: who won, who lost, who tied."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from viz.extract import Record
from viz.fold import MAXIMA
from viz.numbers import number
from viz.scene import Port

__all__ = ["POLICIES", "is_routing", "route"]

POLICIES = {"torch": "tie: even", "even": "tie: even", "first": "tie: first", "none": "tie: none"}


def is_routing(record: Record) -> bool:
    """Tell whether an operation on scalars passes its gradient to one input only."""
    if (
        record.op == "clamp" and len(record.operands) > 1
    ):  # bounds that are Tensors: a derivative each
        return False
    return not record.shape and (record.op in MAXIMA or record.op in ("relu", "clamp"))


def route(record: Record, ports: list[Port], precision: int = 3) -> list[Port]:
    """Return the ports of a routing card with their outcomes, its constants among them.

    Parameters
    ----------
    record : Record
        The head of the card.
    ports : list of Port
        Its inputs, tensors and constants; a relu and a clamp gain theirs here.
    """
    if record.op == "relu":
        ports = [*ports, Port(label="const", value=0)]
    elif record.op == "clamp":
        return _clamp(record, ports, precision)
    values = [port.value for port in ports]
    if any(value is None for value in values):
        return ports
    lowest = MAXIMA.get(record.op) == "min"
    with np.errstate(all="ignore"):
        best = min(values) if lowest else max(values)
    at_best = [value == best for value in values]
    return _judge(ports, at_best, record.ties, precision)


def _judge(ports: list[Port], at_best: list[bool], ties: str, precision: int) -> list[Port]:
    equal = sum(at_best)
    constant_wins = any(b and p.constant for b, p in zip(at_best, ports, strict=True))
    tied = equal > 1 and not (constant_wins and equal == 2 and _one_tensor(ports, at_best))
    judged, told = [], False
    for port, best in zip(ports, at_best, strict=True):
        takes = port.local is not None and bool(np.any(port.local))
        note = ""
        if not best:
            state = "lost"
        elif not tied:
            # A number that ties with one tensor wins, as in relu: the derivative at 0 is 0.
            state = "lost" if constant_wins and not port.constant else "won"
            if port.constant:
                takes, note = True, f"{number(port.value, precision)} wins"
        else:
            state = "tied"
            if not told:
                note, told = POLICIES.get(ties, f"tie: {ties}"), True
            if port.constant and not _any_takes(ports):
                takes, note = True, f"{number(port.value, precision)} wins"
        judged.append(dataclasses.replace(port, state=state, takes=takes, note=note))
    return judged


def _one_tensor(ports: list[Port], at_best: list[bool]) -> bool:
    return sum(b and not p.constant for b, p in zip(at_best, ports, strict=True)) == 1


def _any_takes(ports: list[Port]) -> bool:
    return any(port.local is not None and np.any(port.local) for port in ports)


def _clamp(record: Record, ports: list[Port], precision: int) -> list[Port]:
    """Judge a clamp: it passes within its bounds and at their edge; outside, the bound wins."""
    value = ports[0].value
    bounds = {name: record.attributes.get(name) for name in ("min", "max")}
    judged: list[Port] = []
    out: str | None = None
    if value is not None:
        if bounds["min"] is not None and value < bounds["min"]:
            out = "min"
        elif bounds["max"] is not None and value > bounds["max"]:
            out = "max"
    state = "" if value is None else "lost" if out else "won"
    judged.append(dataclasses.replace(ports[0], state=state, takes=state == "won"))
    for name, bound in bounds.items():
        if bound is not None:
            won = out == name
            judged.append(
                Port(label=name, value=bound, state="won" if won else "lost", takes=won,
                     note=f"{number(bound, precision)} wins" if won else "")
            )  # fmt: skip
    return judged


def winner(ports: tuple[Port, ...]) -> Port | None:
    """Return the input that won alone or takes most, None if there is none."""
    won: list[Any] = [p for p in ports if p.state == "won"]
    if won:
        return won[0]
    tied = [p for p in ports if p.state == "tied"]
    return next((p for p in tied if p.takes), tied[0] if tied else None)
