"""What stays of a graph once backward has passed it.

A graph that a person would draw stays whole: values, upstreams and contributions, so that
``loss.backward(); viz.graph(loss)`` just works.  Of a larger one only small payloads stay, and
each op lets go what it saved as its step ends: training a large network costs no memory for the
pictures.  Payloads over 64 KiB of a graph that was kept whole are let go when the next large op is
recorded, so that a loop in which ``loss`` is simply rebound never holds two graphs.
Under ``autograd.inspect()`` everything stays.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.graph import ArrayOp, Op, ScalarOp
from autograd.parts import Parts

WHOLE_LIMIT = 64 << 20  # bytes of values, upstreams and contributions that stay whole
SMALL = 64 << 10  # bytes of a payload that stays in any case

ARRAYS = (np.ndarray, Parts)

_kept: list[weakref.ref[Op]] = []  # spent ops that still hold a large payload


def stays_whole(held: int) -> bool:
    """Tell whether a graph whose ops computed ``held`` bytes of arrays stays whole."""
    return 3 * held <= WHOLE_LIMIT  # a value, an upstream and about one contribution


def keep(
    op: Op, upstream: Any, contributions: tuple[Any, ...] | None, whole: bool, spent: bool
) -> None:
    """Keep what the policy says of an op whose step is done."""
    inspecting = op.mode.inspecting
    if whole or inspecting:
        op.grad = upstream
        if not isinstance(op, ScalarOp):  # a scalar op's follow from its upstream
            op._contributions = contributions
            if (
                isinstance(op, ArrayOp)
                and spent
                and not inspecting
                and any_large((op.value, upstream, *op.saved))
            ):
                _kept.append(weakref.ref(op))
        return
    op.grad = _small(upstream)
    if spent:
        _let_go(op)


def let_go_of_last() -> None:
    """Drop the large payloads of spent graphs: a new large graph is being recorded."""
    while _kept:
        try:
            op = _kept.pop()()
        except IndexError:  # another thread took the last
            return
        if isinstance(op, ArrayOp):
            op.grad = _small(op.grad)
            op._contributions = None
            _let_go(op)


def pending_release() -> bool:
    """Tell whether a spent graph still holds large payloads."""
    return bool(_kept)


def _let_go(op: Op) -> None:
    if not isinstance(op, ArrayOp):
        return
    op.guards = ()
    op.saved = tuple(_small(payload) for payload in op.saved)
    op.value = _small(op.value)
    if op.row.caches:
        op.cached = {}


def _small(payload: Any) -> Any:
    if isinstance(payload, ARRAYS) and payload.nbytes > SMALL:
        return None
    return payload


def any_large(payloads: Iterable[Any]) -> bool:
    """Tell whether there is an array among the payloads that only a small graph keeps."""
    return any(isinstance(p, ARRAYS) and p.nbytes > SMALL for p in payloads)
