"""Normalisation with PyTorch's arguments, over the kernels of ``nn.ops``.

All bring groups of numbers to mean 0 and variance 1; they differ in what is a group. Of images
(N, C, H, W): batch norm over N, H, W for each C; instance norm over H, W for each N and C; group
norm over H, W and some of C; layer norm (in a file of its own) over C, H, W for each N.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.arguments import a_number, is_integer, one_axis
from autograd.naming import naming
from autograd.ops.passing import cast
from autograd.spelling import refuse_out
from nn import ops

from .arguments import check_count, check_dtype, check_floating, shape_of
from .reductions import array_of

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "local_response_norm",
    "normalize",
]


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise each channel: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Parameters
    ----------
    input : Tensor
        (N, C, ...).
    running_mean, running_var : Tensor or None
        (C,). Used when not training; when training they are updated in place,
        r = (1 - momentum) r + momentum batch, with the unbiased variance of the batch.
    weight, bias : Tensor, optional
        (C,).
    training : bool
        Whether mean and (biased) variance are those of the batch.
    momentum, eps : float
        See above.

    Raises
    ------
    ValueError
        A shape does not fit, eps is negative (or 0 in training), or training is asked for with one
        value a channel.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[1.0], [3.0]])
    >>> nn.functional.batch_norm(x, None, None, training=True).round(decimals=2).tolist()
    [[-1.0], [1.0]]

    Source: ``torch.nn.functional.batch_norm``; Ioffe & Szegedy, 2015.
    """
    statistics = {"running_mean": running_mean, "running_var": running_var}
    check_dtype("batch_norm", input, weight=weight, bias=bias, **statistics)
    _check_running("batch_norm", running_mean, running_var, training, "training")
    eps, momentum = a_number(eps, "eps", "batch_norm"), a_number(momentum, "momentum", "batch_norm")
    if eps < 0 or (training and eps == 0):
        more = "above 0 in training" if training else "0 or more"
        raise ValueError(f"batch_norm: eps must be {more}, got {eps!r}")
    if training:
        _touch(running_mean, running_var)
    return in_single(
        ops.batch_norm,
        input,
        weight,
        bias,
        running_mean,
        running_var,
        training=training,
        momentum=momentum,
        eps=eps,
    )


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise each channel of each sample: y = (x - mean) / sqrt(var + eps) * weight + bias.

    Parameters
    ----------
    input : Tensor
        (N, C, L), (N, C, H, W) or (N, C, D, H, W).
    running_mean, running_var : Tensor, optional
        (C,). Used without ``use_input_stats``; with it they are updated in place by the mean over
        the samples of their statistics.
    weight, bias : Tensor, optional
        (C,).
    use_input_stats : bool
        Whether mean and (biased) variance are those of the input.
    momentum, eps : float
        As of :func:`batch_norm`.

    Raises
    ------
    ValueError
        A shape does not fit, or there is one value a channel.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[[1.0, 3.0], [10.0, 30.0]]])
    >>> nn.functional.instance_norm(x).round(decimals=2).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]

    Source: ``torch.nn.functional.instance_norm``; Ulyanov et al., 2016.
    """
    statistics = {"running_mean": running_mean, "running_var": running_var}
    check_dtype("instance_norm", input, weight=weight, bias=bias, **statistics)
    _check_running(
        "instance_norm", running_mean, running_var, use_input_stats, "use_input_stats=True"
    )
    eps = a_number(eps, "eps", "instance_norm")
    momentum = a_number(momentum, "momentum", "instance_norm")
    if not use_input_stats:
        return in_single(
            ops.batch_norm, input, weight, bias, running_mean, running_var, training=False, eps=eps
        )
    shape = shape_of(input)
    if len(shape) < 2 or math.prod(shape[2:]) == 1:
        raise ValueError(
            "instance_norm: expects input (N, C, ...) with more than one value a channel, "
            f"got shape {shape}"
        )
    _check_channels("instance_norm", shape, weight=weight, bias=bias, **statistics)
    _touch(running_mean, running_var)
    return in_single(
        ops.instance_norm,
        input,
        weight,
        bias,
        running_mean,
        running_var,
        momentum=momentum,
        eps=eps,
    )


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalise groups of channels of each sample: y = (x - mean) / sqrt(var + eps) * w + b.

    Shapes: input (N, C, ...) -> the same; weight and bias (C,).

    Raises
    ------
    RuntimeError
        The groups do not divide the channels.
    ValueError
        A shape does not fit, or there is one value in all.
    TypeError
        The dtypes differ or are not floating-point.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.tensor([[1.0, 3.0, 10.0, 30.0]])
    >>> nn.functional.group_norm(x, 2).round(decimals=2).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]

    Source: ``torch.nn.functional.group_norm``; Wu & He, 2018.
    """
    check_dtype("group_norm", input, weight=weight, bias=bias)
    check_count("group_norm", 1, num_groups=num_groups)
    shape = shape_of(input)
    if len(shape) < 2:
        raise RuntimeError(f"group_norm: expects input (N, C, ...), got shape {shape}")
    if shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm: num_groups must divide the channels, got {num_groups} groups for input "
            f"of shape {shape}"
        )
    if math.prod(shape) == num_groups:
        raise ValueError(
            f"group_norm: expects more than one value a group, got shape {shape} for "
            f"{num_groups} groups"
        )
    _check_channels("group_norm", shape, weight=weight, bias=bias)
    eps = a_number(eps, "eps", "group_norm")
    return in_single(ops.group_norm, input, weight, bias, groups=num_groups, eps=eps)


def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """Divide by the neighbouring channels: y_c = x_c / (k + alpha / size * sum x_c'^2)^beta.

    The sum is over ``size`` channels around c: size // 2 before it, (size - 1) // 2 after it, those
    beyond the ends being 0.

    Shapes: input (N, C, L), (N, C, H, W), ... -> the same.

    Raises
    ------
    ValueError
        The input has fewer than 3 axes, or size is below 1.
    TypeError
        The input is not floating-point, or size is not an int.

    Examples
    --------
    >>> import autograd, nn
    >>> x = autograd.ones(1, 3, 1)
    >>> nn.functional.local_response_norm(x, 2, alpha=2.0, beta=1.0).flatten().tolist()
    [0.5, 0.3333333432674408, 0.3333333432674408]

    Source: ``torch.nn.functional.local_response_norm``; Krizhevsky et al., 2012.
    """
    check_floating("local_response_norm", input=input)
    check_count("local_response_norm", 1, size=size)
    numbers = {"alpha": alpha, "beta": beta, "k": k}
    numbers = {word: a_number(n, word, "local_response_norm") for word, n in numbers.items()}
    shape = shape_of(input)
    if len(shape) < 3:
        raise ValueError(
            f"local_response_norm: expects input (N, C, L), (N, C, H, W), ..., got shape {shape}"
        )
    return ops.local_response_norm(input, size=size, **numbers)


@naming
def normalize(
    input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: None = None
) -> Any:
    """Divide by the norm along ``dim``: y = x / max(||x||_p, eps).

    Shapes: input of any shape with the axis (or axes) ``dim`` -> the same.

    Raises
    ------
    IndexError
        There is no such axis.
    TypeError
        The input is not floating-point, or ``out`` is given.

    Examples
    --------
    >>> import autograd, nn
    >>> nn.functional.normalize(autograd.tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]

    Source: ``torch.nn.functional.normalize``.
    """
    if out is not None:
        refuse_out("normalize")
    check_floating("normalize", input=input)
    if is_integer(dim):
        dim = one_axis(dim, len(shape_of(input)), "normalize")
    return input / autograd.clamp_min(autograd.norm(input, p, dim, keepdim=True), eps)


def in_single(op: Any, *operands: Any, **attributes: Any) -> Any:
    """Run an op; if the input is float16, where 256 squared is infinite, in float32."""
    dtype = operands[0].dtype
    if dtype != np.float16:
        return op(*operands, **attributes)
    wide = [None if x is None else cast(x, dtype=np.float32) for x in operands]
    z = cast(op(*wide, **attributes), dtype=dtype)
    for buffer, moved in zip(operands[3:], wide[3:], strict=True):  # running statistics
        if buffer is not None and attributes.get("training", True):
            array_of(buffer)[...] = array_of(moved)
    return z


# ---------------------------------------------------------------- checks


def _check_running(function: str, mean: Any, var: Any, training: bool, word: str) -> None:
    if (mean is None) != (var is None):
        raise ValueError(f"{function}: give both running_mean and running_var, or neither")
    if not training and mean is None:
        raise ValueError(f"{function}: without {word} it needs running_mean and running_var")


def _touch(*buffers: Any) -> None:
    """Count a change of the buffers: the kernel writes into their arrays."""
    for buffer in buffers:
        if isinstance(buffer, Tensor):
            buffer.share().touch()


def _check_channels(function: str, shape: tuple[int, ...], **parameters: Any) -> None:
    for name, parameter in parameters.items():
        if parameter is not None and shape_of(parameter) != shape[1:2]:
            raise ValueError(
                f"{function}: {name} expects shape ({shape[1]},) for input of shape {shape}, "
                f"got {shape_of(parameter)}"
            )
