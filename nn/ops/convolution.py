"""Two-dimensional convolution (cross-correlation, as in every framework) and its two adjoints.

``conv2d`` is linear in the image and in the kernel. The adjoints, ``conv2d_input`` (the image's
gradient, also known as transposed convolution) and ``conv2d_weight`` (the kernel's gradient), are
operations of the same family: each one's rules are the other two, so derivatives of any order stay
in the family. Which kernel computes them depends on shapes and dtype: Winograd's for 3x3 kernels of
stride 1 with many channels in float32, products with the window matrix otherwise.
"""

from __future__ import annotations

import numpy as np

from autograd.op import structural
from autograd.parallel import pinned_blas
from nn.ops import correlation, winograd
from nn.ops.windows import WindowGrid

__all__ = ["conv2d", "conv2d_input", "conv2d_weight"]


@structural(
    x=lambda upstream, weight, x_shape, stride, padding: conv2d_input(
        upstream, weight, size=x_shape[2:], stride=stride, padding=padding
    ),
    weight=lambda upstream, x, weight_shape, stride, padding: conv2d_weight(
        upstream, x, kernel=weight_shape[2:], stride=stride, padding=padding
    ),
    bias=lambda upstream: np.sum(upstream, (0, 2, 3)),
)
def conv2d(x, weight, bias=None, *, stride=(1, 1), padding=(0, 0)):
    """y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c], a cross-correlation.

    Shapes: x (N, C, H, W), weight (K, C, kernel_h, kernel_w), bias (K,) -> (N, K, H_out, W_out),
    H_out = (H + 2 padding_h - kernel_h) // stride_h + 1.

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
    _check("conv2d", x, weight, bias)
    return correlate(x, weight, bias, _grid("conv2d", x.shape, weight.shape, stride, padding))


@structural(
    y=lambda upstream, weight, stride, padding: conv2d(
        upstream, weight, stride=stride, padding=padding
    ),
    weight=lambda upstream, y, weight_shape, stride, padding: conv2d_weight(
        y, upstream, kernel=weight_shape[2:], stride=stride, padding=padding
    ),
)
def conv2d_input(y, weight, *, size, stride=(1, 1), padding=(0, 0)):
    """Adjoint of `conv2d` in its image: every y[n, k] spread over its window, times the kernel.

    Shapes: y (N, K, H_out, W_out), weight (K, C, kernel_h, kernel_w) -> (N, C, H, W), where
    ``size`` is (H, W). With stride 1 it is the full correlation of y with the kernel flipped both
    ways; with any stride it is the transposed convolution.

    Examples
    --------
    >>> conv2d_input(np.ones((1, 1, 2, 2)), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), size=(3, 3))
    array([[[[ 1.,  3.,  2.],
             [ 4., 10.,  6.],
             [ 3.,  7.,  4.]]]])
    """
    shape = (len(y), weight.shape[1], *size)
    grid = _grid("conv2d_input", shape, weight.shape, stride, padding)
    if y.shape[1:] != (len(weight), *grid.output):
        raise ValueError(
            f"conv2d_input: a weight of shape {weight.shape} over images of size {tuple(size)} "
            f"gives outputs of shape (N, {len(weight)}, {grid.output[0]}, {grid.output[1]}), "
            f"got y of shape {y.shape}"
        )
    return correlate_input(y, weight, grid)


@structural(
    y=lambda upstream, x, stride, padding: conv2d(x, upstream, stride=stride, padding=padding),
    x=lambda upstream, y, x_shape, stride, padding: conv2d_input(
        y, upstream, size=x_shape[2:], stride=stride, padding=padding
    ),
)
def conv2d_weight(y, x, *, kernel, stride=(1, 1), padding=(0, 0)):
    """Adjoint of `conv2d` in its kernel: for every kernel offset, y times the pixels that it met.

    Shapes: y (N, K, H_out, W_out), x (N, C, H, W) -> (K, C, kernel_h, kernel_w), where ``kernel``
    is (kernel_h, kernel_w).

    Examples
    --------
    >>> x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    >>> conv2d_weight(np.ones((1, 1, 2, 2)), x, kernel=(2, 2)).tolist()
    [[[[12.0, 16.0], [24.0, 28.0]]]]
    """
    shape = (y.shape[1], x.shape[1], *kernel)
    grid = _grid("conv2d_weight", x.shape, shape, stride, padding)
    if y.shape != (len(x), y.shape[1], *grid.output):
        raise ValueError(
            f"conv2d_weight: kernels of size {tuple(kernel)} over images of shape {x.shape} "
            f"give outputs of shape ({len(x)}, K, {grid.output[0]}, {grid.output[1]}), "
            f"got y of shape {y.shape}"
        )
    return correlate_weight(y, x, grid)


# BLAS is pinned around whole kernels, for its threads spin for some 20 ms after a product of their
# own, and would keep a core from the blocks that follow.


@pinned_blas()
def correlate(x, weight, bias, grid):
    """Compute `conv2d` by the kernel that suits the shapes."""
    if winograd.suits(x.dtype, weight.shape, grid):
        return winograd.correlate(x, weight, bias, grid.padding)
    return correlation.correlate(x, weight, bias, grid)


@pinned_blas()
def correlate_input(y, weight, grid):
    """Compute `conv2d_input` by the kernel that suits the shapes.

    With stride 1 it is the full correlation with the kernel flipped both ways, and channels and
    outputs exchanged: unless there are many more outputs, that is fewer passes than adding windows.
    """
    rest = tuple(k - 1 - p for k, p in zip(grid.kernel, grid.padding, strict=True))
    flips = grid.stride == (1, 1) and min(rest) >= 0
    if flips and (
        winograd.suits(y.dtype, weight.shape, grid) or len(weight) <= 2 * weight.shape[1]
    ):
        flipped = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        return correlate(y, flipped, None, WindowGrid(grid.output, grid.kernel, (1, 1), rest))
    return correlation.correlate_input(y, weight, grid)


@pinned_blas()
def correlate_weight(y, x, grid):
    """Compute `conv2d_weight` by the kernel that suits the shapes."""
    if winograd.suits(x.dtype, (y.shape[1], x.shape[1], *grid.kernel), grid):
        return winograd.correlate_weight(y, x, grid.padding)
    return correlation.correlate_weight(y, x, grid)


def _check(name, x, weight, bias):
    """Raise unless images, kernels and bias fit together."""
    given = f"got x of shape {x.shape} and weight of shape {weight.shape}"
    if x.ndim != 4 or weight.ndim != 4:
        raise ValueError(
            f"{name}: expects x (N, C, H, W) and weight (K, C, kernel_h, kernel_w), {given}"
        )
    if x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"{name}: weight of shape {weight.shape} expects {weight.shape[1]} input channels, "
            f"got input of shape {x.shape}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"{name}: expects bias of shape ({len(weight)},), got {bias.shape}")
    dtypes = {array.dtype for array in (x, weight, bias) if array is not None}
    if len(dtypes) > 1 or x.dtype.kind != "f":
        raise TypeError(
            f"{name}: expects x, weight and bias of one floating dtype, got "
            f"{', '.join(sorted(map(str, dtypes)))}"
        )


def _grid(name, x, weight, stride, padding):
    """Return the windows of a kernel over images, or raise where there are none."""
    kernel = weight[2:]
    if min(stride) < 1 or min(padding) < 0:
        raise ValueError(
            f"{name}: expects stride >= 1 and padding >= 0, got stride {stride}, padding {padding}"
        )
    padded = x[2] + 2 * padding[0], x[3] + 2 * padding[1]
    if not all(0 < k <= p for k, p in zip(kernel, padded, strict=True)):
        raise ValueError(
            f"{name}: kernel {tuple(kernel)} does not fit in the padded input {padded} "
            f"(input of shape {tuple(x)}, padding {tuple(padding)})"
        )
    return WindowGrid(tuple(x[2:]), tuple(kernel), tuple(stride), tuple(padding))
