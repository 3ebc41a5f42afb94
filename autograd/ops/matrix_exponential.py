"""The exponential of a matrix, by a fraction of polynomials and repeated squaring.

e^A = (e^(A / 2^s))^(2^s), where s makes the matrix small enough for a Pade fraction p(A) / p(-A) to
be exact to the last digit: of degree 13 in double precision, 7 in single (Higham 2005, "The scaling
and squaring method for the matrix exponential revisited").  Its derivative along a direction is a
block of an exponential of twice the size (Najfeld and Havel 1995), so that the rule is the
operation itself, and so are all higher derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import lapack
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.joining import concatenate_along
from autograd.ops.matrices import matrices, transposed

__all__ = ["matrix_exp"]

# Degree, and the largest 1-norm for which the fraction is as exact as the dtype (Higham 2005).
FRACTIONS = {"f": (7, 3.925724783138660), "d": (13, 5.371920351148152)}


def _coefficients(degree: int) -> list[float]:
    """Return b_0 = 1, b_k = b_(k-1) (m - k + 1) / (k (2m - k + 1)) of the Pade polynomial."""
    b = [1.0]
    for k in range(1, degree + 1):
        b.append(b[-1] * (degree - k + 1) / (k * (2 * degree - k + 1)))
    return b


def _exponential_rule(upstream: Any, x: Any) -> Any:
    """Take the upper right block of e^[[A^T, g], [0, A^T]]: the derivative at A^T along g."""
    n = x.shape[-1]
    turned = transposed(x)
    upper = concatenate_along(turned, upstream, dim=-1)
    lower = concatenate_along(np.zeros(x.shape, x.dtype), turned, dim=-1)
    both = matrix_exponential(concatenate_along(upper, lower, dim=-2))
    return both[..., :n, n:]


@structural(name="matrix_exp", x=_exponential_rule, single=True)
def matrix_exponential(x: Any) -> Any:
    """Return e^A of square matrices; see :func:`matrix_exp`."""
    if not x.size:
        return x.copy()
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        size = np.abs(x).sum(-2).max(-1)
        finite = np.isfinite(size)
        degree, largest = FRACTIONS[x.dtype.char]
        halvings = np.ceil(np.log2(np.maximum(np.where(finite, size, 0), largest) / largest))
        halvings = halvings.astype(int)
        scaled = np.ldexp(np.where(finite[..., None, None], x, 0), -halvings[..., None, None])
        z = _fraction(scaled.astype(x.dtype, copy=False), _coefficients(degree))
        for k in range(halvings.max()):
            z = np.where((halvings > k)[..., None, None], np.matmul(z, z), z)
        return np.where(finite[..., None, None], z, np.nan).astype(x.dtype, copy=False)


def _fraction(x: Any, b: list[float]) -> Any:
    """Return p(x) / p(-x), where p's even and odd powers are added up apart."""
    square = np.matmul(x, x)
    fourth = np.matmul(square, square)
    powers = [np.eye(x.shape[-1], dtype=x.dtype), square, fourth, np.matmul(square, fourth)]
    even = _polynomial(powers, b[0::2])
    odd = np.matmul(x, _polynomial(powers, b[1::2]))
    return lapack.solve(even - odd, even + odd)


def _polynomial(powers: list[Any], b: list[float]) -> Any:
    """Add up b_k square^k from 1, square, square^2 and square^3: three terms for one product."""
    *few, whole = powers
    z: Any = None
    for start in range(3 * ((len(b) - 1) // 3), -1, -3):
        part = sum(factor * power for factor, power in zip(b[start : start + 3], few, strict=False))
        z = part if z is None else part + np.matmul(whole, z)
    return z


@naming
def matrix_exp(A: Any) -> Any:
    """Exponential of square matrices: e^A = 1 + A + A^2 / 2! + A^3 / 3! + ...

    dL/dA = int_0^1 e^(t A^T) g e^((1 - t) A^T) dt, the upper right block of e^[[A^T, g], [0, A^T]].
    A matrix that holds inf or nan has nan everywhere.

    Shapes: (..., n, n) -> (..., n, n).

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.

    Examples
    --------
    >>> import autograd
    >>> autograd.matrix_exp(autograd.tensor([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])

    Source: ``torch.linalg.matrix_exp``; Higham 2005.
    """
    return matrix_exponential(matrices("matrix_exp", A, square=True))
