"""State dicts: a module's parameters and persistent buffers by name, and loading them back.

Names, order and shapes are PyTorch's, so that a state dict of either loads into the other (as
tensors or as NumPy arrays). Loading checks everything first and writes afterwards: a state dict
that does not fit changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor
from autograd.hollow import is_hollow, refuse_hollow

if TYPE_CHECKING:
    from .module import Module

__all__ = ["IncompatibleKeys", "load_state_dict", "named_state"]


class IncompatibleKeys(NamedTuple):
    """What ``load_state_dict(..., strict=False)`` skipped."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def named_state(module: Module, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield each parameter, then each persistent buffer, then the children's, as PyTorch orders."""
    for name, tensor in module._parameters.items():
        if tensor is not None:
            yield prefix + name, tensor
    for name, tensor in module._buffers.items():
        if tensor is not None and name not in module._non_persistent_buffers:
            yield prefix + name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from named_state(child, f"{prefix}{name}.")


def load_state_dict(
    module: Module, state: Mapping[str, Any], strict: bool, assign: bool = False
) -> IncompatibleKeys:
    """Copy ``state`` into the parameters and buffers of ``module``; see ``Module``'s method."""
    if not isinstance(state, Mapping):
        raise TypeError(
            "load_state_dict expects a mapping from names to tensors or arrays, "
            f"got {type(state).__name__}"
        )
    own = dict(named_state(module))
    if not assign and any(is_hollow(tensor.payload) for tensor in own.values()):
        raise RuntimeError(
            f"load_state_dict: {type(module).__name__} was built under nn.shape_only() and holds "
            "no values to copy into; assign=True gives it those of the state dict"
        )
    lazy = _declared(module, "_lazy_names")
    optional = () if hasattr(state, "_metadata") else _declared(module, "optional_state")
    missing = [name for name in own if name not in state and name not in optional]
    unexpected = [name for name in state if name not in own]
    arrays = {name: _array(name, state[name]) for name in own if name in state}
    problems = [
        f"{name} is {array} where {own[name].dtype} of shape {own[name].shape} is expected"
        for name, array in arrays.items()
        if isinstance(array, str)
    ]
    problems += [
        f"{name} has shape {array.shape} where {type(module).__name__} expects {own[name].shape}"
        for name, array in arrays.items()
        if not isinstance(array, str)
        and array.shape != own[name].shape
        and not (name in lazy and _fits(array.shape, own[name].shape))
    ]
    if assign:
        problems += [
            f"{name} holds {array.dtype} where a parameter takes floating-point numbers"
            for name, array in arrays.items()
            if not isinstance(array, str) and own[name].requires_grad and array.dtype.kind != "f"
        ]
    if strict and missing:
        problems.append("missing: " + ", ".join(missing))
    if strict and unexpected:
        problems.append("unexpected: " + ", ".join(map(str, unexpected)) + _hint(own, unexpected))
    if problems:
        raise RuntimeError(
            f"load_state_dict: the state dict does not fit {type(module).__name__}, nothing was "
            "loaded: " + "; ".join(problems)
        )
    with autograd.no_grad():
        for name, array in arrays.items():
            if assign or own[name].shape != array.shape:
                given = state[name]
                own[name].data = given if isinstance(given, Tensor) else Tensor(array)
            else:
                own[name].copy_(array)
    return IncompatibleKeys(missing, unexpected)


def _hint(own: Mapping[str, Any], unexpected: list[str]) -> str:
    """Return how to take off a prefix that all names share, if they would fit without it."""
    start = str(unexpected[0]).split(".")[0] + "."
    if all(str(name).startswith(start) and name[len(start) :] in own for name in unexpected):
        return f" (the names fit without the prefix '{start}': take it off)"
    return ""


def _fits(shape: tuple[int, ...], lazy: tuple[int, ...]) -> bool:
    """Whether a shape is that of a lazy layer's tensor, whose axes of 0 are open."""
    return len(shape) == len(lazy) and all(m in (0, n) for n, m in zip(shape, lazy, strict=True))


def _declared(module: Module, what: str) -> set[str]:
    """Return the paths of the names that modules declare in an attribute.

    ``optional_state`` are those that older state dicts, which tell no version, may lack;
    ``_lazy_names`` those whose shape is open.
    """
    found = set()
    for path, each in module.named_modules(remove_duplicate=False):
        for name in getattr(each, what, ()):
            found.add(f"{path}.{name}" if path else name)
    return found


def _array(name: str, value: Any) -> np.ndarray | str:
    """Return the value as an array of numbers, or a description of what it is instead."""
    try:
        array = np.asarray(value.payload if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError):
        return f"of type {type(value).__name__}"
    refuse_hollow(f"load_state_dict: {name}", array)
    if array.dtype.kind not in "biuf":
        return f"an array of {array.dtype}"
    return array
