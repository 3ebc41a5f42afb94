"""Dropout: a random mask, drawn once in the forward and applied again in the backward."""

from __future__ import annotations

import math

import numpy as np

from autograd.op import elementwise
from autograd.random import generator

__all__ = ["apply_mask", "dropout"]


def dropout(x, *, p):
    """Set each element to 0 with probability p, in steps of 2**-16, by a fresh mask.

    Examples
    --------
    >>> dropout(np.ones(3), p=1.0)
    array([0., 0., 0.])
    """
    return apply_mask(x, mask=_draw_mask(x.shape, p), p=p)


def _draw_mask(shape, p):
    """Draw a mask that is True with probability 1 - p; 16 random bits decide on an element."""
    size = math.prod(shape)
    words = generator().integers(0, 1 << 64, -(-size // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:size] >= round(p * (1 << 16))).reshape(shape)


@elementwise(name="dropout", x=lambda upstream, mask, p: upstream * mask * _scale(p))
def apply_mask(x, *, mask, p):
    """Dropout: z = x * mask / (1 - p); what is kept grows, so the mean stays (inverted).

    Shapes: x and mask (a boolean array) alike. With p = 1 everything is 0.

    Examples
    --------
    >>> apply_mask(np.array([1.0, 2.0, 3.0]), mask=np.array([True, False, True]), p=0.5)
    array([2., 0., 6.])
    """
    z = np.multiply(x, mask)
    z *= z.dtype.type(_scale(p))
    return z


def _scale(p):
    return 1.0 / (1.0 - p) if p < 1 else 0.0
