"""Scores as probabilities, with PyTorch's arguments; softmax itself is autograd's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd
from autograd.arguments import one_axis
from autograd.draws import draw_uniform
from autograd.naming import naming
from autograd.ops.rectifiers import real
from autograd.ops.reduction import given_dtype
from autograd.random import generator

from .arguments import shape_of

__all__ = ["gumbel_softmax", "log_softmax", "softmax", "softmin"]


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Normalised exponential: z_i = e^(x_i) / sum_j e^(x_j) along ``dim``.

    dz_i/dx_j = z_i (1[i=j] - z_j).

    Parameters
    ----------
    input : Tensor
    dim : int
        The axis of the classes. None is guessed with a warning, as in PyTorch: 0 for 0, 1 or 3
        dimensions, else 1.
    _stacklevel : int
        Of that warning.
    dtype : dtype, optional
        To convert to first.

    Raises
    ------
    IndexError
        If there is no such axis.
    NotImplementedError
        If the input is not floating-point.

    Examples
    --------
    >>> import autograd, nn.functional as F
    >>> F.softmax(autograd.tensor([1000.0, 1000.0, 0.0]), 0)
    tensor([0.5000, 0.5000, 0.0000])

    Source: ``torch.nn.functional.softmax``.
    """
    return autograd.softmax(input, _axis("softmax", input, dim, _stacklevel), dtype=dtype)


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Logarithm of ``softmax``, exact where it is tiny: z_i = x_i - log sum_j e^(x_j).

    Arguments and errors are those of ``softmax``.

    Examples
    --------
    >>> import autograd, nn.functional as F
    >>> F.log_softmax(autograd.tensor([1000.0, 0.0]), 0)
    tensor([    0., -1000.])

    Source: ``torch.nn.functional.log_softmax``.
    """
    return autograd.log_softmax(input, _axis("log_softmax", input, dim, _stacklevel), dtype=dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """Softmax of the negative: z_i = e^(-x_i) / sum_j e^(-x_j); the smallest gets most.

    Arguments and errors are those of ``softmax``.

    Raises
    ------
    TypeError
        The input is not floating-point.
    IndexError
        There is no axis ``dim``.

    Examples
    --------
    >>> import autograd
    >>> softmin(autograd.tensor([0.0, 0.0, 1000.0]), 0)
    tensor([0.5000, 0.5000, 0.0000])

    Source: ``torch.nn.functional.softmin``.
    """
    dim = _axis("softmin", input, dim, _stacklevel)
    real("softmin", input)
    axis = one_axis(dim, len(shape_of(input)), "softmin")
    return autograd.softmax(-given_dtype(input, dtype, "softmin"), axis)


@naming
def gumbel_softmax(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Any:
    """Draw from the classes so that scores still learn: softmax((x + g) / tau), g Gumbel noise.

    The smaller tau, the nearer to a one-hot vector; the largest entry is class i with the
    probability that softmax(x) gives it.

    Parameters
    ----------
    logits : Tensor
        Scores; probabilities in logarithms, up to a constant.
    tau : float
        Temperature.
    hard : bool
        Return one-hot vectors, with the derivative of the soft ones.
    eps : float
        Has no meaning any more and is deprecated, as in PyTorch.
    dim : int
        The axis of the classes.

    Warns
    -----
    UserWarning
        If ``eps`` is given.

    Raises
    ------
    TypeError
        The scores are not floating-point.
    IndexError
        There is no axis ``dim``.

    Examples
    --------
    >>> import autograd
    >>> gumbel_softmax(autograd.tensor([0.0, 1000.0, 0.0]), hard=True)
    tensor([0., 1., 0.])

    Source: ``torch.nn.functional.gumbel_softmax``; Jang et al. (2017), Maddison et al. (2017).
    """
    if eps != 1e-10:
        warnings.warn("gumbel_softmax: eps is deprecated and has no effect", stacklevel=3)
    real("gumbel_softmax", logits)
    uniform = 1 - draw_uniform(generator(), shape_of(logits), logits.dtype)  # in (0, 1]
    with np.errstate(divide="ignore"):  # -log 1 is 0, whose noise is inf: the class is drawn
        noise = -np.log(np.maximum(-np.log(uniform), np.finfo(logits.dtype).tiny))
    soft = autograd.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    plain = soft.detach() if autograd.is_tensor(soft) else autograd.as_tensor(soft)
    winner = autograd.argmax(plain, dim, keepdim=True)
    change = autograd.zeros_like(plain).scatter_(dim, winner, 1.0) - plain
    return (change if autograd.is_tensor(soft) else change.numpy()) + soft


def _axis(name: str, input: Any, dim: int | None, stacklevel: int) -> int:
    if dim is not None:
        return dim
    ndim = len(shape_of(input))
    dim = 0 if ndim in (0, 1, 3) else 1
    warnings.warn(
        f"{name}: dim was not given, and guessed to be {dim} for input of shape {shape_of(input)}; "
        f"give it, e.g. dim=1 for the classes of (N, C)",
        stacklevel=stacklevel,
    )
    return dim
