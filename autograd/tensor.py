"""Tensor: a handle on a value and on the record that made it.

The value (``payload``) is an ndarray or a NumPy scalar; the record (``node``) is an op, a leaf or
None; ``storage`` tells who shares the memory, ``view_of`` how a view looks into its root.  The
methods that are operations stand in ``methods``, one line each; what concerns ``.grad`` and its
hooks in ``gradient``, what Python asks of a value in ``value``.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import copying, exchange, hooks, protocols
from autograd.gradient import Gradient
from autograd.graph import Leaf, Op
from autograd.methods import Methods
from autograd.modes import MODE
from autograd.ops import axes, comparison, passing, selection
from autograd.payload import payload_of
from autograd.record import RECORDING, handle
from autograd.representation import tensor_repr
from autograd.storage import Storage, View, follow, new_storage
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.graph import Node

FLOATS = "f"


class Tensor(Methods, Gradient, Value):
    """A scalar or an array that knows how it was computed.

    Parameters
    ----------
    data : number, nested list, ndarray or Tensor
        Copied.
    requires_grad : bool
        Whether ``backward`` shall compute a gradient for it.
    dtype : dtype, optional
        Else Python floats become float32 (the default dtype), arrays keep theirs.

    Raises
    ------
    RuntimeError
        If a gradient is asked of integers or booleans.
    TypeError
        If ``data`` holds no numbers, or ``requires_grad`` is neither True nor False.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> y.backward()
    >>> x.grad
    tensor(7.)

    What it says of its record, and its transposes:

    >>> y.requires_grad, y.is_leaf, y.grad_fn is y.node, y.retains_grad, x.is_leaf, x.grad_fn
    (True, False, True, False, True, None)
    >>> A = Tensor([[1.0, 2.0, 3.0]]).requires_grad_()
    >>> A.T.shape, A.mT.shape, A.H.shape, A.mH.shape, A.real is A, A.data.requires_grad
    ((3, 1), (3, 1), (3, 1), (3, 1), True, False)
    >>> A.share() is A.detach().storage  # one storage, which counts the changes of the memory
    True

    Source: ``torch.Tensor``.
    """

    __slots__ = ("__weakref__", "_frozen", "_node", "payload", "storage", "view_of")
    __array_priority__ = 1000

    payload: Any
    _node: Node | None
    _frozen: tuple[Leaf, Tensor | None]  # a leaf told to require none, and its gradient; else unset
    storage: Storage | None
    view_of: View | None

    def __init__(self, data: Any, requires_grad: bool = False, dtype: Any = None) -> None:
        self.payload = payload_of(data, dtype)
        self._node = None
        self.storage = None
        self.view_of = None
        if requires_grad:
            if not isinstance(requires_grad, (builtins.bool, np.bool_)):
                raise TypeError(
                    f"Tensor: requires_grad is True or False, got {requires_grad!r}; a tensor of a "
                    "shape is made by autograd.empty(2, 3)"
                )
            self.requires_grad_()

    # ------------------------------------------------------------ the record

    @property
    def node(self) -> Node | None:
        """The op that made this tensor, a ``Leaf``, or None if it needs no gradient."""
        view = self.view_of
        if view is not None and (root := view.root).storage is not None:
            rebased = root.storage.rebased
            if view.stamp != rebased:  # the root was changed in place: derive the view again
                view.stamp = rebased
                token = MODE.set(MODE.get().but(recording=True))
                try:
                    again = handle(root.payload, root.node, root.storage)
                    before, self._node = self._node, follow(again, view.chain)._node
                    hooks.move_retention(before, self._node)
                finally:
                    MODE.reset(token)
        return self._node

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows to this tensor."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for a gradient, or ask for none; returns the tensor itself.

        Raises
        ------
        RuntimeError
            If the tensor is not floating-point, or was computed and is told to require none.
        """
        if not requires_grad:
            if isinstance(self.node, Op):
                raise RuntimeError(
                    "requires_grad_(False): only leaves can be told so; use detach() for a value "
                    "that was computed"
                )
            if isinstance(self._node, Leaf):  # what still arrives there is not looked at
                self._frozen = self._node, self._node.grad
                self._node.grad = None
            self._node = None
        elif self.node is None:
            if self.dtype.kind != FLOATS:
                raise RuntimeError(
                    f"requires_grad: only floating-point tensors can require a gradient, got "
                    f"{self.dtype}"
                )
            leaf, gradient = getattr(self, "_frozen", (None, None))
            if leaf is None or (leaf.shape, leaf.dtype) != (self.shape, self.dtype):
                leaf, gradient = Leaf(self.payload), None
            leaf.value, leaf.storage, leaf.grad = self.payload, self.storage, gradient
            self._node = leaf
            self.view_of = None  # a leaf owns its record, whoever else writes to the memory
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made this tensor."""
        return not isinstance(self.node, Op)

    @property
    def grad_fn(self) -> Op | None:
        """The op that made this tensor, or None (PyTorch's name for it)."""
        node = self.node
        return node if isinstance(node, Op) else None

    def share(self) -> Storage:
        """Give the tensor an array and a storage that views and versions can refer to."""
        if type(self.payload) is not np.ndarray:
            self.payload = np.asarray(self.payload)
        if self.storage is None:
            self.storage = new_storage()
        if isinstance(self._node, Leaf):
            self._node.value = self.payload
            self._node.storage = self.storage
        return self.storage

    def detach(self) -> Tensor:
        """Return the same memory without the record.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
        >>> y = x.detach().mul_(3)
        >>> x, y.requires_grad
        (tensor([3., 6.], requires_grad=True), False)

        Source: ``torch.Tensor.detach``.
        """
        storage = self.share()
        return handle(self.payload, None, storage)

    def detach_(self) -> Tensor:
        """Forget how this tensor was computed: it becomes a leaf that requires no gradient.

        Raises
        ------
        RuntimeError
            If the tensor is a view, whose record is its root's.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor(2.0, requires_grad=True)
        >>> (x * x).detach_()
        tensor(4.)

        Source: ``torch.Tensor.detach_``.
        """
        if self.view_of is not None:
            raise RuntimeError("detach_: a view cannot be detached in place; use detach()")
        if isinstance(self.node, Leaf):
            return self.requires_grad_(False)
        self._node = None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory without the record; assigning replaces the value."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        if isinstance(value, (np.ndarray, np.generic)):
            value = handle(payload_of(value, copy=False, name="data"), None)
        elif not isinstance(value, Tensor):
            raise TypeError(f"data: expected a Tensor, got {type(value).__name__}")
        else:
            value.share()
        leaf = self._node if isinstance(self._node, Leaf) else None
        if leaf is not None and value.dtype.kind != FLOATS:
            raise RuntimeError(
                f"data: a tensor that requires grad holds floating-point numbers, got {value.dtype}"
            )
        if self.storage is not None:
            self.storage.touch()  # whatever was saved of it is not what it holds now
        self.payload, self.storage = value.payload, value.storage
        if leaf is not None:
            leaf.value, leaf.storage = self.payload, self.storage
            leaf.shape, leaf.dtype = self.payload.shape, self.payload.dtype

    def clone(self) -> Tensor:
        """Return a copy, in row-major order, that passes its gradient back.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
        >>> x.clone().mul_(3).sum().backward()
        >>> x, x.grad
        (tensor([1., 2.], requires_grad=True), tensor([3., 3.]))

        Source: ``torch.Tensor.clone``.
        """
        copy: Tensor = passing.clone(self)
        return copy

    # ------------------------------------------------------------ the value

    T = property(
        lambda self: axes.permute_axes(self, dims=tuple(range(self.ndim)[::-1])),
        doc="The tensor with its axes in reverse order.",
    )
    mT = property(lambda self: axes.matrix_transpose(self), doc="Each matrix transposed.")
    mH = property(lambda self: axes.matrix_transpose(self), doc="Each matrix transposed.")
    real = property(lambda self: self, doc="The real part: the tensor itself.")
    H = property(lambda self: axes.adjoint(self), doc="The matrix transposed.")

    @property
    def _version(self) -> int:
        """How often the memory was changed in place."""
        return 0 if self.storage is None else self.storage.version

    numpy = exchange.numpy
    __array__ = exchange.array
    __dlpack__ = exchange.dlpack
    __dlpack_device__ = exchange.dlpack_device

    def __repr__(self) -> str:
        return tensor_repr(self)

    __hash__ = object.__hash__
    __deepcopy__ = copying.deepcopy
    __reduce_ex__ = copying.reduce
    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def where(self, condition: Any, other: Any) -> Tensor:
        """Keep the elements where the condition holds, take ``other`` elsewhere.

        Examples
        --------
        >>> import autograd
        >>> x = autograd.tensor([1.0, -2.0])
        >>> x.where(x > 0, 0)
        tensor([1., 0.])

        Source: ``torch.Tensor.where``.
        """
        return selection.where(condition, self, other)  # type: ignore[no-any-return]

    def __eq__(self, other: Any) -> Any:  # what is no number equals nothing: t == None is False
        return comparison.eq(self, other) if isinstance(other, NUMERIC) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return comparison.ne(self, other) if isinstance(other, NUMERIC) else NotImplemented


NUMERIC = (Tensor, np.ndarray, np.generic, int, float)
RECORDING["Tensor"] = Tensor
