"""Fully connected layers and the reshaping that leads to them."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from . import init
from .functional.arguments import check_count, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = ["Bilinear", "Flatten", "Identity", "Linear", "Unflatten"]


class Linear(Module):
    """Affine map: y = x @ weight.T + bias.

    Shapes: x (..., in_features) -> y (..., out_features); weight (out_features, in_features).

    Starts as PyTorch's: weight and bias uniform in (-b, b), b = 1 / sqrt(in_features).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Linear(3, 2)(autograd.ones(4, 3)).shape
    (4, 2)

    Source: ``torch.nn.Linear``.
    """

    in_features: int
    out_features: int

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count("Linear", 0, in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        dtype = layer_dtype(type(self).__name__, device, dtype)
        self.weight = Parameter(empty((out_features, in_features), dtype))
        if bias:
            self.bias = Parameter(empty((out_features,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.default_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Map the last axis."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    """Bilinear map of two inputs: y_k = x1^T weight_k x2 + bias_k.

    Shapes: x1 (..., in1_features), x2 (..., in2_features) -> y (..., out_features); weight
    (out_features, in1_features, in2_features). Weight and bias start uniform in (-b, b), b = 1 /
    sqrt(in1_features).

    Raises
    ------
    ValueError
        A number of features is less than 1, or of the inputs not that of the weight.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Bilinear(3, 2, 5)(autograd.ones(4, 3), autograd.ones(4, 2)).shape
    (4, 5)

    Source: ``torch.nn.Bilinear``.
    """

    in1_features: int
    in2_features: int
    out_features: int

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count("Bilinear", 1, in1_features=in1_features)
        check_count("Bilinear", 0, in2_features=in2_features, out_features=out_features)
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        dtype = layer_dtype(type(self).__name__, device, dtype)
        self.weight = Parameter(empty((out_features, in1_features, in2_features), dtype))
        if bias:
            self.bias = Parameter(empty((out_features,), dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        bound = 1 / sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Map the last axes."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Flatten(Module):
    """Join the axes ``start_dim`` to ``end_dim`` into one; by default all but the batch.

    Shapes: x (N, C, H, W) -> y (N, C H W).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Flatten()(autograd.ones(2, 3, 4, 4)).shape
    (2, 48)

    Source: ``torch.nn.Flatten``.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Reshape; nothing is computed."""
        return F.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Divide one axis into several, the inverse of ``Flatten``; one -1 is worked out.

    Shapes: x (N, C H W) -> y (N, C, H, W) for dim=1 and unflattened_size=(C, H, W).

    Raises
    ------
    TypeError
        ``unflattened_size`` is no tuple or list of ints.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Unflatten(1, (2, -1))(autograd.ones(4, 6)).shape
    (4, 2, 3)

    Source: ``torch.nn.Unflatten``.
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...] | list[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)) or not all(
            isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in unflattened_size
        ):
            raise TypeError(
                "Unflatten: unflattened_size must be a tuple or list of ints, got "
                f"{unflattened_size!r}"
            )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Reshape; nothing is computed."""
        return autograd.unflatten(input, self.dim, tuple(self.unflattened_size))

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Identity(Module):
    """y = x; a placeholder that takes any arguments, as PyTorch's.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Identity(54, unused=True)(autograd.ones(2))
    tensor([1., 1.])

    Source: ``torch.nn.Identity``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return the input."""
        return input
