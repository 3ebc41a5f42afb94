"""Losses as layers: each is its function of ``nn.functional`` with its arguments kept."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .functional.arguments import check_reduction
from .module import Module

__all__ = ["BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss", "NLLLoss"]


class _Loss(Module):
    """A loss with its reduction: 'mean', 'sum' or 'none'."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(type(self).__name__, reduction)
        self.reduction = reduction


class CrossEntropyLoss(_Loss):
    """L_i = -log(exp(s_y) / sum_j exp(s_j)), from scores s and the class y.

    Shapes: scores (N, C) with target (N,), or (C,) with a single class.
    See ``nn.functional.cross_entropy``.

    Examples
    --------
    >>> import autograd, nn
    >>> loss = nn.CrossEntropyLoss()(autograd.zeros(4, 10), autograd.tensor([3, 1, 4, 1]))
    >>> round(loss.item(), 6)
    2.302585
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against classes."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_Loss):
    """L_i = -x_y, from log-probabilities x and the class y."""

    def __init__(
        self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of log-probabilities against classes."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class MSELoss(_Loss):
    """Mean of (x - t)^2, without the factor 1/2."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Mean of |x - t|."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.l1_loss(input, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """-(t log s(x) + (1 - t) log(1 - s(x))) with s the sigmoid, without overflow."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of logits against probabilities."""
        return F.binary_cross_entropy_with_logits(input, target, reduction=self.reduction)
