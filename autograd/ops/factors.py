"""Products, exact where factors are zero.

The derivative of a product with respect to a factor is the product of the others.  Dividing the
product by the factor would fail at zeros, so the others are multiplied up: those before it
(``exclusive_product``) times those after.  The derivative of a cumulative product is a linear
recurrence, y[k] = v[k] + a[k] y[k-1]; the recurrence's derivatives are recurrences again, so every
order is exact, with any number of zeros.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import numpy_like
from autograd.op import structural
from autograd.ops.matrices import plain
from autograd.ops.passing import gate
from autograd.ops.reduced_axes import axis_of, lengthened, spread
from autograd.ops.reduction import given_dtype
from autograd.ops.scanning import scanned
from autograd.ops.shape import reshape_to

__all__ = [
    "cumprod",
    "prod",
]


@structural(x=lambda upstream, dim, by: shift(upstream, dim=dim, by=-by))  # type: ignore[has-type]
def shift(x: Any, *, dim: int, by: int) -> Any:
    """Move elements along an axis by one place, ``by`` = 1 or -1, and zeros in."""
    z = np.zeros_like(x)
    there, here = np.moveaxis(z, dim, 0), np.moveaxis(x, dim, 0)
    there[max(by, 0) : len(here) + min(by, 0)] = here[max(-by, 0) : len(here) - max(by, 0)]
    return z


@structural(
    v=lambda upstream, a, dim, reverse: _adjoint(upstream, a, dim, reverse),
    a=lambda upstream, a, z, dim, reverse: _times_moved(
        z, _adjoint(upstream, a, dim, reverse), dim, -1 if reverse else 1
    ),
)
def recurrence(v: Any, a: Any, *, dim: int, reverse: bool = False) -> Any:
    """Compute y[k] = v[k] + a[k] y[k-1] along an axis (y[k+1] in reverse), from y = 0."""
    v, a = np.broadcast_arrays(np.moveaxis(v, dim, 0), np.moveaxis(a, dim, 0))
    order = slice(None, None, -1 if reverse else 1)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        matrix = (len(v), math.prod(v.shape[1:]))
        # Each step takes a row: rows that lie scattered in memory would take four times as long.
        factors = np.ascontiguousarray(a).reshape(matrix)[order]
        y = _recur(np.array(v, order="C").reshape(matrix)[order], factors)
        if np.isnan(y).any():  # inf times 0: a product with a factor of 0 is 0
            y = _recur(np.array(v, order="C").reshape(matrix)[order], factors, _or_zero)
    return np.ascontiguousarray(np.moveaxis(y.reshape(v.shape)[order], 0, dim))


def _adjoint(upstream: Any, a: Any, dim: int, reverse: bool) -> Any:
    """Gather what each y contributes: s[k] = upstream[k] + a[k+1] s[k+1]."""
    moved = shift(a, dim=dim, by=1 if reverse else -1)
    return recurrence(upstream, moved, dim=dim, reverse=not reverse)


def _times_moved(moved: Any, y: Any, dim: int, by: int) -> Any:
    """Multiply y by what stands a place before (``by`` = 1) or behind; by nothing it is 0, not nan.

    What moves in is a 0, which would make nan of inf: so the products move, not the factors.
    """
    return shift(moved * shift(y, dim=dim, by=-by), dim=dim, by=by)


def _recur(v: Any, a: Any, times: Any = np.multiply) -> Any:
    """Run the recurrence down the rows of two matrices; the first may be overwritten.

    A long one runs in blocks side by side, each from y = 0; then what a block's end carries on is
    itself a recurrence, of square-root length.
    """
    length, width = v.shape
    if length <= 64 or width >= 256:
        last = v[0] if length else v
        for row, factor in zip(v[1:], a[1:], strict=True):
            row += times(factor, last)
            last = row
        return v
    side = math.isqrt(length)
    blocks = -(-length // side)
    padded = np.zeros((2, blocks * side, width), v.dtype)
    padded[0, :length], padded[1, :length] = v, a
    y, through = padded.reshape(2, blocks, side, width)
    for k in range(1, side):
        y[:, k] += times(through[:, k], y[:, k - 1])
    stopped = np.logical_or.accumulate(through == 0, axis=1)
    through = np.multiply.accumulate(through, axis=1)
    through[stopped] = 0
    carried = _recur(y[:, -1].copy(), through[:, -1], _through)[:-1, None]
    y[1:] += _through(through[1:], carried)
    return y.reshape(-1, width)[:length]


def _or_zero(factor: Any, carried: Any) -> Any:
    """Multiply what is carried on; a factor of 0 stops also what is inf or nan."""
    return np.where(factor == 0, 0, factor * carried)


def _through(product: Any, carried: Any) -> Any:
    """Multiply what is carried on; of 0, by 0 nothing is, though the product of many overflowed."""
    z = product * carried
    z[(product == 0) | (np.isinf(product) & (carried == 0))] = 0
    return z


def _exclusive_rule(upstream: Any, x: Any, z: Any, dim: int, reverse: bool) -> Any:
    later = recurrence(upstream, x, dim=dim, reverse=not reverse)
    return _times_moved(later, z, dim, 1 if reverse else -1)


@structural(x=_exclusive_rule)
def exclusive_product(x: Any, *, dim: int, reverse: bool = False) -> Any:
    """Multiply all that comes before each place along an axis (after it, in reverse)."""
    before = np.ones(x.shape, x.dtype)
    from_, to = np.moveaxis(x, dim, 0), np.moveaxis(before, dim, 0)
    if reverse:
        from_, to = from_[::-1], to[::-1]
    to[1:] = from_[:-1]
    return scanned(np.multiply, before, dim, reverse=reverse)


def _product_of_others(x: Any, dim: int | None) -> Any:
    """Return for each element the product of all others along ``dim``."""
    shape = np.shape(x)
    if dim is None or not shape:
        flat = reshape_to(x, shape=(math.prod(shape),))
        return reshape_to(_product_of_others(flat, 0), shape=shape)
    return product_of_others(x, dim=dim % len(shape))


def _others_rule(upstream: Any, x: Any, dim: int) -> Any:
    """Differentiate (product of those before) (product of those after)."""
    before = exclusive_product(x, dim=dim)
    after = exclusive_product(x, dim=dim, reverse=True)
    return _exclusive_rule(upstream * after, x, before, dim, False) + _exclusive_rule(
        upstream * before, x, after, dim, True
    )


@structural(x=_others_rule)
def product_of_others(x: Any, *, dim: int) -> Any:
    """Return for each element the product of all others along an axis.

    Where no product is 0, inf or nan, or has lost digits near 0, it is the product divided by the
    element, in an eighth of the time.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        z = np.multiply.reduce(x, axis=dim, keepdims=True)
    size = np.abs(z)
    limits = np.finfo(x.dtype)
    if x.size and size.min() >= limits.smallest_normal and size.max() <= limits.max:
        return z / x
    z = exclusive_product(x, dim=dim) * exclusive_product(x, dim=dim, reverse=True)
    if np.isnan(z).any():  # inf times 0; of two zeros one is left whichever goes
        z[np.broadcast_to(np.sum(x == 0, axis=dim, keepdims=True) > 1, z.shape)] = 0
    return z


@structural(
    name="prod",
    x=lambda upstream, x, x_shape, dim: _prod_rule(upstream, x, x_shape, dim),
    single=True,
)
def prod_over(x: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Multiply up; each operand receives the product of the others."""
    dtype = np.dtype(np.int64) if x.dtype.kind in "biu" else x.dtype
    axis = None if dim is None or not x.ndim else axis_of(x, dim, "prod")
    return np.prod(x, axis=axis, keepdims=keepdim, dtype=dtype)


def _prod_rule(upstream: Any, x: Any, x_shape: tuple[int, ...], dim: int | None) -> Any:
    """Multiply by the product of the others; where two are 0, what is not finite stops, too."""
    arriving = spread(upstream, x_shape, dim)
    if x_shape and not np.isfinite(plain(upstream)).all():
        zeros = np.sum(plain(x) == 0, axis=dim, keepdims=True)
        arriving = gate(arriving, np.isfinite(plain(arriving)) | (zeros < 2))
    return arriving * _product_of_others(x, dim)


@structural(
    name="cumprod",
    x=lambda upstream, x, z, x_shape, dim: _cumprod_rule(upstream, x, z, x_shape, dim),
    single=True,
)
def cumprod_over(x: Any, *, dim: int) -> Any:
    """Multiply up along an axis; z[i] = x[0] ... x[i]."""
    return accumulated(np.multiply, x, dim)


def _cumprod_rule(upstream: Any, x: Any, z: Any, x_shape: tuple[int, ...], dim: int) -> Any:
    """dL/dx[k] = z[k-1] (upstream[k] + x[k+1] upstream[k+1] + x[k+1] x[k+2] upstream[k+2] ...)."""
    if not x_shape:
        return upstream
    axis = dim % len(x_shape)
    later = recurrence(upstream, shift(x, dim=axis, by=-1), dim=axis, reverse=True)
    along = (slice(None),) * axis
    one = np.ones((*x_shape[:axis], min(x_shape[axis], 1), *x_shape[axis + 1 :]), z.dtype)
    before = np.concatenate([one, z[(*along, slice(0, -1))]], axis=axis)
    return _stopped(before * later, later, x, axis)


def _stopped(slope: Any, later: Any, x: Any, axis: int) -> Any:
    """Put 0 for nan where nothing comes from later, and behind a factor of 0.

    The factor makes all that follow 0, inf and nan too.
    """
    unknown = np.isnan(plain(slope))
    if not unknown.any():
        return slope
    stopped = np.logical_or.accumulate(plain(x) == 0, axis=axis)
    return gate(slope, ~(unknown & (shift(stopped, dim=axis, by=1) | (plain(later) == 0))))


def accumulated(ufunc: np.ufunc, x: Any, dim: int, reverse: bool = False) -> Any:
    """Run a ufunc up an axis; integers in int64, floats in float64 on the way, as in PyTorch.

    Single precision would lose digits with every step: a sum of 1e6 numbers is off by 1e-2, where
    in double precision on the way it is off by the last rounding alone.
    """
    whole = x.dtype.kind in "biu"
    wide = np.int64 if whole else np.float64 if x.dtype.itemsize < 8 else x.dtype
    z = scanned(ufunc, lengthened(x), dim, wide if whole else x.dtype, wide, reverse)
    return z.reshape(x.shape)[()]


@numpy_like
def prod(x: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Multiply over ``dim``, or over all elements: d/dx = product of the others; 1 of none.

    The derivatives of every order are exact, also where factors are zero.  Integers multiply in
    int64.

    Shapes: x of any shape; the reduced axis goes, or stays with length 1.

    Raises
    ------
    IndexError
        If there is no such axis.
    TypeError
        If ``dim`` is not one integer.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([2.0, 0.0, 5.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([ 0., 10.,  0.])

    Source: ``torch.prod``.
    """
    if dim is not None:
        axis_of(x, dim, "prod")
    z = prod_over(given_dtype(x, dtype, "prod"), dim=dim, keepdim=keepdim)
    return z if dtype is None else given_dtype(z, dtype, "prod")  # integers come in int64


@numpy_like
def cumprod(x: Any, dim: int, *, dtype: Any = None) -> Any:
    """Cumulative product along ``dim``: z[i] = x[0] x[1] ... x[i]; exact where factors are zero.

    Shapes: the result has the shape of x.  Integers multiply in int64.

    Raises
    ------
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.cumprod(autograd.tensor([1.0, 2.0, 3.0, 4.0]), 0)
    tensor([ 1.,  2.,  6., 24.])

    Source: ``torch.cumprod``.
    """
    axis_of(x, dim, "cumprod")
    z = cumprod_over(given_dtype(x, dtype, "cumprod"), dim=dim)
    return z if dtype is None else given_dtype(z, dtype, "cumprod")  # integers come in int64
