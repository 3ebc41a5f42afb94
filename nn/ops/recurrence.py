"""What the kernels of recurrent layers share: rows ordered by time, and blocks of the batch.

A recurrence cannot be cut in time, but its sequences do not see each other: a block of sequences
runs through all steps on its own, so two threads meet only at the end. The products with the input
need no state and are one matrix product for all steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd import cat, index_select
from autograd.ops.axes import transpose
from autograd.ops.products import matmul
from autograd.ops.reduction import sum_to
from autograd.ops.shape import reshape_to
from autograd.parallel import block_ranges, parallel_for

__all__ = ["Steps", "as_rows", "bias_sum", "input_sums", "states_before", "weight_gradients"]

ROWS = 32  # sequences a block
INPUT_ROWS = 256
SECONDS_PER_PRODUCT = 1.5e-11  # a multiply and an add


class Steps(NamedTuple):
    """The rows of each step, in time-ordered data.

    Attributes
    ----------
    sizes : tuple of int
        How many sequences reach each step.
    begins : tuple of int
        The step's first row.
    reverse : bool
        Whether the recurrence runs from the last step to the first.
    """

    sizes: tuple[int, ...]
    begins: tuple[int, ...]
    reverse: bool

    @classmethod
    def of(cls, x_shape: Sequence[int], batch_sizes: Any, reverse: bool) -> Steps:
        """Return the steps of x (T, N, ...), or of packed x (rows, ...) with its batch sizes."""
        sizes = (x_shape[1],) * x_shape[0] if batch_sizes is None else tuple(batch_sizes)
        begins = np.cumsum((0, *sizes))[:-1].tolist()
        return cls(sizes, tuple(begins), reverse)

    @property
    def batch(self) -> int:
        """How many sequences there are."""
        return self.sizes[0]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.begins[-1] + self.sizes[-1]

    @property
    def uniform(self) -> bool:
        """Whether all sequences have the same length."""
        return self.sizes[-1] == self.sizes[0]

    def within(self, first: int, last: int, backwards: bool = False) -> Iterator[tuple[int, slice]]:
        """Yield how many of the sequences first..last are in each step, and their rows."""
        order = range(len(self.sizes))
        for t in reversed(order) if self.reverse != backwards else order:
            n = min(last, self.sizes[t]) - first
            if n > 0:
                yield n, slice(self.begins[t] + first, self.begins[t] + first + n)

    def runs(
        self, first: int, last: int, backwards: bool = False
    ) -> Iterator[tuple[int, int, Callable[[Any], Any]]]:
        """Yield runs of steps with as many sequences: the steps, the sequences, and a view.

        The view of an array of rows (rows, F) is (steps, sequences, F), in the order in which the
        steps are made; an operation on it is one call for all of them.
        """
        ends = [t for t in range(1, len(self.sizes)) if self.sizes[t] != self.sizes[t - 1]]
        bounds = list(pairwise((0, *ends, len(self.sizes))))
        turned = self.reverse != backwards
        for begin, end in reversed(bounds) if turned else bounds:
            size = self.sizes[begin]
            n = min(last, size) - first
            if n > 0:
                rows = slice(self.begins[begin], self.begins[begin] + (end - begin) * size)

                def view(array: Any, rows: slice = rows, size: int = size, n: int = n) -> Any:
                    steps = array[rows].reshape(-1, size, array.shape[-1])[:, first : first + n]
                    return steps[::-1] if turned else steps

                yield end - begin, n, view

    @property
    def block(self) -> int:
        """How many sequences run through all steps together: two blocks, or more of a size."""
        return ROWS if self.batch >= 2 * ROWS else max(8, -(-self.batch // 2))

    def run(self, work: Callable[[int, int], None], products: int) -> None:
        """Run ``work(first, last)`` over blocks of sequences; each row costs so many products."""
        ranges = block_ranges(self.batch, self.block)
        seconds = self.rows * products * SECONDS_PER_PRODUCT
        parallel_for(lambda block: work(*ranges[block]), len(ranges), seconds=seconds)


def as_rows(x: Any, batch_sizes: Any) -> Any:
    """Return (T, N, ...) as (T N, ...); packed data is rows already."""
    if x is None or batch_sizes is not None:
        return x
    return reshape_to(x, shape=(x.shape[0] * x.shape[1], *x.shape[2:]))


def bias_sum(b_ih: Any, b_hh: Any) -> Any:
    """Return the sum of the two biases, None without them."""
    return b_ih if b_hh is None else b_hh if b_ih is None else b_ih + b_hh


def input_sums(x: Any, w_ih: Any, bias: Any) -> Any:
    """Return x w_ih^T + bias for the rows of all steps, arrays all."""
    x = np.ascontiguousarray(x)
    sums = np.empty((len(x), len(w_ih)), x.dtype)
    weight = w_ih.T
    ranges = block_ranges(len(x), INPUT_ROWS)

    def work(block: int) -> None:
        first, last = ranges[block]
        np.matmul(x[first:last], weight, out=sums[first:last])
        if bias is not None:
            np.add(sums[first:last], bias, out=sums[first:last])

    parallel_for(work, len(ranges), seconds=sums.size * x.shape[1] * SECONDS_PER_PRODUCT)
    return sums


def states_before(y: Any, start: Any, steps: Steps) -> Any:
    """Return the state before each step: y moved on by one step, ``start`` (or 0) at the edge.

    Shapes: y (rows, H), start (N, H) or None -> (rows, H).
    """
    if start is None:
        start = np.zeros((steps.batch, y.shape[1]), y.dtype)
    if steps.uniform:
        rest = steps.rows - steps.batch
        return cat([y[steps.batch :], start] if steps.reverse else [start, y[:rest]])
    source = np.empty(steps.rows, np.intp)
    before = np.arange(steps.rows, steps.rows + steps.batch)  # rows of ``start``, after those of y
    for n, rows in steps.within(0, steps.batch):
        source[rows] = before[:n]
        before[:n] = np.arange(rows.start, rows.stop)
    return index_select(cat([y, start]), 0, source)


def weight_gradients(dsums: Any, x: Any, weight: Any, wanted: Sequence[bool]) -> tuple[Any, ...]:
    """Return the gradients of x, weight and bias from those of the sums x weight^T + bias."""
    dx = matmul(dsums, weight) if wanted[0] else None
    dw = matmul(transpose(dsums, 0, 1), x) if wanted[1] else None
    db = sum_to(dsums, shape=(dsums.shape[1],)) if wanted[2] else None
    return dx, dw, db
