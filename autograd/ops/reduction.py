"""Reductions that add: many numbers become one, and the gradient is spread back over them.

The public functions have PyTorch's signatures (``dim``, ``keepdim``, or NumPy's ``axis`` and
``keepdims``); the operations beneath them take their attributes by keyword.  Products are in
factors.py, variances in moments.py, norms in norms.py, maxima in extrema.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import Dim, all_axes, integers, numpy_like, variadic
from autograd.op import structural
from autograd.ops.axes import expand_to
from autograd.ops.passing import cast, gate
from autograd.ops.reduced_axes import count, kept_shape, restore, spread
from autograd.ops.summation import add_up
from autograd.promotion import dtype_of

__all__ = [
    "logsumexp",
    "mean",
    "nanmean",
    "nansum",
    "sum",
]


@structural(x=lambda upstream, x_shape: expand_to(upstream, shape=x_shape))
def sum_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    """Sum over the axes that broadcasting would add to ``shape``: the adjoint of broadcasting."""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and x.shape[lead + i] != 1
    )
    return add_up(x, axes).reshape(shape)[()] if axes else x.reshape(shape)[()]


def summed(x: Any, dim: Dim, keepdim: bool, name: str) -> Any:
    """Return the sum of an array; integers add up in int64, as in PyTorch."""
    axes = all_axes(dim, x.ndim, name)
    whole = x.dtype.kind in "biu"
    total = np.add.reduce(x, axis=axes, dtype=np.int64) if whole else add_up(x, axes)
    return total.reshape(kept_shape(x.shape, dim))[()] if keepdim else total


@structural(name="sum", x=lambda upstream, x_shape, dim: spread(upstream, x_shape, dim))
def sum_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Sum; each operand receives the upstream of its sum."""
    return summed(x, dim, keepdim, "sum")


@structural(
    name="mean",
    x=lambda upstream, x_shape, dim: expand_to(
        restore(upstream, x_shape, dim) / (count(x_shape, dim) or 1), shape=x_shape
    ),
    single=True,
)
def mean_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Average; each of n operands receives 1/n of the upstream."""
    total = summed(x, dim, keepdim, "mean")
    number = count(x.shape, dim)
    return total / x.dtype.type(number) if number else total * x.dtype.type(np.nan)


@structural(
    name="nansum",
    x=lambda upstream, x, x_shape, dim: gate(
        spread(upstream, x_shape, dim), np.logical_not(np.isnan(x))
    ),
)
def nansum_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Sum of what is not nan; a nan receives 0."""
    return summed(_without_nan(x), dim, keepdim, "nansum")


@structural(
    name="nanmean",
    caches=("number",),
    x=lambda upstream, x, x_shape, dim, number: gate(
        spread(restore(upstream, x_shape, dim) / number, x_shape, dim), np.logical_not(np.isnan(x))
    ),
    single=True,
)
def nanmean_over(x: Any, *, dim: Dim = None, keepdim: bool = False) -> Any:
    """Average of what is not nan; a nan receives 0."""
    total = summed(_without_nan(x), dim, True, "nanmean")
    number = np.sum(x == x, axis=all_axes(dim, x.ndim, "nanmean"), keepdims=True)
    average = np.where(number, total, np.nan) / np.maximum(number, 1)
    average = average.astype(x.dtype)
    number = np.maximum(number, 1).astype(x.dtype)
    axes = all_axes(dim, x.ndim, "nanmean")
    return (average if keepdim else np.squeeze(average, axes))[()], number


def _without_nan(x: Any) -> Any:
    return gate(x, x == x) if x.dtype.kind == "f" else x


@structural(
    name="logsumexp",
    promotes="float",
    x=lambda upstream, x, z, x_shape, dim: (
        restore(upstream, x_shape, dim) * np.exp(x - restore(z, x_shape, dim))
    ),
    single=True,
)
def logsumexp_over(x: Any, *, dim: Dim, keepdim: bool = False) -> Any:
    """Compute log sum e^x without overflow; d/dx = softmax(x)."""
    axes = all_axes(dim, x.ndim, "logsumexp")
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    with np.errstate(divide="ignore"):  # nothing adds up to 0, whose logarithm is -inf
        z = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return z if keepdim else np.squeeze(z, axes)[()]


def given_dtype(x: Any, dtype: Any, name: str) -> Any:
    """Return the operand in the dtype asked for: it is cast before it is reduced, as in PyTorch."""
    if dtype is None:
        return x
    dtype = dtype_of(dtype, name)
    return x if dtype == x.dtype else cast(x, dtype=dtype)


def floating(x: Any, name: str) -> Any:
    """Return a floating-point operand.

    Raises
    ------
    RuntimeError
        If it is of integers or booleans, which have no mean: the caller chooses a dtype.
    """
    if x.dtype.kind not in "fc":  # complex: the steps of gradcheck
        raise RuntimeError(
            f"{name}: expected a floating-point tensor, got {x.dtype}; convert it first, "
            "for example with x.float()"
        )
    return x


@numpy_like
def sum(x: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Sum over ``dim``, or over all elements: d/dx = 1; integers add up in int64.

    Shapes: x of any shape; the reduced axes go, or stay with length 1.

    Parameters
    ----------
    x : Tensor
    dim : int or tuple of int, optional
        Axes to sum over; all of them if None or ().
    keepdim : bool
        Whether the axes stay, with length 1.
    dtype : dtype, optional
        Cast to it first, and add up in it.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If an axis is named twice.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> x.sum(0)
    tensor([4., 6.], grad_fn=<sum>)

    Source: ``torch.sum``.
    """
    z = sum_over(given_dtype(x, dtype, "sum"), dim=dim, keepdim=keepdim)
    return z if dtype is None else given_dtype(z, dtype, "sum")  # integers come in int64


@numpy_like
def mean(x: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Average over ``dim``, or over all elements: sum x / n, d/dx = 1/n; nan of none.

    Shapes and parameters as of :func:`sum`.

    Raises
    ------
    RuntimeError
        If x is not floating-point, and no such ``dtype`` is given.

    Examples
    --------
    >>> import autograd
    >>> autograd.mean(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
    tensor([1.5000, 3.5000])

    Source: ``torch.mean``.
    """
    if dtype is not None and x.dtype.char in "fd" and dtype_of(dtype, "mean").char == "e":
        # the sum may be beyond half floats: as in PyTorch it is taken in single precision
        z = mean_over(given_dtype(x, np.float32, "mean"), dim=dim, keepdim=keepdim)
        return given_dtype(z, dtype, "mean")
    return mean_over(floating(given_dtype(x, dtype, "mean"), "mean"), dim=dim, keepdim=keepdim)


@numpy_like
def nansum(x: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Sum what is not nan: d/dx = 1, and 0 at a nan.  The sum of none is 0.

    Shapes and parameters as of :func:`sum`.

    Examples
    --------
    >>> import autograd
    >>> autograd.nansum(autograd.tensor([1.0, float("nan"), 2.0])).item()
    3.0

    Source: ``torch.nansum``.
    """
    if dtype is not None and x.dtype.kind == "f":  # before a nan becomes some integer
        x = gate(x, np.logical_not(np.isnan(x)))
    z = nansum_over(given_dtype(x, dtype, "nansum"), dim=dim, keepdim=keepdim)
    return z if dtype is None else given_dtype(z, dtype, "nansum")  # integers come in int64


@numpy_like
def nanmean(x: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Average what is not nan: d/dx = 1 / (number not nan), and 0 at a nan; nan of none.

    Shapes, parameters and errors as of :func:`mean`.

    Raises
    ------
    RuntimeError
        If x is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.nanmean(autograd.tensor([1.0, float("nan"), 2.0])).item()
    1.5

    Source: ``torch.nanmean``.
    """
    return nanmean_over(
        floating(given_dtype(x, dtype, "nanmean"), "nanmean"), dim=dim, keepdim=keepdim
    )


@numpy_like
def logsumexp(x: Any, dim: Dim, keepdim: bool = False) -> Any:
    """Compute log sum e^x over ``dim``, without overflow: d/dx = softmax(x); -inf of none.

    Shapes and parameters as of :func:`sum`; ``dim`` has to be given.

    Examples
    --------
    >>> import autograd
    >>> autograd.logsumexp(autograd.tensor([1000.0, 1000.0]), 0)
    tensor(1000.6932)

    Source: ``torch.logsumexp``.
    """
    return logsumexp_over(x, dim=dim, keepdim=keepdim)


@variadic("size")
def sum_to_size(x: Any, *size: Any) -> Any:
    """Add up what broadcasting to x's shape would repeat: the opposite of ``expand``.

    dz/dx = 1.  Of x's own shape, if it is not 0-d, the tensor itself comes back; integers add up in
    int64.

    Shapes: (A, n, B) -> (A, 1, B) or (n, 1), ...: any that broadcasts to x's shape.

    Raises
    ------
    RuntimeError
        If the size does not broadcast to x's shape.

    Examples
    --------
    >>> import autograd
    >>> autograd.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])

    Source: ``torch.Tensor.sum_to_size``.
    """
    shape = integers(size, "sum_to_size")
    lead = x.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, x.shape[lead:], strict=True)):
        raise RuntimeError(f"sum_to_size: size {shape} does not broadcast to shape {x.shape}")
    if shape == x.shape and shape:
        return x
    return sum_to(x if x.dtype.kind == "f" else cast(x, dtype=np.dtype(np.int64)), shape=shape)
