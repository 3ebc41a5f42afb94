"""Payloads: what a user hands over, as the ndarray or NumPy scalar that a Tensor holds.

Python floats take the default dtype and Python integers int64; arrays keep their dtype.  Everything
that is no number, or that the dtype asked for cannot hold, is refused here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.hollow import hollow, is_hollow
from autograd.promotion import COMPLEX, dtype_of, get_default_dtype, own, promote_types
from autograd.record import is_tensor

_LISTS = (list, tuple, range)
_PYTHONS = {bool, int, float}


def payload_of(data: Any, dtype: Any = None, copy: bool = True, name: str = "tensor") -> Any:
    """Return ``data`` as an ndarray, or as a NumPy scalar if it is 0-d.

    Parameters
    ----------
    data : number, nested list, array or Tensor
    dtype : dtype, optional
        Cast to it.
    copy : bool
        Whether an array's memory must not be shared.
    name : str
        The function that errors name.

    Raises
    ------
    TypeError
        If ``data`` holds anything but real numbers.
    ValueError
        If lists have unequal lengths, or an integer does not fit in 64 bits.
    RuntimeError
        If a number does not fit in the dtype.
    """
    if type(data) is float and dtype is None:
        return get_default_dtype().type(data)
    if dtype is not None:
        dtype = dtype_of(dtype, name)
    if is_tensor(data):
        data = data.payload
    if isinstance(data, (np.ndarray, np.generic)):
        return _of_array(data, dtype, copy, name)
    if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):  # PyTorch, pandas, ...
        return _of_array(np.asarray(data), dtype, copy, name)
    if not isinstance(data, (*_LISTS, bool, int, float)):
        what = COMPLEX if isinstance(data, complex) else "expected numbers"
        raise TypeError(f"{name}: {what}, got {type(data).__name__} {data!r:.40}")
    kinds = _kinds(data)
    if not kinds <= _PYTHONS:
        data = _plain(data)
    inferred = _inferred(data, kinds, name)
    try:
        array = np.array(data, inferred if dtype is None else dtype)
    except (OverflowError, ValueError) as error:
        if "inhomogeneous" in str(error) or "sequence" in str(error):
            raise ValueError(f"{name}: expected lists of equal length: {error}") from None
        array = _wrapped(data, dtype, name)
    return array if array.ndim else array[()]


def held_by(dtype: np.dtype[Any], value: Any, name: str) -> None:
    """Refuse a number that a dtype cannot hold; truth values and arrays are looked at by no one.

    Raises
    ------
    RuntimeError
        If it is too large, or no number that integers hold.
    """
    if is_tensor(value) or isinstance(value, (np.ndarray, np.generic)):
        value = value.item() if np.ndim(value) == 0 else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return
    if dtype.kind in "iu":
        payload_of(value, dtype, name=name)
    elif dtype.kind == "f" and math.isfinite(value) and abs(value) > float(np.finfo(dtype).max):
        raise RuntimeError(f"{name}: a number does not fit in {dtype}, got {value}")


def held_beside(operand: Any, number: Any, name: str) -> None:
    """Refuse a number that the dtype beside it cannot hold; a fraction makes floats of integers.

    Raises
    ------
    RuntimeError
        If it is too large.
    """
    dtype = getattr(operand, "dtype", None)
    if dtype is None or dtype.char == "e" or not isinstance(number, (int, float)):
        return  # halves are computed in single precision
    if dtype.kind == "f" or isinstance(number, int):
        held_by(dtype, number, name)


def _of_array(data: Any, dtype: np.dtype[Any] | None, copy: bool, name: str) -> Any:
    if data.dtype.kind not in "biuf" or data.dtype.itemsize > 8:
        what = COMPLEX if data.dtype.kind == "c" else "expected numbers"
        raise TypeError(f"{name}: {what}, got an array of dtype {data.dtype}")
    wanted = own(data.dtype) if dtype is None else dtype
    if is_hollow(data):  # nothing to copy, and nothing that could be changed
        return hollow(data.shape, wanted)
    array = np.array(data, wanted) if copy else np.asarray(data, wanted)
    if array.dtype is not wanted:  # equal, but another object (of a pickle), which costs speed
        array = array.view(wanted)
    return array if array.ndim or not copy and isinstance(data, np.ndarray) else array[()]


def _plain(data: Any) -> Any:
    """Replace Tensors in nested lists by their arrays, and of one element by a number."""
    if isinstance(data, _LISTS):
        return [_plain(item) for item in data]
    if not is_tensor(data):
        return data
    return data.payload.reshape(())[()] if data.payload.size == 1 else data.payload


def _kinds(data: Any) -> set[type]:
    """Return the types of the numbers in nested lists."""
    if not isinstance(data, _LISTS):
        return {type(data)}
    kinds = set(map(type, data))
    if kinds.isdisjoint(_LISTS):
        return kinds
    return set().union(*map(_kinds, data))


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, _LISTS):
        for item in data:
            yield from _leaves(item)
    else:
        yield data


def _inferred(data: Any, kinds: set[type], name: str) -> np.dtype[Any]:
    """Return the dtype that holds the numbers of a list: any array's, if there are arrays."""
    if kinds <= _PYTHONS:
        if float in kinds or not kinds:
            return get_default_dtype()
        return np.dtype(np.int64 if int in kinds else np.bool_)
    common: np.dtype[Any] | None = None
    for leaf in _leaves(data):
        if isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "biuf":
            dtype = own(leaf.dtype)
        elif isinstance(leaf, (bool, int, float)):
            dtype = _inferred(leaf, {type(leaf)}, name)
        else:
            what = (
                COMPLEX if isinstance(leaf, (complex, np.complexfloating)) else "expected numbers"
            )
            raise TypeError(f"{name}: {what}, got a list with {type(leaf).__name__} {leaf!r:.40}")
        common = dtype if common is None else promote_types(common, dtype)
    return get_default_dtype() if common is None else common


def _wrapped(data: Any, dtype: np.dtype[Any] | None, name: str) -> Any:
    """Let -1 be the largest unsigned number, as in PyTorch; refuse what does not fit."""
    leaves = list(_leaves(data))
    got = f"{min(leaves)} to {max(leaves)}" if len(leaves) > 1 else f"{leaves[0]}"
    if dtype is None:
        raise ValueError(
            f"{name}: an integer does not fit in 64 bits, got {got}; write floats (1e30), or say "
            "dtype=float64"
        )
    if dtype.kind == "u" and all(isinstance(leaf, int) for leaf in leaves):
        largest = int(np.iinfo(dtype).max)
        if all(-largest <= leaf <= largest for leaf in leaves):
            return np.array(data, np.int64).astype(dtype)
    raise RuntimeError(f"{name}: a number does not fit in {dtype}, got {got}")
