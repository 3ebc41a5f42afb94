"""Differences of neighbours along an axis, and integrals by the trapezoidal rule.

A difference is what a derivative becomes on a grid, and a sum of trapezoids what an integral
becomes: both are slices, moved by one place, subtracted or added.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.arguments import a_number, an_integer, one_axis
from autograd.naming import naming
from autograd.ops.comparison import ne
from autograd.ops.cumulative import cumsum
from autograd.ops.indexing import getitem_at
from autograd.ops.joining import cat
from autograd.ops.matrices import given
from autograd.ops.passing import clone
from autograd.ops.reduction import sum
from autograd.ops.shape import reshape_to

__all__ = ["cumulative_trapezoid", "diff", "trapezoid", "trapz"]


def pieces(x: Any, axis: int, *places: slice) -> list[Any]:
    """Return views of x that hold these places along an axis."""
    return [getitem_at(x, index=(*[slice(None)] * axis, place)) for place in places]


def neighbours(x: Any, axis: int) -> list[Any]:
    """Return all but the first and all but the last along an axis: later, and earlier ones."""
    return pieces(x, axis, slice(1, None), slice(-1))


def differences(x: Any, axis: int, n: int = 1) -> Any:
    """Subtract from each element the one before it along an axis, n times; see :func:`diff`."""
    for _ in range(min(n, x.shape[axis])):
        later, earlier = neighbours(x, axis)
        x = ne(later, earlier) if x.dtype.kind == "b" else later - earlier
    return x


@naming
def diff(x: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Subtract neighbours: z[k] = x[k+1] - x[k] along an axis, n times; of booleans, compare them.

    dL/dx[k] = g[k-1] - g[k], where g is 0 beyond its ends.

    Shapes: (A, m, B) -> (A, max(m - n, 0), B) for ``dim`` 1.

    Parameters
    ----------
    x : Tensor
    n : int
        How many times; of n = 0 a copy comes back, without ``prepend`` and ``append``.
    dim : int
    prepend, append : Tensor, optional
        Values before and after x along the axis, of as many dimensions as x.

    Raises
    ------
    RuntimeError
        If x is 0-d, n is negative, or what is put beside x does not fit.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 4.0, 9.0, 16.0])
    >>> x.diff(), x.diff(2)
    (tensor([3., 5., 7.]), tensor([2., 2.]))
    >>> x.diff(prepend=autograd.zeros(1))
    tensor([1., 3., 5., 7.])

    Source: ``torch.diff``.
    """
    x = given("diff", x)
    if not x.ndim:
        raise RuntimeError("diff: expected at least one dimension, got a 0-d tensor")
    axis, n = one_axis(dim, x.ndim, "diff"), an_integer(n, "n", "diff")
    if n < 0:
        raise RuntimeError(f"diff: expected n of 0 or more, got {n}")
    ends = [None if end is None else given("diff", end) for end in (prepend, append)]
    for name, end in zip(("prepend", "append"), ends, strict=True):
        if end is not None and end.ndim != x.ndim:
            raise RuntimeError(
                f"diff: expected {name} of {x.ndim} dimensions, as x has, got shape {end.shape}"
            )
    if n == 0:
        return clone(x)
    joined = [part for part in (ends[0], x, ends[1]) if part is not None]
    return differences(cat(joined, axis) if len(joined) > 1 else x, axis, n)


def _areas(name: str, y: Any, x: Any, dx: Any, dim: int, total: Callable[..., Any]) -> Any:
    """Return ``total`` of the trapezoids' areas along ``dim``; None of no samples at all."""
    y = given(name, y)
    if not y.ndim:
        raise IndexError(f"{name}: expected at least one dimension, got a 0-d tensor")
    axis = one_axis(dim, y.ndim, name)
    if x is not None and dx is not None:
        raise TypeError(f"{name}: got both x and dx: expected places, or the distance between them")
    if total is sum and not y.shape[axis]:
        return sum(y, axis, dtype=y.dtype)
    x = None if x is None else given(name, x)
    if "b" in (y.dtype.kind, "" if x is None else x.dtype.kind):
        raise RuntimeError(f"{name}: expected numbers, got booleans")
    later, earlier = neighbours(y, axis)
    if x is None:
        half = 0.5 if dx is None else a_number(dx, "dx", name) / 2
        return total((later + earlier) * half, axis)
    if x.ndim == 1:
        if x.shape[0] != y.shape[axis]:
            raise RuntimeError(
                f"{name}: {x.shape[0]} places x for {y.shape[axis]} samples of y along dim {dim}; "
                "expected one for each"
            )
        x = reshape_to(x, shape=(*[1] * axis, -1, *[1] * (y.ndim - axis - 1)))
    elif x.ndim < y.ndim:
        x = reshape_to(x, shape=(*[1] * (y.ndim - x.ndim), *x.shape))
    width = differences(x, axis)
    return total(width * (later + earlier), axis) / 2


@naming
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """Integrate by trapezoids: z = sum_k (x[k+1] - x[k]) (y[k] + y[k+1]) / 2 along an axis.

    Each sample receives half of the widths at its sides; dz/dx[k] is half the difference of the
    samples at its sides.

    Shapes: y (A, n, B), x (n,) or what broadcasts -> (A, B) for ``dim`` 1.

    Parameters
    ----------
    y : Tensor
        Samples of the function.
    x : Tensor, optional
        Where they were taken.
    dx : float, optional
        The distance between all neighbours, instead of x; 1 if neither is given.
    dim : int

    Raises
    ------
    RuntimeError
        If there are not as many places as samples, or booleans.
    IndexError
        If there is no such axis.
    TypeError
        If both x and dx are given.

    Examples
    --------
    >>> import autograd
    >>> y = autograd.tensor([0.0, 1.0, 4.0])
    >>> autograd.trapezoid(y), autograd.trapezoid(y, autograd.tensor([0.0, 1.0, 3.0]))
    (tensor(3.), tensor(5.5000))

    Source: ``torch.trapezoid``.
    """
    return _areas("trapezoid", y, x, dx, dim, sum)


@naming
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """Integrate by trapezoids up to each sample but the first; see :func:`trapezoid`.

    Shapes: y (A, n, B), x (n,) or what broadcasts -> (A, n - 1, B) for ``dim`` 1.

    Raises
    ------
    RuntimeError, IndexError, TypeError
        As :func:`trapezoid`.

    Examples
    --------
    >>> import autograd
    >>> autograd.cumulative_trapezoid(autograd.tensor([0.0, 1.0, 4.0]))
    tensor([0.5000, 3.0000])

    Source: ``torch.cumulative_trapezoid``.
    """
    return _areas("cumulative_trapezoid", y, x, dx, dim, cumsum)


@naming
def trapz(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """Integrate by trapezoids: the older name of :func:`trapezoid`.

    Shapes: y (A, n, B), x (n,) or what broadcasts -> (A, B) for ``dim`` 1.

    Raises
    ------
    RuntimeError, IndexError, TypeError
        As :func:`trapezoid`.

    Examples
    --------
    >>> import autograd
    >>> autograd.trapz(autograd.tensor([0.0, 1.0, 4.0]), dx=2)
    tensor(6.)

    Source: ``torch.trapz``.
    """
    return _areas("trapz", y, x, dx, dim, sum)
