"""Ranges: numbers in even steps, and the places of a triangle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.arguments import an_integer, as_integer
from autograd.creation import chosen_dtype, made_of, number_of, shape_of
from autograd.naming import naming
from autograd.record import handle

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["arange", "linspace", "logspace", "tril_indices", "triu_indices"]


@naming
def arange(
    start: Any = None, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Count from ``start`` (or 0) to below ``end``: start + i step for i < (end - start) / step.

    Integers give int64, floats the default float.

    Shapes: (ceil((end - start) / step),).

    Raises
    ------
    RuntimeError
        If the step is 0 or leads away from the end, or a bound is inf or nan.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(1, 2, 0.25)
    tensor([1.0000, 1.2500, 1.5000, 1.7500])

    Source: ``torch.arange``.
    """
    if end is None:
        start, end = None, start
    start = 0 if start is None else start
    bounds = [number_of(n, "arange") for n in (start, end, step)]
    whole = all(isinstance(n, int) for n in bounds)
    kind = chosen_dtype(dtype, "arange", device, np.dtype(np.int64) if whole else None)
    if kind.kind == "b":
        raise NotImplementedError("arange: expected a dtype of numbers, got bool")
    if not all(math.isfinite(n) for n in bounds):
        raise RuntimeError(f"arange: expected finite bounds, got {start} to {end} by {step}")
    if kind == np.int64:  # PyTorch drops fractions first; of other integers it counts them
        bounds = [int(n) for n in bounds]
    first, last, by = bounds
    if not by:
        raise RuntimeError("arange: step must not be 0")
    if (last - first) * by < 0:
        raise RuntimeError(f"arange: a step of {step} does not lead from {start} to {end}")
    if kind.kind in "iu" and (whole or kind == np.int64):
        return made_of(np.arange(first, last, by).astype(kind, copy=False), requires_grad)
    integral = kind.kind in "iu"
    count = np.arange(math.ceil((last - first) / by), dtype=np.int64 if integral else np.float64)
    count *= int(by) if integral else by
    count += int(first) if integral else first
    return made_of(count.astype(kind, copy=False), requires_grad)


@naming
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Divide [start, end] evenly into ``steps`` numbers, both ends among them.

    Shapes: (steps,).

    Raises
    ------
    RuntimeError
        If ``steps`` is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])

    Source: ``torch.linspace``.
    """
    kind = chosen_dtype(dtype, "linspace", device)
    return made_of(_line(start, end, steps, "linspace").astype(kind), requires_grad)


@naming
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Raise ``base`` to powers that divide [start, end] evenly.

    Shapes: (steps,).

    Raises
    ------
    RuntimeError
        If ``steps`` is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])

    Source: ``torch.logspace``.
    """
    kind = chosen_dtype(dtype, "logspace", device)
    with np.errstate(all="ignore"):
        powers = np.power(float(number_of(base, "logspace")), _line(start, end, steps, "logspace"))
        return made_of(powers.astype(kind), requires_grad)


def _line(start: Any, end: Any, steps: Any, name: str) -> Any:
    """Return evenly spaced float64s, counted from the nearer end, so that they are symmetric."""
    first, last = float(number_of(start, name)), float(number_of(end, name))
    number = None if isinstance(steps, bool) else as_integer(steps)
    if number is None:
        raise TypeError(f"{name}: expected an integer number of steps, got {type(steps).__name__}")
    steps = number
    if steps < 0:
        raise RuntimeError(f"{name}: steps must be 0 or more, got {steps}")
    count = np.arange(steps, dtype=np.float64)
    by = (last - first) / max(steps - 1, 1)
    if steps < 2:
        return first + 0 * count
    return np.where(count < steps // 2, first + by * count, last - by * (steps - 1 - count))


def _triangle(
    row: int, col: int, offset: int, dtype: Any, device: Any, name: str, lower: bool
) -> Tensor:
    shape = shape_of((row, col), name)
    offset = an_integer(offset, "offset", name)
    kind = chosen_dtype(dtype, name, device, np.dtype(np.int64))
    if kind.kind not in "iu":
        raise NotImplementedError(f"{name}: expected a dtype of integers, got {kind}")
    indices = (np.tril_indices if lower else np.triu_indices)(shape[0], offset, shape[1])
    return handle(np.stack(indices).astype(kind), None)


@naming
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """Return rows and columns, (2, n), of the elements with j - i <= offset of a matrix.

    Shapes: (2, n).

    Raises
    ------
    RuntimeError
        If a length is negative, or the dtype not one of integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])

    Source: ``torch.tril_indices``.
    """
    return _triangle(row, col, offset, dtype, device, "tril_indices", True)


@naming
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """Return rows and columns, (2, n), of the elements with j - i >= offset of a matrix.

    Shapes: (2, n).

    Raises
    ------
    RuntimeError
        If a length is negative, or the dtype not one of integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.triu_indices(2, 2, 1)
    tensor([[0],
            [1]])

    Source: ``torch.triu_indices``.
    """
    return _triangle(row, col, offset, dtype, device, "triu_indices", False)
