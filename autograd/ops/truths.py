"""Counting what is true: any, all, how many.  No derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import Dim, all_axes, names_none, numpy_like
from autograd.op import structural

__all__ = [
    "all",
    "any",
    "count_nonzero",
]


def _axes(x: Any, dim: Dim, name: str) -> tuple[int, ...]:
    """Return the axes; no axes named are no axes here, where other reductions take all."""
    return () if names_none(dim) else all_axes(dim, x.ndim, name)


def _truth(found: Any, x: Any) -> Any:
    """Give the answer PyTorch's dtype: bool, but uint8 of uint8, its older boolean."""
    return found.astype(np.uint8) if x.dtype == np.uint8 else found


@structural(name="any")
def any_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether some element is true (not zero)."""
    return _truth(np.any(x, axis=_axes(x, dim, "any"), keepdims=keepdim), x)


@structural(name="all")
def all_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether all elements are true (not zero)."""
    return _truth(np.all(x, axis=_axes(x, dim, "all"), keepdims=keepdim), x)


@structural(name="count_nonzero")
def count_nonzero_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Count the elements that are not zero."""
    axes = all_axes(dim, x.ndim, "count_nonzero")
    return np.asarray(np.count_nonzero(x, axis=axes, keepdims=keepdim), np.int64)[()]


@numpy_like
def any(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether some element is true (not zero; nan counts as true).  False of none.

    Shapes: x of any shape; the axes of ``dim`` go (all if None; none if (), as in PyTorch), or
    stay with length 1.  The result is bool, of a uint8 tensor uint8.

    Examples
    --------
    >>> import autograd
    >>> autograd.any(autograd.tensor([[0, 1], [0, 0]]), dim=1)
    tensor([ True, False])

    Source: ``torch.any``.
    """
    return any_over(x, dim=dim, keepdim=keepdim)


@numpy_like
def all(x: Any, dim: Dim = None, keepdim: bool = False) -> Any:
    """Whether all elements are true (not zero; nan counts as true).  True of none.

    Shapes as of :func:`any`.

    Examples
    --------
    >>> import autograd
    >>> autograd.all(autograd.tensor([[1, 1], [0, 1]]), dim=1)
    tensor([ True, False])

    Source: ``torch.all``.
    """
    return all_over(x, dim=dim, keepdim=keepdim)


@numpy_like
def count_nonzero(x: Any, dim: Dim = None) -> Any:
    """Count the elements that are not zero (nan is not), over ``dim`` or over all, in int64.

    Shapes: x without the axes ``dim``; () for all.

    Examples
    --------
    >>> import autograd
    >>> autograd.count_nonzero(autograd.tensor([[0.0, 1.0], [2.0, 3.0]]), dim=0)
    tensor([1, 2])

    Source: ``torch.count_nonzero``.
    """
    return count_nonzero_over(x, dim=dim)
