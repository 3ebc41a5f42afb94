"""Softmax and its logarithm: scores along an axis become probabilities.

Both subtract the largest score first, which changes neither and keeps the exponentials finite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import one_axis
from autograd.naming import naming
from autograd.op import structural
from autograd.ops.rectifiers import real
from autograd.ops.reduction import given_dtype

__all__ = ["log_softmax", "softmax"]


def _centred(x: Any, dim: int) -> Any:
    """Return x minus its maximum along an axis."""
    return x - np.max(x, axis=dim, keepdims=True, initial=-np.inf)


@structural(
    name="softmax",
    x=lambda upstream, z, dim: z * (upstream - np.sum(upstream * z, dim, keepdims=True)),
    single=True,
)
def softmax_over(x: Any, *, dim: int) -> Any:
    """Normalise exponentials along an axis of an array; see :func:`softmax`."""
    z = _centred(x, dim)
    np.exp(z, out=z)
    z /= np.sum(z, axis=dim, keepdims=True)
    return z


@structural(
    name="log_softmax",
    x=lambda upstream, z, dim: upstream - np.exp(z) * np.sum(upstream, dim, keepdims=True),
    single=True,
)
def log_softmax_over(x: Any, *, dim: int) -> Any:
    """Normalise exponentials, in logarithms; see :func:`log_softmax`."""
    z = _centred(x, dim)
    if z.size:
        z -= np.log(np.sum(np.exp(z), axis=dim, keepdims=True))
    return z


def _along(name: str, function: Any, x: Any, dim: int, dtype: Any) -> Any:
    x = real(name, given_dtype(x, dtype, name))
    dim = one_axis(dim, x.ndim, name)
    if x.ndim == 0:  # alone along its axis
        return function(x.reshape(1), dim=0).reshape(())
    return function(x, dim=dim)


@naming
def softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """Normalised exponential: z_i = e^(x_i) / sum_j e^(x_j) along ``dim``.

    Non-negative, sums to 1, and the same for x + c; dz_i/dx_j = z_i (1[i=j] - z_j).

    Shapes: x of any shape -> the same.

    Parameters
    ----------
    input : Tensor
    dim : int
        The axis of the classes.
    dtype : dtype, optional
        To convert to first.

    Raises
    ------
    IndexError
        If there is no such axis.
    NotImplementedError
        If the input is not floating-point, and no such ``dtype`` is given.

    Examples
    --------
    >>> import autograd
    >>> autograd.softmax(autograd.tensor([1000.0, 1000.0, 0.0]), 0)
    tensor([0.5000, 0.5000, 0.0000])

    Source: ``torch.softmax``.
    """
    return _along("softmax", softmax_over, input, dim, dtype)


@naming
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """Logarithm of softmax, exact where it is tiny: z_i = x_i - log sum_j e^(x_j).

    dz_i/dx_j = 1[i=j] - e^(z_j).

    Shapes, parameters and errors as of :func:`softmax`.

    Raises
    ------
    IndexError, NotImplementedError
        As :func:`softmax`.

    Examples
    --------
    >>> import autograd
    >>> autograd.log_softmax(autograd.tensor([1000.0, 0.0]), 0)
    tensor([    0., -1000.])

    Source: ``torch.log_softmax``.
    """
    return _along("log_softmax", log_softmax_over, input, dim, dtype)
