"""Module: a part of a network that knows its parameters, its buffers and its parts.

A module is a tree. Assigning a ``Parameter`` or a ``Module`` to an attribute registers it under
that attribute's name; the names from the root to a leaf, joined by dots, are the keys of
``state_dict`` and the module path that every recorded operation carries ("block1.conv").

``__call__`` is where the tree meets the graph: it puts the module's own name on the module path
while ``forward`` runs, so that an operation knows which layer made it. The name is the one of the
last registration; ``ModuleList`` and ``ModuleDict``, which are never called, hand theirs down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import Tensor, modes
from autograd.hollow import is_hollow

from . import hooks, state
from .buffer import Buffer
from .hollow import guard
from .parameter import Parameter
from .representation import described, module_repr
from .whole import Whole

__all__ = ["Module"]


class Module(Whole, hooks.Hookable):
    """Base of all layers and networks: define ``__init__`` and ``forward``.

    Examples
    --------
    >>> import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(2, 3)
    ...         self.output = nn.Linear(3, 1)
    ...     def forward(self, x):
    ...         return self.output(self.hidden(x).tanh())
    >>> net = Net()
    >>> list(net.state_dict())
    ['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']

    What is not trained is a buffer; a place may stay free; parts can be added by name:

    >>> import autograd
    >>> net.register_buffer("calls", autograd.tensor(0), persistent=False)
    >>> net.register_parameter("scale", None)
    >>> net.add_module("norm", nn.BatchNorm1d(1))

    Its state is a dict of tensors by path:

    >>> net.load_state_dict({"hidden.bias": [1.0, 2.0, 3.0]}, strict=False).missing_keys[:2]
    ['hidden.weight', 'output.weight']

    Source: ``torch.nn.Module``.
    """

    training: bool

    def __init__(self) -> None:
        self.__dict__.update(  # past __setattr__, which needs these tables
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers=set(),
            _modules={},
            _forward_hooks=hooks.Table(),
            _forward_pre_hooks=hooks.Table(),
            _backward_hooks=hooks.Table(),
            _backward_pre_hooks=hooks.Table(),
            _name="",
        )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's output; every subclass defines it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x): ...`"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward``, with this module's name on the module path and its hooks around it."""
        try:
            name = self._name
        except AttributeError:
            raise self._not_initialised("be called") from None
        if not name:
            return self._run(args, kwargs)
        token = modes.enter_module(name)
        try:
            return self._run(args, kwargs)
        finally:
            modes.leave(token)

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if (
            self._forward_pre_hooks
            or self._forward_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
        ):
            return hooks.run_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # Registration: an attribute lives in exactly one of the tables, or in the instance itself.

    def __setattr__(self, name: str, value: Any) -> None:
        """Register parameters, modules and buffers; keep any other value as it is."""
        computed = self._computed(name)
        if computed is not None:
            computed.assign(value)
        elif isinstance(value, Parameter):
            self._table("_parameters", name)[name] = value
            value.name = name
            if is_hollow(value.payload):
                guard(self)
        elif isinstance(value, Module):
            self._refuse_cycle(name, value)
            self._table("_modules", name)[name] = value
            value._set_name(self._name_of(name))
        elif isinstance(value, Buffer):
            self._table("_buffers", name)[name] = value
            keep = set.discard if value.persistent else set.add
            keep(self._non_persistent_buffers, name)
        else:
            for kind, accepted in _KINDS.items():
                table = self.__dict__.get(kind, {})
                if name in table:
                    if value is not None and not isinstance(value, accepted):
                        raise TypeError(
                            f"{type(self).__name__}.{name} is registered: expected a "
                            f"{accepted.__name__} or None, got {described(value)}"
                        )
                    table[name] = value
                    return
            object.__setattr__(self, name, value)

    def _table(self, kind: str, name: str) -> dict[str, Any]:
        """Return the table of ``kind``, with ``name`` taken out of every other place."""
        if kind not in self.__dict__:
            raise self._not_initialised(f"be given the {kind[1:-1]} '{name}'")
        for other in _KINDS:
            if other != kind:
                self.__dict__[other].pop(name, None)
        self.__dict__.pop(name, None)
        return self.__dict__[kind]

    def _not_initialised(self, what: str) -> AttributeError:
        return AttributeError(
            f"{type(self).__name__} cannot {what} before Module.__init__ has run: "
            "begin its __init__ with super().__init__()"
        )

    def __getattr__(self, name: str) -> Any:
        """Look up parameters, buffers and modules, where there is no plain attribute."""
        for kind in _KINDS:
            table = self.__dict__.get(kind)
            if table is not None and name in table:
                return table[name]
        computed = self._computed(name)
        if computed is not None:
            return computed()
        raise AttributeError(
            f"{type(self).__name__} has no attribute '{name}'", name=name, obj=self
        )

    def _computed(self, name: str) -> Any:
        """Return what computes an attribute from other parameters (``nn.utils.parametrize``)."""
        made = self.__dict__.get("_modules", {}).get("parametrizations")
        part = None if made is None else made._modules.get(name)
        return part if getattr(part, "computes_attribute", False) else None

    def __delattr__(self, name: str) -> None:
        """Remove a parameter, a buffer, a module or a plain attribute."""
        for kind in _KINDS:
            if name in self.__dict__.get(kind, ()):
                del self.__dict__[kind][name]
                self._non_persistent_buffers.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        """List the registered names too: completion and Python's "did you mean" read this."""
        names = [*self._parameters, *self._buffers, *self._modules]
        return sorted({*object.__dir__(self), *(n for n in names if n.isidentifier())})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under ``name``; None keeps the place free (a layer without bias).

        Raises
        ------
        TypeError
            It is no Parameter.
        KeyError
            The name is taken.
        ValueError
            The name is empty or has a dot.
        """
        self._check_name("register_parameter", "_parameters", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"register_parameter: {name} must be a Parameter or None, "
                f"got {type(param).__name__}"
            )
        self._table("_parameters", name)[name] = param
        if param is not None:
            param.name = name
            if is_hollow(param.payload):
                guard(self)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is state but not trained, such as a running mean.

        Parameters
        ----------
        name : str
            Attribute name and key of ``state_dict``.
        tensor : Tensor or None
            The value; None keeps the place free.
        persistent : bool
            Whether the buffer is part of ``state_dict``.

        Raises
        ------
        TypeError
            It is no Tensor.
        KeyError
            The name is taken.
        ValueError
            The name is empty or has a dot.
        """
        self._check_name("register_buffer", "_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"register_buffer: {name} must be a Tensor or None, got {type(tensor).__name__}"
            )
        self._table("_buffers", name)[name] = tensor
        if persistent:
            self._non_persistent_buffers.discard(name)
        else:
            self._non_persistent_buffers.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child module under ``name``, which need not be an identifier.

        Raises
        ------
        TypeError
            It is no Module.
        KeyError
            The name is taken.
        ValueError
            The name is empty or has a dot.
        """
        self._check_name("add_module", "_modules", name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: child {name} must be a Module or None, "
                f"got {described(module)}"
            )
        if module is not None:
            self._refuse_cycle(name, module)
        self._table("_modules", name)[name] = module
        if module is not None:
            module._set_name(self._name_of(name))

    register_module = add_module

    def _check_name(self, function: str, kind: str, name: str) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(
                f"{function}: a name must be a non-empty string without dots, got {name!r}"
            )
        if name not in self.__dict__.get(kind, ()) and hasattr(self, name):
            raise KeyError(f"{function}: {type(self).__name__} already has an attribute '{name}'")

    def _refuse_cycle(self, name: str, child: Module) -> None:
        """Refuse a child that is this module or holds it: no walk over the tree would end."""
        if any(module is self for module in child.modules()):
            what = "itself" if child is self else f"a {type(child).__name__} that holds it"
            raise ValueError(
                f"{type(self).__name__}: child {name} would be {what}; to keep a module that is no "
                "part, put it in a list"
            )

    def _set_name(self, name: str) -> None:
        self.__dict__["_name"] = name

    def _name_of(self, child: str) -> str:
        """Return what a child called ``child`` adds to the module path."""
        return child

    def state_dict(self, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """Return parameters and persistent buffers by path, in PyTorch's names and order.

        The tensors are detached and share memory with the module's (``keep_vars``: they are the
        module's own); copy them to keep a snapshot.
        """
        named = dict(state.named_state(self, prefix))
        return named if keep_vars else {name: tensor.detach() for name, tensor in named.items()}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.IncompatibleKeys:
        """Copy a state dict (of tensors or arrays) into this module, all of it or nothing.

        ``assign`` takes the tensors' memory and dtype over instead of copying: the way to give
        values to a model that was built under ``nn.shape_only()``.

        Returns the names that were skipped, ``missing_keys`` and ``unexpected_keys``.

        Raises
        ------
        RuntimeError
            A shape differs, or (``strict``) a name is missing or unexpected. One error names all
            that does not fit, and nothing has been loaded.
        """
        return state.load_state_dict(self, state_dict, strict, assign)

    def extra_repr(self) -> str:
        """Return what ``repr`` shows between the parentheses: the layer's arguments."""
        return ""

    def __repr__(self) -> str:
        return module_repr(self, self._modules.items())


_KINDS = {"_parameters": Parameter, "_buffers": Tensor, "_modules": Module}
