"""Cross products of vectors in space: perpendicular to both, as long as their area.

The gradient of a cross product is two others, of the upstream with the other operand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.matrices import given, same_dtype

__all__ = ["cross"]


@structural(
    name="cross",
    x=lambda upstream, y, dim: cross_along(y, upstream, dim=dim),  # type: ignore[has-type]
    y=lambda upstream, x, dim: cross_along(upstream, x, dim=dim),  # type: ignore[has-type]
    single=True,
)
def cross_along(x: Any, y: Any, *, dim: int) -> Any:
    """Cross products along an axis; dL/dx = y x g, dL/dy = g x x."""
    return np.cross(x, y, axis=dim)


@naming
def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """Cross product of vectors in space: z_1 = x_2 y_3 - x_3 y_2, and so on in a circle.

    Shapes: both (..., 3, ...) -> their broadcast shape.

    Parameters
    ----------
    input, other : Tensor
    dim : int, optional
        The axis of the coordinates; the first of length 3 if None.

    Raises
    ------
    RuntimeError
        If that axis has not length 3, or ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> autograd.cross(autograd.tensor([1.0, 0.0, 0.0]), autograd.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])

    Source: ``torch.cross``.
    """
    x = given("cross", input)
    if dim is None:
        if 3 not in x.shape:
            raise RuntimeError(f"cross: no axis of shape {x.shape} has length 3")
        dim = x.shape.index(3)
    return _crossed(x, given("cross", other), dim)


@naming
def linalg_cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """Cross product of vectors in space along the last axis, or ``dim``; see :func:`cross`.

    Shapes: (..., 3, ...) and (..., 3, ...), which broadcast -> (..., 3, ...).

    Raises
    ------
    RuntimeError
        If that axis has not length 3, or ranks, shapes or dtypes do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.eye(3)
    >>> autograd.linalg.cross(x[0], x[1])
    tensor([0., 0., 1.])

    Source: ``torch.linalg.cross``.
    """
    return _crossed(given("cross", input), given("cross", other), dim)


def _crossed(x: Any, y: Any, dim: int) -> Any:
    same_dtype("cross", x, y)
    if x.ndim != y.ndim:
        raise RuntimeError(f"cross: shapes {x.shape} and {y.shape} differ in rank")
    axis = one_axis(dim, x.ndim, "cross")
    if (x.shape[axis], y.shape[axis]) != (3, 3):
        raise RuntimeError(
            f"cross: expected length 3 along dim {dim}, got shapes {x.shape} and {y.shape}"
        )
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise RuntimeError(f"cross: shapes {x.shape} and {y.shape} do not broadcast") from None
    return cross_along(x, y, dim=axis)
