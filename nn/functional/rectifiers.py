"""Nonlinearities made of straight pieces, with PyTorch's arguments; the rows are autograd's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import autograd
from autograd.arguments import a_number, one_axis
from autograd.naming import naming
from autograd.ops import rectifiers
from autograd.ops.in_place import in_place
from autograd.ops.rectifiers import real
from autograd.record import is_tensor

from .arguments import check_count, shape_of

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "maxout",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "sign",
    "softshrink",
    "step",
    "threshold",
    "threshold_",
]

hardshrink = autograd.hardshrink
prelu = autograd.prelu


def applied(
    name: str,
    function: Callable[..., Any],
    input: Any,
    inplace: bool,
    *operands: Any,
    **attributes: Any,
) -> Any:
    """Compute ``function(input, ...)``, written into the input if ``inplace``."""
    if not inplace:
        return function(input, *operands, **attributes)
    if not is_tensor(input):
        raise TypeError(
            f"{name}: only a Tensor can be changed in place, got {type(input).__name__}"
        )
    return in_place(f"{name}_", input, function, *operands, **attributes)


# What a function needs in its example beside the input.
EXAMPLES = {"threshold": ", 0.0, 0.0"}


def changing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the version of a function that works in place, ``relu_`` of ``relu``."""

    @wraps(function)
    def changed(input: Any, *args: Any, **options: Any) -> Any:
        return function(input, *args, **options, inplace=True)

    name = function.__name__
    changed.__name__ = changed.__qualname__ = f"{name}_"
    changed.__doc__ = f"""Compute ``{name}`` in place; the input is changed and returned.

    Raises
    ------
    RuntimeError
        If the input is a leaf that requires grad and operations are recorded.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([2.0])
    >>> {name}_(x{EXAMPLES.get(name, "")}) is x
    True

    Source: ``torch.nn.functional.{name}_``.
    """
    return changed


def relu(input: Any, inplace: bool = False) -> Any:
    """Rectifier: z = max(x, 0); the derivative is 1 where x > 0, else 0, also at 0.

    Raises
    ------
    RuntimeError
        ``inplace``, and the input is a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> relu(autograd.tensor([-1.0, 2.0]))
    tensor([0., 2.])

    Source: ``torch.nn.functional.relu``.
    """
    return applied("relu", autograd.relu, input, inplace)


def relu6(input: Any, inplace: bool = False) -> Any:
    """Rectifier that ends at 6: z = min(max(x, 0), 6); the derivative is 1 within, else 0.

    Raises
    ------
    RuntimeError
        ``inplace``, and the input is a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> relu6(autograd.tensor([-1.0, 2.0, 8.0]))
    tensor([0., 2., 6.])

    Source: ``torch.nn.functional.relu6``.
    """
    return applied("relu6", rectifiers.clipped_at_six, input, inplace)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """Leaky rectifier: z = x where x > 0, else negative_slope x; dz/dx = 1, else the slope.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> leaky_relu(autograd.tensor([-3.0, 2.0]), 0.1)
    tensor([-0.3000,  2.0000])

    Source: ``torch.nn.functional.leaky_relu``.
    """
    real("leaky_relu", input)
    slope = a_number(negative_slope, "negative_slope", "leaky_relu")
    return applied("leaky_relu", rectifiers.sloped, input, inplace, negative_slope=slope)


def rrelu(
    input: Any,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """Leaky rectifier of random slopes: z = x where x > 0, else a x, a uniform in [lower, upper).

    In training each element draws its slope; else the slope is (lower + upper) / 2.

    Raises
    ------
    RuntimeError
        If lower > upper.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> rrelu(autograd.tensor([-3.0, 3.0]), 0.25, 0.75)
    tensor([-1.5000,  3.0000])

    Source: ``torch.nn.functional.rrelu``.
    """
    return applied("rrelu", autograd.rrelu, input, inplace, lower, upper, training)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """Keep what passes a threshold: z = x where x > threshold, else value.

    Raises
    ------
    RuntimeError
        ``inplace``, and the input is a leaf that requires grad.

    Examples
    --------
    >>> import autograd, nn.functional as F
    >>> F.threshold(autograd.tensor([0.5, 1.0, 2.0]), 1, -3)
    tensor([-3., -3.,  2.])

    Source: ``torch.nn.functional.threshold``.
    """
    return applied("threshold", autograd.threshold, input, inplace, threshold, value)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Limit to [min_val, max_val]; the derivative is 1 within, 0 outside and at the edges.

    Raises
    ------
    ValueError
        If min_val > max_val.

    Examples
    --------
    >>> import autograd
    >>> hardtanh(autograd.tensor([-3.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000])

    Source: ``torch.nn.functional.hardtanh``.
    """
    low, high = a_number(min_val, "min_val", "hardtanh"), a_number(max_val, "max_val", "hardtanh")
    if low > high:
        raise ValueError(f"hardtanh: expected min_val <= max_val, got {low} and {high}")
    if getattr(getattr(input, "dtype", None), "kind", "f") in "iu":
        low, high = int(low), int(high)
    return applied("hardtanh", rectifiers.clipped, input, inplace, min_val=low, max_val=high)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """Logistic function of straight pieces: z = min(max(x + 3, 0), 6) / 6; dz/dx = 1/6 within.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> hardsigmoid(autograd.tensor([-3.0, 0.0, 1.5]))
    tensor([0.0000, 0.5000, 0.7500])

    Source: ``torch.nn.functional.hardsigmoid``.
    """
    return applied("hardsigmoid", rectifiers.hardsigmoid, real("hardsigmoid", input), inplace)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """Swish of straight pieces: z = x min(max(x + 3, 0), 6) / 6; dz/dx = x/3 + 1/2 in between.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> hardswish(autograd.tensor([-3.0, 1.5, 4.0]))
    tensor([-0.0000,  1.1250,  4.0000])

    Source: ``torch.nn.functional.hardswish``; Howard et al. (2019).
    """
    return applied("hardswish", rectifiers.hardswish, real("hardswish", input), inplace)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """Move towards 0 by lambd: z = x - lambd, x + lambd, or 0 where |x| <= lambd.

    Raises
    ------
    RuntimeError
        If lambd is negative.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> softshrink(autograd.tensor([-2.0, 0.25, 1.0]))
    tensor([-1.5000,  0.0000,  0.5000])

    Source: ``torch.nn.functional.softshrink``.
    """
    lambd = a_number(lambd, "lambd", "softshrink")
    if not lambd >= 0:
        raise RuntimeError(f"softshrink: expected lambd >= 0, got {lambd}")
    return rectifiers.shrunk_softly(real("softshrink", input), lambd=lambd)


@naming
def maxout(input: Any, pieces: int, dim: int = -1) -> Any:
    """Largest of each group of ``pieces`` neighbours along ``dim``; the first of equals wins.

    With linear pieces z = max_k (w_k . x + b_k), which bends anywhere: (w, 0) is relu, (w, w/100)
    is leaky.  The gradient goes to the winner alone.

    Shapes: (..., pieces n, ...) -> (..., n, ...).

    Raises
    ------
    ValueError
        If the axis cannot be cut into groups of ``pieces``.

    Examples
    --------
    >>> import autograd
    >>> maxout(autograd.tensor([-2.5, -3.0, 4.0, 7.0]), 2)
    tensor([-2.5000,  7.0000])

    Source: Goodfellow et al., "Maxout networks" (2013).
    """
    check_count("maxout", 1, pieces=pieces)
    shape = shape_of(input)
    dim = one_axis(dim, len(shape), "maxout")
    if not shape or shape[dim] % pieces:
        raise ValueError(f"maxout: axis {dim} of shape {shape} is no multiple of {pieces} pieces")
    groups = (*shape[:dim], shape[dim] // pieces, pieces, *shape[dim + 1 :])
    return autograd.max(autograd.reshape(input, groups), dim + 1).values


def step(input: Any) -> Any:
    """All or nothing: z = 1 where x > 0, else 0.  Its derivative is 0, so it cannot be trained.

    Where x jumps there is no derivative; there, too, what passes back is 0.  To train a unit of
    this kind, use ``sigmoid``, which is its smooth form.

    Warns
    -----
    UserWarning
        If the input requires grad: nothing before this function will learn.

    Raises
    ------
    TypeError
        The input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> step(autograd.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 1.])

    Source: Heaviside's function; ``torch.heaviside``.
    """
    _warn_of_zero_derivative("step", "sigmoid", input)
    return rectifiers.step(real("step", input))


def sign(input: Any) -> Any:
    """Signum: z = -1, 0 or 1.  Its derivative is 0 (none exists at 0), so it cannot be trained.

    Warns
    -----
    UserWarning
        If the input requires grad: nothing before this function will learn; use ``tanh``.

    Examples
    --------
    >>> import autograd
    >>> sign(autograd.tensor([-1.5, 0.0, 2.0]))
    tensor([-1.,  0.,  1.])

    Source: ``torch.sign``.
    """
    _warn_of_zero_derivative("sign", "tanh", input)
    return autograd.sign(input)


def _warn_of_zero_derivative(name: str, instead: str, input: Any) -> None:
    if autograd.is_grad_enabled() and getattr(input, "requires_grad", False):
        warnings.warn(
            f"{name}: its derivative is 0 everywhere, so nothing before it will learn; "
            f"use {instead} to train",
            stacklevel=3,
        )


relu_ = changing(relu)
leaky_relu_ = changing(leaky_relu)
rrelu_ = changing(rrelu)
threshold_ = changing(threshold)
hardtanh_ = changing(hardtanh)
