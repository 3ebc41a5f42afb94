"""Scores as probabilities, as layers."""

from __future__ import annotations

from autograd import Tensor

from . import functional as F
from .functional.arguments import check_tensor
from .module import Module

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class Softmax(Module):
    """Normalised exponential: y_i = e^(x_i) / sum_j e^(x_j) along ``dim``: non-negative, sums to 1.

    For exactly one class of several; where each class may hold or not, use a Sigmoid for each.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softmax(dim=0)(autograd.tensor([1000.0, 1000.0])).tolist()
    [0.5, 0.5]

    Source: ``torch.nn.Softmax``.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along ``dim``."""
        return F.softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """Logarithm of softmax: y_i = x_i - log sum_j e^(x_j) along ``dim``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LogSoftmax(dim=0)(autograd.tensor([1000.0, 0.0])).tolist()
    [0.0, -1000.0]

    Source: ``torch.nn.LogSoftmax``.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along ``dim``, in logarithms."""
        return F.log_softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"dim={self.dim}"


class Softmin(Module):
    """Softmax of the negative: y_i = e^(-x_i) / sum_j e^(-x_j); the smallest gets most.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softmin(dim=0)(autograd.tensor([0.0, 1000.0])).tolist()
    [1.0, 0.0]

    Source: ``torch.nn.Softmin``.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Normalise along ``dim``."""
        return F.softmin(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"dim={self.dim}"


class Softmax2d(Module):
    """Softmax over the channels at each place of an image.

    Shapes: (N, C, H, W) or (C, H, W) -> the same.

    Raises
    ------
    ValueError
        If the input has neither 3 nor 4 dimensions.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softmax2d()(autograd.zeros(2, 1, 1)).ravel().tolist()
    [0.5, 0.5]

    Source: ``torch.nn.Softmax2d``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise over the channels."""
        check_tensor("Softmax2d", input=input)
        if input.ndim not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input of shape (N, C, H, W) or (C, H, W), got {input.shape}"
            )
        return F.softmax(input, -3)
