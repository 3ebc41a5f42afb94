"""Clipping of gradients, by their common norm or each by value."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.arguments import a_number

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients, in place, so that their common norm is at most ``max_norm``.

    norm = (sum of |g|^p)^(1/p) over all elements of all gradients;
    g *= max_norm / (norm + 1e-6) where that is below 1.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are passed over.
    max_norm : float
        The threshold.
    norm_type : float
        p; ``math.inf`` (or "inf") takes the largest element, ``-math.inf`` the smallest, and 0
        counts, as in PyTorch, the tensors that are not 0 throughout.
    error_if_nonfinite : bool
        Raise if the norm is nan or infinite, and leave the gradients as they are.
    foreach : bool, optional
        For PyTorch's calls: it chooses a way of computing there and changes no number.

    Returns
    -------
    Tensor
        The norm before clipping.

    Raises
    ------
    RuntimeError
        See ``error_if_nonfinite``.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = autograd.tensor([3.0, 4.0])
    >>> clip_grad_norm_(w, 1.0).item()
    5.0
    >>> [round(g, 4) for g in w.grad.tolist()]
    [0.6, 0.8]

    Source: ``torch.nn.utils.clip_grad_norm_``.
    """
    gradients = _gradients("clip_grad_norm_", parameters)
    total = _total("clip_grad_norm_", gradients, norm_type, error_if_nonfinite)
    _scale(gradients, max_norm, total)
    return Tensor(total)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the common norm of all tensors: (sum of |x|^p)^(1/p) over all their elements.

    Raises
    ------
    RuntimeError
        The norm is nan or infinite, and ``error_if_nonfinite``.

    Examples
    --------
    >>> import autograd
    >>> get_total_norm([autograd.tensor([3.0]), autograd.tensor([[4.0]])])
    tensor(5.)

    Source: ``torch.nn.utils.get_total_norm``.
    """
    listed = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    return Tensor(_total("get_total_norm", listed, norm_type, error_if_nonfinite))


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor | float,
    foreach: bool | None = None,
) -> None:
    """Scale all gradients, in place, by max_norm / (total_norm + 1e-6) where that is below 1.

    Raises
    ------
    TypeError
        The parameters are neither a Tensor nor several.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor([0.0], requires_grad=True)
    >>> w.grad = autograd.tensor([4.0])
    >>> clip_grads_with_norm_(w, 1.0, 8.0)
    >>> w.grad
    tensor([0.5000])

    Source: ``torch.nn.utils.clip_grads_with_norm_``.
    """
    _scale(_gradients("clip_grads_with_norm_", parameters), max_norm, float(total_norm))


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Limit every element of every gradient, in place, to [-clip_value, clip_value].

    Raises
    ------
    ValueError
        The limit is negative, infinite or NaN.
    TypeError
        It is no number, or the parameters are neither a Tensor nor several.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = autograd.tensor([0.5, -4.0])
    >>> clip_grad_value_(w, 1.0)
    >>> w.grad
    tensor([ 0.5000, -1.0000])

    Source: ``torch.nn.utils.clip_grad_value_``.
    """
    clip_value = a_number(clip_value, "clip_value", "clip_grad_value_")
    if not clip_value >= 0 or clip_value == inf:
        raise ValueError(
            f"clip_grad_value_: expected a finite value of 0 or more, got {clip_value}"
        )
    with autograd.no_grad():
        for gradient in _gradients("clip_grad_value_", parameters):
            gradient.clamp_(-clip_value, clip_value)


def _total(function: str, tensors: list[Tensor], norm_type: Any, finite: bool) -> Any:
    """Return the common norm of the tensors."""
    if norm_type != "inf":
        norm_type = a_number(norm_type, "norm_type", function)
    p = float(norm_type)
    with np.errstate(divide="ignore"):  # negative powers of 0
        norms = [np.linalg.norm(np.ravel(t.payload), p) for t in tensors if t.numel()]
        total = np.linalg.norm(np.array(norms), p) if norms else np.float32(0)
    if finite and not np.isfinite(total):
        raise RuntimeError(f"{function}: the norm of the gradients is {total}")
    return total


def _scale(gradients: list[Tensor], max_norm: float, total: float) -> None:
    scale = float(max_norm) / (float(total) + 1e-6)
    if not scale >= 1:  # also for nan, which then shows in every gradient
        with autograd.no_grad():
            for gradient in gradients:
                gradient.mul_(scale)


def _gradients(function: str, parameters: Any) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{function}: expected a Tensor or several, such as model.parameters(), "
            f"got {type(given).__name__}"
        )
    listed = list(given)
    return [p.grad for p in listed if p.grad is not None]
