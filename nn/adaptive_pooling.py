"""Pooling layers that give a chosen size, whatever comes in; a size of 1 is global pooling."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]

Sizes = int | None | tuple[int | None, ...]


class _AdaptiveAvgPool(Module):
    _pool: Any

    def __init__(self, output_size: Sizes) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Pool a batch, or one sample."""
        return self._pool(input, self.output_size)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Mean of ``output_size`` windows of a line, as even as can be; no parameters.

    Shapes: x (N, C, L) or (C, L) -> y (N, C, L_out) or (C, L_out).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveAvgPool1d(2)(autograd.tensor([[1.0, 2.0, 6.0]])).tolist()
    [[1.5, 4.0]]

    Source: ``torch.nn.AdaptiveAvgPool1d``.
    """

    _pool = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Mean of ``output_size`` windows, as even as can be; no parameters.

    ``AdaptiveAvgPool2d(1)`` is global average pooling: the mean of each map, as quick as a mean.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out) or (C, H_out, W_out); None keeps
    a size.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveAvgPool2d(1)(autograd.ones(8, 512, 7, 7)).shape
    (8, 512, 1, 1)

    Source: ``torch.nn.AdaptiveAvgPool2d``.
    """

    _pool = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Mean of ``output_size`` windows of a volume, as even as can be; no parameters.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveAvgPool3d((None, 1, 1))(autograd.ones(3, 8, 7, 6)).shape
    (3, 8, 1, 1)

    Source: ``torch.nn.AdaptiveAvgPool3d``.
    """

    _pool = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMaxPool(Module):
    _pool: Any

    def __init__(self, output_size: Sizes, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Pool a batch, or one sample."""
        return self._pool(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maximum of ``output_size`` windows of a line, as even as can be; no parameters.

    Shapes: x (N, C, L) or (C, L) -> y (N, C, L_out) or (C, L_out), with ``return_indices`` also
    the places of the winners.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveMaxPool1d(2)(autograd.tensor([[1.0, 2.0, 6.0]])).tolist()
    [[2.0, 6.0]]

    Source: ``torch.nn.AdaptiveMaxPool1d``.
    """

    _pool = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maximum of ``output_size`` windows, as even as can be; no parameters.

    ``AdaptiveMaxPool2d(1)`` is global max-pooling.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out) or (C, H_out, W_out), with
    ``return_indices`` also the places of the winners; None keeps a size.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveMaxPool2d((1, None))(autograd.ones(8, 512, 7, 7)).shape
    (8, 512, 1, 7)

    Source: ``torch.nn.AdaptiveMaxPool2d``.
    """

    _pool = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Maximum of ``output_size`` windows of a volume, as even as can be; no parameters.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AdaptiveMaxPool3d(2)(autograd.ones(3, 8, 7, 6)).shape
    (3, 2, 2, 2)

    Source: ``torch.nn.AdaptiveMaxPool3d``.
    """

    _pool = staticmethod(F.adaptive_max_pool3d)
