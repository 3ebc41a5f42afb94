"""Convolutional layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, ints
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["Conv2d"]

Pair = int | tuple[int, int]


class Conv2d(Module):
    """2-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: x (N, C_in, H, W) or (C_in, H, W) -> y (N, C_out, H_out, W_out),
    H_out = (H + 2 padding - kernel) // stride + 1; weight (C_out, C_in, kernel, kernel).

    Starts as PyTorch's: weight and bias uniform in (-b, b), b = 1 / sqrt(C_in kernel^2).
    ``dilation`` and ``groups`` other than 1 are refused for now.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Conv2d(3, 6, 5)(autograd.ones(1, 3, 32, 32)).shape
    (1, 6, 28, 28)
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] | str

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair | str = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count("Conv2d", 1, in_channels=in_channels, out_channels=out_channels)
        if groups != 1:
            raise NotImplementedError(f"Conv2d: only groups=1 is supported, got {groups!r}")
        if ints("Conv2d", "dilation", dilation, 2, 1) != (1, 1):
            raise NotImplementedError(f"Conv2d: only dilation=1 is supported, got {dilation!r}")
        if padding_mode != "zeros":
            raise NotImplementedError(
                f"Conv2d: only padding_mode='zeros' is supported, got {padding_mode!r}"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = ints("Conv2d", "kernel_size", kernel_size, 2, 1)
        self.stride = ints("Conv2d", "stride", stride, 2, 1)
        self.padding = _padding(padding, self.stride)
        dtype = np.float32 if dtype is None else dtype
        self.weight = Parameter(empty((out_channels, in_channels, *self.kernel_size), dtype))
        if bias:
            self.bias = Parameter(empty((out_channels,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.default_(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Correlate a batch of images, or one."""
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        text += f", stride={self.stride}"
        if self.padding != (0, 0):
            text += f", padding={self.padding}"
        if self.bias is None:
            text += ", bias=False"
        return text


def _padding(padding: Pair | str, stride: tuple[int, int]) -> tuple[int, int] | str:
    if not isinstance(padding, str):
        return ints("Conv2d", "padding", padding, 2, 0)
    if padding not in ("same", "valid"):
        raise ValueError(f"Conv2d: padding must be 'same', 'valid' or ints, got {padding!r}")
    if padding == "same" and stride != (1, 1):
        raise ValueError(f"Conv2d: padding='same' needs stride 1, got stride {stride}")
    return padding
