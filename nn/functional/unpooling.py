"""Max-unpooling, and max-pooling with windows at pseudo-random places."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd
from autograd.arguments import an_integer
from autograd.naming import naming
from nn import ops

from .arguments import check_floating, ints, shape_of
from .images import check_images

__all__ = [
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

Ints = int | tuple[int, ...]


@naming
def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    output_size: Any = None,
) -> Any:
    """Put each maximum back where max-pooling found it, and 0 elsewhere.

    Shapes: input and indices (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out),
    H_out = (H - 1) stride - 2 padding + kernel.

    Parameters
    ----------
    input, indices : Tensor
        What ``max_pool2d`` returned with ``return_indices=True``.
    kernel_size, stride, padding : int or pair
        Of that pooling.
    output_size : sequence of int, optional
        The size before pooling, (H, W) or the whole shape: several sizes pool to the same.

    Raises
    ------
    TypeError
        The input is not floating-point, or the indices are not int64.
    ValueError
        Shapes differ, an index lies outside the output, or ``output_size`` is more than a stride
        away from the size that follows from the arguments.

    Examples
    --------
    >>> import autograd
    >>> from nn import functional as F
    >>> x = autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]])
    >>> max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2).tolist()
    [[[0.0, 0.0], [4.0, 0.0]]]

    Source: ``torch.nn.functional.max_unpool2d``.
    """
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


@naming
def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    output_size: Any = None,
) -> Any:
    """Put each maximum of a line back where it was found; as :func:`max_unpool2d`.

    Shapes: input and indices (N, C, L) or (C, L) -> (N, C, L_out) or (C, L_out).

    Raises
    ------
    TypeError, ValueError
        As :func:`max_unpool2d`.

    Examples
    --------
    >>> import autograd
    >>> from nn import functional as F
    >>> x = autograd.tensor([[1.0, 2.0, 4.0, 3.0]])
    >>> max_unpool1d(*F.max_pool1d(x, 2, return_indices=True), 2).tolist()
    [[0.0, 2.0, 4.0, 0.0]]

    Source: ``torch.nn.functional.max_unpool1d``.
    """
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


@naming
def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    output_size: Any = None,
) -> Any:
    """Put each maximum of a volume back where it was found; as :func:`max_unpool2d`.

    Shapes: input and indices (N, C, D, H, W) or (C, D, H, W) -> the same with larger D, H, W.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_unpool2d`.

    Examples
    --------
    >>> import autograd
    >>> from nn import functional as F
    >>> x = autograd.arange(8.0).reshape(1, 2, 2, 2)
    >>> max_unpool3d(*F.max_pool3d(x, 2, return_indices=True), 2).flatten().tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0]

    Source: ``torch.nn.functional.max_unpool3d``.
    """
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)


@naming
def fractional_max_pool2d(
    input: Any,
    kernel_size: Ints,
    output_size: Ints | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Maximum of windows at pseudo-random places, drawn anew for each image and channel.

    Windows are a H / H_out apart on average, each step rounded down or up.

    Shapes: (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out) or (C, H_out, W_out), with
    ``return_indices`` twice.

    Parameters
    ----------
    input : Tensor
    kernel_size : int or pair
    output_size : int or pair, optional
        (H_out, W_out).
    output_ratio : float or pair, optional
        Instead of ``output_size``: its share of the input's, between 0 and 1.
    return_indices : bool
    _random_samples : Tensor, optional
        (N, C, 2) numbers in [0, 1), for W and H: where the windows are.

    Raises
    ------
    TypeError
        The input is not floating-point, or an argument is not made of numbers.
    ValueError
        Neither or both of size and ratio are given, or the windows do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.arange(25.0).reshape(1, 5, 5)
    >>> fractional_max_pool2d(x, 2, output_size=1).tolist()
    [[[24.0]]]

    Source: ``torch.nn.functional.fractional_max_pool2d``; Graham, Fractional Max-Pooling (2014).
    """
    given = output_size, output_ratio, return_indices, _random_samples
    return _fractional(2, input, kernel_size, *given)


@naming
def fractional_max_pool3d(
    input: Any,
    kernel_size: Ints,
    output_size: Ints | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Maximum of windows of a volume at pseudo-random places; as :func:`fractional_max_pool2d`.

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same with D_out, H_out, W_out;
    ``_random_samples`` is (N, C, 3), for D, H and W.

    Raises
    ------
    TypeError, ValueError
        As :func:`fractional_max_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> fractional_max_pool3d(autograd.ones(1, 4, 4, 4), 2, output_ratio=0.5).shape
    (1, 2, 2, 2)

    Source: ``torch.nn.functional.fractional_max_pool3d``.
    """
    given = output_size, output_ratio, return_indices, _random_samples
    return _fractional(3, input, kernel_size, *given)


@naming
def fractional_max_pool2d_with_indices(
    input: Any,
    kernel_size: Ints,
    output_size: Ints | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = True,
    _random_samples: Any = None,
) -> Any:
    """Maximum of windows at random places, and where it is: :func:`fractional_max_pool2d`.

    Raises
    ------
    ValueError
        The windows do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[1.0, 3.0], [2.0, 0.0]]])
    >>> values, places = fractional_max_pool2d_with_indices(x, 2, output_size=1)
    >>> values.item(), places.item()
    (3.0, 1)

    Source: ``torch.nn.functional.fractional_max_pool2d_with_indices``.
    """
    return _fractional(2, input, kernel_size, output_size, output_ratio, True, _random_samples)


@naming
def fractional_max_pool3d_with_indices(
    input: Any,
    kernel_size: Ints,
    output_size: Ints | None = None,
    output_ratio: float | tuple[float, ...] | None = None,
    return_indices: bool = True,
    _random_samples: Any = None,
) -> Any:
    """Maximum of windows of a volume, and where it is: :func:`fractional_max_pool3d`.

    Raises
    ------
    ValueError
        The windows do not fit.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[[1.0, 3.0], [2.0, 0.0]]]])
    >>> values, places = fractional_max_pool3d_with_indices(x, (1, 2, 2), output_size=1)
    >>> values.item(), places.item()
    (3.0, 1)

    Source: ``torch.nn.functional.fractional_max_pool3d_with_indices``.
    """
    return _fractional(3, input, kernel_size, output_size, output_ratio, True, _random_samples)


# ---------------------------------------------------------------- for any number of axes


def _unpool(
    rank: int,
    input: Any,
    indices: Any,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Ints,
    output_size: Any,
) -> Any:
    name = f"max_unpool{rank}d"
    kernel = ints(name, "kernel_size", kernel_size, rank, 1)
    step = kernel if stride is None else ints(name, "stride", stride, rank, 1)
    border = ints(name, "padding", padding, rank, 0)
    batched = check_images(name, input, rank)
    shape = shape_of(input)
    places = np.asarray(getattr(indices, "payload", indices))
    if places.dtype != np.int64:
        raise TypeError(f"{name}: indices must be int64, got {places.dtype}")
    if places.shape != shape:
        raise ValueError(
            f"{name}: input and indices must have the same shape, got {shape} and {places.shape}"
        )
    sizes = zip(shape[-rank:], kernel, step, border, strict=True)
    size = tuple((n - 1) * s - 2 * p + k for n, k, s, p in sizes)
    if output_size is not None:
        size = _chosen_size(name, rank, output_size, size, step)
    count = math.prod(size)
    if places.size and not 0 <= int(places.min()) <= int(places.max()) < count:
        raise ValueError(
            f"{name}: indices must be in [0, {count}) of a plane of {size}, got "
            f"{int(places.min())} to {int(places.max())}"
        )
    if batched:
        return ops.unpool(input, indices=places, size=size)
    return ops.unpool(input[None], indices=places[None], size=size)[0]


def _chosen_size(
    name: str, rank: int, output_size: Any, default: tuple[int, ...], stride: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the size asked for, which must be less than a stride from what follows."""
    if not isinstance(output_size, Iterable):
        raise TypeError(f"{name}: output_size must be {rank} ints, got {output_size!r}")
    chosen = tuple(an_integer(n, "each of output_size", name) for n in output_size)
    if len(chosen) in (rank + 1, rank + 2):
        chosen = chosen[-rank:]
    if len(chosen) != rank:
        raise ValueError(
            f"{name}: output_size must have {rank} entries, or those of the whole shape, got "
            f"{tuple(output_size)}"
        )
    for n, d, s in zip(chosen, default, stride, strict=True):
        if not d - s < n < d + s:
            raise ValueError(
                f"{name}: output_size {chosen} must be less than a stride {stride} from {default}"
            )
    return chosen


def _fractional(
    rank: int,
    input: Any,
    kernel_size: Ints,
    output_size: Ints | None,
    output_ratio: float | tuple[float, ...] | None,
    return_indices: bool,
    samples: Any,
) -> Any:
    name = f"fractional_max_pool{rank}d"
    kernel = ints(name, "kernel_size", kernel_size, rank, 1)
    batched = check_images(name, input, rank)
    x = input if batched else input[None]
    size = x.shape[2:]
    if (output_size is None) == (output_ratio is None):
        raise ValueError(f"{name}: give either output_size or output_ratio")
    if output_size is not None:
        output = ints(name, "output_size", output_size, rank, 1)
    else:
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * rank
        if len(ratios) != rank or not all(0 < float(r) < 1 for r in ratios):
            raise ValueError(
                f"{name}: output_ratio must be between 0 and 1, or {rank} such, got {output_ratio}"
            )
        output = tuple(int(n * r) for n, r in zip(size, ratios, strict=True))
    if any(m < 1 or m + k - 1 > n for n, k, m in zip(size, kernel, output, strict=True)):
        raise ValueError(
            f"{name}: {output} windows of {kernel} do not fit in the input of shape "
            f"{shape_of(input)}"
        )
    if samples is None:
        samples = autograd.rand(*x.shape[:2], rank, dtype=x.dtype)
    check_floating(name, _random_samples=samples)
    if shape_of(samples) != (*x.shape[:2], rank):
        raise ValueError(
            f"{name}: _random_samples must have shape {(*x.shape[:2], rank)}, got "
            f"{shape_of(samples)}"
        )
    places = ops.winners_at_random(x, samples, kernel_size=kernel, output_size=output)
    indices = np.asarray(getattr(places, "payload", places))
    z = ops.take_at(x, indices=indices)
    if not batched:
        z, places = z[0], places[0]
    return (z, places) if return_indices else z
