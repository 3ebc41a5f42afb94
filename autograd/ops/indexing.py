"""Indexing: reading at an index and writing to it are each other's derivative.

``getitem`` and ``scatter`` form an adjoint pair.  A basic index (integers, slices, None, ...)
gives a view; an index with arrays gives a copy, and cells named twice receive both gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import structural
from autograd.record import is_tensor


def is_basic(index: Any) -> bool:
    """Tell whether an index selects by integers, slices, None and Ellipsis alone."""
    parts = index if isinstance(index, tuple) else (index,)
    basic = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(part, basic) and not isinstance(part, bool) for part in parts)


def plain(index: Any) -> Any:
    """Return an index whose Tensors are replaced by their arrays."""
    if isinstance(index, tuple):
        return tuple(plain(part) for part in index)
    return index.payload if is_tensor(index) else index


def _whole(index: Any) -> tuple[Any, ...]:
    """Let a basic index of every axis give a 0-d view, where NumPy would give a copy."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)


@structural(
    name="getitem",
    view=True,
    x=lambda upstream, x_shape, index: scatter(upstream, shape=x_shape, index=index),  # type: ignore[has-type]
)
def getitem_at(x: Any, *, index: Any) -> Any:
    """Read at a plain index; the gradient is written back where the values came from."""
    return x[_whole(index)] if is_basic(index) else x[index]


@structural(x=lambda upstream, index: getitem_at(upstream, index=index))
def scatter(x: Any, *, shape: tuple[int, ...], index: Any) -> Any:
    """Write into zeros of ``shape`` at ``index``, adding up where a cell is named twice."""
    z = np.zeros(shape, x.dtype)
    if is_basic(index):
        z[_whole(index)] = x
    else:
        np.add.at(z, index, x)
    return z


@structural(
    x=lambda upstream, index: index_put(upstream, upstream.dtype.type(0), index=index),  # type: ignore[has-type]
    value=lambda upstream, index: getitem_at(upstream, index=index),
)
def index_put(x: Any, value: Any, *, index: Any) -> Any:
    """Return a copy of x with ``value`` at ``index``; x keeps the gradient elsewhere."""
    z = x.copy()
    z[index] = value
    return z


def getitem(x: Any, index: Any) -> Any:
    """Read at an index of integers, slices, None, Ellipsis, boolean or integer arrays.

    Raises
    ------
    IndexError
        If the index does not fit the shape; the message names both.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([10.0, 20.0, 30.0], requires_grad=True)
    >>> x[[0, 0, 2]].sum().backward()
    >>> x.grad
    tensor([2., 0., 1.])
    """
    index = plain(index)
    try:
        return getitem_at(x, index=index)
    except IndexError as error:
        raise IndexError(f"index {index!r} does not fit shape {np.shape(x)}: {error}") from None
