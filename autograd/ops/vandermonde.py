"""Vandermonde matrices: the powers of each element in a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import an_integer
from autograd.naming import naming
from autograd.ops.arrangement import flip
from autograd.ops.axes import expand_to
from autograd.ops.factors import cumprod
from autograd.ops.joining import cat
from autograd.ops.matrices import given
from autograd.ops.passing import cast
from autograd.ops.shape import reshape_to

__all__ = ["vander"]


def _rising(x: Any, n: int) -> Any:
    """Return x^0, ..., x^(n-1) in a last axis; x^0 is constant also where x is inf or nan."""
    if x.dtype.kind != "f":
        x = cast(x, dtype=np.dtype(np.int64))
    ones = np.ones((*x.shape, min(n, 1)), x.dtype)
    factors = expand_to(reshape_to(x, shape=(*x.shape, 1)), shape=(*x.shape, max(n - 1, 0)))
    return cat([ones, cumprod(factors, -1)], -1)  # in a fifteenth of the time of powers


@naming
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of the elements of a vector: z_ij = x_i^(N-1-j), or x_i^j (``increasing``).

    dz_ij/dx_i = k x_i^(k-1) for the exponent k.

    Shapes: (n,) -> (n, N), where N is n if not given.

    Raises
    ------
    RuntimeError
        If x is no vector, or N is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.vander(autograd.tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])

    Source: ``torch.vander``.
    """
    x = given("vander", x)
    if x.ndim != 1:
        raise RuntimeError(f"vander: expected a vector, got shape {x.shape}")
    n = len(x) if N is None else an_integer(N, "N", "vander")
    if n < 0:
        raise RuntimeError(f"vander: expected N of 0 or more, got {n}")
    z = _rising(x, n)
    return z if increasing else flip(z, 1)


@naming
def linalg_vander(x: Any, *, N: int | None = None) -> Any:
    """Powers of the elements of vectors: z_ij = x_i^j for j < N.

    Shapes: (..., n) -> (..., n, N), where N is n if not given.

    Raises
    ------
    RuntimeError
        If x is 0-d or boolean, or N is not 2 or more.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.vander(autograd.tensor([2, 3]), N=3)
    tensor([[1, 2, 4],
            [1, 3, 9]])

    Source: ``torch.linalg.vander``.
    """
    x = given("vander", x)
    n = (x.shape[-1] if x.ndim else 1) if N is None else an_integer(N, "N", "vander")
    if not x.ndim or n < 2:
        raise RuntimeError(f"vander: expected vectors, and N of 2 or more, got {x.shape} and {n}")
    if x.dtype.kind == "b":
        raise RuntimeError("vander: expected numbers, got booleans")
    return _rising(x, n)
