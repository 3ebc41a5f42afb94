"""Convolution with PyTorch's arguments, over the kernels of ``nn.ops.convolution``."""

from __future__ import annotations

from typing import Any

from nn import ops

from .arguments import check_dtype, ints, shape_of

__all__ = ["conv2d"]


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] | str = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Any:
    """2-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Parameters
    ----------
    input : Tensor
        (N, C_in, H, W), or one image (C_in, H, W).
    weight : Tensor
        (C_out, C_in, kernel_height, kernel_width).
    bias : Tensor, optional
        (C_out,).
    stride : int or pair
        Step of the window.
    padding : int, pair, 'same' or 'valid'
        Rows and columns of zeros on each side; 'same' keeps H and W (stride 1 only) and pads one
        more at the end when the kernel is even, 'valid' is 0.
    dilation, groups
        Only 1 for now.

    Returns
    -------
    Tensor
        (N, C_out, H_out, W_out), H_out = (H + 2 padding - kernel_height) // stride + 1.

    Raises
    ------
    ValueError
        Shapes do not fit, the kernel is larger than the padded input, or an argument is negative.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd
    >>> conv2d(autograd.ones(1, 1, 3, 3), autograd.ones(1, 1, 2, 2)).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    check_dtype("conv2d", input, weight=weight, bias=bias)
    stride = ints("conv2d", "stride", stride, 2, 1)
    if ints("conv2d", "dilation", dilation, 2, 1) != (1, 1):
        raise NotImplementedError(f"conv2d: only dilation=1 is supported, got {dilation!r}")
    if groups != 1:
        raise NotImplementedError(f"conv2d: only groups=1 is supported, got {groups!r}")
    shape = shape_of(input)
    if len(shape) not in (3, 4):
        raise ValueError(f"conv2d: input must have shape (N, C, H, W) or (C, H, W), got {shape}")
    images = input[None] if len(shape) == 3 else input
    images, padding = _padded(images, shape_of(weight)[2:], stride, padding)
    maps = ops.conv2d(images, weight, bias, stride=stride, padding=padding)
    return maps[0] if len(shape) == 3 else maps


def _padded(
    input: Any, kernel: tuple[int, ...], stride: tuple[int, int], padding: Any
) -> tuple[Any, tuple[int, int]]:
    """Return the input, and the symmetric padding that is left to the kernel."""
    if padding == "valid":
        return input, (0, 0)
    if padding != "same":
        if isinstance(padding, str):
            raise ValueError(f"conv2d: padding must be 'same', 'valid' or ints, got {padding!r}")
        return input, ints("conv2d", "padding", padding, 2, 0)
    if stride != (1, 1):
        raise ValueError(f"conv2d: padding='same' needs stride 1, got stride {stride}")
    total = [k - 1 for k in kernel]
    if any(n % 2 for n in total):  # an even kernel: one row or column more at the end
        input = ops.pad(input, widths=((0, 0), (0, 0), *((0, n % 2) for n in total)))
    return input, (total[0] // 2, total[1] // 2)
