"""Hinge losses as layers: each keeps its function's arguments."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .classification_loss import Loss

__all__ = [
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MulticlassHingeLoss",
    "PerceptronLoss",
    "SoftMarginLoss",
]


class MulticlassHingeLoss(Loss):
    """Multiclass SVM of the course: L_i = sum over j != y of max(0, s_j - s_y + margin).

    It does not divide by the number of classes, as ``MultiMarginLoss`` does.

    Shapes: scores (N, C) or (C,); target (N,) or ().

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MulticlassHingeLoss()(autograd.zeros(4, 10), autograd.tensor([3, 1, 4, 1])).item()
    9.0

    Source: CS231n; Weston and Watkins (1999).
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against classes."""
        return F.multiclass_hinge_loss(input, target, self.margin, self.reduction)


class MultiMarginLoss(Loss):
    """Multiclass SVM of PyTorch: L_i = w_y / C sum over j != y of max(0, s_j - s_y + margin)^p.

    Shapes: scores (N, C) or (C,); target (N,) or (); weight (C,).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MultiMarginLoss()(autograd.zeros(4, 10), autograd.tensor([3, 1, 4, 1]))
    tensor(0.9000)

    Source: ``torch.nn.MultiMarginLoss``.
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p must be 1 or 2, got {p!r}")
        self.register_buffer("weight", weight)
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against classes."""
        return F.multi_margin_loss(
            input,
            target,
            p=self.p,
            margin=self.margin,
            weight=self.weight,
            reduction=self.reduction,
        )


class MultiLabelMarginLoss(Loss):
    """Hinge of every right class over every wrong one: 1/C sum_y sum_j max(0, 1 - (s_y - s_j)).

    Shapes: scores and target (N, C) or (C,); a row of the target lists classes, and ends at -1.

    Examples
    --------
    >>> import autograd, nn
    >>> scores = autograd.tensor([[0.1, 0.2, 0.4, 0.8]])
    >>> nn.MultiLabelMarginLoss()(scores, autograd.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)

    Source: ``torch.nn.MultiLabelMarginLoss``.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against lists of classes."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """Binary cross-entropy of each class, averaged over the classes: a sample may have several.

    Shapes: scores and target (..., C); weight (C,).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MultiLabelSoftMarginLoss()(autograd.zeros(1, 2), autograd.tensor([[1.0, 0.0]]))
    tensor(0.6931)

    Source: ``torch.nn.MultiLabelSoftMarginLoss``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against which classes hold."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class SoftMarginLoss(Loss):
    """Logistic loss of scores x and labels y = +-1: log(1 + e^(-y x)).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.SoftMarginLoss()(autograd.tensor([0.0]), autograd.tensor([1]))
    tensor(0.6931)

    Source: ``torch.nn.SoftMarginLoss``.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against labels."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class PerceptronLoss(Loss):
    """Rosenblatt's criterion: -y f summed over the misclassified, f the scores, y = +-1.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PerceptronLoss()(autograd.tensor([3.0, -2.5]), autograd.tensor([1, 1])).item()
    2.5

    Source: Rosenblatt (1958).
    """

    def __init__(self, reduction: str = "sum") -> None:
        super().__init__(reduction=reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against labels."""
        return F.perceptron_loss(input, target, self.reduction)
