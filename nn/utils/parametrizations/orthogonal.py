"""Orthogonal weights: a matrix Q with Q^T Q = 1, made of a matrix that may be anything.

Three maps lead there. A skew matrix A = X - X^T gives e^A, or by Cayley (1 - A/2)^-1 (1 + A/2); a
lower triangle gives a product of Householder reflections. With *trivialization* the map starts from
a fixed orthogonal matrix, ``base``, so that training begins where the weight was.
"""

from __future__ import annotations

from math import ceil, log2
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from ...module import Module
from ..parametrize import register_parametrization

__all__ = ["orthogonal"]

MAPS = ("matrix_exp", "cayley", "householder")
# Of the quotient of polynomials of degree 6 that is e^x to the last bit for |x| <= 1/2.
PADE = (1, 1 / 2, 5 / 44, 1 / 66, 1 / 792, 1 / 15840, 1 / 665280)


class Orthogonal(Module):
    """The matrix of which a square or tall one is made by the map, a wide one by its transpose."""

    base: Any

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.orthogonal_map = orthogonal_map
        self.shape = tuple(weight.shape)
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Tensor) -> Tensor:
        """Return the orthogonal matrix (or batch of them), Q, base Q, or their transpose."""
        rows, columns = x.shape[-2:]
        x = x if rows >= columns else _turned(x)
        rows, columns = x.shape[-2:]
        if self.orthogonal_map == "householder":
            q = _reflected(x)
        else:
            lower = autograd.tril(x)
            if rows != columns:
                empty = autograd.zeros((*x.shape[:-1], rows - columns), dtype=x.dtype)
                lower = autograd.cat([lower, empty], -1)
            skew = lower - _turned(lower)
            q = _exponential(skew) if self.orthogonal_map == "matrix_exp" else _cayley(skew)
            q = q[..., :columns]
        if self._buffers.get("base") is not None:
            q = self.base @ q
        return q if self.shape[-2] >= self.shape[-1] else _turned(q)

    def right_inverse(self, weight: Tensor) -> Tensor:
        """Return where the map gives the orthogonal matrix next to ``weight``.

        With a base that is the base itself, at X = -1, where a map of any kind gives 1.

        Raises
        ------
        ValueError
            The shape is another than that of the weight.
        NotImplementedError
            There is no base, and the map is not by reflections.
        """
        if tuple(weight.shape) != self.shape:
            raise ValueError(f"orthogonal: expected shape {self.shape}, got {tuple(weight.shape)}")
        q = weight.numpy()
        q = q if q.shape[-2] >= q.shape[-1] else np.swapaxes(q, -1, -2)
        rows, columns = q.shape[-2:]
        if "base" not in self._buffers:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    f"orthogonal: {self.orthogonal_map} without trivialization cannot be assigned "
                    "to; use_trivialization=True or orthogonal_map='householder' can"
                )
            x = _reflections(q)
            return autograd.tensor(x if x.shape == self.shape else np.swapaxes(x, -1, -2))
        if rows != columns:
            drawn = autograd.randn(*q.shape[:-1], rows - columns, dtype=weight.dtype)
            q = np.concatenate([q, drawn.numpy()], -1)
        limit = 10 * rows * np.finfo(q.dtype).eps
        products = np.swapaxes(q, -1, -2) @ q
        exact = rows == columns and np.allclose(products, np.eye(rows), rtol=0, atol=limit)
        self.base = autograd.tensor(q if exact else _orthogonalized(q))
        return autograd.tensor(
            np.broadcast_to(-np.eye(*self.shape[-2:], dtype=q.dtype), self.shape)
        )


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Keep a weight orthogonal in training: orthonormal columns, or rows of a wide matrix.

    The weight starts as the orthogonal factor of what it was. More than two axes are a batch of
    matrices. Changes the module and returns it; what is trained is
    ``parametrizations.weight.original``.

    Parameters
    ----------
    module : Module
        Whose parameter it is.
    name : str
        Of the parameter.
    orthogonal_map : {"matrix_exp", "cayley", "householder"}, optional
        The map; the exponential for a square matrix, reflections for others, if not given.
    use_trivialization : bool
        Whether a fixed orthogonal matrix, the buffer ``base``, is multiplied with. Without it only
        reflections can start where the weight was.

    Raises
    ------
    ValueError
        There is no such parameter, it is no matrix, or there is no such map.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.utils.parametrizations.orthogonal(nn.Linear(20, 40))
    >>> q = layer.weight
    >>> bool(autograd.allclose(q.T @ q, autograd.eye(20), atol=1e-5))
    True

    Source: Lezcano-Casado (2019); ``torch.nn.utils.parametrizations.orthogonal``.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"orthogonal: {type(module).__name__} has no parameter {name!r}")
    if weight.ndim < 2:
        raise ValueError(f"orthogonal: expected a matrix, got {name} of shape {weight.shape}")
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1]
        orthogonal_map = "matrix_exp" if square else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            f"orthogonal: orthogonal_map must be one of {MAPS}, got {orthogonal_map!r}"
        )
    made = Orthogonal(weight, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)


# ---------------------------------------------------------------- maps, recorded


def _turned(x: Any) -> Any:
    return autograd.transpose(x, -1, -2)


def _exponential(a: Tensor) -> Tensor:
    """Return e^a: of a / 2^n, whose norm is at most 1/2, squared n times."""
    norm = float(np.abs(a.payload).sum(-2).max(initial=0))
    times = max(0, ceil(log2(2 * norm))) if 0 < norm < np.inf else 0
    a = a / 2**times
    one = autograd.eye(a.shape[-1], dtype=a.dtype)
    square = a @ a
    even = one * PADE[0] + square * PADE[2]
    odd = one * PADE[1] + square * PADE[3]
    power = square @ square
    even, odd = even + power * PADE[4], odd + power * PADE[5]
    even, odd = even + (power @ square) * PADE[6], a @ odd
    z = autograd.linalg.solve(even - odd, even + odd)
    for _ in range(times):
        z = z @ z
    return z


def _cayley(a: Tensor) -> Tensor:
    one = autograd.eye(a.shape[-1], dtype=a.dtype)
    return autograd.linalg.solve(one - a / 2, one + a / 2)


def _reflected(x: Tensor) -> Tensor:
    """Return the product of reflections 1 - 2 v v^T / v^T v, v below a diagonal of 1 in ``x``.

    Columns take the sign on the diagonal of ``x``, which is 1 or -1 and not trained.
    """
    columns = x.shape[-1]
    one = autograd.eye(x.shape[-2], columns, dtype=x.dtype)
    vectors = autograd.tril(x, -1) + one
    q = autograd.broadcast_to(one, tuple(x.shape))
    for column in reversed(range(columns)):
        v = vectors[..., column : column + 1]
        share = 2 / autograd.sum(v * v, -2, keepdim=True)
        q = q - share * (v @ (_turned(v) @ q))
    signs = np.trunc(np.diagonal(x.payload, axis1=-2, axis2=-1))[..., None, :]
    return q * signs


# ---------------------------------------------------------------- where to start


def _orthogonalized(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the orthogonal factor of ``a`` whose triangle has a positive diagonal."""
    q, r = np.linalg.qr(a)
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    return q * np.where(signs == 0, 1, signs)[..., None, :].astype(a.dtype)


def _reflections(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what `_reflected` makes the orthogonal factor of ``a`` of."""
    x, tau = np.linalg.qr(a, mode="raw")
    x = np.swapaxes(x, -1, -2).copy()
    signs = np.sign(np.diagonal(x, axis1=-2, axis2=-1)) * np.where(tau == 0, -1, 1)
    places = np.arange(x.shape[-1])
    x[..., places, places] = signs
    return x
