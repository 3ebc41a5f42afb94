"""Sliding windows along an axis: a view, whose adjoint ``fold`` adds up, since windows overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.indexing import getitem_at
from autograd.ops.shape import Shape

__all__ = ["unfold"]


@structural(
    name="unfold",
    view=True,
    x=lambda upstream, x_shape, dim, size, step: fold(  # type: ignore[has-type]
        upstream, shape=x_shape, dim=dim, size=size, step=step
    ),
)
def windows(x: Any, *, dim: int, size: int, step: int) -> Any:
    """Slide a window along an axis: z[..., i, ..., k] = x[..., i step + k, ...]."""
    x = np.asarray(x)
    if not x.ndim:
        x = x.reshape(1)
    apart = size <= step and x.flags.writeable  # each element is in one window at most
    every = np.lib.stride_tricks.sliding_window_view(x, size, dim, writeable=apart)
    return every[(slice(None),) * dim + (slice(None, None, step),)]


@structural(
    x=lambda upstream, dim, size, step: windows(upstream, dim=dim, size=size, step=step),
)
def fold(x: Any, *, shape: Shape, dim: int, size: int, step: int) -> Any:
    """Add windows up where they came from: the adjoint of ``windows``."""
    z = np.zeros(shape or (1,), x.dtype)
    count = x.shape[dim]
    lead = (slice(None),) * dim
    if count <= size:
        for i in range(count):
            z[(*lead, slice(i * step, i * step + size))] += np.moveaxis(x[(*lead, i)], -1, dim)
    else:
        for k in range(size):
            z[(*lead, slice(k, k + (count - 1) * step + 1, step))] += x[..., k]
    return z.reshape(shape)


@naming
def unfold(x: Any, dimension: int, size: int, step: int) -> Any:
    """Return the windows of ``size`` places along an axis, one every ``step``; a view.

    Shapes: (A, n, B) -> (A, (n - size) // step + 1, B, size) for ``dimension`` 1.  Windows that
    overlap cannot be changed in place.

    Raises
    ------
    RuntimeError
        If the window is longer than the axis, its size negative, or the step not 1 or more.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])

    Source: ``torch.Tensor.unfold``.
    """
    axis = one_axis(dimension, np.ndim(x), "unfold")
    length = np.shape(x)[axis] if np.ndim(x) else 1
    if not 0 <= size <= length:
        raise RuntimeError(
            f"unfold: expected a size from 0 to {length}, the length of dimension {dimension}, got "
            f"{size}"
        )
    if step < 1:
        raise RuntimeError(f"unfold: expected a step of 1 or more, got {step}")
    z = windows(x, dim=axis, size=size, step=step)
    return z if np.ndim(x) else getitem_at(z, index=0)
