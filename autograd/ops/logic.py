"""Logic and bits: truth values of whole numbers or floats, and the bits of integers.

Nothing here has a derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import elementwise

__all__ = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
]


def _logical(name: str, ufunc: np.ufunc, what: str, shown: str) -> Any:
    def combine(x: Any, y: Any) -> Any:
        return ufunc(x, y)

    combine.__name__ = combine.__qualname__ = name
    combine.__doc__ = f"""Tell where {what} true; what is not 0 is true.

    Examples
    --------
    >>> import autograd
    >>> a, b = autograd.tensor([0, 0, 5, 5]), autograd.tensor([0, 1, 0, 1])
    >>> autograd.{name}(a, b)
    tensor([{shown}])

    Source: ``torch.{name}``.
    """
    return elementwise(ufunc, name=name)(combine)


def _bitwise(name: str, ufunc: np.ufunc, what: str, shown: str) -> Any:
    def combine(x: Any, y: Any) -> Any:
        return ufunc(x, y)

    combine.__name__ = combine.__qualname__ = name
    combine.__doc__ = f"""{what}

    Raises
    ------
    NotImplementedError
        If an operand is a floating-point tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.{name}(autograd.tensor([5, -2]), 3)
    tensor([{shown}])

    Source: ``torch.{name}``.
    """
    return elementwise(ufunc, name=name)(combine)


logical_and = _logical("logical_and", np.logical_and, "both are", "False, False, False,  True")
logical_or = _logical("logical_or", np.logical_or, "either is", "False,  True,  True,  True")
logical_xor = _logical("logical_xor", np.logical_xor, "just one is", "False,  True,  True, False")

bitwise_and = _bitwise("bitwise_and", np.bitwise_and, "Set the bits that both have.", "1, 2")
bitwise_or = _bitwise("bitwise_or", np.bitwise_or, "Set the bits that either has.", " 7, -1")
bitwise_xor = _bitwise("bitwise_xor", np.bitwise_xor, "Set the bits that just one has.", " 6, -3")
bitwise_left_shift = _bitwise(
    "bitwise_left_shift", np.left_shift, "Move the bits of x up by y places: z = x 2^y.", " 40, -16"
)
bitwise_right_shift = _bitwise(
    "bitwise_right_shift",
    np.right_shift,
    "Move the bits of x down by y places: z = floor(x / 2^y).",
    " 0, -1",
)


@elementwise(np.logical_not, promotes=None)
def logical_not(x: Any) -> Any:
    """Tell where x is 0.

    Examples
    --------
    >>> import autograd
    >>> autograd.logical_not(autograd.tensor([0.0, 2.0]))
    tensor([ True, False])

    Source: ``torch.logical_not``.
    """
    return np.logical_not(x)


@elementwise(np.invert, promotes=None)
def bitwise_not(x: Any) -> Any:
    """Flip every bit; of booleans, the truth.

    Raises
    ------
    NotImplementedError
        If x is a floating-point tensor.

    Examples
    --------
    >>> import autograd
    >>> autograd.bitwise_not(autograd.tensor([0, 5]))
    tensor([-1, -6])

    Source: ``torch.bitwise_not``.
    """
    return np.invert(x)
