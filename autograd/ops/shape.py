"""Shapes: the same numbers, in the same order, under another shape.

All of it is ``reshape``, whose derivative is to reshape back; the functions differ in how the shape
is said.  The result shares the operand's storage where the memory allows it (a view in PyTorch's
sense: a change of one is a change of the other).
"""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.arguments import each_of, integers, numpy_names, one_axis, variadic
from autograd.naming import naming
from autograd.op import structural
from autograd.promotion import dtype_of
from autograd.record import handle, is_tensor, numbers

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "flatten",
    "ravel",
    "reshape",
    "squeeze",
    "unflatten",
    "unsqueeze",
    "view",
]

Shape = tuple[int, ...]

# Whether -1 in a shape of no elements is what it would be for one sample: `x.view(len(x), -1)` of
# an empty batch, which PyTorch refuses, for passes that only ask for shapes.
GUESSING: ContextVar[bool] = ContextVar("backlight_guessing", default=False)


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


def _complete(shape: Shape, x: Any, name: str = "reshape") -> Shape:
    known = math.prod(n for n in shape if n != -1)
    holes = shape.count(-1)
    if holes > 1 or any(n < -1 for n in shape):
        raise RuntimeError(f"{name}: expected at most one -1 and no other negatives, got {shape}")
    if holes and known and x.size % known == 0:
        return tuple(x.size // known if n == -1 else n for n in shape)
    if holes and not known and not x.size:
        if GUESSING.get() and shape.count(0) == x.shape.count(0):
            lengths = math.prod(n for n in x.shape if n)
            others = math.prod(n for n in shape if n > 0)
            if lengths % others == 0:
                return tuple(lengths // others if n == -1 else n for n in shape)
        raise RuntimeError(f"{name}: -1 can be any length in shape {shape} of no elements")
    raise RuntimeError(f"{name}: shape {shape} is invalid for a tensor of shape {x.shape}")


@structural(view=True, x=lambda upstream: upstream)
def alias(x: Any) -> Any:
    """Return the same values under a node of their own."""
    return x[...]


@variadic("shape")
def reshape(x: Any, *shape: Any) -> Any:
    """Return the tensor in another shape; a view where the memory allows it.

    Shapes: (...) -> shape, with as many elements; one -1 stands for the length that fits.

    Raises
    ------
    RuntimeError
        If the shape does not hold as many elements, has two -1 or another negative length.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])

    Source: ``torch.reshape``.
    """
    return reshape_to(x, shape=integers(shape, "reshape"))


@variadic("size", "dtype")
def view(x: Any, *shape: Any) -> Any:
    """Return a view in another shape; refused where that would need a copy.

    ``view(dtype)`` reads the same bits as another dtype's, without a derivative; the last length
    changes where the sizes of the dtypes differ.

    Shapes: any of as many elements -> ``shape``.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or the memory does not allow a view.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros(2, 3)
    >>> _ = x.view(6)[0].fill_(1)
    >>> x[0]
    tensor([1., 0., 0.])

    Source: ``torch.Tensor.view``.
    """
    if not hasattr(x, "shape"):
        raise TypeError(f"view: expected a Tensor, got {x!r:.60}")
    if len(shape) == 1 and isinstance(shape[0], (np.dtype, type)):
        return _bits(x, dtype_of(shape[0], "view"))
    sizes = integers(shape, "view")
    if -1 in sizes or math.prod(sizes) != _array(x).size:
        sizes = _complete(sizes, _array(x), "view")
    result = reshape_to(x, shape=sizes)
    if math.prod(result.shape) and not np.may_share_memory(_array(result), _array(x)):
        raise RuntimeError(
            f"view: shape {tuple(shape)} needs a copy, since the tensor of shape {np.shape(x)} is "
            "not contiguous; use reshape"
        )
    return result


def _bits(x: Any, dtype: np.dtype[Any]) -> Any:
    """Return a view that reads the same memory as another dtype's."""
    if is_tensor(x):
        x.share()
    try:
        bits = _array(x).view(dtype)
    except (ValueError, TypeError) as error:
        raise RuntimeError(
            f"view: shape {np.shape(x)} of {x.dtype} cannot be read as {dtype}: {error}"
        ) from None
    return handle(bits, None, x.storage) if is_tensor(x) else bits


def _array(x: Any) -> Any:
    return getattr(x, "payload", x)


@naming
def view_as(x: Any, other: Any) -> Any:
    """Return a view in the shape of ``other``; see :func:`view`.

    Shapes: any of as many elements -> that of ``other``.

    Raises
    ------
    RuntimeError
        As :func:`view`.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(4).view_as(autograd.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])

    Source: ``torch.Tensor.view_as``.
    """
    return view(x, np.shape(other))


@naming
def reshape_as(x: Any, other: Any) -> Any:
    """Return the tensor in the shape of ``other``; see :func:`reshape`.

    Shapes: any of as many elements -> that of ``other``.

    Examples
    --------
    >>> import autograd
    >>> autograd.arange(4).reshape_as(autograd.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])

    Source: ``torch.Tensor.reshape_as``.
    """
    return reshape_to(x, shape=np.shape(other))


@naming
def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Join the axes from ``start_dim`` to ``end_dim`` into one; a view where possible.

    Shapes: (A, B, C, D) -> (A, B C, D) for ``start_dim`` 1 and ``end_dim`` 2; () -> (1,).

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If ``start_dim`` comes after ``end_dim``.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 3, 4).flatten(1).shape
    (2, 12)

    Source: ``torch.flatten``.
    """
    shape = np.shape(x)
    start = one_axis(start_dim, len(shape), "flatten")
    end = one_axis(end_dim, len(shape), "flatten")
    if not shape:
        return reshape_to(x, shape=(1,))
    if start > end:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = math.prod(shape[start : end + 1])
    return reshape_to(x, shape=(*shape[:start], joined, *shape[end + 1 :]))


@naming
def unflatten(x: Any, dim: int, sizes: Any) -> Any:
    """Divide one axis into several, of lengths ``sizes``; one -1 is worked out.

    Shapes: (A, B C, D) -> (A, B, C, D) for ``dim`` 1 and ``sizes`` (B, C).

    Raises
    ------
    RuntimeError
        If the lengths do not multiply up to that of the axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 12).unflatten(1, (3, -1)).shape
    (2, 3, 4)

    Source: ``torch.unflatten``.
    """
    shape = np.shape(x)
    axis = one_axis(dim, len(shape), "unflatten")
    lengths = integers((sizes,), "unflatten")
    if not shape or not lengths:
        raise RuntimeError(f"unflatten: cannot divide shape {shape} into {lengths} at dim {dim}")
    known = math.prod(n for n in lengths if n != -1)
    if -1 in lengths and known:
        lengths = tuple(shape[axis] // known if n == -1 else n for n in lengths)
    if any(n < 0 for n in lengths) or math.prod(lengths) != shape[axis]:
        raise RuntimeError(
            f"unflatten: sizes {sizes} do not multiply up to {shape[axis]}, the length of dim {dim}"
        )
    return reshape_to(x, shape=(*shape[:axis], *lengths, *shape[axis + 1 :]))


@naming
def ravel(x: Any) -> Any:
    """Return the tensor with one axis; a view where the memory allows it.

    Shapes: x of n elements -> (n,).

    Examples
    --------
    >>> import autograd
    >>> autograd.ones(2, 2).ravel()
    tensor([1., 1., 1., 1.])

    Source: ``torch.ravel``.
    """
    return reshape_to(x, shape=(math.prod(np.shape(x)),))


@numpy_names
def squeeze(x: Any, dim: int | tuple[int, ...] | None = None) -> Any:
    """Drop axes of length 1: all of them, or those named (others are left as they are).

    Shapes: (m, 1, n) -> (m, n).

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If an axis is named twice.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(1, 3, 1).squeeze(0).shape
    (3, 1)

    Source: ``torch.squeeze``.
    """
    shape = np.shape(x)
    if dim is None:
        return reshape_to(x, shape=tuple(n for n in shape if n != 1))
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = [one_axis(d, len(shape), "squeeze") for d in dims]
    if len(set(gone)) < len(gone):
        raise RuntimeError(f"squeeze: dim {dim} names an axis twice")
    return reshape_to(x, shape=tuple(n for i, n in enumerate(shape) if i not in gone or n != 1))


@numpy_names
def unsqueeze(x: Any, dim: int) -> Any:
    """Insert an axis of length 1 before ``dim``; a view.

    Shapes: (m, n) -> (1, m, n) for ``dim`` 0, (m, n, 1) for ``dim`` -1.

    Raises
    ------
    IndexError
        If ``dim`` is not from -ndim - 1 to ndim.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(3).unsqueeze(1).shape
    (3, 1)

    Source: ``torch.unsqueeze``.
    """
    shape = np.shape(x)
    at = one_axis(dim, len(shape) + 1, "unsqueeze")
    return reshape_to(x, shape=(*shape[:at], 1, *shape[at:]))


@naming
def atleast_1d(*tensors: Any) -> Any:
    """Give a 0-d tensor one axis; of several tensors, or a list, return a tuple.

    Shapes: () -> (1,); others stay.

    Examples
    --------
    >>> import autograd
    >>> autograd.atleast_1d(autograd.tensor(2.0))
    tensor([2.])

    Source: ``torch.atleast_1d``.
    """
    return each_of(tensors, lambda x: x if np.ndim(x) else reshape_to(x, shape=(1,)))


@naming
def atleast_2d(*tensors: Any) -> Any:
    """Give a tensor leading axes until it has two: (n,) -> (1, n).

    Shapes: () -> (1, 1); (n,) -> (1, n); others stay.

    Examples
    --------
    >>> import autograd
    >>> autograd.atleast_2d(autograd.zeros(3)).shape
    (1, 3)

    Source: ``torch.atleast_2d``.
    """
    return each_of(tensors, _two_axes)


def _two_axes(x: Any) -> Any:
    shape = np.shape(x if hasattr(x, "dtype") else numbers("atleast_2d", x))
    return x if len(shape) > 1 else reshape_to(x, shape=(1, *(shape or (1,))))


@naming
def atleast_3d(*tensors: Any) -> Any:
    """Give a tensor axes until it has three: (n,) -> (1, n, 1), (m, n) -> (m, n, 1).

    Shapes: () -> (1, 1, 1); (n,) -> (1, n, 1); (m, n) -> (m, n, 1); others stay.

    Examples
    --------
    >>> import autograd
    >>> autograd.atleast_3d(autograd.zeros(3)).shape
    (1, 3, 1)

    Source: ``torch.atleast_3d``.
    """
    return each_of(tensors, _three_axes)


def _three_axes(x: Any) -> Any:
    shape = np.shape(x)
    wanted = {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape))
    return x if wanted is None else reshape_to(x, shape=wanted)
