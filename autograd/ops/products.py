"""Matrix products and their derivatives, which are matrix products again.

``matmul`` is the one operation; the others check ranks as PyTorch does and call it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.blas import product
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.arithmetic import multiply
from autograd.ops.axes import transpose
from autograd.ops.matrices import given, same_dtype, transposed
from autograd.ops.shape import reshape_to

__all__ = [
    "bmm",
    "dot",
    "ger",
    "inner",
    "matmul",
    "mm",
    "mv",
    "outer",
    "vdot",
]

Shape = tuple[int, ...]


def _matmul_x(upstream: Any, y: Any, x_shape: Shape, y_shape: Shape) -> Any:
    """dL/dx of x @ y; the engine sums over batch axes that were broadcast."""
    if len(y_shape) == 1:
        return np.expand_dims(upstream, -1) * y
    if len(x_shape) == 1:
        return np.squeeze(matmul(y, np.expand_dims(upstream, -1)), -1)
    return matmul(upstream, transposed(y))


def _matmul_y(upstream: Any, x: Any, x_shape: Shape, y_shape: Shape) -> Any:
    """dL/dy of x @ y; one product, if all of the batch meets the same matrix."""
    if len(x_shape) == 1:
        column = np.expand_dims(x, -1)
        return x * upstream if len(y_shape) == 1 else column * np.expand_dims(upstream, -2)
    if len(y_shape) == 1:
        return np.squeeze(matmul(transposed(x), np.expand_dims(upstream, -1)), -1)
    if len(y_shape) == 2 < len(x_shape):
        return matmul(transpose(rows(x), 0, 1), rows(upstream))
    return matmul(transposed(x), upstream)


def rows(x: Any) -> Any:
    """Return a vector or a batch of any rank as a matrix of rows."""
    if x.ndim == 2:
        return x
    number = 1
    for n in x.shape[:-1]:
        number *= n
    return reshape_to(x, shape=(number, x.shape[-1]))


@structural(x=_matmul_x, y=_matmul_y, single=True)
def matmul(x: Any, y: Any) -> Any:
    """Matrix product, batched over leading axes: dL/dx = g y^T, dL/dy = x^T g.

    Shapes: (..., n, k) @ (..., k, m) -> (..., n, m), where the batch axes broadcast; a vector
    (k,) counts as a row on the left, as a column on the right, and its axis is dropped again.

    Raises
    ------
    RuntimeError
        If the inner dimensions or the dtypes differ, or an operand is 0-d.
    TypeError
        If an operand is a number.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.matmul(x, autograd.tensor([1.0, -1.0]))
    tensor([-1., -1.])

    Source: ``torch.matmul``.
    """
    try:
        if x.dtype != y.dtype:
            same_dtype("matmul", x, y)
        return product(x, y)
    except (ValueError, AttributeError):
        a, b = np.shape(x), np.shape(y)
        for operand in (x, y):
            if type(operand) in (bool, int, float, type(None)):
                raise TypeError(
                    f"matmul: expected two Tensors, got {operand!r}; to scale use x * y"
                ) from None
        if not a or not b or a[-1] != b[-2 if len(b) > 1 else 0]:
            why = "the inner dimensions differ" if a and b else "an operand is 0-d"
        else:
            why = "the batch dimensions do not broadcast"
        raise RuntimeError(f"matmul: shapes {a} and {b} do not fit: {why}") from None


def ranks(name: str, *wanted: tuple[str, Any, int]) -> list[Any]:
    """Return operands, each of which has to have so many dimensions."""
    operands = [given(name, x) for _, x, _ in wanted]
    for (place, _, rank), x in zip(wanted, operands, strict=True):
        if x.ndim != rank:
            kind = ("0-d tensor", "vector", "matrix", "batch of matrices (3-D)")[rank]
            raise RuntimeError(f"{name}: expected {place} to be a {kind}, got shape {x.shape}")
    return operands


def multiplied(name: str, x: Any, y: Any) -> Any:
    """Multiply, with errors that name the function that was called."""
    same_dtype(name, x, y)
    if x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0] or x.shape[:-2] != y.shape[:-2]:
        raise RuntimeError(f"{name}: shapes {x.shape} and {y.shape} do not fit")
    return matmul(x, y)


@naming
def mm(input: Any, mat2: Any) -> Any:
    """Multiply two matrices: z = input @ mat2, without broadcasting.

    Shapes: (n, k), (k, m) -> (n, m).

    Raises
    ------
    RuntimeError
        If an operand is no matrix, or the shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.mm(autograd.ones(1, 2), autograd.ones(2, 2))
    tensor([[2., 2.]])

    Source: ``torch.mm``.
    """
    return multiplied("mm", *ranks("mm", ("input", input, 2), ("mat2", mat2, 2)))


@naming
def bmm(input: Any, mat2: Any) -> Any:
    """Multiply two batches of matrices: z_b = input_b @ mat2_b.

    Shapes: (b, n, k), (b, k, m) -> (b, n, m).

    Raises
    ------
    RuntimeError
        If an operand is not 3-D, or the shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.bmm(autograd.ones(2, 1, 3), autograd.ones(2, 3, 1)).tolist()
    [[[3.0]], [[3.0]]]

    Source: ``torch.bmm``.
    """
    return multiplied("bmm", *ranks("bmm", ("input", input, 3), ("mat2", mat2, 3)))


@naming
def mv(input: Any, vec: Any) -> Any:
    """Multiply a matrix and a vector: z_i = sum_j input_ij vec_j.

    Shapes: (n, k), (k,) -> (n,).

    Raises
    ------
    RuntimeError
        If the operands are no matrix and vector, or the shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.mv(autograd.ones(2, 3), autograd.ones(3))
    tensor([3., 3.])

    Source: ``torch.mv``.
    """
    return multiplied("mv", *ranks("mv", ("input", input, 2), ("vec", vec, 1)))


@naming
def dot(x: Any, y: Any) -> Any:
    """Inner product of two vectors: z = sum x_i y_i; dz/dx = y.

    Shapes: (k,), (k,) -> ().

    Raises
    ------
    RuntimeError
        If an operand is no vector (matrices multiply with ``@``), or lengths or dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> autograd.dot(autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0]))
    tensor(11.)

    Source: ``torch.dot``.
    """
    x, y = given("dot", x), given("dot", y)
    if x.ndim != 1 or y.ndim != 1:
        raise RuntimeError(
            f"dot: expected two vectors, got shapes {x.shape} and {y.shape}; use x @ y"
        )
    return multiplied("dot", x, y)


@naming
def vdot(x: Any, y: Any) -> Any:
    """Inner product of two vectors, as :func:`dot` (PyTorch's conjugates complex numbers).

    Shapes: (k,), (k,) -> ().

    Raises
    ------
    RuntimeError
        If an operand is no vector, or lengths or dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> autograd.vdot(autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0]))
    tensor(11.)

    Source: ``torch.vdot``.
    """
    return multiplied("vdot", *ranks("vdot", ("x", x, 1), ("y", y, 1)))


@naming
def inner(input: Any, other: Any) -> Any:
    """Inner product over the last axes: z[i, j] = sum_k input[i, k] other[j, k].

    Shapes: (*a, k), (*b, k) -> (*a, *b); a 0-d operand multiplies.

    Raises
    ------
    RuntimeError
        If the last axes or the dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> autograd.inner(autograd.tensor([[1.0, 2.0], [0.0, 1.0]]), autograd.tensor([3.0, 4.0]))
    tensor([11.,  4.])

    Source: ``torch.inner``.
    """
    x, y = given("inner", input), given("inner", other)
    if not (x.ndim and y.ndim):
        return multiply(x, y)
    same_dtype("inner", x, y)
    if x.shape[-1] != y.shape[-1]:
        raise RuntimeError(f"inner: the last axes of shapes {x.shape} and {y.shape} differ")
    shape = (*x.shape[:-1], *y.shape[:-1])
    if y.ndim > 2:
        y = rows(y)
    z = matmul(x, transpose(y, 0, 1) if y.ndim == 2 else y)
    return z if z.shape == shape else reshape_to(z, shape=shape)


@naming
def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """Inner products of vectors along an axis: z = sum_i x_i y_i, where the others broadcast.

    Shapes: (..., k), (..., k) -> (...).

    Raises
    ------
    RuntimeError
        If the lengths or dtypes differ, or the shapes do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> autograd.linalg.vecdot(autograd.eye(2), autograd.tensor([3.0, 4.0]))
    tensor([3., 4.])

    Source: ``torch.linalg.vecdot``.
    """
    x, y = given("vecdot", x), given("vecdot", y)
    same_dtype("vecdot", x, y)
    axis = one_axis(dim, max(x.ndim, y.ndim), "vecdot")
    if axis != max(x.ndim, y.ndim) - 1 or x.shape[-1:] != y.shape[-1:]:
        return np.sum(multiply(x, y), axis=axis)
    row, column = reshape_to(x, shape=(*x.shape[:-1], 1, x.shape[-1])), np.expand_dims(y, -1)
    z = matmul(row, column)
    return reshape_to(z, shape=z.shape[:-2])


@naming
def outer(input: Any, vec2: Any) -> Any:
    """Outer product of two vectors: z_ij = input_i vec2_j.

    Shapes: (n,), (m,) -> (n, m).

    Raises
    ------
    RuntimeError
        If an operand is no vector.

    Examples
    --------
    >>> import autograd
    >>> autograd.outer(autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0]))
    tensor([[3., 4.],
            [6., 8.]])

    Source: ``torch.outer``.
    """
    x, y = ranks("outer", ("input", input, 1), ("vec2", vec2, 1))
    return multiply(reshape_to(x, shape=(*x.shape, 1)), y)


ger = outer
