"""Connectionist temporal classification as a layer."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from .classification_loss import Loss

__all__ = ["CTCLoss"]


class CTCLoss(Loss):
    """-log p(labels), summed over all alignments of the labels to the outputs.

    Shapes: log_probs (T, N, C) or (T, C); targets (N, S), or all labels in a row; lengths (N,) or
    (). See ``nn.functional.ctc_loss``.

    Examples
    --------
    >>> import autograd, nn
    >>> log_probs = nn.LogSoftmax(2)(autograd.zeros(2, 1, 3))
    >>> round(nn.CTCLoss()(log_probs, autograd.tensor([[1]]), [2], [1]).item(), 4)
    1.0986

    Source: ``torch.nn.CTCLoss``; Graves et al. (2006).
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """Return the loss of outputs against labels."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
