"""Clamping: values limited to a range, whose bounds may need a gradient too.

The gradient goes to the value inside and at the edges of the range, and to a bound where it limits.
Numbers as bounds are attributes of the op, tensors are operands, each in an op of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.naming import naming
from autograd.op import elementwise
from autograd.payload import held_beside
from autograd.promotion import promote
from autograd.record import is_tensor

__all__ = ["clamp", "clamp_max", "clamp_min", "clip"]


@elementwise(name="clamp", x=lambda x, min, max: _inside(x, min, max))
def clip_to(x: Any, *, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max], two numbers; see :func:`clamp`."""
    return np.clip(*promote([x, min, max], False))


def _inside(x: Any, low: Any, high: Any) -> Any:
    above = True if low is None else x >= low
    below = True if high is None else x <= high
    return np.logical_and(above, below)


@elementwise(name="clamp", x=lambda x, low: x >= low, low=lambda x, low: x < low)
def clip_from(x: Any, low: Any) -> Any:
    """Limit to [low, inf), where low may need a gradient; see :func:`clamp`."""
    return np.maximum(x, low)


@elementwise(name="clamp", x=lambda x, high: x <= high, high=lambda x, high: x > high)
def clip_up_to(x: Any, high: Any) -> Any:
    """Limit to (-inf, high], where high may need a gradient; see :func:`clamp`."""
    return np.minimum(x, high)


@elementwise(
    name="clamp",
    x=lambda x, low, high: (x >= low) & (x <= high),
    low=lambda x, low, high: (x < low) & (low < high),
    high=lambda x, low, high: (x > high) | (high < low),
)
def clip_between(x: Any, low: Any, high: Any) -> Any:
    """Limit to [low, high], which may need a gradient; see :func:`clamp`."""
    return np.minimum(np.maximum(x, low), high)


_NUMBER = (int, float, np.generic, type(None))


@naming
def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max]; the derivative is 1 inside and at the edges, else 0.

    Where min > max, the result is max.  A bound that is a tensor receives the gradient of the
    elements that it limits.

    Parameters
    ----------
    x : Tensor
    min, max : Tensor or number, optional
        At least one of them.

    Raises
    ------
    ValueError
        If neither bound is given.
    RuntimeError
        If a bound is a number that x's dtype cannot hold.

    Examples
    --------
    >>> import autograd
    >>> autograd.clamp(autograd.tensor([-2.0, 0.5, 3.0]), -1, 1)
    tensor([-1.0000,  0.5000,  1.0000])

    Source: ``torch.clamp``.
    """
    if min is None and max is None:
        raise ValueError("clamp: at least one of min and max must be given")
    min, max = (bound.item() if isinstance(bound, np.generic) else bound for bound in (min, max))
    min, max = _number_beside(min, max), _number_beside(max, min)
    held_beside(x, min, "clamp")
    held_beside(x, max, "clamp")
    if isinstance(min, _NUMBER) and isinstance(max, _NUMBER):
        return clip_to(x, min=min, max=max)
    if max is None:
        return clip_from(x, min)
    return clip_up_to(x, max) if min is None else clip_between(x, min, max)


def _number_beside(bound: Any, other: Any) -> Any:
    """Return a constant 0-d bound beside a number as a number, which widens no dtype."""
    if other is None or not isinstance(other, _NUMBER):
        return bound
    if not is_tensor(bound):
        return bound.item() if isinstance(bound, np.ndarray) and not bound.ndim else bound
    return bound if bound.ndim or bound.requires_grad else bound.item()


@naming
def clamp_min(x: Any, min: Any) -> Any:
    """Limit to [min, inf): z = max(x, min); see :func:`clamp`.

    Raises
    ------
    ValueError
        If the bound is None.

    Examples
    --------
    >>> import autograd
    >>> autograd.clamp_min(autograd.tensor([-2.0, 3.0]), 0)
    tensor([0., 3.])

    Source: ``torch.clamp_min``.
    """
    return clamp(x, min=min)


@naming
def clamp_max(x: Any, max: Any) -> Any:
    """Limit to (-inf, max]: z = min(x, max); see :func:`clamp`.

    Raises
    ------
    ValueError
        If the bound is None.

    Examples
    --------
    >>> import autograd
    >>> autograd.clamp_max(autograd.tensor([-2.0, 3.0]), 0)
    tensor([-2.,  0.])

    Source: ``torch.clamp_max``.
    """
    return clamp(x, max=max)


clip = clamp
