"""Arguments: how dims, shapes and their NumPy spellings are read, with errors that name them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from autograd.naming import named
from autograd.record import numbers
from autograd.spelling import NOT_GIVEN, refuse_out, spellings

if TYPE_CHECKING:
    from autograd.signatures import NumPyLike, Spelled

Dim = int | tuple[int, ...] | None

P = ParamSpec("P")
R = TypeVar("R")
_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def integers(values: Sequence[Any], name: str) -> tuple[int, ...]:
    """Return integers given one by one, ``f(2, 3)``, or as one sequence, ``f((2, 3))``."""
    if len(values) == 1 and isinstance(values[0], (tuple, list)):
        values = tuple(values[0])
    found = tuple([n if type(n) is int else as_integer(n) for n in values])
    if None in found:
        raise TypeError(f"{name}: expected integers, got {values}")
    return found  # type: ignore[return-value]


def as_integer(value: Any) -> int | None:
    """Return an integer, also a 0-d tensor's, as an int; None of what is no integer."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    if hasattr(value, "item") and np.ndim(value) == 0 and value.dtype.kind in "iu":
        return int(value.item())
    return None


def is_integer(value: Any) -> bool:
    """Tell whether a value is an integer (True and False are not)."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def a_number(value: Any, what: str, name: str) -> Any:
    """Return an argument that has to be one number, also a 0-d tensor's.

    Raises
    ------
    TypeError
        If it is none, or a tensor whose gradient would be lost.
    """
    if isinstance(value, (bool, int, float)) and not isinstance(value, np.generic):
        return value
    if getattr(value, "requires_grad", False):
        raise TypeError(
            f"{name}: {what} is a number without a gradient, got a tensor that requires grad, "
            f"{value!r:.60}; say {what}.item()"
        )
    if hasattr(value, "item") and np.ndim(value) == 0 and value.dtype.kind in "biuf":
        number = value.item()
        return float(number) if isinstance(number, np.generic) else number  # of a long double
    raise TypeError(f"{name}: expected a number as {what}, got {value!r:.60}")


def an_integer(value: Any, what: str, name: str) -> int:
    """Return an argument that has to be one integer.

    Raises
    ------
    TypeError
        If it is none.
    """
    number = as_integer(value)
    if number is None:
        raise TypeError(f"{name}: expected an integer as {what}, got {value!r:.60}")
    return number


def a_flag(value: Any, what: str, name: str) -> bool:
    """Return an argument that has to be True or False; numbers and None count as one of them.

    Raises
    ------
    TypeError
        If it is none.
    """
    if value is None or isinstance(value, (bool, int, float, np.bool_, np.number)):
        return bool(value)
    raise TypeError(f"{name}: expected True or False as {what}, got {value!r:.60}")


def one_axis(dim: int, ndim: int, name: str) -> int:
    """Return the axis that ``dim`` names, counted from 0; of a 0-d tensor 0 and -1 name axis 0.

    Raises
    ------
    IndexError
        If there is no such axis.
    TypeError
        If ``dim`` is no integer.
    """
    if not is_integer(dim):
        raise TypeError(f"{name}: expected an integer dim, got {dim!r}")
    limit = ndim or 1
    if not -limit <= dim < limit:
        raise IndexError(f"{name}: dim {dim} is out of range for {ndim} dimensions")
    return int(dim) % limit


def names_none(dim: Any) -> bool:
    """Tell whether ``dim`` is a sequence of no axes, () or []."""
    return isinstance(dim, (tuple, list)) and not dim


def all_axes(dim: Dim, ndim: int, name: str) -> tuple[int, ...]:
    """Return the axes that ``dim`` names, counted from 0; None, () and [] name all, as in PyTorch.

    Raises
    ------
    IndexError
        If there is no such axis.
    RuntimeError
        If an axis is named twice.
    """
    if dim is None or names_none(dim):
        return tuple(range(ndim))
    axes = []
    for axis in dim if isinstance(dim, (tuple, list)) else (dim,):
        limit = ndim or 1
        if not is_integer(axis):
            raise TypeError(f"{name}: dim must be an integer or a tuple of integers, got {dim!r}")
        if not -limit <= axis < limit:
            raise IndexError(
                f"{name}: dim {axis} is out of range for a tensor of {ndim} dimensions"
            )
        axes.append(int(axis) % limit)
    if len(set(axes)) != len(axes):
        raise RuntimeError(f"{name}: dim {dim} names an axis twice")
    return tuple(axes) if ndim else ()


def numpy_names(function: Callable[P, R]) -> NumPyLike[P, R]:
    """Let a function be called with ``axis`` and ``keepdims`` too, as PyTorch does."""
    name = function.__name__.rstrip("_")
    known, place = _spelled(function, name), _place_of_keepdim(function)

    @wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        if options:
            options = _renamed(options, name, known)
        if len(args) > place or "keepdim" in options:
            refuse_number(
                "keepdim", name, options.get("keepdim", args[place] if args[place:] else False)
            )
        try:
            return function(*args, **options)
        except Exception as error:
            raise named(error, name, args) from None

    return called  # type: ignore[return-value]


def numpy_like(function: Callable[P, R]) -> NumPyLike[P, R]:
    """Let a function be called as :func:`numpy_names`, and on a list of numbers, as in NumPy."""
    name = function.__name__.rstrip("_")
    known, place = _spelled(function, name), _place_of_keepdim(function) - 1

    @wraps(function)
    def called(x: Any = NOT_GIVEN, *args: Any, **options: Any) -> Any:
        if not hasattr(type(x), "dtype"):
            if x is NOT_GIVEN:
                x = options.pop("input", x)
            x = x if hasattr(type(x), "dtype") else _array(name, x)
        if options:
            options = _renamed(options, name, known)
        if len(args) > place or "keepdim" in options:
            refuse_number(
                "keepdim", name, options.get("keepdim", args[place] if args[place:] else False)
            )
        try:
            return function(x, *args, **options)
        except Exception as error:
            raise named(error, name, args) from None

    return called  # type: ignore[return-value]


def _place_of_keepdim(function: Callable[..., Any]) -> int:
    """Return at which position ``keepdim`` may be given; one that no call reaches if at none."""
    code = function.__code__
    places = code.co_varnames[: code.co_argcount]
    return places.index("keepdim") if "keepdim" in places else 1000


def refuse_number(what: str, function: str, value: Any) -> None:
    """Refuse a number as a flag, as in ``sum(0, 1)``, which means two axes and would keep one.

    Raises
    ------
    TypeError
        If it is not True or False.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}: expected True or False as {what}, got {value!r:.60}; several axes come "
            "as one tuple, dim=(0, 1)"
        )


def _spelled(function: Callable[..., Any], name: str) -> dict[str, str]:
    """Return PyTorch's and NumPy's further names of a function's parameters."""
    code = function.__code__
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {**_NUMPY_NAMES, **spellings(name, own)}


def _renamed(options: dict[str, Any], function: str, known: dict[str, str]) -> dict[str, Any]:
    if options.pop("out", None) is not None:
        refuse_out(function)
    for name in known.keys() & options.keys():
        ours = known[name]
        if ours in options:
            raise TypeError(f"{function}: got both {ours} and {name}")
        options[ours] = options.pop(name)
    return options


def variadic(*names: str) -> Callable[[Callable[P, R]], Spelled[P, R]]:
    """Let a function of ``(x, *dims)`` be called with ``dims=`` as well, as PyTorch's can be."""
    expected = " or ".join(names)

    def declare(function: Callable[P, R]) -> Spelled[P, R]:
        @wraps(function)
        def called(x: Any = NOT_GIVEN, *values: Any, **options: Any) -> Any:
            if x is NOT_GIVEN:
                x = options.pop("input", x)
            if options:
                placed, known = values, [name for name in names if name in options]
                values = (*placed, *[options[name] for name in known])
                if len(known) != len(options) or len(values) != 1 or values[0] is None:
                    raise TypeError(
                        f"{function.__name__}: expected {expected}, once, got {placed} and "
                        f"{options}"
                    )
            elif not values:
                raise TypeError(f"{function.__name__}: expected {expected}, got nothing")
            try:
                return function(x, *values)  # type: ignore[call-arg]
            except Exception as error:
                raise named(error, function.__name__, values) from None

        return called  # type: ignore[return-value]

    return declare


def each_of(tensors: tuple[Any, ...], function: Callable[[Any], Any]) -> Any:
    """Apply a function to one tensor, or to each of several given one by one or as one list."""
    if len(tensors) == 1:
        if not isinstance(tensors[0], (tuple, list)):
            return function(tensors[0])
        tensors = tuple(tensors[0])
    return tuple(function(tensor) for tensor in tensors)


def _array(name: str, value: Any) -> Any:
    """Return what is no tensor and no array as an array: a list of numbers, or a number."""
    if isinstance(value, (list, tuple)):
        return numbers(name, value)
    if isinstance(value, (bool, int, float)):
        return numbers(name, [value])[0]
    raise TypeError(
        f"{name}: expected a Tensor, an array or a list of numbers, got {type(value).__name__}"
    )
