"""Batch normalisation with PyTorch's arguments, over the kernels of ``nn.ops.normalization``."""

from __future__ import annotations

from typing import Any

from nn import ops

from .arguments import check_floating, shape_of

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
    """
    check_floating("batch_norm", input=input)
    shape = shape_of(input)
    if len(shape) < 2:
        raise ValueError(f"batch_norm: input must have shape (N, C, ...), got {shape}")
    channels = shape[1:2]
    vectors = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    for name, vector in vectors.items():
        if vector is not None and shape_of(vector) != channels:
            raise ValueError(
                f"batch_norm: {name} must have shape {channels} to fit input of shape {shape}, "
                f"got {shape_of(vector)}"
            )
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: give both running_mean and running_var, or neither")
    if training:
        count = 1
        for n in (shape[0], *shape[2:]):
            count *= n
        if count == 1:
            raise ValueError(
                "batch_norm: training needs more than one value for each channel, "
                f"got input of shape {shape}"
            )
    elif running_mean is None:
        raise ValueError("batch_norm: without training it needs running_mean and running_var")
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
