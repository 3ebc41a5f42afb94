"""Selection: one operand of several passes, and its gradient goes back to it alone.

A boolean rule is a gate: it selects, so neither inf nor nan of the upstream passes where it is
closed.  What happens at a tie is PyTorch's convention, unless ``autograd.ties`` says otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.blocks import maximum_with_zero
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.passing import gate, select
from autograd.payload import held_beside
from autograd.promotion import promote, result_type
from autograd.record import handle, is_tensor

__all__ = [
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "nan_to_num",
    "relu",
    "where",
]


@elementwise(x=lambda z: z != 0, scalar=lambda x: type(x)(0) if x <= 0 else x)
def relu(x: Any) -> Any:
    """Rectifier: z = max(x, 0); dz/dx = 1 where z is not 0 (nan passes on), 0 elsewhere, also at 0.

    Raises
    ------
    NotImplementedError
        If x is boolean.

    Examples
    --------
    >>> import autograd
    >>> autograd.relu(autograd.tensor([-1.0, 2.0]))
    tensor([0., 2.])

    Source: ``torch.relu``.
    """
    return maximum_with_zero(x)


@elementwise(
    np.maximum,
    name="maximum",
    x=lambda upstream, x, y, ties: _share(upstream, x <= y, x == y, x >= y, ties),
    y=lambda upstream, x, y, ties: _share(upstream, y <= x, x == y, y > x, ties),
)
def maximum_of(x: Any, y: Any) -> Any:
    """Choose the larger; see :func:`maximum`."""
    return np.maximum(x, y)


@elementwise(
    np.minimum,
    name="minimum",
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


@naming
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

    Source: ``torch.maximum``.
    """
    return _fold(maximum_of, maximum_constant, (x, y, *more))


@naming
def minimum(x: Any, y: Any, *more: Any) -> Any:
    """Choose the smallest of two or more operands, elementwise; see :func:`maximum`.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 4.0]), autograd.tensor([2.0, 3.0])
    >>> autograd.minimum(a, b, 2.5)
    tensor([1.0000, 2.5000])

    Source: ``torch.minimum``.
    """
    return _fold(minimum_of, minimum_constant, (x, y, *more))


def _fold(of: Any, constant: Any, operands: tuple[Any, ...]) -> Any:
    result, *rest = sorted(operands, key=lambda operand: isinstance(operand, (int, float)))
    for operand in rest:
        pair = constant if isinstance(operand, (int, float)) else of
        result = pair(result, operand)
    return result


@elementwise(
    np.fmax,
    x=lambda x, y: (x >= y) | np.isnan(y),
    y=lambda x, y: np.logical_not((x >= y) | np.isnan(y)),
)
def fmax(x: Any, y: Any) -> Any:
    """Choose the larger, or the one that is not nan; x receives the gradient of a tie.

    Examples
    --------
    >>> import autograd
    >>> nan = float("nan")
    >>> autograd.fmax(autograd.tensor([1.0, nan]), autograd.tensor([2.0, 3.0]))
    tensor([2., 3.])

    Source: ``torch.fmax``.
    """
    return np.fmax(x, y)


@elementwise(
    np.fmin,
    x=lambda x, y: (x <= y) | np.isnan(y),
    y=lambda x, y: np.logical_not((x <= y) | np.isnan(y)),
)
def fmin(x: Any, y: Any) -> Any:
    """Choose the smaller, or the one that is not nan; x receives the gradient of a tie.

    Examples
    --------
    >>> import autograd
    >>> nan = float("nan")
    >>> autograd.fmin(autograd.tensor([1.0, nan]), autograd.tensor([2.0, 3.0]))
    tensor([1., 3.])

    Source: ``torch.fmin``.
    """
    return np.fmin(x, y)


@elementwise(name="where", promotes=None, x=lambda cond: cond != 0, y=lambda cond: cond == 0)
def choose(cond: Any, x: Any, y: Any) -> Any:
    """Choose x where cond is not 0, else y; see :func:`where`."""
    x, y = promote([x, y], False)
    dtype = result_type([x, y])
    x, y = (np.asarray(value).astype(dtype, copy=False) for value in (x, y))
    return select(np.asarray(cond), x, y)[()]


@naming
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Choose x where the condition holds, else y; each receives the gradient where it was chosen.

    With a condition alone, return where it holds: a tuple of indices, one tensor an axis.

    Parameters
    ----------
    condition : Tensor of bool (or of uint8, where 0 is False)
    x, y : Tensor or number, optional
        Both or neither.

    Raises
    ------
    TypeError
        If one of x and y is given, or the condition is not boolean.
    RuntimeError
        If one is a number that the other's dtype cannot hold.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([-1.0, 2.0])
    >>> autograd.where(x > 0, x, 0)
    tensor([0., 2.])
    >>> autograd.where(x > 0)
    (tensor([1]),)

    Source: ``torch.where``.
    """
    if (x is None) != (y is None):
        raise TypeError("where: expected a condition and two values, or a condition alone")
    if x is None:
        holds = np.atleast_1d(condition.payload if is_tensor(condition) else condition)
        return tuple(handle(index, None) for index in np.nonzero(holds))
    kind = getattr(condition, "dtype", np.dtype(bool))
    if kind not in (np.bool_, np.uint8):
        raise TypeError(f"where: expected a condition of booleans, got {kind}; compare it first")
    held_beside(y, x, "where")
    held_beside(x, y, "where")
    return choose(condition, x, y)


@elementwise(name="nan_to_num", x=lambda x: np.isfinite(x))
def replace_not_finite(x: Any, *, nan: Any, posinf: Any, neginf: Any) -> Any:
    """Replace nan, inf and -inf; see :func:`nan_to_num`."""
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@naming
def nan_to_num(
    x: Any, nan: float | None = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Replace nan, inf and -inf by numbers; the derivative is 1 where x is finite, else 0.

    Parameters
    ----------
    x : Tensor
    nan : float
        Instead of nan.
    posinf, neginf : float, optional
        Instead of inf and -inf; else the largest and the smallest number of the dtype.

    Examples
    --------
    >>> import autograd
    >>> autograd.nan_to_num(autograd.tensor([1.0, float("nan"), float("inf")]), posinf=9.0)
    tensor([1., 0., 9.])

    Source: ``torch.nan_to_num``.
    """
    nan = 0.0 if nan is None else nan
    return replace_not_finite(x, nan=nan, posinf=posinf, neginf=neginf)
