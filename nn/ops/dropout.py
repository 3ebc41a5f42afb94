"""Dropout: a random mask, drawn once in the forward and applied again in the backward."""

from __future__ import annotations

import numpy as np

from autograd.op import elementwise
from autograd.random import generator

__all__ = ["draw_mask", "dropout"]


@elementwise(x=lambda upstream, mask, p: upstream * mask * _scale(p))
def dropout(x, *, mask, p):
    """Dropout: z = x * mask / (1 - p); what is kept grows, so the mean stays (inverted).

    Shapes: x and mask (a boolean array) alike. With p = 1 everything is 0.

    Examples
    --------
    >>> dropout(np.array([1.0, 2.0, 3.0]), mask=np.array([True, False, True]), p=0.5)
    array([2., 0., 6.])
    """
    z = np.multiply(x, mask)
    z *= z.dtype.type(_scale(p))
    return z


def draw_mask(shape, p):
    """Draw a boolean mask that is True with probability 1 - p, from Backlight's generator."""
    return generator().random(shape, dtype=np.float32) >= np.float32(p)


def _scale(p):
    return 1.0 / (1.0 - p) if p < 1 else 0.0
