"""Distances and angles between vectors, and losses that pull some together, push others away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.arguments import a_number, one_axis
from autograd.naming import naming

from .arguments import check_floating, shape_of
from .reductions import array_of, reduced, reduction_of

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "pairwise_distance",
    "pdist",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


@naming
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Cosine of the angle: x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) along ``dim``.

    Shapes: x1 and x2, which broadcast, without the axis ``dim``.

    Raises
    ------
    IndexError
        There is no such axis.
    RuntimeError
        The vectors do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> cosine_similarity(autograd.tensor([[1.0, 0.0]]), autograd.tensor([[1.0, 1.0]]))
    tensor([0.7071])

    Source: ``torch.nn.functional.cosine_similarity``.
    """
    check_floating("cosine_similarity", x1=x1, x2=x2)
    eps = a_number(eps, "eps", "cosine_similarity")
    shapes = shape_of(x1), shape_of(x2)
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            f"cosine_similarity: x1 and x2 do not broadcast, got shapes {shapes[0]} and {shapes[1]}"
        ) from None
    dim = one_axis(dim, len(shape), "cosine_similarity")
    units = [_unit(autograd.broadcast_to(x, shape), dim, eps) for x in (x1, x2)]
    return autograd.sum(units[0] * units[1], dim)


def _unit(x: Any, dim: int, eps: float) -> Any:
    """Return x / max(|x|, eps); the derivative is that of x / |x|, at 0 that of x / eps."""
    length = autograd.linalg.vector_norm(x, 2, dim, True)
    return x / (length + np.maximum(eps - array_of(length), 0))


@naming
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """Distance of each vector to its partner: ||x1 - x2 + eps||_p, along the last axis.

    Shapes: x1 and x2 (..., D), which broadcast -> (...), or (..., 1) with ``keepdim``. ``cdist``
    has the distances of every vector to every other.

    Raises
    ------
    TypeError
        The vectors are not floating-point.
    RuntimeError
        They do not broadcast.

    Examples
    --------
    >>> import autograd
    >>> pairwise_distance(autograd.tensor([[0.0, 0.0]]), autograd.tensor([[3.0, 4.0]]))
    tensor([5.0000])

    Source: ``torch.nn.functional.pairwise_distance``.
    """
    check_floating("pairwise_distance", x1=x1, x2=x2)
    eps = a_number(eps, "eps", "pairwise_distance")
    return autograd.linalg.vector_norm(x1 - x2 + eps, p, -1, keepdim)


@naming
def pdist(input: Any, p: float = 2.0) -> Any:
    """Distance of each row to each later one: ||x_i - x_j||_p for i < j, in the order of rows.

    The derivative is 0 where rows coincide.

    Shapes: (n, d) -> (n (n - 1) / 2,).

    Raises
    ------
    RuntimeError
        The input is no matrix, or p is negative.

    Examples
    --------
    >>> import autograd
    >>> pdist(autograd.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])

    Source: ``torch.nn.functional.pdist``.
    """
    check_floating("pdist", input=input)
    shape = shape_of(input)
    if len(shape) != 2:
        raise RuntimeError(f"pdist: expected a matrix of rows, got shape {shape}")
    if not a_number(p, "p", "pdist") >= 0:
        raise RuntimeError(f"pdist: expected p >= 0, got {p}")
    rows, columns = np.triu_indices(shape[0], 1)
    if not len(rows):
        return autograd.sum(input) * 0 + autograd.zeros(0, dtype=input.dtype)
    exact = "donot_use_mm_for_euclid_dist"
    return autograd.cdist(input, input, p, exact)[rows, columns]


@naming
def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Of distances x and labels y: x where y = 1 (alike), max(0, margin - x) where y = -1.

    Shapes: input and target alike, of any shape.

    Raises
    ------
    ValueError
        The reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([0.25, 0.25, 3.0])
    >>> hinge_embedding_loss(x, autograd.tensor([1, -1, -1]), reduction="none")
    tensor([0.2500, 0.7500, 0.0000])

    Source: ``torch.nn.functional.hinge_embedding_loss``.
    """
    name = "hinge_embedding_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input=input)
    labels, margin = array_of(target), a_number(margin, "margin", name)
    far = autograd.clamp_min(margin - input, 0)
    losses = autograd.where(_as_condition(labels != 1), far, 0.0)
    return reduced(losses + autograd.where(_as_condition(labels != -1), input, 0.0), reduction)


@naming
def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Of pairs and labels y: 1 - cos where y = 1 (alike), max(0, cos - margin) where y = -1.

    Shapes: inputs (N, D) and target (N,), or (D,) and ().

    Raises
    ------
    RuntimeError
        The shapes do not fit.
    ValueError
        The reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([[1.0, 0.0], [1.0, 0.0]]), autograd.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> cosine_embedding_loss(a, b, autograd.tensor([1, -1]), reduction="none")
    tensor([1., 1.])

    Source: ``torch.nn.functional.cosine_embedding_loss``.
    """
    name = "cosine_embedding_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input1=input1, input2=input2)
    labels = array_of(target)
    if labels.ndim > 1 or {len(shape_of(x)) for x in (input1, input2)} != {labels.ndim + 1}:
        raise RuntimeError(
            f"{name}: expected inputs of shape (N, D) and target of shape (N,), or (D,) and (), "
            f"got {shape_of(input1)}, {shape_of(input2)} and {labels.shape}"
        )
    small = 1e-12  # added to the squared lengths, as in PyTorch
    lengths = (autograd.sum(input1 * input1, -1) + small) * (
        autograd.sum(input2 * input2, -1) + small
    )
    cosine = autograd.sum(input1 * input2, -1) / autograd.sqrt(lengths)
    unlike = autograd.clamp_min(cosine - a_number(margin, "margin", name), 0)
    losses = autograd.where(_as_condition(labels == 1), 1 - cosine, 0.0)
    return reduced(losses + autograd.where(_as_condition(labels == -1), unlike, 0.0), reduction)


@naming
def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, margin - y (x1 - x2)): with y = 1 the first has to be the larger, with -1 the second.

    Shapes: inputs and target alike, or such that they broadcast, with as many axes.

    Raises
    ------
    RuntimeError
        The numbers of axes differ.
    ValueError
        The reduction is unknown.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([1.0, 1.0]), autograd.tensor([3.0, 3.0])
    >>> margin_ranking_loss(a, b, autograd.tensor([1, -1]), reduction="none")
    tensor([2., 0.])

    Source: ``torch.nn.functional.margin_ranking_loss``.
    """
    name = "margin_ranking_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)
    check_floating(name, input1=input1, input2=input2)
    shapes = [shape_of(x) for x in (input1, input2, target)]
    if len({len(shape) for shape in shapes}) != 1:
        raise RuntimeError(f"{name}: expected inputs and target with as many axes, got {shapes}")
    margin = a_number(margin, "margin", name)
    return reduced(autograd.clamp_min(margin - target * (input1 - input2), 0), reduction)


@naming
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, d(a, p) - d(a, n) + margin): the positive has to be nearer than the negative.

    d is ``pairwise_distance``. With ``swap`` the negative's distance to the positive counts where
    it is the smaller.

    Shapes: (N, D) or (D,), all three alike.

    Raises
    ------
    ValueError
        The margin is not above 0, or the reduction is unknown.
    RuntimeError
        The numbers of axes differ.

    Examples
    --------
    >>> import autograd
    >>> a, p, n = (autograd.tensor([[x]]) for x in (0.0, 1.0, -1.5))
    >>> triplet_margin_loss(a, p, n)
    tensor(0.5000)

    Source: ``torch.nn.functional.triplet_margin_loss``; Balntas et al. (2016).
    """
    name = "triplet_margin_loss"
    reduction = reduction_of(name, reduction, size_average, reduce)

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    return _triplet(name, anchor, positive, negative, distance, margin, swap, reduction)


@naming
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """``triplet_margin_loss`` with a distance of one's own; else ``pairwise_distance``.

    Raises
    ------
    ValueError
        The margin is not above 0, or the reduction is unknown.
    RuntimeError
        The numbers of axes differ.

    Examples
    --------
    >>> import autograd
    >>> a, p, n = (autograd.tensor([[x]]) for x in (0.0, 1.0, -1.5))
    >>> def squared(x, y):
    ...     return ((x - y) ** 2).sum(-1)
    >>> triplet_margin_with_distance_loss(a, p, n, distance_function=squared, margin=2.0)
    tensor(0.7500)

    Source: ``torch.nn.functional.triplet_margin_with_distance_loss``.
    """
    name = "triplet_margin_with_distance_loss"
    reduction = reduction_of(name, reduction)
    distance = pairwise_distance if distance_function is None else distance_function
    return _triplet(name, anchor, positive, negative, distance, margin, swap, reduction)


def _triplet(
    name: str,
    anchor: Any,
    positive: Any,
    negative: Any,
    distance: Callable[[Any, Any], Any],
    margin: float,
    swap: bool,
    reduction: str,
) -> Any:
    check_floating(name, anchor=anchor, positive=positive, negative=negative)
    if not a_number(margin, "margin", name) > 0:
        raise ValueError(f"{name}: margin must be above 0, got {margin}")
    shapes = [shape_of(x) for x in (anchor, positive, negative)]
    if len({len(shape) for shape in shapes}) != 1:
        raise RuntimeError(f"{name}: expected three tensors with as many axes, got {shapes}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = autograd.minimum(far, distance(positive, negative))
    return reduced(autograd.clamp_min(margin + near - far, 0), reduction)


def _as_condition(holds: Any) -> Any:
    return autograd.tensor(np.asarray(holds))
