"""Images as columns of windows, and back, with PyTorch's arguments."""

from __future__ import annotations

from math import prod
from typing import Any

from nn import ops
from nn.ops.windows import output_size as count_windows

from .arguments import check_floating, ints, shape_of

__all__ = ["fold", "unfold"]

Pair = int | tuple[int, int]


def unfold(
    input: Any, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
) -> Any:
    """Write the pixels that each window meets as a column (im2col).

    A convolution is then one product: ``weight.reshape(C_out, -1) @ unfold(x, kernel_size)``.

    Shapes: input (N, C, H, W) or (C, H, W) -> (N, C kernel_h kernel_w, L), with L windows, row by
    row, each way (size + 2 padding - dilation (kernel - 1) - 1) // stride + 1 of them.

    Raises
    ------
    ValueError
        If the input has other axes, an argument is out of its range, or there is no window.
    TypeError
        If the input is not floating-point, or an argument is no int.

    Examples
    --------
    >>> import autograd
    >>> unfold(autograd.arange(6.0).reshape(1, 1, 2, 3), 2).tolist()
    [[[0.0, 1.0], [1.0, 2.0], [3.0, 4.0], [4.0, 5.0]]]

    Source: ``torch.nn.functional.unfold``.
    """
    check_floating("unfold", input=input)
    shape = shape_of(input)
    if len(shape) not in (3, 4):
        raise ValueError(f"unfold: input must have shape (N, C, H, W) or (C, H, W), got {shape}")
    window = _window("unfold", kernel_size, dilation, padding, stride)
    _windows("unfold", shape[-2:], window)
    single = len(shape) == 3
    columns = ops.im2col(input[None] if single else input, **window)
    return columns[0] if single else columns


def fold(
    input: Any,
    output_size: Pair,
    kernel_size: Pair,
    dilation: Pair = 1,
    padding: Pair = 0,
    stride: Pair = 1,
) -> Any:
    """Add columns of windows up to images (col2im): the adjoint of :func:`unfold`.

    Where windows overlap their entries add up; ``fold(unfold(x))`` is x times the number of windows
    that meet each pixel.

    Shapes: input (N, C kernel_h kernel_w, L) or (C kernel_h kernel_w, L) -> (N, C, H, W), where
    ``output_size`` is (H, W).

    Raises
    ------
    ValueError
        If the columns are not as long, or as many, as windows of this size have; or an argument is
        out of its range.
    TypeError
        If the input is not floating-point, or an argument is no int.

    Examples
    --------
    >>> import autograd
    >>> fold(autograd.ones(1, 4, 2), (2, 3), 2).tolist()
    [[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]

    Source: ``torch.nn.functional.fold``.
    """
    check_floating("fold", input=input)
    shape = shape_of(input)
    if len(shape) not in (2, 3):
        raise ValueError(
            f"fold: input must have shape (N, C kernel_h kernel_w, L), or no N, got {shape}"
        )
    size = ints("fold", "output_size", output_size, 2, 1)
    window = _window("fold", kernel_size, dilation, padding, stride)
    length, number = prod(window["kernel_size"]), prod(_windows("fold", size, window))
    if shape[-2] % length or shape[-1] != number:
        raise ValueError(
            f"fold: windows of size {window['kernel_size']} over images of size {size} give input "
            f"of shape (N, C * {length}, {number}), got {shape}"
        )
    single = len(shape) == 2
    images = ops.col2im(input[None] if single else input, output_size=size, **window)
    return images[0] if single else images


def _window(
    name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> dict[str, tuple[int, ...]]:
    return {
        "kernel_size": ints(name, "kernel_size", kernel_size, 2, 1),
        "dilation": ints(name, "dilation", dilation, 2, 1),
        "padding": ints(name, "padding", padding, 2, 0),
        "stride": ints(name, "stride", stride, 2, 1),
    }


def _windows(name: str, image: tuple[int, ...], window: dict[str, Any]) -> tuple[int, ...]:
    """Return how many windows there are each way, or raise where there are none."""
    kernel, stride = window["kernel_size"], window["stride"]
    padding, dilation = window["padding"], window["dilation"]
    sizes = zip(image, kernel, stride, padding, dilation, strict=True)
    windows = tuple(count_windows(n, k, s, p, dilation=d) for n, k, s, p, d in sizes)
    if min(windows) < 1:
        raise ValueError(
            f"{name}: kernel_size {kernel} (dilation {dilation}) does not fit in images of size "
            f"{tuple(image)} with padding {padding}"
        )
    return windows
