"""The two protocols by which NumPy asks a Tensor what one of its functions means for it.

An option that has its usual value is no option; any other that has no recorded counterpart
(``out``, ``where``, ``order``, ``initial``) is refused with its name.  A ufunc's ``outer``,
``reduce`` and ``accumulate`` are the operations that they amount to.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.naming import named
from autograd.op import NUMPY
from autograd.ops.shape import reshape_to
from autograd.promotion import dtype_of
from autograd.record import is_tensor

F = TypeVar("F", bound=Callable[..., Any])

REDUCTIONS = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
ACCUMULATIONS = {np.add: np.cumsum, np.multiply: np.cumprod}
_USUAL: dict[str, tuple[Any, ...]] = {
    "out": (None, ()),
    "where": (True, None),
    "casting": ("same_kind", "unsafe"),
    "order": ("K", "C", "A", None),
    "subok": (True, False),
    "copy": (True, None),
    "like": (None,),
    "device": (None, "cpu"),
}
COMPARISONS = frozenset(
    {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
)
ADVICE = "use a function of autograd, or t.detach().numpy()"


def means(*functions: Any) -> Callable[[F], F]:
    """Register a function as what NumPy's ``functions`` mean when given a Tensor."""

    def register(ours: F) -> F:
        for function in functions:
            NUMPY[function] = ours
        return ours

    return register


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Answer a NumPy ufunc, or one of its methods, applied to a Tensor."""
    name = _name(ufunc)
    if method == "__call__":
        function = NUMPY.get(ufunc)
        if ufunc in COMPARISONS:
            inputs = tuple(_number(x) for x in inputs)
    else:
        name += f".{method}"
        function = _method(ufunc, method)
    if options:
        options = _unusual(options)
        if "out" in options:
            out = options["out"]
            if type(inputs[0]) is np.ndarray and any(array is inputs[0] for array in out):
                raise TypeError(
                    f"{name}: an array cannot be changed in place by a Tensor (array += tensor); "
                    f"make a new one, {name}(array, tensor), or take tensor.detach().numpy()"
                )
            raise TypeError(
                f"{name}: out= cannot be recorded; assign the result, or change a tensor in place "
                "with a method such as add_"
            )
    if function is None:
        raise TypeError(f"{name} has no recorded counterpart; {ADVICE}")
    if options and method in ("__call__", "outer"):
        if "dtype" in options:
            dtype = dtype_of(options.pop("dtype"), name)
            inputs = tuple(x.to(dtype) if is_tensor(x) else np.asarray(x, dtype) for x in inputs)
        if options:
            raise TypeError(f"{name}: {_listed(options)} has no recorded counterpart; {ADVICE}")
    try:
        return function(*inputs, **options)
    except Exception as error:
        raise named(error, name, inputs) from None


def _number(x: Any) -> Any:
    """Return a 0-d array as a number: NumPy makes one of a scalar that stands on the left."""
    return x.item() if type(x) is np.ndarray and not x.ndim else x


def _method(ufunc: np.ufunc, method: str) -> Callable[..., Any] | None:
    """Return what ``np.add.reduce`` and its like mean, with their defaults."""
    if method == "outer":
        function = NUMPY.get(ufunc)
        return None if function is None else _outer(function)
    tables: dict[str, dict[Any, Any]] = {"reduce": REDUCTIONS, "accumulate": ACCUMULATIONS}
    meant = tables.get(method, {}).get(ufunc)
    if meant is None or meant not in NUMPY:
        return None

    def along(array: Any, axis: Any = 0, **options: Any) -> Any:
        return array_function(array, meant, (), (array,), {"axis": axis, **options})

    return along


def _outer(function: Callable[..., Any]) -> Callable[..., Any]:
    def outer(a: Any, b: Any) -> Any:
        return function(reshape_to(a, shape=np.shape(a) + (1,) * np.ndim(b)), b)

    return outer


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Answer a NumPy function given a Tensor."""
    ours = NUMPY.get(function)
    if ours is None:
        raise TypeError(f"{_name(function)} has no recorded counterpart; {ADVICE}")
    if any(
        value is np._NoValue for value in kwargs.values()
    ):  # NumPy's own word for an option that was not given
        kwargs = {name: value for name, value in kwargs.items() if value is not np._NoValue}
    if "keepdims" in kwargs:
        kwargs = _with_flag(kwargs)
    try:
        return ours(*args, **kwargs)
    except Exception as error:
        if type(error) is not TypeError or _fits(ours, args, kwargs):  # it is the function's own
            raise named(error, _name(function), args) from None
    args, kwargs = _usual_call(function, ours, args, kwargs)
    try:
        return ours(*args, **kwargs)
    except Exception as error:
        raise named(error, _name(function), args) from None


def _with_flag(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with ``keepdims`` as True or False; NumPy takes integers, too."""
    value = kwargs.get("keepdims")
    return {**kwargs, "keepdims": bool(value)} if isinstance(value, (int, np.integer)) else kwargs


def _fits(function: Any, args: Any, kwargs: Any) -> bool:
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _usual_call(function: Any, ours: Any, args: Any, kwargs: Any) -> tuple[list[Any], Any]:
    """Return the arguments without the options that have NumPy's usual values.

    Raises
    ------
    TypeError
        If NumPy would not take them, or another option is left that ours does not have.
    """
    name = _name(function)
    try:
        signature = inspect.signature(function)
    except ValueError:  # written in C, without one
        raise TypeError(f"{name}: {_listed(kwargs)} has no recorded counterpart") from None
    bound = signature.bind(*args, **kwargs)
    given = _unusual(
        {
            key: value
            for key, value in bound.arguments.items()
            if value is not signature.parameters[key].default and key != "kwargs"
        }
        | bound.arguments.get("kwargs", {})
    )
    if "out" in given:
        raise TypeError(f"{name}: out= cannot be recorded; assign the result")
    known = inspect.signature(ours).parameters
    operands = []
    for i, (key, value) in enumerate(list(given.items())):
        if key not in known and i:
            raise TypeError(f"{name}: {key}={value!r:.40} has no recorded counterpart; {ADVICE}")
        if key not in known or known[key].kind is inspect.Parameter.POSITIONAL_ONLY:
            operands.append(given.pop(key))
    return operands, _with_flag(given)


def _unusual(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that ask for something."""
    return {
        key: value
        for key, value in options.items()
        if not any(value is usual or _same(value, usual) for usual in _USUAL.get(key, ()))
    }


def _same(value: Any, usual: Any) -> bool:
    if isinstance(value, tuple):  # a ufunc hands its out as one
        return isinstance(usual, tuple) and all(part is None for part in value)
    return isinstance(value, str) and value == usual


def _listed(options: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r:.40}" for key, value in options.items()) or "this call"


def _name(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{function.__name__}".replace("numpy", "np", 1)
