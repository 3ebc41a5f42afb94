"""What the rooms of linear algebra share: transposes, checks of matrices, and their one error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.modes import MODE
from autograd.promotion import get_default_dtype
from autograd.record import is_tensor, numbers

Shape = tuple[int, ...]


class LinAlgError(RuntimeError, np.linalg.LinAlgError):
    """A matrix has no inverse, or no factorization: PyTorch's error, and NumPy's.

    Examples
    --------
    >>> import autograd
    >>> try:
    ...     autograd.linalg.inv(autograd.zeros(2, 2))
    ... except autograd.linalg.LinAlgError as error:
    ...     print(error)
    inv: the matrix is singular
    """


def transposed(x: Any) -> Any:
    """Return matrices with rows and columns exchanged: a view.

    The one method that rules may call: it means the same of arrays and Tensors, and costs a quarter
    of NumPy's function.
    """
    return x.swapaxes(-1, -2)


def given(name: str, x: Any) -> Any:
    """Return an operand as a Tensor or an array; nested lists become an array.

    Raises
    ------
    TypeError
        If it is a list of Tensors, or no numbers at all.
    """
    if is_tensor(x) or isinstance(x, (np.ndarray, np.generic)):
        return x
    if isinstance(x, (int, float)):
        return np.asarray(x, get_default_dtype() if isinstance(x, float) else None)
    if isinstance(x, (list, tuple)):
        return numbers(name, x)
    raise TypeError(f"{name}: expected a Tensor or an array, got {type(x).__name__}")


def same_dtype(name: str, *operands: Any) -> None:
    """Refuse operands of different dtypes, as PyTorch does where it would have to copy one.

    Raises
    ------
    RuntimeError
        If the dtypes differ.
    """
    dtypes = [x.dtype for x in operands]
    if any(dtype != dtypes[0] for dtype in dtypes[1:]):
        raise RuntimeError(
            f"{name}: expected operands of one dtype, got {' and '.join(map(str, dtypes))}; "
            "convert one with x.to(dtype)"
        )


def matrices(name: str, x: Any, square: bool = False) -> Any:
    """Return ``x``, which has to be floating-point matrices.

    Raises
    ------
    RuntimeError
        If it has fewer than two dimensions, whole numbers, or (``square``) unequal sides.
    """
    x = given(name, x)
    if x.ndim < 2:
        raise RuntimeError(f"{name}: expected a matrix or a batch of them, got shape {x.shape}")
    if square and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(f"{name}: expected square matrices, got shape {x.shape}")
    floating(name, x)
    return x


def floating(name: str, x: Any) -> None:
    """Refuse whole numbers and booleans.

    Raises
    ------
    RuntimeError
        If the dtype is none of floating point.
    """
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating-point tensor, got {x.dtype}")


def located(
    name: str, why: str, compute: Callable[..., Any], x: np.ndarray[Any, Any], *options: Any
) -> Any:
    """Compute with LAPACK; where it fails, say for which matrix of the batch.

    Raises
    ------
    LinAlgError
        If LAPACK refuses a matrix.
    """
    try:
        return compute(x, *options)
    except np.linalg.LinAlgError:
        batch = x.shape[:-2]
        for place in np.ndindex(batch):
            try:
                compute(x[place], *options)
            except np.linalg.LinAlgError:
                at = f"matrix {place} of the batch of shape {batch}" if batch else "the matrix"
                raise LinAlgError(f"{name}: {at} {why}") from None
        raise LinAlgError(f"{name}: a matrix of shape {x.shape} {why}") from None


def iterated(name: str, compute: Callable[..., Any], x: np.ndarray[Any, Any], *options: Any) -> Any:
    """Compute with LAPACK what it iterates for: not of nan or inf, with which it may never end.

    Raises
    ------
    LinAlgError
        If a matrix holds nan or inf, or the iteration does not converge.
    """
    finite = np.isfinite(x).all((-2, -1))
    if not finite.all():
        place = tuple(int(i[0]) for i in np.nonzero(~finite)) if finite.ndim else ()
        at = f"matrix {place} of the batch of shape {x.shape[:-2]}" if place else "the matrix"
        raise LinAlgError(f"{name}: {at} holds nan or inf, so nothing would converge")
    return located(name, "did not converge", compute, x, *options)


def recorded(x: Any) -> bool:
    """Tell whether an operation on ``x`` would be recorded now."""
    return is_tensor(x) and x.node is not None and MODE.get().recording


def plain(x: Any) -> Any:
    """Return the value of a Tensor; a number or an array as it is."""
    return x.payload if is_tensor(x) else x
