"""Arrangement: elements in another order, or repeated; always a copy.

What is reordered is undone by the reverse order; what is repeated gets the sum of the gradients of
its copies (``repeat`` and ``sum_blocks``, ``repeat_interleave`` and ``sum_runs`` are adjoint).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.arguments import an_integer, integers, one_axis, variadic
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.axes import transpose
from autograd.ops.shape import Shape, ravel, reshape_to
from autograd.record import handle

__all__ = [
    "flip",
    "fliplr",
    "flipud",
    "repeat",
    "repeat_interleave",
    "roll",
    "rot90",
    "tile",
]


FEW = 8  # slices, or copies, that are added one by one


@structural(name="flip", x=lambda upstream, dims: flip_axes(upstream, dims=dims))  # type: ignore[has-type]
def flip_axes(x: Any, *, dims: Shape) -> Any:
    """Reverse the order along axes."""
    return np.flip(x, dims).copy()


@structural(
    name="roll",
    x=lambda upstream, shifts, dims: roll_axes(  # type: ignore[has-type]
        upstream, shifts=tuple(-n for n in shifts), dims=dims
    ),
)
def roll_axes(x: Any, *, shifts: Shape, dims: Shape | None) -> Any:
    """Shift along axes, or in row-major order; what leaves at the end enters at the beginning."""
    return np.roll(x, shifts, dims)


@structural(
    name="repeat",
    x=lambda upstream, x_shape, repeats: sum_blocks(upstream, shape=x_shape, repeats=repeats),  # type: ignore[has-type]
)
def repeat_blocks(x: Any, *, repeats: Shape) -> Any:
    """Put copies of the whole tensor side by side along each axis."""
    z = np.empty([r * n for r, n in zip(repeats, x.shape, strict=True)], x.dtype)
    copies = z.reshape([n for pair in zip(repeats, x.shape, strict=True) for n in pair])
    copies[...] = x.reshape([m for n in x.shape for m in (1, n)])
    return z


@structural(x=lambda upstream, repeats: repeat_blocks(upstream, repeats=repeats))
def sum_blocks(x: Any, *, shape: Shape, repeats: Shape) -> Any:
    """Add up the copies that ``repeat_blocks`` made of a tensor of ``shape``."""
    blocks = [n for pair in zip(repeats, shape, strict=True) for n in pair]
    copies = x.reshape(blocks)
    if 1 < math.prod(repeats) <= FEW:
        places = np.ndindex(*repeats)
        first, *others = [tuple(n for i in at for n in (i, slice(None))) for at in places]
        z = copies[first].copy()
        for other in others:
            z += copies[other]
        return z
    return np.sum(copies, tuple(range(0, 2 * x.ndim, 2)), x.dtype)


@structural(
    name="repeat_interleave",
    x=lambda upstream, x_shape, repeats, dim: sum_runs(upstream, repeats=repeats, dim=dim),  # type: ignore[has-type]
)
def repeat_elements(x: Any, *, repeats: Any, dim: int) -> Any:
    """Repeat each place along an axis, ``repeats[i]`` times the i-th."""
    return np.repeat(x, repeats, dim)


@structural(x=lambda upstream, repeats, dim: repeat_elements(upstream, repeats=repeats, dim=dim))
def sum_runs(x: Any, *, repeats: Any, dim: int) -> Any:
    """Add up the copies that ``repeat_elements`` made: each run becomes one place."""
    shape = (*x.shape[:dim], len(repeats), *x.shape[dim + 1 :])
    if len(repeats) and repeats[0] and (repeats == repeats[0]).all():  # in a quarter of the time
        runs = x.reshape(*shape[: dim + 1], int(repeats[0]), *shape[dim + 1 :])
        return _sum_of_few(runs, dim + 1)
    z = np.zeros(shape, x.dtype)
    there = np.flatnonzero(repeats)
    if len(there):
        starts = (np.cumsum(repeats) - repeats)[there]
        z[(slice(None),) * dim + (there,)] = np.add.reduceat(x, starts, dim, x.dtype)
    return z


def _sum_of_few(x: Any, axis: int) -> Any:
    """Sum along an axis: slice by slice if it is short, where NumPy would add number by number."""
    if not 2 <= x.shape[axis] <= FEW:
        return np.sum(x, axis, x.dtype)
    slices = np.moveaxis(x, axis, 0)
    z = slices[0] + slices[1]
    for more in slices[2:]:
        z += more
    return z


def _distinct(dims: Any, ndim: int, name: str) -> Shape:
    axes = tuple(one_axis(d, ndim, name) for d in integers((dims,), name))
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"{name}: dims {dims} name an axis twice")
    return axes if ndim else ()


@variadic("dims")
def flip(x: Any, *dims: Any) -> Any:
    """Reverse the order along each of ``dims``; a copy.

    Shapes: that of x.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If an axis is named twice.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(4).reshape(2, 2).flip(0, 1)
    tensor([[3, 2],
            [1, 0]])

    Source: ``torch.flip``.
    """
    return flip_axes(x, dims=_distinct(integers(dims, "flip"), np.ndim(x), "flip"))


@naming
def fliplr(x: Any) -> Any:
    """Reverse the columns, axis 1; a copy.

    Shapes: that of x, (m, n, ...).

    Raises
    ------
    RuntimeError
        If x has fewer than 2 axes.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).fliplr()
    tensor([[2, 1],
            [4, 3]])

    Source: ``torch.fliplr``.
    """
    if np.ndim(x) < 2:
        raise RuntimeError(f"fliplr: expected at least 2 dimensions, got shape {np.shape(x)}")
    return flip_axes(x, dims=(1,))


@naming
def flipud(x: Any) -> Any:
    """Reverse the rows, axis 0; a copy.

    Shapes: that of x, (n, ...).

    Raises
    ------
    RuntimeError
        If x is 0-d.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).flipud()
    tensor([[3, 4],
            [1, 2]])

    Source: ``torch.flipud``.
    """
    if not np.ndim(x):
        raise RuntimeError("flipud: expected at least 1 dimension, got a 0-d tensor")
    return flip_axes(x, dims=(0,))


@naming
def roll(x: Any, shifts: Any, dims: Any = None) -> Any:
    """Shift along axes; what leaves at the end enters at the beginning.

    Without ``dims`` the tensor is shifted in row-major order, over the ends of its rows.

    Shapes: that of x.

    Raises
    ------
    RuntimeError
        If there are not as many shifts as dims.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(4).roll(1)
    tensor([3, 0, 1, 2])

    Source: ``torch.roll``.
    """
    steps = integers((shifts,), "roll")
    shape = np.shape(x)
    if dims is None or dims == ():
        if len(steps) != 1:
            raise RuntimeError(f"roll: shifts {shifts} need as many dims")
        return roll_axes(x, shifts=steps, dims=None)
    named = integers((dims,), "roll")
    if len(steps) != len(named):
        raise RuntimeError(f"roll: expected as many shifts as dims, got {shifts} and {dims}")
    if not shape:
        raise IndexError("roll: a 0-d tensor has no dimension to roll along")
    axes = tuple(one_axis(d, len(shape), "roll") for d in named)
    return roll_axes(x, shifts=steps, dims=axes)


@naming
def rot90(x: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """Turn by k right angles in the plane of two axes, from the first towards the second.

    Shapes: that of x; the lengths of the two axes change places if k is odd.

    Raises
    ------
    RuntimeError
        If ``dims`` are not two different axes.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2], [3, 4]]).rot90()
    tensor([[2, 4],
            [1, 3]])

    Source: ``torch.rot90``.
    """
    named = integers((dims,), "rot90")
    if len(named) != 2 or np.ndim(x) < 2:
        raise RuntimeError(
            f"rot90: expected two dims and at least 2 dimensions, got {dims} and shape "
            f"{np.shape(x)}"
        )
    a, b = (one_axis(d, np.ndim(x), "rot90") for d in named)
    if a == b:
        raise RuntimeError(f"rot90: expected two different dims, got {dims}")
    turned = {0: (), 1: (b,), 2: (a, b), 3: (a,)}[an_integer(k, "k", "rot90") % 4]
    z = flip_axes(x, dims=turned)
    return transpose(z, a, b) if k % 2 else z


def _repeated(x: Any, repeats: Shape, name: str) -> Any:
    if any(n < 0 for n in repeats):
        raise RuntimeError(f"{name}: expected repeats of 0 or more, got {repeats}")
    shape = (1,) * (len(repeats) - np.ndim(x)) + np.shape(x)
    return repeat_blocks(x if shape == np.shape(x) else reshape_to(x, shape=shape), repeats=repeats)


@variadic("repeats")
def repeat(x: Any, *repeats: Any) -> Any:
    """Put copies of the tensor side by side along each axis; missing leading axes are added.

    Shapes: (m, n) -> (r m, s n) for repeats (r, s).

    Raises
    ------
    RuntimeError
        If there are fewer repeats than axes, or one is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])

    Source: ``torch.Tensor.repeat``.
    """
    times = integers(repeats, "repeat")
    if len(times) < np.ndim(x):
        raise RuntimeError(
            f"repeat: expected repeats for each of the axes of shape {np.shape(x)}, got {times}"
        )
    return _repeated(x, times, "repeat")


@variadic("dims")
def tile(x: Any, *dims: Any) -> Any:
    """Put copies of the tensor side by side; fewer ``dims`` than axes mean the last ones.

    Shapes: each length times its number of copies; more ``dims`` than axes add leading ones.

    Raises
    ------
    RuntimeError
        If one of ``dims`` is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1, 2]]).tile((2,))
    tensor([[1, 2, 1, 2]])

    Source: ``torch.tile``.
    """
    times = integers(dims, "tile")
    return _repeated(x, (1,) * (np.ndim(x) - len(times)) + times, "tile")


@naming
def repeat_interleave(
    x: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Repeat each element, next to itself: the i-th place along ``dim`` ``repeats[i]`` times.

    Without ``dim`` the tensor is flattened first; without ``repeats``, x are the repeats, of
    0, 1, 2, ...

    Shapes: along ``dim`` the sum of the repeats, or n repeats if they are one number; else that
    of x.

    Raises
    ------
    RuntimeError
        If a number is negative, or there are not as many as places.
    TypeError
        If the repeats are neither an integer nor a tensor of integers.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).repeat_interleave(2)
    tensor([1, 1, 2, 2])
    >>> autograd.tensor([1, 2]).repeat_interleave(autograd.tensor([0, 3]))
    tensor([2, 2, 2])

    Source: ``torch.repeat_interleave``.
    """
    if repeats is None:
        return repeat_interleave(handle(np.arange(np.size(x)), None), x, 0)
    if dim is None:
        x, dim = ravel(x), 0
    elif not np.ndim(x):
        raise IndexError("repeat_interleave: a 0-d tensor has no dim")
    axis = one_axis(dim, np.ndim(x), "repeat_interleave")
    length = np.shape(x)[axis]
    counts = getattr(repeats, "payload", repeats)
    if isinstance(counts, (list, tuple)) or np.asarray(counts).dtype.kind not in "iu":
        raise TypeError(
            f"repeat_interleave: expected an integer or a tensor of integers, got {repeats!r}"
        )
    counts = np.asarray(counts)
    if counts.ndim > 1 or counts.size not in (1, length):
        raise RuntimeError(
            f"repeat_interleave: expected one number, or {length} along dim {dim}, got shape "
            f"{counts.shape}"
        )
    if np.any(counts < 0):
        raise RuntimeError(f"repeat_interleave: expected numbers of 0 or more, got {repeats}")
    if output_size is not None and output_size != counts.sum() * (length // max(counts.size, 1)):
        raise RuntimeError(
            f"repeat_interleave: output_size {output_size} is not the sum of the repeats"
        )
    return repeat_elements(
        x, repeats=np.array(np.broadcast_to(counts, (length,)), np.intp), dim=axis
    )
