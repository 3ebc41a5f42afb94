"""What went wrong: reading the recorded graph of a loss that is not a number."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Op, Tensor

from .recorded import recorded

__all__ = ["where_not_finite"]


def where_not_finite(loss: Tensor, model: Any, inputs: Any) -> str:
    """Say where nan or infinity began: in the inputs, a parameter, an operation or a layer.

    The recorded graph knows the operation; what it did not keep (the largest values) is computed
    anew, layer by layer.
    """
    if not _finite(inputs):
        return "the inputs of this batch hold nan or infinity"
    sentence, certain = _first_operation(loss, _paths(model))
    if not certain:
        sentence = _first_layer(model, inputs) or sentence
    return sentence or "no operation kept the value in which it began; inspect() keeps them all"


def _paths(model: Any) -> dict[Any, str]:
    """Return the path of each parameter in the model, by its leaf."""
    if not hasattr(model, "named_parameters"):
        return {}
    return {parameter.node: path for path, parameter in model.named_parameters()}


def _first_layer(model: Any, inputs: Any) -> str:
    """Run the model once more, with hooks that look at what each module puts out."""
    if not hasattr(model, "named_modules"):
        return ""
    found: list[str] = []

    def hook(path: str) -> Any:
        def look(module: Any, arguments: Any, output: Any) -> None:
            if not found and not _finite(output):
                name = f"{path} ({type(module).__name__})" if path else type(module).__name__
                found.append(f"the first layer to put out nan or infinity is {name}")

        return look

    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    random = autograd.get_rng_state()
    handles = [m.register_forward_hook(hook(path)) for path, m in model.named_modules()]
    try:
        with autograd.no_grad(), np.errstate(all="ignore"):
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
        with autograd.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
        autograd.set_rng_state(random)
    return found[0] if found else ""


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return all(map(_finite, value))
    array = value.payload if isinstance(value, Tensor) else value
    is_float = isinstance(array, (np.ndarray, np.generic)) and array.dtype.kind == "f"
    return not is_float or bool(np.isfinite(array).all())


def _first_operation(loss: Tensor, paths: dict[Any, str]) -> tuple[str, bool]:
    """Say which recorded operation was the first to give nan or infinity, if one is found.

    Values that the graph did not keep (the largest ones) are passed over: then it is not certain.
    """
    ops, leaves = recorded(loss)
    for leaf in leaves:
        if not np.isfinite(leaf.value).all():
            name = paths.get(leaf, leaf.name or "")
            return f"parameter {name} of shape {leaf.shape} holds nan or infinity", True
    certain = True
    for op in ops:
        for name, value in zip(op.operand_names, op.saved, strict=False):
            if isinstance(value, (np.ndarray, np.generic)) and not np.isfinite(value).all():
                return f"operand {name} of {_named(op)} holds nan or infinity", False
        if op.value is None:
            certain = False
        elif not np.isfinite(op.value).all():
            return f"the first operation to give nan or infinity is {_named(op)}", certain
    return "", False


def _named(op: Op) -> str:
    where = f" in {op.module}" if op.module else ""
    return f"{op.name}{where} (output of shape {op.shape})"
