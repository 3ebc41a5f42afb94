"""Function: an op of the user's own as a class with ``forward`` and ``backward``, as in PyTorch.

``apply`` runs the forward without recording it and makes one op, which bears the class's name in
graphs and errors and whose rule calls ``backward``.  Shorter, where the derivative is a formula,
are the decorators that Backlight's own ops are made with, ``elementwise`` and ``structural``.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from autograd.anomaly import check_function, finite_arguments
from autograd.function_record import (
    FunctionRow,
    among,
    check_dirty,
    check_results,
    defines,
    positional,
    record_call,
    refusing,
    undefined,
    unrecorded,
)
from autograd.modes import MODE
from autograd.record import FLOATS, _user_frame, is_tensor

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

F = TypeVar("F", bound=Callable[..., Any])


class FunctionCtx:
    """What a :class:`Function` passes from ``forward`` to ``backward``.

    Any attribute may be set on it; tensors belong into :meth:`save_for_backward`, which makes no
    cycles and notices when one is changed in place.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        Which arguments of ``forward`` require a gradient.

    Examples
    --------
    >>> import autograd
    >>> class Largest(autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         values, index = x.max(0)
    ...         ctx.save_for_backward(x, index)
    ...         ctx.mark_non_differentiable(index)
    ...         ctx.set_materialize_grads(False)
    ...         return values, index
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad, _):
    ...         x, index = ctx.saved_tensors
    ...         if grad is None or not ctx.needs_input_grad[0]:
    ...             return None
    ...         return autograd.zeros_like(x).index_put((index,), grad)
    >>> x = autograd.tensor([1.0, 3.0, 2.0], requires_grad=True)
    >>> value, index = Largest.apply(x)
    >>> value.backward()
    >>> x.grad, index.requires_grad
    (tensor([0., 1., 0.]), False)

    One that changes its argument says so, and returns it:

    >>> class Doubled(autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.mark_dirty(x)
    ...         return x.mul_(2)
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         return 2 * grad
    >>> y = x * 1
    >>> Doubled.apply(y) is y, autograd.grad(y.sum(), x)
    (True, (tensor([2., 2., 2.]),))

    Source: ``torch.autograd.function.FunctionCtx``.
    """

    needs_input_grad: tuple[bool, ...] = ()
    _materializes = True
    _to_save: tuple[Any, ...] = ()
    _dirty: tuple[Any, ...] = ()
    _constant: tuple[Any, ...] = ()
    _op: weakref.ref[Any] | None = None

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep arguments, outputs or what was computed on the way for ``backward``.

        Raises
        ------
        TypeError
            If one is neither a Tensor nor None.
        """
        for i, tensor in enumerate(tensors):
            if tensor is not None and not is_tensor(tensor):
                raise TypeError(
                    f"save_for_backward: expected Tensors, got {type(tensor).__name__} at {i}; set "
                    "an attribute of ctx for anything else"
                )
        self._to_save = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What ``save_for_backward`` was given.

        Raises
        ------
        RuntimeError
            If one was changed in place since, or an earlier backward has let them go.
        """
        op = None if self._op is None else self._op()
        if op is None:
            return self._to_save
        if "saved" not in op.cached:
            raise RuntimeError(
                f"{op.name}: the tensors saved for backward were let go by an earlier backward; "
                "call that one with retain_graph=True to walk the graph twice"
            )
        return tuple(
            None if one is None else one.tensor(op, i) for i, one in enumerate(op.cached["saved"])
        )

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Say that no gradient flows through these outputs (integers need not be named)."""
        self._constant = outputs

    def mark_dirty(self, *inputs: Tensor) -> None:
        """Say that ``forward`` changed these arguments in place; it has to return them."""
        self._dirty = inputs

    def set_materialize_grads(self, value: bool) -> None:
        """Choose what ``backward`` gets for an output that nothing came to: zeros, or None."""
        self._materializes = value


class Function:
    """An op of one's own: subclass with static ``forward`` and ``backward``, call ``apply``.

    ``forward(ctx, *args)`` computes on Tensors without being recorded and returns one Tensor or a
    tuple.  ``backward(ctx, *grads)`` gets one gradient an output and returns one an argument, None
    for arguments that are no Tensors or need none; if it uses Backlight's ops, higher derivatives
    follow from it.  With a static ``setup_context(ctx, inputs, output)`` the ``forward`` takes no
    ctx.  A static ``jvp(ctx, *tangents)`` is what forward mode uses; without one it transposes
    ``backward``.

    Raises
    ------
    RuntimeError
        From backward: a wrong number of gradients, one of a wrong shape, one for an argument that
        is no Tensor, or a saved tensor that was changed in place.
    NotImplementedError
        If ``forward`` or ``backward`` is missing where it is needed.

    Examples
    --------
    >>> import autograd
    >>> class Cube(autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         (x,) = ctx.saved_tensors
    ...         return grad * 3 * x**2
    >>> x = autograd.tensor(2.0, requires_grad=True)
    >>> y = Cube.apply(x)
    >>> y.grad_fn
    <Op Cube () float32>
    >>> autograd.grad(y, x)
    (tensor(12.),)

    With ``setup_context``, and forward mode by a ``jvp`` of its own:

    >>> class Square(autograd.Function):
    ...     @staticmethod
    ...     def forward(x):
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def setup_context(ctx, inputs, output):
    ...         ctx.save_for_backward(*inputs)
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         return 2 * ctx.saved_tensors[0] * grad
    ...
    ...     @staticmethod
    ...     def jvp(ctx, tangent):
    ...         return 2 * ctx.saved_tensors[0] * tangent
    >>> autograd.jvp(Square.apply, autograd.tensor(3.0), autograd.tensor(1.0))
    (tensor(9.), tensor(6.))

    Source: ``torch.autograd.Function``.
    """

    _rows: dict[Any, FunctionRow]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._rows = {}

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the output; to be written by the subclass.

        Raises
        ------
        NotImplementedError
            If the subclass has none.
        """
        raise NotImplementedError("Function: the subclass has to define a static forward")

    @staticmethod
    @undefined
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Save what backward needs, if ``forward`` takes no ctx.

        Raises
        ------
        NotImplementedError
            If the subclass has none.
        """
        raise NotImplementedError("Function: setup_context is not defined")

    @staticmethod
    @undefined
    def backward(ctx: Any, *grads: Any) -> Any:
        """Return the gradients of the arguments; to be written by the subclass.

        Raises
        ------
        NotImplementedError
            If the subclass has none.
        """
        raise NotImplementedError(
            "Function: the subclass has to define a static backward (or vjp, its other name)"
        )

    vjp = backward

    @staticmethod
    @undefined
    def jvp(ctx: Any, *tangents: Any) -> Any:
        """Return the tangents of the outputs; optional.

        Raises
        ------
        NotImplementedError
            If the subclass has none.
        """
        raise NotImplementedError("Function: jvp is not defined")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute the forward and, if an argument requires grad, record it as one op.

        Raises
        ------
        TypeError, RuntimeError
            If ``forward`` does not return Tensors, or changed or returned what it should not.
        """
        apart = defines(cls, "setup_context")
        if kwargs:
            args = positional(cls, args, kwargs, apart)
        mode = MODE.get()
        inputs = [arg for arg in args if is_tensor(arg)]
        nodes = tuple([tensor.node for tensor in inputs])
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple([is_tensor(a) and a.node is not None for a in args])
        finite = finite_arguments(args, mode)  # before forward, which may change them
        token = MODE.set(mode.but(recording=False))
        try:
            if apart:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        finally:
            MODE.reset(token)
        several = isinstance(result, tuple)
        results = result if several else (result,)
        check_results(cls, results)
        recording = mode.recording and any(node is not None for node in nodes)
        check_dirty(cls, ctx, inputs, results, recording)
        if finite is not None:
            check_function(cls.__name__, finite, results, mode.but(location=_user_frame()))
        flows = [
            is_tensor(t) and t.dtype.char in FLOATS and not among(t, ctx._constant) for t in results
        ]
        if recording and any(flows):
            results = record_call(cls, ctx, args, inputs, nodes, results, flows, several, mode)
        else:
            results = tuple([unrecorded(t, inputs, ctx._dirty) for t in results])
        return results if several else results[0]


def once_differentiable(backward: F) -> F:
    """Let a Function's ``backward`` use anything, NumPy included; refuse higher derivatives.

    Examples
    --------
    >>> import autograd, numpy as np
    >>> class Sine(autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return autograd.from_numpy(np.sin(x.detach().numpy()))
    ...
    ...     @staticmethod
    ...     @autograd.once_differentiable
    ...     def backward(ctx, grad):
    ...         (x,) = ctx.saved_tensors
    ...         return autograd.from_numpy(np.cos(x.detach().numpy())) * grad
    >>> x = autograd.tensor([0.0], requires_grad=True)
    >>> Sine.apply(x).backward()
    >>> x.grad
    tensor([1.])

    Source: ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def first_order(ctx: FunctionCtx, *grads: Any) -> Any:
        mode = MODE.get()
        token = MODE.set(mode.but(recording=False))
        try:
            sent = backward(ctx, *[g.detach() if is_tensor(g) else g for g in grads])
        finally:
            MODE.reset(token)
        op = None if ctx._op is None else ctx._op()
        if not mode.recording or op is None:
            return sent
        nodes = [*op.operands, *(g.node for g in grads if is_tensor(g))]
        several = isinstance(sent, tuple)
        guarded = tuple(
            refusing(op.name, t.payload, [n for n in nodes if n is not None], mode)
            if is_tensor(t)
            else t
            for t in (sent if several else (sent,))
        )
        return guarded if several else guarded[0]

    return first_order  # type: ignore[return-value]
