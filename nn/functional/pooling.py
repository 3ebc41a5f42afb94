"""Pooling with PyTorch's arguments, over the kernels of ``nn.ops.pooling``."""

from __future__ import annotations

from typing import Any

from nn import ops

from .arguments import check_floating, pair, shape_of

__all__ = ["avg_pool2d", "max_pool2d"]

Pair = int | tuple[int, int]


def max_pool2d(
    input: Any,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Maximum of each window; the gradient goes to the winner (the first, where several tie).

    Parameters
    ----------
    input : Tensor
        (N, C, H, W) or (C, H, W).
    kernel_size : int or pair
        Height and width of the window.
    stride : int or pair, optional
        Step of the window; ``kernel_size`` when not given.
    padding : int or pair
        Rows and columns of -inf on each side, at most half the kernel.
    dilation, return_indices
        Only 1 and False for now.
    ceil_mode : bool
        Round the output size up: the last window may hang over the edge.

    Raises
    ------
    ValueError
        The window does not fit the padded input, or an argument is out of its range.

    Examples
    --------
    >>> import autograd
    >>> max_pool2d(autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2).tolist()
    [[[4.0]]]
    """
    if pair("max_pool2d", "dilation", dilation, 1) != (1, 1):
        raise NotImplementedError(f"max_pool2d: only dilation=1 is supported, got {dilation!r}")
    if return_indices:
        raise NotImplementedError("max_pool2d: return_indices=True is not supported")
    images, window = _window("max_pool2d", input, kernel_size, stride, padding, ceil_mode)
    pooled = ops.max_pool2d(images, **window)
    return pooled[0] if images is not input else pooled


def avg_pool2d(
    input: Any,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of each window.

    Parameters
    ----------
    input, kernel_size, stride, padding, ceil_mode
        As ``max_pool2d``; padding is zeros.
    count_include_pad : bool
        Whether the padding counts in the divisor.
    divisor_override : int, optional
        Divide by this instead of by the number of elements.

    Examples
    --------
    >>> import autograd
    >>> avg_pool2d(autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2).tolist()
    [[[2.5]]]
    """
    images, window = _window("avg_pool2d", input, kernel_size, stride, padding, ceil_mode)
    if divisor_override is not None and divisor_override == 0:
        raise ValueError("avg_pool2d: divisor_override must not be 0")
    pooled = ops.avg_pool2d(
        images,
        **window,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )
    return pooled[0] if images is not input else pooled


def _window(
    function: str, input: Any, kernel_size: Pair, stride: Pair | None, padding: Pair, ceil: bool
) -> tuple[Any, dict[str, Any]]:
    """Return the input as a batch (a new tensor if it was one image), and the window."""
    check_floating(function, input=input)
    kernel = pair(function, "kernel_size", kernel_size, 1)
    steps = kernel if stride is None else pair(function, "stride", stride, 1)
    pads = pair(function, "padding", padding, 0)
    shape = shape_of(input)
    if len(shape) not in (3, 4):
        raise ValueError(
            f"{function}: input must have shape (N, C, H, W) or (C, H, W), got {shape}"
        )
    if any(2 * p > k for p, k in zip(pads, kernel, strict=True)):
        raise ValueError(
            f"{function}: padding must be at most half the kernel, "
            f"got padding {pads} for kernel {kernel}"
        )
    padded = tuple(n + 2 * p for n, p in zip(shape[-2:], pads, strict=True))
    if any(k > n for k, n in zip(kernel, padded, strict=True)) and not ceil:
        raise ValueError(
            f"{function}: kernel {kernel} is larger than the padded input {padded} "
            f"(input of shape {shape})"
        )
    window = {"kernel_size": kernel, "stride": steps, "padding": pads, "ceil_mode": bool(ceil)}
    return (input[None] if len(shape) == 3 else input), window
