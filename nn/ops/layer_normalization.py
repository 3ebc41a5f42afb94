"""Layer and root-mean-square normalisation: each row of numbers on its own, each with its weight.

With P = y x, all sums that the backward needs are products of a matrix and a vector: over columns
for weight and bias, over rows (with the weight) for the input.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.backprop import formula_vjp
from autograd.op import structural
from autograd.parallel import block_ranges, parallel_for

from .moments import (
    FAR,
    backward_formula,
    long_rows,
    row_moments,
    row_products,
)

__all__ = ["layer_norm", "layer_norm_backward", "rms_norm", "rms_norm_backward"]

BLOCK_FLOATS = 1 << 19  # 2 MB: calls on less are too short for threads to take turns
LONG = 1024  # elements of a row from which on broadcasting is as fast as a product of vectors,
WIDE = 256  # and from which on it is where one of them is constant
SMALL = 10**6  # multiplications, up to which OpenBLAS makes a product without packing
ALONE = 1 << 14  # elements of a row from which on it is worth calls of its own
FEW = 8  # blocks, whose sums add up in single precision as well as in double
SECONDS_PER_ELEMENT = 1e-9


def _layer_norm_vjp(upstream, x, weight, dims, eps, mean, rstd):
    return layer_norm_backward(upstream, x, weight, dims=dims, mean=mean, rstd=rstd, eps=eps)


@structural(vjp=_layer_norm_vjp, caches=("mean", "rstd"))
def layer_norm(x, weight=None, bias=None, *, dims, eps=1e-5):
    """Normalise: z = weight * (x - mean) / sqrt(var + eps) + bias, over the last ``dims`` axes.

    Shapes: x (..., *S) -> the same; weight and bias S, of ``dims`` axes. Var has divisor n.

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 2.0, 3.0, 6.0]]), dims=1, eps=0.0).round(4).tolist()
    [[-1.069, -0.5345, 0.0, 1.6036]]
    """
    rows = _rows(x, dims)
    z = np.empty(rows.shape, x.dtype)
    mean, rstd = np.empty((2, len(rows)))
    size = rows.shape[1]
    scale, shift = (None if a is None else a.reshape(-1) for a in (weight, bias))
    opposite = None if scale is None else -scale

    def work(first, last):
        block, out, inverse = rows[first:last], z[first:last], rstd[first:last]
        block, moved, centre, variance = row_moments(block)
        mean[first:last] = centre if moved is None else centre + moved
        np.sqrt(np.add(variance, eps, out=variance), out=variance)
        np.divide(1, variance, out=inverse)
        factor = inverse.astype(x.dtype)
        offset = np.multiply(centre, inverse, out=centre).astype(x.dtype)
        with long_rows(size):
            if weight is None or size >= LONG:
                np.multiply(block, factor[:, None], out=out)
                np.subtract(out, offset[:, None], out=out)
                if weight is not None:
                    np.multiply(out, scale, out=out)
                if bias is not None:
                    np.add(out, shift, out=out)
            else:
                spread = _outer(factor, scale)
                np.multiply(block, spread, out=out)
                np.add(out, _outer(offset, opposite, shift, out=spread), out=out)

    _run(work, rows)
    return z.reshape(x.shape), mean, rstd


def _rms_norm_vjp(upstream, x, weight, dims, eps, rstd):
    return rms_norm_backward(upstream, x, weight, dims=dims, rstd=rstd, eps=eps)


@structural(vjp=_rms_norm_vjp, caches=("rstd",))
def rms_norm(x, weight=None, *, dims, eps):
    """Divide by the root mean square: z = weight * x / sqrt(mean(x^2) + eps), as layer_norm.

    Examples
    --------
    >>> rms_norm(np.array([[3.0, 4.0]]), dims=1, eps=0.0).round(4).tolist()
    [[0.8485, 1.1314]]
    """
    rows = _rows(x, dims)
    z = np.empty(rows.shape, x.dtype)
    rstd = np.empty(len(rows))

    def work(first, last):
        block, out = rows[first:last], z[first:last]
        square = row_products(block, block) / np.float64(rows.shape[1] or 1)
        rstd[first:last] = inverse = 1 / np.sqrt(square + eps)
        inverse = inverse.astype(x.dtype)
        with long_rows(rows.shape[1]):
            if weight is None or rows.shape[1] >= LONG:
                np.multiply(block, inverse[:, None], out=out)
                if weight is not None:
                    np.multiply(out, weight.reshape(-1), out=out)
            else:
                np.multiply(block, _outer(inverse, weight.reshape(-1)), out=out)

    _run(work, rows)
    return z.reshape(x.shape), rstd


def _composed(dims, eps, centred):
    def vjp(upstream, wanted, y, x, weight):
        shape = tuple(x.shape)
        inner = shape[len(shape) - dims :]
        flat = (math.prod(shape[: len(shape) - dims]), math.prod(inner))

        def formula(y, x, weight):
            dx, *others = backward_formula(
                np.reshape(y, flat),
                np.reshape(x, flat),
                weight,
                axes=(1,),
                parameters=(1, flat[1]),
                eps=eps,
                centred=centred,
            )
            others = others if centred else others[:1]
            return np.reshape(dx, shape), *(np.reshape(other, inner) for other in others)

        return formula_vjp(formula, (y, x, weight), upstream, wanted)

    return vjp


def _layer_norm_backward_vjp(upstream, wanted, y, x, weight, dims, eps):
    return _composed(dims, eps, True)(upstream, wanted, y, x, weight)


@structural(vjp=_layer_norm_backward_vjp, outputs=("dx", "dweight", "dbias"))
def layer_norm_backward(y, x, weight=None, *, dims, mean, rstd, eps=1e-5):
    """Gradients of layer norm's input, weight and bias, given y, that of its output.

    dbias = sum y and dweight = sum y xhat over the rows; with g = weight y,
    dx = rstd (g - mean(g) - xhat mean(g xhat)), means over a row.
    """
    dx, dweight, dbias = _backward(y, x, weight, dims, mean, rstd)
    return dx, dweight, dbias


def _rms_norm_backward_vjp(upstream, wanted, y, x, weight, dims, eps):
    return _composed(dims, eps, False)(upstream, wanted, y, x, weight)


@structural(vjp=_rms_norm_backward_vjp, outputs=("dx", "dweight"))
def rms_norm_backward(y, x, weight=None, *, dims, rstd, eps):
    """Gradients of rms norm's input and weight, given y, that of its output.

    dweight = sum y xhat over the rows; dx = rstd (g - xhat mean(g xhat)), g = weight y.
    """
    return _backward(y, x, weight, dims, None, rstd)[:2]


def _backward(y, x, weight, dims, mean, rstd):
    """Return dx, dweight and dbias; a mean of None is 0, whatever x."""
    rows, values = _rows(x, dims), _rows(y, dims)
    size = rows.shape[1]
    even = np.ones(size, y.dtype)
    scale = even if weight is None else weight.reshape(-1)
    dx = np.empty(x.shape, y.dtype)  # not a view: a leaf takes it as its gradient, uncopied
    results = dx.reshape(rows.shape)
    ranges = _ranges(rows)
    sums = np.zeros((len(ranges), 2, size), y.dtype)
    # What needs no sums, for all rows: in a thread each short call costs the other some 5 us.
    shifts, centres = _shifts(mean, rstd, ranges, x.dtype)
    factors, ratios = rstd.astype(y.dtype), None
    if centres is not None:
        ratios = (centres * rstd).astype(y.dtype)
    squares, shares = -rstd * rstd / size, -rstd / size

    def work(number):
        some = slice(*ranges[number])
        block, upstream, out = rows[some], values[some], results[some]
        if shifts[number] is not None:
            block = block - shifts[number][:, None]
        product = np.multiply(upstream, block, out=out)  # out serves twice: a block less to write
        inverse, offset, columns = factors[some], None, sums[number]
        np.matmul(inverse, product, out=columns[0])
        along = product @ scale  # the sum of g xhat, once centred and scaled
        if centres is not None:
            columns[0] -= ratios[some] @ upstream
            np.matmul(np.ones(len(inverse), y.dtype), upstream, out=columns[1])
            total, centre = upstream @ scale, centres[some]  # total: the sum of g
            along = along - centre * total
        slope = along * rstd[some] * squares[some]
        if centres is not None:
            offset = (shares[some] * total - slope * centre).astype(y.dtype)
        slope = slope.astype(y.dtype)
        with long_rows(size):
            for part in _parts(len(inverse), size):
                piece = out[part]
                if size >= WIDE:
                    np.multiply(block[part], slope[part, None], out=piece)
                else:
                    _outer(slope[part], even, out=piece)
                    piece *= block[part]
                if weight is None or size >= LONG:
                    added = np.multiply(upstream[part], inverse[part, None])
                    if weight is not None:
                        added *= scale
                else:
                    added = _outer(inverse[part], scale)
                    added *= upstream[part]
                piece += added
                if offset is None:
                    continue
                if size >= WIDE:
                    piece += offset[part, None]
                else:
                    piece += _outer(offset[part], even, out=added)

    seconds = SECONDS_PER_ELEMENT * rows.size
    parallel_for(work, len(ranges), seconds=seconds)
    adding = y.dtype if len(ranges) <= FEW else np.float64
    dweight, dbias = np.add.reduce(sums, 0, dtype=adding).astype(y.dtype, copy=False)
    inner = x.shape[x.ndim - dims :]
    return dx, dweight.reshape(inner), dbias.reshape(inner)


def _shifts(mean, rstd, ranges, dtype):
    """Return what each block is moved by, None if its rows are near zero, and the means left."""
    shifts = [None] * len(ranges)
    near = None if mean is None else mean * mean * rstd * rstd <= FAR
    if near is None or near.all():
        return shifts, mean
    centres = mean.copy()
    for i, (first, last) in enumerate(ranges):
        if not near[first:last].all():
            shifts[i] = mean[first:last].astype(dtype)
            centres[first:last] -= shifts[i]
    return shifts, centres


def _rows(x, dims):
    """Return x as (rows, numbers of the last ``dims`` axes), contiguous."""
    cut = x.ndim - dims
    return np.ascontiguousarray(x).reshape(math.prod(x.shape[:cut]), math.prod(x.shape[cut:]))


def _parts(count, size):
    """Return slices of a block's rows: each alone if it is long, otherwise all of them."""
    return [slice(i, i + 1) for i in range(count)] if size >= ALONE else [slice(0, count)]


def _outer(column, row, added=None, out=None):
    """Return column[i] * row[j] (+ added[j]), by BLAS: less than half the time of broadcasting."""
    columns, rows = np.ones((len(column), 2), row.dtype), np.zeros((2, len(row)), row.dtype)
    columns[:, 0], rows[0] = column, row
    if added is not None:
        rows[1] = added
    # Of rank two: NumPy gives products of rank one to no BLAS.
    pieces = -(-2 * len(column) * len(row) // SMALL)
    if pieces <= 1:
        return np.matmul(columns, rows, out=out)
    out = np.empty((len(column), len(row)), row.dtype) if out is None else out
    for first, last in block_ranges(len(column), -(-len(column) // pieces)):
        np.matmul(columns[first:last], rows, out=out[first:last])
    return out


def _ranges(rows):
    """Cut the rows into blocks of one size, at least two where there are two rows."""
    count, size = rows.shape
    return block_ranges(count, max(1, min(BLOCK_FLOATS // max(size, 1), -(-count // 2))))


def _run(work, rows):
    ranges = _ranges(rows)
    seconds = SECONDS_PER_ELEMENT * rows.size
    parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)
