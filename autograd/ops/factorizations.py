"""Factorizations of matrices, and their derivatives as published.

Cholesky: Murray 2016, "Differentiation of the Cholesky decomposition".  QR: Walter and Lehmann
2010; Seeger et al. 2017, "Auto-differentiating linear algebra".  SVD: Townsend 2016,
"Differentiating the singular value decomposition".  Symmetric eigenproblem: Giles 2008,
"Collected matrix derivative results".

Signs of singular vectors and eigenvectors are arbitrary, so only functions that do not depend on
them have a derivative; where values coincide, the vectors' derivative does not exist: nan or inf.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd import lapack
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.diagonals import lower_triangle, upper_triangle
from autograd.ops.matrices import iterated, located, matrices, recorded, transposed
from autograd.ops.passing import gate
from autograd.ops.products import matmul
from autograd.ops.triangular import solve_triangular_of

__all__ = ["cholesky"]  # as PyTorch; the others are in autograd.linalg

Shape = tuple[int, ...]


class QR(NamedTuple):
    """Q with orthonormal columns, and R, upper triangular: A = Q R."""

    Q: Any
    R: Any


class SVD(NamedTuple):
    """Singular vectors and values: A = U diag(S) Vh."""

    U: Any
    S: Any
    Vh: Any


class Eigh(NamedTuple):
    """Eigenvalues in rising order, and eigenvectors as columns: A = V diag(L) V^T."""

    eigenvalues: Any
    eigenvectors: Any


# ---------------------------------------------------------------- Cholesky


def _cholesky_rule(upstream: Any, z: Any) -> Any:
    """dL/dA = L^-T sym(Phi(L^T g)) L^-1, where Phi keeps the lower half and half the diagonal."""
    u = transposed(z)
    half = solve_triangular_of(u, _symmetric_phi(matmul(u, upstream)), lower=False)
    return transposed(solve_triangular_of(u, transposed(half), lower=False))


def _symmetric_phi(x: Any) -> Any:
    x = lower_triangle(x, diagonal=0)
    return (x + transposed(lower_triangle(x, diagonal=-1))) * 0.5


@structural(name="cholesky", x=_cholesky_rule)
def cholesky_lower(x: Any) -> Any:
    """Return the lower triangular L with L L^T = A; see :func:`cholesky`."""
    return located("cholesky", "is not positive-definite", lapack.cholesky, x)


@naming
def cholesky(A: Any, upper: bool = False) -> Any:
    """Cholesky factor of symmetric positive-definite matrices: A = L L^T, or U^T U (``upper``).

    Only the lower half of A is read.  dL/dA = L^-T sym(Phi(L^T g)) L^-1, where Phi keeps the
    lower half and half of the diagonal.

    Shapes: (..., n, n) -> (..., n, n).

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.
    LinAlgError
        If a matrix is not positive-definite; the message says which of the batch.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.cholesky(autograd.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])

    Source: ``torch.linalg.cholesky``; Murray 2016.
    """
    z = cholesky_lower(matrices("cholesky", A, square=True))
    return transposed(z) if upper else z


# ---------------------------------------------------------------- QR


def _qr_rule(upstream: Any, wanted: Any, z: Any, x_shape: Shape, mode: str) -> Any:
    """dL/dA = (gQ + Q sym(triu(gR R^T - Q^T gQ))) R^-T for at least as many rows as columns.

    A wide A is [X | Y] with R = [U | V] and Y = Q V: then X has the gradient of its own
    factorization, with Y gV^T added to gQ, and Y has Q gV.
    """
    if mode == "r":
        raise RuntimeError("qr: the derivative needs Q, which mode='r' does not compute")
    (gq, gr), (q, r) = upstream, z
    m, n = x_shape[-2:]
    if m > n and mode == "complete":
        raise RuntimeError(
            f"qr: with mode='complete' the columns of Q beyond {n} of a matrix of shape {x_shape} "
            "are arbitrary, so there is no derivative; use mode='reduced'"
        )
    if m >= n:
        return (_qr_tall(gq, gr, q, r),)
    if gr is None:
        gx = _qr_tall(gq, None, q, r[..., :m])
        return (np.concatenate([gx, np.zeros((*x_shape[:-1], n - m), gx.dtype)], axis=-1),)
    extra = matmul(matmul(q, r[..., m:]), transposed(gr[..., m:]))
    gx = _qr_tall(extra if gq is None else gq + extra, gr[..., :m], q, r[..., :m])
    return (np.concatenate([gx, matmul(q, gr[..., m:])], axis=-1),)


def _qr_tall(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    pull = 0 if gr is None else matmul(gr, transposed(r))
    if gq is not None:
        pull = pull - matmul(transposed(q), gq)
    pull = matmul(
        q, upper_triangle(pull, diagonal=0) + transposed(upper_triangle(pull, diagonal=1))
    )
    if gq is not None:
        pull = gq + pull
    return transposed(solve_triangular_of(r, transposed(pull), lower=False))


@structural(name="qr", outputs=("Q", "R"), vjp=_qr_rule)
def qr_of(x: Any, *, mode: str = "reduced") -> Any:
    """Return Q and R; see :func:`qr`."""
    if mode == "r":
        return np.zeros(0, x.dtype), np.linalg.qr(x, mode="r")
    return tuple(np.linalg.qr(x, mode=mode))  # type: ignore[call-overload]


@naming
def qr(A: Any, mode: str = "reduced") -> QR:
    """QR factorization: A = Q R, Q with orthonormal columns, R upper triangular.

    Shapes: (..., m, n) -> Q (..., m, k), R (..., k, n), where k = min(m, n), or m for "complete".

    Parameters
    ----------
    A : Tensor
    mode : {"reduced", "complete", "r"}
        ``"complete"`` completes Q to a square (no derivative if m > n); ``"r"`` computes R alone
        (Q is empty; no derivative).

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix, or ``mode`` none of these.

    Examples
    --------
    >>> import autograd
    >>> A = autograd.tensor([[3.0, 1.0], [4.0, 2.0]])
    >>> Q, R = autograd.linalg.qr(A)
    >>> autograd.linalg.norm(Q @ R - A).item() < 1e-6
    True

    Source: ``torch.linalg.qr``; Walter and Lehmann 2010.
    """
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr: expected mode 'reduced', 'complete' or 'r', got {mode!r}")
    return QR(*qr_of(matrices("qr", A), mode=mode))


# ---------------------------------------------------------------- singular values


def _svd_rule(upstream: Any, wanted: Any, z: Any, x_shape: Shape) -> Any:
    """dL/dA = U [skew(U^T gU) / E S + S skew(V^T gV) / E + diag(gS)] V^T, and what lies outside.

    E_ij = s_j^2 - s_i^2.  Outside the spaces of U and V: (I - U U^T) gU S^-1 V^T for a tall A,
    U S^-1 gV^T (I - V V^T) for a wide one.  Columns beyond min(m, n) are arbitrary, and what
    arrives for them is left out, as in PyTorch.
    """
    m, n = x_shape[-2:]
    k = min(m, n)
    gu, gs, gvh = upstream
    u, s, vh = z
    u, vh = u[..., :k], vh[..., :k, :]
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    others = ~np.eye(k, dtype=bool)  # 0 times inf is what a value whose square overflows has
    gap = gate((row - column) * (row + column), others) + np.eye(k, dtype=s.dtype)
    total: Any = 0
    if gs is not None:
        total = matmul(u * np.expand_dims(gs, -2), vh)
    if gu is not None:
        gu = gu[..., :k]
        turn = matmul(transposed(u), gu)
        total = total + matmul(matmul(u, (turn - transposed(turn)) / gap * row), vh)
        if m > k:
            total = total + matmul((gu - matmul(u, turn)) / row, vh)
    if gvh is not None:
        gvh = gvh[..., :k, :]
        turn = matmul(vh, transposed(gvh))
        total = total + matmul(u, matmul(column * ((turn - transposed(turn)) / gap), vh))
        if n > k:
            total = total + matmul(u, (gvh - matmul(transposed(turn), vh)) / column)
    return (total,)


@structural(name="svd", outputs=("U", "S", "Vh"), vjp=_svd_rule)
def svd_of(x: Any, *, full_matrices: bool = True) -> Any:
    """Return U, S and V^T; see :func:`svd`."""
    return tuple(iterated("svd", np.linalg.svd, x, full_matrices))


@naming
def svd(A: Any, full_matrices: bool = True) -> SVD:
    """Singular value decomposition: A = U diag(S) Vh, with S falling and not negative.

    Shapes: (..., m, n) -> U (..., m, k), S (..., min(m, n)), Vh (..., k', n), where k = m and
    k' = n with ``full_matrices``, else k = k' = min(m, n).

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.svd(autograd.tensor([[3.0, 0.0], [0.0, 4.0]])).S
    tensor([4., 3.])

    Source: ``torch.linalg.svd``; Townsend 2016.
    """
    return SVD(*svd_of(matrices("svd", A), full_matrices=bool(full_matrices)))


@structural()
def svdvals_of(x: Any) -> Any:
    """Singular values alone, which LAPACK finds in a fraction of the time, without derivative."""
    return iterated("svdvals", _values, x)


def _values(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


@naming
def svdvals(A: Any) -> Any:
    """Singular values, in falling order: dL/dA = U diag(g) Vh.

    Shapes: (..., m, n) -> (..., min(m, n)).

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.svdvals(autograd.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor([4., 3.])

    Source: ``torch.linalg.svdvals``.
    """
    x = matrices("svdvals", A)
    return svd_of(x, full_matrices=False)[1] if recorded(x) else svdvals_of(x)


# ---------------------------------------------------------------- symmetric eigenproblem


def _eigh_rule(upstream: Any, wanted: Any, z: Any) -> Any:
    """dL/dA = V [V^T gV / E + diag(gL)] V^T, where E_ij = l_j - l_i, and symmetric."""
    gl, gv = upstream
    values, v = z
    total: Any = 0
    if gl is not None:
        total = matmul(v * np.expand_dims(gl, -2), transposed(v))
    if gv is not None:
        turn = matmul(transposed(v), gv)
        gap = np.expand_dims(values, -2) - np.expand_dims(values, -1)
        gap = gap + np.eye(values.shape[-1], dtype=values.dtype)
        turn = (turn - transposed(turn)) * 0.5 / gap
        total = total + matmul(matmul(v, turn), transposed(v))
    return (total,)


@structural(name="eigh", outputs=("eigenvalues", "eigenvectors"), vjp=_eigh_rule)
def eigh_of(x: Any, *, UPLO: Any = "L") -> Any:
    """Return eigenvalues and eigenvectors; see :func:`eigh`."""
    return tuple(iterated("eigh", np.linalg.eigh, x, UPLO))


@naming
def eigh(A: Any, UPLO: str = "L") -> Eigh:
    """Eigenvalues and eigenvectors of symmetric matrices: A = V diag(L) V^T, L rising.

    One half of A is read, the lower (``UPLO="L"``) or the upper; the gradient is that of a
    symmetric A, with its whole.

    Shapes: (..., n, n) -> eigenvalues (..., n), eigenvectors (..., n, n), one a column.

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.eigh(autograd.tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    tensor([1., 3.])

    Source: ``torch.linalg.eigh``; Giles 2008.
    """
    if UPLO not in ("L", "U"):
        raise RuntimeError(f"eigh: expected UPLO 'L' or 'U', got {UPLO!r}")
    return Eigh(*eigh_of(matrices("eigh", A, square=True), UPLO=UPLO))


@structural()
def eigvalsh_of(x: Any, *, UPLO: Any = "L") -> Any:
    """Eigenvalues alone, without derivative."""
    return iterated("eigvalsh", np.linalg.eigvalsh, x, UPLO)


@naming
def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of symmetric matrices, rising: dL/dA = V diag(g) V^T; see :func:`eigh`.

    Shapes: (..., n, n) -> (..., n).

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.eigvalsh(autograd.tensor([[2.0, 1.0], [1.0, 2.0]]))
    tensor([1., 3.])

    Source: ``torch.linalg.eigvalsh``.
    """
    if UPLO not in ("L", "U"):
        raise RuntimeError(f"eigvalsh: expected UPLO 'L' or 'U', got {UPLO!r}")
    x = matrices("eigvalsh", A, square=True)
    return eigh_of(x, UPLO=UPLO)[0] if recorded(x) else eigvalsh_of(x, UPLO=UPLO)
