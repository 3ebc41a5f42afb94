"""Distances and angles between vectors as layers, and the losses made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor
from autograd.arguments import a_number

from . import functional as F
from .classification_loss import Loss
from .module import Module

__all__ = [
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "PairwiseDistance",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class PairwiseDistance(Module):
    """Distance of each vector to its partner: ||x1 - x2 + eps||_p, along the last axis.

    Shapes: (..., D) -> (...), or (..., 1) with ``keepdim``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PairwiseDistance()(autograd.tensor([[0.0, 0.0]]), autograd.tensor([[3.0, 4.0]]))
    tensor([5.0000])

    Source: ``torch.nn.PairwiseDistance``.
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Return the distances."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    """Cosine of the angle: x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) along ``dim``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.CosineSimilarity()(autograd.tensor([[1.0, 0.0]]), autograd.tensor([[1.0, 1.0]]))
    tensor([0.7071])

    Source: ``torch.nn.CosineSimilarity``.
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Return the cosines."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class HingeEmbeddingLoss(Loss):
    """Of distances x and labels y: x where y = 1 (alike), max(0, margin - x) where y = -1.

    Examples
    --------
    >>> import autograd, nn
    >>> loss = nn.HingeEmbeddingLoss(reduction="none")
    >>> loss(autograd.tensor([0.25, 0.25]), autograd.tensor([1, -1])).tolist()
    [0.25, 0.75]

    Source: ``torch.nn.HingeEmbeddingLoss``.
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of distances against labels."""
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(Loss):
    """Of pairs and labels y: 1 - cos where y = 1 (alike), max(0, cos - margin) where y = -1.

    Shapes: inputs (N, D) and target (N,), or (D,) and ().

    Examples
    --------
    >>> import autograd, nn
    >>> a, b = autograd.tensor([[1.0, 0.0]]), autograd.tensor([[0.0, 1.0]])
    >>> nn.CosineEmbeddingLoss()(a, b, autograd.tensor([1])).item()
    1.0

    Source: ``torch.nn.CosineEmbeddingLoss``.
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Return the loss of pairs against labels."""
        return F.cosine_embedding_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class MarginRankingLoss(Loss):
    """max(0, margin - y (x1 - x2)): with y = 1 the first has to be the larger, with -1 the second.

    Examples
    --------
    >>> import autograd, nn
    >>> a, b = autograd.tensor([1.0]), autograd.tensor([3.0])
    >>> nn.MarginRankingLoss()(a, b, autograd.tensor([1])).item()
    2.0

    Source: ``torch.nn.MarginRankingLoss``.
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Return the loss of pairs against their order."""
        return F.margin_ranking_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class TripletMarginLoss(Loss):
    """max(0, d(a, p) - d(a, n) + margin): the positive has to be nearer than the negative.

    Shapes: (N, D) or (D,), all three alike.

    Examples
    --------
    >>> import autograd, nn
    >>> a, p, n = (autograd.tensor([[x]]) for x in (0.0, 1.0, -1.5))
    >>> nn.TripletMarginLoss()(a, p, n)
    tensor(0.5000)

    Source: ``torch.nn.TripletMarginLoss``; Balntas et al. (2016).
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        _check_margin("TripletMarginLoss", margin)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss of triplets."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(Loss):
    """``TripletMarginLoss`` with a distance of one's own; else ``pairwise_distance``.

    Examples
    --------
    >>> import autograd, nn
    >>> a, p, n = (autograd.tensor([[x]]) for x in (0.0, 1.0, -1.5))
    >>> nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(1.0))(a, p, n)
    tensor(0.5000)

    Source: ``torch.nn.TripletMarginWithDistanceLoss``.
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        _check_margin("TripletMarginWithDistanceLoss", margin)
        if distance_function is None:
            distance_function = PairwiseDistance()
        self.distance_function = distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss of triplets."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


def _check_margin(layer: str, margin: float) -> None:
    if not a_number(margin, "margin", layer) > 0:
        raise ValueError(f"{layer}: margin must be above 0, got {margin}")
