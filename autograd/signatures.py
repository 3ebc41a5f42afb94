"""Signatures: what type checkers and editors know of functions that take further names.

A function's own signature is checked to the letter.  Called with ``input`` or ``other``, which are
PyTorch's (spelling.py), or with NumPy's ``axis`` and ``keepdims``, it is known to have that name
and no more, since Python has no type for a parameter of two names.  Only type checkers read this.
"""

from __future__ import annotations

from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R", covariant=True)
S = TypeVar("S")


class Spelled(Protocol[P, R]):
    """A function: ``add(x, y)`` or ``add(input=x, other=y)``."""

    @overload
    def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...
    @overload
    def __call__(self, *args: Any, input: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, other: Any, **options: Any) -> R: ...
    @overload
    def __get__(self, tensor: None, owner: Any = None) -> Spelled[P, R]: ...
    @overload
    def __get__(
        self: Spelled[Concatenate[Any, Q], S], tensor: object, owner: Any = None
    ) -> Method[Q, S]: ...


class Method(Protocol[P, R]):
    """The same of a tensor: ``x.add(y)`` or ``x.add(other=y)``."""

    @overload
    def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...
    @overload
    def __call__(self, *args: Any, other: Any, **options: Any) -> R: ...


class NumPyLike(Protocol[P, R]):
    """A function along axes: ``sum(x, dim=0)``, ``sum(input=x)`` or ``sum(x, axis=0)``."""

    @overload
    def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...
    @overload
    def __call__(self, *args: Any, input: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, other: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, axis: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, keepdims: bool, **options: Any) -> R: ...
    @overload
    def __get__(self, tensor: None, owner: Any = None) -> NumPyLike[P, R]: ...
    @overload
    def __get__(
        self: NumPyLike[Concatenate[Any, Q], S], tensor: object, owner: Any = None
    ) -> NumPyLikeMethod[Q, S]: ...


class NumPyLikeMethod(Protocol[P, R]):
    """The same of a tensor: ``x.sum(dim=0)`` or ``x.sum(axis=0)``."""

    @overload
    def __call__(self, *args: P.args, **options: P.kwargs) -> R: ...
    @overload
    def __call__(self, *args: Any, other: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, axis: Any, **options: Any) -> R: ...
    @overload
    def __call__(self, *args: Any, keepdims: bool, **options: Any) -> R: ...
