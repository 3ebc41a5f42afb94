"""Norms of vectors and matrices.  At 0, where a norm has a kink, the derivative is PyTorch's: 0.

``linalg_norm`` is ``autograd.linalg.norm``; ``norm`` is the older name, with other words for it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import Dim, a_number, all_axes, names_none, numpy_like, one_axis
from autograd.blas import product
from autograd.naming import naming
from autograd.op import elementwise, structural
from autograd.ops.arithmetic import sign
from autograd.ops.axes import permute_axes
from autograd.ops.factorizations import svdvals
from autograd.ops.matrices import floating, given, matrices, plain
from autograd.ops.passing import cast, gate
from autograd.ops.reduced_axes import count, kept_shape, restore
from autograd.ops.shape import reshape_to
from autograd.ops.summation import add_up
from autograd.promotion import dtype_of

__all__ = ["norm", "renorm"]

Shape = tuple[int, ...]


def _quotient(x: Any, y: Any) -> Any:
    """Return x / y, and 0 where y is 0."""
    return gate(x, y != 0) / (y + (y == 0))


@elementwise(
    x=lambda upstream, g, z: upstream * _quotient(g, z),
    g=lambda upstream, x, z: upstream * _quotient(x, z),
    z=lambda upstream, x, g, z: -(upstream * _quotient(x, z)) * _quotient(g, z),
)
def along(x: Any, g: Any, z: Any) -> Any:
    """Return x g / z, the slope of a length z, and 0 where z is 0.

    It is one operation since its own slopes divide x by z before anything is summed: what sums up
    x overflows where the length did.
    """
    return x * _quotient(g, z)


def _vector_norm_rule(upstream: Any, x: Any, z: Any, x_shape: Shape, ord: float, dim: Dim) -> Any:
    """d|x|_p/dx_i = sign(x_i) |x_i|^(p-1) / z^(p-1), where x_i and z are not 0.

    Norms of order inf and -inf share among the elements that reach it.
    """
    if ord == 0:
        return np.zeros_like(x)
    upstream, z = restore(upstream, x_shape, dim), restore(z, x_shape, dim)
    if ord == 1:
        return gate(upstream, x != 0) * sign(x)
    if ord == 2:
        return along(x, upstream, z)
    size = np.abs(x)
    if math.isinf(ord):
        reached = (size == z) | np.isnan(x)
        winners = np.sum(reached, axis=all_axes(dim, x.ndim, "vector_norm"), keepdims=True)
        return gate(upstream / winners, reached) * sign(x)
    slope = np.sign(x) * gate((size + (size == 0)) ** (ord - 1), size != 0)
    if ord < 1:
        return slope * gate(upstream * z ** (1 - ord), size != 0)
    return slope * _quotient(upstream, z ** (ord - 1))


@structural(name="vector_norm", x=_vector_norm_rule, single=True)
def vector_norm_over(x: Any, *, ord: float = 2, dim: Dim = None, keepdim: bool = False) -> Any:
    """Norm of vectors along axes; see :func:`vector_norm`."""
    axes = all_axes(dim, x.ndim, "vector_norm")
    options: dict[str, Any] = {"axis": axes, "keepdims": keepdim}
    if ord == 2:
        if len(axes) == x.ndim and x.flags.c_contiguous:
            flat = x.reshape(-1)
            return np.sqrt(product(flat, flat)).reshape((1,) * x.ndim if keepdim else ())[()]
        z = np.sqrt(add_up(np.square(x), axes))
        return z.reshape(kept_shape(x.shape, dim)) if keepdim else z
    if ord == 0:
        return np.sum(x != 0, **options).astype(x.dtype)
    size = np.abs(x)
    if ord == 1:
        return np.sum(size, **options)
    if (ord < 0 or ord == math.inf) and 0 in [x.shape[axis] for axis in axes]:
        raise RuntimeError(
            f"vector_norm: the norm of order {ord} of no elements is not defined, got shape "
            f"{x.shape}, dim {dim}"
        )
    if math.isinf(ord):
        return (np.max if ord > 0 else np.min)(size, **options)
    with np.errstate(divide="ignore"):  # 0 to a negative power is inf, whose root is 0
        return np.sum(size**ord, **options) ** x.dtype.type(1 / ord)


@naming
def vector_norm(
    x: Any,
    ord: float = 2,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """Norm of vectors: z = (sum |x_i|^p)^(1/p); dz/dx_i = sign(x_i) (|x_i| / z)^(p-1), 0 at 0.

    Shapes: x without the axes ``dim`` (length 1 with ``keepdim``), () for all.

    Parameters
    ----------
    x : Tensor
    ord : float
        p: 2 is the Euclidean length; 1 sums sizes; inf and -inf give the largest and smallest
        size; 0 counts what is not 0.
    dim : int or tuple of int, optional
        The axes along which the vectors lie; all of them if None.
    keepdim : bool
        Whether the axes stay, with length 1.
    dtype : dtype, optional
        To convert to first.

    Raises
    ------
    RuntimeError
        If x is no floating-point tensor, or the norm of no elements is not defined.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([3.0, -4.0], requires_grad=True)
    >>> z = autograd.linalg.vector_norm(x)
    >>> z.backward()
    >>> z.item(), x.grad
    (5.0, tensor([ 0.6000, -0.8000]))

    Source: ``torch.linalg.vector_norm``.
    """
    x = given("vector_norm", x)
    if dtype is not None:
        x = x.astype(dtype)
    floating("vector_norm", x)
    if isinstance(ord, str) or not isinstance(ord, (int, float, np.integer, np.floating)):
        raise TypeError(f"vector_norm: expected a number as ord, got {ord!r}")
    if ord and x.size and count(x.shape, dim) == 1 and not np.isnan(plain(x)).any():
        ord = 1  # of one element every norm is its size, without a square that overflows
    return vector_norm_over(x, ord=float(ord), dim=dim, keepdim=keepdim)


@naming
def matrix_norm(
    A: Any,
    ord: str | float = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """Norm of matrices; the nuclear norm, the sum of the singular values, has the slope U V^T.

    Shapes: (..., m, n) -> (...); the two axes have length 1 with ``keepdim``.

    Parameters
    ----------
    A : Tensor
    ord : {"fro", "nuc", inf, -inf, 1, -1, 2, -2}
        ``"fro"``: the root of the sum of squares; ``"nuc"``: the sum of the singular values;
        inf and -inf: the largest and smallest sum of sizes in a row, 1 and -1 in a column;
        2 and -2: the largest and smallest singular value.
    dim : pair of int
        The axes of rows and of columns.
    keepdim : bool
        Whether the axes stay, with length 1.
    dtype : dtype, optional
        To convert to first.

    Raises
    ------
    RuntimeError
        If A is no floating-point matrix, or there is no norm of that order.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.matrix_norm(autograd.tensor([[3.0, 0.0], [0.0, 4.0]]), "nuc")
    tensor(7.)

    Source: ``torch.linalg.matrix_norm``.
    """
    x = given("matrix_norm", A)
    x = matrices("matrix_norm", x if dtype is None else x.astype(dtype))
    if not isinstance(dim, (tuple, list)) or len(dim) != 2:
        raise RuntimeError(f"matrix_norm: expected two dims, got {dim}")
    rows, columns = (one_axis(d, x.ndim, "matrix_norm") for d in dim)
    if rows == columns:
        raise RuntimeError(f"matrix_norm: expected two different dims, got {dim}")
    if ord == "fro":
        return vector_norm(x, 2.0, (rows, columns), keepdim)
    if (
        isinstance(ord, str)
        and ord != "nuc"
        or ord not in ("nuc", 1, -1, 2, -2, math.inf, -math.inf)
    ):
        raise RuntimeError(
            f"matrix_norm: expected ord 'fro', 'nuc', inf, -inf, 1, -1, 2 or -2, got {ord!r}"
        )
    if ord in ("nuc", 2, -2):
        rest = [i for i in range(x.ndim) if i not in (rows, columns)]
        values = svdvals(permute_axes(x, dims=(*rest, rows, columns)))
        if ord == "nuc":
            z = np.sum(values, axis=-1)
        else:
            z = _extreme(values, ord, (-1,))
        shape = tuple(1 if i in (rows, columns) else n for i, n in enumerate(x.shape))
        return reshape_to(z, shape=shape) if keepdim else z
    added, chosen = (columns, rows) if math.isinf(float(ord)) else (rows, columns)
    sums = vector_norm_over(x, ord=1.0, dim=added, keepdim=True)
    z = _extreme(sums, ord, (chosen,))
    shape = tuple(n for i, n in enumerate(x.shape) if i not in (rows, columns))
    if keepdim:
        shape = tuple(1 if i in (rows, columns) else n for i, n in enumerate(x.shape))
    return reshape_to(z, shape=shape)


def _extreme(values: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    """Return the largest or, of a negative order, the smallest; the largest of none is 0."""
    if ord > 0 and 0 in [values.shape[axis] for axis in axes]:
        return np.sum(values, axis=axes)
    return (np.max if ord > 0 else np.min)(values, axis=axes)


@naming
def linalg_norm(
    A: Any,
    ord: str | float | None = None,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    """Norm of vectors or of matrices: which of the two, ``ord`` and ``dim`` tell.

    Without ``ord`` it is the root of the sum of squares along ``dim``, or of all elements.  With
    ``ord``, two dims (or a matrix without ``dim``) give :func:`matrix_norm`, one dim (or a
    vector) gives :func:`vector_norm`.

    Shapes: A without the axes ``dim`` (length 1 with ``keepdim``), () for all.

    Raises
    ------
    RuntimeError
        If ``ord`` is given, ``dim`` is not, and A has more than two dimensions; or if ``dim``
        names no axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.norm(autograd.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor(5.)

    Source: ``torch.linalg.norm``.
    """
    x = given("norm", A)
    if names_none(dim):
        raise RuntimeError(f"norm: expected one dim or two, got {dim}")
    if ord is None:
        return vector_norm(x, 2, dim, keepdim, dtype=dtype)
    if dim is None and x.ndim > 2:
        raise RuntimeError(f"norm: with ord and without dim expected a matrix, got shape {x.shape}")
    pair = isinstance(dim, (tuple, list)) and len(dim) == 2
    if isinstance(ord, str) or pair or (dim is None and x.ndim == 2):
        axes: Any = (-2, -1) if dim is None else dim
        return matrix_norm(x, ord, axes, keepdim, dtype=dtype)
    return vector_norm(x, ord, dim, keepdim, dtype=dtype)


@numpy_like
def norm(x: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """Compute the p-norm (sum |x|^p)^(1/p) over ``dim``, or of all elements as one vector.

    d/dx = sign(x) (|x| / z)^(p - 1), and 0 at x = 0.

    Shapes: x of any shape; the axes of ``dim`` (all if None or ()) go, or stay with length 1.

    Parameters
    ----------
    p : float or "fro" or "nuc"
        2 (as "fro" and None say, too), 1, any other number, inf (the largest), -inf (the
        smallest), 0 (how many are not 0); "nuc" is the sum of a matrix's singular values.
    dtype : dtype, optional
        Cast to it first.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If x is not floating-point, ``dtype`` would narrow it, the order is unknown, or a norm of
        no elements is not defined.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([3.0, -4.0])
    >>> autograd.norm(x).item(), autograd.norm(x, 1).item(), autograd.norm(x, float("inf")).item()
    (5.0, 7.0, 4.0)

    Source: ``torch.norm``.
    """
    x = given("norm", x)
    floating("norm", x)
    dtype = None if dtype is None else dtype_of(dtype, "norm")
    if dtype is not None and not np.can_cast(x.dtype, dtype):
        raise RuntimeError(f"norm: dtype {dtype} cannot hold a tensor of {x.dtype}")
    if p == "nuc":
        axes: Any = (-2, -1) if dim is None else dim
        return matrix_norm(x, "nuc", axes, keepdim, dtype=dtype)
    if p is None or p == "fro":
        p = 2
    elif not isinstance(p, (int, float, np.number)):
        raise RuntimeError(f"norm: p must be a number, 'fro' or 'nuc', got {p!r}")
    return vector_norm(x, float(p), dim, keepdim, dtype=dtype)


@naming
def renorm(x: Any, p: float, dim: int, maxnorm: float) -> Any:
    """Scale the slices along an axis down whose norm is beyond a limit: z = x m / (|x|_p + 1e-7).

    dz/dx includes how the norm moves; slices within the limit stay as they are.

    Shapes: any alike; for ``dim`` 0 of (n, A, B) the slices are n of (A, B).

    Parameters
    ----------
    x : Tensor
    p : float
        Of which norm, more than 0.
    dim : int
        The axis that counts the slices.
    maxnorm : float
        The limit m.

    Raises
    ------
    RuntimeError
        If x has fewer than 2 dimensions or integers, p is not positive, or the limit is negative.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.renorm(autograd.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])

    Source: ``torch.renorm``.
    """
    x = given("renorm", x)
    p, limit = a_number(p, "p", "renorm"), a_number(maxnorm, "maxnorm", "renorm")
    if p <= 0 or limit < 0:
        raise RuntimeError(f"renorm: expected p > 0 and maxnorm >= 0, got {p} and {limit}")
    if x.ndim < 2:
        raise RuntimeError(f"renorm: expected at least 2 dimensions, got shape {x.shape}")
    floating("renorm", x)
    axis = one_axis(dim, x.ndim, "renorm")
    if x.dtype.char == "e":
        return cast(renorm(cast(x, dtype=np.dtype(np.float32)), p, axis, limit), dtype=x.dtype)
    others = tuple(i for i in range(x.ndim) if i != axis)
    options: dict[str, Any] = {"ord": float(p), "dim": others, "keepdim": True}
    wide = cast(x, dtype=np.dtype(np.float64))  # in which squares of float32 do not overflow
    beyond = vector_norm_over(plain(wide), **options) > limit
    size = vector_norm_over(gate(wide, beyond), **options)  # nothing comes back from other slices
    return x * np.where(beyond, limit / (cast(size, dtype=x.dtype) + 1e-7), 1)
