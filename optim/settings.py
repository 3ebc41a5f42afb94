"""Settings of a parameter group: what is a number, and which numbers are in range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["check_betas", "check_implementation", "check_not_negative", "number"]


def number(value: Any) -> float:
    """Return a setting, which may be a Tensor of one element, as a Python number."""
    return value.item() if isinstance(value, (Tensor, np.generic)) else value


def check_not_negative(name: str, group: Mapping[str, Any], settings: Iterable[str]) -> None:
    """Refuse settings that are no numbers, nan, or below 0."""
    for setting in settings:
        value = group.get(setting, 0)
        if isinstance(value, Tensor) and value.numel() != 1:
            raise ValueError(
                f"{name}: {setting} must be one number, got a Tensor of shape {value.shape}"
            )
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number, Tensor)):
            raise TypeError(f"{name}: {setting} must be a number, got {value!r}")
        if not number(value) >= 0:
            raise ValueError(f"{name}: {setting} must be at least 0, got {number(value)}")


def check_betas(name: str, betas: Any) -> None:
    """Refuse what is no pair of decays in [0, 1)."""
    if not (isinstance(betas, (tuple, list)) and len(betas) == 2):
        raise TypeError(f"{name}: betas must be a pair, got {betas!r}")
    for beta in betas:
        if isinstance(beta, bool) or not isinstance(beta, (int, float, np.number, Tensor)):
            raise TypeError(f"{name}: betas must be two numbers, got {betas!r}")
    if not all(0 <= number(beta) < 1 for beta in betas):
        raise ValueError(f"{name}: betas must be in [0, 1), got {betas!r}")


def check_implementation(name: str, group: Mapping[str, Any]) -> None:
    """Refuse what the choices among PyTorch's implementations cannot mean here."""
    if group.get("differentiable"):
        raise NotImplementedError(
            f"{name}: differentiable=True is not supported, a step records nothing; to go back "
            "through an update, write w - lr * autograd.grad(loss, w, create_graph=True)[0]"
        )
    if group.get("fused") and group.get("foreach"):
        raise RuntimeError(f"{name}: fused and foreach cannot both be True")
