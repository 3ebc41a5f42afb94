"""Sizes along one axis: what comes out of a window that slides, and what must have gone in.

All formulas are one, n + p = k + s (m - 1), solved for the output m, the input n, or the total
padding p; k is the kernel with its dilation. ``formula=True`` returns the sentence.
"""

from __future__ import annotations

import warnings
from fractions import Fraction

__all__ = [
    "effective_kernel",
    "input_size",
    "output_size",
    "total_padding",
    "transposed_output_size",
]

ROUNDINGS = ("error", "warn", "floor", "ceil")


def effective_kernel(kernel: int, dilation: int = 1, *, formula: bool = False) -> int | str:
    """Count the inputs that a dilated kernel spans: d (k - 1) + 1.

    Raises
    ------
    TypeError, ValueError
        An argument is not an int of at least 1.

    Examples
    --------
    >>> effective_kernel(3, dilation=4)
    9
    >>> effective_kernel(3, dilation=4, formula=True)
    '4*(3 - 1) + 1 = 9'

    Source: ``torch.nn.Conv2d``.
    """
    whole("effective_kernel", 1, kernel=kernel, dilation=dilation)
    k = dilation * (kernel - 1) + 1
    return f"{dilation}*({kernel} - 1) + 1 = {k}" if formula else k


def output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    total_padding: int | None = None,
    rounding: str = "error",
    formula: bool = False,
) -> int | str:
    """Count a sliding window's outputs: m = (n + 2 p - k) / s + 1, k = d (kernel - 1) + 1.

    Parameters
    ----------
    size : int
        Inputs, n.
    kernel, stride, padding, dilation : int
        Of the window; ``padding`` is on each side.
    total_padding : int, optional
        Of both sides together, instead of ``padding``: for what is padded more at one side.
    rounding : {"error", "warn", "floor", "ceil"}
        What to do where the window does not end with the input: raise; floor and warn; floor, as
        convolutions do without a word; round up, as ``ceil_mode`` of pooling (a window must start
        within the input or its left padding).
    formula : bool
        Return the calculation as text.

    Raises
    ------
    ValueError
        The size is not whole and ``rounding="error"``, or the window does not fit.

    Examples
    --------
    >>> output_size(32, kernel=5), output_size(32, kernel=5, total_padding=4)
    (28, 32)
    >>> output_size(32, kernel=5, formula=True)
    '(32 + 2*0 - 5)/1 + 1 = 28'
    >>> output_size(224, kernel=11, stride=4, rounding="floor", formula=True)
    'floor((224 + 2*0 - 11)/4) + 1 = 54'

    Source: CS231n; ``torch.nn.Conv2d``.
    """
    name = "output_size"
    whole(name, 1, size=size, kernel=kernel, stride=stride, dilation=dilation)
    whole(name, 0, padding=padding, total_padding=total_padding or 0)
    if rounding not in ROUNDINGS:
        raise ValueError(
            f"{name}: rounding must be one of {', '.join(ROUNDINGS)}, got {rounding!r}"
        )
    if total_padding is not None and padding:
        raise ValueError(f"{name}: give padding (of each side) or total_padding, not both")
    both = 2 * padding if total_padding is None else total_padding
    added = f"2*{padding}" if total_padding is None else f"{total_padding}"
    k = effective_kernel(kernel, dilation)
    room = size + both - k
    division = f"({size} + {added} - {_kernel_text(kernel, dilation)})/{stride}"
    if room < 0:
        raise ValueError(
            f"{name}: the kernel does not fit: it spans {k}, the padded input {size + both}"
        )
    exact = Fraction(room, stride) + 1
    result = room // stride + 1
    if exact.denominator != 1:
        sentence = f"{division} + 1 = {float(exact):.6g} is not whole"
        if rounding == "error":
            raise ValueError(
                f"{name}: {sentence}: the last {room % stride} inputs meet no window; "
                "rounding='floor' leaves them out"
            )
        if rounding == "warn":
            warnings.warn(
                f"{name}: {sentence}: the last {room % stride} inputs meet no window, the output "
                f"has {result}",
                stacklevel=2,
            )
        if rounding == "ceil":
            division = f"ceil({division})"
            result += result * stride < size + both // 2  # a further window starts there
        else:
            division = f"floor({division})"
    return f"{division} + 1 = {result}" if formula else result


def input_size(
    output: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    total_padding: int | None = None,
    formula: bool = False,
) -> int | str:
    """Count the inputs that give so many outputs, none left over: n = k + s (m - 1) - 2 p.

    Without padding it is the field of m outputs of a layer in its input.

    Raises
    ------
    ValueError
        There is no such input: the padding alone would give more outputs.

    Examples
    --------
    >>> input_size(3, kernel=5, stride=2), input_size(32, kernel=5, total_padding=4)
    (9, 32)
    >>> input_size(3, kernel=5, stride=2, formula=True)
    '5 + 2*(3 - 1) - 2*0 = 9'

    Source: the course's n = k + s (m - 1).
    """
    name = "input_size"
    whole(name, 1, output=output, kernel=kernel, stride=stride, dilation=dilation)
    whole(name, 0, padding=padding, total_padding=total_padding or 0)
    if total_padding is not None and padding:
        raise ValueError(f"{name}: give padding (of each side) or total_padding, not both")
    both = 2 * padding if total_padding is None else total_padding
    added = f"2*{padding}" if total_padding is None else f"{total_padding}"
    size = effective_kernel(kernel, dilation) + stride * (output - 1) - both
    text = f"{_kernel_text(kernel, dilation)} + {stride}*({output} - 1) - {added} = {size}"
    if size < 1:
        raise ValueError(f"{name}: {text}: no input is so small; less padding is needed")
    return text if formula else size


def total_padding(
    size: int,
    output: int,
    kernel: int,
    stride: int = 1,
    dilation: int = 1,
    *,
    formula: bool = False,
) -> int | str:
    """Count the padding of both sides together for so many outputs: p = k + s (m - 1) - n.

    Raises
    ------
    ValueError
        The input is too large: it would have to be cropped.

    Examples
    --------
    >>> total_padding(32, output=32, kernel=5)
    4
    >>> total_padding(32, output=32, kernel=5, formula=True)
    '5 + 1*(32 - 1) - 32 = 4'

    Source: the course's w_pad; TensorFlow's "same" padding.
    """
    name = "total_padding"
    whole(name, 1, size=size, output=output, kernel=kernel, stride=stride, dilation=dilation)
    padding = effective_kernel(kernel, dilation) + stride * (output - 1) - size
    text = f"{_kernel_text(kernel, dilation)} + {stride}*({output} - 1) - {size} = {padding}"
    if padding < 0:
        raise ValueError(f"{name}: {text}: the input would have to be cropped")
    return text if formula else padding


def transposed_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
    *,
    formula: bool = False,
) -> int | str:
    """Count a transposed convolution's outputs: m = s (n - 1) + k - 2 p + output_padding.

    It is the input of the convolution with these arguments; ``output_padding`` chooses among the
    inputs that give the same output.

    Examples
    --------
    >>> transposed_output_size(4, kernel=2, stride=2)
    8
    >>> transposed_output_size(7, kernel=3, stride=2, padding=1, output_padding=1, formula=True)
    '2*(7 - 1) + 3 - 2*1 + 1 = 14'

    Source: ``torch.nn.ConvTranspose2d``.
    """
    name = "transposed_output_size"
    whole(name, 1, size=size, kernel=kernel, stride=stride, dilation=dilation)
    whole(name, 0, padding=padding, output_padding=output_padding)
    k = effective_kernel(kernel, dilation)
    result = stride * (size - 1) + k - 2 * padding + output_padding
    text = (
        f"{stride}*({size} - 1) + {_kernel_text(kernel, dilation)} - 2*{padding} + "
        f"{output_padding} = {result}"
    )
    if result < 1:
        raise ValueError(f"{name}: {text}: nothing is left; less padding is needed")
    return text if formula else result


def _kernel_text(kernel: int, dilation: int) -> str:
    return f"{kernel}" if dilation == 1 else f"({dilation}*({kernel} - 1) + 1)"


def whole(function: str, minimum: int, **numbers: int) -> None:
    """Refuse what is not an int of at least ``minimum``."""
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"{function}: {name} must be an int, got {number!r}")
        if number < minimum:
            raise ValueError(f"{function}: {name} must be at least {minimum}, got {number}")
