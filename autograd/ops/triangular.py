"""Triangular matrices: halves of a matrix, and systems that are solved by substitution.

NumPy has no triangular solver.  A large matrix is cut into rows of blocks, so that nearly all work
is in matrix products: L_ii X_i = B_i - L_i0 X_0 - ... - L_ij X_j for all j < i.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import lapack
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.diagonals import lower_triangle, upper_triangle
from autograd.ops.matrices import LinAlgError, given, matrices, plain, same_dtype, transposed
from autograd.ops.products import matmul

__all__ = ["cholesky_inverse", "cholesky_solve"]

BLOCK = 64  # rows that are handed to LAPACK as they are


def _rule(upstream: Any, wanted: Any, a: Any, z: Any, lower: bool, unit: bool) -> Any:
    """dL/dB = A^-T g, dL/dA = the triangle of -(dL/dB) X^T."""
    gb = solve_triangular_of(transposed(a), upstream, lower=not lower, unit=unit)
    if not wanted[0]:
        return None, gb
    k = -1 if unit else 0
    full = -matmul(gb, transposed(z))
    return (lower_triangle if lower else upper_triangle)(full, diagonal=k if lower else -k), gb


@structural(name="solve_triangular", vjp=_rule)
def solve_triangular_of(a: Any, b: Any, *, lower: bool = True, unit: bool = False) -> Any:
    """Solve A X = B for a triangular A, of which the other half is not read."""
    n = a.shape[-1]
    if n <= BLOCK:
        return _substitute(a, b, lower, unit)
    x = np.empty((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)
    starts = range(0, n, BLOCK)
    for start in starts if lower else reversed(starts):
        rows = slice(start, min(start + BLOCK, n))
        done = slice(0, start) if lower else slice(rows.stop, n)
        left = b[..., rows, :]
        if done.start != done.stop:
            left = left - np.matmul(a[..., rows, done], x[..., done, :])
        x[..., rows, :] = _substitute(a[..., rows, rows], left, lower, unit)
    return x


def _substitute(a: Any, b: Any, lower: bool, unit: bool) -> Any:
    n = a.shape[-1]
    half = np.tril(a, -1 if unit else 0) if lower else np.triu(a, 1 if unit else 0)
    if unit:
        half = half + np.eye(n, dtype=a.dtype)
    diagonal = np.diagonal(half, axis1=-2, axis2=-1)
    finite = np.isfinite(b).all() and np.isfinite(half).all()
    if diagonal.all() and finite:  # LAPACK would multiply inf by the zeros of the other half
        # U is its own LU, without an exchange of rows: what is left to LAPACK is to substitute.
        # A lower matrix, whose rows it would exchange and round, is an upper one read backwards.
        if not lower:
            return lapack.solve(half, b)
        return lapack.solve(half[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :].copy()
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.broadcast_to(b, (*shape, *b.shape[-2:])).copy()  # a zero there: inf or nan, no error
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n) if lower else range(n - 1, -1, -1):
            done = slice(i) if lower else slice(i + 1, n)
            x[..., i, :] -= np.matmul(half[..., i, None, done], x[..., done, :])[..., 0, :]
            x[..., i, :] /= diagonal[..., i, None]
    return x


def check_system(name: str, a: Any, b: Any, left: bool = True) -> None:
    """Refuse a right-hand side that does not fit.

    Raises
    ------
    RuntimeError
        If dtypes or shapes do not fit.
    """
    same_dtype(name, a, b)
    axis = -2 if left else -1
    if b.ndim < 2 or b.shape[axis] != a.shape[-1]:
        raise RuntimeError(f"{name}: shapes {a.shape} and {b.shape} do not fit")
    try:
        np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise RuntimeError(
            f"{name}: the batches of shapes {a.shape} and {b.shape} do not broadcast"
        ) from None


@naming
def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """Solve A X = B, or X A = B (``left=False``), for a triangular A: dL/dB = A^-T g.

    Shapes: (..., n, n), (..., n, k) -> (..., n, k), where the batch axes broadcast.

    Parameters
    ----------
    A, B : Tensor
    upper : bool
        Which half of A is read.
    left : bool
        On which side of X A stands.
    unitriangular : bool
        Whether A's diagonal counts as ones, and is not read.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> A = autograd.tensor([[2.0, 0.0], [1.0, 4.0]])
    >>> autograd.linalg.solve_triangular(A, autograd.tensor([[2.0], [9.0]]), upper=False).tolist()
    [[1.0], [2.0]]

    Source: ``torch.linalg.solve_triangular``.
    """
    a, b = matrices("solve_triangular", A, square=True), given("solve_triangular", B)
    check_system("solve_triangular", a, b, left)
    if left:
        return solve_triangular_of(a, b, lower=not upper, unit=bool(unitriangular))
    return transposed(
        solve_triangular_of(transposed(a), transposed(b), lower=upper, unit=bool(unitriangular))
    )


@naming
def cholesky_solve(input: Any, L: Any, upper: bool = False) -> Any:
    """Solve A X = B, given the Cholesky factor of A: X = L^-T L^-1 B.

    Shapes: input (..., n, k), L (..., n, n) -> (..., n, k).

    Parameters
    ----------
    input : Tensor
        B.
    L : Tensor
        The factor: A = L L^T, or U^T U (``upper``).
    upper : bool
        Whether it is U.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> L = autograd.tensor([[2.0, 0.0], [1.0, 2.0]])
    >>> autograd.cholesky_solve(autograd.tensor([[6.0], [7.0]]), L).tolist()
    [[1.0], [1.0]]

    Source: ``torch.cholesky_solve``.
    """
    b, factor = given("cholesky_solve", input), matrices("cholesky_solve", L, square=True)
    check_system("cholesky_solve", factor, b)
    first, second = (transposed(factor), factor) if upper else (factor, transposed(factor))
    half = solve_triangular_of(first, b, lower=True)
    return solve_triangular_of(second, half, lower=False)


@naming
def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """Invert A, given its Cholesky factor: L^-T L^-1.

    Shapes: (..., n, n) -> (..., n, n).

    Raises
    ------
    RuntimeError
        If L is not square, or not of floating point.
    LinAlgError
        If there is a 0 on the diagonal.

    Examples
    --------
    >>> import autograd
    >>> autograd.cholesky_inverse(autograd.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.2500, 0.0000],
            [0.0000, 0.0625]])

    Source: ``torch.cholesky_inverse``.
    """
    factor = matrices("cholesky_inverse", L, square=True)
    if not np.diagonal(plain(factor), axis1=-2, axis2=-1).all():
        raise LinAlgError(
            f"cholesky_inverse: a factor of shape {factor.shape} has a 0 on its diagonal"
        )
    return cholesky_solve(np.eye(factor.shape[-1], dtype=factor.dtype), factor, upper)
