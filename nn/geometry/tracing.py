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
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.arguments import is_integer
from autograd.ops.shape import GUESSING
from autograd.storage import tick
from nn.module import Module
from nn.representation import described

from .reach import lines_of_input, propagate
from .report import Shape, Trace
from .rows import Call, numbers, ops_of, rows_of, without_batch

__all__ = ["trace"]


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

    Notes
    -----
    Code that looks at values (``if x.max() > 0``) does not survive an empty batch; what divides by
    the number of samples gives NaN, which no number here depends on; ``x.view(len(x), -1)``, which
    is ambiguous for no samples, is read as for one.

    Raises
    ------
    TypeError
        The model is no Module, or ``input_shape`` no shape.
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

    Source: the idea is that of PyTorch's meta device; the empty batch is ours.
    """
    if not isinstance(model, Module):
        raise TypeError(f"geometry: expected a Module, got {described(model)}")
    samples = _shapes(input_shape)
    batches = [(*shape[:batch_axis], 0, *shape[batch_axis:]) for shape in samples]
    dtype = np.dtype(_dtype_of(model) if dtype is None else dtype)
    inputs = [autograd.zeros(*batch, dtype=dtype) for batch in batches]
    if dtype.kind == "f":  # clones: the model may change its input in place
        with autograd.enable_grad():
            inputs = [x.requires_grad_().clone() for x in inputs]
    calls, outputs = _run(model, inputs)
    first = inputs[0]
    axes = range(2, first.ndim) if spatial is None else [axis % first.ndim for axis in spatial]
    seeds = {first.node: lines_of_input(batches[0], list(axes))} if first.node else {}
    roots = [t.node for t in outputs] + [node for call in calls for node in call.outputs]
    reaches = propagate(roots, seeds)
    layers = rows_of(model, calls, ops_of(roots), reaches, batch_axis)
    parameters = list(model.parameters())
    return Trace(
        type(model).__name__,
        tuple(samples),
        without_batch(outputs[0].shape, batch_axis) if outputs else None,
        tuple(layers),
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        sum(b.numel() for b in model.buffers()),
        np.dtype(_dtype_of(model)).itemsize,
        *numbers(reaches.get(outputs[0].node, ()) if outputs else ()),
    )


# ---------------------------------------------------------------- running


def _run(model: Module, inputs: list[Tensor]) -> tuple[list[Call], list[Tensor]]:
    """Call the model in eval mode with a hook on every module that is to become a row."""
    calls: list[Call] = []
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
def _hooks(model: Module, calls: list[Call]) -> Iterator[None]:
    handles = []
    open_calls: list[Call] = []
    for path, module in model.named_modules():
        if not (_is_leaf(module) or any(p is not None for p in module._parameters.values())):
            continue

        def before(module: Module, args: Any, kwargs: Any, path: str = path) -> None:
            found = list(_tensors((args, kwargs)))
            given = found[0].shape if found else ()
            call = Call(path, module, tick(), given, [t.node for t in found])
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
            module.register_forward_pre_hook(before, with_kwargs=True),
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


def _shapes(input_shape: Sequence[Any]) -> list[Shape]:
    """Return the shapes of the inputs, of which there may be one or several."""
    words = (
        "geometry: input_shape is the shape of one sample, such as (3, 224, 224), or a list of "
        f"such, got {input_shape!r:.80}"
    )
    if not isinstance(input_shape, (tuple, list)):
        raise TypeError(words)
    several = any(isinstance(shape, (tuple, list)) for shape in input_shape)
    shapes = list(input_shape) if several else [input_shape]
    if not all(isinstance(shape, (tuple, list)) for shape in shapes):
        raise TypeError(words)
    if not all(is_integer(n) and n > 0 for shape in shapes for n in shape):
        raise ValueError(words)
    return [tuple(map(int, shape)) for shape in shapes]


def _dtype_of(model: Module) -> Any:
    """Return the floating dtype of its parameters, or of its buffers."""
    tensors = (*model.parameters(), *model.buffers())
    return next((t.dtype for t in tensors if t.dtype.kind == "f"), np.dtype("float32"))
