"""A model's geometry: what an empty batch finds on its way through ``forward``.

A batch of no samples, (0, 3, 224, 224), runs through every line of ``forward``, the user's own
included, and costs nothing; what it leaves behind is the graph of operations, with every shape and
every window, from which all numbers are read. A row of the result is a call of a module that has no
parts or has parameters of its own, or an operation that was called as a function and is neither
elementwise nor a view. Numbers are for one sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.ops.shape import GUESSING
from autograd.storage import tick
from nn.module import Module
from nn.recurrent import RNNBase

from .reach import Reach, lines_of_input, propagate
from .work import folds, holds, multiply_adds, of_recurrent

__all__ = ["Layer", "Trace", "trace"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One row: a call of a module, or an operation that was called as a function.

    Attributes
    ----------
    path : str
        Of the module, ``features.0``; of a function, that of the module which called it.
    kind : str
        Class of the module, or ``F.`` and the name of the operation.
    output : tuple or None
        Shape of (the first tensor of) what it returned, without the batch; None if it was never
        called by itself.
    weights, biases : int
        Parameters of its own, biases being those with "bias" in their name; 0 where the module was
        called before.
    multiply_adds : int
        Products that are added up; what is elementwise counts as none.
    activations : int
        Values that it makes and a backward would keep: results that are neither elementwise (they
        can be written in place of their operand) nor views.
    direct, field : tuple
        Receptive field, for each spatial axis, in its own input and in the network's; () without
        spatial axes.
    jump, start : tuple
        Distance of neighbours' fields in the network's input, and where the first begins.
    """

    path: str
    kind: str
    output: Shape | None
    weights: int = 0
    biases: int = 0
    multiply_adds: int = 0
    activations: int = 0
    direct: Shape = ()
    field: Shape = ()
    jump: tuple[int | Fraction, ...] = ()
    start: tuple[int | Fraction, ...] = ()

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases


@dataclass(frozen=True)
class Trace:
    """What ``trace`` found: rows and their totals.

    Attributes
    ----------
    layers : tuple of Layer
        The rows; a trace is also iterable, and indexed by position or path.
    inputs, output : tuple
        Shapes without the batch.
    parameters, trainable, buffers : int
        Numbers of values, what is shared counted once.
    itemsize : int
        Bytes of one value.
    field, jump, start : tuple
        Of the output, as of a ``Layer``.

    Examples
    --------
    >>> import nn
    >>> found = nn.geometry.trace(nn.Linear(3, 2), (3,))
    >>> len(found), found[0].parameters, found.parameters, found[""].kind
    (1, 8, 8, 'Linear')
    """

    model: str
    inputs: tuple[Shape, ...]
    output: Shape | None
    layers: tuple[Layer, ...]
    parameters: int
    trainable: int
    buffers: int
    itemsize: int
    field: Shape = ()
    jump: tuple[int | Fraction, ...] = ()
    start: tuple[int | Fraction, ...] = ()

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, key: int | str) -> Layer:
        """Return the row at a position, or the first of a path."""
        if isinstance(key, str):
            for layer in self.layers:
                if layer.path == key:
                    return layer
            raise KeyError(f"no row has the path {key!r}; rows: {[row.path for row in self]}")
        return self.layers[key]

    @property
    def weights(self) -> int:
        """Parameters without biases."""
        return sum(layer.weights for layer in self)

    @property
    def multiply_adds(self) -> int:
        """Of all rows, for one sample."""
        return sum(layer.multiply_adds for layer in self)

    @property
    def activations(self) -> int:
        """Values that one sample makes, its input included; elementwise results in place."""
        return sum(map(prod, self.inputs)) + sum(layer.activations for layer in self)

    @property
    def activation_bytes(self) -> int:
        """Memory of ``activations``, in the dtype of the model."""
        return self.activations * self.itemsize

    @property
    def parameter_bytes(self) -> int:
        """Memory of the parameters."""
        return self.parameters * self.itemsize


def trace(
    model: Module,
    input_shape: Sequence[Any],
    *,
    dtype: Any = None,
    spatial: Sequence[int] | None = None,
    batch_axis: int = 0,
) -> Trace:
    """Run a model on an empty batch, in eval mode, and return the geometry of its layers.

    Parameters
    ----------
    model : Module
        With values, or built under ``nn.shape_only()``; it is left as it was.
    input_shape : tuple of ints, or list of such
        Of one sample, (3, 224, 224); of each input, if there are several.
    dtype : dtype, optional
        Of the inputs; that of the model's parameters if not given. For classes of an embedding say
        ``np.int64``.
    spatial : sequence of int, optional
        Axes of the batch (N, C, H, W) along which receptive fields are measured, in the first
        input; all from 2 on if not given. For (N, L, C) say (1,).
    batch_axis : int
        Where the batch goes into the shapes: 1 for recurrent layers that take (L, N, C).

    Raises
    ------
    RuntimeError, ValueError, ...
        What ``forward`` raises for these shapes, with a note that the batch was empty.

    Examples
    --------
    >>> import nn
    >>> with nn.shape_only():
    ...     model = nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    >>> found = nn.geometry.trace(model, (3, 32, 32))
    >>> [(layer.kind, layer.output, layer.field) for layer in found][:3]
    [('Conv2d', (8, 28, 28), (5, 5)), ('ReLU', (8, 28, 28), (5, 5)), \
('MaxPool2d', (8, 14, 14), (6, 6))]
    >>> found.parameters, found.multiply_adds
    (608, 470400)
    """
    samples = _shapes(input_shape)
    batches = [(*shape[:batch_axis], 0, *shape[batch_axis:]) for shape in samples]
    dtype = np.dtype(_dtype_of(model) if dtype is None else dtype)
    inputs = [autograd.zeros(*batch, dtype=dtype) for batch in batches]
    if dtype.kind == "f":
        inputs = [x.requires_grad_() for x in inputs]
    calls, outputs = _run(model, inputs)
    first = inputs[0]
    axes = range(2, first.ndim) if spatial is None else [axis % first.ndim for axis in spatial]
    seeds = {first.node: lines_of_input(batches[0], list(axes))} if first.node else {}
    roots = [t.node for t in outputs] + [node for call in calls for node in call.outputs]
    reaches = propagate(roots, seeds)
    layers = _rows(model, calls, _ops_of(roots), reaches, batch_axis)
    parameters = list(model.parameters())
    return Trace(
        type(model).__name__,
        tuple(samples),
        _without_batch(outputs[0].shape, batch_axis) if outputs else None,
        tuple(layers),
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        sum(b.numel() for b in model.buffers()),
        np.dtype(_dtype_of(model)).itemsize,
        *_numbers(reaches.get(outputs[0].node, ()) if outputs else ()),
    )


# ---------------------------------------------------------------- running


@dataclass(eq=False)
class _Call:
    """A call of a module that is to become a row."""

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


def _run(model: Module, inputs: list[Tensor]) -> tuple[list[_Call], list[Tensor]]:
    """Call the model in eval mode with a hook on every module that is to become a row."""
    calls: list[_Call] = []
    with _in_eval_mode(model), _hooks(model, calls), autograd.enable_grad():
        token = GUESSING.set(True)
        try:
            output = model(*inputs)
        except Exception as error:
            error.add_note(
                f"geometry: {type(model).__name__} was run on an empty batch, on inputs of shape "
                + ", ".join(str(x.shape) for x in inputs)
            )
            raise
        finally:
            GUESSING.reset(token)
    return calls, list(_tensors(output))


@contextmanager
def _in_eval_mode(model: Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextmanager
def _hooks(model: Module, calls: list[_Call]) -> Iterator[None]:
    handles = []
    open_calls: list[_Call] = []
    for path, module in model.named_modules():
        if not (_is_leaf(module) or any(p is not None for p in module._parameters.values())):
            continue

        def before(module: Module, args: Any, path: str = path) -> None:
            found = list(_tensors(args))
            given = found[0].shape if found else ()
            call = _Call(path, module, tick(), given, [t.node for t in found])
            calls.append(call)
            open_calls.append(call)

        def after(module: Module, args: Any, output: Any) -> Any:
            call = open_calls.pop()
            found = list(_tensors(output))
            for tensor in found:
                if tensor.node is None and tensor.dtype.kind == "f":
                    tensor.requires_grad_()  # of frozen weights on integers: record from here on
            call.ended = tick()
            call.shape = found[0].shape if found else None
            call.outputs = [t.node for t in found if t.node is not None]

        handles += [
            module.register_forward_pre_hook(before),
            module.register_forward_hook(after),
        ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _is_leaf(module: Module) -> bool:
    return not any(child is not None for child in module._modules.values())


def _tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in what a module takes or returns."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _tensors(item)


# ---------------------------------------------------------------- rows


def _ops_of(roots: list[Any]) -> list[Any]:
    """Return every op that leads to a root, in the order of their records."""
    seen, stack = set(), [node for node in roots if node is not None]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [n for n in getattr(node, "operands", ()) if n is not None]
    return sorted((n for n in seen if hasattr(n, "operands")), key=lambda op: op.sequence)


def _rows(
    model: Module, calls: list[_Call], ops: list[Any], reaches: dict[Any, Reach], batch_axis: int
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
        if around:
            around[-1].multiply_adds += work
            around[-1].activations += values
        elif values:
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
    call: _Call, reaches: dict[Any, Reach], counted: set[int], batch_axis: int
) -> Layer:
    weights, biases = _own_parameters(call.module, counted)
    seen = next((reaches[node] for node in call.outputs if node in reaches), ())
    work, values = call.multiply_adds, call.activations
    if isinstance(call.module, RNNBase):
        work, values = of_recurrent(call.module, call.given)
    return Layer(
        call.path,
        type(call.module).__name__,
        None if call.shape is None else _without_batch(call.shape, batch_axis),
        weights,
        biases,
        work,
        values,
        _direct(call.inputs, call.outputs, reaches),
        *_numbers(seen),
    )


def _row_of_op(
    op: Any, work: int, values: int, reaches: dict[Any, Reach], batch_axis: int
) -> Layer:
    operands = [node for node in op.operands if node in reaches]
    return Layer(
        op.module,
        f"F.{op.name}",
        _without_batch(op.shape, batch_axis),
        multiply_adds=work,
        activations=values,
        direct=_direct(operands, [op], reaches),
        **dict(zip(("field", "jump", "start"), _numbers(reaches.get(op, ())), strict=True)),
    )


def _numbers(reach: Reach) -> tuple[tuple[Any, ...], ...]:
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
            type(line)(1, Fraction(1), Fraction(0), line.size, line.axis) for line in reaches[node]
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


def _without_batch(shape: Shape, batch_axis: int) -> Shape:
    """Return a shape without its axis of length 0, wherever ``forward`` has moved it."""
    if batch_axis < len(shape) and shape[batch_axis] == 0:
        return (*shape[:batch_axis], *shape[batch_axis + 1 :])
    at = shape.index(0) if 0 in shape else len(shape)
    return (*shape[:at], *shape[at + 1 :])


def _shapes(input_shape: Sequence[Any]) -> list[Shape]:
    """Return the shapes of the inputs, of which there may be one or several."""
    several = bool(input_shape) and not isinstance(input_shape[0], (int, np.integer))
    shapes = [tuple(shape) for shape in (input_shape if several else [input_shape])]
    for shape in shapes:
        if not all(isinstance(n, (int, np.integer)) and n > 0 for n in shape):
            raise ValueError(
                "geometry: input_shape is the shape of one sample, such as (3, 224, 224), or a "
                f"list of such, got {input_shape!r}"
            )
    return shapes


def _dtype_of(model: Module) -> Any:
    return next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), np.dtype("float32"))
