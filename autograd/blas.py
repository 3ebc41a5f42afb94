"""Products of arrays by BLAS, of the same bits for any number of threads.

BLAS's own threads cut long sums in pieces, so that what they return depends on how many they are.
What is small they leave alone; of the rest, short sums of single precision are left to them, and
everything else is cut here, by shape.  (Measured with OpenBLAS 0.3: in single precision sums of up
to 448 terms had the same bits for 1, 2 and 3 threads in each of a thousand products, in double
precision sums of 16 had not.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.parallel import block_ranges, parallel_for, pinned_blas

__all__ = ["product"]

# Multiply-adds that OpenBLAS does not share between threads: of matrices, and of matrix and vector.
ALONE = 1 << 18
ALONE_VECTOR = 9000
SHORT = 384  # terms of a sum that OpenBLAS's threads do not cut
LARGE = 1 << 25  # multiply-adds of a product that is cut in blocks as well as by BLAS
BLOCK = 1 << 24  # multiply-adds of a block
BLOCK_ROWS = 64  # at least: each block packs the other factor anew
BLOCKS = 8
SECONDS_PER_PRODUCT = 5e-12  # for each byte of the dtype


def product(x: Any, y: Any) -> Any:
    """Multiply arrays; a batch that meets one matrix is one product, not one for each.

    Of two matrices ``dot`` is the same product for a third of what calling ``matmul`` costs; but it
    copies an operand of unusual strides even for an empty batch, for which nothing is to be done.
    """
    if x.ndim == 2 == y.ndim and len(x):
        work = x.size * y.shape[1]
        if work <= ALONE_VECTOR or (work <= ALONE and len(x) > 1 < y.shape[1]):
            return x.dot(y)
        if x.dtype.char == "f" and len(x) > 1 < y.shape[1] and work < LARGE:
            return _in_short_sums(x, y)
        return _in_blocks(x, y)
    work = x.size * (y.shape[-1] if y.ndim > 1 else 1)
    if y.ndim == 2 and x.ndim > 2 and x.size and (x.flags.c_contiguous or work > ALONE):
        return product(x.reshape(-1, x.shape[-1]), y).reshape(*x.shape[:-1], y.shape[-1])
    if work <= ALONE_VECTOR:
        return np.matmul(x, y)
    if x.ndim == y.ndim > 2 and x.shape[:-2] == y.shape[:-2] and x.shape[-1] == y.shape[-2]:
        return _in_blocks(x, y)
    with pinned_blas():
        return np.matmul(x, y)


def _in_short_sums(x: Any, y: Any) -> Any:
    """Multiply matrices of single precision by BLAS's threads, which leave short sums whole."""
    inner = x.shape[1]
    if inner <= SHORT or len(y) != inner or x.dtype is not y.dtype:
        return x.dot(y)
    ranges = block_ranges(inner, -(-inner // -(-inner // SHORT)))
    first, *others = (x[:, begin:end].dot(y[begin:end]) for begin, end in ranges)
    for z in others:
        np.add(first, z, out=first)
    return first


def _in_blocks(x: Any, y: Any) -> Any:
    """Multiply matrices in blocks of rows or columns, or batches of them by the batch."""
    if x.shape[-1] != y.shape[-2] or x.dtype.char not in "fd":
        return np.matmul(x, y)
    z = np.empty((*x.shape[:-1], y.shape[-1]), x.dtype)
    work = x.size * y.shape[-1]
    if x.ndim > 2:
        length, least = len(x), 1
    else:
        x, y = map(_laid_out, (x, y))
        length, least = max(z.shape), BLOCK_ROWS
    number = min(BLOCKS, work // BLOCK)
    ranges = block_ranges(length, max(least, -(-length // max(number, 1))))
    by_columns = x.ndim == 2 and length != len(x)

    def multiply(block: int) -> None:
        part = slice(*ranges[block])
        if by_columns:
            np.matmul(x, y[:, part], out=z[:, part])
        else:
            np.matmul(x[part], y[part] if x.ndim > 2 else y, out=z[part])

    seconds = work * x.dtype.itemsize * SECONDS_PER_PRODUCT
    parallel_for(multiply, len(ranges), seconds=seconds, long_calls=True)
    return z


def _laid_out(x: Any) -> Any:
    """Return a matrix that BLAS reads as it lies, a copy if its strides are unusual."""
    size = x.itemsize
    for stride, other, length in ((*x.strides, x.shape[1]), (*x.strides[::-1], x.shape[0])):
        if other == size and stride >= length * size and stride % size == 0:
            return x
    return np.ascontiguousarray(x)
