"""Parameters and multiply-adds of a layer, by formula.

A count of parameters is with biases unless ``bias=False``. A multiply-add is one product and the
addition of it to a sum; biases and everything elementwise are left out, as is usual. Counts are for
one sample.
"""

from __future__ import annotations

from math import prod

from .sizes import whole

__all__ = [
    "conv_multiply_adds",
    "conv_parameters",
    "linear_multiply_adds",
    "linear_parameters",
    "pool_comparisons",
]

Kernel = int | tuple[int, ...]


def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel: Kernel,
    bias: bool = True,
    groups: int = 1,
    *,
    formula: bool = False,
) -> int | str:
    """Count a convolution's parameters: C_out (k1 k2 ... C_in / groups + 1).

    Parameters
    ----------
    kernel : int or tuple of ints
        An int is the side of a square; a tuple has one length an axis.
    bias : bool
        Whether each output channel has one.

    Examples
    --------
    >>> conv_parameters(1, 10, 5), conv_parameters(1, 10, 5, bias=False)
    (260, 250)
    >>> conv_parameters(3, 10, (3, 3, 3), formula=True)
    '10*(3*3*3*3 + 1) = 820'

    Source: the course's K K C_in C_out, plus C_out biases.
    """
    name = "conv_parameters"
    lengths = _lengths(name, kernel)
    each = _per_group(name, in_channels, out_channels, groups)
    count = out_channels * (prod(lengths) * each + bool(bias))
    if not formula:
        return count
    factors = "*".join(map(str, (*lengths, each)))
    return f"{out_channels}*({factors}{' + 1' if bias else ''}) = {count}"


def linear_parameters(
    in_features: int, out_features: int, bias: bool = True, *, formula: bool = False
) -> int | str:
    """Count a fully connected layer's parameters: out (in + 1).

    Examples
    --------
    >>> linear_parameters(512 * 7 * 7, 4096)
    102764544
    >>> linear_parameters(2560, 10, formula=True)
    '10*(2560 + 1) = 25610'

    Source: the course's in out + out.
    """
    whole("linear_parameters", 0, in_features=in_features, out_features=out_features)
    count = out_features * (in_features + bool(bias))
    if not formula:
        return count
    return f"{out_features}*({in_features}{' + 1' if bias else ''}) = {count}"


def conv_multiply_adds(
    in_channels: int,
    out_channels: int,
    kernel: Kernel,
    output: Kernel,
    groups: int = 1,
    *,
    formula: bool = False,
) -> int | str:
    """Count a convolution's products: outputs C_out times k1 k2 ... C_in / groups for each.

    Examples
    --------
    >>> conv_multiply_adds(64, 64, 3, output=(32, 32))
    37748736
    >>> conv_multiply_adds(64, 64, 1, output=(32, 32), formula=True)
    '32*32*64 * 1*1*64 = 4194304'

    Source: He & Sun (2014), "Convolutional neural networks at constrained time cost".
    """
    name = "conv_multiply_adds"
    lengths, places = _lengths(name, kernel), _lengths(name, output)
    each = _per_group(name, in_channels, out_channels, groups)
    count = prod(places) * out_channels * prod(lengths) * each
    if not formula:
        return count
    outputs = "*".join(map(str, (*places, out_channels)))
    return f"{outputs} * {'*'.join(map(str, (*lengths, each)))} = {count}"


def linear_multiply_adds(
    in_features: int, out_features: int, *, formula: bool = False
) -> int | str:
    """Count a fully connected layer's products: out times in.

    Examples
    --------
    >>> linear_multiply_adds(4096, 1000)
    4096000

    Source: as ``conv_multiply_adds``.
    """
    whole("linear_multiply_adds", 0, in_features=in_features, out_features=out_features)
    count = out_features * in_features
    return f"{out_features} * {in_features} = {count}" if formula else count


def pool_comparisons(
    channels: int, kernel: Kernel, output: Kernel, *, formula: bool = False
) -> int | str:
    """Count max-pooling's comparisons: outputs C times k1 k2 ... - 1 for each.

    Examples
    --------
    >>> pool_comparisons(64, 2, output=(16, 16), formula=True)
    '16*16*64 * (2*2 - 1) = 49152'

    Source: the course's comparison of a pooling with a convolution.
    """
    name = "pool_comparisons"
    whole(name, 0, channels=channels)
    lengths, places = _lengths(name, kernel), _lengths(name, output)
    count = prod(places) * channels * (prod(lengths) - 1)
    if not formula:
        return count
    outputs = "*".join(map(str, (*places, channels)))
    return f"{outputs} * ({'*'.join(map(str, lengths))} - 1) = {count}"


def _lengths(function: str, value: Kernel) -> tuple[int, ...]:
    lengths = (value, value) if isinstance(value, int) else tuple(value)
    for length in lengths:
        whole(function, 1, kernel=length)
    return lengths


def _per_group(function: str, in_channels: int, out_channels: int, groups: int) -> int:
    whole(function, 1, in_channels=in_channels, out_channels=out_channels, groups=groups)
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide {in_channels} input and {out_channels} "
            "output channels"
        )
    return in_channels // groups
