"""Corners that the table's examples do not reach, the same calls in both libraries.

Each was found by a mutant of a forward that nothing noticed.
"""

import numpy as np
import pytest

import autograd

INF = float("inf")


def numbers(library, *shape):
    return library.arange(int(np.prod(shape)), dtype=library.float64).reshape(*shape)


CALLS = {
    "cat of nothing and a matrix": lambda t: t.cat([t.zeros(0, dtype=t.float64), numbers(t, 2, 3)]),
    "condition of a wide matrix": lambda t: t.linalg.cond(numbers(t, 2, 3) + 1, 2),
    "one section": lambda t: t.hsplit(numbers(t, 2, 4), 1)[0],
    "unflatten to a length of 0": lambda t: t.unflatten(t.zeros(0, 2), 0, (0, 3)),
    "repeats of a number with their size": lambda t: t.repeat_interleave(
        numbers(t, 3), 2, output_size=6
    ),
    "diagonals of a cube": lambda t: t.diag_embed(numbers(t, 3, 2, 4)),
    "indices are broadcast": lambda t: t.take_along_dim(numbers(t, 3, 4), t.tensor([[0, 2]]), 1),
    "values are broadcast": lambda t: t.take_along_dim(
        numbers(t, 1, 4), t.tensor([[0, 2], [1, 1], [3, 0]]), 1
    ),
    "rows with an order of their own": lambda t: t.searchsorted(
        t.tensor([[3.0, 1.0, 2.0], [0.0, 5.0, -1.0]]),
        t.tensor([[2.0], [0.0]]),
        sorter=t.tensor([[1, 2, 0], [2, 0, 1]]),
    ),
    "cubes of sequences": lambda t: t.searchsorted(numbers(t, 2, 3, 4), numbers(t, 2, 3, 1)),
    "distances of order 0": lambda t: t.cdist(numbers(t, 3, 2) / 2, numbers(t, 2, 2), p=0.0),
    "distances in no dimension": lambda t: t.cdist(t.zeros(3, 0), t.zeros(2, 0), p=INF),
    "the top of long columns": lambda t: t.topk(numbers(t, 300, 2), 3, 0).values,
    "the top of long rows": lambda t: t.topk(numbers(t, 2, 300), 3).indices,
    "rank of zeros": lambda t: t.linalg.matrix_rank(t.zeros(2, 2)),
    "column sums of a matrix": lambda t: t.linalg.norm(numbers(t, 2, 3), 1),
    "one right side for a batch": lambda t: t.linalg.solve_triangular(
        numbers(t, 2, 2, 2) + 2, numbers(t, 2, 1), upper=True
    ),
    "right sides for batches of batches": lambda t: t.linalg.solve_triangular(
        numbers(t, 3, 2, 2, 2) + 2, numbers(t, 2, 2, 1), upper=False
    ),
}
REFUSED = {
    "a batch that is not square": lambda t: t.linalg.matrix_power(numbers(t, 2, 2, 3), 2),
    "a triangle that is not square": lambda t: t.linalg.solve_triangular(
        numbers(t, 2, 3), numbers(t, 2, 2), upper=True
    ),
    "values of another batch": lambda t: t.searchsorted(numbers(t, 2, 2, 3), numbers(t, 2, 3, 1)),
    "a dim just beyond the last": lambda t: t.tensordot(
        numbers(t, 2, 3), numbers(t, 3, 2), dims=([1], [2])
    ),
    "a position just beyond the last": lambda t: t.index_fill(
        t.zeros(3), 0, t.tensor([3]), 1.0
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_corners_equal_torch(name, torch):
    found, expected = CALLS[name](autograd), CALLS[name](torch)
    assert (found.shape, str(found.dtype)) == (tuple(expected.shape), str(expected.dtype)[6:])
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_misuse_at_corners_is_refused_as_in_torch(name, torch):
    with pytest.raises((RuntimeError, IndexError)) as theirs:
        REFUSED[name](torch)
    with pytest.raises(theirs.type):
        REFUSED[name](autograd)
