"""Hooks of modules: functions that see a call of a module, or the gradient of one.

They live apart from ``Module`` because a module without hooks must not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import autograd
from autograd import Tensor
from autograd.hooks import RemovableHandle, Table

__all__ = ["Hookable", "RemovableHandle", "Table", "register", "run_with_hooks"]


class Hook(NamedTuple):
    """A user's function and how it wants to be called."""

    function: Callable[..., Any]
    with_kwargs: bool
    always_call: bool


def register(
    table: Table,
    function: Callable[..., Any],
    prepend: bool = False,
    with_kwargs: bool = False,
    always_call: bool = False,
) -> RemovableHandle:
    """Add a hook to ``table``; hooks run in the order of their registration."""
    if not callable(function):
        raise TypeError(f"a hook must be callable, got {type(function).__name__}")
    earlier = dict(table)
    handle = RemovableHandle(table, Hook(function, with_kwargs, always_call))
    if prepend:
        for key, hook in earlier.items():
            del table[key]
            table[key] = hook
    return handle


class Hookable:
    """What a ``Module`` inherits: registering hooks.

    Examples
    --------
    >>> import autograd, nn
    >>> layer, shapes = nn.Linear(2, 3), []
    >>> after = layer.register_forward_hook(lambda m, args, out: shapes.append(out.shape))
    >>> before = layer.register_forward_pre_hook(lambda m, args: args[0] * 2)
    >>> _ = layer(autograd.ones(4, 2))
    >>> after.remove(), before.remove(), shapes
    (None, None, [(4, 3)])

    Source: ``torch.nn.Module``.
    """

    _forward_hooks: Table
    _forward_pre_hooks: Table
    _backward_hooks: Table
    _backward_pre_hooks: Table

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; it may return new arguments.

        Parameters
        ----------
        prepend : bool
            Before the hooks that are there already.
        with_kwargs : bool
            Call ``hook(module, args, kwargs)``, which may return ``(args, kwargs)``.

        Raises
        ------
        TypeError
            The hook cannot be called.
        """
        return register(self._forward_pre_hooks, hook, prepend, with_kwargs)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` afterwards; it may return a new output.

        Parameters
        ----------
        prepend : bool
            Before the hooks that are there already.
        with_kwargs : bool
            Call ``hook(module, args, kwargs, output)``.
        always_call : bool
            Call it with the output None, too, when ``forward`` raises.

        Raises
        ------
        TypeError
            The hook cannot be called.
        """
        return register(self._forward_hooks, hook, prepend, with_kwargs, always_call)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` as a gradient enters; it may return another.

        ``grad_output`` is a tuple, one gradient an output of the module.

        Raises
        ------
        TypeError
            The hook cannot be called.

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> handle = layer.register_full_backward_pre_hook(lambda module, g: (10 * g[0],))
        >>> layer(autograd.ones(1, 1)).backward(autograd.ones(1, 1))
        >>> layer.weight.grad
        tensor([[10.]])
        """
        return register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` as the module's gradient is complete.

        Both are tuples, with None for what is no tensor or needs no gradient; the hook may return
        another ``grad_input``. The module's inputs and outputs pass through an op named
        ``Boundary`` while there is such a hook.

        Raises
        ------
        TypeError
            The hook cannot be called.

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.Linear(2, 1)
        >>> def show(module, grad_input, grad_output):
        ...     print(grad_output)
        >>> handle = layer.register_full_backward_hook(show)
        >>> layer(autograd.ones(1, 2, requires_grad=True)).sum().backward()
        (tensor([[1.]]),)
        """
        return register(self._backward_hooks, hook, prepend)


def run_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call ``module.forward`` between its pre-hooks and its hooks.

    A pre-hook may return new positional arguments (a single value counts as one argument), a hook
    a new output.
    """
    output, done = None, set()
    try:
        for hook in list(module._forward_pre_hooks.values()):
            args, kwargs = _before(hook, module, args, kwargs)
        gradients = _GradientHooks(module)
        if gradients:
            args = gradients.enter(args)
        output = module.forward(*args, **kwargs)
        for hook in list(module._forward_hooks.values()):
            done.add(id(hook))
            output = _after(hook, module, args, kwargs, output)
        return gradients.leave(output) if gradients else output
    except Exception:
        for hook in list(module._forward_hooks.values()):
            if hook.always_call and id(hook) not in done:
                _after(hook, module, args, kwargs, output)
        raise


def _before(
    hook: Hook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if not hook.with_kwargs:
        changed = hook.function(module, args)
        if changed is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
        return args, kwargs
    changed = hook.function(module, args, kwargs)
    if changed is None:
        return args, kwargs
    if not (isinstance(changed, tuple) and len(changed) == 2):
        raise RuntimeError(
            f"{type(module).__name__}: a forward pre-hook with_kwargs must return None or a tuple "
            f"(args, kwargs), got {type(changed).__name__}"
        )
    return changed


def _after(
    hook: Hook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> Any:
    given = (args, kwargs) if hook.with_kwargs else (args,)
    changed = hook.function(module, *given, output)
    return output if changed is None else changed


class Boundary(autograd.Function):
    """Tensors that enter or leave a module together: their gradients are seen together."""

    @staticmethod
    def forward(ctx, seen, *tensors):
        """Hand the tensors on."""
        ctx.seen = seen
        ctx.set_materialize_grads(False)
        handed = tuple(tensor.detach() for tensor in tensors)
        return handed[0] if len(handed) == 1 else handed

    @staticmethod
    def backward(ctx, *grads):
        """Show the gradients to the hooks, and hand on what they make of them."""
        return (None, *ctx.seen(grads))


class _GradientHooks:
    """The backward hooks of one call of a module."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.hooks = [hook.function for hook in module._backward_hooks.values()]
        self.pre_hooks = [hook.function for hook in module._backward_pre_hooks.values()]
        self.entered = ()  # which arguments were wrapped
        self.arguments = 0
        self.grad_output: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hooks or self.pre_hooks)

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments behind a boundary."""
        self.arguments = len(args)
        if not self.hooks:
            return args
        self.entered = _moving(args)
        return _behind(self.at_input, args, self.entered)

    def leave(self, output: Any) -> Any:
        """Return the outputs behind a boundary."""
        single = isinstance(output, Tensor)
        outputs = (output,) if single else output
        if not isinstance(outputs, (tuple, list)):
            return output
        self.left, self.outputs = _moving(outputs), len(outputs)
        outputs = _behind(self.at_output, outputs, self.left)
        return outputs[0] if single else type(output)(outputs)

    def at_output(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call the pre-hooks, and the hooks too if no input waits for a gradient."""
        shown = _spread(grads, self.left, self.outputs)
        for hook in self.pre_hooks:
            shown = self._changed(hook(self.module, shown), shown, "grad_output")
        if self.hooks:
            self.grad_output = shown
            if not self.entered:
                for hook in self.hooks:
                    hook(self.module, (None,) * self.arguments, shown)
        return tuple(shown[place] for place in self.left)

    def at_input(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call the hooks with what goes to the inputs."""
        shown = _spread(grads, self.entered, self.arguments)
        for hook in self.hooks:
            changed = hook(self.module, shown, self.grad_output)
            shown = self._changed(changed, shown, "grad_input")
        return tuple(shown[place] for place in self.entered)

    def _changed(self, changed: Any, shown: tuple[Any, ...], name: str) -> tuple[Any, ...]:
        if changed is None:
            return shown
        changed = changed if isinstance(changed, tuple) else (changed,)
        if len(changed) != len(shown):
            raise RuntimeError(
                f"{type(self.module).__name__}: a backward hook returned {len(changed)} gradients "
                f"in place of a {name} of {len(shown)}"
            )
        return changed


def _moving(values: Any) -> tuple[int, ...]:
    """Return the places of what gradients flow through."""
    if not autograd.is_grad_enabled():
        return ()
    return tuple(
        i for i, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad
    )


def _behind(seen: Callable[..., Any], values: Any, places: tuple[int, ...]) -> tuple[Any, ...]:
    if not places:
        return tuple(values)
    handed = Boundary.apply(seen, *(values[place] for place in places))
    handed = handed if isinstance(handed, tuple) else (handed,)
    values = list(values)
    for place, tensor in zip(places, handed, strict=True):
        values[place] = tensor
    return tuple(values)


def _spread(grads: tuple[Any, ...], places: tuple[int, ...], count: int) -> tuple[Any, ...]:
    spread: list[Any] = [None] * count
    for place, grad in zip(places, grads, strict=True):
        spread[place] = grad
    return tuple(spread)
