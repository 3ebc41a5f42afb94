"""Containers: modules made of modules.

``Sequential`` runs its children one after the other. ``ModuleList`` and ``ModuleDict`` only hold
theirs, so that they are registered; since they are never called, they put their own name before
their children's on the module path ("blocks.0").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from .module import Module
from .representation import collapsed_repr, described

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Indexed(Module):
    """Children named "0", "1", ...: what Sequential and ModuleList share.

    Examples
    --------
    >>> import nn
    >>> layers = nn.ModuleList([nn.ReLU()]).append(nn.Tanh()).extend([nn.Sigmoid()])
    >>> layers.insert(0, nn.Flatten()).pop(), len(layers)
    (Sigmoid(), 3)

    Source: ``torch.nn.Sequential``, ``torch.nn.ModuleList``.
    """

    def _renumber(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        self._modules.clear()
        for index, module in enumerate(modules):
            self.add_module(str(index), module)

    def _key(self, index: int) -> str:
        keys = list(self._modules)
        if isinstance(index, str):
            raise TypeError(f"{type(self).__name__}: index must be an integer, got {index!r}")
        try:
            return keys[index]
        except IndexError:
            raise IndexError(
                f"{type(self).__name__} has {len(keys)} modules, index {index} is out of range"
            ) from None

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._key(index), module)

    def __delitem__(self, index: int | slice) -> None:
        keys = list(self._modules)
        gone = keys[index] if isinstance(index, slice) else [self._key(index)]
        left = {key: module for key, module in self._modules.items() if key not in gone}
        if all(key.isdigit() for key in keys):
            self._renumber(left.values())
        else:
            for key in gone:
                delattr(self, key)

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def pop(self, index: int = -1) -> Module:
        """Remove the module at ``index`` and return it."""
        module = self._modules[self._key(index)]
        del self[index]
        return module

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end.

        Raises
        ------
        TypeError
            They are no iterable, or one is no Module.
        """
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}: expected an iterable of modules, "
                f"got {type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Insert a module before position ``index``.

        Raises
        ------
        TypeError
            It is no Module.
        """
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: expected a Module, got {described(module)}")
        modules = list(self._modules.values())
        modules.insert(index, module)
        self._renumber(modules)
        return self


class Sequential(_Indexed):
    """Modules run in order: the output of one is the input of the next.

    Parameters
    ----------
    *args : Module, or one dict
        The modules, named "0", "1", ...; a single dict (or OrderedDict) gives them names.

    Examples
    --------
    >>> import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    >>> net = nn.Sequential(nn.Linear(2, 2)).append(nn.ReLU()).extend([nn.Tanh()])
    >>> net.insert(1, nn.Sigmoid()).pop(-1), len(2 * net), len(net[:2])
    (Tanh(), 6, 2)

    Source: ``torch.nn.Sequential``.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], Mapping):
            named = list(args[0].items())
        else:
            named = [(str(index), module) for index, module in enumerate(args)]
        for name, module in named:
            if not isinstance(module, Module):
                raise TypeError(
                    f"Sequential: expected modules, got {described(module)} at '{name}'"
                )
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        """Run the children in order."""
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return self._modules[self._key(index)]

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        """Repeat the modules themselves, not copies: the repetitions share their weights."""
        if isinstance(times, bool) or not isinstance(times, int):
            return NotImplemented
        if times < 1:
            raise ValueError(f"Sequential: can be repeated 1 or more times, got {times}")
        return Sequential(*(module for _ in range(times) for module in self))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        self._renumber((self * times)._modules.values())
        return self


class ModuleList(_Indexed):
    """A list of modules, each registered under its position.

    Examples
    --------
    >>> import nn
    >>> layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    >>> layers
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
    )
    >>> layers.append(nn.ReLU()).extend([nn.Tanh()]).insert(0, nn.Flatten()).pop()
    Tanh()
    >>> len(layers)
    5

    Source: ``torch.nn.ModuleList``.
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self._modules.values())[index])
        return self._modules[self._key(index)]

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        return collapsed_repr(self, self)

    def _set_name(self, name: str) -> None:
        _hand_down(self, name)

    def _name_of(self, child: str) -> str:
        return f"{self._name}.{child}" if self._name else child


class ModuleDict(Module):
    """A dict of modules, each registered under its key, in the order of insertion.

    Examples
    --------
    >>> import nn
    >>> heads = nn.ModuleDict({"age": nn.Linear(8, 1), "pose": nn.Linear(8, 3)})
    >>> list(heads), list(heads.state_dict())
    (['age', 'pose'], ['age.weight', 'age.bias', 'pose.weight', 'pose.bias'])
    >>> heads.update({"smile": nn.Linear(8, 2)})
    >>> heads.pop("age").out_features, list(heads.keys()), len(heads.values())
    (1, ['pose', 'smile'], 2)
    >>> [(name, head.out_features) for name, head in heads.items()]
    [('pose', 3), ('smile', 2)]
    >>> heads.clear()

    Source: ``torch.nn.ModuleDict``.
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Remove the module under ``key`` and return it."""
        return self._modules.pop(key)

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """Return the modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """Return ``(name, module)`` pairs."""
        return self._modules.items()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace modules.

        Raises
        ------
        TypeError
            They are neither a mapping nor pairs, or one is no Module.
        """
        try:
            named = dict(modules)
        except (TypeError, ValueError):
            raise TypeError(
                "ModuleDict: expected a dict of modules or (name, module) pairs, "
                f"got {described(modules)}"
            ) from None
        for key, module in named.items():
            self[key] = module

    def _set_name(self, name: str) -> None:
        _hand_down(self, name)

    def _name_of(self, child: str) -> str:
        return f"{self._name}.{child}" if self._name else child


def _hand_down(container: Module, name: str) -> None:
    """Name a container that is never called, and its children after it."""
    container.__dict__["_name"] = name
    for key, child in container._modules.items():
        if child is not None:
            child._set_name(container._name_of(key))
