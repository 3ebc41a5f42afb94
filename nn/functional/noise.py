"""Dropout with PyTorch's arguments; the mask comes from ``autograd``'s generator."""

from __future__ import annotations

from typing import Any

from nn import ops

from .arguments import check_floating, check_probability

__all__ = ["dropout"]


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
