"""The affine map, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

from autograd.ops import affine

from .arguments import check_dtype, shape_of

__all__ = ["linear"]


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
