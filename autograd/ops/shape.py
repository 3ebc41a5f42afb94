"""Shapes: the same numbers in another arrangement, most often a view of the same memory.

Each operation's derivative is the one that arranges back.  An operation declared with ``view``
returns a Tensor that shares its operand's storage where NumPy can.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.arguments import integers, one_axis
from autograd.op import structural

__all__ = [
    "cat",
    "concat",
    "flatten",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "t",
    "transpose",
    "unsqueeze",
]

Shape = tuple[int, ...]


@structural(
    name="reshape",
    view=True,
    x=lambda upstream, x_shape: reshape_to(upstream, shape=x_shape),  # type: ignore[has-type]
)
def reshape_to(x: Any, *, shape: Shape) -> Any:
    """Arrange the numbers, in row-major order, in another shape; one -1 is worked out."""
    x = np.asarray(x)
    if -1 in shape or math.prod(shape) != x.size:
        shape = _complete(shape, x)
    return x.reshape(shape)


def _complete(shape: Shape, x: Any) -> Shape:
    known = math.prod(n for n in shape if n != -1)
    holes = shape.count(-1)
    if holes > 1 or any(n < -1 for n in shape):
        raise RuntimeError(f"reshape: expected at most one -1 and no other negatives, got {shape}")
    if holes and known and x.size % known == 0:
        return tuple(x.size // known if n == -1 else n for n in shape)
    raise RuntimeError(f"reshape: shape {shape} is invalid for a tensor of shape {x.shape}")


@structural(
    name="permute",
    view=True,
    x=lambda upstream, dims: permute_axes(upstream, dims=_inverse(dims)),  # type: ignore[has-type]
)
def permute_axes(x: Any, *, dims: Shape) -> Any:
    """Reorder the axes; the derivative reorders them back."""
    if sorted(d % max(x.ndim, 1) for d in dims) != list(range(x.ndim)):
        raise RuntimeError(f"permute: dims {dims} do not order a tensor of shape {x.shape}")
    return np.transpose(x, tuple(d % max(x.ndim, 1) for d in dims))


def _inverse(dims: Shape) -> Shape:
    return tuple(np.argsort([d % len(dims) for d in dims]).tolist())


@structural(name="broadcast_to", view=True, x=lambda upstream: upstream)
def expand_to(x: Any, *, shape: Shape) -> Any:
    """Repeat along axes of length 1 and new leading ones, without copying.

    The engine sums the gradient back to the operand's shape.
    """
    return np.broadcast_to(x, shape)


@structural(view=True, x=lambda upstream: upstream)
def alias(x: Any) -> Any:
    """Return the same values under a node of their own."""
    return x[...]


@structural(
    promotes="arithmetic",
    tensors=lambda upstream, tensors_shape, dim, index: _piece(upstream, tensors_shape, dim, index),
)
def concatenate(*tensors: Any, dim: int = 0) -> Any:
    """Join along an existing axis; each operand receives its piece of the gradient."""
    return np.concatenate(tensors, axis=dim)


def _piece(upstream: Any, shapes: list[Shape], dim: int, index: int) -> Any:
    axis = dim % upstream.ndim
    start = sum(shape[axis] for shape in shapes[:index])
    stop = start + shapes[index][axis]
    return upstream[(slice(None),) * axis + (slice(start, stop),)]


def reshape(x: Any, *shape: Any) -> Any:
    """Return the tensor in another shape; a view where the memory allows it.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return reshape_to(x, shape=integers(shape, "reshape"))


def view(x: Any, *shape: Any) -> Any:
    """Return a view in another shape; refused where that would need a copy."""
    result = reshape_to(x, shape=integers(shape, "view"))
    if result.size() and not np.may_share_memory(result.payload, x.payload):
        raise RuntimeError(
            f"view: shape {tuple(shape)} needs a copy, since the tensor of shape {x.shape} is not "
            "contiguous; use reshape"
        )
    return result


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Join the axes from ``start_dim`` to ``end_dim`` into one."""
    shape = np.shape(x)
    if not shape:
        return reshape_to(x, shape=(1,))
    start = one_axis(start_dim, len(shape), "flatten")
    end = one_axis(end_dim, len(shape), "flatten")
    if start > end:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = math.prod(shape[start : end + 1])
    return reshape_to(x, shape=(*shape[:start], joined, *shape[end + 1 :]))


def ravel(x: Any) -> Any:
    """Return the tensor with one axis."""
    return reshape_to(x, shape=(-1,)) if math.prod(np.shape(x)) else reshape_to(x, shape=(0,))


def squeeze(x: Any, dim: int | tuple[int, ...] | None = None) -> Any:
    """Drop axes of length 1: all of them, or those named (others are left as they are)."""
    shape = np.shape(x)
    dims = range(len(shape)) if dim is None else (dim,) if isinstance(dim, int) else dim
    gone = {one_axis(d, len(shape), "squeeze") for d in dims} if shape else set()
    return reshape_to(x, shape=tuple(n for i, n in enumerate(shape) if i not in gone or n != 1))


def unsqueeze(x: Any, dim: int) -> Any:
    """Insert an axis of length 1 before ``dim``."""
    shape = np.shape(x)
    at = one_axis(dim, len(shape) + 1, "unsqueeze")
    return reshape_to(x, shape=(*shape[:at], 1, *shape[at:]))


def permute(x: Any, *dims: Any) -> Any:
    """Reorder the axes: ``x.permute(1, 0)`` is the transpose of a matrix."""
    return permute_axes(x, dims=integers(dims, "permute"))


def transpose(x: Any, dim0: int, dim1: int) -> Any:
    """Exchange two axes."""
    ndim = np.ndim(x)
    order = list(range(ndim))
    a, b = one_axis(dim0, ndim, "transpose"), one_axis(dim1, ndim, "transpose")
    order[a], order[b] = order[b], order[a]
    return permute_axes(x, dims=tuple(order))


def t(x: Any) -> Any:
    """Transpose a matrix (a vector stays as it is)."""
    if np.ndim(x) > 2:
        raise RuntimeError(f"t: expected at most 2 dimensions, got shape {np.shape(x)}")
    return permute_axes(x, dims=tuple(reversed(range(np.ndim(x)))))


def expand(x: Any, *shape: Any) -> Any:
    """Repeat along axes of length 1, without copying; -1 keeps an axis as it is."""
    wanted = integers(shape, "expand")
    own = (1,) * (len(wanted) - np.ndim(x)) + np.shape(x)
    sizes = tuple(m if n == -1 else n for n, m in zip(wanted, own, strict=False))
    if len(own) > len(wanted) or any(m not in (1, n) for n, m in zip(sizes, own, strict=True)):
        raise RuntimeError(f"expand: shape {np.shape(x)} cannot be expanded to {wanted}")
    return expand_to(x, shape=sizes)


def cat(tensors: Iterable[Any], dim: int = 0) -> Any:
    """Join tensors along an existing axis.

    Raises
    ------
    RuntimeError
        If there is no tensor, or their shapes differ in another axis than ``dim``.
    TypeError
        If ``dim`` is no integer: ``cat(x, y)`` for ``cat([x, y])``.
    """
    if not isinstance(dim, (int, np.integer)):
        raise TypeError(
            f"cat: expected the tensors as one list, and an integer dim, got {type(dim).__name__}"
        )
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("cat: expected at least one tensor, got none")
    shapes = [np.shape(tensor) for tensor in tensors]
    axis = one_axis(dim, len(shapes[0]), "cat")
    rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rest) > 1 or len({len(shape) for shape in shapes}) > 1:
        raise RuntimeError(f"cat: shapes must agree except along dim {dim}, got {shapes}")
    return concatenate(*tensors, dim=axis)


def stack(tensors: Iterable[Any], dim: int = 0) -> Any:
    """Join tensors of equal shape along a new axis; see :func:`cat`."""
    tensors = list(tensors)
    shapes = {np.shape(tensor) for tensor in tensors}
    if len(shapes) != 1:
        raise RuntimeError(f"stack: expected tensors of one shape, got {sorted(shapes)}")
    return cat([unsqueeze(tensor, dim) for tensor in tensors], dim)


concat = cat
swapaxes = transpose
