"""NumPy's linear algebra, and its comparisons of whole arrays.

Operands of different dtypes are promoted, where PyTorch's functions would refuse them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops import (
    arithmetic,
    axes,
    contractions,
    cross_products,
    determinants,
    diagonals,
    distances,
    factorizations,
    joining,
    least_squares,
    norms,
    products,
    solving,
    vandermonde,
)
from autograd.ops import shape as shapes
from autograd.ops.matrices import given, plain
from autograd.ops.passing import cast
from autograd.ops.selection import where
from autograd.promotion import promote_types
from autograd.protocols.dispatch import means
from autograd.record import is_tensor


def _alike(name: str, *operands: Any) -> list[Any]:
    """Return operands in the dtype that they promote to together."""
    given_ = [given(name, x) for x in operands]
    dtype = given_[0].dtype
    for x in given_[1:]:
        dtype = promote_types(dtype, x.dtype)
    return [
        x if x.dtype == dtype else cast(x, dtype=dtype) if is_tensor(x) else x.astype(dtype)
        for x in given_
    ]


@means(np.matmul, np.linalg.matmul)
def _matmul(x1: Any, x2: Any) -> Any:
    return products.matmul(*_alike("np.matmul", x1, x2))


@means(np.dot)
def _dot(a: Any, b: Any) -> Any:
    """Sum over the last axis of a and the one before the last of b."""
    if not (np.ndim(a) and np.ndim(b)):
        return arithmetic.multiply(a, b)
    a, b = _alike("np.dot", a, b)
    if a.ndim <= 2 and b.ndim <= 2:
        return products.matmul(a, b)
    return contractions.tensordot(a, b, ([-1], [-2 if b.ndim > 1 else 0]))


@means(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    a, b = _alike("np.vdot", a, b)
    return products.vdot(shapes.ravel(a), shapes.ravel(b))


@means(np.vecdot, np.linalg.vecdot)
def _vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    x, y = _alike("np.vecdot", x1, x2)
    return products.vecdot(x, y, dim=axis)


@means(np.inner)
def _inner(a: Any, b: Any) -> Any:
    return products.inner(*_alike("np.inner", a, b))


@means(np.outer, np.linalg.outer)
def _outer(a: Any, b: Any) -> Any:
    a, b = _alike("np.outer", a, b)
    return products.outer(shapes.ravel(a), shapes.ravel(b))


@means(np.tensordot, np.linalg.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = _alike("np.tensordot", a, b)
    return contractions.tensordot(a, b, axes)


@means(np.kron)
def _kron(a: Any, b: Any) -> Any:
    return contractions.kron(a, b)


@means(np.einsum)
def _einsum(*operands: Any, optimize: Any = False) -> Any:
    if isinstance(operands[0], str):
        return contractions.einsum(operands[0], *_alike("np.einsum", *operands[1:]))
    return contractions.einsum(*operands)


def _moved(x: Any, source: int, destination: int) -> Any:
    """Move one axis to another place."""
    if not x.ndim:
        raise ValueError("np.cross: expected vectors, got a 0-d tensor")
    order = [i for i in range(x.ndim) if i != source % x.ndim]
    order.insert(destination % x.ndim, source % x.ndim)
    return axes.permute(x, *order)


@means(np.cross)
def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    a, b = _alike("np.cross", a, b)
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _moved(a, axisa, -1), _moved(b, axisb, -1)
    ndim = max(a.ndim, b.ndim)
    a, b = (shapes.reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    z = cross_products.linalg_cross(a, b)
    return _moved(z, -1, axisc)


@means(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    z = np.sum(diagonals.diagonal(a if dtype is None else a.to(dtype), offset, axis1, axis2), -1)
    return z if dtype is None else z.to(dtype)


@means(np.linalg.trace)
def _trace_of_last(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)


@means(np.linalg.diagonal)
def _diagonal_of_last(x: Any, *, offset: int = 0) -> Any:
    return diagonals.linalg_diagonal(x, offset=offset)


@means(np.linalg.cross)
def _cross_of_last(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return _cross(x1, x2, axis=axis)


@means(np.linalg.matrix_transpose, np.matrix_transpose)
def _matrix_transpose(x: Any) -> Any:
    return axes.transpose(x, -2, -1)


@means(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and ord is None:
        z = norms.vector_norm(x)
        return shapes.reshape(z, (1,) * x.ndim) if keepdims else z
    if axis is None and x.ndim == 1 or np.ndim(axis) == 0 and axis is not None:
        return _length(x, ord, axis, keepdims)
    dim = (-2, -1) if axis is None else tuple(axis)
    if len(dim) == 1:
        return _length(x, ord, dim, keepdims)
    if axis is None and x.ndim != 2:
        raise ValueError(f"np.linalg.norm: expected a vector or a matrix, got shape {x.shape}")
    return norms.matrix_norm(x, "fro" if ord is None else ord, dim, keepdims)


@means(np.linalg.vector_norm)
def _vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    return _length(x, ord, axis, keepdims)


def _length(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """Norm of vectors, which in NumPy have one without elements: the largest is 0, 1 / 0 inf."""
    ord = 2 if ord is None else ord
    if x.numel() or isinstance(ord, str) or not (ord == math.inf or -math.inf < ord < 0):
        return norms.vector_norm(x, ord, axis, keepdims)
    z = norms.vector_norm(x, 1, axis, keepdims)
    return z if ord > 0 else z + math.inf


@means(np.linalg.matrix_norm)
def _matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return norms.matrix_norm(x, "fro" if ord is None else ord, keepdim=keepdims)


@means(np.linalg.inv)
def _inv(a: Any) -> Any:
    return solving.inv(a)


@means(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    a, b = _alike("np.linalg.solve", a, b)
    if b.ndim == 1:
        x = solving.solve(a, shapes.unsqueeze(b, -1))
        return shapes.squeeze(x, -1)
    lead = (1,) * (a.ndim - b.ndim)  # NumPy counts no more than one axis as a vector
    return solving.solve(a, shapes.reshape(b, lead + b.shape) if lead else b)


@means(np.linalg.det)
def _det(a: Any) -> Any:
    return determinants.det(a)


@means(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    return determinants.slogdet(a)


@means(np.linalg.cholesky)
def _cholesky(a: Any, *, upper: bool = False) -> Any:
    return factorizations.cholesky(a, upper=upper)


@means(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    if mode == "raw":
        raise TypeError("np.linalg.qr: mode='raw' has no recorded counterpart")
    both = factorizations.qr(a, mode)
    return both.R if mode == "r" else both


@means(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return factorizations.svd(a, full_matrices) if compute_uv else factorizations.svdvals(a)


@means(np.linalg.svdvals)
def _svdvals(x: Any) -> Any:
    return factorizations.svdvals(x)


@means(np.linalg.eigh)
def _eigh(a: Any, UPLO: str = "L") -> Any:
    return factorizations.eigh(a, UPLO)


@means(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return factorizations.eigvalsh(a, UPLO)


@means(np.linalg.pinv)
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    return least_squares.pinv(a, rtol=rcond if rtol is None else rtol, hermitian=hermitian)


@means(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = _alike("np.linalg.lstsq", a, b)
    return least_squares.lstsq(a, b, rcond, driver="gelsd")


@means(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    return solving.matrix_power(a, n)


@means(np.linalg.matrix_rank)
def _matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    return least_squares.matrix_rank(A, atol=tol, rtol=rtol, hermitian=hermitian)


@means(np.linalg.multi_dot)
def _multi_dot(arrays: Any) -> Any:
    return solving.multi_dot(_alike("np.linalg.multi_dot", *arrays))


@means(np.linalg.tensorinv)
def _tensorinv(a: Any, ind: int = 2) -> Any:
    return solving.tensorinv(a, ind)


@means(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = _alike("np.linalg.tensorsolve", a, b)
    return solving.tensorsolve(a, b, axes)


@means(np.linalg.cond)
def _cond(x: Any, p: Any = None) -> Any:
    z = least_squares.cond(x, p)
    known = ~np.isnan(plain(x)).any((-2, -1))
    return where(np.isnan(plain(z)) & known, math.inf, z)  # 0 / 0 of a matrix of zeros


@means(np.cov)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """Return NumPy's covariance, which divides by n - 1 unless told ``bias`` or ``ddof``."""
    x = _variables("np.cov", m, y, rowvar)
    if not x.shape[0]:
        return products.matmul(x, axes.permute(x, 1, 0))  # 0 by 0, whatever is asked for
    correction = int(not bias) if ddof is None else ddof
    return distances.cov(x, correction=correction, fweights=fweights, aweights=aweights)


@means(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    return distances.corrcoef(_variables("np.corrcoef", x, y, rowvar))


def _variables(name: str, m: Any, y: Any, rowvar: bool) -> Any:
    """Return variables in rows, as NumPy reads them: a row of y is one, whatever ``rowvar``."""
    x = shapes.reshape(m, 1, -1) if np.ndim(m) < 2 else m if rowvar else axes.permute(m, 1, 0)
    if y is None or not x.shape[0]:
        return x
    if np.ndim(y) < 2:
        y = shapes.reshape(y, 1, -1)
    elif not rowvar and y.shape[0] != 1:
        y = axes.permute(y, 1, 0)
    return joining.cat(_alike(name, x, y))


@means(np.allclose)
def _allclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    return np.allclose(plain(a), plain(b), plain(rtol), plain(atol), equal_nan)


@means(np.array_equal)
def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    return np.array_equal(plain(a1), plain(a2), equal_nan)


@means(np.vander)
def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    return vandermonde.vander(x, N, increasing)
