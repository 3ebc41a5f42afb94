"""Padding layers: a border of zeros, of a constant, mirrored, of the edge, or going round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd import Tensor

from . import functional as F
from .functional.arguments import check_tensor
from .module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Widths = int | Sequence[int]


class _Pad(Module):
    """A border of ``padding``: one int, or (before, after) of the last axis, the one before..."""

    _mode: str
    _rank: int

    def __init__(self, padding: Widths) -> None:
        super().__init__()
        count = 2 * self._rank
        widths = (padding,) * count if isinstance(padding, (int, np.integer)) else padding
        try:
            valid = len(widths) == count and all(
                isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in widths
            )
        except TypeError:
            valid = False
        if not valid:
            raise TypeError(
                f"{type(self).__name__}: padding must be an int or {count} ints, (before, after) "
                f"of each axis from the last, got {padding!r}"
            )
        self.padding = tuple(int(n) for n in widths)

    def forward(self, input: Tensor) -> Tensor:
        """Put the border around the last axes."""
        self._check(input)
        return F.pad(input, self.padding, self._mode)

    def _check(self, x: Tensor) -> None:
        check_tensor(type(self).__name__, input=x)
        if len(x.shape) not in (self._rank + 1, self._rank + 2):
            axes = ("L", "H, W", "D, H, W")[self._rank - 1]
            raise ValueError(
                f"{type(self).__name__}: input must have shape (N, C, {axes}) or (C, {axes}), got "
                f"{tuple(x.shape)}"
            )

    def extra_repr(self) -> str:
        """Return the widths."""
        return f"{self.padding}"


class ReflectionPad1d(_Pad):
    """Continue a line by its mirror image, without the edge itself.

    Shapes: x (N, C, L) or (C, L) -> y with before + L + after; each width is less than L.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReflectionPad1d((2, 1))(autograd.tensor([[1.0, 2.0, 3.0]])).tolist()
    [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]

    Source: ``torch.nn.ReflectionPad1d``.
    """

    _mode, _rank = "reflect", 1


class ReflectionPad2d(ReflectionPad1d):
    """Continue an image by its mirror image, without the edges themselves.

    Shapes: x (N, C, H, W) or (C, H, W) -> y with top + H + bottom, left + W + right;
    ``padding`` is one int or (left, right, top, bottom).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReflectionPad2d(1)(autograd.tensor([[[1.0, 2.0], [3.0, 4.0]]]))[0, 0].tolist()
    [4.0, 3.0, 4.0, 3.0]

    Source: ``torch.nn.ReflectionPad2d``.
    """

    _rank = 2


class ReflectionPad3d(ReflectionPad1d):
    """Continue a volume by its mirror image, without the faces themselves.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y longer by the six widths.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReflectionPad3d(1)(autograd.ones(1, 2, 3, 4)).shape
    (1, 4, 5, 6)

    Source: ``torch.nn.ReflectionPad3d``.
    """

    _rank = 3


class ReplicationPad1d(_Pad):
    """Continue a line by its ends.

    Shapes: x (N, C, L) or (C, L) -> y with before + L + after.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReplicationPad1d((2, 1))(autograd.tensor([[1.0, 2.0, 3.0]])).tolist()
    [[1.0, 1.0, 1.0, 2.0, 3.0, 3.0]]

    Source: ``torch.nn.ReplicationPad1d``.
    """

    _mode, _rank = "replicate", 1


class ReplicationPad2d(ReplicationPad1d):
    """Continue an image by its edges.

    Shapes: x (N, C, H, W) or (C, H, W) -> y with top + H + bottom, left + W + right;
    ``padding`` is one int or (left, right, top, bottom).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReplicationPad2d(1)(autograd.tensor([[[1.0, 2.0], [3.0, 4.0]]]))[0, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]

    Source: ``torch.nn.ReplicationPad2d``.
    """

    _rank = 2


class ReplicationPad3d(ReplicationPad1d):
    """Continue a volume by its faces.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y longer by the six widths.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ReplicationPad3d(1)(autograd.ones(1, 2, 3, 4)).shape
    (1, 4, 5, 6)

    Source: ``torch.nn.ReplicationPad3d``.
    """

    _rank = 3


class CircularPad1d(_Pad):
    """Continue a line from its other end.

    Shapes: x (N, C, L) or (C, L) -> y with before + L + after; no width exceeds L.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.CircularPad1d((2, 1))(autograd.tensor([[1.0, 2.0, 3.0]])).tolist()
    [[2.0, 3.0, 1.0, 2.0, 3.0, 1.0]]

    Source: ``torch.nn.CircularPad1d``.
    """

    _mode, _rank = "circular", 1


class CircularPad2d(CircularPad1d):
    """Continue an image from its other ends.

    Shapes: x (N, C, H, W) or (C, H, W) -> y with top + H + bottom, left + W + right;
    ``padding`` is one int or (left, right, top, bottom).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.CircularPad2d(1)(autograd.tensor([[[1.0, 2.0], [3.0, 4.0]]]))[0, 0].tolist()
    [4.0, 3.0, 4.0, 3.0]

    Source: ``torch.nn.CircularPad2d``.
    """

    _rank = 2


class CircularPad3d(CircularPad1d):
    """Continue a volume from its other ends.

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> y longer by the six widths.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.CircularPad3d(1)(autograd.ones(1, 2, 3, 4)).shape
    (1, 4, 5, 6)

    Source: ``torch.nn.CircularPad3d``.
    """

    _rank = 3


class ConstantPad1d(_Pad):
    """Put ``value`` before and after a line; it receives no gradient.

    Shapes: x (N, C, L) or (C, L), or any that ends so -> y with before + L + after.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ConstantPad1d((2, 1), 9.0)(autograd.tensor([[1.0, 2.0]])).tolist()
    [[9.0, 9.0, 1.0, 2.0, 9.0]]

    Source: ``torch.nn.ConstantPad1d``.
    """

    _mode, _rank = "constant", 1

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Put the border around the last axes."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    """Put a border of ``value`` around an image; it receives no gradient.

    Shapes: x (..., H, W) -> y (..., top + H + bottom, left + W + right); ``padding`` is one int or
    (left, right, top, bottom).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)(autograd.tensor([[[1.0, 2.0]]])).tolist()
    [[[9.0, 1.0, 2.0], [9.0, 9.0, 9.0]]]

    Source: ``torch.nn.ConstantPad2d``.
    """

    _rank = 2


class ConstantPad3d(ConstantPad1d):
    """Put a border of ``value`` around a volume; it receives no gradient.

    Shapes: x (..., D, H, W) -> y longer by the six widths.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ConstantPad3d(1, 0.5)(autograd.ones(1, 2, 3, 4)).shape
    (1, 4, 5, 6)

    Source: ``torch.nn.ConstantPad3d``.
    """

    _rank = 3


class ZeroPad1d(ConstantPad1d):
    """Put zeros before and after a line; they receive no gradient.

    Shapes: x (N, C, L) or (C, L), or any that ends so -> y with before + L + after.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ZeroPad1d((2, 1))(autograd.tensor([[1.0, 2.0]])).tolist()
    [[0.0, 0.0, 1.0, 2.0, 0.0]]

    Source: ``torch.nn.ZeroPad1d``.
    """

    def __init__(self, padding: Widths) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Return the widths."""
        return f"{self.padding}"


class ZeroPad2d(ZeroPad1d):
    """Put a border of zeros around an image; they receive no gradient.

    Shapes: x (..., H, W) -> y (..., top + H + bottom, left + W + right); ``padding`` is one int or
    (left, right, top, bottom).

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ZeroPad2d((1, 0, 0, 1))(autograd.tensor([[[1.0, 2.0]]])).tolist()
    [[[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]]

    Source: ``torch.nn.ZeroPad2d``.
    """

    _rank = 2


class ZeroPad3d(ZeroPad1d):
    """Put zeros around a volume; they receive no gradient.

    Shapes: x (..., D, H, W) -> y longer by the six widths.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.ZeroPad3d(1)(autograd.ones(1, 2, 3, 4)).shape
    (1, 4, 5, 6)

    Source: ``torch.nn.ZeroPad3d``.
    """

    _rank = 3
