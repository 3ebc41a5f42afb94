"""Units that do not learn: dead ones, and saturated ones, seen in the graph of a forward pass.

A unit is dead where its local derivative do/dh is 0 for every sample: then dL/dh = 0 and dL/dW = 0,
whatever comes from above. The graph knows the local derivative of every operation, so functions
called in ``forward`` count as layers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .evaluation import mode_kept
from .recorded import recorded

__all__ = ["active_shares", "dead_units", "saturation"]

# The open ends of what an activation function can give.
RANGES = {
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "erf": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
}


def dead_units(model: Any, data: Any) -> dict[str, np.ndarray]:
    """Return the numbers of the units of each activation function that no sample activates.

    Parameters
    ----------
    model : Module
        Run in eval mode; nothing of it is changed.
    data : Tensor, or iterable of batches
        Inputs, or batches ``(inputs, targets)`` such as a ``DataLoader`` gives.

    Returns
    -------
    dict of ndarray
        By module path (of the module that calls the function); units are features (N, F), channels
        (N, C, ...), or the last axis behind a linear layer.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.Sequential(nn.Linear(1, 2), nn.ReLU())
    >>> _ = model.load_state_dict({"0.weight": [[1.0], [1.0]], "0.bias": [0.0, -100.0]})
    >>> dead_units(model, autograd.tensor([[-1.0], [2.0]]))
    {'1': array([1])}

    Source: the course's flashcards on dead ReLUs.
    """
    return {path: np.flatnonzero(share == 0) for path, share in active_shares(model, data).items()}


def active_shares(model: Any, data: Any) -> dict[str, np.ndarray]:
    """Return, for each unit, the share of samples (and places) with a derivative other than 0.

    Parameters
    ----------
    model, data
        As ``dead_units``.

    Examples
    --------
    >>> import autograd, nn
    >>> model = nn.Sequential(nn.ReLU())
    >>> active_shares(model, autograd.tensor([[1.0, -1.0], [2.0, 3.0]]))
    {'0': array([1. , 0.5])}

    Source: as ``dead_units``.
    """
    active: dict[str, Any] = {}
    counted: dict[str, int] = {}
    for path, op in _activations(model, data):
        partial = op.partials[0]
        if partial is None:
            continue
        gate = np.broadcast_to(np.asarray(partial) != 0, op.shape)
        unit = _unit_axis(op)
        others = tuple(axis for axis in range(gate.ndim) if axis != unit)
        active[path] = active.get(path, 0) + gate.sum(others)
        counted[path] = counted.get(path, 0) + gate.size // max(gate.shape[unit], 1)
    return {path: np.asarray(count / counted[path]) for path, count in active.items()}


def saturation(model: Any, data: Any, threshold: float = 0.99) -> dict[str, float]:
    """Return the share of outputs near an end of their range: of tanh, abs(tanh(h)) > threshold.

    Of a function between a and b, abs((2 o - a - b) / (b - a)) > threshold; a sigmoid, which is
    tanh of half its input scaled, saturates below .005 and above .995.

    Parameters
    ----------
    model, data
        As ``dead_units``.
    threshold : float
        Between 0 and 1.

    Examples
    --------
    >>> import autograd, nn
    >>> saturation(nn.Sequential(nn.Tanh()), autograd.tensor([[0.1, 5.0], [-5.0, 1.0]]))
    {'0': 0.5}

    Source: Glorot & Bengio, 2010.
    """
    beyond: dict[str, int] = {}
    counted: dict[str, int] = {}
    for path, op in _activations(model, data):
        if op.name in RANGES:
            low, high = RANGES[op.name]
            scaled = np.abs((2 * np.asarray(op.value) - low - high) / (high - low))
            beyond[path] = beyond.get(path, 0) + int((scaled > threshold).sum())
            counted[path] = counted.get(path, 0) + scaled.size
    return {path: beyond[path] / counted[path] for path in beyond}


def _activations(model: Any, data: Any) -> Iterator[tuple[str, Any]]:
    """Yield the elementwise functions of one operand that a forward pass calls, in order."""
    with mode_kept(model):
        model.eval()
        for inputs in _inputs(data):
            with autograd.enable_grad(), autograd.inspect():
                if inputs.dtype.kind == "f":  # so that frozen layers are recorded as well
                    inputs = inputs.detach().requires_grad_()
                outputs = model(inputs)
            yield from _named(recorded(outputs)[0])


def _named(ops: list[Any]) -> Iterator[tuple[str, Any]]:
    names: dict[str, int] = {}
    for op in ops:
        if not op.elementwise or len(op.operand_names) != 1 or not op.shape:
            continue
        name = op.module or op.name
        names[name] = names.get(name, 0) + 1
        yield (name if names[name] == 1 else f"{name} ({names[name]})"), op


def _unit_axis(op: Any) -> int:
    below = op.operands[0]
    behind_linear = getattr(below, "name", "") in ("linear", "matmul")
    return len(op.shape) - 1 if behind_linear or len(op.shape) < 3 else 1


def _inputs(data: Any) -> Iterable[Tensor]:
    if isinstance(data, (Tensor, np.ndarray)):
        data = [data]
    for batch in data:
        inputs = batch[0] if isinstance(batch, (tuple, list)) else batch
        yield inputs if isinstance(inputs, Tensor) else Tensor(inputs)
