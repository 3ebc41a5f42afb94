"""Picking one element of each slice: what maxima, medians and modes have in common.

An operation of two outputs returns the values picked and their indices.  The indices have no
derivative; the gradient of the values goes to the elements that they name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import all_axes
from autograd.ops.gathering import spread_along
from autograd.ops.reduced_axes import kept_shape, lengthened, restore
from autograd.ops.shape import reshape_to


def picked(x: Any, index: Any, axis: int, keepdim: bool) -> tuple[Any, Any]:
    """Return the values and indices of the elements picked, one along the axis.

    ``index`` has the axis with length 1; that of a 0-d array is of a vector of one.
    """
    values = np.take_along_axis(lengthened(x), index, axis)
    if not np.ndim(x):
        return values.reshape(()), index.reshape(())
    if keepdim:
        return values, index
    return np.squeeze(values, axis)[()], np.squeeze(index, axis)[()]


def to_the_picked(upstream: Any, indices: Any, x_shape: tuple[int, ...], dim: int) -> Any:
    """Give the upstream of the values to the elements that the indices name; others receive 0."""
    if not x_shape:
        return upstream[0]
    (axis,) = all_axes(dim, len(x_shape), "pick")
    index = reshape_to(indices, shape=kept_shape(x_shape, dim))
    return spread_along(restore(upstream[0], x_shape, dim), index, dim=axis, shape=x_shape)
