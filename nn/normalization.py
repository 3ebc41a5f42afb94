"""Batch normalisation: statistics of the batch while training, running statistics afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d"]


class _BatchNorm(Module):
    """y = (x - mean) / sqrt(var + eps) * weight + bias, for each channel."""

    dimensions: tuple[int, ...]
    expected: str

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count(type(self).__name__, 0, num_features=num_features)
        dtype = np.dtype(np.float32 if dtype is None else dtype)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, used in (("weight", affine), ("bias", affine and bias)):
            value = Parameter(empty((num_features,), dtype)) if used else None
            self.register_parameter(name, value)
        statistics = {
            "running_mean": np.zeros(num_features, dtype),
            "running_var": np.ones(num_features, dtype),
            "num_batches_tracked": np.array(0, np.int64),
        }
        for name, array in statistics.items():
            value = Tensor(array, dtype=array.dtype) if track_running_stats else None
            self.register_buffer(name, value)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the running statistics: mean 0, variance 1, no batch seen."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Start again: weight 1, bias 0, running statistics forgotten."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise; in training mode the running statistics are updated too."""
        if x.ndim not in self.dimensions:
            raise ValueError(
                f"{type(self).__name__}: input must have shape {self.expected}, got {x.shape}"
            )
        if x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: expects {self.num_features} channels, "
                f"got input of shape {x.shape}"
            )
        tracking = self.track_running_stats
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training or not tracking,
            momentum=self._count_batch() if self.training and tracking else 0.0,
            eps=self.eps,
        )

    def _count_batch(self) -> float:
        """Count this batch; return the weight that it gets in the running statistics."""
        with autograd.no_grad():
            self.num_batches_tracked.add_(1)
        if self.momentum is None:  # a cumulative mean: all batches weigh the same
            return 1.0 / float(self.num_batches_tracked.item())
        return self.momentum

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features, over N (and L).

    Shapes: x (N, C) or (N, C, L) -> the same; weight, bias, running_mean, running_var (C,).
    See ``BatchNorm2d``.
    """

    dimensions = (2, 3)
    expected = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images, over N, H and W (Ioffe & Szegedy, 2015).

    y = (x - mean) / sqrt(var + eps) * weight + bias, for each channel. In training mode mean and
    (biased) variance are the batch's, and the running statistics move towards them by
    ``momentum``, the running variance by the unbiased one; in eval mode the running statistics
    are used, so that a sample's output does not depend on its batch. ``momentum=None`` takes the
    mean over all batches.

    Shapes: x (N, C, H, W) -> the same; weight, bias, running_mean, running_var (C,).

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.BatchNorm2d(3)
    >>> layer(autograd.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    >>> layer.num_batches_tracked.item()
    1
    """

    dimensions = (4,)
    expected = "(N, C, H, W)"
