"""Slots: the tensors in which a rule remembers, arrays as large as the parameter and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, get_default_dtype
from autograd.record import handle

__all__ = ["advance", "as_slot", "counter", "filled_like", "zeros_like"]


def as_slot(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor on an array of ours, which stays an array if it is 0-d."""
    tensor = handle(array, None)
    tensor.share()
    return tensor


def zeros_like(parameter: Tensor) -> Tensor:
    """Return zeros to accumulate in, laid out in memory as the parameter is."""
    return as_slot(np.zeros_like(parameter.payload))


def filled_like(parameter: Tensor, value: float) -> Tensor:
    """Return an array of one value, laid out in memory as the parameter is."""
    return as_slot(np.full_like(parameter.payload, value))


def counter(value: float = 0.0) -> Tensor:
    """Return a number as PyTorch keeps it: 0-d float32, or float64 where that is the default."""
    wide = get_default_dtype() == np.float64
    return Tensor(value, dtype=np.float64 if wide else np.float32)


def advance(state: dict[str, Any]) -> float:
    """Count a step in a parameter's state, and return how many there were."""
    step = state.get("step")
    if step is None:
        step = state["step"] = counter()
    step.payload = step.payload + 1
    return float(step.payload)
