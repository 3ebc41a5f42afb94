"""Pooling layers with sliding windows: what a window's values are reduced to.

Global pooling is pooling to a size of 1: ``AdaptiveAvgPool2d(1)``, ``AdaptiveMaxPool2d(1)``.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.arguments import a_number

from . import functional as F
from .functional.arguments import ints
from .module import Module

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]

Ints = int | tuple[int, ...]


class _MaxPool(Module):
    _pool: Any

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Pool a batch, or one sample."""
        return self._pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """Maximum of each window of a line; no parameters. Arguments as of ``MaxPool2d``.

    Shapes: x (N, C, L) or (C, L) -> y (N, C, L_out) or (C, L_out),
    L_out = (L + 2 padding - dilation (kernel - 1) - 1) // stride + 1.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MaxPool1d(2)(autograd.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[3.0, 2.0]]

    Source: ``torch.nn.MaxPool1d``.
    """

    _pool = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """Maximum of each window; no parameters.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out) or (C, H_out, W_out),
    H_out = (H + 2 padding - dilation (kernel - 1) - 1) // stride + 1, rounded up with
    ``ceil_mode``. With ``return_indices`` y and the places of the winners, for ``MaxUnpool2d``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MaxPool2d(2)(autograd.ones(1, 3, 28, 28)).shape
    (1, 3, 14, 14)

    Source: ``torch.nn.MaxPool2d``.
    """

    _pool = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPool):
    """Maximum of each window of a volume; no parameters. Arguments as of ``MaxPool2d``.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.MaxPool3d(2)(autograd.ones(1, 3, 8, 6, 4)).shape
    (1, 3, 4, 3, 2)

    Source: ``torch.nn.MaxPool3d``.
    """

    _pool = staticmethod(F.max_pool3d)


class AvgPool1d(Module):
    """Mean of each window of a line; no parameters.

    Shapes: x (N, C, L) or (C, L) -> y (N, C, L_out) or (C, L_out),
    L_out = (L + 2 padding - kernel) // stride + 1.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AvgPool1d(2)(autograd.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[2.0, 1.0]]

    Source: ``torch.nn.AvgPool1d``.
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = ints("AvgPool1d", "kernel_size", kernel_size, 1, 1)
        stride = self.kernel_size if stride is None else stride
        self.stride = ints("AvgPool1d", "stride", stride, 1, 1)
        self.padding = ints("AvgPool1d", "padding", padding, 1, 0)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Pool a batch, or one sample."""
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """Mean of each window; no parameters.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out) or (C, H_out, W_out),
    H_out = (H + 2 padding - kernel) // stride + 1, rounded up with ``ceil_mode``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AvgPool2d(2)(autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]])).tolist()
    [[[2.5]]]

    Source: ``torch.nn.AvgPool2d``.
    """

    _pool: Any = staticmethod(F.avg_pool2d)

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Pool a batch, or one sample."""
        return self._pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """Mean of each window of a volume; no parameters. Arguments as of ``AvgPool2d``.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.AvgPool3d(2)(autograd.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[3.5]]]]

    Source: ``torch.nn.AvgPool3d``.
    """

    _pool: Any = staticmethod(F.avg_pool3d)


class _LPPool(Module):
    _pool: Any

    def __init__(
        self,
        norm_type: float,
        kernel_size: Ints,
        stride: Ints | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = a_number(norm_type, "norm_type", type(self).__name__)
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Pool a batch, or one sample."""
        # As PyTorch's layers: a float, so that an even power is one of floats.
        return self._pool(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """p-norm of each window of a line, (sum of x^p)^(1/p); no parameters.

    Shapes: x (N, C, L) or (C, L) -> y (N, C, L_out) or (C, L_out).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LPPool1d(2, 2)(autograd.tensor([[3.0, 4.0, 1.0, 0.0]])).tolist()
    [[5.0, 1.0]]

    Source: ``torch.nn.LPPool1d``.
    """

    _pool = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPool):
    """p-norm of each window, (sum of x^p)^(1/p); no parameters.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out) or (C, H_out, W_out).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LPPool2d(2, 2)(autograd.tensor([[[3.0, 4.0], [0.0, 0.0]]])).tolist()
    [[[5.0]]]

    Source: ``torch.nn.LPPool2d``.
    """

    _pool = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPool):
    """p-norm of each window of a volume, (sum of x^p)^(1/p); no parameters.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LPPool3d(1, 2)(autograd.ones(1, 2, 2, 2)).tolist()
    [[[[8.0]]]]

    Source: ``torch.nn.LPPool3d``.
    """

    _pool = staticmethod(F.lp_pool3d)
