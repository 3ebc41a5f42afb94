"""NumPy's protocols: ``np.exp(t)`` and ``np.sum(t, axis=0)`` are our ops, with NumPy's meaning.

The rooms hold the functions whose signature or meaning is NumPy's own (``axis``, ``ddof`` 0,
``np.split`` by sections); the others are found in the rows of the operations themselves.
"""

from autograd.protocols import (
    differences,
    elementwise,
    indexing,
    joining,
    linalg,
    reduction,
    selection,
    shape,
)
from autograd.protocols.dispatch import array_function, array_ufunc

__all__ = [
    "array_function",
    "array_ufunc",
    "differences",
    "elementwise",
    "indexing",
    "joining",
    "linalg",
    "reduction",
    "selection",
    "shape",
]
