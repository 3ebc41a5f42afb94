"""Normalisation of each sample by itself: in training and afterwards the same."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, layer_dtype
from .functional.layer_normalization import as_shape
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class _Scaled(Module):
    """A weight that starts as 1, and a bias that starts as 0, where they are used."""

    def _register(self, shape: tuple[int, ...], dtype: Any, weight: bool, bias: bool) -> None:
        for name, used in (("weight", weight), ("bias", bias)):
            self.register_parameter(name, Parameter(empty(shape, dtype)) if used else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self._parameters.get("bias") is not None:
            init.zeros_(self.bias)


class LayerNorm(_Scaled):
    """Layer normalisation: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Mean and (biased) variance are those of a sample's last axes: the features of each position of
    (N, L, C) with ``normalized_shape=C``, a whole image with ``(C, H, W)``.

    Shapes: x (..., *normalized_shape) -> the same; weight and bias normalized_shape.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The lengths of those axes.
    eps : float
        Keeps the root from 0.
    elementwise_affine : bool
        Whether there are weight and bias.
    bias : bool
        Whether there is a bias beside a weight.

    Raises
    ------
    RuntimeError
        The input does not end in normalized_shape.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LayerNorm(2)(autograd.tensor([[1.0, 3.0], [10.0, 30.0]])).round(decimals=2).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]

    Source: ``torch.nn.LayerNorm``; Ba et al., 2016.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = layer_dtype("LayerNorm", device, dtype)
        self.normalized_shape = as_shape("LayerNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        affine = elementwise_affine
        self._register(self.normalized_shape, dtype, affine, affine and bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise the last axes."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(_Scaled):
    """Root-mean-square normalisation: y = x / sqrt(mean(x^2) + eps) * weight.

    Layer norm without the mean: the same axes, no bias.

    Shapes: x (..., *normalized_shape) -> the same; weight normalized_shape.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The lengths of the last axes, over which the mean goes.
    eps : float, optional
        The dtype's machine epsilon if None.
    elementwise_affine : bool
        Whether there is a weight.

    Raises
    ------
    RuntimeError
        The input does not end in normalized_shape.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.RMSNorm(2)(autograd.tensor([3.0, 4.0])).detach()
    tensor([0.8485, 1.1314])

    Source: ``torch.nn.RMSNorm``; Zhang & Sennrich, 2019.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = layer_dtype("RMSNorm", device, dtype)
        self.normalized_shape = as_shape("RMSNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        used = elementwise_affine
        self.register_parameter(
            "weight", Parameter(empty(self.normalized_shape, dtype)) if used else None
        )
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axes."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Scaled):
    """Group normalisation: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Mean and (biased) variance are those of ``num_channels / num_groups`` channels of a sample:
    one group is layer norm over (C, H, W), as many as channels instance norm.

    Shapes: x (N, C, ...) -> the same; weight and bias (C,).

    Raises
    ------
    ValueError
        The groups do not divide the channels, or the shape does not fit.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[1.0, 3.0, 10.0, 30.0]])
    >>> nn.GroupNorm(2, 4)(x).round(decimals=2).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]

    Source: ``torch.nn.GroupNorm``; Wu & He, 2018.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        dtype = layer_dtype("GroupNorm", device, dtype)
        check_count("GroupNorm", 1, num_groups=num_groups)
        check_count("GroupNorm", 0, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups must divide num_channels, got {num_groups} groups for "
                f"{num_channels} channels"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._register((num_channels,), dtype, affine, affine and bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise each group of channels."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Local response normalisation: y_c = x_c / (k + alpha / size * sum x_c'^2)^beta.

    The sum is over ``size`` channels around c. AlexNet has it; batch norm took its place.

    Shapes: x (N, C, L), (N, C, H, W), ... -> the same.

    Raises
    ------
    ValueError
        The input has fewer than 3 axes, or size is below 1.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LocalResponseNorm(2, alpha=2.0, beta=1.0)(autograd.ones(1, 2, 1)).flatten().tolist()
    [0.5, 0.3333333432674408]

    Source: ``torch.nn.LocalResponseNorm``; Krizhevsky et al., 2012.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        check_count("LocalResponseNorm", 1, size=size)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Divide each number by its neighbours in channels."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
