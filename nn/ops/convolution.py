"""Convolution (cross-correlation, as in every framework) of any rank, and its two adjoints.

``conv`` is linear in the image and in the kernel. The adjoints, ``conv_input`` (the image's
gradient) and ``conv_weight`` (the kernel's gradient), are operations of the same family: each one's
rules are the other two, so derivatives of any order stay in the family. ``conv_transpose`` is
``conv_input`` as a layer, with a bias. The family is written once and made for signals, images and
volumes; `nn.ops.correlation` computes it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from autograd.op import structural
from nn.ops.correlation import Geometry, correlate, correlate_input, correlate_weight
from nn.ops.padding import crop
from nn.ops.windows import output_size

__all__ = [
    "conv1d",
    "conv1d_input",
    "conv1d_weight",
    "conv2d",
    "conv2d_input",
    "conv2d_weight",
    "conv3d",
    "conv3d_input",
    "conv3d_weight",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]


def _family(rank):
    """Declare the operations of one rank; they close over each other."""
    once, none = (1,) * rank, (0,) * rank
    spatial = tuple(range(2, 2 + rank))

    def bias_rule(upstream):
        return np.sum(upstream, (0, *spatial))

    @structural(
        name=f"conv{rank}d",
        x=lambda upstream, weight, x_shape, stride, padding, dilation, groups: conv_input(
            upstream,
            weight,
            size=x_shape[2:],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        ),
        weight=lambda upstream, x, weight_shape, stride, padding, dilation, groups: conv_weight(
            upstream,
            x,
            kernel=weight_shape[2:],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        ),
        bias=bias_rule,
    )
    def conv(x, weight, bias=None, *, stride=once, padding=none, dilation=once, groups=1):
        """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], a cross-correlation.

        Shapes: x (N, C, sizes), weight (K, C / groups, kernel), bias (K,) -> (N, K, sizes_out),
        size_out = (size + 2 padding - dilation (kernel - 1) - 1) // stride + 1. The sum is over the
        channels of the group of k.

        Raises
        ------
        ValueError
            If the shapes do not fit, or the kernel is larger than the padded image.

        Examples
        --------
        >>> x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
        >>> conv2d(x, np.array([[[[1.0, 2.0], [3.0, 4.0]]]])).tolist()
        [[[[37.0, 47.0], [67.0, 77.0]]]]
        """
        function = f"conv{rank}d"
        _check(function, rank, x, weight, bias, groups, "input")
        geometry = _geometry(function, x.shape, weight.shape, stride, padding, dilation, groups)
        return correlate(x, weight, bias, geometry)

    def y_rule(upstream, weight, y_shape, stride, padding, dilation, groups):
        z = conv(upstream, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return _first(z, y_shape)

    def weight_rule(upstream, y, weight_shape, stride, padding, dilation, groups):
        return conv_weight(
            y,
            upstream,
            kernel=weight_shape[2:],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )

    @structural(name=f"conv{rank}d_input", y=y_rule, weight=weight_rule)
    def conv_input(y, weight, *, size, stride=once, padding=none, dilation=once, groups=1):
        """Adjoint of ``conv`` in its image: every y[n, k] spread over its window, times the kernel.

        Shapes: y (N, K, sizes_out), weight (K, C / groups, kernel) -> (N, C, sizes), which is
        ``size``. With stride 1 it is the full correlation of y with the kernel flipped along every
        axis; with any stride it is the transposed convolution.

        Examples
        --------
        >>> conv2d_input(np.ones((1, 1, 2, 2)), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), size=(3, 3))
        array([[[[ 1.,  3.,  2.],
                 [ 4., 10.,  6.],
                 [ 3.,  7.,  4.]]]])
        """
        function = f"conv{rank}d_input"
        shape = (len(y), weight.shape[1] * groups, *size)
        whole = _geometry(function, shape, weight.shape, stride, padding, dilation, groups)
        geometry = _fitted(function, whole, y, (len(y), len(weight)))
        return correlate_input(y, weight, geometry)

    @structural(
        name=f"conv_transpose{rank}d",
        x=lambda upstream, weight, x_shape, stride, padding, dilation, groups: y_rule(
            upstream, weight, x_shape, stride, padding, dilation, groups
        ),
        weight=lambda upstream, x, weight_shape, stride, padding, dilation, groups: weight_rule(
            upstream, x, weight_shape, stride, padding, dilation, groups
        ),
        bias=bias_rule,
    )
    def conv_transpose(
        x, weight, bias=None, *, size, stride=once, padding=none, dilation=once, groups=1
    ):
        """Bias + ``conv_input`` of x: every x[n, c] spread over its window, times the kernel.

        Shapes: x (N, C, sizes), weight (C, K / groups, kernel), bias (K,) -> (N, K, sizes_out),
        which is ``size``.

        Examples
        --------
        >>> conv_transpose1d(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 2)), size=(4,), stride=(2,))
        array([[[1., 1., 2., 2.]]])
        """
        function = f"conv_transpose{rank}d"
        _check(function, rank, x, weight, bias, groups, "output")
        shape = (len(x), weight.shape[1] * groups, *size)
        whole = _geometry(function, shape, weight.shape, stride, padding, dilation, groups)
        geometry = _fitted(function, whole, x, x.shape[:2])
        z = correlate_input(x, weight, geometry)
        return z if bias is None else np.add(z, bias.reshape(-1, *once), out=z)

    @structural(
        name=f"conv{rank}d_weight",
        y=lambda upstream, x, y_shape, stride, padding, dilation, groups: y_rule(
            x, upstream, y_shape, stride, padding, dilation, groups
        ),
        x=lambda upstream, y, x_shape, stride, padding, dilation, groups: conv_input(
            y,
            upstream,
            size=x_shape[2:],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        ),
    )
    def conv_weight(y, x, *, kernel, stride=once, padding=none, dilation=once, groups=1):
        """Adjoint of ``conv`` in its kernel: for every kernel offset, y times the pixels it met.

        Shapes: y (N, K, sizes_out), x (N, C, sizes) -> (K, C / groups, kernel).

        Examples
        --------
        >>> x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
        >>> conv2d_weight(np.ones((1, 1, 2, 2)), x, kernel=(2, 2)).tolist()
        [[[[12.0, 16.0], [24.0, 28.0]]]]
        """
        function = f"conv{rank}d_weight"
        shape = (y.shape[1], x.shape[1] // groups, *kernel)
        whole = _geometry(function, x.shape, shape, stride, padding, dilation, groups)
        geometry = _fitted(function, whole, y, (len(x), y.shape[1]))
        return correlate_weight(y, x, geometry)

    family = SimpleNamespace(conv=conv, input=conv_input, weight=conv_weight, turned=conv_transpose)
    for function in vars(family).values():
        function.__name__ = function.__qualname__ = function.row.name
    return family


def _first(z, shape):
    """Return of z what the operand had: outputs that ``output_padding`` added met no element."""
    extra = tuple(n - m for n, m in zip(z.shape, shape, strict=True))
    return crop(z, widths=tuple((0, n) for n in extra)) if any(extra) else z


def _check(function, rank, x, weight, bias, groups, side):
    """Raise unless images, kernels and bias fit together; the kernel's channels are of ``side``."""
    given = f"got x of shape {x.shape} and weight of shape {weight.shape}"
    if x.ndim != rank + 2 or weight.ndim != rank + 2:
        axes = ", ".join("DHW"[-rank:])
        raise ValueError(
            f"{function}: expects x (N, C, {axes}) and weight with {rank} axes of offsets, {given}"
        )
    if groups < 1 or len(weight) % groups:
        raise ValueError(
            f"{function}: groups must divide the {len(weight)} kernels of weight of shape "
            f"{weight.shape}, got groups={groups}"
        )
    channels = weight.shape[1] * groups if side == "input" else len(weight)
    outputs = len(weight) if side == "input" else weight.shape[1] * groups
    if x.shape[1] != channels:
        grouped = "" if groups == 1 else f" and groups={groups}"
        raise ValueError(
            f"{function}: weight of shape {weight.shape}{grouped} expects {channels} input "
            f"channels, got input of shape {x.shape}"
        )
    if bias is not None and bias.shape != (outputs,):
        raise ValueError(f"{function}: expects bias of shape ({outputs},), got {bias.shape}")
    dtypes = {array.dtype for array in (x, weight, bias) if array is not None}
    if len(dtypes) > 1 or x.dtype.kind != "f":
        raise TypeError(
            f"{function}: expects x, weight and bias of one floating dtype, got "
            f"{', '.join(sorted(map(str, dtypes)))}"
        )


@lru_cache(maxsize=256)
def _geometry(function, x, weight, stride, padding, dilation, groups):
    """Return the geometry of a kernel over images, or raise where it has no window."""
    kernel, image = tuple(weight[2:]), tuple(x[2:])
    if min(stride) < 1 or min(padding) < 0 or min(dilation) < 1:
        raise ValueError(
            f"{function}: expects stride >= 1, padding >= 0 and dilation >= 1, got stride "
            f"{stride}, padding {padding}, dilation {dilation}"
        )
    padded = tuple(n + 2 * p for n, p in zip(image, padding, strict=True))
    extent = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    if not all(0 < k <= n for k, n in zip(extent, padded, strict=True)):
        dilated = "" if extent == kernel else f" (dilated to {extent})"
        raise ValueError(
            f"{function}: kernel {kernel}{dilated} does not fit in the padded input {padded} "
            f"(input of shape {tuple(x)}, padding {tuple(padding)})"
        )
    sizes = zip(image, kernel, stride, padding, dilation, strict=True)
    output = tuple(output_size(n, k, s, p, dilation=d) for n, k, s, p, d in sizes)
    return Geometry(image, kernel, tuple(stride), tuple(padding), tuple(dilation), output, groups)


def _fitted(function, geometry, y, front):
    """Return the geometry for outputs y, which may lack what ``output_padding`` adds, or raise."""
    steps = zip(geometry.output, y.shape[2:], geometry.stride, geometry.dilation, strict=False)
    fits = y.ndim == 2 + len(geometry.output) and all(
        0 <= windows - given <= (max(s, d) - 1) // s for windows, given, s, d in steps
    )
    if not fits or y.shape[:2] != front or math.prod(y.shape[2:]) == 0:
        expected = ", ".join(map(str, (*front, *geometry.output)))
        raise ValueError(
            f"{function}: kernels of size {geometry.kernel} over images of size {geometry.image} "
            f"give outputs of shape ({expected}), got shape {y.shape}"
        )
    return geometry._replace(output=tuple(y.shape[2:]))


_signals, _images, _volumes = map(_family, (1, 2, 3))

conv1d, conv1d_input, conv1d_weight = _signals.conv, _signals.input, _signals.weight
conv2d, conv2d_input, conv2d_weight = _images.conv, _images.input, _images.weight
conv3d, conv3d_input, conv3d_weight = _volumes.conv, _volumes.input, _volumes.weight
conv_transpose1d = _signals.turned
conv_transpose2d = _images.turned
conv_transpose3d = _volumes.turned
