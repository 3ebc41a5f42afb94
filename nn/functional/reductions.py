"""What is made of N losses: their mean, their sum, or themselves."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .arguments import check_reduction

__all__ = ["array_of", "mean_of", "reduced", "reduction_of"]


def reduction_of(
    function: str,
    reduction: str,
    size_average: bool | None = None,
    reduce: bool | None = None,
    more: tuple[str, ...] = (),
) -> str:
    """Return the reduction asked for, also by PyTorch's deprecated two arguments.

    ``reduce=False`` is 'none'; else ``size_average`` chooses between 'mean' and 'sum'.

    Raises
    ------
    ValueError
        It is not 'mean', 'sum' or 'none', nor one of ``more``.

    Warns
    -----
    UserWarning
        One of the deprecated arguments is given.
    """
    if size_average is None and reduce is None:
        if reduction not in more:
            check_reduction(function, reduction)
        return reduction
    mean = True if size_average is None else size_average
    meant = ("mean" if mean else "sum") if reduce is None or reduce else "none"
    warnings.warn(
        f"{function}: size_average and reduce are deprecated; use reduction='{meant}'", stacklevel=4
    )
    return meant


def reduced(losses: Any, reduction: str) -> Any:
    """Return the mean of the losses (nan of none), their sum, or themselves."""
    if reduction == "none":
        return losses
    return autograd.mean(losses) if reduction == "mean" else autograd.sum(losses)


def mean_of(total: Any, divisor: Any) -> Any:
    """Return total / divisor; of no weight nan, as is then the slope of all that is counted."""
    return total / divisor if divisor else total * np.nan


def array_of(value: Any) -> np.ndarray[Any, Any]:
    """Return the array of a tensor, or of what is like one."""
    return np.asarray(value.payload if isinstance(value, Tensor) else value)
