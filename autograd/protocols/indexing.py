"""NumPy's functions that pick elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import indexing
from autograd.ops import shape as shapes
from autograd.protocols.dispatch import means


@means(np.take)
def _take(a: Any, indices: Any, axis: int | None = None) -> Any:
    if axis is None:
        return indexing.getitem(shapes.ravel(a), indices)
    return indexing.getitem(a, (slice(None),) * (axis % a.ndim) + (indices,))
