"""Nonlinearities made of straight pieces, as layers: each keeps its function's arguments."""

from __future__ import annotations

import warnings
from typing import Any

from autograd import Tensor
from autograd.arguments import a_number

from . import functional as F
from . import init
from .functional.arguments import check_count, layer_dtype
from .hollow import empty
from .module import Module
from .parameter import Parameter

__all__ = [
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Softshrink",
    "Threshold",
]


class InPlace(Module):
    """A nonlinearity that can work in place: a base class, which shows ``inplace`` when set."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return the arguments."""
        return "inplace=True" if self.inplace else ""

    def _also(self, shown: str) -> str:
        return f"{shown}, inplace=True" if self.inplace else shown


class ReLU(InPlace):
    """Rectifier: y = max(x, 0); the derivative at 0 is 0.

    Range [0, inf), so not centred on 0; does not saturate where x > 0; costs one comparison.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReLU()(autograd.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]

    Source: ``torch.nn.ReLU``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Clip at 0."""
        return F.relu(input, self.inplace)


class LeakyReLU(InPlace):
    """Leaky rectifier: y = x where x > 0, else negative_slope x.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.LeakyReLU(0.5)(autograd.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]

    Source: ``torch.nn.LeakyReLU``.
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """Let a little of the negative side through."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return self._also(f"negative_slope={self.negative_slope}")


class PReLU(Module):
    """Leaky rectifier of learned slopes: y = x where x > 0, else w x; dy/dw = x where x <= 0.

    Shapes: x (N, C, ...); weight (num_parameters,), 1 or C of them.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels for a slope each.
    init : float
        The slopes' first value.
    device : optional
        Only the CPU.
    dtype : dtype, optional
        Of the slopes.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.PReLU()(autograd.tensor([-1.0, 2.0])).tolist()
    [-0.25, 2.0]

    Source: ``torch.nn.PReLU``; He et al. (2015).
    """

    num_parameters: int

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        check_count("PReLU", 0, num_parameters=num_parameters)
        self.num_parameters = num_parameters
        self.init = init
        dtype = layer_dtype("PReLU", device, dtype)
        self.weight = Parameter(empty((num_parameters,), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set every slope to its first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Let a learned share of the negative side through."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"num_parameters={self.num_parameters}"


class RReLU(InPlace):
    """Leaky rectifier of random slopes: uniform in [lower, upper) in training, else their mean.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.RReLU(0.25, 0.75).eval()(autograd.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]

    Source: ``torch.nn.RReLU``; Xu et al. (2015).
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """Let a random share of the negative side through."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return self._also(f"lower={self.lower}, upper={self.upper}")


class Threshold(InPlace):
    """Keep what passes a threshold: y = x where x > threshold, else value.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Threshold(1, -3)(autograd.tensor([0.5, 2.0])).tolist()
    [-3.0, 2.0]

    Source: ``torch.nn.Threshold``.
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Replace what does not pass."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return self._also(f"threshold={self.threshold}, value={self.value}")


class Hardtanh(InPlace):
    """Limit to [min_val, max_val]; the derivative is 1 within, 0 outside and at the edges.

    Parameters
    ----------
    min_val, max_val : float
        The bounds.
    inplace : bool
        Whether to change the input itself.
    min_value, max_value : float, optional
        Deprecated names of the bounds, as in PyTorch.

    Raises
    ------
    ValueError
        If min_val is not below max_val.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Hardtanh()(autograd.tensor([-3.0, 0.5])).tolist()
    [-1.0, 0.5]

    Source: ``torch.nn.Hardtanh``.
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__(inplace)
        for old, new in (("min_value", "min_val"), ("max_value", "max_val")):
            if (min_value if old == "min_value" else max_value) is not None:
                warnings.warn(f"Hardtanh: {old} is deprecated: use {new}", FutureWarning, 2)
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        for name in ("min_val", "max_val"):
            a_number(getattr(self, name), name, "Hardtanh")
        if not self.min_val < self.max_val:
            raise ValueError(
                f"{type(self).__name__}: expected min_val < max_val, got {self.min_val} and "
                f"{self.max_val}"
            )

    def forward(self, input: Tensor) -> Tensor:
        """Limit to the bounds."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return self._also(f"min_val={self.min_val}, max_val={self.max_val}")


class ReLU6(Hardtanh):
    """Rectifier that ends at 6: y = min(max(x, 0), 6).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReLU6()(autograd.tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]

    Source: ``torch.nn.ReLU6``.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Limit to [0, 6]."""
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return "inplace=True" if self.inplace else ""


class Hardsigmoid(InPlace):
    """Logistic function of straight pieces: y = min(max(x + 3, 0), 6) / 6.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Hardsigmoid()(autograd.tensor([-3.0, 1.5])).tolist()
    [0.0, 0.75]

    Source: ``torch.nn.Hardsigmoid``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Squash to [0, 1]."""
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        """Return nothing, as PyTorch does."""
        return ""


class Hardswish(InPlace):
    """Swish of straight pieces: y = x min(max(x + 3, 0), 6) / 6.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Hardswish()(autograd.tensor([1.5, 4.0])).tolist()
    [1.125, 4.0]

    Source: ``torch.nn.Hardswish``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Open over [-3, 3]."""
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        """Return nothing, as PyTorch does."""
        return ""


class Hardshrink(Module):
    """Drop what is small: y = 0 where |x| <= lambd, else x.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Hardshrink()(autograd.tensor([0.5, -2.0])).tolist()
    [0.0, -2.0]

    Source: ``torch.nn.Hardshrink``.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Keep what is large."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"{self.lambd}"


class Softshrink(Module):
    """Move towards 0 by lambd: y = x - lambd, x + lambd, or 0 where |x| <= lambd.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Softshrink()(autograd.tensor([0.25, -2.0])).tolist()
    [0.0, -1.5]

    Source: ``torch.nn.Softshrink``.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Shrink."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return str(self.lambd)
