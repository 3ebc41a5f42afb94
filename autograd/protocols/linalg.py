"""NumPy's matrix products and comparisons of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import arithmetic, linalg
from autograd.protocols.dispatch import means
from autograd.record import is_tensor


@means(np.dot)
def _dot(a: Any, b: Any) -> Any:
    """Return NumPy's dot, which is ``@`` for vectors and matrices and ``*`` with a scalar."""
    if not (np.ndim(a) and np.ndim(b)):
        return arithmetic.multiply(a, b)
    if np.ndim(a) > 2 or np.ndim(b) > 2:
        raise TypeError(
            f"np.dot: expected vectors or matrices, got shapes {a.shape} and {b.shape}; use @"
        )
    return linalg.matmul(a, b)


def _payload(value: Any) -> Any:
    return value.payload if is_tensor(value) else value


@means(np.allclose)
def _allclose(a: Any, b: Any, **options: Any) -> bool:
    return np.allclose(_payload(a), _payload(b), **options)


@means(np.array_equal)
def _array_equal(a: Any, b: Any, **options: Any) -> bool:
    return np.array_equal(_payload(a), _payload(b), **options)
