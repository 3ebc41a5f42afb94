"""Fill a weight with a matrix of a certain structure: identity, orthogonal, sparse."""

from __future__ import annotations

from math import ceil

import numpy as np

from autograd import Tensor

from .filling import Generator, _fill, _gauss, expect_tensor

__all__ = ["dirac_", "eye_", "orthogonal_", "sparse_"]


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity.

    Raises
    ------
    ValueError
        The tensor is no matrix.

    Examples
    --------
    >>> import autograd
    >>> eye_(autograd.empty(2, 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Source: ``torch.nn.init.eye_``.
    """
    expect_tensor("eye_", tensor)
    if tensor.ndim != 2:
        raise ValueError(f"eye_: expected a matrix, got shape {tensor.shape}")
    return _fill(tensor, lambda rng, shape, dtype: np.eye(*shape, dtype=dtype), None)


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the kernel of a convolution so that it hands its input channels on.

    w[g n + c, c, centre] = 1 for every group g of n outputs and channel c, else 0.

    Raises
    ------
    ValueError
        The tensor has not 3 to 5 axes, or the groups do not divide its outputs.

    Examples
    --------
    >>> import autograd
    >>> dirac_(autograd.empty(1, 1, 3)).tolist()
    [[[0.0, 1.0, 0.0]]]

    Source: ``torch.nn.init.dirac_``.
    """
    expect_tensor("dirac_", tensor)
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: expected a kernel of 3 to 5 axes, got shape {tensor.shape}")
    outputs, channels = tensor.shape[:2]
    if groups < 1 or outputs % groups:
        raise ValueError(f"dirac_: {groups} groups do not divide {outputs} output channels")

    def draw(rng, shape, dtype):
        kernel = np.zeros(shape, dtype)
        per_group = outputs // groups
        channel = np.arange(min(per_group, channels))
        centre = tuple(size // 2 for size in shape[2:])
        for first in range(0, outputs, per_group or 1):
            kernel[(first + channel, channel, *centre)] = 1
        return kernel

    return _fill(tensor, draw, None)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator = None) -> Tensor:
    """Saxe et al. (2014): a random matrix with orthonormal rows or columns, times ``gain``.

    A tensor of more axes counts as a matrix (out, the rest). Q of a Gaussian matrix's QR, with the
    signs of R's diagonal, is uniform over the orthogonal matrices.

    Raises
    ------
    ValueError
        The tensor has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> w = orthogonal_(autograd.empty(2, 5))
    >>> autograd.allclose(w @ w.T, autograd.eye(2), atol=1e-6)
    True

    Source: ``torch.nn.init.orthogonal_``.
    """
    expect_tensor("orthogonal_", tensor)
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: expected two axes or more, got shape {tensor.shape}")

    def draw(rng, shape, dtype):
        rows, columns = shape[0], int(np.prod(shape[1:]))
        gaussian = rng.standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(gaussian)
        q *= np.sign(np.diagonal(r))
        return gain * (q if rows >= columns else q.T).reshape(shape)

    return _fill(tensor, draw, generator) if tensor.numel() else tensor


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator = None
) -> Tensor:
    """Martens (2010): N(0, std^2) with the fraction ``sparsity`` of each column set to 0.

    Raises
    ------
    ValueError
        The tensor is no matrix, or the fraction is not in [0, 1].

    Examples
    --------
    >>> import autograd
    >>> (sparse_(autograd.empty(10, 3), 0.75) == 0).sum(0).tolist()
    [8, 8, 8]

    Source: ``torch.nn.init.sparse_``.
    """
    expect_tensor("sparse_", tensor)
    if tensor.ndim != 2:
        raise ValueError(f"sparse_: expected a matrix, got shape {tensor.shape}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: sparsity must be in [0, 1], got {sparsity}")

    def draw(rng, shape, dtype):
        values = std * _gauss(rng, shape, dtype)
        order = np.argsort(rng.random(shape), axis=0)  # a permutation of the rows, each column
        values[order < ceil(sparsity * shape[0])] = 0
        return values

    return _fill(tensor, draw, generator)
