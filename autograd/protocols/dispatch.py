"""The two protocols by which NumPy asks a Tensor what one of its functions means for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.op import NUMPY

F = TypeVar("F", bound=Callable[..., Any])


def means(*functions: Any) -> Callable[[F], F]:
    """Register a function as what NumPy's ``functions`` mean when given a Tensor."""

    def register(ours: F) -> F:
        for function in functions:
            NUMPY[function] = ours
        return ours

    return register


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Answer a NumPy ufunc applied to a Tensor."""
    function = NUMPY.get(ufunc)
    if options.get("out") is not None:
        raise TypeError(
            f"np.{ufunc.__name__}: out= cannot be recorded; assign the result, or change a tensor "
            "in place with a method such as add_"
        )
    if function is None or method != "__call__" or options:
        asked = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
        raise TypeError(
            f"{asked} with {sorted(options) or 'these arguments'} has no recorded counterpart; "
            "use a function of autograd, or t.detach().numpy()"
        )
    return function(*inputs)


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Answer a NumPy function given a Tensor."""
    ours = NUMPY.get(function)
    if ours is None:
        raise TypeError(
            f"{_name(function)} has no recorded counterpart; use a function of autograd, or "
            "t.detach().numpy()"
        )
    if kwargs.get("out") is not None:
        raise TypeError(f"{_name(function)}: out= cannot be recorded; assign the result")
    kwargs.pop("out", None)
    return ours(*args, **kwargs)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
