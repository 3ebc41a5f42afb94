"""Penalties on weights: what a loss adds so that a simpler model wins.

Each takes a tensor, or the tensors of ``module.parameters()``, and returns one number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd
from autograd.arguments import a_number
from autograd.naming import naming
from autograd.record import is_tensor

from .arguments import check_floating

__all__ = ["l1_penalty", "l2_penalty", "nuclear_penalty"]


@naming
def l1_penalty(weights: Any, strength: float = 1.0) -> Any:
    """Sum of sizes: strength sum |w|; its slope is strength sign(w), 0 at 0.  It makes weights 0.

    Raises
    ------
    TypeError
        The weights are no floating-point tensors.

    Examples
    --------
    >>> import autograd
    >>> l1_penalty(autograd.tensor([[1.0, -2.0], [0.0, 0.5]])).item()
    3.5

    Source: Tibshirani (1996).
    """
    return _total("l1_penalty", weights, lambda w: autograd.sum(autograd.absolute(w)), strength)


@naming
def l2_penalty(weights: Any, strength: float = 1.0, half: bool = False) -> Any:
    """Sum of squares: strength sum w^2; its slope is 2 strength w.  It spreads weights out.

    With ``half`` it is strength / 2 sum w^2, of slope strength w: for plain gradient descent the
    same as ``weight_decay=strength``.

    Raises
    ------
    TypeError
        The weights are no floating-point tensors.

    Examples
    --------
    >>> import autograd
    >>> l2_penalty(autograd.tensor([[1.0, -2.0], [0.0, 0.5]])).item()
    5.25

    Source: Hoerl and Kennard (1970); Krogh and Hertz (1991).
    """
    scale = 0.5 if half else 1.0

    def squares(w: Any) -> Any:
        return autograd.sum(autograd.square(w))

    strength = a_number(strength, "strength", "l2_penalty") * scale
    return _total("l2_penalty", weights, squares, strength)


@naming
def nuclear_penalty(weights: Any, strength: float = 1.0) -> Any:
    """Sum of singular values: strength sum s_i; its slope is strength U V^T.  It lowers the rank.

    A tensor of more than two axes, such as a convolution's, is a matrix with a row for each output.

    Raises
    ------
    TypeError
        The weights are no floating-point tensors.
    ValueError
        A tensor has fewer than two axes.

    Examples
    --------
    >>> import autograd
    >>> nuclear_penalty(autograd.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor(7.)

    Source: Fazel, Hindi and Boyd (2001).
    """

    def singular_values(w: Any) -> Any:
        if w.ndim < 2:
            raise ValueError(f"nuclear_penalty: expected matrices, got shape {w.shape}")
        return autograd.linalg.matrix_norm(w if w.ndim == 2 else w.reshape((len(w), -1)), "nuc")

    return _total("nuclear_penalty", weights, singular_values, strength)


def _total(name: str, weights: Any, penalty: Any, strength: Any) -> Any:
    given: Iterable[Any] = [weights] if is_tensor(weights) else weights
    total: Any = None
    for w in given:
        check_floating(name, weights=w)
        each = penalty(w)
        total = each if total is None else total + each
    if total is None:
        return autograd.tensor(0.0)
    return total * a_number(strength, "strength", name)
