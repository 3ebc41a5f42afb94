"""Nonlinearities that gate their input by degrees, with PyTorch's arguments."""

from __future__ import annotations

from typing import Any

from autograd.arguments import one_axis
from autograd.ops import gates
from autograd.ops.rectifiers import real

from .arguments import shape_of
from .rectifiers import applied

__all__ = ["gelu", "glu", "mish", "silu"]


def gelu(input: Any, *, approximate: str = "none") -> Any:
    """Gaussian error linear unit: z = x Phi(x), Phi the normal distribution function.

    Parameters
    ----------
    input : Tensor
    approximate : {'none', 'tanh'}
        'tanh' puts tanh((2/pi)^(1/2) (x + 0.044715 x^3)) for erf(x / 2^(1/2)) in Phi: off by 5e-4.

    Raises
    ------
    RuntimeError
        If there is no such approximation.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> gelu(autograd.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413])

    Source: ``torch.nn.functional.gelu``; Hendrycks and Gimpel (2016).
    """
    real("gelu", input)
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return gates.gelu(input) if approximate == "none" else gates.gelu_by_tanh(input)


def silu(input: Any, inplace: bool = False) -> Any:
    """Swish: z = x s(x), s the logistic function; dz/dx = s (1 + x (1 - s)); least at x = -1.278.

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> silu(autograd.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])

    Source: ``torch.nn.functional.silu``; Ramachandran et al. (2017).
    """
    return applied("silu", gates.silu, real("silu", input), inplace)


def mish(input: Any, inplace: bool = False) -> Any:
    """Gate by a smooth rectifier: z = x tanh(log(1 + e^x)).

    Raises
    ------
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> mish(autograd.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])

    Source: ``torch.nn.functional.mish``; Misra (2019).
    """
    return applied("mish", gates.mish, real("mish", input), inplace)


def glu(input: Any, dim: int = -1) -> Any:
    """Gated linear unit: z = a s(b), where a and b are the halves of x along ``dim``.

    Shapes: (..., 2 n, ...) -> (..., n, ...).

    Raises
    ------
    RuntimeError
        If the axis has no halves.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd
    >>> glu(autograd.tensor([1.0, 2.0, 0.0, 1000.0]))
    tensor([0.5000, 2.0000])

    Source: ``torch.nn.functional.glu``; Dauphin et al. (2017).
    """
    shape = shape_of(real("glu", input))
    if not shape:
        raise RuntimeError("glu: a 0-d tensor has no halves")
    dim = one_axis(dim, len(shape), "glu")
    if shape[dim] % 2:
        raise RuntimeError(f"glu: expected an even size along axis {dim}, got shape {shape}")
    return gates.gated_half(input, dim=dim)
