"""Scattering: an index sends elements to cells, which keep the last, or sum, multiply or compare.

Sums and means stand on ``scatter_add``.  A product is a tree of pairwise products within each
cell, so every derivative is exact, also with zeros among the factors.  An extremum shares its
gradient among all that tie, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.naming import naming
from autograd.op import structural
from autograd.ops.division import divide, floor_divide
from autograd.ops.gathering import (
    Blocks,
    gather_along,
    scatter_add_along,
    scatter_along,
)
from autograd.ops.indexing import getitem
from autograd.ops.joining import cat
from autograd.ops.passing import gate
from autograd.ops.positions import along, payload, source
from autograd.ops.shape import ravel, reshape_to
from autograd.payload import held_by
from autograd.promotion import wrapped

__all__ = [
    "scatter",
    "scatter_add",
    "scatter_reduce",
]

Array = np.ndarray[Any, Any]
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


@naming
def scatter(
    x: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Any:
    """Return x with z[index[i, j], j] = src[i, j] for dim 0; the last of several writes stays.

    dz/dx = 0 where something was written; src receives the gradient of the cell it was written
    to, also where another write came later.
    Shapes: x (N, M), index (n, m), src at least (n, m) -> (N, M).

    Parameters
    ----------
    x : Tensor
    dim : int
    index : Tensor of integers
    src : Tensor or number
        A number may also be given as ``value``.
    reduce : {"add", "multiply"}, optional
        Combine with what x holds instead.

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If the index lies outside, shapes do not fit, or src has another dtype.

    Examples
    --------
    >>> import autograd
    >>> autograd.scatter(autograd.zeros(4), 0, autograd.tensor([3, 1]), autograd.tensor([5.0, 6.0]))
    tensor([0., 6., 0., 5.])

    Source: ``torch.scatter``.
    """
    src = value if src is None else src
    if src is None:
        raise TypeError("scatter: expected src or value")
    if reduce not in (None, "add", "multiply"):
        raise RuntimeError(f"scatter: reduce must be 'add' or 'multiply', got {reduce!r}")
    single = isinstance(src, (bool, int, float))
    if single:
        dim, index, _ = along("scatter", x, dim, index)
        held_by(x.dtype, src, "scatter")
        if isinstance(src, int) and x.dtype.kind in "iu":
            src = wrapped(src, x.dtype, "scatter")
    else:
        dim, index, src = along("scatter", x, dim, index, source("scatter", x, src))
    if reduce is None:
        return scatter_along(x, index, src, dim=dim)
    if single:
        src = np.full(index.shape, src, x.dtype)[()]
    if reduce == "add":
        return scatter_add_along(x, index, src, dim=dim)
    return product_along(x, index, src, dim, True)


@naming
def scatter_add(x: Any, dim: int, index: Any, src: Any) -> Any:
    """Return x with z[index[i, j], j] += src[i, j] for dim 0, as often as a cell is named.

    dz/dx = 1, and src receives the gradient of its cell: the adjoint of :func:`gather`.
    Shapes: x (N, M), index (n, m), src at least (n, m) -> (N, M).

    Raises
    ------
    IndexError
        If there is no such dim.
    TypeError
        If src is a number.
    RuntimeError
        If the index lies outside, shapes do not fit, or src has another dtype.

    Examples
    --------
    >>> import autograd
    >>> index = autograd.tensor([0, 0, 2])
    >>> autograd.scatter_add(autograd.zeros(3), 0, index, autograd.tensor([1.0, 2.0, 3.0]))
    tensor([3., 0., 3.])

    Source: ``torch.scatter_add``.
    """
    dim, index, src = along("scatter_add", x, dim, index, source("scatter_add", x, src))
    return scatter_add_along(x, index, src, dim=dim)


@naming
def scatter_reduce(
    x: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """Reduce to each cell of x the elements of src that the index sends there, along ``dim``.

    Cells that nothing is sent to keep x's value.
    Shapes: x (N, M), index (n, m), src at least (n, m) -> (N, M).

    Parameters
    ----------
    x : Tensor
    dim : int
    index : Tensor of integers
    src : Tensor
        Of x's dtype.
    reduce : {"sum", "prod", "mean", "amax", "amin"}
    include_self : bool
        Whether x's own value takes part.

    Raises
    ------
    IndexError
        If there is no such dim.
    RuntimeError
        If ``reduce`` is another word, the index lies outside, shapes do not fit, or src has
        another dtype.

    Examples
    --------
    >>> import autograd
    >>> x, src = autograd.ones(3), autograd.tensor([2.0, 3.0, 4.0])
    >>> index = autograd.tensor([0, 0, 2])
    >>> autograd.scatter_reduce(x, 0, index, src, "prod")
    tensor([6., 1., 4.])
    >>> autograd.scatter_reduce(x, 0, index, src, "mean", include_self=False)
    tensor([2.5000, 1.0000, 4.0000])

    Source: ``torch.scatter_reduce``.
    """
    if reduce not in REDUCTIONS:
        raise RuntimeError(
            f"scatter_reduce: reduce must be one of {', '.join(REDUCTIONS)}, got {reduce!r}"
        )
    src = source("scatter_reduce", x, src)
    dim, index, src = along("scatter_reduce", x, dim, index, src)
    if reduce in ("amax", "amin"):
        return extremum_along(
            x, index, src, dim=dim, largest=reduce == "amax", include_self=include_self
        )
    if reduce == "prod":
        return product_along(x, index, src, dim, include_self)
    base = x if include_self else scatter_along(x, index, x.dtype.type(0), dim=dim)
    total = scatter_add_along(base, index, src, dim=dim)
    if reduce == "sum":
        return total
    counts = np.bincount(_cells(index, x.shape, dim), minlength=math.prod(x.shape))
    number = np.maximum(counts + include_self, 1).reshape(x.shape).astype(x.dtype)[()]
    return (divide if x.dtype.kind == "f" else floor_divide)(total, number)


def _cells(index: Any, shape: tuple[int, ...], dim: int) -> Array:
    """Return the flat position of every element of an index along ``dim``."""
    blocks = Blocks(payload(index), shape, dim)
    ids = [blocks.ids(i) + begin * blocks.row for i, (begin, _) in enumerate(blocks.ranges)]
    return np.concatenate(ids) if ids else np.zeros(0, np.intp)


def product_along(x: Any, index: Any, src: Any, dim: int, include_self: bool) -> Any:
    """Multiply neighbours within each cell until one is left: log2(count) rounds."""
    cells = _cells(index, x.shape, dim)
    own = np.arange(math.prod(x.shape))
    if not include_self:
        own = np.setdiff1d(own, cells)
    values = cat([getitem(ravel(x), own), ravel(src)])
    cells = np.concatenate([own, cells])
    order = np.argsort(cells, kind="stable")
    values, cells = getitem(values, order), cells[order]
    while True:
        first = np.ones(len(cells), bool)
        np.not_equal(cells[1:], cells[:-1], out=first[1:])
        if first.all():
            return reshape_to(values, shape=x.shape)
        begins = np.flatnonzero(first)
        turn = np.arange(len(cells)) - np.repeat(begins, np.diff(begins, append=len(cells)))
        kept = np.flatnonzero(turn % 2 == 0)
        partner = np.minimum(kept + 1, len(cells) - 1)
        partner[first[partner] | (partner == kept)] = len(cells)  # none: the factor is 1
        padded = cat([values, np.ones(1, x.dtype)])
        values, cells = getitem(values, kept) * getitem(padded, partner), cells[kept]


@structural(outputs=("own", "given"))
def extremum_shares(
    x: Any, index: Any, src: Any, z: Any, *, dim: int, include_self: bool
) -> tuple[Array, Array]:
    """Return the share of its cell's gradient that each element of x and of src receives."""
    cells = _cells(index, np.shape(x), dim)
    flat = np.asarray(z).reshape(-1)
    own = np.asarray(x).reshape(-1) == flat
    given = np.asarray(src).reshape(-1) == flat[cells]
    winners = own + np.bincount(cells, given, flat.size)
    with np.errstate(divide="ignore", invalid="ignore"):  # a nan wins nowhere, as in PyTorch
        shares = own / winners, given / winners[cells]
    if not include_self:  # PyTorch counts x among those that tie even where it takes no part
        shares[0][np.bincount(cells, minlength=flat.size) != 0] = 0
    shapes = np.shape(x), np.shape(index)
    return tuple(
        share.astype(z.dtype).reshape(shape)[()]
        for share, shape in zip(shares, shapes, strict=True)
    )


def _extremum_rule(
    upstream: Any, x: Any, index: Any, src: Any, z: Any, dim: int, include_self: bool
) -> tuple[Any, None, Any]:
    own, given = extremum_shares(x, index, src, z, dim=dim, include_self=include_self)
    sent = gather_along(upstream, index, dim=dim)
    return gate(upstream, own != 0) * own, None, gate(sent, given != 0) * given


@structural(name="scatter_reduce", vjp=_extremum_rule)
def extremum_along(
    x: Any, index: Any, src: Any, *, dim: int, largest: bool, include_self: bool
) -> Any:
    """Keep the largest or smallest of what the index sends to a cell."""
    z = np.array(x, order="C", ndmin=1)
    flat = z.reshape(-1)
    cells = _cells(index, z.shape, dim)
    if not include_self and z.dtype.kind == "f":
        flat[cells] = -np.inf if largest else np.inf
    elif not include_self:
        edge: Any = np.iinfo(z.dtype) if z.dtype.kind in "iu" else None
        flat[cells] = (not largest) if edge is None else edge.min if largest else edge.max
    with np.errstate(invalid="ignore"):  # a nan is the extremum
        (np.maximum if largest else np.minimum).at(flat, cells, np.asarray(src).reshape(-1))
    return z if np.ndim(x) else z[0]
