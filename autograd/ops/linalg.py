"""Matrix products and their derivatives, which are matrix products again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import structural
from autograd.ops.axes import transpose
from autograd.ops.shape import reshape_to

__all__ = ["dot", "matmul"]

Shape = tuple[int, ...]


def _matmul_x(upstream: Any, y: Any, x_shape: Shape, y_shape: Shape) -> Any:
    """dL/dx of x @ y; the engine sums over batch axes that were broadcast."""
    if len(y_shape) == 1:
        return np.expand_dims(upstream, -1) * y
    if len(x_shape) == 1:
        return np.squeeze(np.matmul(y, np.expand_dims(upstream, -1)), -1)
    return np.matmul(upstream, np.swapaxes(y, -1, -2))


def _matmul_y(upstream: Any, x: Any, x_shape: Shape, y_shape: Shape) -> Any:
    """dL/dy of x @ y."""
    if len(x_shape) == 1:
        column = np.expand_dims(x, -1)
        return x * upstream if len(y_shape) == 1 else column * np.expand_dims(upstream, -2)
    if len(y_shape) == 1:
        return np.squeeze(np.matmul(np.swapaxes(x, -1, -2), np.expand_dims(upstream, -1)), -1)
    return np.matmul(np.swapaxes(x, -1, -2), upstream)


@structural(np.matmul, promotes="arithmetic", x=_matmul_x, y=_matmul_y)
def matmul(x: Any, y: Any) -> Any:
    """Matrix product, batched over leading axes: dL/dx = g y^T, dL/dy = x^T g.

    Raises
    ------
    RuntimeError
        If the inner dimensions differ, or an operand is 0-d.
    """
    try:
        return np.matmul(x, y)
    except ValueError:
        a, b = np.shape(x), np.shape(y)
        if not a or not b or a[-1] != b[-2 if len(b) > 1 else 0]:
            why = "the inner dimensions differ" if a and b else "an operand is 0-d"
        else:
            why = "the batch dimensions do not broadcast"
        raise RuntimeError(f"matmul: shapes {a} and {b} do not fit: {why}") from None


def dot(x: Any, y: Any) -> Any:
    """Inner product of two vectors, as ``torch.dot``: z = sum x_i y_i.

    Raises
    ------
    RuntimeError
        If an operand is no vector (matrices multiply with ``@``), or the lengths differ.
    """
    if np.ndim(x) != 1 or np.ndim(y) != 1:
        raise RuntimeError(
            f"dot: expected two vectors, got shapes {np.shape(x)} and {np.shape(y)}; use x @ y"
        )
    return matmul(x, y)


@structural(
    promotes="arithmetic",
    x=lambda upstream, weight: np.matmul(upstream, weight),
    weight=lambda upstream, x: np.matmul(transpose(_rows(upstream), 0, 1), _rows(x)),
    bias=lambda upstream: upstream,
)
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """Affine map: z = x weight^T + bias, with weight of shape (out, in).

    dL/dx = g weight, dL/dweight = g^T x, dL/dbias = g summed over the batch.
    """
    z = np.matmul(x, weight.T)
    if bias is not None:
        z += bias
    return z


def _rows(x: Any) -> Any:
    """Return a vector or a batch of any rank as a matrix of rows."""
    return reshape_to(x, shape=(-1, x.shape[-1])) if x.ndim != 2 and x.shape[-1] else x
