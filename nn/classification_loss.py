"""Losses of classification as layers: each keeps its function's arguments."""

from __future__ import annotations

import warnings

from autograd import Tensor

from . import functional as F
from .functional.reductions import reduction_of
from .module import Module

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss", "NLLLoss2d"]


class Loss(Module):
    """A loss with its reduction, 'mean', 'sum' or 'none': a base class.

    ``size_average`` and ``reduce`` are the reduction's deprecated form, as in PyTorch.
    """

    reduction: str

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        more: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.reduction = reduction_of(name, reduction, size_average, reduce, more)


class CrossEntropyLoss(Loss):
    """Softmax loss L_i = -log(e^(s_y) / sum_j e^(s_j)), from scores s and the class y.

    Shapes: scores (N, C), (C,) or (N, C, d1, ...); target without the axis of classes, or
    probabilities shaped as the scores. See ``nn.functional.cross_entropy``.

    Examples
    --------
    >>> import autograd, nn
    >>> loss = nn.CrossEntropyLoss()(autograd.zeros(4, 10), autograd.tensor([3, 1, 4, 1]))
    >>> round(loss.item(), 6)
    2.302585

    Source: ``torch.nn.CrossEntropyLoss``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
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


class NLLLoss(Loss):
    """Negative log-likelihood L_i = -x_y, from log-probabilities x and the class y.

    Shapes: as of ``CrossEntropyLoss``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.NLLLoss()(autograd.tensor([[-1.0, -2.0]]), autograd.tensor([1])).item()
    2.0

    Source: ``torch.nn.NLLLoss``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of log-probabilities against classes."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class NLLLoss2d(NLLLoss):
    """Deprecated name of ``NLLLoss``, which takes (N, C, H, W) too.

    Warns
    -----
    FutureWarning
        Always, as in PyTorch.

    Examples
    --------
    >>> import autograd, nn
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     loss = nn.NLLLoss2d()
    >>> loss(autograd.full((1, 2, 1, 1), -1.5), autograd.zeros(1, 1, 1).long()).item()
    1.5

    Source: ``torch.nn.NLLLoss2d``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        warnings.warn("NLLLoss2d: is deprecated; use NLLLoss", FutureWarning, stacklevel=2)
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


class BCELoss(Loss):
    """Binary cross-entropy of probabilities, -(t log x + (1 - t) log(1 - x)).

    From scores, ``BCEWithLogitsLoss`` is exact.

    Shapes: input and target alike.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.BCELoss()(autograd.tensor([0.5]), autograd.tensor([1.0]))
    tensor(0.6931)

    Source: ``torch.nn.BCELoss``.
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
        """Return the loss of probabilities against probabilities."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits, -(p t log s(z) + (1 - t) log(1 - s(z))), without overflow.

    Shapes: input and target alike; pos_weight (C,), or what broadcasts.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.BCEWithLogitsLoss()(autograd.tensor([0.0]), autograd.tensor([1.0]))
    tensor(0.6931)

    Source: ``torch.nn.BCEWithLogitsLoss``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of logits against probabilities."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
