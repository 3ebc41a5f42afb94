"""A weight that is computed from other parameters before every forward.

The module's own parameter gives way to the ones it is made of, which are trained and saved, and to
a plain attribute of its name that holds the computed weight. ``weight_norm`` and ``spectral_norm``
are such computations.
"""

from __future__ import annotations

from typing import Any

import autograd
from autograd import Tensor

from ..module import Module
from ..parameter import Parameter

__all__ = ["Reparametrization"]


class Reparametrization:
    """A forward pre-hook that computes ``module.<name>`` anew.

    Attributes
    ----------
    name : str
        Of the computed weight.
    parts : tuple of str
        What follows the name in those of the parameters and buffers it is made of.
    """

    parts: tuple[str, ...] = ()

    def __init__(self, name: str) -> None:
        self.name = name

    def split(self, module: Module, weight: Tensor) -> None:
        """Register the parts of ``weight`` with the module."""
        raise NotImplementedError

    def compute(self, module: Module) -> Tensor:
        """Return the weight made of its parts, recorded."""
        raise NotImplementedError

    def part(self, module: Module, suffix: str) -> Tensor:
        """Return one of the parts."""
        return getattr(module, self.name + suffix)

    def attach(self, module: Module) -> Module:
        """Replace the module's parameter by its parts; return the module."""
        function = _function(self)
        if not isinstance(module, Module):
            raise TypeError(f"{function}: expected a Module, got {type(module).__name__}")
        if attached(module, type(self), self.name) is not None:
            raise RuntimeError(f"{function}: {self.name!r} of {type(module).__name__} has one")
        weight = module._parameters.get(self.name)
        if weight is None:
            raise ValueError(f"{function}: {type(module).__name__} has no parameter {self.name!r}")
        if weight.ndim < 1:
            raise ValueError(f"{function}: {self.name!r} must have axes, got shape ()")
        self.split(module, weight.detach())
        delattr(module, self.name)
        setattr(module, self.name, weight.detach())
        module.register_forward_pre_hook(self)
        return module

    def remove(self, module: Module) -> None:
        """Make the computed weight the module's parameter again."""
        with autograd.no_grad():
            weight = self.compute(module)
        delattr(module, self.name)
        for suffix in self.parts:
            delattr(module, self.name + suffix)
        module.register_parameter(self.name, Parameter(weight.detach()))

    def __call__(self, module: Module, args: Any) -> None:
        """Compute the weight."""
        setattr(module, self.name, self.compute(module))


def attached(module: Module, kind: type, name: str) -> int | None:
    """Return the key of the pre-hook that computes ``name`` in this way, or None."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook.function, kind) and hook.function.name == name:
            return key
    return None


def detach(module: Module, kind: type, name: str, function: str) -> Module:
    """Undo ``attach``; return the module."""
    key = attached(module, kind, name)
    if key is None:
        raise ValueError(f"{function}: {name!r} of {type(module).__name__} is an ordinary weight")
    module._forward_pre_hooks.pop(key).function.remove(module)
    return module


def _function(reparametrization: Reparametrization) -> str:
    return {"WeightNorm": "weight_norm", "SpectralNorm": "spectral_norm"}.get(
        type(reparametrization).__name__, type(reparametrization).__name__
    )
