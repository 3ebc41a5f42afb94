"""The pseudo-inverse and what follows from it: least squares and rank.

The derivative is that of Golub and Pereyra 1973, "The differentiation of pseudo-inverses and
nonlinear least squares problems whose variables separate", for a rank that stays the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.naming import naming
from autograd.op import structural
from autograd.ops.factorizations import svdvals
from autograd.ops.matrices import given, iterated, matrices, plain, same_dtype, transposed
from autograd.ops.norms import matrix_norm
from autograd.ops.products import matmul
from autograd.ops.shape import reshape_to
from autograd.ops.solving import inv
from autograd.record import handle, is_tensor

__all__ = ["pinverse"]  # as PyTorch; the others are in autograd.linalg


class LstSq(NamedTuple):
    """Solution of least squares, its squared residuals, A's rank and singular values."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def _cutoff(s: Any, shape: tuple[int, ...], rtol: Any, atol: Any) -> Any:
    """Return what singular values have to exceed: max(atol, rtol s_max), as PyTorch has it."""
    atol = 0.0 if atol is None else np.asarray(plain(atol))
    if rtol is None:
        rtol = np.where(np.asarray(atol) > 0, 0.0, np.finfo(s.dtype).eps * max(shape[-2:]))
    largest = s.max(-1) if s.shape[-1] else np.zeros(s.shape[:-1], s.dtype)
    return np.maximum(atol, np.asarray(plain(rtol)) * largest)[..., None]


def _pinv_rule(upstream: Any, x: Any, z: Any) -> Any:
    """dL/dA = -P^T g P^T + (I - A P) g^T P P^T + P^T P g^T (I - P A), with P the pseudo-inverse."""
    p, g = transposed(z), transposed(upstream)
    first = matmul(g, z)  # g^T P
    outside = matmul(first - matmul(x, matmul(z, first)), p)
    second = matmul(z, g)  # P g^T
    inside = matmul(p, second - matmul(matmul(second, z), x))
    return outside + inside - matmul(matmul(p, upstream), p)


@structural(name="pinv", x=_pinv_rule)
def pinv_of(x: Any, *, rtol: Any = None, atol: Any = None, hermitian: bool = False) -> Any:
    """Return pseudo-inverses; see :func:`pinv`."""
    if hermitian:
        values, v = iterated("pinv", np.linalg.eigh, x)
        s, u, vh = np.abs(values), v, np.swapaxes(v, -1, -2)
    else:
        u, s, vh = iterated("pinv", np.linalg.svd, x, False)
        values = s
    kept = s > _cutoff(s, x.shape, rtol, atol)
    inverted = np.divide(1, values, out=np.zeros_like(s), where=kept)
    return np.matmul(np.swapaxes(vh, -1, -2) * inverted[..., None, :], np.swapaxes(u, -1, -2))


@naming
def pinv(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """Moore-Penrose pseudo-inverse: V diag(1/S) U^T over the singular values that are not small.

    Shapes: (..., m, n) -> (..., n, m).

    Parameters
    ----------
    A : Tensor
    atol, rtol : float or Tensor, optional
        A singular value counts if it exceeds max(atol, rtol s_max); rtol is max(m, n) eps if
        neither is given.
    hermitian : bool
        Whether A is symmetric; then only its lower half is read.

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.pinv(autograd.tensor([[2.0, 0.0], [0.0, 0.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])

    Source: ``torch.linalg.pinv``; Golub and Pereyra 1973.
    """
    x = matrices("pinv", A, square=hermitian)
    return pinv_of(x, rtol=rtol, atol=atol, hermitian=bool(hermitian))


@naming
def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """Pseudo-inverse under its older name: see :func:`autograd.linalg.pinv`.

    Shapes: (..., m, n) -> (..., n, m).

    Raises
    ------
    RuntimeError
        If the input is no floating-point matrix.

    Examples
    --------
    >>> import autograd
    >>> autograd.pinverse(autograd.tensor([[2.0], [0.0]]))
    tensor([[0.5000, 0.0000]])

    Source: ``torch.pinverse``.
    """
    return pinv_of(matrices("pinverse", input), rtol=rcond)


@naming
def matrix_rank(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """Rank: the number of singular values that are not small, as :func:`pinv` tells them.

    Shapes: (..., m, n) -> (...), integers.

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix.
    LinAlgError
        If a matrix holds nan or inf.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.matrix_rank(autograd.ones(3, 3))
    tensor(1)

    Source: ``torch.linalg.matrix_rank``.
    """
    x = matrices("matrix_rank", A, square=hermitian)
    return matrix_rank_of(x, rtol=rtol, atol=atol, hermitian=bool(hermitian))


@structural(name="matrix_rank")
def matrix_rank_of(x: Any, *, rtol: Any = None, atol: Any = None, hermitian: bool = False) -> Any:
    """Return ranks; see :func:`matrix_rank`."""
    if hermitian:
        s = np.abs(iterated("matrix_rank", np.linalg.eigvalsh, x))
    else:
        s = iterated("matrix_rank", lambda x: np.linalg.svd(x, compute_uv=False), x)
    return np.sum(s > _cutoff(s, x.shape, rtol, atol), axis=-1)


@naming
def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> LstSq:
    """Least squares: the X of least length among those that make ||A X - B|| least: X = pinv(A) B.

    Shapes: A (..., m, n), B (..., m, k), or vectors (..., m) -> solution (..., n, k) or (..., n).

    Parameters
    ----------
    A, B : Tensor
    rcond : float, optional
        Singular values up to ``rcond`` times the largest count as 0; max(m, n) eps if None.
    driver : {"gelsy", "gels", "gelsd", "gelss"}, optional
        What else to report, as PyTorch's CPU drivers do: all but "gelsy", the default, report the
        residuals (if m > n and A has full rank); "gelsd" and "gelss" the singular values; all but
        "gels" the rank.  The solution is the same.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit, or there is no such driver.

    Examples
    --------
    >>> import autograd
    >>> A = autograd.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> autograd.linalg.lstsq(A, autograd.tensor([1.0, 3.0, 5.0])).solution
    tensor([1.0000, 2.0000])

    Source: ``torch.linalg.lstsq``.
    """
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            f"lstsq: expected driver 'gels', 'gelsy', 'gelsd' or 'gelss', got {driver!r}"
        )
    a, b = matrices("lstsq", A), given("lstsq", B)
    same_dtype("lstsq", a, b)
    m, n = a.shape[-2:]
    vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if vector:
        b = reshape_to(b, shape=(*b.shape, 1))
    if b.ndim < 2 or b.shape[-2] != m:
        raise RuntimeError(f"lstsq: shapes {a.shape} and {b.shape} do not fit")
    x = matmul(pinv_of(a, rtol=rcond), b)
    values = np.linalg.svd(plain(a), compute_uv=False)
    rank = np.sum(values > _cutoff(values, a.shape, rcond, None), axis=-1)
    nothing = np.zeros(0, a.dtype)
    residuals: Any = _like(a, nothing)
    if driver not in (None, "gelsy") and m > n and (rank == n).all():
        error = matmul(a, x) - b
        residuals = np.sum(error * error, axis=-2)
    return LstSq(
        reshape_to(x, shape=x.shape[:-1]) if vector else x,
        residuals,
        _like(a, np.zeros(0, np.int64) if driver == "gels" else rank),
        _like(a, values if driver in ("gelsd", "gelss") else nothing),
    )


def _like(x: Any, z: Any) -> Any:
    """Return an array as what ``x`` is, a Tensor or an array."""
    return handle(z, None) if is_tensor(x) else z


@naming
def cond(A: Any, p: Any = None) -> Any:
    """Condition number: ||A|| ||A^-1||, for p None or 2 the largest over the least singular value.

    Shapes: (..., n, n) -> (...); (..., m, n) for p None, 2 or -2.

    Parameters
    ----------
    A : Tensor
    p : {None, 2, -2, 1, -1, inf, -inf, "fro", "nuc"}
        Which norm; see :func:`autograd.linalg.matrix_norm`.

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix, or not square where an inverse is needed.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.cond(autograd.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor(2.)

    Source: ``torch.linalg.cond``.
    """
    x = matrices("cond", A)
    if 0 in x.shape:
        return np.sum(x, axis=(-2, -1))
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / np.abs(s[..., -1])  # not -0.0
    return matrix_norm(x, p) * matrix_norm(inv(matrices("cond", x, square=True)), p)
