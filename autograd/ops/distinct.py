"""Distinct values: which there are, how often, and whether a value is among them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number, one_axis
from autograd.naming import naming
from autograd.ops.positions import like, payload
from autograd.record import is_tensor

__all__ = [
    "isin",
    "unique",
    "unique_consecutive",
]

Array = np.ndarray[Any, Any]


@naming
def unique(
    x: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Return the distinct values of x in order, or its distinct slices along ``dim``.

    No nan equals another.  They are in order whatever ``sorted`` says.  No derivative.

    Shapes: values (k,), or that of x with k along ``dim``; inverse that of x, or (n,); counts
    (k,).

    Parameters
    ----------
    x : Tensor
    return_inverse : bool
        Whether to return where in the result each element went, too.
    return_counts : bool
        Whether to return how often each was there, too.
    dim : int, optional

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If slices along ``dim`` are empty.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([3, 1, 3, 2])
    >>> autograd.unique(x, return_inverse=True, return_counts=True)
    (tensor([1, 2, 3]), tensor([2, 0, 2, 1]), tensor([1, 1, 2]))

    Source: ``torch.unique``.
    """
    value = np.asarray(payload(x))
    dim = _slice_dim("unique", value, dim)
    return_inverse = bool(a_number(return_inverse, "return_inverse", "unique"))
    return_counts = bool(a_number(return_counts, "return_counts", "unique"))
    if not (return_inverse or return_counts):  # NumPy sorts the values only, in a third of the time
        return _answer(x, np.unique(value, axis=dim, equal_nan=False))
    found, inverse, counts = np.unique(
        value, return_inverse=True, return_counts=True, axis=dim, equal_nan=False
    )
    inverse = inverse.reshape(value.shape if dim is None else -1)
    return _answer(x, found, (inverse, return_inverse), (counts, return_counts))


@naming
def unique_consecutive(
    x: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """Return x, as a vector or along ``dim``, with runs of equal elements shortened to one.

    No derivative.

    Shapes: values (k,), or that of x with k along ``dim``; inverse that of x, or (n,); counts
    (k,).

    Raises
    ------
    IndexError
        If there is no such dim.

    Examples
    --------
    >>> import autograd
    >>> autograd.unique_consecutive(autograd.tensor([1, 1, 2, 2, 1]), return_counts=True)
    (tensor([1, 2, 1]), tensor([2, 2, 1]))

    Source: ``torch.unique_consecutive``.
    """
    value = np.asarray(payload(x))
    shape = value.shape
    dim = _slice_dim("unique_consecutive", value, dim)
    return_inverse = bool(a_number(return_inverse, "return_inverse", "unique_consecutive"))
    return_counts = bool(a_number(return_counts, "return_counts", "unique_consecutive"))
    rows = value.reshape(-1, 1) if dim is None else np.moveaxis(value, dim, 0)
    first = np.ones(len(rows), bool)
    differs = rows[1:] != rows[:-1]
    np.any(differs, axis=tuple(range(1, rows.ndim)), out=first[1:])
    begins = np.flatnonzero(first)
    found = rows[begins].reshape(-1) if dim is None else np.moveaxis(rows[begins], 0, dim)
    inverse = (np.cumsum(first) - 1).reshape(shape if dim is None else -1)
    counts = np.diff(begins, append=len(rows))
    return _answer(x, found, (inverse, return_inverse), (counts, return_counts))


def _slice_dim(name: str, value: Array, dim: int | None) -> int | None:
    if dim is None:
        return None
    dim = one_axis(dim, value.ndim or 1, name)
    if not value.ndim:
        return None
    if not value.size and value.shape[dim]:
        raise RuntimeError(f"{name}: slices along dim {dim} of shape {value.shape} are empty")
    return dim


def _answer(x: Any, found: Array, *more: tuple[Array, bool]) -> Any:
    results = [found, *[array for array, asked in more if asked]]
    tensors = tuple(like(x, array) for array in results)
    return tensors if len(tensors) > 1 else tensors[0]


@naming
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """Tell for each element whether it is among the test elements; nan is never.

    Shapes: those of ``elements``.  No derivative.

    Examples
    --------
    >>> import autograd
    >>> autograd.isin(autograd.tensor([1, 2, 3]), autograd.tensor([2, 5]))
    tensor([False,  True, False])

    Source: ``torch.isin``.
    """
    found = np.isin(
        payload(elements), payload(test_elements), assume_unique=assume_unique, invert=invert
    )
    return like(elements if is_tensor(elements) else test_elements, found[()])
