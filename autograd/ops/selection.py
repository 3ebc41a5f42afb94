"""Selection: one operand of several passes, and its gradient goes back to it alone.

A boolean rule is a gate: it selects, so neither inf nor nan of the upstream passes where it is
closed.  What happens at a tie is PyTorch's convention, unless ``autograd.ties`` says otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise
from autograd.ops.passing import gate
from autograd.promotion import promote, result_type

__all__ = [
    "clamp",
    "maximum",
    "minimum",
    "relu",
    "where",
]


@elementwise(x=lambda z: z > 0, scalar=lambda x: type(x)(0) if x <= 0 else x)
def relu(x: Any) -> Any:
    """Rectifier: z = max(x, 0); dz/dx = 1 where z > 0, else 0 (also at 0, as PyTorch)."""
    return np.maximum(x, 0)


@elementwise(
    np.maximum,
    x=lambda upstream, x, y, ties: _share(upstream, x <= y, x == y, x >= y, ties),
    y=lambda upstream, x, y, ties: _share(upstream, y <= x, x == y, y > x, ties),
)
def maximum_of(x: Any, y: Any) -> Any:
    """Choose the larger; see :func:`maximum`."""
    return np.maximum(x, y)


@elementwise(
    np.minimum,
    x=lambda upstream, x, y, ties: _share(upstream, x >= y, x == y, x <= y, ties),
    y=lambda upstream, x, y, ties: _share(upstream, y >= x, x == y, y < x, ties),
)
def minimum_of(x: Any, y: Any) -> Any:
    """Choose the smaller; see :func:`minimum`."""
    return np.minimum(x, y)


@elementwise(name="maximum", x=lambda x, y: x > y, scalar=lambda x, y: type(x)(y) if x <= y else x)
def maximum_constant(x: Any, y: Any) -> Any:
    """Choose the larger of a tensor and a number, which wins a tie as in relu."""
    return np.maximum(x, y)


@elementwise(name="minimum", x=lambda x, y: x < y, scalar=lambda x, y: type(x)(y) if x >= y else x)
def minimum_constant(x: Any, y: Any) -> Any:
    """Choose the smaller of a tensor and a number, which wins a tie."""
    return np.minimum(x, y)


def _share(upstream: Any, beaten: Any, equal: Any, first: Any, ties: str) -> Any:
    """Give the upstream to the winner, and at a tie what the policy says.

    ``beaten`` is true where the operand does not win alone, ``first`` where it wins if ties go to
    the first operand; a comparison with nan is false, so nan passes to both, as in PyTorch.
    """
    if ties == "first":
        return gate(upstream, first)
    alone = gate(upstream, np.logical_not(beaten))
    return alone if ties == "none" else alone + gate(upstream * 0.5, equal)


def maximum(x: Any, y: Any, *more: Any) -> Any:
    """Choose the largest of two or more operands, elementwise.

    The gradient goes to the winner.  Tensors that tie share it (``autograd.ties`` changes that);
    a number that ties wins, so that ``maximum(x, 0)`` is ``relu(x)`` with derivative 0 at 0.
    More than two are compared in pairs from the left, so three that tie receive 1/4, 1/4 and 1/2;
    ``stack([x, y, w]).amax(0)`` shares in thirds.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 4.0]), autograd.tensor([2.0, 3.0])
    >>> autograd.maximum(a, b, 3.5)
    tensor([3.5000, 4.0000])
    """
    return _fold(maximum_of, maximum_constant, (x, y, *more))


def minimum(x: Any, y: Any, *more: Any) -> Any:
    """Choose the smallest of two or more operands, elementwise; see :func:`maximum`."""
    return _fold(minimum_of, minimum_constant, (x, y, *more))


def _fold(of: Any, constant: Any, operands: tuple[Any, ...]) -> Any:
    result, *rest = sorted(operands, key=lambda operand: isinstance(operand, (int, float)))
    for operand in rest:
        pair = constant if isinstance(operand, (int, float)) else of
        result = pair(result, operand)
    return result


@elementwise(
    np.clip,
    x=lambda x, min, max: _inside(x, min, max),
)
def clip(x: Any, *, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max]; see :func:`clamp`."""
    return np.clip(*promote([x, min, max], False))


def _inside(x: Any, low: Any, high: Any) -> Any:
    above = True if low is None else x >= low
    below = True if high is None else x <= high
    return np.logical_and(above, below)


def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    """Limit to [min, max], two numbers; the derivative is 1 inside and at the edges, else 0.

    Raises
    ------
    ValueError
        If neither bound is given.
    """
    if min is None and max is None:
        raise ValueError("clamp: at least one of min and max must be given")
    return clip(x, min=min, max=max)


@elementwise(promotes=None, x=lambda cond: cond != 0, y=lambda cond: cond == 0)
def where(cond: Any, x: Any, y: Any) -> Any:
    """Choose x where cond holds, else y; each receives the gradient where it was chosen."""
    x, y = promote([x, y], False)
    z = np.where(cond, x, y)[()]
    return z.astype(result_type([x, y]), copy=False)
