"""Max-pooling with sliding windows, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

from nn import ops
from nn.ops.lines import pool_lines

from .arguments import ints, shape_of
from .images import on_images

__all__ = [
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
]

Ints = int | tuple[int, ...]


def max_pool2d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Maximum of each window; the gradient goes to the winner (the first, where several tie).

    Shapes: (N, C, H, W) or (C, H, W) -> (N, C, H_out, W_out) or (C, H_out, W_out),
    H_out = (H + 2 padding - dilation (kernel - 1) - 1) // stride + 1.

    Parameters
    ----------
    input : Tensor
    kernel_size : int or pair
        Height and width of the window.
    stride : int or pair, optional
        Step of the window; ``kernel_size`` when not given.
    padding : int or pair
        Rows and columns of -inf on each side, at most half the kernel.
    dilation : int or pair
        Distance of neighbours within a window.
    ceil_mode : bool
        Round the output size up: the last window may hang over the edge.
    return_indices : bool
        Return (output, indices): the place of each winner in its flattened H x W plane, as
        ``max_unpool2d`` takes them.

    Raises
    ------
    TypeError
        The input is not floating-point, or an argument is not made of integers.
    ValueError
        The window does not fit the padded input, or an argument is out of its range.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([[[1.0, 2.0], [4.0, 3.0]]])
    >>> max_pool2d(x, 2).tolist()
    [[[4.0]]]
    >>> max_pool2d(x, 2, return_indices=True)[1].tolist()
    [[[2]]]

    Source: ``torch.nn.functional.max_pool2d``.
    """
    attributes = window("max_pool2d", 2, kernel_size, stride, padding, ceil_mode)
    attributes["dilation"] = ints("max_pool2d", "dilation", dilation, 2, 1)
    return _max_pool(2, input, attributes, return_indices)


def max_pool1d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Maximum of each window of a line; as :func:`max_pool2d`.

    Shapes: (N, C, L) or (C, L) -> (N, C, L_out) or (C, L_out).

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> max_pool1d(autograd.tensor([[1.0, 3.0, 2.0, 0.0]]), 2, stride=1).tolist()
    [[3.0, 3.0, 2.0]]

    Source: ``torch.nn.functional.max_pool1d``.
    """
    attributes = window("max_pool1d", 1, kernel_size, stride, padding, ceil_mode)
    attributes["dilation"] = ints("max_pool1d", "dilation", dilation, 1, 1)
    return _max_pool(1, input, attributes, return_indices)


def max_pool3d(
    input: Any,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Maximum of each window of a volume; as :func:`max_pool2d`.

    Shapes: (N, C, D, H, W) or (C, D, H, W) -> the same with D_out, H_out, W_out.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`.

    Examples
    --------
    >>> import autograd
    >>> max_pool3d(autograd.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[7.0]]]]

    Source: ``torch.nn.functional.max_pool3d``.
    """
    attributes = window("max_pool3d", 3, kernel_size, stride, padding, ceil_mode)
    attributes["dilation"] = ints("max_pool3d", "dilation", dilation, 3, 1)
    return _max_pool(3, input, attributes, return_indices)


def _with_indices(rank: int) -> Any:
    """Return the max-pooling that always returns indices."""
    pool = (max_pool1d, max_pool2d, max_pool3d)[rank - 1]

    def with_indices(
        input: Any,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        ceil_mode: bool = False,
        return_indices: bool = True,
    ) -> Any:
        return pool(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    name = f"max_pool{rank}d"
    shape = {1: (1, 8), 2: (1, 2, 4), 3: (1, 2, 2, 2)}[rank]
    winners = {1: [1, 3, 5, 7], 2: [5, 7], 3: [7]}[rank]
    with_indices.__name__ = with_indices.__qualname__ = f"{name}_with_indices"
    with_indices.__doc__ = f"""Maximum of each window, and where it is.

    ``{name}`` with ``return_indices=True``.

    Shapes: as :func:`{name}`, twice.

    Raises
    ------
    TypeError, ValueError
        As :func:`{name}`.

    Examples
    --------
    >>> import autograd
    >>> values, places = {name}_with_indices(autograd.arange(8.0).reshape({shape}), 2)
    >>> values.flatten().tolist(), places.flatten().tolist()
    {[float(place) for place in winners], winners}

    Source: ``torch.nn.functional.{name}_with_indices``.
    """
    return with_indices


max_pool1d_with_indices = _with_indices(1)
max_pool2d_with_indices = _with_indices(2)
max_pool3d_with_indices = _with_indices(3)


# ---------------------------------------------------------------- for any number of axes


def window(
    function: str,
    rank: int,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Ints,
    ceil_mode: bool,
) -> dict[str, Any]:
    """Return the window's attributes as the kernels take them."""
    kernel = ints(function, "kernel_size", kernel_size, rank, 1)
    return {
        "kernel_size": kernel,
        "stride": kernel if stride is None else ints(function, "stride", stride, rank, 1),
        "padding": ints(function, "padding", padding, rank, 0),
        "ceil_mode": bool(ceil_mode),
    }


def _max_pool(rank: int, input: Any, attributes: dict[str, Any], return_indices: bool) -> Any:
    name = f"max_pool{rank}d"
    pooled = on_images(name, getattr(ops, name), input, rank, **attributes)
    if not return_indices:
        return pooled
    shape = shape_of(input)
    lines = pool_lines(name, (1, *shape)[-rank - 2 :], **attributes)
    return pooled, on_images(name, ops.max_pool_indices, input, rank, lines=lines)
