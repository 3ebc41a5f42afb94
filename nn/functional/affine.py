"""The affine map, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

import autograd
from autograd.ops import affine

from .arguments import check_dtype, shape_of

__all__ = ["bilinear", "linear"]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """Affine map: y = input @ weight.T + bias.

    Shapes: input (..., in_features), weight (out_features, in_features), bias (out_features,)
    -> (..., out_features).

    Raises
    ------
    ValueError
        The shapes do not fit.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd
    >>> linear(autograd.tensor([1.0, 2.0]), autograd.tensor([[3.0, 4.0]])).tolist()
    [11.0]

    Source: ``torch.nn.functional.linear``.
    """
    check_dtype("linear", input, weight=weight, bias=bias)
    shape, weight_shape = shape_of(input), shape_of(weight)
    if len(weight_shape) != 2:
        raise ValueError(
            f"linear: weight must have shape (out_features, in_features), got {weight_shape}"
        )
    if not shape or shape[-1] != weight_shape[1]:
        raise ValueError(
            f"linear: weight expects {weight_shape[1]} input features, got input of shape {shape}"
        )
    if bias is not None and shape_of(bias) != weight_shape[:1]:
        raise ValueError(f"linear: bias must have shape ({weight_shape[0]},), got {shape_of(bias)}")
    return affine.linear(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """Bilinear map: y_k = input1^T weight_k input2 + bias_k.

    Shapes: input1 (..., in1), input2 (..., in2), weight (out, in1, in2), bias (out,) -> (..., out).

    Raises
    ------
    ValueError
        The shapes do not fit.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd
    >>> x, y = autograd.tensor([1.0, 2.0]), autograd.tensor([3.0, 4.0])
    >>> bilinear(x, y, autograd.eye(2)[None]).tolist()  # the inner product
    [11.0]

    Source: ``torch.nn.functional.bilinear``.
    """
    check_dtype("bilinear", input1, input2=input2, weight=weight, bias=bias)
    first, second, of_weight = shape_of(input1), shape_of(input2), shape_of(weight)
    if len(of_weight) != 3:
        raise ValueError(f"bilinear: weight must have shape (out, in1, in2), got {of_weight}")
    if (first[-1:], second[-1:]) != (of_weight[1:2], of_weight[2:]) or first[:-1] != second[:-1]:
        raise ValueError(
            f"bilinear: weight expects inputs (..., {of_weight[1]}) and (..., {of_weight[2]}) with "
            f"the same leading axes, got shapes {first} and {second}"
        )
    if bias is not None and shape_of(bias) != of_weight[:1]:
        raise ValueError(f"bilinear: bias must have shape ({of_weight[0]},), got {shape_of(bias)}")
    y = autograd.einsum("...i,kij,...j->...k", input1, weight, input2)
    return y if bias is None else y + bias
