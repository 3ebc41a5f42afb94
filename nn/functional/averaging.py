"""Means and norms of sliding windows, with PyTorch's arguments."""

from __future__ import annotations

import math
from typing import Any

import autograd
from autograd.naming import naming
from nn import ops

from . import pooling
from .images import check_images, on_images
from .pooling import Ints, window

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
]


def avg_pool2d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of each window.

    Shapes: (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out) or (C, H_out, W_out),
    H_out = (H + 2 padding - kernel) // stride + 1.

    Parameters
    ----------
    input, kernel_size, stride, padding, ceil_mode
        As ``max_pool2d``; padding is zeros.
    count_include_pad : bool
        Whether the padding counts in the divisor; what ``ceil_mode`` adds never does.
    divisor_override : int, optional
        Divide by this instead.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`; or ``divisor_override`` is 0.

    Examples
    --------
    >>> import autograd
    >>> avg_pool2d(autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2).tolist()
    [[[2.5]]]

    Source: ``torch.nn.functional.avg_pool2d``.
    """
    attributes = window("avg_pool2d", 2, kernel_size, stride, padding, ceil_mode)
    return _avg_pool(2, input, attributes, count_include_pad, divisor_override)


def avg_pool1d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """Mean of each window of a line; as :func:`avg_pool2d`.

    Shapes: (N, C, L) or (C, L) -> (N, C, L_out) or (C, L_out).

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> avg_pool1d(autograd.tensor([[1.0, 3.0, 2.0, 0.0]]), 2).tolist()
    [[2.0, 1.0]]

    Source: ``torch.nn.functional.avg_pool1d``.
    """
    attributes = window("avg_pool1d", 1, kernel_size, stride, padding, ceil_mode)
    return _avg_pool(1, input, attributes, count_include_pad, None)


def avg_pool3d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of each window of a volume; as :func:`avg_pool2d`.

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same with D_out, H_out, W_out.

    Raises
    ------
    TypeError, ValueError
        As :func:`avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> avg_pool3d(autograd.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[3.5]]]]

    Source: ``torch.nn.functional.avg_pool3d``.
    """
    attributes = window("avg_pool3d", 3, kernel_size, stride, padding, ceil_mode)
    return _avg_pool(3, input, attributes, count_include_pad, divisor_override)


@naming
def lp_pool2d(
    input: Any,
    norm_type: float,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
) -> Any:
    """p-norm of each window, (sum of x^p)^(1/p), with p = ``norm_type``.

    The sum is the mean times the size of the window, also where ``ceil_mode`` lets it hang over.
    With p infinite it is the largest |x|, with p = -inf the smallest.

    Shapes: as :func:`avg_pool2d`.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`; or ``norm_type`` is 0.

    Examples
    --------
    >>> import autograd
    >>> lp_pool2d(autograd.tensor([[[3.0, 4.0], [0.0, 0.0]]]), 2, 2).tolist()
    [[[5.0]]]

    Source: ``torch.nn.functional.lp_pool2d``.
    """
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


@naming
def lp_pool1d(
    input: Any,
    norm_type: float,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
) -> Any:
    """p-norm of each window of a line; as :func:`lp_pool2d`.

    Shapes: as :func:`avg_pool1d`.

    Raises
    ------
    TypeError, ValueError
        As :func:`lp_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> lp_pool1d(autograd.tensor([[3.0, 4.0, 1.0, 0.0]]), 2, 2).tolist()
    [[5.0, 1.0]]

    Source: ``torch.nn.functional.lp_pool1d``.
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


@naming
def lp_pool3d(
    input: Any,
    norm_type: float,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
) -> Any:
    """p-norm of each window of a volume; as :func:`lp_pool2d`.

    Shapes: as :func:`avg_pool3d`.

    Raises
    ------
    TypeError, ValueError
        As :func:`lp_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> lp_pool3d(autograd.ones(1, 2, 2, 2), 1, 2).tolist()
    [[[[8.0]]]]

    Source: ``torch.nn.functional.lp_pool3d``.
    """
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


# ---------------------------------------------------------------- for any number of axes


def _avg_pool(
    rank: int, input: Any, attributes: dict[str, Any], count_include_pad: bool, divisor: int | None
) -> Any:
    name = f"avg_pool{rank}d"
    if divisor is not None:
        if isinstance(divisor, bool) or not hasattr(divisor, "__index__"):
            raise TypeError(f"{name}: divisor_override must be an int, got {divisor!r}")
        if divisor == 0:
            raise ValueError(f"{name}: divisor_override must not be 0")
    attributes |= {"count_include_pad": bool(count_include_pad), "divisor_override": divisor}
    return on_images(name, getattr(ops, name), input, rank, **attributes)


def _lp_pool(
    rank: int, input: Any, p: float, kernel_size: Ints, stride: Ints | None, ceil_mode: bool
) -> Any:
    name = f"lp_pool{rank}d"
    if isinstance(p, bool) or not isinstance(p, (int, float)):
        raise TypeError(f"{name}: norm_type must be a number, got {p!r}")
    if p == 0:
        raise ValueError(f"{name}: norm_type must not be 0")
    attributes = window(name, rank, kernel_size, stride, 0, ceil_mode)
    check_images(name, input, rank)
    if math.isinf(p):
        sign = math.copysign(1, p)
        most = getattr(pooling, f"max_pool{rank}d")
        return sign * most(sign * autograd.abs(input), kernel_size, stride, ceil_mode=ceil_mode)
    mean = _avg_pool(rank, autograd.pow(input, p), attributes, True, None)
    total = mean * math.prod(attributes["kernel_size"])
    empty = total == 0  # whose root has no derivative: nothing is sent there, as by PyTorch
    root = autograd.pow(autograd.where(empty, 1.0, total), 1.0 / p)
    return autograd.where(empty, 0.0 if p > 0 else math.inf, root)
