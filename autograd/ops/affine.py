"""Sums with products, beta x + alpha A B, and the affine map of a layer, x W^T + b."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.blas import product
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.arithmetic import add, multiply
from autograd.ops.axes import transpose
from autograd.ops.matrices import given, same_dtype
from autograd.ops.passing import cast, gate
from autograd.ops.products import bmm, matmul, mm, multiplied, mv, outer, ranks, rows
from autograd.ops.shape import reshape_to

__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm"]


HALF, SINGLE = np.dtype(np.float16), np.dtype(np.float32)


def _accumulated(
    name: str, input: Any, multiplied: Any, x: Any, y: Any, beta: float, alpha: float
) -> Any:
    """Return beta * input + alpha * multiplied(x, y); what a 0 multiplies is not looked at.

    Of half floats the whole is computed in single precision, as in PyTorch: a product beyond them
    may be within them again where alpha and beta have scaled it.
    """
    input = given(name, input)
    if all(getattr(operand, "dtype", None) == HALF for operand in (input, x, y)):
        input, x, y = (cast(operand, dtype=SINGLE) for operand in (input, x, y))
        return cast(_accumulated(name, input, multiplied, x, y, beta, alpha), dtype=HALF)
    product = multiplied(x, y)
    same_dtype(name, input, product)
    beta, alpha = a_number(beta, "beta", name), a_number(alpha, "alpha", name)
    kind = product.dtype.kind
    whole = bool if kind == "b" else int if kind in "iu" else float  # masks stay masks
    try:
        fits = np.broadcast_shapes(input.shape, product.shape) == product.shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}: input of shape {input.shape} does not broadcast to that of the product, "
            f"{product.shape}"
        )
    if not alpha:  # as beta
        product = gate(product, False)
    elif alpha != 1:
        product = multiply(product, whole(alpha))
    factor = whole(beta)
    if factor == 0:
        return add(gate(input, False), product)  # nan and inf do not pass, a gradient of 0 does
    return add(input if factor == 1 else multiply(input, factor), product)


@naming
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Add a product of matrices: z = beta input + alpha (mat1 @ mat2).

    Shapes: input broadcasts to (n, m); (n, k), (k, m) -> (n, m).

    Raises
    ------
    RuntimeError
        If ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.eye(2)
    >>> autograd.addmm(autograd.ones(2), x, x, beta=2.0)
    tensor([[3., 2.],
            [2., 3.]])

    Source: ``torch.addmm``.
    """
    return _accumulated("addmm", input, mm, mat1, mat2, beta, alpha)


@naming
def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Add a product with a vector: z = beta input + alpha (mat @ vec).

    Shapes: input broadcasts to (n,); (n, k), (k,) -> (n,).

    Raises
    ------
    RuntimeError
        If ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.addmv(autograd.ones(2), autograd.eye(2), autograd.ones(2))
    tensor([2., 2.])

    Source: ``torch.addmv``.
    """
    return _accumulated("addmv", input, mv, mat, vec, beta, alpha)


@naming
def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Add an outer product: z = beta input + alpha vec1 vec2^T.

    Shapes: input broadcasts to (n, m); (n,), (m,) -> (n, m).

    Raises
    ------
    RuntimeError
        If ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.addr(autograd.eye(2), autograd.ones(2), autograd.ones(2))
    tensor([[2., 1.],
            [1., 2.]])

    Source: ``torch.addr``.
    """
    x, y = ranks("addr", ("vec1", vec1, 1), ("vec2", vec2, 1))
    same_dtype("addr", x, y)
    return _accumulated("addr", input, outer, x, y, beta, alpha)


@naming
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Add products of batches: z_b = beta input_b + alpha (batch1_b @ batch2_b).

    Shapes: input broadcasts to (b, n, m); (b, n, k), (b, k, m) -> (b, n, m).

    Raises
    ------
    RuntimeError
        If ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.ones(2, 1, 3)
    >>> autograd.baddbmm(autograd.ones(1), x, x.transpose(1, 2), alpha=2.0).tolist()
    [[[7.0]], [[7.0]]]

    Source: ``torch.baddbmm``.
    """
    return _accumulated("baddbmm", input, bmm, batch1, batch2, beta, alpha)


@naming
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Add the sum of a batch of products: z = beta input + alpha sum_b batch1_b @ batch2_b.

    Shapes: input broadcasts to (n, m); (b, n, k), (b, k, m) -> (n, m).

    Raises
    ------
    RuntimeError
        If ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.ones(2, 1, 3)
    >>> autograd.addbmm(autograd.zeros(1), x, x.transpose(1, 2))
    tensor([[6.]])

    Source: ``torch.addbmm``.
    """
    x, y = ranks("addbmm", ("batch1", batch1, 3), ("batch2", batch2, 3))
    if x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise RuntimeError(f"addbmm: shapes {x.shape} and {y.shape} do not fit")
    b, n, k = x.shape

    def summed(x: Any, y: Any) -> Any:
        wide = reshape_to(transpose(x, 0, 1), shape=(n, b * k))  # the sum over b joins that over k
        return multiplied("addbmm", wide, reshape_to(y, shape=(b * k, y.shape[2])))

    return _accumulated("addbmm", input, summed, x, y, beta, alpha)


@structural(
    promotes="arithmetic",
    x=lambda upstream, weight: matmul(upstream, weight),
    weight=lambda upstream, x: matmul(transpose(rows(upstream), 0, 1), rows(x)),
    bias=lambda upstream: upstream,
    single=True,
)
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """Affine map: z = x weight^T + bias, with weight of shape (out, in).

    dL/dx = g weight, dL/dweight = g^T x, dL/dbias = g summed over the batch.
    """
    z = product(x, weight.T)
    if bias is not None:
        z += bias
    return z
