"""Distances between points, and how the coordinates of a sample vary together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import blas
from autograd.arguments import a_number
from autograd.naming import naming
from autograd.op import elementwise, structural
from autograd.ops.diagonals import diagonal_of
from autograd.ops.matrices import given, plain, same_dtype, transposed
from autograd.ops.norms import vector_norm_over
from autograd.ops.passing import gate
from autograd.ops.products import matmul
from autograd.ops.shape import reshape_to

__all__ = ["cdist", "corrcoef", "cov"]

PRODUCT_FROM = 25  # points; beyond it PyTorch, too, takes squares from a matrix product
FEW = 1 << 16  # differences that are formed at once


@elementwise(
    g=lambda upstream, d: per_distance(upstream, d),  # type: ignore[has-type]
    d=lambda upstream, d, z: -per_distance(upstream * z, d),  # type: ignore[has-type]
)
def per_distance(g: Any, d: Any) -> Any:
    """Return g / d, and 0 where points coincide."""
    apart = d != 0
    z = np.logical_not(apart) + d
    np.divide(g, z, out=z)
    return gate(z, apart)


def _toward(weights: Any, x: Any, y: Any) -> Any:
    """Return sum_j w_ij (x_i - y_j); of no weight also where x is inf."""
    if not np.isfinite(plain(weights)).all():  # inf x - inf y would be nan
        apart = np.expand_dims(x, -2) - np.expand_dims(y, -3)
        each = np.expand_dims(weights, -1)
        return np.sum(each * gate(apart, np.isfinite(apart) | (each != 0)), axis=-2)
    total = np.sum(weights, axis=-1, keepdims=True)
    return total * gate(x, np.isfinite(x) | (total != 0)) - matmul(weights, y)


def _euclidean_rule(upstream: Any, wanted: Any, x1: Any, x2: Any, z: Any) -> Any:
    weights = per_distance(upstream, z)
    return (
        _toward(weights, x1, x2) if wanted[0] else None,
        _toward(transposed(weights), x2, x1) if wanted[1] else None,
    )


@structural(name="cdist", vjp=_euclidean_rule, single=True)
def euclidean(x1: Any, x2: Any, *, product: bool = False) -> Any:
    """Euclidean distance of every point of x1 to every point of x2.

    With ``product`` d^2 = |x|^2 + |y|^2 - 2 x.y, which is one matrix product, and loses digits of
    distances that are small against the coordinates.
    """
    if product:
        square = np.sum(x1 * x1, -1)[..., :, None] + np.sum(x2 * x2, -1)[..., None, :]
        square -= 2 * blas.product(x1, np.swapaxes(x2, -1, -2))
        return np.sqrt(np.maximum(square, 0, out=square), out=square)
    shape = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2]) + (x1.shape[-2], x2.shape[-2])
    square = np.zeros(shape, x1.dtype)
    step = max(1, FEW // max(1, square.size))
    for start in range(0, x1.shape[-1], step):  # a few coordinates at a time
        part = slice(start, start + step)
        difference = x1[..., :, None, part] - x2[..., None, :, part]
        square += np.einsum("...i,...i->...", difference, difference)
    return np.sqrt(square, out=square)


def _differences(x1: Any, x2: Any) -> Iterator[tuple[slice, Any]]:
    """Yield slices of x1's points, and their differences to all of x2: some thousands at once.

    All of them would be a hundred times as large as the distances.
    """
    points, others = x1[..., :, None, :], x2[..., None, :, :]
    a_point = math.prod(np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2]) + x2.shape[-2:])
    step = max(1, FEW // max(1, a_point))
    for start in range(0, x1.shape[-2], step):
        part = slice(start, start + step)
        yield part, points[..., part, :, :] - others


def _signs(difference: Any) -> Any:
    """Return the signs, 0 for nan."""
    signs = (difference > 0).view(np.int8) - (difference < 0).view(np.int8)
    return signs.astype(difference.dtype)


@structural(
    w=lambda upstream, x1, x2: signs_along(upstream, x1, x2),  # type: ignore[has-type]
)
def signs_toward(w: Any, x1: Any, x2: Any) -> Any:
    """Return z_id = sum_j w_ij sign(x1_id - x2_jd); constant but in w."""
    shape = np.broadcast_shapes(w.shape[:-2], x1.shape[:-2], x2.shape[:-2]) + x1.shape[-2:]
    z = np.empty(shape, w.dtype)
    for part, difference in _differences(x1, x2):
        row = w[..., part, None, :]
        z[..., part, :] = np.matmul(row, _signs(difference))[..., 0, :]
    return z


@structural(v=lambda upstream, x1, x2: signs_toward(upstream, x1, x2))
def signs_along(v: Any, x1: Any, x2: Any) -> Any:
    """Return z_ij = sum_d v_id sign(x1_id - x2_jd); constant but in v."""
    batch = np.broadcast_shapes(v.shape[:-2], x1.shape[:-2], x2.shape[:-2])
    z = np.empty((*batch, x1.shape[-2], x2.shape[-2]), v.dtype)
    for part, difference in _differences(x1, x2):
        z[..., part, :] = np.matmul(_signs(difference), v[..., part, :, None])[..., 0]
    return z


@structural(
    name="cdist",
    x1=lambda upstream, x1, x2: signs_toward(upstream, x1, x2),
    x2=lambda upstream, x1, x2: signs_toward(transposed(upstream), x2, x1),
    single=True,
)
def manhattan(x1: Any, x2: Any) -> Any:
    """Sum of the sizes of the differences of every point of x1 to every point of x2."""
    batch = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    z = np.empty((*batch, x1.shape[-2], x2.shape[-2]), x1.dtype)
    ones = np.ones(x1.shape[-1], x1.dtype)
    for part, difference in _differences(x1, x2):
        np.matmul(np.abs(difference, out=difference), ones, out=z[..., part, :])
    return z


@structural(
    name="cdist",
    x=lambda upstream, x, z: (
        gate(np.expand_dims(upstream, -1), np.abs(x) == np.expand_dims(z, -1)) * np.sign(x)
    ),
    single=True,
)
def largest(x: Any) -> Any:
    """Return the largest size along the last axis; all that reach it get the whole upstream.

    What is nan is never the largest, as in PyTorch.
    """
    return np.fmax.reduce(np.abs(x), axis=-1, initial=0)


@naming
def cdist(
    x1: Any,
    x2: Any,
    p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Any:
    """Distance of every point of x1 to every point of x2: z_ij = ||x1_i - x2_j||_p.

    The derivative is 0 where points coincide.

    Shapes: (..., n, d), (..., m, d) -> (..., n, m), where the batch axes broadcast.

    Parameters
    ----------
    x1, x2 : Tensor
    p : float
        2: Euclidean; 1: sums of sizes; inf: the largest; 0: how many coordinates differ.
    compute_mode : str
        For p = 2: "use_mm_for_euclid_dist" takes a matrix product, which is fast and loses digits
        of small distances; "donot_use_mm_for_euclid_dist" does not; the default does so for more
        than 25 points.

    Raises
    ------
    RuntimeError
        If an operand is no floating-point matrix, p is negative, or the points' dimensions or
        dtypes differ.
    ValueError
        If there is no such mode.

    Examples
    --------
    >>> import autograd
    >>> autograd.cdist(autograd.tensor([[0.0, 0.0]]), autograd.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[5., 0.]])

    Source: ``torch.cdist``.
    """
    x, y = given("cdist", x1), given("cdist", x2)
    for place, points in (("x1", x), ("x2", y)):
        if points.dtype.kind != "f" or points.ndim < 2:
            raise RuntimeError(
                f"cdist: expected {place} to be rows of floating-point numbers, got shape "
                f"{points.shape} and dtype {points.dtype}"
            )
    if x.shape[-1] != y.shape[-1]:
        raise RuntimeError(f"cdist: points of shapes {x.shape} and {y.shape} differ in dimension")
    p = a_number(p, "p", "cdist")
    if p < 0:
        raise RuntimeError(f"cdist: expected p >= 0, got {p}")
    same_dtype("cdist", x, y)
    modes = {
        "use_mm_for_euclid_dist_if_necessary": max(x.shape[-2], y.shape[-2]) > PRODUCT_FROM,
        "use_mm_for_euclid_dist": True,
        "donot_use_mm_for_euclid_dist": False,
    }
    if compute_mode not in modes:
        raise ValueError(f"cdist: expected compute_mode to be one of {list(modes)}")
    if p == 2:
        return euclidean(x, y, product=modes[compute_mode])
    if p == 1:
        return manhattan(x, y)
    rows = reshape_to(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    columns = reshape_to(y, shape=(*y.shape[:-2], 1, *y.shape[-2:]))
    return lengths(rows - columns, p)


def lengths(x: Any, p: float) -> Any:
    """Return ||x||_p along the last axis, as distances have it: see :func:`cdist`."""
    if p == math.inf and x.shape[-1]:
        return largest(x)
    if not x.shape[-1]:
        return np.sum(x, axis=-1)  # 0, also for the largest of no differences
    if p == 0:  # how many differ; of nan it is not known
        return np.sum(np.minimum(np.ceil(np.abs(x)), 1), axis=-1)
    return vector_norm_over(x, ord=float(p), dim=-1)


@naming
def cov(input: Any, *, correction: float = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """Covariance of the rows: z_ij = sum_k w_k (x_ik - m_i)(x_jk - m_j) / (n - correction).

    Shapes: (v, n) -> (v, v); (n,) or () -> ().

    Parameters
    ----------
    input : Tensor
        Variables in rows, observations in columns.
    correction : float
        1 divides by n - 1, 0 by n.
    fweights : Tensor of int, optional
        How often each observation was made.
    aweights : Tensor, optional
        How much each observation counts.

    Raises
    ------
    RuntimeError
        If the input has more than two dimensions, or the weights do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.cov(autograd.tensor([[0.0, 2.0], [1.0, 5.0]]))
    tensor([[2., 4.],
            [4., 8.]])

    Source: ``torch.cov``.
    """
    x = given("cov", input)
    if x.ndim > 2:
        raise RuntimeError(f"cov: expected at most two dimensions, got shape {x.shape}")
    if x.dtype.kind != "f":
        x = x * 1.0
    if x.ndim < 2:
        x = reshape_to(x, shape=(1, x.shape[0] if x.ndim else 1))
    n = x.shape[1]
    w = _weights(n, fweights, aweights)
    if w is None:
        total: Any = np.full((), n, x.dtype)[()]
        used: Any = correction
        with np.errstate(invalid="ignore"):
            centred = x - np.sum(x, axis=1, keepdims=True) / total
        weighted = centred
    else:
        total = np.sum(w)
        if plain(total) == 0:
            raise RuntimeError("cov: the weights sum to 0")
        used = correction if aweights is None else correction * np.sum(w * aweights) / total
        centred = x - np.sum(x * w, axis=1, keepdims=True) / total
        weighted = centred * w
    with np.errstate(divide="ignore", invalid="ignore"):  # too few observations: inf or nan
        z = matmul(weighted, transposed(centred)) / np.maximum(total - used, 0)
    return reshape_to(z, shape=()) if len(x) == 1 else z


def _weights(n: int, fweights: Any, aweights: Any) -> Any:
    """Return the product of the weights, or None."""
    product: Any = None
    for name, w, kinds in (("fweights", fweights, "iu"), ("aweights", aweights, "f")):
        if w is None:
            continue
        w = given("cov", w)
        if w.shape != (n,) or w.dtype.kind not in kinds or not (plain(w) >= 0).all():
            kind = "integers" if kinds == "iu" else "floating-point numbers"
            raise RuntimeError(
                f"cov: expected {name} to be {n} {kind}, none negative; got shape {w.shape} and "
                f"dtype {w.dtype}"
            )
        product = w if product is None else product * w
    return product


@naming
def corrcoef(input: Any) -> Any:
    """Correlation of the rows: covariance over the product of the standard deviations.

    Shapes: (v, n) -> (v, v); (n,) or () -> (), which is 1 (nan if nothing varies).

    Raises
    ------
    RuntimeError
        If the input has more than two dimensions.

    Examples
    --------
    >>> import autograd
    >>> autograd.corrcoef(autograd.tensor([[0.0, 2.0], [1.0, -5.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])

    Source: ``torch.corrcoef``.
    """
    z = cov(input)
    if z.ndim == 0:
        return z / z
    deviation = np.sqrt(diagonal_of(z, offset=0, dim1=0, dim2=1))
    scaled = z / reshape_to(deviation, shape=(-1, 1)) / deviation
    return np.clip(scaled, -1, 1)
