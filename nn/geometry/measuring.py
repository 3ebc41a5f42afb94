"""The receptive field as gradients show it: which inputs move an output, and by how much.

The support of the gradient is the theoretical field; its size, averaged over draws of the input, is
the *effective* field, bell-shaped and smaller (Luo et al., 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from nn.module import Module

from .tracing import _in_eval_mode

__all__ = ["gradient_field", "support"]


def gradient_field(
    model: Module,
    input_shape: Sequence[int],
    unit: Sequence[int] | None = None,
    *,
    draws: int = 1,
    generator: Any = None,
) -> np.ndarray:
    """Return the mean of |d output[c, unit] / d input| over channels, as a map of the input.

    The outputs of all channels at ``unit`` are summed with random signs: they must not cancel.

    Parameters
    ----------
    model : Module
        With values; run in eval mode and left as it was.
    input_shape : tuple
        Of one sample, (C, *sizes); inputs are drawn from N(0, 1).
    unit : tuple of int, optional
        Place in the output, one index a spatial axis; the middle if not given.
    draws : int
        Inputs to average over.

    Returns
    -------
    ndarray
        Of shape ``sizes``; its ``support`` is the field.

    Raises
    ------
    ValueError
        The output has no spatial axes, or ``unit`` does not fit them.

    Examples
    --------
    >>> import nn
    >>> stack = nn.Sequential(*[nn.Conv2d(1, 1, 3) for _ in range(3)])
    >>> heat = nn.geometry.gradient_field(stack, (1, 15, 15))
    >>> heat.shape, nn.geometry.support(heat)
    ((15, 15), ((4, 10), (4, 10)))

    Source: Luo et al. (2016), "Understanding the effective receptive field in deep
    convolutional neural networks".
    """
    total: Any = 0
    with _in_eval_mode(model):
        for _ in range(draws):
            dtype = next((p.dtype for p in model.parameters()), np.dtype("float32"))
            x = autograd.randn(1, *input_shape, dtype=dtype, generator=generator).requires_grad_()
            with autograd.enable_grad():
                output = model(x)
                places = output.shape[2:]
                if unit is None:
                    unit = [size // 2 for size in places]
                if not places or len(unit) != len(places):
                    raise ValueError(
                        f"gradient_field: unit {tuple(unit)} does not name a place in an output "
                        f"of shape {output.shape}: it needs one index for each axis from 2 on"
                    )
                chosen = output[(0, slice(None), *unit)]
                signs = autograd.randn(len(chosen), dtype=dtype, generator=generator).sign()
                (gradient,) = autograd.grad((chosen * signs).sum(), [x])
            total = total + np.abs(gradient.numpy()[0]).mean(0)
    return total / draws


def support(heat: np.ndarray, threshold: float = 0.0) -> tuple[tuple[int, int], ...]:
    """Return, for each axis, the first and the last index where a map exceeds a threshold.

    Parameters
    ----------
    heat : ndarray
        Of no negative values.
    threshold : float
        A share of the map's largest value.

    Raises
    ------
    ValueError
        Nothing exceeds it.

    Examples
    --------
    >>> support(np.array([0.0, 0.1, 5.0, 0.0])), support(np.array([0.0, 0.1, 5.0]), threshold=0.1)
    (((1, 2),), ((2, 2),))

    Source: as ``gradient_field``.
    """
    places = np.nonzero(heat > threshold * heat.max(initial=0.0))
    if not places[0].size:
        raise ValueError("support: the map is zero everywhere, so nothing is seen")
    return tuple((int(axis.min()), int(axis.max())) for axis in places)
