"""Cumulative sums and extrema: every place sees what came before it.

So the derivative of a place gathers from all that comes after: the same sum, run backwards.
(Cumulative products are in factors.py.)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.arguments import numpy_like
from autograd.op import structural
from autograd.ops.factors import accumulated, recurrence, shift
from autograd.ops.gathering import gather_along, spread_along
from autograd.ops.passing import gate
from autograd.ops.reduced_axes import axis_of, lengthened
from autograd.ops.reduction import floating, given_dtype
from autograd.ops.scanning import scanned
from autograd.parallel import block_ranges

__all__ = [
    "cummax",
    "cummin",
    "cumsum",
    "logcumsumexp",
]

PIECE = 1 << 16  # elements whose leaders are found at a time: little is held in between


@structural(
    name="cumsum",
    x=lambda upstream, dim, reverse: cumsum_over(  # type: ignore[has-type]
        upstream, dim=dim, reverse=not reverse
    ),
)
def cumsum_over(x: Any, *, dim: int, reverse: bool = False) -> Any:
    """Add up along an axis, from its end in reverse: each direction is the other's adjoint."""
    return accumulated(np.add, x, dim, reverse)


def _to_leaders(upstream: Any, indices: Any, x_shape: tuple[int, ...], dim: int) -> Any:
    """Give each upstream to the element that led there; one that led for long receives many."""
    if not x_shape:
        return upstream[0]
    axis = dim % len(x_shape)
    return sum_led(upstream[0], indices, dim=axis, shape=x_shape)


@structural(x=lambda upstream, index, dim: gather_along(upstream, index, dim=dim))
def sum_led(x: Any, index: Any, *, dim: int, shape: tuple[int, ...]) -> Any:
    """Add along ``dim`` into zeros, where equal indices follow one another: mostly long runs.

    Adding to one cell again and again waits for the last sum each time; a run is summed at once.
    """
    length = shape[-1]
    if dim != len(shape) - 1 or not x.size:
        return spread_along(x, index, dim=dim, shape=shape)
    given, led = x.reshape(-1, length), index.reshape(-1, length)
    z = np.zeros(shape, x.dtype)
    lines = z.reshape(given.shape)
    for begin, end in block_ranges(len(given), max(1, PIECE // length)):
        own, cells = lines[begin:end], led[begin:end]
        first = np.ones(cells.shape, bool)
        np.not_equal(cells[:, 1:], cells[:, :-1], out=first[:, 1:])
        starts = np.flatnonzero(first)
        if 4 * starts.size > cells.size:
            own[...] = spread_along(given[begin:end], cells, dim=1, shape=cells.shape)
            continue
        rows = np.repeat(np.arange(0, cells.size, length), np.count_nonzero(first, axis=1))
        own.reshape(-1)[rows + cells[first]] = np.add.reduceat(given[begin:end].reshape(-1), starts)
    return z


@structural(name="cummax", outputs=("values", "indices"), x=_to_leaders)
def cummax_over(x: Any, *, dim: int) -> Any:
    """Maximum of all up to each place, and the index of the last that equals it."""
    return _leading(np.maximum, x, dim)


@structural(name="cummin", outputs=("values", "indices"), x=_to_leaders)
def cummin_over(x: Any, *, dim: int) -> Any:
    """Minimum of all up to each place, and the index of the last that equals it."""
    return _leading(np.minimum, x, dim)


def _leading(ufunc: np.ufunc, x: Any, dim: int) -> tuple[Any, Any]:
    """Scan, and note at each place the last one that met the result so far.

    Such places are mostly few: each is found once, and repeated up to the next.
    """
    row = lengthened(x)
    length = row.shape[dim]
    row = row.reshape(math.prod(row.shape[:dim]), length, math.prod(row.shape[dim + 1 :]))
    values, indices = scanned(ufunc, row, 1), np.empty(row.shape, np.int64)
    axis = 0 if row.shape[0] > 1 else 2
    step = max(1, PIECE * row.shape[axis] // max(1, row.size))
    for begin, end in block_ranges(row.shape[axis] if row.size else 0, step):
        part = (slice(None),) * axis + (slice(begin, end),)
        leads = np.moveaxis((row[part] == values[part]) | np.isnan(row[part]), 1, 2)
        places = np.flatnonzero(leads)
        found = np.repeat(places, np.diff(places, append=leads.size)).reshape(-1, length)
        found -= np.arange(0, found.size, length)[:, None]
        indices[part] = np.moveaxis(found.reshape(leads.shape), 2, 1)
    return values.reshape(np.shape(x))[()], indices.reshape(np.shape(x))[()]


def _logcumsumexp_rule(upstream: Any, x: Any, z: Any, x_shape: Any, dim: int) -> Any:
    """Compute dx[k] = e^(x[k] - z[k]) t[k], t[k] = upstream[k] + e^(z[k] - z[k+1]) t[k+1].

    No exponent is positive, so nothing overflows.
    """
    if not x_shape:
        return upstream
    axis = dim % len(x_shape)
    along = [1] * len(x_shape)
    along[axis] = x_shape[axis]
    inner = np.broadcast_to(np.arange(x_shape[axis]).reshape(along) + 1 < x_shape[axis], x_shape)
    after = shift(z, dim=axis, by=-1)
    inner = inner & np.logical_not(np.isinf(z) & (z == after))  # where inf - inf stands for 0
    decay = np.exp(gate(z - after, inner))
    return np.exp(x - z) * recurrence(upstream, decay, dim=axis, reverse=True)


@structural(name="logcumsumexp", x=_logcumsumexp_rule, single=True)
def logcumsumexp_over(x: Any, *, dim: int) -> Any:
    """Compute log of the cumulative sum of e^x without overflow."""
    with np.errstate(invalid="ignore"):  # NumPy warns of a nan that was there before
        return accumulated(np.logaddexp, x, dim)


class Cumulative(NamedTuple):
    """Values and indices of ``cummax`` and ``cummin``."""

    values: Any
    indices: Any


@numpy_like
def cumsum(x: Any, dim: int, *, dtype: Any = None) -> Any:
    """Cumulative sum along ``dim``: z[i] = x[0] + ... + x[i]; dx[k] = sum of upstream[i >= k].

    Shapes: the result has the shape of x.  Integers add up in int64, single precision in double
    on the way.

    Raises
    ------
    IndexError
        If there is no such axis.
    TypeError
        If ``dim`` is not one integer.

    Examples
    --------
    >>> import autograd
    >>> autograd.cumsum(autograd.tensor([1.0, 2.0, 3.0]), 0)
    tensor([1., 3., 6.])

    Source: ``torch.cumsum``.
    """
    axis_of(x, dim, "cumsum")
    z = cumsum_over(given_dtype(x, dtype, "cumsum"), dim=dim)
    return z if dtype is None else given_dtype(z, dtype, "cumsum")  # integers come in int64


@numpy_like
def cummax(x: Any, dim: int) -> Cumulative:
    """Cumulative maximum along ``dim``, with the indices of the leaders (the last of equals).

    Each place's gradient goes to its leader.  A nan leads from where it stands.

    Shapes: values and indices have the shape of x.

    Raises
    ------
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.cummax(autograd.tensor([1.0, 3.0, 2.0, 3.0]), 0)
    Cumulative(values=tensor([1., 3., 3., 3.]), indices=tensor([0, 1, 1, 3]))

    Source: ``torch.cummax``.
    """
    return Cumulative(*cummax_over(x, dim=axis_of(x, dim, "cummax")))


@numpy_like
def cummin(x: Any, dim: int) -> Cumulative:
    """Cumulative minimum along ``dim``, with the indices of the leaders; see :func:`cummax`.

    Shapes: values and indices have the shape of x.

    Raises
    ------
    IndexError
        If there is no such axis.

    Examples
    --------
    >>> import autograd
    >>> autograd.cummin(autograd.tensor([3.0, 1.0, 2.0]), 0)
    Cumulative(values=tensor([3., 1., 1.]), indices=tensor([0, 1, 1]))

    Source: ``torch.cummin``.
    """
    return Cumulative(*cummin_over(x, dim=axis_of(x, dim, "cummin")))


@numpy_like
def logcumsumexp(x: Any, dim: int) -> Any:
    """Logarithm of the cumulative sum of e^x along ``dim``, without overflow.

    z[i] = log(e^x[0] + ... + e^x[i]); dz[i]/dx[k] = e^(x[k] - z[i]) for k <= i.

    Shapes: the result has the shape of x.

    Raises
    ------
    RuntimeError
        If x is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.logcumsumexp(autograd.tensor([1000.0, 1000.0]), 0)
    tensor([1000.0000, 1000.6932])

    Source: ``torch.logcumsumexp``.
    """
    axis_of(x, dim, "logcumsumexp")
    return logcumsumexp_over(floating(x, "logcumsumexp"), dim=dim)
