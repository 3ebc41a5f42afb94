"""Rows of a trace: every operation goes to the call of a module that it ran in."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from autograd.storage import tick
from nn.module import Module
from nn.recurrent_base import RNNBase

from .line import Line, Reach
from .reach import propagate
from .report import Layer, Shape
from .work import folds, holds, multiply_adds, of_recurrent

__all__ = ["Call", "numbers", "ops_of", "rows_of", "without_batch"]


@dataclass(eq=False)
class Call:
    """A call of a module that is to become a row, filled while the model runs."""

    path: str
    module: Module
    began: int
    given: Shape  # of the first input
    inputs: list[Any]
    ended: int = 0
    shape: Shape | None = None  # of the first output
    outputs: list[Any] = field(default_factory=list)
    multiply_adds: int = 0
    activations: int = 0


def ops_of(roots: list[Any]) -> list[Any]:
    """Return every op that leads to a root, in the order of their records."""
    seen, stack = set(), [node for node in roots if node is not None]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [n for n in getattr(node, "operands", ()) if n is not None]
    return sorted((n for n in seen if hasattr(n, "operands")), key=lambda op: op.sequence)


def rows_of(
    model: Module, calls: list[Call], ops: list[Any], reaches: dict[Any, Reach], batch_axis: int
) -> list[Layer]:
    """Give every op to the innermost call around it; what is left becomes a row of its own."""
    rows: list[tuple[int, Layer]] = []
    repeats = folds(ops)
    waiting, around = calls[::-1], []
    for op in ops:
        while waiting and waiting[-1].began < op.sequence:
            around.append(waiting.pop())
            while len(around) > 1 and around[-2].ended < around[-1].began:
                del around[-2]
        while around and around[-1].ended < op.sequence:
            around.pop()
        work, values = multiply_adds(op) * repeats[op], holds(op) * repeats[op]
        if 0 not in op.shape:  # of weights alone, once for all samples; or of the whole batch
            work = values = 0
        if around:
            around[-1].multiply_adds += work
            around[-1].activations += values
        elif values or (holds(op) and op in reaches):
            rows.append((op.sequence, _row_of_op(op, work, values, reaches, batch_axis)))
    counted: set[int] = set()
    for call in calls:
        rows.append((call.began, _row_of_call(call, reaches, counted, batch_axis)))
    called = {id(call.module) for call in calls}
    last = tick()
    for path, module in model.named_modules():
        weights, biases = _own_parameters(module, counted)
        if id(module) not in called and weights + biases:
            rows.append((last, Layer(path, type(module).__name__, None, weights, biases)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _row_of_call(
    call: Call, reaches: dict[Any, Reach], counted: set[int], batch_axis: int
) -> Layer:
    weights, biases = _own_parameters(call.module, counted)
    seen = next((reaches[node] for node in call.outputs if node in reaches), ())
    work, values = call.multiply_adds, call.activations
    if isinstance(call.module, RNNBase):
        work, values = of_recurrent(call.module, call.given)
    return Layer(
        call.path,
        type(call.module).__name__,
        None if call.shape is None else without_batch(call.shape, batch_axis),
        weights,
        biases,
        work,
        values,
        _direct(call.inputs, call.outputs, reaches),
        *numbers(seen),
    )


def _row_of_op(
    op: Any, work: int, values: int, reaches: dict[Any, Reach], batch_axis: int
) -> Layer:
    operands = [node for node in op.operands if node in reaches]
    return Layer(
        op.module,
        f"F.{op.name}",
        without_batch(op.shape, batch_axis),
        multiply_adds=work,
        activations=values,
        direct=_direct(operands, [op], reaches),
        **dict(zip(("field", "jump", "start"), numbers(reaches.get(op, ())), strict=True)),
    )


def numbers(reach: Reach) -> tuple[tuple[Any, ...], ...]:
    """Return field, jump and start of each axis, whole numbers as ints."""
    return (
        tuple(line.field for line in reach),
        tuple(_plain(line.jump) for line in reach),
        tuple(_plain(line.start) for line in reach),
    )


def _plain(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number


def _direct(inputs: list[Any], outputs: list[Any], reaches: dict[Any, Reach]) -> Shape:
    """Return the field of a call in its own input: its positions count from 1 again."""
    seeds = {
        node: tuple(
            Line(Fraction(0), Fraction(1), Fraction(0), line.size, line.axis)
            for line in reaches[node]
        )
        for node in inputs
        if node in reaches
    }
    found = propagate(outputs, seeds)
    return next(
        (tuple(line.field for line in found[node]) for node in outputs if node in found), ()
    )


def _own_parameters(module: Module, counted: set[int]) -> tuple[int, int]:
    """Count the parameters of the module itself that no row has had: weights, biases."""
    counts = [0, 0]
    for name, parameter in module._parameters.items():
        if parameter is not None and id(parameter) not in counted:
            counted.add(id(parameter))
            counts["bias" in name] += parameter.numel()
    return counts[0], counts[1]


def without_batch(shape: Shape, batch_axis: int) -> Shape:
    """Return a shape without its axis of length 0, wherever ``forward`` has moved it."""
    if batch_axis < len(shape) and shape[batch_axis] == 0:
        return (*shape[:batch_axis], *shape[batch_axis + 1 :])
    at = shape.index(0) if 0 in shape else len(shape)
    return (*shape[:at], *shape[at + 1 :])
