"""Pooling to a given size: the windows adapt to the image, and a size of 1 is global pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from nn import ops
from nn.ops.lines import adaptive_line

from .arguments import shape_of
from .images import check_images, on_images

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
]

Sizes = int | None | tuple[int | None, ...]


def adaptive_avg_pool2d(input: Any, output_size: Sizes) -> Any:
    """Mean of ``output_size`` windows: row i averages rows [i H // H_out, ceil((i + 1) H / H_out)).

    ``output_size=1`` is global average pooling, which is as quick as a mean.

    Shapes: (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out) or (C, H_out, W_out).

    Parameters
    ----------
    input : Tensor
    output_size : int or pair
        (H_out, W_out); None keeps the size of the input.

    Raises
    ------
    TypeError
        The input is not floating-point, or ``output_size`` is not made of integers.
    ValueError
        The input is no image, or ``output_size`` is negative.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.arange(12.0).reshape(1, 3, 4)
    >>> adaptive_avg_pool2d(x, 1).tolist(), adaptive_avg_pool2d(x, (2, None)).tolist()
    ([[[5.5]]], [[[2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0]]])

    Source: ``torch.nn.functional.adaptive_avg_pool2d``.
    """
    return _avg(2, input, output_size)


def adaptive_avg_pool1d(input: Any, output_size: Sizes) -> Any:
    """Mean of ``output_size`` windows of a line; as :func:`adaptive_avg_pool2d`.

    Shapes: (N, C, L) or (C, L) -> (N, C, L_out) or (C, L_out).

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> adaptive_avg_pool1d(autograd.tensor([[1.0, 2.0, 6.0]]), 2).tolist()
    [[1.5, 4.0]]

    Source: ``torch.nn.functional.adaptive_avg_pool1d``.
    """
    return _avg(1, input, output_size)


def adaptive_avg_pool3d(input: Any, output_size: Sizes) -> Any:
    """Mean of ``output_size`` windows of a volume; as :func:`adaptive_avg_pool2d`.

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same with D_out, H_out, W_out.

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> adaptive_avg_pool3d(autograd.arange(8.0).reshape(1, 2, 2, 2), 1).tolist()
    [[[[3.5]]]]

    Source: ``torch.nn.functional.adaptive_avg_pool3d``.
    """
    return _avg(3, input, output_size)


def adaptive_max_pool2d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Maximum of ``output_size`` windows, those of :func:`adaptive_avg_pool2d`.

    Shapes: (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out) or (C, H_out, W_out), with
    ``return_indices`` also the places of the winners in their flattened H x W planes.

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.arange(12.0).reshape(1, 3, 4)
    >>> adaptive_max_pool2d(x, (2, 1)).tolist()
    [[[7.0], [11.0]]]
    >>> adaptive_max_pool2d(x, (2, 1), return_indices=True)[1].tolist()
    [[[7], [11]]]

    Source: ``torch.nn.functional.adaptive_max_pool2d``.
    """
    return _max(2, input, output_size, return_indices)


def adaptive_max_pool1d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Maximum of ``output_size`` windows of a line; as :func:`adaptive_max_pool2d`.

    Shapes: (N, C, L) or (C, L) -> (N, C, L_out) or (C, L_out), with indices twice.

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> adaptive_max_pool1d(autograd.tensor([[1.0, 2.0, 6.0]]), 2).tolist()
    [[2.0, 6.0]]

    Source: ``torch.nn.functional.adaptive_max_pool1d``.
    """
    return _max(1, input, output_size, return_indices)


def adaptive_max_pool3d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Maximum of ``output_size`` windows of a volume; as :func:`adaptive_max_pool2d`.

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same with D_out, H_out, W_out.

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> adaptive_max_pool3d(autograd.arange(8.0).reshape(1, 2, 2, 2), (2, 1, 1)).tolist()
    [[[[3.0]], [[7.0]]]]

    Source: ``torch.nn.functional.adaptive_max_pool3d``.
    """
    return _max(3, input, output_size, return_indices)


def adaptive_max_pool1d_with_indices(
    input: Any, output_size: Sizes, return_indices: bool = True
) -> Any:
    """Maximum of windows of a line, and indices: ``adaptive_max_pool1d(..., return_indices=True)``.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[1.0, 3.0, 2.0, 0.0]])
    >>> values, places = adaptive_max_pool1d_with_indices(x, 1)
    >>> values.item(), places.item()
    (3.0, 1)

    Source: ``torch.nn.functional.adaptive_max_pool1d_with_indices``.
    """
    return _max(1, input, output_size, True)


def adaptive_max_pool2d_with_indices(
    input: Any, output_size: Sizes, return_indices: bool = True
) -> Any:
    """Maximum of windows, and indices: ``adaptive_max_pool2d(..., return_indices=True)``.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[1.0, 3.0], [2.0, 0.0]]])
    >>> values, places = adaptive_max_pool2d_with_indices(x, 1)
    >>> values.item(), places.item()
    (3.0, 1)

    Source: ``torch.nn.functional.adaptive_max_pool2d_with_indices``.
    """
    return _max(2, input, output_size, True)


def adaptive_max_pool3d_with_indices(
    input: Any, output_size: Sizes, return_indices: bool = True
) -> Any:
    """Maximum of windows, and indices: ``adaptive_max_pool3d(..., return_indices=True)``.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[[1.0, 3.0], [2.0, 0.0]]]])
    >>> values, places = adaptive_max_pool3d_with_indices(x, 1)
    >>> values.item(), places.item()
    (3.0, 1)

    Source: ``torch.nn.functional.adaptive_max_pool3d_with_indices``.
    """
    return _max(3, input, output_size, True)


def _sizes(function: str, rank: int, input: Any, output_size: Sizes) -> tuple[int, ...]:
    """Return how many windows there are along each axis."""
    check_images(function, input, rank)
    given = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * rank
    integer = (int, np.integer)
    if len(given) != rank or any(
        n is not None and (isinstance(n, bool) or not isinstance(n, integer)) for n in given
    ):
        raise TypeError(
            f"{function}: output_size must be an int or None, or {rank} of them, got "
            f"{output_size!r}"
        )
    if any(n is not None and n < 0 for n in given):
        raise ValueError(f"{function}: output_size must be at least 0, got {output_size!r}")
    kept = shape_of(input)[-rank:]
    return tuple(size if n is None else int(n) for n, size in zip(given, kept, strict=True))


def _avg(rank: int, input: Any, output_size: Sizes) -> Any:
    name = f"adaptive_avg_pool{rank}d"
    sizes = _sizes(name, rank, input, output_size)
    if sizes == (1,) * rank:
        return autograd.mean(input, tuple(range(-rank, 0)), keepdim=True)
    return on_images(name, getattr(ops, name), input, rank, output_size=sizes)


def _max(rank: int, input: Any, output_size: Sizes, return_indices: bool) -> Any:
    name = f"adaptive_max_pool{rank}d"
    sizes = _sizes(name, rank, input, output_size)
    pooled = on_images(name, getattr(ops, name), input, rank, output_size=sizes)
    if not return_indices:
        return pooled
    lines = tuple(map(adaptive_line, shape_of(input)[-rank:], sizes))
    return pooled, on_images(name, ops.max_pool_indices, input, rank, lines=lines)
