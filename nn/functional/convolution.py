"""Convolution with PyTorch's arguments, over the kernels of ``nn.ops.convolution``."""

from __future__ import annotations

from typing import Any

import autograd
from nn import ops

from .arguments import check_dtype, ints, shape_of

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_matrix",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]

Ints = int | tuple[int, ...]

AXES = ("L", "H, W", "D, H, W")


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Any:
    """1-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: input (N, C_in, L) or (C_in, L), weight (C_out, C_in / groups, kernel), bias (C_out,)
    -> (N, C_out, L_out), L_out = (L + 2 padding - dilation (kernel - 1) - 1) // stride + 1.

    Parameters and errors are those of :func:`conv2d`.

    Examples
    --------
    >>> import autograd
    >>> conv1d(autograd.tensor([[1.0, 2, 3, 4]]), autograd.tensor([[[1.0, 10]]])).tolist()
    [[21.0, 32.0, 43.0]]

    Source: ``torch.nn.functional.conv1d``.
    """
    return _convolve(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Any:
    """2-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: input (N, C_in, H, W) or one image (C_in, H, W), weight (C_out, C_in / groups,
    kernel_h, kernel_w), bias (C_out,) -> (N, C_out, H_out, W_out),
    H_out = (H + 2 padding - dilation (kernel_h - 1) - 1) // stride + 1.

    Parameters
    ----------
    input, weight, bias : Tensor
        ``bias`` may be None.
    stride : int or tuple
        Step of the window.
    padding : int, tuple, 'same' or 'valid'
        Rows and columns of zeros on each side; 'same' keeps H and W (stride 1 only) and pads one
        more at the end where the total is odd, 'valid' is 0.
    dilation : int or tuple
        Step between the pixels that neighbouring offsets of the kernel meet.
    groups : int
        Channels fall into so many blocks, and each block of outputs sees one block of inputs;
        ``groups = C_in`` is depthwise.

    Raises
    ------
    ValueError
        Shapes do not fit, the kernel is larger than the padded input, an argument is negative, or
        ``groups`` does not divide.
    TypeError
        The dtypes differ or are not floating-point, or an argument is no int.

    Examples
    --------
    >>> import autograd
    >>> conv2d(autograd.ones(1, 1, 3, 3), autograd.ones(1, 1, 2, 2)).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]

    Source: ``torch.nn.functional.conv2d``.
    """
    return _convolve(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Any:
    """3-D cross-correlation: y[n, k] = bias[k] + sum over c of weight[k, c] * x[n, c].

    Shapes: input (N, C_in, D, H, W) or (C_in, D, H, W), weight (C_out, C_in / groups, kernel_d,
    kernel_h, kernel_w), bias (C_out,) -> (N, C_out, D_out, H_out, W_out), each size as in
    :func:`conv2d`, whose parameters and errors are the same.

    Examples
    --------
    >>> import autograd
    >>> conv3d(autograd.ones(1, 2, 2, 3), autograd.ones(1, 1, 2, 2, 2)).tolist()
    [[[[8.0, 8.0]]]]

    Source: ``torch.nn.functional.conv3d``.
    """
    return _convolve(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Any:
    """1-D transposed convolution: the gradient of :func:`conv1d` in its input, as a layer.

    Shapes: input (N, C_in, L) or (C_in, L), weight (C_in, C_out / groups, kernel), bias (C_out,)
    -> (N, C_out, L_out), L_out as in :func:`conv_transpose2d`, whose parameters and errors are the
    same.

    Raises
    ------
    ValueError
        Shapes do not fit, or an argument is out of its range; see ``conv_transpose2d``.

    Examples
    --------
    >>> import autograd
    >>> conv_transpose1d(autograd.tensor([[1.0, 2]]), autograd.tensor([[[1.0, 10, 100]]])).tolist()
    [[1.0, 12.0, 120.0, 200.0]]

    Source: ``torch.nn.functional.conv_transpose1d``.
    """
    return _spread(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Any:
    """2-D transposed convolution: the gradient of :func:`conv2d` in its input, as a layer.

    Every input pixel puts its multiple of the kernel into the output, ``stride`` apart, and what
    overlaps adds up.

    Shapes: input (N, C_in, H, W) or (C_in, H, W), weight (C_in, C_out / groups, kernel_h,
    kernel_w), bias (C_out,) -> (N, C_out, H_out, W_out),
    H_out = (H - 1) stride - 2 padding + dilation (kernel_h - 1) + output_padding + 1.

    Parameters
    ----------
    input, weight, bias : Tensor
        ``bias`` may be None.
    stride, dilation, groups
        Of the convolution whose gradient this is.
    padding : int or tuple
        Rows and columns taken off on each side.
    output_padding : int or tuple
        Rows and columns left on at the end: of the sizes that a strided convolution maps to H, the
        one that is meant. Less than stride or dilation.

    Raises
    ------
    ValueError
        Shapes do not fit, nothing is left of the output, an argument is out of its range, or
        ``groups`` does not divide.
    TypeError
        The dtypes differ or are not floating-point, or an argument is no int.

    Examples
    --------
    >>> import autograd
    >>> image = autograd.tensor([[[1.0, 2], [3, 4]]])
    >>> conv_transpose2d(image, autograd.ones(1, 1, 2, 2), stride=2)[0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0], [3.0, 3.0, 4.0, 4.0], [3.0, 3.0, 4.0, 4.0]]

    Source: ``torch.nn.functional.conv_transpose2d``.
    """
    return _spread(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Any:
    """3-D transposed convolution: the gradient of :func:`conv3d` in its input, as a layer.

    Shapes: input (N, C_in, D, H, W) or (C_in, D, H, W), weight (C_in, C_out / groups, kernel_d,
    kernel_h, kernel_w), bias (C_out,) -> (N, C_out, D_out, H_out, W_out), each size as in
    :func:`conv_transpose2d`, whose parameters and errors are the same.

    Raises
    ------
    ValueError
        Shapes do not fit, or an argument is out of its range; see ``conv_transpose2d``.

    Examples
    --------
    >>> import autograd
    >>> conv_transpose3d(autograd.ones(1, 1, 1, 2), autograd.ones(1, 1, 1, 1, 2)).tolist()
    [[[[1.0, 2.0, 1.0]]]]

    Source: ``torch.nn.functional.conv_transpose3d``.
    """
    return _spread(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_matrix(k: Any, n: int) -> Any:
    """Banded matrix of a 1-D convolution: ``conv_matrix(k, n) @ x`` is k slid over x of length n.

    Row i holds k from column i on, so the gradient in x is the matrix transposed, times the
    upstream. The matrix is differentiable in k.

    Shapes: k (kernel,) -> (n - kernel + 1, n).

    Raises
    ------
    ValueError
        If k is not a vector, or does not fit in n.

    Examples
    --------
    >>> import autograd
    >>> conv_matrix(autograd.tensor([1.0, 2, 3]), 5)
    tensor([[1., 2., 3., 0., 0.],
            [0., 1., 2., 3., 0.],
            [0., 0., 1., 2., 3.]])

    Source: convolution as a Toeplitz matrix (Goodfellow et al., Deep Learning, 2016, section 9.1).
    """
    shape = shape_of(k)
    if len(shape) != 1 or not 0 < shape[0] <= n:
        raise ValueError(f"conv_matrix: expected a vector of 1 to n={n} numbers, got shape {shape}")
    rows = n - shape[0] + 1
    # k and rows zeros are n + 1 long: repeated, and cut into rows of n, each starts one later.
    line = autograd.pad(k, (0, rows))
    return autograd.reshape(autograd.tile(line, (rows,))[: rows * n], (rows, n))


def _convolve(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Any:
    name = f"conv{rank}d"
    batch, single = _checked(name, rank, input, weight, bias, groups)
    stride = ints(name, "stride", stride, rank, 1)
    dilation = ints(name, "dilation", dilation, rank, 1)
    widths = padding_widths(name, shape_of(weight)[2:], stride, padding, dilation)
    if any(after > before for before, after in widths):
        uneven = tuple((0, after - before) for before, after in widths)
        batch = ops.pad(batch, widths=((0, 0), (0, 0), *uneven))
    maps = getattr(ops, name)(
        batch,
        weight,
        bias,
        stride=stride,
        padding=tuple(before for before, _ in widths),
        dilation=dilation,
        groups=groups,
    )
    return maps[0] if single else maps


def _spread(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Any:
    name = f"conv_transpose{rank}d"
    batch, single = _checked(name, rank, input, weight, bias, groups)
    stride = ints(name, "stride", stride, rank, 1)
    padding = ints(name, "padding", padding, rank, 0)
    dilation = ints(name, "dilation", dilation, rank, 1)
    extra = ints(name, "output_padding", output_padding, rank, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{name}: output_padding must be less than stride or dilation, got output_padding "
            f"{extra}, stride {stride}, dilation {dilation}"
        )
    image, kernel = shape_of(batch)[2:], shape_of(weight)[2:]
    sizes = zip(image, kernel, stride, padding, dilation, extra, strict=True)
    size = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in sizes)
    if min(image) < 1 or min(size) < 1:
        raise ValueError(
            f"{name}: input of size {image} and kernel {kernel} with stride {stride}, padding "
            f"{padding} and dilation {dilation} would give an output of size {size}"
        )
    maps = getattr(ops, name)(
        batch,
        weight,
        bias,
        size=size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    return maps[0] if single else maps


def _checked(
    name: str, rank: int, input: Any, weight: Any, bias: Any, groups: Any
) -> tuple[Any, bool]:
    """Return the input as a batch, and whether it was a single one."""
    check_dtype(name, input, weight=weight, bias=bias)
    ints(name, "groups", groups, 1, 1)
    shape, axes = shape_of(input), AXES[rank - 1]
    if len(shape) not in (rank + 1, rank + 2):
        raise ValueError(
            f"{name}: input must have shape (N, C, {axes}) or (C, {axes}), got {shape}"
        )
    if len(shape_of(weight)) != rank + 2:
        raise ValueError(
            f"{name}: weight must have {rank + 2} axes, two of channels and {rank} of the kernel, "
            f"got shape {shape_of(weight)}"
        )
    if bias is not None and len(shape_of(bias)) != 1:
        raise ValueError(f"{name}: bias must have shape (C_out,), got {shape_of(bias)}")
    single = len(shape) == rank + 1
    return (input[None] if single else input), single


def padding_widths(
    name: str,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Any,
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    """Return (before, after) of each axis; 'same' puts an odd one at the end."""
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        if isinstance(padding, str):
            raise ValueError(f"{name}: padding must be 'same', 'valid' or ints, got {padding!r}")
        return tuple((p, p) for p in ints(name, "padding", padding, len(kernel), 0))
    if set(stride) != {1}:
        raise ValueError(f"{name}: padding='same' needs stride 1, got stride {stride}")
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((n // 2, n - n // 2) for n in total)
