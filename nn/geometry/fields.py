"""Receptive fields of a stack of windows, along one axis: two recursions that agree.

From the top to the input, r units of a layer see k + s (r - 1) units below it. From the input to
the top, a layer adds (k - 1) j to the field, where the jump j, the distance of two neighbours in
the input, is the product of the strides so far. The field is theoretical: what a unit *can* see;
what it weighs is seldom more than the middle of it (``gradient_field``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from .sizes import effective_kernel, whole

__all__ = ["Field", "Window", "receptive_field", "receptive_fields", "uniform_field"]


class Window(NamedTuple):
    """A layer that slides a window: its kernel, stride, padding (of each side) and dilation.

    Examples
    --------
    >>> Window(3, dilation=2).span
    5

    Source: ``torch.nn.MaxPool2d``, whose arguments these are.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """Inputs from the first to the last that the kernel meets: d (k - 1) + 1."""
        return effective_kernel(self.kernel, self.dilation)


class Field(NamedTuple):
    """What a layer's units see.

    Attributes
    ----------
    direct : int
        Units of the layer's own input.
    field : int
        Units of the network's input.
    jump : int or Fraction
        Distance in the input between the fields of neighbours.
    start : int or Fraction
        Where the first unit's field begins, counted from the first input; negative in the padding.

    Examples
    --------
    >>> Field(direct=3, field=7, jump=2, start=-3).covers(4)
    (5, 11)

    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural
    networks".
    """

    direct: int
    field: int
    jump: int | Fraction
    start: int | Fraction

    @property
    def centre(self) -> Fraction:
        """The middle of the first unit's field."""
        return Fraction(self.start) + Fraction(self.field - 1, 2)

    def covers(self, unit: int) -> tuple[int, int]:
        """Return the first and the last input in the field of a unit."""
        first = ceil(self.start + unit * self.jump)
        return first, first + self.field - 1


Layers = Iterable[Window | Sequence[int]]


def receptive_field(layers: Layers, units: int = 1, *, formula: bool = False) -> int | str:
    """Count the inputs that ``units`` neighbours at the top see: n = k + s (m - 1), layer by layer.

    Parameters
    ----------
    layers : sequence of (kernel, stride[, padding[, dilation]]) or Window
        From the input to the top.
    units : int
        Neighbours whose common field is asked for.

    Examples
    --------
    >>> receptive_field([(5, 2), (3, 1)])
    9
    >>> receptive_field([(5, 2), (3, 1)], formula=True)
    '3 + 1*(1 - 1) = 3; 5 + 2*(3 - 1) = 9'

    Source: the course's n = k + s (m - 1).
    """
    whole("receptive_field", 1, units=units)
    steps = []
    for window in reversed(_windows("receptive_field", layers)):
        k, s = window.span, window.stride
        steps.append(f"{k} + {s}*({units} - 1) = {k + s * (units - 1)}")
        units = k + s * (units - 1)
    return "; ".join(steps) if formula else units


def receptive_fields(layers: Layers) -> list[Field]:
    """Return the ``Field`` of every layer, by the recursion from the input to the top.

    Examples
    --------
    >>> top = receptive_fields([(5, 1), (3, 1)])[-1]
    >>> top.direct, top.field
    (3, 7)

    Source: Araujo, Norris & Sim (2019).
    """
    fields, field, jump, start = [], 1, 1, 0
    for window in _windows("receptive_fields", layers):
        field += (window.span - 1) * jump
        start -= window.padding * jump
        jump *= window.stride
        fields.append(Field(window.span, field, jump, start))
    return fields


def uniform_field(layers: int, kernel: int, stride: int = 1, *, formula: bool = False) -> int | str:
    """Return the field of L equal layers of stride 1: 1 + L (K - 1).

    Raises
    ------
    ValueError
        The stride is not 1, for which the formula does not hold.

    Examples
    --------
    >>> uniform_field(3, kernel=3), uniform_field(3, kernel=3, formula=True)
    (7, '1 + 3*(3 - 1) = 7')

    Source: the course's 1 + L (K - 1).
    """
    whole("uniform_field", 1, layers=layers, kernel=kernel, stride=stride)
    if stride != 1:
        raise ValueError(
            f"uniform_field: 1 + L (K - 1) holds for stride 1 alone, got {stride}; use "
            "receptive_field"
        )
    field = 1 + layers * (kernel - 1)
    return f"1 + {layers}*({kernel} - 1) = {field}" if formula else field


def _windows(function: str, layers: Layers) -> list[Window]:
    windows = [Window(*layer) for layer in layers]
    for window in windows:
        whole(function, 1, kernel=window.kernel, stride=window.stride, dilation=window.dilation)
        whole(function, 0, padding=window.padding)
    return windows
