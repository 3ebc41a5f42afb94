"""Payloads: what a user hands over, as the ndarray or NumPy scalar that a Tensor holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.promotion import get_default_dtype
from autograd.record import is_tensor


def payload_of(data: Any, dtype: Any = None, copy: bool = True) -> Any:
    """Return ``data`` as an ndarray, or as a NumPy scalar if it is 0-d.

    Python floats take the default dtype, Python integers int64, arrays keep theirs.
    """
    if is_tensor(data):
        data = data.payload
    elif isinstance(data, (list, tuple)):
        data = _unwrap(data)
    known = isinstance(data, (np.ndarray, np.generic))
    if known and not copy:
        array = np.asarray(data, dtype)
    else:
        try:
            array = np.array(data, dtype)
        except ValueError as error:  # NumPy's sentence says where it is ragged
            raise ValueError(f"tensor: expected lists of equal length: {error}") from None
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"tensor: expected numbers, got {type(data).__name__} of dtype {array.dtype}"
        )
    if dtype is None and not known and array.dtype.kind == "f" and not _has_arrays(data):
        array = array.astype(get_default_dtype())
    return array if array.ndim or not copy and isinstance(data, np.ndarray) else array[()]


def _unwrap(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_unwrap(item) for item in data]
    return data.payload if is_tensor(data) else data


def _has_arrays(data: Any) -> bool:
    if isinstance(data, list):
        return any(_has_arrays(item) for item in data)
    return isinstance(data, (np.ndarray, np.generic))
