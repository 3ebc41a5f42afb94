"""Unpooling layers, and pooling with windows at pseudo-random places."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

from . import functional as F
from .functional.arguments import ints
from .module import Module

__all__ = [
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]

Ints = int | tuple[int, ...]


class _MaxUnpool(Module):
    _rank: int
    _unpool: Any

    def __init__(self, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0) -> None:
        super().__init__()
        name, rank = type(self).__name__, self._rank
        self.kernel_size = ints(name, "kernel_size", kernel_size, rank, 1)
        stride = self.kernel_size if stride is None else stride
        self.stride = ints(name, "stride", stride, rank, 1)
        self.padding = ints(name, "padding", padding, rank, 0)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Put the values back at their places, in a plane of ``output_size`` if it is given."""
        return self._unpool(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Put each maximum of a line back where ``MaxPool1d`` found it, and 0 elsewhere.

    Shapes: x and indices (N, C, L) or (C, L) -> y with L_out = (L - 1) stride - 2 padding + kernel.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[1.0, 2.0, 4.0, 3.0]])
    >>> nn.MaxUnpool1d(2)(*nn.MaxPool1d(2, return_indices=True)(x)).tolist()
    [[0.0, 2.0, 4.0, 0.0]]

    Source: ``torch.nn.MaxUnpool1d``.
    """

    _rank, _unpool = 1, staticmethod(F.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """Put each maximum back where ``MaxPool2d`` found it, and 0 elsewhere.

    Shapes: x and indices (N, C, H, W) or (C, H, W) -> y with
    H_out = (H - 1) stride - 2 padding + kernel, or ``output_size``.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]])
    >>> nn.MaxUnpool2d(2)(*nn.MaxPool2d(2, return_indices=True)(x)).tolist()
    [[[0.0, 0.0], [4.0, 0.0]]]

    Source: ``torch.nn.MaxUnpool2d``.
    """

    _rank, _unpool = 2, staticmethod(F.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """Put each maximum of a volume back where ``MaxPool3d`` found it, and 0 elsewhere.

    Shapes: x and indices (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.arange(8.0).reshape(1, 2, 2, 2)
    >>> nn.MaxUnpool3d(2)(*nn.MaxPool3d(2, return_indices=True)(x)).flatten().tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0]

    Source: ``torch.nn.MaxUnpool3d``.
    """

    _rank, _unpool = 3, staticmethod(F.max_unpool3d)


class _FractionalMaxPool(Module):
    _rank: int
    _pool: Any

    def __init__(
        self,
        kernel_size: Ints,
        output_size: Ints | None = None,
        output_ratio: float | tuple[float, ...] | None = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        name, rank = type(self).__name__, self._rank
        self.kernel_size = ints(name, "kernel_size", kernel_size, rank, 1)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{name}: give either output_size or output_ratio")
        self.output_size = (
            None if output_size is None else ints(name, "output_size", output_size, rank, 1)
        )
        single = isinstance(output_ratio, (int, float))
        self.output_ratio = (output_ratio,) * rank if single else output_ratio
        if self.output_ratio is not None and not all(0 < r < 1 for r in self.output_ratio):
            raise ValueError(f"{name}: output_ratio must be between 0 and 1, got {output_ratio}")

    def forward(self, input: Tensor) -> Any:
        """Pool a batch, or one sample."""
        return self._pool(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """Maximum of windows at pseudo-random places, drawn anew at each call.

    Shapes: x (N, C, H, W) or (C, H, W) -> y (N, C, H_out, W_out), with ``return_indices`` also the
    places of the winners.

    Raises
    ------
    ValueError
        Neither or both of ``output_size`` and ``output_ratio`` are given.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.5))(autograd.ones(1, 3, 10, 10)).shape
    (1, 3, 7, 5)

    Source: ``torch.nn.FractionalMaxPool2d``; Graham, Fractional Max-Pooling (2014).
    """

    _rank, _pool = 2, staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """Maximum of windows of a volume at pseudo-random places, drawn anew at each call.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y with D_out, H_out, W_out.

    Raises
    ------
    ValueError
        As ``FractionalMaxPool2d``.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.FractionalMaxPool3d(2, output_size=3)(autograd.ones(1, 3, 8, 8, 8)).shape
    (1, 3, 3, 3, 3)

    Source: ``torch.nn.FractionalMaxPool3d``.
    """

    _rank, _pool = 3, staticmethod(F.fractional_max_pool3d)
