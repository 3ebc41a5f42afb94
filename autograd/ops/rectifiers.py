"""Rectifiers: functions made of straight pieces, whose derivative is a gate or a slope a piece.

``relu`` is in selection.py.  At a kink the derivative is PyTorch's: that of the flat side for
clipped pieces, of the left side for leaky ones.  Here are the operations; those that PyTorch has in
``nn.functional`` alone are public there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import a_number
from autograd.blocks import in_cache
from autograd.draws import draw_uniform
from autograd.naming import naming
from autograd.op import elementwise
from autograd.ops.passing import gate, select
from autograd.ops.selection import choose
from autograd.ops.shape import reshape_to
from autograd.random import generator

__all__ = ["hardshrink", "prelu", "rrelu", "threshold"]


def real(name: str, x: Any) -> Any:
    """Return an operand that must be floating-point.

    Raises
    ------
    NotImplementedError
        If it is not, as in PyTorch.
    """
    dtype = getattr(x, "dtype", None)
    kind = getattr(dtype, "kind", None)  # another library's dtype has none
    if kind != "f":
        got = str(dtype) if kind else type(x).__name__
        raise NotImplementedError(
            f"{name}: is defined for floating-point tensors, got {got}; convert it first, "
            "for example with x.float()"
        )
    return x


def _sloped(x: Any, slope: float) -> Any:
    """Return x where it is positive, else ``slope`` times x."""
    if 0 < slope <= 1:
        return np.maximum(x, x * slope)
    return select(np.asarray(x > 0), np.asarray(x), np.asarray(x * slope))[()]


@elementwise(
    name="leaky_relu",
    x=lambda upstream, x, negative_slope: choose(x > 0, upstream, upstream * negative_slope),
)
def sloped(x: Any, *, negative_slope: float) -> Any:
    """Leaky rectifier: z = x where x > 0, else negative_slope x."""
    return in_cache(lambda x: _sloped(x, negative_slope), x)


@elementwise(
    name="prelu",
    x=lambda upstream, x, weight: choose(x > 0, upstream, upstream * weight),
    weight=lambda upstream, x: (
        gate(upstream, np.logical_not(x > 0)) * gate(x, np.logical_not(x > 0))
    ),
)
def sloped_by(x: Any, weight: Any) -> Any:
    """Leaky rectifier whose slope is an operand; see :func:`prelu`."""
    return choose(x > 0, x, x * weight)


@naming
def prelu(input: Any, weight: Any) -> Any:
    """Leaky rectifier of learned slopes: z = x where x > 0, else w x; dz/dw = x where x <= 0.

    Shapes: input (N, C, ...); weight () or (1,), one slope, or (C,), one a channel.

    Raises
    ------
    RuntimeError
        If the number of slopes is neither 1 nor C, or the dtypes differ.

    Examples
    --------
    >>> import autograd
    >>> autograd.prelu(autograd.tensor([-2.0, 3.0]), autograd.tensor(0.25))
    tensor([-0.5000,  3.0000])

    Source: ``torch.prelu``.
    """
    shape, slopes = tuple(np.shape(input)), tuple(np.shape(weight))
    if input.dtype != weight.dtype:
        raise RuntimeError(
            f"prelu: expected input and weight of one dtype, got {input.dtype} and {weight.dtype}"
        )
    real("prelu", input)
    if len(slopes) > 1:
        raise RuntimeError(f"prelu: weight must have shape () or (C,), got {slopes}")
    if slopes and slopes[0] != 1:
        channels = shape[1] if len(shape) > 1 else 1
        if slopes[0] != channels:
            raise RuntimeError(
                f"prelu: got {slopes[0]} slopes for {channels} channels, input of shape {shape}"
            )
        weight = reshape_to(weight, shape=(channels,) + (1,) * (len(shape) - 2))
    elif slopes and not shape:
        weight = reshape_to(weight, shape=())
    return sloped_by(input, weight)


@elementwise(name="rrelu", x=lambda noise: noise)
def sloped_at_random(x: Any, *, noise: Any) -> Any:
    """Multiply by a slope an element, which is 1 where x > 0; see :func:`rrelu`."""
    return x * noise


@naming
def rrelu(input: Any, lower: float = 0.125, upper: float = 1 / 3, training: bool = False) -> Any:
    """Leaky rectifier of random slopes: z = x where x > 0, else a x, a uniform in [lower, upper).

    A slope is drawn for each element; outside of training it is the mean, (lower + upper) / 2.

    Raises
    ------
    RuntimeError
        If lower > upper.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.rrelu(autograd.tensor([-3.0, 3.0]), 0.25, 0.75)
    tensor([-1.5000,  3.0000])

    Source: ``torch.rrelu``.
    """
    x = real("rrelu", input)
    lower, upper = a_number(lower, "lower", "rrelu"), a_number(upper, "upper", "rrelu")
    if lower > upper:
        raise RuntimeError(f"rrelu: expected lower <= upper, got {lower} and {upper}")
    if not training:
        return sloped(x, negative_slope=(lower + upper) / 2)
    noise = draw_uniform(generator(), tuple(x.shape), x.dtype) * (upper - lower) + lower
    positive = np.asarray(getattr(x, "payload", x)) > 0
    noise = np.where(positive, 1, noise).astype(x.dtype)[()]
    return sloped_at_random(x, noise=noise)


@elementwise(name="threshold", x=lambda x, threshold: np.logical_not(x <= threshold))
def above(x: Any, *, threshold: Any, value: Any) -> Any:
    """Replace by ``value`` what does not pass a threshold; see :func:`threshold`."""

    def formula(x: Any) -> Any:
        return select(np.asarray(x <= threshold), np.array(value).astype(x.dtype), np.asarray(x))

    return in_cache(formula, x)[()]


@naming
def threshold(input: Any, threshold: float, value: float) -> Any:
    """Keep what passes a threshold: z = x where x > threshold, else value; dz/dx = 1, else 0.

    Raises
    ------
    TypeError
        If threshold or value is no number.

    Examples
    --------
    >>> import autograd
    >>> autograd.threshold(autograd.tensor([0.5, 1.0, 2.0]), 1, -3)
    tensor([-3., -3.,  2.])

    Source: ``torch.threshold``.
    """
    limit = a_number(threshold, "threshold", "threshold")
    return above(input, threshold=limit, value=a_number(value, "value", "threshold"))


@elementwise(
    name="hardtanh",
    x=lambda x, min_val, max_val: np.logical_not((x <= min_val) | (x >= max_val)),
)
def clipped(x: Any, *, min_val: float, max_val: float) -> Any:
    """Limit to [min_val, max_val]; the derivative is 0 at the edges."""
    return np.clip(x, min_val, max_val)


@elementwise(name="relu6", x=lambda x: np.logical_not((x <= 0) | (x >= 6)))
def clipped_at_six(x: Any) -> Any:
    """Rectifier that ends at 6: z = min(max(x, 0), 6)."""
    return np.clip(x, 0, 6)


@elementwise(name="hardsigmoid", x=lambda upstream, x: gate(upstream * (1 / 6), (x > -3) & (x < 3)))
def hardsigmoid(x: Any) -> Any:
    """Logistic function of straight pieces: z = min(max(x + 3, 0), 6) / 6."""
    return in_cache(lambda x: np.clip(x + 3, 0, 6) / 6, x)


@elementwise(
    name="hardswish",
    x=lambda upstream, x: choose(
        x < 3, gate(upstream * (gate(x, np.abs(x) < 3) / 3 + 0.5), x > -3), upstream
    ),
)
def hardswish(x: Any) -> Any:
    """Multiply x by its hardsigmoid: z = x min(max(x + 3, 0), 6) / 6."""
    return in_cache(lambda x: x * np.clip(x + 3, 0, 6) / 6, x)


@elementwise(name="hardshrink", x=lambda x, lambd: np.logical_not((x >= -lambd) & (x <= lambd)))
def shrunk_hard(x: Any, *, lambd: float) -> Any:
    """Replace by 0 what lies in [-lambd, lambd]; see :func:`hardshrink`."""
    return in_cache(lambda x: gate(x, np.logical_not((x >= -lambd) & (x <= lambd))), x)


@naming
def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """Drop what is small: z = 0 where |x| <= lambd, else x; dz/dx = 0, else 1.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> autograd.hardshrink(autograd.tensor([-2.0, 0.5, 0.6]))
    tensor([-2.0000,  0.0000,  0.6000])

    Source: ``torch.hardshrink``.
    """
    x = real("hardshrink", input)
    return shrunk_hard(x, lambd=a_number(lambd, "lambd", "hardshrink"))


@elementwise(name="softshrink", x=lambda x, lambd: np.logical_not((x >= -lambd) & (x <= lambd)))
def shrunk_softly(x: Any, *, lambd: float) -> Any:
    """Move towards 0 by lambd, at most to 0: z = x - min(max(x, -lambd), lambd)."""
    return in_cache(lambda x: x - np.clip(x, -lambd, lambd), x)


@elementwise(name="step", x=0)
def step(x: Any) -> Any:
    """All or nothing: z = 1 where x > 0, else 0 (nan stays nan); dz/dx = 0."""
    return np.heaviside(x, x.dtype.type(0))
