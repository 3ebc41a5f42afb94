"""Batch and instance normalisation: channels brought to mean 0 and variance 1, then scaled.

Both can track running statistics: an average of the means and variances seen in training, which
stands for them afterwards. Batch norm does by default; instance norm, whose statistics are a
sample's own, does not.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, check_tensor, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
]


class _Norm(Module):
    """Weight, bias and running statistics, one number a channel each."""

    # State dicts of PyTorch before 0.4.1 have no such key, and still load.
    optional_state = ("num_batches_tracked",)

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: Any,
        bias: bool,
    ) -> None:
        super().__init__()
        check_count(type(self).__name__, 0, num_features=num_features)
        dtype = layer_dtype(type(self).__name__, device, dtype)
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
        """Forget the running statistics: mean 0, variance 1, no batch seen.

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.BatchNorm1d(1)
        >>> _ = layer(autograd.tensor([[1.0], [3.0]]))
        >>> layer.reset_running_stats()
        >>> layer.running_mean.item(), layer.num_batches_tracked.item()
        (0.0, 0)

        Source: ``torch.nn.BatchNorm1d.reset_running_stats``.
        """
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

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Norm):
    """y = (x - mean) / sqrt(var + eps) * weight + bias, for each channel over the batch."""

    dimensions: tuple[int, ...]
    expected: str

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; in training mode the running statistics are updated too."""
        check_tensor(type(self).__name__, input=input)
        if input.ndim not in self.dimensions:
            raise ValueError(
                f"{type(self).__name__}: input must have shape {self.expected}, got {input.shape}"
            )
        if input.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: expects {self.num_features} channels, "
                f"got input of shape {input.shape}"
            )
        tracking = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if tracking else None,
            self.running_var if tracking else None,
            self.weight,
            self.bias,
            training=self.training or self.running_mean is None,
            momentum=self._count_batch() if self.training and self.track_running_stats else 0.0,
            eps=self.eps,
        )

    def _count_batch(self) -> float:
        """Count this batch; return the weight that it gets in the running statistics."""
        if self.num_batches_tracked is not None:
            with autograd.no_grad():
                self.num_batches_tracked.add_(1)
            if self.momentum is None:  # a cumulative mean: all batches weigh the same
                return 1.0 / float(self.num_batches_tracked.item())
        return 0.0 if self.momentum is None else self.momentum


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel over N (and L); see ``BatchNorm2d``.

    Shapes: x (N, C) or (N, C, L) -> the same; weight, bias, running_mean, running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or training has one value a channel.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.BatchNorm1d(1)(autograd.tensor([[1.0], [3.0]])).round(decimals=2).tolist()
    [[-1.0], [1.0]]

    Source: ``torch.nn.BatchNorm1d``; Ioffe & Szegedy, 2015.
    """

    dimensions = (2, 3)
    expected = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel over N, H and W. In training mode mean and (biased) variance
    are the batch's, and the running statistics move towards them by ``momentum``, the running
    variance by the unbiased one; in eval mode the running statistics are used, so that a sample's
    output does not depend on its batch. ``momentum=None`` takes the mean over all batches;
    without ``track_running_stats`` the batch's own are always used.

    Shapes: x (N, C, H, W) -> the same; weight, bias, running_mean, running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or training has one value a channel.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.BatchNorm2d(3)
    >>> layer(autograd.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    >>> layer.num_batches_tracked.item()
    1

    Source: ``torch.nn.BatchNorm2d``; Ioffe & Szegedy, 2015.
    """

    dimensions = (4,)
    expected = "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel over N, D, H and W; see ``BatchNorm2d``.

    Shapes: x (N, C, D, H, W) -> the same; weight, bias, running_mean, running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or training has one value a channel.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.BatchNorm3d(3)(autograd.ones(2, 3, 2, 4, 4)).shape
    (2, 3, 2, 4, 4)

    Source: ``torch.nn.BatchNorm3d``; Ioffe & Szegedy, 2015.
    """

    dimensions = (5,)
    expected = "(N, C, D, H, W)"


class _InstanceNorm(_Norm):
    """y = (x - mean) / sqrt(var + eps) * weight + bias, for each channel of each sample."""

    places: int  # axes after the channel
    expected: str

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; with running statistics, update them in training mode."""
        name = type(self).__name__
        check_tensor(name, input=input)
        batched = input.ndim == self.places + 2
        if not batched and input.ndim != self.places + 1:
            raise ValueError(f"{name}: input must have shape {self.expected}, got {input.shape}")
        if input.shape[-1 - self.places] != self.num_features:
            words = (
                f"{name}: expects {self.num_features} channels, got input of shape {input.shape}"
            )
            if self.affine or self.track_running_stats:
                raise ValueError(words)
            warnings.warn(f"{words}; without affine=True that does not matter", stacklevel=2)
        input = input if batched else autograd.unsqueeze(input, 0)
        y = F.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y if batched else autograd.squeeze(y, 0)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of sequences: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel of a sample, over L; see ``InstanceNorm2d``.

    Shapes: x (N, C, L) or (C, L) -> the same; weight, bias, running_mean, running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or there is one value a channel.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.InstanceNorm1d(1)(autograd.tensor([[1.0, 3.0]])).round(decimals=2).tolist()
    [[-1.0, 1.0]]

    Source: ``torch.nn.InstanceNorm1d``; Ulyanov et al., 2016.
    """

    places = 1
    expected = "(N, C, L) or (C, L)"


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of images: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel of a sample, over H and W, in training and in eval mode: an
    image's contrast goes. There are no weight and bias unless ``affine``; with
    ``track_running_stats`` eval mode uses running statistics, as batch norm does.

    Shapes: x (N, C, H, W) or (C, H, W) -> the same; weight, bias, running_mean, running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or there is one value a channel.

    Warns
    -----
    UserWarning
        The input has not ``num_features`` channels, and nothing depends on them.

    Examples
    --------
    >>> import autograd, nn
    >>> layer, x = nn.InstanceNorm2d(3), autograd.randn(2, 3, 4, 4)
    >>> bool(abs(layer(x) - layer(10 * x + 5)).max() < 1e-3)
    True

    Source: ``torch.nn.InstanceNorm2d``; Ulyanov et al., 2016.
    """

    places = 2
    expected = "(N, C, H, W) or (C, H, W)"


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Statistics are those of a channel of a sample, over D, H and W; see ``InstanceNorm2d``.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> the same; weight, bias, running_mean,
    running_var (C,).

    Raises
    ------
    ValueError
        The shape does not fit, or there is one value a channel.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.InstanceNorm3d(3)(autograd.randn(2, 3, 2, 4, 4)).shape
    (2, 3, 2, 4, 4)

    Source: ``torch.nn.InstanceNorm3d``; Ulyanov et al., 2016.
    """

    places = 3
    expected = "(N, C, D, H, W) or (C, D, H, W)"
