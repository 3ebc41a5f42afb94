"""Parametrizations: an attribute of a module that is computed of other parameters when read.

``module.weight`` gives way to ``module.parametrizations.weight``, a list of modules that make it of
one or several *originals*, which are trained and saved (``parametrizations.weight.original``). Each
module of the list maps the weight to another; with a ``right_inverse`` it can be assigned to. The
functions ``weight_norm`` and ``spectral_norm`` of ``nn.utils`` do such things once a forward,
under the names of older state dicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import autograd
from autograd import Tensor

from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter
from ..representation import described

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
]

CACHE: ContextVar[dict[int, Any] | None] = ContextVar("parametrizations", default=None)


class ParametrizationList(ModuleList):
    """The modules that compute an attribute, one after the other, and what they start from.

    The first is called with all originals, the next with what it returned, and so on.

    Attributes
    ----------
    original : Parameter or Tensor
        What the attribute is computed from; ``original0``, ``original1``, ... if it is several.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> made = layer.parametrizations.weight
    >>> made.original0.shape, made.original1.shape, len(made)
    ((2, 1), (2, 3), 1)

    Source: ``torch.nn.utils.parametrize.ParametrizationList``.
    """

    computes_attribute = True

    def __init__(self, modules: list[Module], original: Tensor) -> None:
        super().__init__(modules)
        try:
            start = _undone(modules, original)
        except NotImplementedError:  # an inverse that says it cannot: start from the tensor itself
            start = original
        self.is_tensor = isinstance(start, Tensor)
        self.ntensors = 1 if self.is_tensor else len(start)
        trained = isinstance(original, Parameter)
        for name, tensor in self._named([start] if self.is_tensor else start):
            if trained:
                self.register_parameter(name, Parameter(tensor.detach(), original.requires_grad))
            else:
                self.register_buffer(name, tensor.detach().clone())

    def _named(self, values: Any) -> list[tuple[str, Any]]:
        """Return the values with the names under which originals are kept."""
        if self.is_tensor:
            return [("original", values[0])]
        return [(f"original{number}", value) for number, value in enumerate(values)]

    @property
    def originals(self) -> list[Any]:
        """What the attribute is computed from, in order."""
        return [getattr(self, name) for name, _ in self._named([None] * self.ntensors)]

    def forward(self) -> Any:
        """Return the attribute, computed; within ``cached()`` once."""
        cache = CACHE.get()
        if cache is not None and id(self) in cache:
            return cache[id(self)]
        first, *rest = self
        value = first(*self.originals)
        for module in rest:
            value = module(value)
        if cache is not None:
            cache[id(self)] = value
        return value

    __call__ = Module.__call__

    def assign(self, value: Any) -> None:
        """Choose originals of which the attribute becomes ``value``, by the right inverses.

        Raises
        ------
        TypeError
            It is no Tensor.
        RuntimeError
            A module of the list has no ``right_inverse``.
        """
        if not isinstance(value, Tensor):
            raise TypeError(f"parametrize: expected a Tensor to assign, got {described(value)}")
        for module in self:
            if not hasattr(module, "right_inverse"):
                raise RuntimeError(
                    f"parametrize: {type(module).__name__} has no right_inverse, so that what it "
                    "computes cannot be assigned to"
                )
        start = _undone(list(self), value)
        with autograd.no_grad():
            for name, tensor in self._named([start] if self.is_tensor else start):
                getattr(self, name).data = tensor.detach()

    def _set_name(self, name: str) -> None:
        """Stay without a name: what computes a weight is work of the layer whose weight it is."""

    def _name_of(self, child: str) -> str:
        return ""


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let a module compute an attribute of another, from now on: f(original) in place of it.

    If the attribute is computed already, it is computed further: g(f(original)).

    Parameters
    ----------
    module : Module
        Whose attribute it is; it is changed and returned.
    tensor_name : str
        Of a parameter or a buffer.
    parametrization : Module
        Its ``forward`` takes the tensor and returns another of the same shape and dtype. Its
        ``right_inverse``, if it has one, says of which originals it makes a tensor; several, as a
        tuple, become several arguments of ``forward``.
    unsafe : bool
        Do not call it to see whether it keeps shape and dtype.

    Raises
    ------
    ValueError
        There is no such tensor, or shape or dtype change.
    TypeError
        One of both is no Module.

    Examples
    --------
    >>> import autograd, nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = nn.utils.parametrize.register_parametrization(
    ...     nn.Linear(3, 3), "weight", Symmetric()
    ... )
    >>> bool((layer.weight == layer.weight.T).all()), list(layer.state_dict())
    (True, ['bias', 'parametrizations.weight.original'])

    Source: ``torch.nn.utils.parametrize.register_parametrization``.
    """
    name = "register_parametrization"
    for each in (module, parametrization):
        if not isinstance(each, Module):
            raise TypeError(f"{name}: expected a Module, got {described(each)}")
    before = module._parameters.get(tensor_name, module._buffers.get(tensor_name))
    if is_parametrized(module, tensor_name):
        with autograd.no_grad():
            before = getattr(module, tensor_name)
            if not unsafe:
                _check(name, parametrization, before, (before,))
        made = module.parametrizations._modules[tensor_name]
        made.append(parametrization)
        return module
    if before is None:
        raise ValueError(
            f"{name}: {type(module).__name__} has no parameter or buffer {tensor_name!r}"
        )
    made = ParametrizationList([parametrization], before)
    if not unsafe:
        with autograd.no_grad():
            _check(name, parametrization, before, made.originals)
    delattr(module, tensor_name)
    if "parametrizations" not in module._modules:
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = made
    made.train(module.training)
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Tell whether an attribute of a module is computed, or any.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> is_parametrized(layer), is_parametrized(layer, "weight"), is_parametrized(layer, "bias")
    (True, True, False)

    Source: ``torch.nn.utils.parametrize.is_parametrized``.
    """
    made = module._modules.get("parametrizations")
    computed = [] if made is None else [n for n in made._modules if module._computed(n) is not None]
    return bool(computed) if tensor_name is None else tensor_name in computed


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make a computed attribute an ordinary parameter or buffer again; return the module.

    Parameters
    ----------
    leave_parametrized : bool
        Whether to keep the value that is computed, or the original's.

    Raises
    ------
    ValueError
        The attribute is not computed, or there are several originals to go back to.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2))
    >>> list(remove_parametrizations(layer, "weight").state_dict())
    ['bias', 'weight']

    Source: ``torch.nn.utils.parametrize.remove_parametrizations``.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"remove_parametrizations: {tensor_name!r} of {type(module).__name__} is not computed"
        )
    made = module.parametrizations._modules[tensor_name]
    originals = made.originals
    if not leave_parametrized and len(originals) > 1:
        raise ValueError(
            f"remove_parametrizations: {tensor_name!r} has {len(originals)} originals, none of "
            "which it was; keep the value that is computed (leave_parametrized=True)"
        )
    with autograd.no_grad():
        value = getattr(module, tensor_name) if leave_parametrized else originals[0]
    del module.parametrizations[tensor_name]
    if not len(module.parametrizations):
        del module.parametrizations
    if isinstance(originals[0], Parameter):
        trained = any(original.requires_grad for original in originals)
        module.register_parameter(tensor_name, Parameter(value.detach(), trained))
    else:
        module.register_buffer(tensor_name, value.detach().clone())
    return module


@contextmanager
def cached() -> Iterator[None]:
    """Compute each attribute once within a ``with`` block: for weights that are read many times.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> with nn.utils.parametrize.cached():
    ...     layer.weight is layer.weight
    True

    Source: ``torch.nn.utils.parametrize.cached``.
    """
    if CACHE.get() is not None:
        yield
        return
    token = CACHE.set({})
    try:
        yield
    finally:
        CACHE.reset(token)


def _undone(modules: list[Module], value: Any) -> Any:
    """Return of which originals the modules make a value: the value itself without an inverse."""
    with autograd.no_grad():
        for module in reversed(modules):
            if hasattr(module, "right_inverse"):
                value = module.right_inverse(value)
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (tuple, list)) and value and all(isinstance(v, Tensor) for v in value):
        return list(value)
    raise ValueError(
        f"parametrize: right_inverse must return a Tensor or several, got {described(value)}"
    )


def _check(function: str, parametrization: Module, before: Tensor, originals: Any) -> None:
    """Refuse a parametrization that changes shape or dtype."""
    after = parametrization(*originals)
    if not isinstance(after, Tensor):
        raise ValueError(
            f"{function}: {type(parametrization).__name__} must return a Tensor, "
            f"got {described(after)}"
        )
    if after.shape != before.shape or after.dtype != before.dtype:
        raise ValueError(
            f"{function}: {type(parametrization).__name__} makes {after.dtype} of shape "
            f"{after.shape} of {before.dtype} of shape {before.shape}; unsafe=True allows it"
        )
