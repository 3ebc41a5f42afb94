"""Scale random weights by their fans and the gain of the nonlinearity.

A layer keeps the variance of what flows through it when the variance of its weights is
gain^2 / fan: fan_in (inputs of a unit) keeps it forwards, fan_out backwards. Xavier takes the mean
of both fans, Kaiming one of them with the gain of the nonlinearity, LeCun fan_in alone.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from autograd import Tensor

from .filling import Generator, expect_tensor, normal_, uniform_

__all__ = [
    "calculate_gain",
    "default_",
    "fans",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "xavier_normal_",
    "xavier_uniform_",
]


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor on the standard deviation that a nonlinearity needs.

    linear, conv*, sigmoid 1; tanh 5/3; relu sqrt(2); leaky_relu sqrt(2 / (1 + slope^2));
    selu 3/4. ``param`` is leaky_relu's slope, .01 by default.

    Raises
    ------
    ValueError
        The nonlinearity is not one of these, or the slope is not a number.

    Examples
    --------
    >>> round(calculate_gain("relu"), 4)
    1.4142

    Source: ``torch.nn.init.calculate_gain``.
    """
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"calculate_gain: the slope must be a number, got {slope!r}")
        return sqrt(2 / (1 + slope**2))
    raise ValueError(
        f"calculate_gain: unknown nonlinearity {nonlinearity!r}, expected one of "
        + ", ".join(sorted([*_GAINS, "leaky_relu"]))
    )


_GAINS = {
    **dict.fromkeys(("linear", "sigmoid"), 1.0),
    **{f"conv{kind}{n}d": 1.0 for kind in ("", "_transpose") for n in (1, 2, 3)},
    "tanh": 5 / 3,
    "relu": sqrt(2),
    "selu": 0.75,
}


def fans(shape: tuple[int, ...], function: str) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight (out, in, *kernel), for messages of ``function``.

    fan_in = in * prod(kernel), fan_out = out * prod(kernel).

    Raises
    ------
    ValueError
        The shape has fewer than two axes.

    Examples
    --------
    >>> fans((64, 3, 5, 5), "example")
    (75, 1600)

    Source: ``torch.nn.init._calculate_fan_in_and_fan_out``.
    """
    if len(shape) < 2:
        raise ValueError(
            f"{function}: fans need a weight of at least two axes (out, in, ...), got shape {shape}"
        )
    field = int(np.prod(shape[2:], dtype=np.int64))
    return shape[1] * field, shape[0] * field


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Glorot & Bengio (2010): U(-b, b), b = gain sqrt(6 / (fan_in + fan_out)).

    Raises
    ------
    ValueError
        The tensor has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> xavier_uniform_(autograd.empty(200, 400)).abs().max().item() <= 0.1
    True

    Source: ``torch.nn.init.xavier_uniform_``.
    """
    bound = sqrt(3) * _xavier_std(tensor, gain, "mean", "xavier_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(
    tensor: Tensor,
    gain: float = 1.0,
    generator: Generator = None,
    mode: str = "mean",
) -> Tensor:
    """Glorot & Bengio (2010): N(0, std^2), std = gain sqrt(2 / (fan_in + fan_out)).

    ``mode="fan_in"`` (not in PyTorch) is the form of many courses, std = gain / sqrt(fan_in).

    Raises
    ------
    ValueError
        The tensor has fewer than two axes, or the mode is unknown.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> 0.057 < xavier_normal_(autograd.empty(200, 400)).std().item() < 0.059
    True

    Source: ``torch.nn.init.xavier_normal_``.
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain, mode, "xavier_normal_"), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """He et al. (2015): U(-b, b), b = gain sqrt(3 / fan).

    ``a`` is the slope of ``leaky_relu``: 0 is relu.

    Raises
    ------
    ValueError
        The tensor has fewer than two axes, or the mode or the nonlinearity is unknown.

    Examples
    --------
    >>> import autograd
    >>> kaiming_uniform_(autograd.empty(200, 600)).abs().max().item() <= 0.1
    True

    Source: ``torch.nn.init.kaiming_uniform_``.
    """
    bound = sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """He et al. (2015): N(0, std^2), std = gain / sqrt(fan).

    Raises
    ------
    ValueError
        The tensor has fewer than two axes, or the mode or the nonlinearity is unknown.

    Examples
    --------
    >>> import autograd
    >>> _ = autograd.manual_seed(0)
    >>> 0.099 < kaiming_normal_(autograd.empty(400, 200)).std().item() < 0.101
    True

    Source: ``torch.nn.init.kaiming_normal_``.
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_normal_")
    return normal_(tensor, 0.0, std, generator)


def default_(weight: Tensor, bias: Tensor | None) -> None:
    """PyTorch's start of Linear and Conv: both uniform in (-b, b), b = 1 / sqrt(fan_in).

    It is ``kaiming_uniform_(weight, a=sqrt(5))``, whose gain sqrt(2 / 6) and factor sqrt(3)
    leave exactly 1 / sqrt(fan_in).

    Raises
    ------
    ValueError
        The weight has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> weight, bias = autograd.empty(3, 100), autograd.empty(3)
    >>> default_(weight, bias)
    >>> max(weight.abs().max().item(), bias.abs().max().item()) <= 0.1
    True

    Source: ``torch.nn.Linear.reset_parameters``.
    """
    if weight.numel():
        kaiming_uniform_(weight, a=sqrt(5))
    if bias is not None:
        fan_in, _ = fans(weight.shape, "default_")
        bound = 1 / sqrt(fan_in) if fan_in else 0.0
        uniform_(bias, -bound, bound)


def lecun_normal_(tensor: Tensor, generator: Generator = None) -> Tensor:
    """LeCun et al. (1998): N(0, 1 / fan_in), the start of self-normalising (SELU) nets.

    Raises
    ------
    ValueError
        The tensor has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> 0.049 < lecun_normal_(autograd.empty(200, 400)).std().item() < 0.051
    True

    Source: Klambauer et al. (2017), "Self-normalizing neural networks"; PyTorch's
    ``kaiming_normal_(nonlinearity="linear")``.
    """
    return normal_(
        tensor, 0.0, _kaiming_std(tensor, 0, "fan_in", "linear", "lecun_normal_"), generator
    )


def lecun_uniform_(tensor: Tensor, generator: Generator = None) -> Tensor:
    """LeCun et al. (1998): U(-b, b), b = sqrt(3 / fan_in), of variance 1 / fan_in.

    Raises
    ------
    ValueError
        The tensor has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> lecun_uniform_(autograd.empty(200, 300)).abs().max().item() <= 0.1
    True

    Source: PyTorch's ``kaiming_uniform_(nonlinearity="linear")``.
    """
    bound = sqrt(3) * _kaiming_std(tensor, 0, "fan_in", "linear", "lecun_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def _xavier_std(tensor: Tensor, gain: float, mode: str, function: str) -> float:
    expect_tensor(function, tensor)
    fan_in, fan_out = fans(tensor.shape, function)
    fan = {"mean": (fan_in + fan_out) / 2, "fan_in": fan_in, "fan_out": fan_out}.get(mode)
    if fan is None:
        raise ValueError(f"{function}: mode must be 'mean', 'fan_in' or 'fan_out', got {mode!r}")
    return gain / sqrt(fan) if fan else 0.0


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, function: str) -> float:
    expect_tensor(function, tensor)
    fan_in, fan_out = fans(tensor.shape, function)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{function}: mode must be 'fan_in' or 'fan_out', got {mode!r}")
    fan = fan_in if mode == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / sqrt(fan) if fan else 0.0
