"""Copying: what ``copy.copy``, ``copy.deepcopy`` and ``pickle`` do with a Tensor.

As in PyTorch, a deep copy is of a leaf and independent of it, gradient included; a pickle holds
values and whether a gradient is asked for, never the record that made them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.graph import Leaf
from autograd.hollow import is_hollow, refuse_hollow
from autograd.promotion import own

if TYPE_CHECKING:
    from autograd.storage import Storage
    from autograd.tensor import Tensor


def deepcopy(tensor: Tensor, memo: dict[int, Any]) -> Tensor:
    """Copy a leaf with its gradient; tensors on one memory stay on one memory.

    Raises
    ------
    RuntimeError
        If the tensor was computed by a recorded op: its record cannot be copied with it.
    """
    if not tensor.is_leaf:
        raise RuntimeError(
            f"deepcopy: only leaves can be copied, got the output of "
            f"{tensor.node.name}; use t.detach().clone()"  # type: ignore[union-attr]
        )
    again = _rebuild(
        type(tensor),
        _memory(tensor.payload, memo),
        copy.deepcopy(tensor.storage, memo),
        tensor.requires_grad,
    )
    memo[id(tensor)] = again
    if tensor.requires_grad and tensor.grad is not None:
        again.grad = copy.deepcopy(tensor.grad.detach(), memo)
    return again


def _memory(payload: Any, memo: dict[int, Any]) -> Any:
    """Copy the memory that an array looks into, once, and look into the copy at the same place."""
    if is_hollow(payload):
        return payload
    owner = payload
    while type(owner) is np.ndarray and type(owner.base) is np.ndarray:
        owner = owner.base
    again = copy.deepcopy(owner, memo)
    if owner is payload or again.strides != owner.strides or not payload.size:
        return again if owner is payload else payload.copy()
    offset = payload.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    whole = again.ravel(order="K")  # in the order of the memory, so that this is no copy
    if not np.may_share_memory(whole, again) or not 0 <= offset < whole.nbytes:
        return payload.copy()
    return np.ndarray(payload.shape, payload.dtype, whole, offset, payload.strides)


def reduce(tensor: Tensor, protocol: Any) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
    """Say how a Tensor is made again, for ``pickle`` and ``copy.copy``."""
    refuse_hollow("pickle", tensor.payload)
    storage = None if tensor.view_of is not None else tensor.storage
    return _rebuild, (type(tensor), tensor.payload, storage, tensor.requires_grad)


def _rebuild(cls: type[Tensor], payload: Any, storage: Storage | None, required: bool) -> Tensor:
    if type(payload) is np.ndarray and payload.dtype is not own(payload.dtype):  # of a pickle
        payload = payload.view(own(payload.dtype))
    tensor = object.__new__(cls)
    tensor.payload, tensor.storage, tensor.view_of = payload, storage, None
    tensor._node = Leaf(payload) if required else None
    if isinstance(tensor._node, Leaf):
        tensor._node.storage = storage
    return tensor
