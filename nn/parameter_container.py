"""Containers of parameters: a list and a dict whose entries are registered with a module.

Tensors become parameters as they are put in; anything else is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from autograd import Tensor

from .module import Module
from .parameter import Parameter

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(value: Any) -> Any:
    return Parameter(value) if type(value) is Tensor else value


def _line(key: str, value: Any) -> str:
    if not isinstance(value, Tensor):
        return f"  ({key}): Object of type: {type(value).__name__}"
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(map(str, value.shape))
    return f"  ({key}): {kind} containing: [{value.dtype} of size {size}]"


class ParameterList(Module):
    """A list of parameters, each registered under its position.

    Raises
    ------
    IndexError
        There is no such position.

    Examples
    --------
    >>> import autograd, nn
    >>> weights = nn.ParameterList(autograd.zeros(2, n) for n in (3, 4))
    >>> weights
    ParameterList(
      (0): Parameter containing: [float32 of size 2x3]
      (1): Parameter containing: [float32 of size 2x4]
    )
    >>> weights.append(autograd.ones(1)).extend([autograd.ones(2)])[-1]
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    >>> len(list(weights.parameters()))
    4

    Source: ``torch.nn.ParameterList``.
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def _key(self, index: int) -> str:
        place = index + self._size if index < 0 else index
        if not 0 <= place < self._size:
            raise IndexError(
                f"ParameterList has {self._size} entries, index {index} is out of range"
            )
        return str(place)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, self._key(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._key(index), _as_parameter(value))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, str(place)) for place in range(self._size)])

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Add a value at the end."""
        place, self._size = str(self._size), self._size + 1
        setattr(self, place, _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add values at the end.

        Raises
        ------
        TypeError
            They are no iterable.
        """
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(
                f"ParameterList: expected an iterable of tensors, got {type(values).__name__}"
            )
        for value in list(values):
            self.append(value)
        return self

    def __repr__(self) -> str:
        lines = [_line(str(place), value) for place, value in enumerate(self)]
        return "\n".join(["ParameterList(", *lines, ")"]) if lines else "ParameterList()"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a list of parameters computes nothing."""
        raise RuntimeError("ParameterList: holds parameters and is not to be called")


class ParameterDict(Module):
    """A dict of parameters, each registered under its key, in the order of insertion.

    Raises
    ------
    KeyError
        There is no such key.

    Examples
    --------
    >>> import autograd, nn
    >>> scales = nn.ParameterDict({"left": autograd.zeros(2), "right": autograd.zeros(3)})
    >>> scales
    ParameterDict(
      (left): Parameter containing: [float32 of size 2]
      (right): Parameter containing: [float32 of size 3]
    )
    >>> list(scales.keys()), [scale.shape for scale in scales.values()], scales.get("top")
    (['left', 'right'], [(2,), (3,)], None)
    >>> scales.update({"top": autograd.ones(1)})
    >>> scales.setdefault("top", None).tolist(), scales.popitem()[0], scales.pop("left").shape
    ([1.0], 'top', (2,))
    >>> [(name, scale.shape) for name, scale in scales.copy().items()]
    [('right', (3,))]
    >>> scales.clear()
    >>> scales.fromkeys(["a", "b"], autograd.ones(1))["b"].tolist()
    [1.0]

    Source: ``torch.nn.ParameterDict``.
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"ParameterDict: a key must be a str, got {type(key).__name__}")
        if key not in self._keys and (hasattr(self, key) or not key or "." in key):
            raise KeyError(f"ParameterDict: {key!r} cannot be a key: it is empty, dotted or taken")
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        self[key]  # it has to be there
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._keys))

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self._keys))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> Iterable[str]:
        """Return the keys."""
        return self._keys.keys()

    def values(self) -> list[Any]:
        """Return the values."""
        return [self[key] for key in self._keys]

    def items(self) -> list[tuple[str, Any]]:
        """Return ``(key, value)`` pairs."""
        return [(key, self[key]) for key in self._keys]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value under ``key``, or ``default``."""
        return self[key] if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value under ``key``, which is ``default`` from now on if there was none."""
        if key not in self._keys:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Remove the value under ``key`` and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the last pair and return it.

        Raises
        ------
        KeyError
            There is none.
        """
        if not self._keys:
            raise KeyError("ParameterDict: popitem of an empty dict")
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def clear(self) -> None:
        """Remove every value."""
        for key in list(self._keys):
            del self[key]

    def update(self, parameters: Any) -> None:
        """Add or replace values, of a mapping or of pairs.

        Raises
        ------
        TypeError
            It is neither.
        """
        if not isinstance(parameters, (Mapping, ParameterDict, Iterable)):
            raise TypeError(
                "ParameterDict: expected a mapping or pairs, got " + type(parameters).__name__
            )
        given = parameters.items() if hasattr(parameters, "items") else parameters
        for key, value in list(given):
            self[key] = value

    def copy(self) -> ParameterDict:
        """Return another dict of the same parameters."""
        return ParameterDict(self.items())

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return a dict with the value ``default`` under each key."""
        return ParameterDict((key, default) for key in keys)

    def __or__(self, other: ParameterDict) -> ParameterDict:
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other)
        return self

    def __repr__(self) -> str:
        lines = [_line(key, value) for key, value in self.items()]
        return "\n".join(["ParameterDict(", *lines, ")"]) if lines else "ParameterDict()"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a dict of parameters computes nothing."""
        raise RuntimeError("ParameterDict: holds parameters and is not to be called")
