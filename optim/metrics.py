"""Metrics: numbers about predictions that are read, not differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["accuracy"]


def accuracy(scores: Any, target: Any) -> float:
    """Return the share of samples whose highest score is the target's.

    Parameters
    ----------
    scores : Tensor or array
        (N, C).
    target : Tensor or array
        (N,), the classes.

    Raises
    ------
    ValueError
        The shapes do not fit, or there are no samples.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    values, classes = _array(scores), _array(target)
    if values.ndim != 2 or classes.shape != values.shape[:1]:
        raise ValueError(
            "accuracy: expected scores of shape (N, C) and target of shape (N,), "
            f"got {values.shape} and {classes.shape}"
        )
    if not len(classes):
        raise ValueError("accuracy: got no samples")
    return float((values.argmax(1) == classes).mean())


def _array(value: Any) -> np.ndarray[Any, Any]:
    return np.asarray(value.payload if isinstance(value, Tensor) else value)
