"""Axes: their order, and how they are stretched to fit one another; all of it without copying.

Reordering is undone by the inverse order.  What is repeated along an axis gets the sum of the
gradients of its copies, which the engine adds up wherever an operand was broadcast.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import integers, one_axis, variadic
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.matrices import given
from autograd.ops.shape import Shape, reshape_to

__all__ = [
    "broadcast_shapes",
    "broadcast_tensors",
    "broadcast_to",
    "expand",
    "meshgrid",
    "moveaxis",
    "movedim",
    "permute",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
]


@structural(
    name="permute",
    view=True,
    x=lambda upstream, dims: permute_axes(upstream, dims=_inverse(dims)),  # type: ignore[has-type]
)
def permute_axes(x: Any, *, dims: Shape) -> Any:
    """Reorder the axes; the derivative reorders them back."""
    return np.transpose(x, dims)


def _inverse(dims: Shape) -> Shape:
    return tuple(np.argsort([d % len(dims) for d in dims]).tolist())


@structural(name="broadcast_to", view=True, x=lambda upstream: upstream)
def expand_to(x: Any, *, shape: Shape) -> Any:
    """Repeat along axes of length 1 and new leading ones, without copying.

    The engine sums the gradient back to the operand's shape.
    """
    x = np.asarray(x)
    z = np.broadcast_to(x, shape)
    if x.flags.writeable:  # a part in which nothing is repeated may be changed in place
        z.flags.writeable = True
    return z


@variadic("dims")
def permute(x: Any, *dims: Any) -> Any:
    """Reorder the axes: axis i of the result is axis ``dims[i]`` of x; a view.

    Shapes: (n_0, n_1, ...) -> (n_dims[0], n_dims[1], ...).

    Raises
    ------
    RuntimeError
        If ``dims`` does not name each axis once.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3, 4).permute(2, 0, 1).shape
    (4, 2, 3)

    Source: ``torch.permute``.
    """
    order = integers(dims, "permute")
    ndim = np.ndim(x)
    if len(order) != ndim or len({one_axis(d, ndim, "permute") for d in order}) != ndim:
        raise RuntimeError(f"permute: dims {order} do not order a tensor of shape {np.shape(x)}")
    return permute_axes(x, dims=order)


@naming
def transpose(x: Any, dim0: int, dim1: int) -> Any:
    """Exchange two axes; a view.

    Shapes: that of x with the two lengths exchanged.

    Raises
    ------
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3, 4).transpose(0, -1).shape
    (4, 3, 2)

    Source: ``torch.transpose``.
    """
    ndim = given("transpose", x).ndim
    a, b = one_axis(dim0, ndim, "transpose"), one_axis(dim1, ndim, "transpose")
    order = list(range(ndim))
    if ndim:
        order[a], order[b] = order[b], order[a]
    return permute_axes(x, dims=tuple(order))


@naming
def movedim(x: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places, the others staying in order; a view.

    Shapes: the lengths of x, in their new places.

    Raises
    ------
    RuntimeError
        If the numbers of axes differ, or one is named twice.
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3, 4).movedim(0, -1).shape
    (3, 4, 2)

    Source: ``torch.movedim``.
    """
    ndim = np.ndim(x)
    places = []
    for dims, name in ((source, "source"), (destination, "destination")):
        axes = [one_axis(d, ndim, "movedim") for d in integers((dims,), "movedim")]
        if len(set(axes)) < len(axes):
            raise RuntimeError(f"movedim: {name} {dims} names an axis twice")
        places.append(axes)
    origins, targets = places
    if len(origins) != len(targets):
        raise RuntimeError(
            f"movedim: source {source} and destination {destination} must be equally many"
        )
    left = iter(axis for axis in range(ndim) if axis not in origins)
    moved = dict(zip(targets, origins, strict=True))
    return permute_axes(x, dims=tuple(moved[i] if i in moved else next(left) for i in range(ndim)))


@naming
def t(x: Any) -> Any:
    """Transpose a matrix (a vector or a number stays as it is); a view.

    Shapes: (m, n) -> (n, m).

    Raises
    ------
    RuntimeError
        If x has more than 2 dimensions.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3).t().shape
    (3, 2)

    Source: ``torch.t``.
    """
    ndim = given("t", x).ndim
    if ndim > 2:
        raise RuntimeError(f"t: expected at most 2 dimensions, got shape {np.shape(x)}")
    return permute_axes(x, dims=tuple(range(ndim))[::-1])


def matrix_transpose(x: Any) -> Any:
    """Exchange the last two axes: each matrix of a batch is transposed (``x.mT``)."""
    ndim = np.ndim(x)
    if ndim == 1:
        raise RuntimeError(
            f"mT: expected matrices, got a vector of shape {np.shape(x)} (matrix_transpose)"
        )
    order = tuple(range(ndim))
    return permute_axes(x, dims=(*order[:-2], *order[-2:][::-1]))


def adjoint(x: Any) -> Any:
    """Transpose a matrix (``x.H``); it would be conjugated too, were it complex."""
    if np.ndim(x) not in (0, 2):
        raise RuntimeError(f"H: expected a matrix, got shape {np.shape(x)}; use mT")
    return permute_axes(x, dims=tuple(range(np.ndim(x)))[::-1])


@variadic("size")
def expand(x: Any, *shape: Any) -> Any:
    """Repeat along axes of length 1, and new leading ones, without copying; -1 keeps an axis.

    An expanded view holds one element in several places, so it cannot be changed in place.

    Shapes: x (..., n or 1, ...) -> ``sizes``, where -1 keeps a length.

    Raises
    ------
    RuntimeError
        If an axis that is not of length 1 would have to change, or an axis would be lost.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])

    Source: ``torch.Tensor.expand``.
    """
    return expand_to(x, shape=_expanded(x, integers(shape, "expand"), "expand"))


def _expanded(x: Any, wanted: Shape, name: str) -> Shape:
    lead = len(wanted) - np.ndim(x)
    own = (1,) * lead + np.shape(x)
    sizes = tuple(m if n == -1 else n for n, m in zip(wanted, own, strict=False))
    fits = lead >= 0 and all(m in (1, n) for n, m in zip(sizes, own, strict=True))
    if not fits or any(n < 0 for n in sizes) or -1 in wanted[:lead]:
        raise RuntimeError(f"{name}: shape {np.shape(x)} cannot be expanded to {wanted}")
    return sizes


@naming
def expand_as(x: Any, other: Any) -> Any:
    """Repeat to the shape of ``other``; see :func:`expand`.

    Shapes: one that broadcasts to it -> that of ``other``.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([1, 2]).expand_as(autograd.zeros(2, 2))
    tensor([[1, 2],
            [1, 2]])

    Source: ``torch.Tensor.expand_as``.
    """
    return expand(x, np.shape(other))


@naming
def broadcast_to(x: Any, size: Any) -> Any:
    """Repeat along axes of length 1 and new leading ones, without copying.

    Shapes: x (..., n or 1, ...) -> ``size``.

    Raises
    ------
    RuntimeError
        If an axis that is not of length 1 would have to change.

    Examples
    --------
    >>> import autograd
    >>> autograd.broadcast_to(autograd.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])

    Source: ``torch.broadcast_to``.
    """
    return expand_to(x, shape=_expanded(x, integers((size,), "broadcast_to"), "broadcast_to"))


@naming
def broadcast_shapes(*shapes: Any) -> Shape:
    """Return the shape that tensors of these shapes have after broadcasting.

    Raises
    ------
    RuntimeError
        If they do not broadcast.
    ValueError
        If a length is negative.

    Examples
    --------
    >>> import autograd
    >>> autograd.broadcast_shapes((2, 1), (3,))
    (2, 3)

    Source: ``torch.broadcast_shapes``.
    """
    known = [integers((shape,), "broadcast_shapes") for shape in shapes]
    if any(n < 0 for shape in known for n in shape):
        raise ValueError(f"broadcast_shapes: expected lengths of 0 or more, got {shapes}")
    try:
        return np.broadcast_shapes(*known)
    except ValueError:
        raise RuntimeError(f"broadcast_shapes: shapes {known} do not broadcast") from None


@naming
def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Expand tensors to the shape they have in common; see :func:`expand`.

    Shapes: those that broadcast -> each that of all, as :func:`broadcast_shapes` says.

    Raises
    ------
    RuntimeError
        If their shapes do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.broadcast_tensors(autograd.zeros(2, 1), autograd.zeros(3))
    >>> a.shape, b.shape
    ((2, 3), (2, 3))

    Source: ``torch.broadcast_tensors``.
    """
    shape = broadcast_shapes(*[np.shape(tensor) for tensor in tensors])
    return tuple(expand_to(tensor, shape=shape) for tensor in tensors)


@naming
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Return the coordinates of a grid: one tensor an axis, each expanded to the grid's shape.

    Shapes: (n0,), (n1,), ... -> each (n0, n1, ...); with ``indexing="xy"`` the first two axes
    are exchanged, as in a picture, whose rows are y.

    Raises
    ------
    RuntimeError
        If a tensor has more than one axis, the dtypes differ, there is none, or ``indexing`` is
        another word.

    Examples
    --------
    >>> import autograd
    >>> rows, columns = autograd.meshgrid(autograd.arange(2), autograd.arange(3))
    >>> rows
    tensor([[0, 0, 0],
            [1, 1, 1]])

    Source: ``torch.meshgrid``.
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'meshgrid: indexing must be "ij" or "xy", got {indexing!r}')
    if not tensors:
        raise RuntimeError("meshgrid: expected at least one tensor, got none")
    tensors = tuple(given("meshgrid", x) for x in tensors)
    shapes = [np.shape(tensor) for tensor in tensors]
    if any(len(shape) > 1 for shape in shapes):
        raise RuntimeError(f"meshgrid: expected vectors, got shapes {shapes}")
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise RuntimeError(f"meshgrid: expected one dtype, got {[x.dtype for x in tensors]}")
    lengths = [shape[0] if shape else 1 for shape in shapes]
    order = list(range(len(tensors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = order[1::-1]
    grid = tuple(lengths[i] for i in order)
    alone = [tuple(n if i == axis else 1 for i in order) for axis, n in enumerate(lengths)]
    return tuple(
        expand_to(reshape_to(tensor, shape=shape), shape=grid)
        for tensor, shape in zip(tensors, alone, strict=True)
    )


moveaxis = movedim
swapaxes = swapdims = transpose
