"""Hollow arrays: a shape and a dtype without values, for networks that are only counted.

Every element of a hollow array is the same eight bytes, read-only and NaN in every floating dtype:
an array of 400 MB occupies nothing, and what is computed from it by mistake shows. Its memory is
recognised by identity, in views too. ``BUILDING`` says whether writes to hollow arrays do nothing,
as while a network is being built (``nn.shape_only``); at any other time they raise.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

__all__ = ["BUILDING", "hollow", "is_hollow", "refuse_hollow", "skip_write"]

_VOID = np.full(8, 0xFF, np.uint8)
_VOID.flags.writeable = False

BUILDING: ContextVar[bool] = ContextVar("backlight_building_hollow", default=False)


def hollow(shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray[Any, Any]:
    """Return an array of that shape and dtype that has no memory of its own.

    Examples
    --------
    >>> weight = hollow((4096, 25088))
    >>> weight.nbytes, weight.strides, weight[0, 0]
    (411041792, (0, 0), np.float32(nan))
    """
    return np.ndarray(shape, dtype, _VOID, 0, (0,) * len(shape))


def is_hollow(payload: Any) -> bool:
    """Tell whether a payload is a hollow array or a view of one.

    Examples
    --------
    >>> is_hollow(hollow((2, 3)).T), is_hollow(np.zeros(3))
    (True, False)
    """
    return type(payload) is np.ndarray and payload.base is _VOID


def refuse_hollow(what: str, payload: Any) -> None:
    """Raise unless the payload has values.

    Raises
    ------
    RuntimeError
        If it is hollow; ``what`` is the function's name and what it wanted to do.
    """
    if is_hollow(payload):
        raise RuntimeError(
            f"{what}: a tensor of shape {payload.shape} was made under nn.shape_only() and holds "
            "no values; build the model outside of that block to get values"
        )


def skip_write(name: str, payload: Any) -> bool:
    """Tell whether a write to the payload is to do nothing: while hollow parameters are made.

    Raises
    ------
    RuntimeError
        If the payload is hollow at any other time.
    """
    if not is_hollow(payload):
        return False
    if not BUILDING.get():
        refuse_hollow(name, payload)
    return True
