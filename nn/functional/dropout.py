"""Dropout with PyTorch's arguments; the mask comes from ``autograd``'s generator."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import ops

from .arguments import check_floating

__all__ = ["check_probability", "dropout"]


def check_probability(function: str, p: Any) -> None:
    """Refuse a probability outside [0, 1]."""
    if isinstance(p, bool) or not isinstance(p, (int, float, np.floating)) or not 0 <= p <= 1:
        raise ValueError(f"{function}: p must be a probability in [0, 1], got {p!r}")


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Inverted dropout: each element becomes 0 with probability p, else x / (1 - p).

    Outside of training, or with p = 0, it is the identity.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    """
    check_probability("dropout", p)
    check_floating("dropout", input=input)
    if not training or p == 0:
        return input
    return ops.dropout(input, p=p)
