"""Combinations of the elements of vectors: all tuples of one of each, and all choices from one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograd.arguments import an_integer
from autograd.naming import naming
from autograd.ops.axes import expand_to
from autograd.ops.indexing import getitem_at, plain
from autograd.ops.joining import stack
from autograd.ops.matrices import given, same_dtype
from autograd.ops.shape import ravel, reshape_to

__all__ = ["cartesian_prod", "combinations"]


def _vector(name: str, x: Any) -> Any:
    """Return an operand that has to be a vector.

    Raises
    ------
    RuntimeError
        If it has another number of dimensions.
    """
    x = given(name, x)
    if x.ndim != 1:
        raise RuntimeError(f"{name}: expected vectors, got shape {x.shape}")
    return x


@naming
def cartesian_prod(*tensors: Any) -> Any:
    """Return all tuples of one element of each vector, in the order of their places.

    An element receives the gradients of all tuples that it is in.

    Shapes: (n,), (m,), ... -> (n m ..., k) of k vectors; of a single vector itself.

    Raises
    ------
    RuntimeError
        If there is none, one is no vector, or the dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> autograd.cartesian_prod(autograd.tensor([1, 2]), autograd.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])

    Source: ``torch.cartesian_prod``.
    """
    if not tensors:
        raise RuntimeError("cartesian_prod: expected at least one vector, got none")
    for x in tensors:
        if isinstance(x, (list, tuple)):
            raise TypeError("cartesian_prod: expected vectors one by one, got a list")
    vectors = [_vector("cartesian_prod", x) for x in tensors]
    if len(vectors) == 1:
        return vectors[0]
    same_dtype("cartesian_prod", *vectors)
    lengths = tuple(len(x) for x in vectors)
    columns = []
    for i, x in enumerate(vectors):
        along = (*[1] * i, lengths[i], *[1] * (len(vectors) - i - 1))
        columns.append(ravel(expand_to(reshape_to(x, shape=along), shape=lengths)))
    return stack(columns, 1)


@naming
def combinations(x: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """Return all choices of r elements of a vector, each in the order of their places.

    An element receives the gradients of all choices that it is in.

    Shapes: (n,) -> (n! / (r! (n - r)!), r); with replacement ((n + r - 1)! / (r! (n - 1)!), r);
    (0,) for r = 0.

    Raises
    ------
    RuntimeError
        If x is no vector, or r is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.combinations(autograd.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])

    Source: ``torch.combinations``.
    """
    x, r = _vector("combinations", x), an_integer(r, "r", "combinations")
    if r < 0:
        raise RuntimeError(f"combinations: expected r of 0 or more, got {r}")
    if r == 0:
        return getitem_at(x, index=(slice(0, 0),))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    chosen = itertools.chain.from_iterable(choose(range(len(x)), r))
    return getitem_at(x, index=plain(np.fromiter(chosen, np.intp).reshape(-1, r)))
