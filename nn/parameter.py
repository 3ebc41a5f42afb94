"""Parameter: a tensor that a module trains.

It is an ordinary leaf of the graph with two differences: it requires a gradient by default, and it
carries the name under which a module registered it ("weight"), which its leaf bears in the graph.
"""

from __future__ import annotations

from typing import Any

from autograd import Leaf, Tensor
from autograd.hollow import BUILDING, hollow, is_hollow, refuse_hollow
from autograd.payload import payload_of

__all__ = ["Parameter", "convert"]


class Parameter(Tensor):
    """A tensor that is registered as a parameter when it is assigned to a ``Module``.

    Parameters
    ----------
    data : Tensor or array-like
        The values to start from; they are copied. Python floats become float32.
    requires_grad : bool
        False freezes the parameter: it keeps its place in ``state_dict`` and is not trained.

    Examples
    --------
    >>> weight = Parameter([1.0, 2.0])
    >>> weight.requires_grad, weight.requires_grad_(False).requires_grad
    (True, False)
    >>> import nn
    >>> nn.Linear(2, 3).weight.name
    'weight'

    Source: ``torch.nn.Parameter``.
    """

    __slots__ = ("_name",)

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        self._name: str | None = None
        if BUILDING.get():  # a shape without values, as `nn.shape_only` asks
            shaped = payload_of(data, copy=False, name="Parameter")
            data = hollow(shaped.shape, shaped.dtype)
        super().__init__(data, requires_grad)

    @property
    def name(self) -> str | None:
        """The attribute of a module that holds this parameter, or None."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name
        if isinstance(self._node, Leaf):
            self._node.name = name

    def requires_grad_(self, requires_grad: bool = True) -> Parameter:
        """Free (True) or freeze (False) the parameter; returns the parameter itself."""
        super().requires_grad_(requires_grad)
        self.name = self._name  # a parameter that is freed again has a new leaf
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        again = _made_again(type(self), self.payload, self.requires_grad, self._name)
        memo[id(self)] = again
        return again  # without the gradient, as in PyTorch: it belongs to the original's loss

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        refuse_hollow("pickle", self.payload)
        return _made_again, (type(self), self.payload, self.requires_grad, self._name)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


def _made_again(
    cls: type[Parameter], payload: Any, requires_grad: bool, name: str | None
) -> Parameter:
    """Copy a parameter, for ``deepcopy`` and ``pickle``."""
    parameter = cls(payload, requires_grad)
    parameter.name = name
    return parameter


def convert(tensor: Tensor, dtype: Any) -> None:
    """Change the dtype of a leaf, and of its gradient, in place."""
    gradient, required = tensor.grad, tensor.requires_grad
    tensor.requires_grad_(False)
    old = tensor.payload
    tensor.payload = hollow(old.shape, dtype) if is_hollow(old) else old.astype(dtype)
    tensor.storage = None  # another buffer: what shared the old one keeps it
    if required:
        tensor.requires_grad_()
        tensor.grad = None if gradient is None else gradient.to(dtype)
