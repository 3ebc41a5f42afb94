"""Modes: what the engine does while it records, as one small immutable value in one ContextVar.

Recording on or off, inspection, anomaly detection, the policy for ties and the module path travel
together, so a read costs one look-up, and every thread and every async task has its own.  Each op
keeps the ``Mode`` it was recorded under; its module path, its policy and its source line are read
from there, and so is the little that few ops have: hooks, and the checkpoint they belong to.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar, Token
from inspect import isgeneratorfunction
from types import CodeType, MethodType, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from autograd.checkpointing import Segment
    from autograd.hooks import Hooks

TIES = ("torch", "even", "first", "none")

F = TypeVar("F", bound=Callable[..., Any])


class Anomaly(NamedTuple):
    """What :class:`detect_anomaly` looks for."""

    check_nan: bool
    check_inf: bool


class Mode:
    """One setting of all modes; never changed once made."""

    __slots__ = (
        "anomaly",
        "hooks",
        "inspecting",
        "location",
        "module",
        "recording",
        "segment",
        "ties",
        "watched",
    )

    def __init__(
        self,
        recording: bool = True,
        inspecting: bool = False,
        ties: str = "torch",
        module: str = "",
        location: tuple[CodeType, int] | None = None,
        anomaly: Anomaly | None = None,
        segment: Segment | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.recording = recording
        self.inspecting = inspecting
        self.ties = ties
        self.module = module
        self.location = location
        self.anomaly = anomaly
        self.segment = segment  # the checkpointed call that is being recorded
        self.hooks = hooks  # of the one op that has this mode
        # The short paths of records step aside.
        self.watched = inspecting or anomaly is not None or segment is not None

    def but(self, **changes: Any) -> Mode:
        """Return this mode with some settings changed."""
        return Mode(**({name: getattr(self, name) for name in SETTINGS} | changes))

    def of_rules(self) -> Mode:
        """Return the mode in which a rule of an op recorded under this one records itself."""
        return Mode(True, False, self.ties, self.module, self.location)

    @property
    def source(self) -> tuple[str, int] | None:
        """File and line of the user's call."""
        if self.location is None:
            return None
        code, instruction = self.location
        lines = list(code.co_positions())
        line = lines[instruction // 2][0]
        return code.co_filename, line or code.co_firstlineno

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in SETTINGS)
        return f"Mode({settings})"


SETTINGS = tuple(name for name in Mode.__slots__ if name != "watched")

MODE: ContextVar[Mode] = ContextVar("backlight_mode", default=Mode())  # noqa: B039 - immutable


def is_grad_enabled() -> bool:
    """Tell whether operations are being recorded.

    Examples
    --------
    >>> import autograd
    >>> with autograd.no_grad():
    ...     autograd.is_grad_enabled()
    False

    Source: ``torch.is_grad_enabled``.
    """
    return MODE.get().recording


class Switch:
    """A mode changed for the length of a ``with`` block or of a decorated function's calls."""

    changes: dict[str, Any] = {}

    def __init__(self, function: F | None = None) -> None:
        self._tokens: list[Token[Mode]] = []
        if function is not None and not callable(function):
            raise TypeError(
                f"{type(self).__name__}: expected nothing, or a function to decorate, got "
                f"{function!r}"
            )
        self._function: Any = function
        if function is not None:
            if isgeneratorfunction(function):
                self._function = self._for_generators(function)
            functools.update_wrapper(self, function)

    def _fresh(self) -> Switch:
        switch = Switch()
        switch.changes = self.changes
        return switch

    def __enter__(self) -> None:
        self._tokens.append(MODE.set(MODE.get().but(**self.changes)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        MODE.reset(self._tokens.pop())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)  # @no_grad on a method

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Decorate a function, or call the one that is decorated."""
        if self._function is not None:  # used bare: @no_grad
            with self._fresh():
                return self._function(*args, **kwargs)
        (function,) = args  # used with parentheses: @no_grad()
        if isgeneratorfunction(function):
            return self._for_generators(function)

        @functools.wraps(function)
        def switched(*inner: Any, **named: Any) -> Any:
            with self._fresh():  # of its own: the function may recurse or run in many threads
                return function(*inner, **named)

        return switched

    def _for_generators(self, function: Any) -> Any:
        """Change the mode while the generator runs, never while its caller does."""

        @functools.wraps(function)
        def switched(*inner: Any, **named: Any) -> Any:
            going = function(*inner, **named)
            resume = functools.partial(going.send, None)
            while True:
                try:
                    with self._fresh():
                        item = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    resume = functools.partial(going.send, (yield item))
                except GeneratorExit:
                    with self._fresh():
                        going.close()
                    raise
                except BaseException as error:
                    resume = functools.partial(going.throw, error)

        return switched


class Setting(Switch):
    """A mode changed at once; used as a ``with`` block or a decorator it is changed back."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.changes = changes
        self._tokens.append(MODE.set(MODE.get().but(**changes)))
        self._entered = False

    def __enter__(self) -> None:
        if self._entered:
            super().__enter__()
        self._entered = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Decorate a function."""
        if not self._entered:  # what it decorates shall change the mode, not its definition
            MODE.reset(self._tokens.pop())
            self._entered = True
        return super().__call__(*args, **kwargs)


class no_grad(Switch):  # noqa: N801 - PyTorch's name
    """Record nothing within the block.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> with autograd.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False

    Source: ``torch.no_grad``.
    """

    changes = {"recording": False}


class enable_grad(Switch):  # noqa: N801 - PyTorch's name
    """Record again within a ``no_grad`` block.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> with autograd.no_grad():
    ...     with autograd.enable_grad():
    ...         y = x * x
    >>> y.requires_grad
    True

    Source: ``torch.enable_grad``.
    """

    changes = {"recording": True}


class set_grad_enabled(Setting):  # noqa: N801 - PyTorch's name
    """Turn recording on or off, at once, or for a ``with`` block or a decorated function.

    Examples
    --------
    >>> import autograd
    >>> with autograd.set_grad_enabled(False):
    ...     autograd.is_grad_enabled()
    False
    >>> autograd.is_grad_enabled()
    True

    Source: ``torch.set_grad_enabled``.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled: expected a bool, got {type(mode).__name__}")
        super().__init__(recording=mode)


class inference_mode(Switch):  # noqa: N801 - PyTorch's name
    """Record nothing within the block: :class:`no_grad` under the name of evaluation.

    PyTorch's tensors of this mode can never again take part in a graph; here they are ordinary
    constants.  ``inference_mode(False)`` records.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> with autograd.inference_mode():
    ...     (x * x).requires_grad
    False

    Source: ``torch.inference_mode``.
    """

    changes = {"recording": False}

    def __init__(self, mode: bool | F = True) -> None:
        super().__init__(None if isinstance(mode, bool) else mode)
        if mode is False:
            self.changes = {"recording": True}


class inspect(Switch):  # noqa: N801 - used like no_grad
    """Keep every value, as a copy, and the source line of every op recorded in the block.

    Without it the graph keeps references to the arrays it met, and drops the large ones of large
    graphs; with it a picture can show all of them, whatever happened to the arrays since.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> with autograd.inspect():
    ...     y = x * x
    >>> _ = x.detach().mul_(10)
    >>> y.grad_fn.saved[0].tolist()  # as it was
    [1.0, 2.0]
    >>> file, line = y.grad_fn.source
    """

    changes = {"inspecting": True}


class ties(Switch):  # noqa: N801 - used like no_grad
    """Choose who receives the gradient of a maximum that several inputs share.

    Parameters
    ----------
    policy : {"torch", "even", "first", "none"}
        ``"torch"`` does what PyTorch does for each function (``maximum`` and ``amax`` share
        evenly, max-pooling and ``max(dim)`` choose the first); ``"even"`` shares, ``"first"``
        chooses the first, ``"none"`` gives nothing to any of them (strict inequality).

    Raises
    ------
    ValueError
        If the policy is not one of the four.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor([1.0, 1.0], requires_grad=True)
    >>> with autograd.ties("first"):
    ...     y = x.amax()
    >>> y.backward()
    >>> x.grad
    tensor([1., 0.])
    """

    def __init__(self, policy: str) -> None:
        if policy not in TIES:
            raise ValueError(f"ties: expected one of {', '.join(TIES)}, got {policy!r}")
        super().__init__()
        self.policy = policy
        self.changes = {"ties": policy}


class module_scope(Switch):  # noqa: N801 - used like no_grad
    """Name the ops recorded in the block after a module: ``block1`` then ``block1.conv``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __enter__(self) -> None:
        self._tokens.append(enter_module(self.name))

    def _fresh(self) -> Switch:
        return module_scope(self.name)


def enter_module(name: str) -> Token[Mode]:
    """Push ``name`` on the module path; hand the token to :func:`leave` (``Module.__call__``)."""
    mode = MODE.get()
    path = f"{mode.module}.{name}" if mode.module and name else mode.module or name
    inherited = (mode.location, mode.anomaly, mode.segment)
    return MODE.set(Mode(mode.recording, mode.inspecting, mode.ties, path, *inherited))


def leave(token: Token[Mode]) -> None:
    """Undo :func:`enter_module`."""
    MODE.reset(token)
