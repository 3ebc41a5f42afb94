"""Inverses, linear systems, and powers and chains of matrices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd import lapack
from autograd.arguments import an_integer, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.arithmetic import add
from autograd.ops.axes import permute_axes
from autograd.ops.matrices import given, located, matrices, same_dtype, transposed
from autograd.ops.passing import gate
from autograd.ops.products import matmul
from autograd.ops.shape import reshape_to
from autograd.ops.triangular import check_system

__all__ = ["inverse", "matrix_power"]  # as PyTorch; the others are in autograd.linalg

SINGULAR = "is singular"


@structural(
    name="inv",
    x=lambda upstream, z: -matmul(matmul(transposed(z), upstream), transposed(z)),
)
def inv_of(x: Any) -> Any:
    """Invert; see :func:`inv`."""
    return located("inv", SINGULAR, lapack.inv, x)


@naming
def inv(A: Any) -> Any:
    """Invert matrices: Z = A^-1; dL/dA = -Z^T g Z^T.

    Shapes: (..., n, n) -> (..., n, n).

    Raises
    ------
    RuntimeError
        If A is not square, or not of floating point.
    LinAlgError
        If a matrix is singular; the message says which of the batch.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.inv(autograd.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])

    Source: ``torch.linalg.inv``; Giles 2008.
    """
    return inv_of(matrices("inv", A, square=True))


def _solve_rule(upstream: Any, wanted: Any, a: Any, z: Any) -> Any:
    """dL/dB = A^-T g, dL/dA = -(dL/dB) X^T."""
    gb = solve_of(transposed(a), upstream, turned=True)
    return -matmul(gb, transposed(z)) if wanted[0] else None, gb


@structural(name="solve", vjp=_solve_rule)
def solve_of(a: Any, b: Any, *, turned: bool = False) -> Any:
    """Solve A X = B for matrices B; see :func:`solve`.

    With ``turned`` A^T was solved with before.  LAPACK may meet a pivot of 0 in A where it met
    rounding, or nan, in A^T; the inverse is of A^T's own factors.
    """
    if turned:
        try:
            return lapack.solve(a, b)
        except np.linalg.LinAlgError:
            return np.matmul(transposed(lapack.inv(transposed(a))), b)
    return located("solve", SINGULAR, lambda a: lapack.solve(a, b), a)


@naming
def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """Solve A X = B, or X A = B (``left=False``): dL/dB = A^-T g, dL/dA = -(dL/dB) X^T.

    Shapes: A (..., n, n); B (..., n, k), or vectors (n,) or (..., n) with A's batch axes.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit.
    LinAlgError
        If a matrix is singular; the message says which of the batch.

    Examples
    --------
    >>> import autograd
    >>> A = autograd.tensor([[2.0, 0.0], [0.0, 4.0]])
    >>> autograd.linalg.solve(A, autograd.tensor([2.0, 2.0]))
    tensor([1.0000, 0.5000])

    Source: ``torch.linalg.solve``; Giles 2008.
    """
    a, b = matrices("solve", A, square=True), given("solve", B)
    vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if vector:
        if not left:
            raise RuntimeError(f"solve: with left=False expected matrices B, got shape {b.shape}")
        if b.shape[-1] != a.shape[-1]:
            raise RuntimeError(f"solve: shapes {a.shape} and {b.shape} do not fit")
        b = reshape_to(b, shape=(*b.shape, 1))
    check_system("solve", a, b, left)
    x = solve_of(a, b) if left else transposed(solve_of(transposed(a), transposed(b)))
    return reshape_to(x, shape=x.shape[:-1]) if vector else x


@naming
def matrix_power(A: Any, n: int) -> Any:
    """Multiply a square matrix n times with itself, by squaring; a negative n inverts first.

    Shapes: (..., m, m) -> (..., m, m).

    Raises
    ------
    RuntimeError
        If A is not square.
    TypeError
        If n is no integer.
    LinAlgError
        If n is negative and a matrix is singular.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.matrix_power(autograd.tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    tensor([[1., 5.],
            [0., 1.]])

    Source: ``torch.linalg.matrix_power``.
    """
    x = given("matrix_power", A)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise RuntimeError(f"matrix_power: expected square matrices, got shape {x.shape}")
    n = an_integer(n, "exponent", "matrix_power")
    if n < 0:
        x, n = inv(x), -n
    if n == 0:
        return add(gate(x, False), np.eye(x.shape[-1], dtype=x.dtype))
    power = None
    while True:
        if n & 1:
            power = x if power is None else matmul(power, x)
        n >>= 1
        if not n:
            return power
        x = matmul(x, x)


@naming
def multi_dot(tensors: Sequence[Any]) -> Any:
    """Multiply a chain of matrices, in the order that takes the fewest multiplications.

    Shapes: (n, k), (k, l), ..., (p, m) -> (n, m); the first and the last may be vectors.

    Raises
    ------
    RuntimeError
        If there are fewer than two, or ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.ones(2, 2)
    >>> autograd.linalg.multi_dot([x, x, autograd.ones(2)])
    tensor([4., 4.])

    Source: ``torch.linalg.multi_dot``; Cormen et al., "Introduction to Algorithms", section 15.2.
    """
    if not isinstance(tensors, Iterable) or not getattr(tensors, "ndim", 1):
        raise TypeError(f"multi_dot: expected a list of tensors, got {type(tensors).__name__}")
    chain = [given("multi_dot", x) for x in tensors]
    shapes = [x.shape for x in chain]
    if len(chain) < 2:
        raise RuntimeError(f"multi_dot: expected at least two tensors, got {len(chain)}")
    same_dtype("multi_dot", *chain)
    ends = {0: (1, 2), len(chain) - 1: (1, 2)}
    if any(x.ndim not in ends.get(i, (2,)) for i, x in enumerate(chain)):
        raise RuntimeError(
            f"multi_dot: expected matrices, and at the ends matrices or vectors, got {shapes}"
        )
    row, column = chain[0].ndim == 1, chain[-1].ndim == 1
    if row:
        chain[0] = reshape_to(chain[0], shape=(1, *shapes[0]))
    if column:
        chain[-1] = reshape_to(chain[-1], shape=(*shapes[-1], 1))
    sides = [chain[0].shape[0], *(x.shape[1] for x in chain)]
    if any(x.shape[0] != n for x, n in zip(chain, sides, strict=False)):
        raise RuntimeError(f"multi_dot: shapes {shapes} do not fit")
    z = _chained(chain, _cuts(sides), 0, len(chain) - 1)
    shape = z.shape[int(row) : z.ndim - int(column)]
    return reshape_to(z, shape=shape) if z.shape != shape else z


def _cuts(sides: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return where to cut each part of the chain: matrix i is sides[i] by sides[i + 1]."""
    n = len(sides) - 1
    cost = {(i, i): 0 for i in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            # Of orders that cost the same PyTorch takes (A B) C, and of more than three the first.
            places = range(i, j) if n != 3 else range(j - 1, i - 1, -1)
            costs = [
                cost[i, k] + cost[k + 1, j] + sides[i] * sides[k + 1] * sides[j + 1] for k in places
            ]
            cost[i, j] = min(costs)
            cut[i, j] = places[costs.index(cost[i, j])]
    return cut


def _chained(chain: Sequence[Any], cut: dict[tuple[int, int], int], i: int, j: int) -> Any:
    if i == j:
        return chain[i]
    k = cut[i, j]
    return matmul(_chained(chain, cut, i, k), _chained(chain, cut, k + 1, j))


@naming
def tensorinv(A: Any, ind: int = 2) -> Any:
    """Invert a tensor that maps its last axes to its first ``ind``, as a matrix would.

    Shapes: (*a, *b) -> (*b, *a), where a has ``ind`` axes and both have the same product.

    Raises
    ------
    RuntimeError
        If ``ind`` is not positive, or the products differ.
    LinAlgError
        If the map is singular.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.tensorinv(autograd.eye(4).reshape(4, 2, 2), ind=1).shape
    (2, 2, 4)

    Source: ``torch.linalg.tensorinv``.
    """
    x = given("tensorinv", A)
    ind = an_integer(ind, "ind", "tensorinv")
    if ind <= 0:
        raise RuntimeError(f"tensorinv: expected ind > 0, got {ind}")
    if ind > x.ndim:
        raise RuntimeError(f"tensorinv: shape {x.shape} has no {ind} axes")
    n, m = math.prod(x.shape[:ind]), math.prod(x.shape[ind:])
    if n != m:
        raise RuntimeError(f"tensorinv: shape {x.shape} is no square after {ind} axes: {n}, {m}")
    return reshape_to(inv(reshape_to(x, shape=(n, m))), shape=(*x.shape[ind:], *x.shape[:ind]))


@naming
def tensorsolve(A: Any, B: Any, dims: tuple[int, ...] | None = None) -> Any:
    """Solve tensordot(A, X, X.ndim) = B.

    Shapes: A (*b, *x), B (*b) -> X (*x), where b and x have the same product.

    Parameters
    ----------
    A, B : Tensor
    dims : tuple of int, optional
        Axes of A that are moved to the end first.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.
    LinAlgError
        If the map is singular.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.tensorsolve(autograd.eye(4).reshape(4, 2, 2), autograd.ones(4)).shape
    (2, 2)

    Source: ``torch.linalg.tensorsolve``.
    """
    a, b = given("tensorsolve", A), given("tensorsolve", B)
    if dims is not None:
        last = [one_axis(d, a.ndim, "tensorsolve") for d in dims]
        a = permute_axes(a, dims=(*(i for i in range(a.ndim) if i not in last), *last))
    shape = a.shape[b.ndim :]
    n = math.prod(b.shape)
    if a.shape[: b.ndim] != b.shape or math.prod(shape) != n:
        raise RuntimeError(f"tensorsolve: shapes {a.shape} and {b.shape} do not fit")
    x = solve(reshape_to(a, shape=(n, n)), reshape_to(b, shape=(n,)))
    return reshape_to(x, shape=shape)


inverse = inv
