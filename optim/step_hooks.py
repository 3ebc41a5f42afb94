"""Hooks of an optimiser: functions called around its steps and around its state dicts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd.hooks import RemovableHandle, Table

__all__ = ["StepHooks", "hooked"]

KINDS = (
    "step_pre",
    "step_post",
    "state_dict_pre",
    "state_dict_post",
    "load_state_dict_pre",
    "load_state_dict_post",
)


class StepHooks:
    """What ``Optimizer`` inherits: registering hooks.

    Examples
    --------
    >>> import autograd, optim
    >>> w = autograd.tensor(1.0, requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> handle = optimizer.register_step_post_hook(lambda optimizer, args, kwargs: print("stepped"))
    >>> optimizer.step()
    stepped
    >>> handle.remove()
    >>> optimizer.step()

    Source: ``torch.optim.Optimizer``.
    """

    def __init__(self) -> None:
        self._hooks = {kind: Table() for kind in KINDS}
        self._stepping = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in cls.__dict__:  # a rule that writes a step of its own has hooks, too
            cls.step = hooked(cls.__dict__["step"])  # type: ignore[attr-defined]

    def _register(self, kind: str, hook: Callable[..., Any], prepend: bool) -> RemovableHandle:
        table = self._hooks[kind]
        before = dict(table) if prepend else {}
        handle = RemovableHandle(table, hook)
        for key, earlier in before.items():  # moved behind the new one
            del table[key]
            table[key] = earlier
        return handle

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step.

        ``args`` begins with the optimiser, as in PyTorch. What the hook returns, if not None, is a
        pair of args and kwargs to step with instead.

        Source: ``torch.optim.Optimizer.register_step_pre_hook``.
        """
        return self._register("step_pre", hook, False)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step.

        Source: ``torch.optim.Optimizer.register_step_post_hook``.
        """
        return self._register("step_post", hook, False)

    def register_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` before a state dict is made.

        Source: ``torch.optim.Optimizer.register_state_dict_pre_hook``.
        """
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)``; what it returns, if not None, takes its place.

        Source: ``torch.optim.Optimizer.register_state_dict_post_hook``.
        """
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)``; what it returns, if not None, is loaded instead.

        The dict is a shallow copy of the one given.

        Source: ``torch.optim.Optimizer.register_load_state_dict_pre_hook``.
        """
        return self._register("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` once a state dict is loaded.

        Source: ``torch.optim.Optimizer.register_load_state_dict_post_hook``.
        """
        return self._register("load_state_dict_post", hook, prepend)

    def _call(self, kind: str, *given: Any) -> Any:
        """Call the hooks of a kind; what one returns takes the place of the last argument."""
        for hook in list(self._hooks[kind].values()):
            result = hook(self, *given)
            if result is not None and given:
                given = (*given[:-1], result)
        return given[-1] if given else None


def hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``step`` with the hooks of its optimiser around it."""

    @wraps(step)
    def hooked_step(self: StepHooks, *args: Any, **kwargs: Any) -> Any:
        before, after = self._hooks["step_pre"], self._hooks["step_post"]
        if self._stepping or not (before or after):  # a step that calls its base's is one step
            return step(self, *args, **kwargs)
        args = (self, *args)
        for hook in list(before.values()):
            instead = hook(self, args, kwargs)
            if instead is None:
                continue
            if not (isinstance(instead, tuple) and len(instead) == 2):
                raise RuntimeError(
                    f"{type(self).__name__}.step: a pre-hook returns None or a pair (args, "
                    f"kwargs), got {instead!r}"
                )
            args, kwargs = instead
        self._stepping = True
        try:
            result = step(*args, **kwargs)
        finally:
            self._stepping = False
        for hook in list(after.values()):
            hook(self, args, kwargs)
        return result

    return hooked_step
