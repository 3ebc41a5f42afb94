"""A view of a tensor, replaced: what ``x.select(...)[...] = src`` does in place, on a copy.

The gradient of what was replaced is 0, and the replacement receives the gradient of its place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer, one_axis
from autograd.naming import naming
from autograd.ops.diagonals import diagonal_of, two_axes
from autograd.ops.in_place import assign
from autograd.ops.indexing import getitem_at
from autograd.ops.matrices import given

__all__ = ["diagonal_scatter", "select_scatter", "slice_scatter"]


def _replaced(name: str, x: Any, src: Any, view: Any, **attributes: Any) -> Any:
    """Return a copy of x in which the view holds ``src``, cast to x's dtype.

    Raises
    ------
    RuntimeError
        If ``src`` has another shape than the view.
    """
    src = given(name, src)
    shape = view(np.broadcast_to(np.int8(0), x.shape), **attributes).shape
    if src.shape != shape:
        raise RuntimeError(f"{name}: expected src of shape {shape}, as its place, got {src.shape}")
    return assign(x, src, chain=((), view, attributes))


@naming
def select_scatter(x: Any, src: Any, dim: int, index: int) -> Any:
    """Replace one place along an axis: z[:, index] = src for ``dim`` 1, else z = x.

    dL/dx is 0 at the place, and dL/dsrc is the gradient of the place.

    Shapes: x (A, n, B), src (A, B) -> (A, n, B) for ``dim`` 1.

    Raises
    ------
    IndexError
        If there is no such axis or place.
    RuntimeError
        If src has another shape than the place.

    Examples
    --------
    >>> import autograd
    >>> autograd.select_scatter(autograd.zeros(2, 2), autograd.tensor([1.0, 2.0]), 0, 1)
    tensor([[0., 0.],
            [1., 2.]])

    Source: ``torch.select_scatter``.
    """
    x, index = given("select_scatter", x), an_integer(index, "index", "select_scatter")
    if not x.ndim:
        raise IndexError("select_scatter: a 0-d tensor has no dimension to select from")
    axis = one_axis(dim, x.ndim, "select_scatter")
    if not -x.shape[axis] <= index < x.shape[axis]:
        raise IndexError(
            f"select_scatter: index {index} is out of range for {x.shape[axis]} places along dim "
            f"{dim}"
        )
    place = (*[slice(None)] * axis, index)
    return _replaced("select_scatter", x, src, getitem_at, index=place)


@naming
def slice_scatter(
    x: Any, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    """Replace a slice along an axis: z[:, start:end:step] = src for ``dim`` 1, else z = x.

    dL/dx is 0 in the slice, and dL/dsrc is the gradient of the slice.

    Shapes: x (A, n, B), src (A, m, B) for the m places of the slice -> (A, n, B) for ``dim`` 1.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If src has another shape than the slice, or the step is not positive.

    Examples
    --------
    >>> import autograd
    >>> autograd.slice_scatter(autograd.zeros(4), autograd.tensor([1.0, 2.0]), start=0, step=2)
    tensor([1., 0., 2., 0.])

    Source: ``torch.slice_scatter``.
    """
    x, step = given("slice_scatter", x), an_integer(step, "step", "slice_scatter")
    if not x.ndim:
        raise IndexError("slice_scatter: a 0-d tensor has no dimension to slice")
    axis = one_axis(dim, x.ndim, "slice_scatter")
    if step < 1:
        raise RuntimeError(f"slice_scatter: expected a step of 1 or more, got {step}")
    first, last = (
        None if n is None else an_integer(n, "an end", "slice_scatter") for n in (start, end)
    )
    place = (*[slice(None)] * axis, slice(first, last, step))
    return _replaced("slice_scatter", x, src, getitem_at, index=place)


@naming
def diagonal_scatter(x: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """Replace a diagonal of the matrices in two axes: z[k, k + offset] = src[k], else z = x.

    dL/dx is 0 on the diagonal, and dL/dsrc is the gradient of the diagonal.

    Shapes: x (n, B, m), src (B, min(n, m)) -> (n, B, m) for ``dim1`` 0, ``dim2`` 2, ``offset`` 0.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If both are one axis, or src has another shape than the diagonal.

    Examples
    --------
    >>> import autograd
    >>> autograd.diagonal_scatter(autograd.zeros(2, 2), autograd.tensor([1.0, 2.0]))
    tensor([[1., 0.],
            [0., 2.]])

    Source: ``torch.diagonal_scatter``.
    """
    x, offset = given("diagonal_scatter", x), an_integer(offset, "offset", "diagonal_scatter")
    a, b = two_axes(dim1, dim2, x.ndim, "diagonal_scatter")
    return _replaced("diagonal_scatter", x, src, diagonal_of, offset=offset, dim1=a, dim2=b)
