"""Padding with zeros and its adjoint, cropping: each is the other's rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import structural

__all__ = ["crop", "pad"]

Widths = tuple[tuple[int, int], ...]


@structural(x=lambda upstream, widths: crop(upstream, widths=widths))
def pad(x: Any, *, widths: Widths) -> Any:
    """Put ``widths[i] = (before, after)`` zeros around axis i; they receive no gradient."""
    return np.pad(x, widths)


@structural(x=lambda upstream, widths: pad(upstream, widths=widths))
def crop(x: Any, *, widths: Widths) -> Any:
    """Take ``widths[i] = (before, after)`` elements off the ends of axis i."""
    inside = tuple(
        slice(before, n - after) for n, (before, after) in zip(x.shape, widths, strict=True)
    )
    return x[inside].copy()
