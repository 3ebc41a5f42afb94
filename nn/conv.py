"""Convolutional layers of one, two and three dimensions, and their transposes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, ints, layer_dtype
from .functional.convolution import padding_widths
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

Ints = int | tuple[int, ...]

MODES = ("zeros", "reflect", "replicate", "circular")


class _Layer(Module):
    """What convolutions and transposed convolutions of every rank keep, draw and print."""

    rank: int
    transposed: bool

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    padding_mode: str

    def _start(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints,
        padding: Ints | str,
        output_padding: Ints,
        dilation: Ints,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        name, rank = type(self).__name__, self.rank
        check_count(name, 1, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups must divide in_channels and out_channels, got groups={groups}, "
                f"in_channels={in_channels}, out_channels={out_channels}"
            )
        modes = MODES[:1] if self.transposed else MODES
        if padding_mode not in modes:
            raise ValueError(f"{name}: padding_mode must be one of {modes}, got {padding_mode!r}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = ints(name, "kernel_size", kernel_size, rank, 1)
        self.stride = ints(name, "stride", stride, rank, 1)
        self.dilation = ints(name, "dilation", dilation, rank, 1)
        if isinstance(padding, str) and not self.transposed:
            padding_widths(name, self.kernel_size, self.stride, padding, self.dilation)
            self.padding = padding
        else:
            self.padding = ints(name, "padding", padding, rank, 0)
        self.output_padding = ints(name, "output_padding", output_padding, rank, 0)
        self.groups = groups
        self.padding_mode = padding_mode
        across = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        dtype = layer_dtype(name, device, dtype)
        shape = (across[0], across[1] // groups, *self.kernel_size)
        self.weight = Parameter(empty(shape, dtype))
        if bias:
            self.bias = Parameter(empty((out_channels,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.default_(self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        text += f", stride={self.stride}"
        none, once = (0,) * self.rank, (1,) * self.rank
        defaults = {"padding": none, "dilation": once, "output_padding": none, "groups": 1}
        for name, default in defaults.items():
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Convolution(_Layer):
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._start(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            0,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Correlate a batch, or one."""
        padding = self.padding
        if self.padding_mode != "zeros":
            widths = padding_widths(
                type(self).__name__, self.kernel_size, self.stride, padding, self.dilation
            )
            from_last = [width for pair in reversed(widths) for width in pair]
            input, padding = autograd.pad(input, from_last, self.padding_mode), 0
        convolve = getattr(F, f"conv{self.rank}d")
        return convolve(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv1d(_Convolution):
    """1-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: x (N, C_in, L) or (C_in, L) -> y (N, C_out, L_out),
    L_out = (L + 2 padding - dilation (kernel - 1) - 1) // stride + 1; weight (C_out, C_in / groups,
    kernel).

    Parameters, start and errors are those of :class:`Conv2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Conv1d(2, 4, 3, padding=1)(autograd.ones(8, 2, 10)).shape
    (8, 4, 10)

    Source: ``torch.nn.Conv1d``.
    """

    rank = 1


class Conv2d(_Convolution):
    """2-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: x (N, C_in, H, W) or (C_in, H, W) -> y (N, C_out, H_out, W_out),
    H_out = (H + 2 padding - dilation (kernel - 1) - 1) // stride + 1; weight (C_out, C_in / groups,
    kernel, kernel).

    Starts as PyTorch's: weight and bias uniform in (-b, b), b = 1 / sqrt(C_in / groups kernel^2).

    Parameters
    ----------
    padding : int, tuple, 'same' or 'valid'
        'same' keeps H and W (stride 1 only) and pads one more at the end where the total is odd.
    groups : int
        Channels fall into so many blocks, and each block of outputs sees one block of inputs.
    padding_mode : {'zeros', 'reflect', 'replicate', 'circular'}
        What the padding holds.

    Raises
    ------
    ValueError
        An argument is out of its range, or ``groups`` does not divide the channels.
    TypeError
        An argument is no int.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Conv2d(3, 6, 5)(autograd.ones(1, 3, 32, 32)).shape
    (1, 6, 28, 28)
    >>> nn.Conv2d(8, 8, 3, padding="same", dilation=2, groups=8)(autograd.ones(8, 9, 9)).shape
    (8, 9, 9)

    Source: ``torch.nn.Conv2d``.
    """

    rank = 2


class Conv3d(_Convolution):
    """3-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: x (N, C_in, D, H, W) or (C_in, D, H, W) -> y (N, C_out, D_out, H_out, W_out), each size
    as in :class:`Conv2d`; weight (C_out, C_in / groups, kernel, kernel, kernel).

    Parameters, start and errors are those of :class:`Conv2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Conv3d(1, 2, 3, stride=2)(autograd.ones(1, 1, 7, 9, 9)).shape
    (1, 2, 3, 4, 4)

    Source: ``torch.nn.Conv3d``.
    """

    rank = 3


class _Transposed(_Layer):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Ints = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._start(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Spread a batch, or one; ``output_size`` chooses among the sizes that stride leaves open.

        Raises
        ------
        ValueError
            If the output cannot be of that size.
        """
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        spread = getattr(F, f"conv_transpose{self.rank}d")
        return spread(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
        )

    def _extra(self, x: Tensor, output_size: Any) -> tuple[int, ...]:
        """Return the ``output_padding`` that gives ``output_size``."""
        rank, name = self.rank, type(self).__name__
        if not isinstance(output_size, Iterable):
            raise TypeError(f"{name}: output_size must be {rank} ints, got {output_size!r}")
        wanted = tuple(output_size)
        if len(wanted) == x.ndim:
            wanted = wanted[-rank:]
        wanted = ints(name, "output_size", wanted, rank, 1)
        sizes = zip(
            x.shape[-rank:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
        )
        least = tuple((n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sizes)
        most = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
        if not all(a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise ValueError(
                f"{name}: from input of size {tuple(x.shape[-rank:])} the output can be of size "
                f"{least} to {most}, got output_size {wanted}"
            )
        return tuple(n - a for n, a in zip(wanted, least, strict=True))


class ConvTranspose1d(_Transposed):
    """1-D transposed convolution: the gradient of :class:`Conv1d` in its input, as a layer.

    Shapes: x (N, C_in, L) or (C_in, L) -> y (N, C_out, L_out),
    L_out = (L - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1;
    weight (C_in, C_out / groups, kernel).

    Parameters, start and errors are those of :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ConvTranspose1d(2, 4, 2, stride=2)(autograd.ones(8, 2, 5)).shape
    (8, 4, 10)

    Source: ``torch.nn.ConvTranspose1d``.
    """

    rank = 1


class ConvTranspose2d(_Transposed):
    """2-D transposed convolution: the gradient of :class:`Conv2d` in its input, as a layer.

    Shapes: x (N, C_in, H, W) or (C_in, H, W) -> y (N, C_out, H_out, W_out),
    H_out = (H - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1;
    weight (C_in, C_out / groups, kernel, kernel).

    Starts as PyTorch's: weight and bias uniform in (-b, b), b = 1 / sqrt(C_out / groups kernel^2).

    Parameters
    ----------
    padding : int or tuple
        Rows and columns taken off on each side.
    output_padding : int or tuple
        Rows and columns left on at the end; less than stride or dilation. ``forward`` takes an
        ``output_size`` instead.

    Raises
    ------
    ValueError
        An argument is out of its range, or ``groups`` does not divide the channels.
    TypeError
        An argument is no int.

    Examples
    --------
    >>> import autograd, nn
    >>> down, up = nn.Conv2d(3, 8, 3, 2, 1), nn.ConvTranspose2d(8, 3, 3, 2, 1)
    >>> x = autograd.ones(1, 3, 12, 12)
    >>> up(down(x)).shape, up(down(x), output_size=x.shape).shape
    ((1, 3, 11, 11), (1, 3, 12, 12))

    Source: ``torch.nn.ConvTranspose2d``.
    """

    rank = 2


class ConvTranspose3d(_Transposed):
    """3-D transposed convolution: the gradient of :class:`Conv3d` in its input, as a layer.

    Shapes: x (N, C_in, D, H, W) or (C_in, D, H, W) -> y (N, C_out, D_out, H_out, W_out), each size
    as in :class:`ConvTranspose2d`; weight (C_in, C_out / groups, kernel, kernel, kernel).

    Parameters, start and errors are those of :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ConvTranspose3d(2, 1, 2, stride=2)(autograd.ones(1, 2, 3, 4, 5)).shape
    (1, 1, 6, 8, 10)

    Source: ``torch.nn.ConvTranspose3d``.
    """

    rank = 3
