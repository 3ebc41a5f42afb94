"""Tables of rows, read by number: a row, or the sum, mean or maximum of a bag of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Tensor, one_hot
from autograd.arguments import a_number, an_integer
from autograd.naming import naming
from autograd.ops.adding_at import within
from autograd.ops.positions import payload, positions
from nn import ops

from .arguments import check_floating, shape_of

__all__ = ["embedding", "embedding_bag", "one_hot"]


@naming
def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Read rows of a table: y[...] = weight[input[...]]; a row's gradient is the sum over its uses.

    Shapes: input (*) of integers in [0, V), weight (V, D) -> (*, D).

    Parameters
    ----------
    padding_idx : int, optional
        A row whose gradient is 0; a negative one counts from the end.
    max_norm : float, optional
        Rows that are read and longer than this are first scaled to it, in ``weight`` itself.
    norm_type : float
        The p of that norm.
    scale_grad_by_freq : bool
        Divide a row's gradient by how often it is read.
    sparse : bool
        Only False: gradients are dense arrays here.

    Raises
    ------
    IndexError
        A number lies outside [0, V).
    RuntimeError
        The numbers are no integers.
    ValueError
        ``weight`` is no matrix, ``padding_idx`` lies outside, or ``sparse`` is True.

    Examples
    --------
    >>> import autograd
    >>> table = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> embedding(autograd.tensor([1, 0, 1]), table).tolist()
    [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]

    Source: ``torch.nn.functional.embedding``.
    """
    input, padding_idx = _checked("embedding", input, weight, padding_idx, sparse)
    if max_norm is not None:
        _renormalise("embedding", weight, input, max_norm, norm_type)
    return ops.embedding(
        weight, input, padding_idx=padding_idx, by_frequency=bool(scale_grad_by_freq)
    )


def _checked(
    name: str, input: Any, weight: Any, padding_idx: int | None, sparse: bool
) -> tuple[Any, int | None]:
    """Check the arguments that both functions have; return the numbers and ``padding_idx`` >= 0."""
    if sparse:
        raise ValueError(f"{name}: gradients are dense here; leave sparse=True out")
    check_floating(name, weight=weight)
    shape = shape_of(weight)
    if len(shape) != 2:
        raise ValueError(f"{name}: weight must have shape (V, D), got {shape}")
    input = positions(name, input)
    ids = np.asarray(payload(input))
    if not within(ids, shape[0]):
        wrong = ids.max() if ids.max() >= shape[0] else ids.min()
        raise IndexError(f"{name}: {wrong} is none of the {shape[0]} rows of weight")
    if padding_idx is not None:
        padding_idx = an_integer(padding_idx, "padding_idx", name)
        if not -shape[0] <= padding_idx < shape[0]:
            raise ValueError(
                f"{name}: padding_idx must lie in [-{shape[0]}, {shape[0]}), got {padding_idx}"
            )
        padding_idx %= shape[0]
    return input, padding_idx


def _renormalise(name: str, weight: Any, input: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are named and longer than ``max_norm`` down to it, in place."""
    max_norm = a_number(max_norm, "max_norm", name)
    norm_type = a_number(norm_type, "norm_type", name)
    if not max_norm >= 0:
        raise ValueError(f"{name}: max_norm must not be negative, got {max_norm}")
    rows = np.unique(np.asarray(payload(input)))
    values = payload(weight)[rows]
    lengths = np.linalg.norm(values, ord=norm_type, axis=-1) if values.size else np.zeros(len(rows))
    long = lengths > max_norm
    if not long.any():
        return
    scaled = values[long] * (max_norm / (lengths[long] + 1e-7)).astype(values.dtype)[:, None]
    if isinstance(weight, Tensor):
        with autograd.no_grad():
            weight[rows[long]] = autograd.from_numpy(scaled)
    else:
        weight[rows[long]] = scaled


@naming
def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """Read bags of rows and return their sum, mean or maximum: y[b] = mean of weight[input[b]].

    An empty bag gives 0. Shapes: input (B, N), or all bags one after the other, (n,), with offsets
    (B,); weight (V, D) -> (B, D).

    Parameters
    ----------
    offsets : tensor of int
        Where each bag begins, the first at 0.
    max_norm, norm_type, scale_grad_by_freq, sparse
        As in ``embedding``.
    mode : {"mean", "sum", "max"}
    per_sample_weights : tensor, optional
        Of the input's shape: a factor for each row that is read, with mode "sum".
    include_last_offset : bool
        Whether ``offsets`` has one element more, where the last bag ends.
    padding_idx : int, optional
        A row that counts as not being in the bag, and has gradient 0.

    Raises
    ------
    IndexError, RuntimeError
        As ``embedding``; or offsets do not begin with 0, descend, or exceed the input.
    ValueError
        The input's shape and offsets do not fit, or an argument is not for this mode.

    Examples
    --------
    >>> import autograd
    >>> table = autograd.tensor([[1.0], [3.0], [9.0]])
    >>> bags = autograd.tensor([0, 1, 2])
    >>> embedding_bag(bags, table, autograd.tensor([0, 2])).tolist()
    [[2.0], [9.0]]

    Source: ``torch.nn.functional.embedding_bag``.
    """
    name = "embedding_bag"
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"{name}: mode must be 'sum', 'mean' or 'max', got {mode!r}")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError(f"{name}: scale_grad_by_freq is not for mode 'max'")
    input, padding_idx = _checked(name, input, weight, padding_idx, sparse)
    shape = shape_of(input)
    if per_sample_weights is not None:
        if mode != "sum":
            raise ValueError(f"{name}: per_sample_weights are for mode 'sum', got mode {mode!r}")
        if shape_of(per_sample_weights) != shape:
            raise ValueError(
                f"{name}: per_sample_weights must have the input's shape {shape}, got "
                f"{shape_of(per_sample_weights)}"
            )
        per_sample_weights = autograd.reshape(per_sample_weights, (-1,))
    begins = _begins(name, shape, offsets, include_last_offset)
    if max_norm is not None:
        _renormalise(name, weight, input, max_norm, norm_type)
    bags = len(begins) - 1
    sizes = np.diff(begins)
    bag = np.repeat(np.arange(bags), sizes)
    ids = np.asarray(payload(input)).reshape(-1)[: begins[-1]]
    kept = np.arange(len(ids)) if padding_idx is None else np.flatnonzero(ids != padding_idx)
    ids, bag = ids[kept], bag[kept]
    rows = ops.embedding(weight, ids, padding_idx=None, by_frequency=bool(scale_grad_by_freq))
    if per_sample_weights is not None:
        factors = autograd.index_select(per_sample_weights, 0, kept)
        rows = rows * autograd.unsqueeze(factors, 1)
    counts = np.bincount(bag, minlength=bags)
    width = shape_of(weight)[1]
    if mode == "max":
        return _bag_maximum(rows, bag, counts, width)
    total = autograd.index_add(autograd.zeros((bags, width), dtype=rows.dtype), 0, bag, rows)
    if mode == "mean":
        total = total / autograd.tensor(np.maximum(counts, 1)[:, None], dtype=rows.dtype)
    return total


def _begins(name: str, shape: tuple[int, ...], offsets: Any, include_last: bool) -> Any:
    """Return where each bag begins among all the numbers, and where the last one ends."""
    if len(shape) == 2:
        if offsets is not None:
            raise ValueError(f"{name}: input of shape {shape} has its bags as rows: no offsets")
        return np.arange(shape[0] + 1) * shape[1]
    if len(shape) != 1 or offsets is None:
        raise ValueError(
            f"{name}: input must have shape (B, N), or (n,) with offsets, got shape {shape} "
            f"{'without' if offsets is None else 'with'} offsets"
        )
    begins = np.asarray(payload(positions(name, offsets))).astype(np.intp)
    if begins.ndim != 1 or (include_last and not len(begins)):
        raise ValueError(f"{name}: offsets must be a vector, got shape {begins.shape}")
    if not include_last:
        begins = np.append(begins, shape[0] if len(begins) else 0)
    if begins[0] != 0 or np.any(np.diff(begins) < 0) or begins[-1] > shape[0]:
        raise RuntimeError(
            f"{name}: offsets must begin with 0, not descend and not exceed the {shape[0]} numbers "
            f"of the input, got {np.asarray(payload(offsets)).tolist()}"
        )
    return begins


def _bag_maximum(rows: Any, bag: Any, counts: Any, width: int) -> Any:
    """Return the maximum over each bag, the first where several tie, and 0 for an empty bag."""
    bags, longest = len(counts), int(counts.max(initial=0))
    if not len(bag) or not width:
        empty = autograd.zeros((bags, width), dtype=rows.dtype)
        return autograd.index_add(empty, 0, bag, rows)
    places = bag * longest + np.arange(len(bag)) - np.repeat(np.cumsum(counts) - counts, counts)
    padded = autograd.full((bags * longest, width), -np.inf, dtype=rows.dtype)
    padded = autograd.index_copy(padded, 0, places, rows)
    largest = autograd.max(autograd.reshape(padded, (bags, longest, width)), 1).values
    return autograd.where(autograd.from_numpy(counts[:, None] > 0), largest, 0.0)
