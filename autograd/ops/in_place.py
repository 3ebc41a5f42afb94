"""In-place changes: the ordinary op, then a write into the buffer and a new node.

A Tensor changed in place gets the node of the op that computed the new value.  Changed through a
view, it is the root that adopts a node, ``assign(old root, new value, view)``, and every view of
that storage derives its node again when next asked.  What earlier ops saved is guarded by the
storage's version; an operand that the write overwrites and the rule names is copied first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Leaf, Node, Op
from autograd.hollow import skip_write
from autograd.hooks import move_retention
from autograd.modes import MODE
from autograd.naming import naming, type_name
from autograd.op import elementwise, structural
from autograd.ops import (
    powers,
)
from autograd.ops.indexing import getitem_at, is_basic, parts_of, plain, put_at, shown, window
from autograd.ops.passing import cast
from autograd.ops.shape import reshape
from autograd.payload import held_by, payload_of
from autograd.promotion import category
from autograd.record import handle, is_tensor, numbers, record_without_forward
from autograd.storage import Chain, follow, new_storage

if TYPE_CHECKING:
    from autograd.tensor import Tensor


@structural(
    x=lambda upstream, chain: assign(upstream, upstream.dtype.type(0), chain=chain),  # type: ignore[has-type]
    value=lambda upstream, chain: follow(upstream, chain),
)
def assign(x: Any, value: Any, *, chain: Chain) -> Any:
    """Return a copy of x in which the view that ``chain`` describes holds ``value``."""
    z = np.array(x, order="C")
    window = follow(z, chain)
    if np.may_share_memory(window, z):
        window[...] = value
    else:  # the view exists in the root's memory order, which a gradient need not have
        z.reshape(-1)[follow(np.arange(z.size).reshape(z.shape), chain)] = value
    return z


@elementwise(promotes=None, x=0, source=1)
def copied(x: Any, source: Any) -> Any:
    """Forget x and take the source's values, cast to x's dtype and repeated to its shape."""
    source = np.asarray(source, x.dtype)
    if not _fits(source.shape, x.shape):
        raise RuntimeError(f"copy_: values of shape {source.shape} do not fit shape {x.shape}")
    source = source.reshape(source.shape[max(source.ndim - x.ndim, 0) :])  # leading 1s
    return np.array(np.broadcast_to(source, x.shape))[()]


def _fits(source: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Tell whether values of one shape can be repeated to fill another."""
    lead = len(source) - len(target)
    pairs = zip(source[::-1], target[::-1], strict=False)
    return all(n == 1 for n in source[: max(lead, 0)]) and all(n in (1, m) for n, m in pairs)


def in_place(
    name: str, target: Tensor, function: Callable[..., Any], *operands: Any, **attributes: Any
) -> Tensor:
    """Compute ``function(target, *operands)``, write it into ``target`` and return it.

    ``name`` is what errors call the change: ``mul_``.

    Raises
    ------
    RuntimeError
        If the target is a leaf that requires grad (or a view of one) and operations are being
        recorded, if the result has another shape, or if its dtype cannot be held.
    """
    if skip_write(name, target.payload):
        return target
    recording = MODE.get().recording
    view = target.view_of
    root = target if view is None else view.root
    if recording and (isinstance(root.node, Leaf) or isinstance(target.node, Leaf)):
        raise RuntimeError(
            f"{name}: a leaf that requires grad{' (through a view)' if view else ''} cannot be "
            "changed in place while operations are recorded; use torch's idiom, "
            "`with autograd.no_grad():`"
        )
    first, *rest = [_apart(operand, target) for operand in (target, *operands)]
    result = function(first, *rest, **attributes)
    _check(name, target, result)
    if result.dtype != target.dtype:
        result = cast(result, dtype=target.dtype)
    if type(target.payload) is np.ndarray:
        _writable(name, target)
    _keep_what_was(target, root, first)  # only now: a change that is refused changes nothing
    if type(target.payload) is np.ndarray:
        target.payload[...] = result.payload
    else:
        target.payload = result.payload
        if isinstance(target._node, Leaf):
            target._node.value = result.payload
    storage = target.storage
    if storage is None:
        storage = target.storage = new_storage()
        if isinstance(target._node, Leaf):
            target._node.storage = storage
    storage.touch()
    if recording:
        before = root._node
        _adopt(target, root, result)
        move_retention(before, root._node)
    return target


def _writable(name: str, target: Tensor) -> None:
    """Refuse memory that cannot be written to, or in which several elements are one cell."""
    array = target.payload
    if not array.flags.writeable:
        raise RuntimeError(
            f"{name}: the tensor's memory is read-only, or its windows overlap; change a clone() "
            "of it"
        )
    if (
        array.size
        and 0 in array.strides
        and any(n > 1 and not step for n, step in zip(array.shape, array.strides, strict=True))
    ):
        raise RuntimeError(
            f"{name}: several elements of an expanded view are one cell of memory; change a "
            "clone() of it"
        )


def _keep_what_was(target: Tensor, root: Tensor, before: Any) -> None:
    """Let the op that made the target keep the value it computed, not what is written over it."""
    for tensor, value in ((target, before.payload), (root, None)):
        node = tensor._node
        if (
            isinstance(node, Op)
            and type(tensor.payload) is np.ndarray
            and node.value is tensor.payload
        ):
            node.value = value


def _apart(operand: Any, target: Tensor) -> Any:
    """Copy an operand that the write will overwrite, so that what an op saves stays true."""
    if not is_tensor(operand) or type(operand.payload) is not np.ndarray:
        return operand
    if operand is target or (operand.storage is not None and operand.storage is target.storage):
        return handle(operand.payload.copy(), operand.node)
    if np.may_share_memory(operand.payload, target.payload):
        return handle(operand.payload.copy(), operand.node)
    return operand


def _check(name: str, target: Tensor, result: Any) -> None:
    if result.shape != target.shape:
        raise RuntimeError(
            f"{name}: a tensor of shape {target.shape} cannot hold the result of shape "
            f"{result.shape}"
        )
    if category(result.dtype) > category(target.dtype):
        raise RuntimeError(
            f"{name}: a tensor of dtype {target.dtype} cannot hold the result of dtype "
            f"{result.dtype}"
        )


def _adopt(target: Tensor, root: Tensor, result: Tensor) -> None:
    """Give the root (and so its views) the node of the new value."""
    view = target.view_of
    if view is None or root.storage is not target.storage:  # or the root got other data since
        target.view_of = None
        target._node = result._node
    elif root.node is not None or result._node is not None:
        nodes = (root.node, result._node)
        root._node = record_without_forward(
            assign.row,  # type: ignore[attr-defined]
            nodes,
            root.shape,
            root.dtype,
            chain=view.chain,
        )
    if target.storage is not None:
        target.storage.rebased += 1


@naming
def copy_(self: Tensor, source: Any, non_blocking: bool = False) -> Tensor:
    """Take the values of ``source``, cast and repeated to fit; returns the tensor itself.

    Raises
    ------
    RuntimeError
        If the source cannot be broadcast to this shape, or as any change in place of a leaf that
        requires grad.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2, 2).copy_(autograd.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])

    Source: ``torch.Tensor.copy_``.
    """
    source = _written("copy_", self, source)
    if np.ndim(source) > self.ndim:
        raise RuntimeError(f"copy_: values of shape {np.shape(source)} do not fit {self.shape}")
    return in_place("copy_", self, copied, source)


def float_power_(self: Tensor, exponent: Any) -> Tensor:
    """In-place version of ``float_power``, whose result only a float64 tensor can hold.

    Raises
    ------
    RuntimeError
        If the tensor is not float64, or as any change in place of a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> autograd.tensor([2.0, 3.0], dtype=autograd.float64).float_power_(2)
    tensor([4., 9.], dtype=float64)

    Source: ``torch.Tensor.float_power_``.
    """
    if self.dtype != np.float64:
        raise RuntimeError(
            f"float_power_: a tensor of dtype {self.dtype} cannot hold the result, which is float64"
        )
    return in_place("float_power_", self, powers.float_power, exponent)


def fill_(self: Tensor, value: Any) -> Tensor:
    """Set every element to ``value``, a number or a 0-d tensor; returns the tensor itself.

    Raises
    ------
    RuntimeError
        If the value is not one number, or as any change in place of a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> autograd.zeros(2).fill_(3)
    tensor([3., 3.])

    Source: ``torch.Tensor.fill_``.
    """
    value = _written("fill_", self, value)
    if np.ndim(value):
        raise RuntimeError(f"fill_: expected one number, got shape {np.shape(value)}")
    return in_place("fill_", self, copied, value)


def _written(name: str, target: Tensor, value: Any) -> Any:
    """Return a value that can be written: a Tensor, an array, or a number that the dtype holds."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        held_by(target.dtype, value, name)
        return value if target.dtype.kind in "fb" else payload_of(value, target.dtype, name=name)
    if not (is_tensor(value) or isinstance(value, (np.ndarray, bool))):
        raise TypeError(f"{name}: expected a Tensor, an array or a number, got {type_name(value)}")
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
        raise TypeError(f"{name}: expected numbers, got an array of dtype {value.dtype}")
    return value


def zero_(self: Tensor) -> Tensor:
    """Set every element to 0; returns the tensor itself.

    Raises
    ------
    RuntimeError
        As any change in place of a leaf that requires grad.

    Examples
    --------
    >>> import autograd
    >>> autograd.ones(2).zero_()
    tensor([0., 0.])

    Source: ``torch.Tensor.zero_``.
    """
    return in_place("zero_", self, copied, 0)


def setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write ``value`` at ``index``: ``x[index] = value``.

    Numbers, lists, arrays and tensors are cast to the tensor's dtype and broadcast.  Of several
    writes to one cell the last stays, and each value receives the cell's gradient, as in PyTorch.

    Raises
    ------
    IndexError
        If the index does not fit the tensor.
    RuntimeError
        If the value does not broadcast to ``x[index]``.
    TypeError
        If the value holds no numbers.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros(2, 3)
    >>> x[:, 1] = autograd.tensor([1.0, 2.0])
    >>> x[x == 0] = -1
    >>> x
    tensor([[-1.,  1., -1.],
            [-1.,  2., -1.]])

    Source: ``torch.Tensor.__setitem__``.
    """
    if isinstance(value, (list, tuple)):
        value = numbers("x[index] = value", value, self.dtype)
    value = _written("x[index] = value", self, value)
    if type(self.payload) is not np.ndarray:
        self.share()
    try:
        basic, arrays = plain(index), None
        if not is_basic(basic):
            basic, arrays = parts_of(basic, self.ndim)
        target = self if basic is None else getitem_at(self, index=basic)
        shape = target.shape if arrays is None else window(target.shape, arrays)
    except IndexError as error:
        raise IndexError(
            f"x[index] = value: {error}; x has shape {self.shape}, index is {shown(index)}"
        ) from None
    if not _fits(np.shape(value), shape):
        raise RuntimeError(
            f"x[index] = value: a value of shape {np.shape(value)} does not fit x[index] of shape "
            f"{shape}"
        )
    if np.ndim(value) > len(shape):
        value = reshape(value, np.shape(value)[np.ndim(value) - len(shape) :])  # leading 1s
    if arrays is None:
        in_place("x[index] = value", target, copied, value)
        return
    if skip_write("x[index] = value", target.payload):
        return
    if _is_recorded(target, value):
        in_place("x[index] = value", target, put_at, value, index=arrays)
    else:
        _writable("x[index] = value", target)
        target.payload[arrays] = value.payload if is_tensor(value) else value
        target.share().touch()


def _is_recorded(target: Tensor, value: Any) -> bool:
    """Tell whether a write changes or needs a record, beyond the count of changes."""
    root = target if target.view_of is None else target.view_of.root
    given = [value] if is_tensor(value) else []
    nodes = [tensor.node for tensor in (target, root, *given)]
    return any(isinstance(node, Op if not MODE.get().recording else Node) for node in nodes)
