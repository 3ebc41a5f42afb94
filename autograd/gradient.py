"""Gradient: where a Tensor's is kept, how it is asked for, and who is told of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd import backprop, hooks
from autograd.graph import Leaf, Op
from autograd.record import handle, is_tensor

if TYPE_CHECKING:
    from autograd.graph import Node
    from autograd.tensor import Tensor


class Gradient:
    """What ``Tensor`` inherits: ``.grad``, ``backward``, and hooks.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> y.backward()
    >>> x.grad, y.retains_grad
    (tensor(6.), False)

    Source: ``torch.Tensor``.
    """

    __slots__ = ()
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    if TYPE_CHECKING:

        @property
        def node(self) -> Node | None:
            """See ``Tensor.node``."""

    @property
    def grad(self) -> Tensor | None:
        """The gradient: a leaf's accumulates here; another tensor's is what its op kept.

        None means "never computed", which is not zero.
        """
        node = self.node
        if node is None:
            return getattr(self, "_frozen", (None, None))[1]
        if isinstance(node, Leaf):
            return node.grad  # type: ignore[no-any-return]
        found = hooks.hooks_of(node)
        if found is not None and (found.retains or found.grad is not None):
            return found.grad
        return None if node.grad is None else handle(node.grad, None)

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        node = self.node
        frozen = getattr(self, "_frozen", None) if node is None else None
        retaining = hooks.hooks_of(node) if isinstance(node, Op) else None
        if not isinstance(node, Leaf) and frozen is None and retaining is None:
            raise RuntimeError(
                "grad: can be set only on a leaf that requires grad, got "
                + ("a tensor that requires none" if node is None else f"the output of {node.name}")  # type: ignore[attr-defined]
            )
        if value is not None and not is_tensor(value):
            raise TypeError(f"grad: expected a Tensor or None, got {type(value).__name__}")
        if value is not None and (value.shape, value.dtype) != (self.shape, self.dtype):
            raise RuntimeError(
                f"grad: expected shape {self.shape} and dtype {self.dtype}, got {value.shape} and "
                f"{value.dtype}"
            )
        if value is not None and value is self:
            raise RuntimeError("grad: a tensor cannot be its own gradient")
        if frozen is not None:
            cast("Tensor", self)._frozen = frozen[0], value
        elif retaining is not None:
            retaining.grad = value
        else:
            node.grad = value  # type: ignore[union-attr]

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute the gradient of this tensor with respect to the leaves, adding to ``.grad``.

        Drains :func:`autograd.steps`, which has the parameters.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).backward(autograd.tensor([1.0, 10.0]))
        >>> x.grad
        tensor([ 2., 40.])

        Source: ``torch.Tensor.backward``.
        """
        backprop.backward(self, gradient, retain_graph, create_graph, inputs)  # type: ignore[arg-type]

    def retain_grad(self) -> None:
        """Let ``.grad`` of a tensor that was computed accumulate, as a leaf's does.

        Without it ``.grad`` is what the last backward left, and nothing if that was large.  On a
        leaf it does nothing.

        Raises
        ------
        RuntimeError
            If the tensor requires no gradient.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> y.retain_grad()
        >>> for _ in range(2):
        ...     (y * 5).backward(retain_graph=True)
        >>> y.grad
        tensor(10.)

        Source: ``torch.Tensor.retain_grad``.
        """
        node = self._hookable("retain_grad")
        if isinstance(node, Op):
            hooks.hooked(node).retains = True

    @property
    def retains_grad(self) -> bool:
        """Whether :meth:`retain_grad` was called on a tensor that was computed."""
        node = self.node
        found = hooks.hooks_of(node) if isinstance(node, Op) else None
        return found is not None and found.retains

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> hooks.RemovableHandle:
        """Call ``hook(grad)`` with the complete gradient of this tensor in every backward.

        What the hook returns, if not None, takes the gradient's place, for the op that made the
        tensor, for ``.grad`` and for the hooks registered after it.  The hook stays with the value:
        a later change in place gives the tensor another one, which has no hook.  It records only
        under ``create_graph``.

        Parameters
        ----------
        hook : callable
            Called with a Tensor; returns None or a Tensor of the same shape and dtype.

        Returns
        -------
        RemovableHandle
            With ``remove()``.

        Raises
        ------
        RuntimeError
            If the tensor requires no gradient.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, -2.0], requires_grad=True)
        >>> handle = x.register_hook(lambda grad: grad.clamp(-1, 1))
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([ 1., -1.])
        >>> handle.remove()

        Source: ``torch.Tensor.register_hook``.
        """
        return hooks.register(self._hookable("register_hook"), "tensor", hook)

    def register_post_accumulate_grad_hook(
        self, hook: Callable[[Tensor], None]
    ) -> hooks.RemovableHandle:
        """Call ``hook(tensor)`` each time a backward has added to the ``.grad`` of this leaf.

        An optimiser that steps here can set ``.grad`` to None before the next gradient is computed.

        Raises
        ------
        RuntimeError
            If the tensor is no leaf, or requires no gradient.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
        >>> def step(x):
        ...     with autograd.no_grad():
        ...         x -= 0.1 * x.grad
        ...     x.grad = None
        >>> handle = x.register_post_accumulate_grad_hook(step)
        >>> (x * x).sum().backward()
        >>> x
        tensor([0.8000, 1.6000], requires_grad=True)

        Source: ``torch.Tensor.register_post_accumulate_grad_hook``.
        """
        node = self._hookable("register_post_accumulate_grad_hook")
        if isinstance(node, Op):
            raise RuntimeError(
                "register_post_accumulate_grad_hook: only leaves accumulate, got the output of "
                f"{node.name}; register_hook sees its gradient"
            )
        hooks.hooked(node).owner = weakref.ref(cast("Tensor", self))
        return hooks.register(node, "accumulated", hook)

    def _hookable(self, what: str) -> Node:
        node = self.node
        if node is None:
            raise RuntimeError(f"{what}: no gradient comes to a tensor that requires none")
        return node
