"""Normalisation of the last axes of each sample: layer norm, and root mean square norm.

Unlike batch, instance and group norm they know no channels: what is normalised together, and has a
weight each, is how the input's shape ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.naming import naming
from nn import ops

from .arguments import check_count, check_dtype, shape_of
from .normalization import in_single

__all__ = ["layer_norm", "rms_norm"]


@naming
def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalise the last axes of each sample: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Shapes: input (..., *normalized_shape) -> the same; weight and bias normalized_shape.

    Parameters
    ----------
    input : Tensor
        See above.
    normalized_shape : int or tuple of int
        The lengths of the axes over which mean and (biased) variance go: the last one of a
        sequence (N, L, C), or (C, H, W) of images.
    weight, bias : Tensor, optional
        See above.
    eps : float
        Keeps the root from 0.

    Raises
    ------
    RuntimeError
        The input does not end in normalized_shape, or weight or bias has another shape.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[1.0, 3.0], [10.0, 30.0]])
    >>> nn.functional.layer_norm(x, 2).round(decimals=2).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]

    Source: ``torch.nn.functional.layer_norm``; Ba et al., 2016.
    """
    check_dtype("layer_norm", input, weight=weight, bias=bias)
    dims = _check_ending("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    eps = a_number(eps, "eps", "layer_norm")
    return in_single(ops.layer_norm, input, weight, bias, dims=dims, eps=eps)


@naming
def rms_norm(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    """Divide by the root mean square of the last axes: y = x / sqrt(mean(x^2) + eps) * weight.

    Shapes: input (..., *normalized_shape) -> the same; weight normalized_shape.

    Parameters
    ----------
    input, normalized_shape, weight
        As of :func:`layer_norm`.
    eps : float, optional
        The dtype's machine epsilon if None (float32's for float16).

    Raises
    ------
    RuntimeError
        The input does not end in normalized_shape, or weight has another shape.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.functional.rms_norm(autograd.tensor([3.0, 4.0]), 2)
    tensor([0.8485, 1.1314])

    Source: ``torch.nn.functional.rms_norm``; Zhang & Sennrich, 2019.
    """
    check_dtype("rms_norm", input, weight=weight)
    dims = _check_ending("rms_norm", input, normalized_shape, weight=weight)
    computed = np.promote_types(input.dtype, np.float32)
    eps = np.finfo(computed).eps if eps is None else a_number(eps, "eps", "rms_norm")
    return in_single(ops.rms_norm, input, weight, dims=dims, eps=float(eps))


# ---------------------------------------------------------------- checks


def _check_ending(function: str, input: Any, normalized_shape: Any, **parameters: Any) -> int:
    """Return over how many axes to normalise; raise unless they end the input's shape."""
    inner = as_shape(function, normalized_shape)
    shape = shape_of(input)
    if shape[len(shape) - len(inner) :] != inner or len(inner) > len(shape):
        raise RuntimeError(
            f"{function}: normalized_shape {inner} must be how the input's shape ends, got {shape}"
        )
    for name, parameter in parameters.items():
        if parameter is not None and shape_of(parameter) != inner:
            raise RuntimeError(
                f"{function}: {name} expects shape {inner} (normalized_shape), "
                f"got {shape_of(parameter)}"
            )
    return len(inner)


def as_shape(function: str, normalized_shape: Any) -> tuple[int, ...]:
    """Return normalized_shape, an int or several, as a tuple of at least one."""
    inner = normalized_shape
    inner = (inner,) if isinstance(inner, (int, np.integer)) else inner
    if not isinstance(inner, Iterable):
        raise TypeError(f"{function}: normalized_shape must be an int or ints, got {inner!r}")
    inner = tuple(inner)
    if not inner:
        raise RuntimeError(f"{function}: normalized_shape needs at least one axis, got {inner}")
    check_count(function, 0, **{f"normalized_shape[{i}]": n for i, n in enumerate(inner)})
    return tuple(int(n) for n in inner)
