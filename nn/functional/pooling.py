"""Pooling with PyTorch's arguments, over the kernels of ``nn.ops.pooling``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import ops

from .arguments import check_floating, ints, shape_of

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
    if ints("max_pool2d", "dilation", dilation, 2, 1) != (1, 1):
        raise NotImplementedError(f"max_pool2d: only dilation=1 is supported, got {dilation!r}")
    if return_indices:
        raise NotImplementedError("max_pool2d: return_indices=True is not supported")
    window = _window("max_pool2d", kernel_size, stride, padding, ceil_mode)
    return _on_images("max_pool2d", ops.max_pool2d, input, window)


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
        Divide by this instead.

    Examples
    --------
    >>> import autograd
    >>> avg_pool2d(autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2).tolist()
    [[[2.5]]]
    """
    window = _window("avg_pool2d", kernel_size, stride, padding, ceil_mode)
    window["count_include_pad"] = bool(count_include_pad)
    window["divisor_override"] = divisor_override
    return _on_images("avg_pool2d", ops.avg_pool2d, input, window)


def _window(
    function: str, kernel_size: Pair, stride: Pair | None, padding: Pair, ceil_mode: bool
) -> dict[str, Any]:
    """Return the window's attributes as the kernels take them."""
    kernel = ints(function, "kernel_size", kernel_size, 2, 1)
    return {
        "kernel_size": kernel,
        "stride": kernel if stride is None else ints(function, "stride", stride, 2, 1),
        "padding": ints(function, "padding", padding, 2, 0),
        "ceil_mode": bool(ceil_mode),
    }


def _on_images(function: str, kernel: Callable[..., Any], input: Any, window: dict) -> Any:
    """Pool a batch, or one image as a batch of one."""
    check_floating(function, input=input)
    shape = shape_of(input)
    if len(shape) not in (3, 4):
        raise ValueError(
            f"{function}: input must have shape (N, C, H, W) or (C, H, W), got {shape}"
        )
    return kernel(input, **window) if len(shape) == 4 else kernel(input[None], **window)[0]
