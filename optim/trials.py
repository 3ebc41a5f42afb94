"""Trials: short trainings that leave no trace. The model gets everything back afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from math import isfinite
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .evaluation import mode_kept

__all__ = ["NoGradient", "batches_of", "kept", "train_steps", "without_dropout"]


class NoGradient(RuntimeError):  # noqa: N818
    """No gradient reaches a parameter of the model."""


@contextmanager
def kept(model: Any) -> Iterator[None]:
    """Give the model its parameters, buffers, gradients and modes back, and the random numbers."""
    tensors = [*model.parameters(), *model.buffers()]
    values = [(tensor, np.array(tensor.payload)) for tensor in tensors]
    gradients = [(tensor, tensor.grad) for tensor in model.parameters()]
    for tensor, _ in gradients:
        tensor.grad = None
    random = autograd.get_rng_state()
    with mode_kept(model):
        try:
            yield
        finally:
            with autograd.no_grad():
                for tensor, value in values:
                    tensor.copy_(value)
            for tensor, gradient in gradients:
                tensor.grad = gradient
            autograd.set_rng_state(random)


@contextmanager
def without_dropout(model: Any) -> Iterator[None]:
    """Let modules that drop at random (they have a share ``p``) drop nothing."""
    dropping = [m for m in model.modules() if "Drop" in type(m).__name__ and hasattr(m, "p")]
    shares = [module.p for module in dropping]
    try:
        for module in dropping:
            module.p = 0.0
        yield
    finally:
        for module, share in zip(dropping, shares, strict=True):
            module.p = share


def batches_of(data: Any, most: int = 100) -> list[tuple[Any, Any]]:
    """Return the batches to try on: one pair of inputs and targets, or the first of a loader.

    Raises
    ------
    ValueError
        There is none.
    """
    pair = isinstance(data, tuple) and len(data) == 2
    batches = [data] if pair else [(batch[0], batch[1]) for batch in islice(iter(data), most)]
    if not batches:
        raise ValueError("the data has no batch")
    return [(_tensor(inputs), _tensor(targets)) for inputs, targets in batches]


def train_steps(
    model: Any,
    loss: Callable[[Any, Any], Tensor],
    batches: Iterable[tuple[Any, Any]],
    optimizer: Any,
    steps: int,
    penalty: Callable[[Iterable[Any]], Tensor] | None = None,
    until: Callable[[float], bool] | None = None,
) -> tuple[list[float], list[float]]:
    """Make training steps; return the loss before each of them, and the penalty in it.

    A loss that is not finite ends it, as does ``until``.

    Raises
    ------
    NoGradient
        No gradient reaches a parameter: all are frozen, or cut off.
    """
    losses: list[float] = []
    penalties: list[float] = []
    model.train()
    with np.errstate(all="ignore"):
        for inputs, targets in islice(cycle(batches), steps):
            optimizer.zero_grad()
            value = loss(model(inputs), targets)
            added = 0.0
            if penalty is not None:
                extra = penalty(model.parameters())
                value, added = value + extra, float(extra.item())
            losses.append(float(value.item()))
            penalties.append(added)
            if not isfinite(losses[-1]) or (until is not None and until(losses[-1])):
                break
            if not value.requires_grad:
                raise NoGradient(
                    "the loss depends on no parameter that requires grad: all are frozen, or a "
                    "detach() or no_grad() cuts them off"
                )
            value.backward()
            optimizer.step()
    return losses, penalties


def _tensor(value: Any) -> Any:
    return Tensor(value) if isinstance(value, np.ndarray) else value
