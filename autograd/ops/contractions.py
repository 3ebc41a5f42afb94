"""Contractions: sums over shared indices, written as Einstein did, ``einsum("ij,jk->ik", x, y)``.

Every einsum becomes products of two operands, and those one matrix product each.  The derivative
of such a product is another one, with the subscripts exchanged: for ``ij,jk->ik`` the gradient
of x is ``ik,jk->ij``.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.arguments import an_integer
from autograd.blas import product
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.arithmetic import multiply
from autograd.ops.axes import expand_to, permute_axes
from autograd.ops.diagonals import diagonal_of
from autograd.ops.matrices import given, same_dtype
from autograd.ops.passing import cast, gate
from autograd.ops.shape import reshape_to
from autograd.ops.subscripts import Subscripts, parse
from autograd.promotion import promote_types

__all__ = ["einsum", "kron", "tensordot", "trace"]


def _exchanged(subscripts: str, order: str) -> str:
    """Return "ij,jk->ik" with its three terms, called x, y and z, in another order."""
    inputs, z = subscripts.split("->")
    x, y = inputs.split(",")
    terms = {"x": x, "y": y, "z": z}
    a, b, c = (terms[term] for term in order)
    return f"{a},{b}->{c}"


@structural(
    name="einsum",
    promotes="arithmetic",
    x=lambda upstream, y, subscripts: contract(  # type: ignore[has-type]
        upstream, y, subscripts=_exchanged(subscripts, "zyx")
    ),
    y=lambda upstream, x, subscripts: contract(  # type: ignore[has-type]
        x, upstream, subscripts=_exchanged(subscripts, "xzy")
    ),
    single=True,
)
def contract(x: Any, y: Any, *, subscripts: str) -> Any:
    """Sum a product over the indices that the result lacks; each term names an index once.

    An index of an operand has to be in the other operand or in the result, too.
    """
    inputs, kept = subscripts.split("->")
    xs, ys = inputs.split(",")
    x, y = np.asarray(x), np.asarray(y)
    batch = [i for i in xs if i in ys and i in kept]
    summed = [i for i in xs if i in ys and i not in kept]
    left = [i for i in xs if i not in ys]
    right = [i for i in ys if i not in xs]
    if not summed:
        return (_aligned(x, xs, kept) * _aligned(y, ys, kept))[()]
    if batch and not left and not right:
        return np.einsum(subscripts, x, y)[()]
    sizes = dict(zip(xs + ys, x.shape + y.shape, strict=True))
    a = _matrices(x, xs, batch, left, summed)
    b = _matrices(y, ys, batch, summed, right)
    order = batch + left + right
    z = product(a, b)
    shape = tuple(sizes[i] for i in order)
    if z.shape != shape:
        z = z.reshape(shape)
    if order == list(kept) and z.ndim:
        return z  # no view, which a leaf would have to copy
    return np.transpose(z, [order.index(i) for i in kept])[()]


def _aligned(x: Any, indices: str, kept: str) -> Any:
    """Return x with an axis for every kept index, so that it broadcasts against the result."""
    order = [indices.index(i) for i in kept if i in indices]
    shape = [x.shape[indices.index(i)] if i in indices else 1 for i in kept]
    return np.transpose(x, order).reshape(shape)


def _matrices(x: Any, indices: str, batch: list[str], rows: list[str], columns: list[str]) -> Any:
    """Arrange x as matrices of joined rows and columns, as they lie in memory if that can be."""
    size = dict(zip(indices, x.shape, strict=True))
    lead = [size[i] for i in batch]
    n = int(np.prod([size[i] for i in rows], dtype=np.int64))
    m = int(np.prod([size[i] for i in columns], dtype=np.int64))
    if list(indices) == batch + columns + rows:
        return np.swapaxes(x.reshape([*lead, m, n]), -1, -2)
    order = [indices.index(i) for i in batch + rows + columns]
    return np.transpose(x, order).reshape([*lead, n, m])


def _once(indices: str) -> str:
    return "".join(dict.fromkeys(indices))


@naming
def einsum(*arguments: Any) -> Any:
    """Sum products over indices: ``einsum("ij,jk->ik", x, y)`` is z_ik = sum_j x_ij y_jk.

    An index that the result lacks is summed over; one that an operand repeats takes its diagonal;
    ``...`` stands for axes without a name, which broadcast.  Without ``->`` the result has the
    indices that occur once, in alphabetical order.  With several operands the cheapest pair is
    multiplied first.

    Shapes: an axis for each index of the operands -> an axis for each index of the result.

    Parameters
    ----------
    *arguments
        The subscripts and the operands; or the operands, each followed by a list of integers for
        its axes, and at the end that of the result: ``einsum(x, [0, 1], y, [1, 2], [0, 2])``.

    Raises
    ------
    RuntimeError
        If the subscripts are malformed, or do not fit the operands' shapes.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.einsum("ii", x), autograd.einsum("ij,ij->i", x, x)
    (tensor(5.), tensor([ 5., 25.]))

    Source: ``torch.einsum``.
    """
    found = parse(arguments)
    operands = [given("einsum", x) for x in found.operands]
    return _evaluate(Subscripts(found.terms, found.result, operands))


def _evaluate(subscripts: Subscripts) -> Any:
    """Multiply two operands at a time."""
    result = subscripts.result
    work = [
        _prepared(x, term, subscripts.sizes)
        for x, term in zip(subscripts.operands, subscripts.terms, strict=True)
    ]
    for i, j in subscripts.order([(term, x.shape) for x, term in work]):
        y, ys = work.pop(max(i, j))
        x, xs = work.pop(min(i, j))
        others = set(result).union(*(term for _, term in work))
        x, xs = _summed(x, xs, others | set(ys))
        y, ys = _summed(y, ys, others | set(xs))
        kept = "".join(i for i in _once(xs + ys) if i in others)
        if not work:
            kept = "".join(i for i in result if i in kept)
        if set(xs) & set(ys) - set(kept):
            same_dtype("einsum", x, y)
        if x.dtype != y.dtype:  # also of a sum that has no dimension left
            dtype = promote_types(x.dtype, y.dtype)
            x, y = cast(x, dtype=dtype), cast(y, dtype=dtype)
        work.append((contract(x, y, subscripts=f"{xs},{ys}->{kept}"), kept))
    ((z, zs),) = work
    z, zs = _summed(z, zs, set(result))
    if zs == result and len(subscripts.operands) > 1:
        return z
    return permute_axes(z, dims=tuple(zs.index(i) for i in result))


def _prepared(x: Any, term: str, sizes: dict[str, int]) -> tuple[Any, str]:
    """Return an operand with its diagonals taken and the axes that broadcast dropped."""
    for i in set(term):
        while term.count(i) > 1:
            a, b = term.index(i), term.rindex(i)
            x = diagonal_of(x, offset=0, dim1=a, dim2=b)
            term = term[:a] + term[a + 1 : b] + term[b + 1 :] + i
    kept = "".join(i for i, n in zip(term, x.shape, strict=True) if n == sizes[i])
    if kept != term:
        x = reshape_to(x, shape=tuple(sizes[i] for i in kept))
    return x, kept


def _summed(x: Any, term: str, needed: set[str]) -> tuple[Any, str]:
    """Sum over the indices that nothing else needs."""
    axes = tuple(axis for axis, i in enumerate(term) if i not in needed)
    return (np.sum(x, axis=axes), "".join(i for i in term if i in needed)) if axes else (x, term)


@naming
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Sum a product over pairs of axes: the generalised matrix product.

    Shapes: a (..., *summed), b (*summed, ...) -> what is left of a, then of b.

    Parameters
    ----------
    a, b : Tensor
    dims : int or pair of lists of int
        How many axes: the last of a against the first of b; or which of a against which of b.

    Raises
    ------
    RuntimeError
        If the axes differ in length or number, or the dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.ones(2, 3, 4)
    >>> autograd.tensordot(x, autograd.ones(4, 3, 5), dims=([1, 2], [1, 0])).shape
    (2, 5)

    Source: ``torch.tensordot``.
    """
    a, b = given("tensordot", a), given("tensordot", b)
    same_dtype("tensordot", a, b)
    if not isinstance(dims, (tuple, list)):
        n = an_integer(dims, "dims", "tensordot")
        if not 0 <= n <= min(a.ndim, b.ndim):
            raise RuntimeError(
                f"tensordot: cannot sum over {n} axes of shapes {a.shape} and {b.shape}"
            )
        over: tuple[Sequence[int], Sequence[int]] = (range(a.ndim - n, a.ndim), range(n))
    else:
        first, second = dims
        over = tuple(
            [int(i) for i in (axes if np.ndim(axes) else [axes])] for axes in (first, second)
        )  # type: ignore[assignment]
    names = iter(string.ascii_letters)
    xs, ys = ([next(names) for _ in range(x.ndim)] for x in (a, b))
    if len(over[0]) != len(over[1]):
        raise RuntimeError(f"tensordot: expected as many axes of a as of b, got dims {dims}")
    for i, j in zip(*over, strict=True):
        if not (-a.ndim <= i < a.ndim and -b.ndim <= j < b.ndim):
            raise IndexError(
                f"tensordot: dims {dims} are out of range for shapes {a.shape} and {b.shape}"
            )
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise RuntimeError(
                f"tensordot: axis {i} of shape {a.shape} and axis {j} of shape {b.shape} differ"
            )
        ys[j] = xs[i]
    if any(
        len({i % x.ndim for i in axes}) < len(axes) for x, axes in zip((a, b), over, strict=True)
    ):
        raise RuntimeError(f"tensordot: dims {dims} name an axis twice")
    both = set(xs) & set(ys)
    kept = "".join(i for i in xs + ys if i not in both)
    z = _evaluate(Subscripts(["".join(xs), "".join(ys)], kept, [a, b]))
    return z if z.dtype == a.dtype else cast(z, dtype=a.dtype)  # sums of integers are int64


@naming
def kron(input: Any, other: Any) -> Any:
    """Kronecker product: every element of ``input`` times all of ``other``, in its place.

    Shapes: (n, m), (p, q) -> (n p, m q); leading axes of length 1 are added where ranks differ.

    Raises
    ------
    TypeError
        If an operand is neither a Tensor nor an array.

    Examples
    --------
    >>> import autograd
    >>> autograd.kron(autograd.tensor([1.0, 10.0]), autograd.tensor([1.0, 2.0]))
    tensor([ 1.,  2., 10., 20.])

    Source: ``torch.kron``.
    """
    x, y = given("kron", input), given("kron", other)
    ndim = max(x.ndim, y.ndim)
    left = (1,) * (ndim - x.ndim) + x.shape
    right = (1,) * (ndim - y.ndim) + y.shape
    spread = tuple(n for m in left for n in (m, 1))
    z = multiply(
        reshape_to(x, shape=spread), reshape_to(y, shape=tuple(n for m in right for n in (1, m)))
    )
    return reshape_to(z, shape=tuple(n * m for n, m in zip(left, right, strict=True)))


@structural(
    x=lambda upstream, x_shape: gate(
        expand_to(upstream, shape=x_shape), np.eye(*x_shape, dtype=np.bool_)
    ),
    single=True,
)
def trace(x: Any) -> Any:
    """Add up the diagonal of a matrix: z = sum_i x_ii; dz/dx = the identity.

    Shapes: (n, m) -> ().

    Raises
    ------
    RuntimeError
        If x is no matrix.

    Examples
    --------
    >>> import autograd
    >>> autograd.trace(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(5.)

    Source: ``torch.trace``.
    """
    x = given("trace", x)
    if x.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, got shape {x.shape}")
    return np.trace(x, dtype=np.int64 if x.dtype.kind in "iu" else None)
