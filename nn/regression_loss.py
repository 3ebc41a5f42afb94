"""Losses of regression as layers: each keeps its function's arguments."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .classification_loss import Loss

__all__ = [
    "GaussianNLLLoss",
    "HalfSquaredError",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]


class MSELoss(Loss):
    """Squared error: the mean of (x - t)^2, without the factor 1/2.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MSELoss()(autograd.tensor([1.0, 3.0]), autograd.tensor([0.0, 1.0])).item()
    2.5

    Source: ``torch.nn.MSELoss``.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.mse_loss(input, target, reduction=self.reduction)


class HalfSquaredError(Loss):
    """Total squared error of the textbooks: the sum of (x - t)^2 / 2; its slope is x - t.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.HalfSquaredError()(autograd.tensor([1.0, 3.0]), autograd.tensor([0.0, 1.0])).item()
    2.5

    Source: the course.
    """

    def __init__(self, reduction: str = "sum") -> None:
        super().__init__(reduction=reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.half_squared_error(input, target, self.reduction)


class L1Loss(Loss):
    """Absolute error: the mean of |x - t|.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.L1Loss()(autograd.tensor([1.0, 3.0]), autograd.tensor([0.0, 1.0])).item()
    1.5

    Source: ``torch.nn.L1Loss``.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """Absolute error with a round tip: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.SmoothL1Loss(reduction="none")(autograd.tensor([0.5, 3.0]), autograd.zeros(2)).tolist()
    [0.125, 2.5]

    Source: ``torch.nn.SmoothL1Loss``; Girshick (2015).
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Square near 0, size beyond: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.HuberLoss("none", 2.0)(autograd.tensor([1.0, 3.0]), autograd.zeros(2)).tolist()
    [0.5, 4.0]

    Source: ``torch.nn.HuberLoss``; Huber (1964).
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of values against targets."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class KLDivLoss(Loss):
    """Kullback-Leibler divergence: t (log t - x), of log-probabilities x and probabilities t.

    Use ``reduction="batchmean"``: 'mean' divides by the number of classes, too.

    Examples
    --------
    >>> import autograd, nn
    >>> p, q = autograd.tensor([[0.5, 0.5]]), autograd.tensor([[0.25, 0.75]])
    >>> nn.KLDivLoss(reduction="batchmean")(q.log(), p)
    tensor(0.1438)

    Source: ``torch.nn.KLDivLoss``.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction, more=("batchmean",))
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the divergence of the target from the input."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """Negative log-likelihood of counts t with the rate e^x: e^x - t x.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PoissonNLLLoss()(autograd.tensor([0.0]), autograd.tensor([2.0])).item()
    1.0

    Source: ``torch.nn.PoissonNLLLoss``.
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of rates against counts."""
        return F.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(Loss):
    """Negative log-likelihood of a normal distribution: (log v + (x - t)^2 / v) / 2.

    Examples
    --------
    >>> import autograd, nn
    >>> x, t, v = (autograd.tensor([value]) for value in (1.0, 3.0, 4.0))
    >>> nn.GaussianNLLLoss()(x, t, v)
    tensor(1.1931)

    Source: ``torch.nn.GaussianNLLLoss``; Nix and Weigend (1994).
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Return the loss of means and variances against what was observed."""
        return F.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )
