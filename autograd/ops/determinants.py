"""Determinants.  The derivative is the adjugate, which singular matrices have, too.

d det A / dA = adj(A)^T: the matrix of cofactors, which is det(A) A^-T where there is an inverse.
By Jacobi 1841; Giles 2008, "Collected matrix derivative results".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.naming import naming
from autograd.op import structural
from autograd.ops.factorizations import svd_of
from autograd.ops.matrices import matrices, transposed
from autograd.ops.passing import gate
from autograd.ops.products import matmul
from autograd.record import is_tensor

__all__ = ["det", "logdet", "slogdet"]


class SlogDet(NamedTuple):
    """Sign of a determinant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


def _each(x: Any) -> Any:
    """Return a number for each matrix with two axes, to be broadcast against matrices."""
    return np.expand_dims(np.expand_dims(x, -1), -1)


@structural()
def orientation(u: Any, vh: Any) -> Any:
    """Return the sign of det(U) det(V) of orthogonal matrices, which small changes leave."""
    return np.sign(np.linalg.det(u)) * np.sign(np.linalg.det(vh))


def _pair_products(s: Any) -> Any:
    """Return p_ij, the product of the values other than i and j, and 0 for i = j."""
    n = s.shape[-1]
    same = np.eye(n, dtype=bool)
    products: Any = np.logical_not(same).astype(s.dtype)
    for k in range(n):
        left_out = same[k, :, None] | same[k, None, :]
        products = products * np.where(left_out, s.dtype.type(1), _each(s[..., k]))
    return products


def _adjugate_rule(upstream: Any, x: Any) -> Any:
    """dL/dA = s U (diag(p diag(K)) - p * K) V^T, with K = V^T g U, which needs no inverse.

    In the axes of U and V the adjugate is diagonal.  p_ij is the product of the singular values
    other than i and j, and s the sign of det(U) det(V).
    """
    u, s, vh = svd_of(x, full_matrices=False)
    k = matmul(matmul(vh, upstream), u)
    p = _pair_products(s)
    one = np.eye(x.shape[-1], dtype=bool)
    diagonal = np.sum(gate(k, one), axis=-1)
    inside = gate(matmul(p, np.expand_dims(diagonal, -1)), one) - p * k
    return _each(orientation(u, vh)) * matmul(matmul(u, inside), vh)


@structural(name="adjugate", x=_adjugate_rule)
def adjugate(x: Any) -> Any:
    """Return the adjugate: det(A) A^-1, and where A is singular its limit, from the SVD."""
    if x.shape[-1] == 1:  # the determinant of no rows
        return np.ones_like(x)
    d = np.linalg.det(x)
    singular = d == 0
    if not singular.any():
        return _each(d) * np.linalg.inv(x)
    z = np.empty(x.shape, x.dtype)
    z[~singular] = _each(d[~singular]) * np.linalg.inv(x[~singular])
    u, s, vh = np.linalg.svd(x[singular])
    others = np.ones(s.shape, s.dtype)  # the product of the other singular values
    np.multiply.accumulate(s[..., :-1], axis=-1, out=others[..., 1:])
    after = np.multiply.accumulate(s[..., :0:-1], axis=-1)[..., ::-1]
    others[..., :-1] *= after
    others *= orientation(u, vh)[..., None]
    z[singular] = np.matmul(np.swapaxes(vh, -1, -2) * others[..., None, :], np.swapaxes(u, -1, -2))
    return z


@structural(name="det", x=lambda upstream, x: _each(upstream) * transposed(adjugate(x)))
def det_of(x: Any) -> Any:
    """Return determinants; see :func:`det`."""
    return np.linalg.det(x)


@naming
def det(A: Any) -> Any:
    """Compute determinants: dL/dA = g adj(A)^T, which is g det(A) A^-T where A has an inverse.

    Shapes: (..., n, n) -> (...); that of no rows is 1.

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.

    Examples
    --------
    >>> import autograd
    >>> A = autograd.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    >>> autograd.det(A).backward()
    >>> A.grad
    tensor([[ 4., -2.],
            [-2.,  1.]])

    Source: ``torch.linalg.det``; Giles 2008.  PyTorch's gradient of a singular matrix is 0.
    """
    return det_of(matrices("det", A, square=True))


@structural(
    name="inv", x=lambda upstream, z: -matmul(matmul(transposed(z), upstream), transposed(z))
)
def inv_or_inf(x: Any) -> Any:
    """Invert; where a matrix is singular, inf with the signs of its adjugate (or 0), no error."""
    with np.errstate(divide="ignore"):
        singular = np.linalg.slogdet(x)[0] == 0
    if not singular.any():
        return np.linalg.inv(x)
    z = np.empty(x.shape, x.dtype)
    z[~singular] = np.linalg.inv(x[~singular])
    with np.errstate(divide="ignore", invalid="ignore"):
        cofactors = adjugate.__wrapped__(x[singular])  # type: ignore[attr-defined]
        z[singular] = np.where(cofactors == 0, 0, cofactors / 0)
    return z


def _slogdet_rule(upstream: Any, wanted: Any, x: Any) -> Any:
    """dL/dA = g A^-T from log|det A|; the sign is constant."""
    g = upstream[1]
    return (None if g is None else _each(g) * transposed(inv_or_inf(x)),)


@structural(name="slogdet", outputs=("sign", "logabsdet"), vjp=_slogdet_rule)
def slogdet_of(x: Any) -> Any:
    """Return sign and logarithm of determinants; see :func:`slogdet`."""
    with np.errstate(divide="ignore"):
        return tuple(np.linalg.slogdet(x))


@naming
def slogdet(A: Any) -> SlogDet:
    """Sign of the determinant, and log|det A|, which neither over- nor underflows: d/dA = A^-T.

    Shapes: (..., n, n) -> sign (...), logabsdet (...); a singular A has sign 0 and -inf.

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.

    Examples
    --------
    >>> import autograd
    >>> sign, logabsdet = autograd.slogdet(autograd.tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> sign.item(), logabsdet.item()
    (-1.0, 0.0)

    Source: ``torch.linalg.slogdet``.
    """
    sign, logabsdet = slogdet_of(matrices("slogdet", A, square=True))
    return SlogDet(sign.detach() if is_tensor(sign) else sign, logabsdet)


@naming
def logdet(input: Any) -> Any:
    """Logarithm of the determinant: -inf for a singular matrix, nan for a negative determinant.

    Shapes: (..., n, n) -> (...).

    Raises
    ------
    RuntimeError
        If the matrices are not square, or not of floating point.

    Examples
    --------
    >>> import autograd
    >>> autograd.logdet(autograd.tensor([[2.0, 1.0], [1.0, 1.0]])).item()
    0.0

    Source: ``torch.logdet``.
    """
    x = matrices("logdet", input, square=True)
    sign, logabsdet = slogdet_of(x)
    negative = (sign.payload if is_tensor(sign) else sign) < 0
    return np.where(negative, x.dtype.type(np.nan), logabsdet)
