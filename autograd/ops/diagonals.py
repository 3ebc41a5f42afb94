"""Diagonals and triangles of matrices.

Reading a diagonal (a view) and writing one into zeros are each other's derivative; a triangle is
the derivative of itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.matrices import given
from autograd.ops.passing import clone
from autograd.ops.shape import Shape, ravel
from autograd.parallel import block_ranges

__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "tril", "triu"]

SQUARE = 64  # rows, and columns, of a piece of the diagonal


@structural(
    name="diagonal",
    view=True,
    x=lambda upstream, x_shape, offset, dim1, dim2: place_diagonal(  # type: ignore[has-type]
        upstream, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2
    ),
)
def diagonal_of(x: Any, *, offset: int, dim1: int, dim2: int) -> Any:
    """Read a diagonal of the matrices in two axes, as a last axis."""
    z = np.diagonal(x, offset, dim1, dim2)
    if x.flags.writeable:
        z.flags.writeable = True  # a view like any other: NumPy's is read-only by caution
    return z


@structural(
    x=lambda upstream, offset, dim1, dim2: diagonal_of(
        upstream, offset=offset, dim1=dim1, dim2=dim2
    ),
)
def place_diagonal(x: Any, *, shape: Shape, offset: int, dim1: int, dim2: int) -> Any:
    """Write the last axis on a diagonal of zeros of ``shape``: the adjoint of ``diagonal_of``."""
    z = np.zeros(shape, x.dtype)
    diagonal_of.__wrapped__(z, offset=offset, dim1=dim1, dim2=dim2)[...] = x  # type: ignore[attr-defined]
    return z


@structural(name="tril", x=lambda upstream, diagonal: lower_triangle(upstream, diagonal=diagonal))  # type: ignore[has-type]
def lower_triangle(x: Any, *, diagonal: int) -> Any:
    """Keep the elements on and below a diagonal, 0 elsewhere."""
    return _triangle(x, diagonal, np.tril)


@structural(name="triu", x=lambda upstream, diagonal: upper_triangle(upstream, diagonal=diagonal))  # type: ignore[has-type]
def upper_triangle(x: Any, *, diagonal: int) -> Any:
    """Keep the elements on and above a diagonal, 0 elsewhere."""
    return _triangle(x, diagonal, np.triu)


def _triangle(x: Any, diagonal: int, cut: Any) -> Any:
    """Copy what is kept, and cut only the squares that the diagonal runs through."""
    *_, n, m = x.shape
    if n <= SQUARE:
        return cut(x, diagonal)
    z = np.zeros(x.shape, x.dtype)
    for begin, end in block_ranges(n, SQUARE):
        left, right = (min(max(edge + diagonal, 0), m) for edge in (begin, end))
        rows, square = (..., slice(begin, end)), slice(left, right)
        whole = slice(left) if cut is np.tril else slice(right, m)
        z[(*rows, whole)] = x[(*rows, whole)]
        z[(*rows, square)] = cut(x[(*rows, square)], diagonal + begin - left)
    return z


def two_axes(dim1: int, dim2: int, ndim: int, name: str) -> tuple[int, int]:
    if ndim < 2:
        raise IndexError(f"{name}: expected at least 2 dimensions, got {ndim}")
    a, b = one_axis(dim1, ndim, name), one_axis(dim2, ndim, name)
    if a == b:
        raise RuntimeError(f"{name}: dim1 {dim1} and dim2 {dim2} are the same axis")
    return a, b


@naming
def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """Return a diagonal of the matrices that two axes span, as the last axis; a view.

    Shapes: (n, B, m) -> (B, min(n, m)) for ``dim1`` 0, ``dim2`` 2 and ``offset`` 0.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If both are one axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])

    Source: ``torch.diagonal``.
    """
    a, b = two_axes(dim1, dim2, np.ndim(x), "diagonal")
    return diagonal_of(x, offset=offset, dim1=a, dim2=b)


@naming
def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Return the diagonals of matrices in the last two axes; see :func:`autograd.diagonal`.

    Shapes: (..., m, n) -> (..., min(m, n)) for ``offset`` 0.

    Raises
    ------
    IndexError, RuntimeError, TypeError
        As :func:`autograd.diagonal`.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.diagonal(autograd.eye(2))
    tensor([1., 1.])

    Source: ``torch.linalg.diagonal``.
    """
    return diagonal(given("diagonal", A), offset, dim1, dim2)


@naming
def diag_embed(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Write the last axis on a diagonal of matrices that are 0 elsewhere.

    Shapes: (A, n) -> (A, n + abs(offset), n + abs(offset)); ``dim1`` and ``dim2`` are the rows'
    and the columns' axes.

    Raises
    ------
    IndexError
        If there is no such axis, or x is 0-d.
    RuntimeError
        If both are one axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.diag_embed(autograd.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])

    Source: ``torch.diag_embed``.
    """
    shape = np.shape(x)
    a, b = two_axes(dim1, dim2, len(shape) + 1, "diag_embed")
    offset = an_integer(offset, "offset", "diag_embed")
    side = shape[-1] + abs(offset)
    rest = iter(shape[:-1])
    full = tuple(side if i in (a, b) else next(rest) for i in range(len(shape) + 1))
    return place_diagonal(x, shape=full, offset=offset, dim1=a, dim2=b)


@naming
def diag(x: Any, diagonal: int = 0) -> Any:
    """Return the matrix with a vector on its diagonal, or a copy of a matrix's diagonal.

    Shapes: (n,) -> (n + |diagonal|, n + |diagonal|); (m, n) -> (min(m, n),) for ``diagonal`` 0.

    Raises
    ------
    RuntimeError
        If x is neither a vector nor a matrix.

    Examples
    --------
    >>> import autograd
    >>> autograd.diag(autograd.tensor([[1, 2], [3, 4]]), 1)
    tensor([2])

    Source: ``torch.diag``.
    """
    if np.ndim(x) == 1:
        return diag_embed(x, diagonal)
    if np.ndim(x) != 2:
        raise RuntimeError(f"diag: expected a vector or a matrix, got shape {np.shape(x)}")
    return clone(diagonal_of(x, offset=diagonal, dim1=0, dim2=1))


@naming
def diagflat(x: Any, offset: int = 0) -> Any:
    """Return the matrix with the elements of x, in row-major order, on its diagonal.

    Shapes: x of n elements -> (n + |offset|, n + |offset|).

    Examples
    --------
    >>> import autograd
    >>> autograd.diagflat(autograd.tensor([1, 2]), 1)
    tensor([[0, 1, 0],
            [0, 0, 2],
            [0, 0, 0]])

    Source: ``torch.diagflat``.
    """
    return diag_embed(ravel(x), offset)


@naming
def tril(x: Any, diagonal: int = 0) -> Any:
    """Keep the elements z_ij = x_ij with j - i <= diagonal, 0 elsewhere.

    Shapes: (..., m, n) alike.

    Raises
    ------
    RuntimeError
        If x has fewer than 2 dimensions.

    Examples
    --------
    >>> import autograd
    >>> autograd.tril(autograd.tensor([[1, 2], [3, 4]]))
    tensor([[1, 0],
            [3, 4]])

    Source: ``torch.tril``.
    """
    if np.ndim(x) < 2:
        raise RuntimeError(f"tril: expected at least 2 dimensions, got shape {np.shape(x)}")
    return lower_triangle(x, diagonal=an_integer(diagonal, "diagonal", "tril"))


@naming
def triu(x: Any, diagonal: int = 0) -> Any:
    """Keep the elements z_ij = x_ij with j - i >= diagonal, 0 elsewhere.

    Shapes: (..., m, n) alike.

    Raises
    ------
    RuntimeError
        If x has fewer than 2 dimensions.

    Examples
    --------
    >>> import autograd
    >>> autograd.triu(autograd.tensor([[1, 2], [3, 4]]))
    tensor([[1, 2],
            [0, 4]])

    Source: ``torch.triu``.
    """
    if np.ndim(x) < 2:
        raise RuntimeError(f"triu: expected at least 2 dimensions, got shape {np.shape(x)}")
    return upper_triangle(x, diagonal=an_integer(diagonal, "diagonal", "triu"))
