"""Layers between images and the columns of their windows."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from .module import Module

__all__ = ["Fold", "Unfold"]

Pair = int | tuple[int, int]


class Fold(Module):
    """Add columns of windows up to images; where windows overlap their entries add up.

    Shapes: x (N, C kernel_h kernel_w, L) or (C kernel_h kernel_w, L) -> y (N, C, H, W), where
    ``output_size`` is (H, W) and L the number of windows.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Fold((2, 3), 2)(autograd.ones(1, 4, 2)).tolist()
    [[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]

    Source: ``torch.nn.Fold``.
    """

    def __init__(
        self,
        output_size: Pair,
        kernel_size: Pair,
        dilation: Pair = 1,
        padding: Pair = 0,
        stride: Pair = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Fold a batch, or one."""
        window: Any = (self.kernel_size, self.dilation, self.padding, self.stride)
        return F.fold(input, self.output_size, *window)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )


class Unfold(Module):
    """Write the pixels that each window meets as a column.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C kernel_h kernel_w, L), with L windows, each way
    (size + 2 padding - dilation (kernel - 1) - 1) // stride + 1 of them.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Unfold(3, padding=1)(autograd.ones(2, 4, 5, 6)).shape
    (2, 36, 30)

    Source: ``torch.nn.Unfold``.
    """

    def __init__(
        self, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Unfold a batch, or one."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )
