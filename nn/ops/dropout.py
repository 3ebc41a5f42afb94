"""Noise while training: a random mask, drawn once in the forward and applied again in the backward.

Dropout masks elements or whole feature maps, DropConnect the entries of a weight, stochastic depth
whole samples of a branch; a mask that is smaller than its operand is broadcast. Alpha dropout sets
what it drops to the value that a SELU unit saturates at, and restores mean and variance.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.op import elementwise
from autograd.random import generator

from .moments import long_rows

__all__ = [
    "alpha_dropout_affine",
    "alpha_masked",
    "apply_mask",
    "draw_mask",
    "dropout",
    "inverse_of_kept",
    "mask_branch",
    "mask_weight",
]

ALPHA = 1.7580993408473766  # -lim of SELU at -infinity: its scale times its alpha


def draw_mask(shape, p):
    """Draw a mask that is True with probability 1 - p, in steps of 2**-16."""
    size = math.prod(shape)
    words = generator().integers(0, 1 << 64, -(-size // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:size] >= round(p * (1 << 16))).reshape(shape)


def dropout(x, *, p):
    """Set each element to 0 with probability p by a fresh mask, the others to x / (1 - p).

    Examples
    --------
    >>> dropout(np.ones(3), p=1.0)
    array([0., 0., 0.])
    """
    return apply_mask(x, mask=draw_mask(x.shape, p), p=p, scale=inverse_of_kept(p))


def inverse_of_kept(p):
    """Return 1 / (1 - p), by which what is kept grows, so that the mean stays; 0 if p = 1."""
    return 1.0 / (1.0 - p) if p < 1 else 0.0


def _masked(x, mask, scale):
    if mask.size < math.prod(x.shape):  # a feature map's share of it
        with long_rows(math.prod(x.shape[mask.ndim - _ones_at_the_end(mask.shape) :])):
            return x * (mask * x.dtype.type(scale))
    if type(x) is not np.ndarray:
        return x * mask * scale
    z = np.multiply(x, mask)
    z *= z.dtype.type(scale)
    return z


def _through(upstream, mask, scale):
    """Return what the same mask makes of the upstream."""
    return _masked(upstream, mask, scale)


def _ones_at_the_end(shape):
    """Return how many axes of length 1 end a shape."""
    return next((i for i, n in enumerate(reversed(shape)) if n != 1), len(shape))


@elementwise(name="dropout", x=_through)
def apply_mask(x, *, mask, p, scale):
    """Dropout: z = scale * x where the mask holds, else 0; ``p`` is for who reads the graph.

    Shapes: x; mask, a boolean array that broadcasts to x.

    Examples
    --------
    >>> apply_mask(np.array([1.0, 2.0, 3.0]), mask=np.array([True, False, True]), p=0.5, scale=2.0)
    array([2., 0., 6.])
    """
    return _masked(x, mask, scale)


@elementwise(name="drop_connect", weight=_through)
def mask_weight(weight, *, mask, p, scale):
    """DropConnect: as ``apply_mask``, of a layer's weight; a masked entry gets gradient 0."""
    return _masked(weight, mask, scale)


@elementwise(name="stochastic_depth", x=_through)
def mask_branch(x, *, mask, p, scale):
    """Stochastic depth: as ``apply_mask``, of whole samples of a residual branch."""
    return _masked(x, mask, scale)


def alpha_dropout_affine(p):
    """Return a and b of alpha dropout, z = a x + b with what is dropped at -1.758...

    They bring mean 0 and variance 1 back: with q = 1 - p and alpha = 1.758...,
    a = 1 / sqrt(q (1 + p alpha^2)), b = a p alpha.

    Examples
    --------
    >>> a, b = alpha_dropout_affine(0.1)
    >>> round(a, 8), round(b, 8)
    (0.92128452, 0.16197097)
    """
    a = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * ALPHA * ALPHA))
    return a, a * p * ALPHA


@elementwise(
    name="alpha_dropout",
    x=lambda upstream, mask, p: upstream * mask * alpha_dropout_affine(p)[0],
)
def alpha_masked(x, *, mask, p):
    """Alpha dropout: z = a x + b where the mask holds, else b - a * 1.758... (Klambauer, 2017).

    Shapes: x; mask, a boolean array that broadcasts to x.

    Examples
    --------
    >>> alpha_masked(np.zeros(2), mask=np.array([True, False]), p=0.1).round(4).tolist()
    [0.162, -1.4577]
    """
    a, b = alpha_dropout_affine(p)
    number = x.dtype.type
    z = x * mask
    z += mask * number(ALPHA)
    z *= number(a)
    z += number(b - a * ALPHA)
    return z
