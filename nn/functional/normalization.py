"""Batch normalisation with PyTorch's arguments, over the kernels of ``nn.ops.normalization``."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import ops

from .arguments import check_dtype

__all__ = ["batch_norm"]


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
        A shape does not fit, or training is asked for with one value a channel.
    TypeError
        The dtypes differ or are not floating-point.
    """
    statistics = {"running_mean": running_mean, "running_var": running_var}
    check_dtype("batch_norm", input, weight=weight, bias=bias, **statistics)
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: give both running_mean and running_var, or neither")
    if not training and running_mean is None:
        raise ValueError("batch_norm: without training it needs running_mean and running_var")
    if training:
        for buffer in statistics.values():
            if isinstance(buffer, Tensor):
                buffer.share().touch()  # the kernel writes into the array itself
    return ops.batch_norm(
        input,
        weight,
        bias,
        running_mean,
        running_var,
        training=training,
        momentum=momentum,
        eps=eps,
    )
