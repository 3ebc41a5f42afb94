"""PyTorch's older name for norms, ``torch.norm``; the norms themselves are in norms.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arguments import Dim, numpy_like
from autograd.ops.norms import matrix_norm, vector_norm
from autograd.ops.reduction import floating

__all__ = ["norm"]


@numpy_like
def norm(x: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """Compute the p-norm (sum |x|^p)^(1/p) over ``dim``, or of all elements as one vector.

    d/dx = sign(x) (|x| / z)^(p - 1), and 0 at x = 0.

    Shapes: x of any shape; the axes of ``dim`` (all if None or ()) go, or stay with length 1.

    Parameters
    ----------
    p : float or "fro" or "nuc"
        2 (as "fro" and None say, too), 1, any other number, inf (the largest), -inf (the
        smallest), 0 (how many are not 0); "nuc" is the sum of a matrix's singular values.
    dtype : dtype, optional
        Cast to it first.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If x is not floating-point, ``dtype`` would narrow it, the order is unknown, or a norm of
        no elements is not defined.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([3.0, -4.0])
    >>> autograd.norm(x).item(), autograd.norm(x, 1).item(), autograd.norm(x, float("inf")).item()
    (5.0, 7.0, 4.0)

    Source: ``torch.norm``.
    """
    floating(x, "norm")
    if dtype is not None and not np.can_cast(x.dtype, np.dtype(dtype)):
        raise RuntimeError(f"norm: dtype {np.dtype(dtype)} cannot hold a tensor of {x.dtype}")
    if p == "nuc":
        axes: Any = (-2, -1) if dim is None else dim
        return matrix_norm(x, "nuc", axes, keepdim, dtype=dtype)
    if p is None or p == "fro":
        p = 2
    elif not isinstance(p, (int, float, np.number)):
        raise RuntimeError(f"norm: p must be a number, 'fro' or 'nuc', got {p!r}")
    return vector_norm(x, float(p), dim, keepdim, dtype=dtype)
