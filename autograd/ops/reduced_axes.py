"""Axes: those that a reduction removes, and how what comes back is given them again.

A reduction forgets where its axes were; every derivative begins by putting them back with length 1
(``restore``) and most often repeats the gradient along them (``spread``), a view without copying.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import Dim, all_axes, is_integer, names_none
from autograd.ops.axes import expand_to
from autograd.ops.shape import reshape_to

Shape = tuple[int, ...]


def kept_shape(shape: Shape, dim: Dim) -> Shape:
    """Return the shape that ``keepdim`` leaves: the reduced axes have length 1."""
    axes = all_axes(dim, len(shape), "reduce")
    return tuple([1 if i in axes else n for i, n in enumerate(shape)])


def count(shape: Shape, dim: Dim) -> int:
    """Return how many elements become one."""
    return math.prod([shape[axis] for axis in all_axes(dim, len(shape), "reduce")])


def restore(reduced: Any, shape: Shape, dim: Dim) -> Any:
    """Give a reduced value its axes back, of length 1."""
    return reshape_to(reduced, shape=kept_shape(shape, dim))


def spread(reduced: Any, shape: Shape, dim: Dim) -> Any:
    """Repeat a reduced value along the axes that were reduced."""
    return expand_to(restore(reduced, shape, dim), shape=shape)


def some(x: Any, dim: Dim, name: str, of_none: type[Exception] = RuntimeError) -> tuple[int, ...]:
    """Return the axes, along which there must be something to choose from.

    Raises
    ------
    IndexError
        If an axis that ``dim`` names is empty.
    RuntimeError
        If the whole tensor is to be reduced, and is empty (``of_none``).
    """
    axes = all_axes(dim, np.ndim(x), name)
    if 0 in [x.shape[axis] for axis in axes]:
        if dim is None or names_none(dim):
            raise of_none(f"{name}: there is no element in a tensor of shape {x.shape}")
        raise IndexError(f"{name}: there is no element along dim {dim} of shape {x.shape}")
    return axes


def axis_of(x: Any, dim: int, name: str) -> int:
    """Return the one axis that ``dim`` names; a 0-d tensor counts as a vector of one element."""
    if not is_integer(dim):
        raise TypeError(f"{name}: dim must be an integer, got {dim!r}")
    return (all_axes(dim, np.ndim(x), name) or (0,))[0]


def lengthened(x: Any) -> Any:
    """Return an array of at least one dimension."""
    return x if np.ndim(x) else np.reshape(x, (1,))
