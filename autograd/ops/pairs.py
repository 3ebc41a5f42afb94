"""The distance of two tensors, and the distances of all pairs of points of one set."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.naming import naming
from autograd.ops.distances import cdist, lengths
from autograd.ops.indexing import getitem_at, plain
from autograd.ops.matrices import given
from autograd.ops.norms import vector_norm

__all__ = ["dist", "pdist"]


@naming
def dist(x: Any, y: Any, p: float = 2) -> Any:
    """Distance of two tensors: z = ||x - y||_p, of all elements; dz/dx is 0 where z is 0.

    Shapes: any two that broadcast -> ().

    Parameters
    ----------
    x, y : Tensor
    p : float
        As of :func:`autograd.linalg.vector_norm`.

    Raises
    ------
    RuntimeError
        If the operands are integers, or do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> autograd.dist(autograd.tensor([0.0, 1.0]), autograd.tensor([3.0, 5.0]))
    tensor(5.)

    Source: ``torch.dist``.
    """
    return vector_norm(given("dist", x) - given("dist", y), a_number(p, "p", "dist"))


@naming
def pdist(x: Any, p: float = 2) -> Any:
    """Distances of all pairs of points: z = ||x_i - x_j||_p for i < j, row by row.

    The derivative is 0 where points coincide.

    Shapes: (n, d) -> (n (n - 1) / 2,).

    Parameters
    ----------
    x : Tensor
        Points in rows.
    p : float
        As of :func:`autograd.cdist`, which has these distances above its diagonal.

    Raises
    ------
    RuntimeError
        If x is no matrix of floating point, or p is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.pdist(autograd.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])

    Source: ``torch.pdist``.
    """
    x, p = given("pdist", x), a_number(p, "p", "pdist")
    if x.ndim != 2 or x.dtype.kind != "f":
        raise RuntimeError(
            f"pdist: expected a floating-point matrix, got shape {x.shape} and dtype {x.dtype}"
        )
    if p < 0:
        raise RuntimeError(f"pdist: expected p of 0 or more, got {p}")
    first, second = np.triu_indices(len(x), 1)
    if p in (1, 2):  # all distances, twice each, take half the time and memory of differences
        every = cdist(x, x, p, "donot_use_mm_for_euclid_dist")
        return getitem_at(every, index=plain((first, second)))
    return lengths(getitem_at(x, index=plain(first)) - getitem_at(x, index=plain(second)), p)
