"""Whole slices along one dim, named by a vector of positions: ``index_select`` and its kin.

Each is an index of one array, ``x[:, index]``, and stands on the operations of that room.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.naming import naming
from autograd.ops.indexing import add_to, getitem_at, plain, put_at, same_dtype
from autograd.ops.matrices import given
from autograd.ops.positions import in_range, payload, positions, signed, tensor
from autograd.ops.shape import reshape_to
from autograd.payload import held_by
from autograd.promotion import wrapped

__all__ = [
    "index_add",
    "index_copy",
    "index_fill",
    "index_select",
]


def _vector(name: str, index: Any) -> Any:
    """Return a vector of positions, of a Tensor where it can be watched.

    Raises
    ------
    IndexError
        If it has more than one dimension.
    RuntimeError
        If it is no integers.
    """
    index = signed(positions(name, index))
    if len(index.shape) > 1:
        raise IndexError(f"{name}: expected a vector of positions, got shape {index.shape}")
    return index if index.shape else np.asarray(payload(index)).reshape(1)


def _at(dim: int, index: Any) -> Any:
    return plain((*[slice(None)] * dim, index))


def _slices(name: str, x: Any, dim: int, index: Any, source: Any) -> tuple[Any, int, Any, Any]:
    """Check ``source`` against x, and give 0-d ones an axis; return x, dim, index and source.

    Raises
    ------
    IndexError, RuntimeError
        If there is no such dim, the index lies outside, or source has another shape or dtype.
    """
    index = _vector(name, index)
    x = given(name, x)
    dim = one_axis(dim, len(x.shape) or 1, name)
    if isinstance(source, (list, tuple)):
        source = np.asarray(source, x.dtype)
    if not hasattr(source, "dtype"):
        raise TypeError(f"{name}: expected source as a Tensor, got {type(source).__name__}")
    same_dtype(name, x, source)
    number = len(payload(index))
    wanted = (*x.shape[:dim], number, *x.shape[dim + 1 :]) if x.shape else ()
    if source.shape != wanted or (not x.shape and number != 1):
        raise RuntimeError(
            f"{name}: {number} positions along dim {dim} of x of shape {x.shape} expect source of "
            f"shape {wanted}, got {source.shape}"
        )
    if not x.shape:
        x, source = reshape_to(x, shape=(1,)), reshape_to(source, shape=(1,))
    in_range(name, index, x.shape[dim], dim, IndexError)
    return x, dim, index, source


@naming
def index_select(x: Any, dim: int, index: Any) -> Any:
    """Read the slices along ``dim`` that a vector names: z[:, i] = x[:, index[i]] for dim 1.

    Slices named twice receive both gradients.  Shapes: x (N, M), index (n,) -> (N, n) for dim 1.

    Raises
    ------
    IndexError
        If there is no such dim, or the index is no vector.
    RuntimeError
        If a position lies outside [0, M), or the index is no integers.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1, 2, 3], [4, 5, 6]])
    >>> autograd.index_select(x, 1, autograd.tensor([2, 0]))
    tensor([[3, 1],
            [6, 4]])

    Source: ``torch.index_select``.
    """
    x = given("index_select", x)
    index = _vector("index_select", index)
    dim = one_axis(dim, len(x.shape) or 1, "index_select")
    in_range("index_select", index, (x.shape or (1,))[dim], dim)
    if x.shape:
        return getitem_at(x, index=_at(dim, index))
    if len(payload(index)) != 1:
        raise RuntimeError(
            f"index_select: a 0-d tensor has one element, got {len(index)} positions"
        )
    return getitem_at(x, index=(Ellipsis,))


@naming
def index_add(x: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    """Add slices where a vector says: z[:, index[i]] += alpha source[:, i] for dim 1, repeats too.

    dz/dx = 1, dz/dsource = alpha.  Shapes: x (N, M), index (n,), source (N, n) -> (N, M).

    Raises
    ------
    IndexError
        If there is no such dim, the index is no vector, or a position lies outside [0, M).
    RuntimeError
        If source has another shape or dtype.

    Examples
    --------
    >>> import autograd
    >>> source = autograd.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> autograd.index_add(autograd.zeros(2, 2), 0, autograd.tensor([1, 1, 0]), source)
    tensor([[5., 6.],
            [4., 6.]])

    Source: ``torch.index_add``.
    """
    shape = np.shape(x)
    x, dim, index, source = _slices("index_add", x, dim, index, source)
    if alpha != 1:
        whole = bool if x.dtype.kind == "b" else int  # masks stay masks
        source = source * (alpha if x.dtype.kind == "f" else whole(alpha))
    z = add_to(x, source, index=_at(dim, index))
    return z if shape else reshape_to(z, shape=())


@naming
def index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    """Write slices where a vector says: z[:, index[i]] = source[:, i] for dim 1.

    dz/dx = 0 where something was written; source receives the gradient of where it was written.
    Shapes: x (N, M), index (n,), source (N, n) -> (N, M).

    Raises
    ------
    IndexError
        If there is no such dim, the index is no vector, or a position lies outside [0, M).
    RuntimeError
        If source has another shape or dtype.

    Examples
    --------
    >>> import autograd
    >>> source = autograd.tensor([[1.0, 2.0]])
    >>> autograd.index_copy(autograd.zeros(2, 2), 0, autograd.tensor([1]), source)
    tensor([[0., 0.],
            [1., 2.]])

    Source: ``torch.index_copy``.
    """
    shape = np.shape(x)
    x, dim, index, source = _slices("index_copy", x, dim, index, source)
    z = put_at(x, source, index=_at(dim, index))
    return z if shape else reshape_to(z, shape=())


@naming
def index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    """Write a number into the slices along ``dim`` that a vector names; negatives count back.

    dz/dx = 0 there, else 1; a 0-d ``value`` receives the sum of the gradients there.
    Shapes: x (N, M), index (n,) -> (N, M).

    Raises
    ------
    IndexError
        If there is no such dim, the index is no vector, or a position lies outside.
    RuntimeError
        If ``value`` has dimensions, or does not fit in x's dtype.

    Examples
    --------
    >>> import autograd
    >>> autograd.index_fill(autograd.zeros(2, 3), 1, autograd.tensor([0, 2]), 7)
    tensor([[7., 0., 7.],
            [7., 0., 7.]])

    Source: ``torch.index_fill``.
    """
    index = _vector("index_fill", index)
    tensor("index_fill", x)
    dim = one_axis(dim, len(x.shape) or 1, "index_fill")
    if np.ndim(value):
        raise RuntimeError(f"index_fill: expected a number or a 0-d value, got {np.shape(value)}")
    if isinstance(value, np.generic):
        value = value.item()
    shape = x.shape
    if not shape:
        x = reshape_to(x, shape=(1,))
    ids, length = np.asarray(payload(index)), x.shape[dim]
    if ids.size and (ids.min() < -length or ids.max() >= length):
        wrong = ids.max() if ids.max() >= length else ids.min()
        raise IndexError(
            f"index_fill: index {wrong} is out of bounds for dim {dim} of length {length}"
        )
    held_by(x.dtype, value, "index_fill")
    if isinstance(value, int) and x.dtype.kind in "iu":
        value = wrapped(value, x.dtype, "index_fill")
    elif hasattr(value, "dtype"):  # which a position named twice would give its gradient twice
        index = np.unique(ids % length) if length else ids
    z = put_at(x, value, index=_at(dim, index))
    return z if shape else reshape_to(z, shape=())
