"""Dropout: a random mask, drawn once in the forward and applied again in the backward."""

from __future__ import annotations

import numpy as np

from autograd.op import elementwise
from autograd.random import generator

__all__ = ["apply_mask", "dropout"]


def dropout(x, *, p):
    """Set each element to 0 with probability p, by a fresh mask; see `apply_mask`."""
    shape = x.shape
    return apply_mask(x, mask=generator().random(shape, dtype=np.float32) >= np.float32(p), p=p)


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
