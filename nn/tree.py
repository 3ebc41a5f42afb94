"""The tree of modules, walked in the order of registration; what is shared is met once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograd import Tensor

from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

__all__ = ["Tree"]


class Tree:
    """The walks of a ``Module`` over itself and what it holds.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), nn.ReLU())
    >>> [name for name, _ in net.named_modules()]
    ['', '0', '0.0', '0.1', '1']
    >>> [name for name, _ in net.named_children()]
    ['0', '1']
    >>> [name for name, _ in net.named_parameters()]
    ['0.0.weight', '0.0.bias', '0.1.weight', '0.1.bias']
    >>> [name for name, _ in net.named_buffers()]
    ['0.1.running_mean', '0.1.running_var', '0.1.num_batches_tracked']
    >>> len(list(net.modules())), len(list(net.children()))
    (5, 2)
    >>> sum(parameter.numel() for parameter in net.parameters())
    15
    >>> len(list(net.buffers()))
    3

    What has a path is found by it, and a part can be replaced by another:

    >>> net.get_parameter("0.0.bias").shape, net.get_buffer("0.1.running_var").tolist()
    ((3,), [1.0, 1.0, 1.0])
    >>> net.set_submodule("1", nn.Tanh())
    >>> net.get_submodule("1")
    Tanh()

    Source: ``torch.nn.Module``.
    """

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True, _seen: set[Module] | None = None
    ) -> Iterator[tuple[str, Module]]:
        """Yield ``(path, module)`` of this module and of all below it."""
        seen = set() if _seen is None else _seen
        if remove_duplicate and self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from child.named_modules(path, remove_duplicate, seen)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield ``(name, module)`` of the direct children."""
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """Yield the direct children."""
        return (child for _, child in self.named_children())

    def _named_tensors(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        walk = self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in walk:
            for name, tensor in module.__dict__[kind].items():
                if tensor is None or (remove_duplicate and id(tensor) in seen):
                    continue
                seen.add(id(tensor))
                yield (f"{path}.{name}" if path else name), tensor

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield ``(path, parameter)``; a parameter used in two places comes once."""
        return self._named_tensors("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, as an optimiser takes them."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield ``(path, buffer)``, persistent or not."""
        return self._named_tensors("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """Return the module at the path ``target``; the empty path is this module.

        Raises
        ------
        AttributeError
            There is no such module.
        """
        module = self
        for name in target.split(".") if target else ():
            child = module._modules.get(name)
            if child is None:
                raise AttributeError(
                    f"{type(self).__name__} has no module '{target}': "
                    f"{type(module).__name__} has no child '{name}'"
                )
            module = child
        return module

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at the path ``target``.

        Raises
        ------
        AttributeError
            There is no such parameter.
        """
        path, _, name = target.rpartition(".")
        parameter = self.get_submodule(path)._parameters.get(name)
        if parameter is None:
            raise AttributeError(f"{type(self).__name__} has no parameter '{target}'")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at the path ``target``.

        Raises
        ------
        AttributeError
            There is no such buffer.
        """
        path, _, name = target.rpartition(".")
        buffer = self.get_submodule(path)._buffers.get(name)
        if buffer is None:
            raise AttributeError(f"{type(self).__name__} has no buffer '{target}'")
        return buffer

    def set_submodule(self, target: str, module: Module) -> None:
        """Put ``module`` in the place of the one at the path ``target``.

        Raises
        ------
        AttributeError
            There is no such module.
        """
        path, _, name = target.rpartition(".")
        self.get_submodule(target)  # it has to be there
        self.get_submodule(path).add_module(name, module)
