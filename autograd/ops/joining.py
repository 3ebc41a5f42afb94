"""Joining: several tensors become one, and each receives its piece of the gradient.

``concatenate`` joins along an axis that is there, ``stack_along`` along a new one; the others
choose the axis.  The pieces may differ in dtype; the result has what PyTorch's promotion gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.arguments import numpy_names, one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.matrices import plain
from autograd.ops.passing import cast
from autograd.ops.shape import Shape, atleast_1d, atleast_2d, atleast_3d, reshape_to
from autograd.promotion import result_type

__all__ = [
    "block_diag",
    "cat",
    "column_stack",
    "concat",
    "concatenate",
    "dstack",
    "hstack",
    "row_stack",
    "stack",
    "vstack",
]


@structural(
    name="concatenate",
    promotes="arithmetic",
    tensors=lambda upstream, tensors_shape, dim, index: _piece(upstream, tensors_shape, dim, index),
)
def concatenate_along(*tensors: Any, dim: int) -> Any:
    """Join along an existing axis; each operand receives its piece of the gradient."""
    return np.concatenate(tensors, axis=dim)


def _piece(upstream: Any, shapes: list[Shape], dim: int, index: int) -> Any:
    axis = dim % upstream.ndim
    start = sum(shape[axis] for shape in shapes[:index])
    stop = start + shapes[index][axis]
    return upstream[(slice(None),) * axis + (slice(start, stop),)]


@structural(
    name="stack",
    promotes="arithmetic",
    tensors=lambda upstream, dim, index: upstream[(slice(None),) * dim + (index,)],
)
def stack_along(*tensors: Any, dim: int) -> Any:
    """Join along a new axis; each operand receives its slice of the gradient."""
    return np.stack(tensors, axis=dim)


@structural(
    name="block_diag",
    promotes="arithmetic",
    matrices=lambda upstream, matrices_shape, index: upstream[_blocks(matrices_shape)[index]],
)
def block_diagonal(*matrices: Any) -> Any:
    """Put matrices on a diagonal, with zeros elsewhere; each receives its block of the gradient."""
    blocks = _blocks([np.shape(matrix) for matrix in matrices])
    shape = tuple(side.stop for side in blocks[-1])
    z = np.zeros(shape, np.result_type(*matrices))
    for place, matrix in zip(blocks, matrices, strict=True):
        z[place] = matrix
    return z


def _blocks(shapes: list[Shape]) -> list[tuple[slice, slice]]:
    """Return where on the diagonal each block lies."""
    blocks, i, j = [], 0, 0
    for rows, columns in shapes:
        blocks.append((slice(i, i + rows), slice(j, j + columns)))
        i, j = i + rows, j + columns
    return blocks


def _listed(tensors: Any, name: str) -> list[Any]:
    """Return the tensors as a list, which must hold one at least."""
    if hasattr(tensors, "ndim"):
        raise TypeError(f"{name}: expected a list of tensors, got one of shape {np.shape(tensors)}")
    if not isinstance(tensors, Iterable):
        raise TypeError(f"{name}: expected a list of tensors, got {type(tensors).__name__}")
    found = list(tensors)
    for i, tensor in enumerate(found):
        if not hasattr(tensor, "ndim"):
            raise TypeError(f"{name}: expected tensors, got {type(tensor).__name__} at place {i}")
    return found


@numpy_names
def cat(tensors: Iterable[Any], dim: int = 0) -> Any:
    """Join tensors along an existing axis.

    Shapes: (A, n_1, B), (A, n_2, B), ... -> (A, n_1 + n_2 + ..., B) for ``dim`` 1.  A tensor of
    shape (0,) fits anything and adds nothing.

    Raises
    ------
    RuntimeError
        If their shapes differ in another axis than ``dim``, or one is 0-d.
    ValueError
        If there is no tensor.
    IndexError
        If there is no such axis.
    TypeError
        If ``dim`` is no integer: ``cat(x, y)`` for ``cat([x, y])``.

    Examples
    --------
    >>> import autograd
    >>> autograd.cat([autograd.tensor([1, 2]), autograd.tensor([3])])
    tensor([1, 2, 3])

    Source: ``torch.cat``.
    """
    if not isinstance(dim, (int, np.integer)):
        raise TypeError(
            f"cat: expected the tensors as one list, and an integer dim, got {type(dim).__name__}"
        )
    tensors = _listed(tensors, "cat")
    if not tensors:
        raise ValueError("cat: expected at least one tensor, got none")
    shapes = [np.shape(tensor) for tensor in tensors]
    if () in shapes:
        raise RuntimeError(f"cat: a 0-d tensor cannot be joined, got shapes {shapes}; use stack")
    model = next((shape for shape in shapes if shape != (0,)), (0,))
    axis = one_axis(dim, len(model), "cat")
    if len(model) > 1 and (0,) in shapes:  # it fits anything, by PyTorch's old rule
        void = (*model[:axis], 0, *model[axis + 1 :])
        tensors = [reshape_to(x, shape=void) if np.shape(x) == (0,) else x for x in tensors]
        shapes = [np.shape(tensor) for tensor in tensors]
    rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rest) > 1 or len({len(shape) for shape in shapes}) > 1:
        raise RuntimeError(f"cat: shapes must agree except along dim {dim}, got {shapes}")
    return concatenate_along(*tensors, dim=axis)


@numpy_names
def stack(tensors: Iterable[Any], dim: int = 0) -> Any:
    """Join tensors of equal shape along a new axis.

    Shapes: n of (A, B) -> (n, A, B) for ``dim`` 0.

    Raises
    ------
    RuntimeError
        If there is no tensor, or their shapes differ.
    IndexError
        If ``dim`` is not from -ndim - 1 to ndim.

    Examples
    --------
    >>> import autograd
    >>> autograd.stack([autograd.tensor([1, 2]), autograd.tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])

    Source: ``torch.stack``.
    """
    tensors = _listed(tensors, "stack")
    shapes = {np.shape(tensor) for tensor in tensors}
    if len(shapes) != 1:
        raise RuntimeError(f"stack: expected tensors of one shape, got {sorted(shapes)}")
    axis = one_axis(dim, len(shapes.pop()) + 1, "stack")
    return stack_along(*tensors, dim=axis)


def _joined(tensors: Iterable[Any], name: str, lift: Any, dim: int) -> Any:
    """Join along an axis that ``lift`` makes sure of."""
    lifted = [lift(tensor) for tensor in _listed(tensors, name)]
    if not lifted:
        raise RuntimeError(f"{name}: expected at least one tensor, got none")
    shapes = [np.shape(tensor) for tensor in lifted]
    try:
        return cat(lifted, dim)
    except RuntimeError:
        raise RuntimeError(
            f"{name}: shapes must agree except along dim {dim}, got {shapes}"
        ) from None


@naming
def hstack(tensors: Iterable[Any]) -> Any:
    """Join side by side: vectors along their axis, others along axis 1.

    Shapes: (n,), (m,) -> (n + m,); (h, n), (h, m) -> (h, n + m).

    Raises
    ------
    RuntimeError
        If there is no tensor, or the shapes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.hstack([autograd.tensor([1, 2]), autograd.tensor([3])])
    tensor([1, 2, 3])

    Source: ``torch.hstack``.
    """
    tensors = _listed(tensors, "hstack")
    flat = bool(tensors) and np.ndim(tensors[0]) < 2
    return _joined(tensors, "hstack", atleast_1d, 0 if flat else 1)


@naming
def vstack(tensors: Iterable[Any]) -> Any:
    """Join one below the other; vectors are rows.

    Shapes: (n,), (n,) -> (2, n); (h, n), (k, n) -> (h + k, n).

    Raises
    ------
    RuntimeError
        If there is no tensor, or the shapes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.vstack([autograd.tensor([1, 2]), autograd.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])

    Source: ``torch.vstack``.
    """
    return _joined(tensors, "vstack", atleast_2d, 0)


@naming
def dstack(tensors: Iterable[Any]) -> Any:
    """Join in depth, along a third axis.

    Shapes: (n,), (n,) -> (1, n, 2); (h, n), (h, n) -> (h, n, 2).

    Raises
    ------
    RuntimeError
        If there is no tensor, or the shapes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.dstack([autograd.zeros(2, 3), autograd.ones(2, 3)]).shape
    (2, 3, 2)

    Source: ``torch.dstack``.
    """
    return _joined(tensors, "dstack", atleast_3d, 2)


@naming
def column_stack(tensors: Iterable[Any]) -> Any:
    """Join side by side, vectors (and numbers) being columns.

    Shapes: (h,), (h, n) -> (h, 1 + n).

    Raises
    ------
    RuntimeError
        If there is no tensor, or the shapes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.column_stack([autograd.tensor([1, 2]), autograd.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])

    Source: ``torch.column_stack``.
    """
    return _joined(tensors, "column_stack", _column, 1)


def _column(x: Any) -> Any:
    shape = np.shape(x)
    return x if len(shape) > 1 else reshape_to(x, shape=(*(shape or (1,)), 1))


@naming
def block_diag(*tensors: Any) -> Any:
    """Put matrices on a diagonal, with zeros elsewhere; vectors are rows, numbers 1 by 1.

    Shapes: (m, n), (k, l) -> (m + k, n + l).

    Raises
    ------
    RuntimeError
        If a tensor has more than 2 dimensions, or there is none.

    Examples
    --------
    >>> import autograd
    >>> autograd.block_diag(autograd.ones(1, 2), autograd.tensor(3.0))
    tensor([[1., 1., 0.],
            [0., 0., 3.]])

    Source: ``torch.block_diag``.
    """
    shapes = [np.shape(tensor) for tensor in _listed(tensors, "block_diag")]
    if not shapes:
        raise RuntimeError("block_diag: expected at least one tensor, got none")
    if any(len(shape) > 2 for shape in shapes):
        raise RuntimeError(f"block_diag: expected at most 2 dimensions, got shapes {shapes}")
    dtype = result_type([plain(tensor) for tensor in tensors])  # before numbers get dimensions
    blocks = [atleast_2d(tensor) for tensor in tensors]
    return block_diagonal(*[b if b.dtype == dtype else cast(b, dtype=dtype) for b in blocks])


concat = concatenate = cat
row_stack = vstack
