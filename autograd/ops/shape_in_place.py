"""Shapes changed in place: ``x.unsqueeze_(0)`` makes x the view that ``x.unsqueeze(0)`` returns.

No number is written, so what operations saved stays true.  Other views of x may look into it with
the shape that it had: where x owned its memory, a tensor that no one else holds takes its place as
their root, and x is a view of that one like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.graph import Leaf
from autograd.hooks import move_retention
from autograd.modes import MODE
from autograd.naming import named
from autograd.ops import axes, shape
from autograd.record import handle

if TYPE_CHECKING:
    from autograd.tensor import Tensor

DOCSTRING = """Change the tensor into the view that ``{base}`` returns; returns the tensor itself.

    Raises
    ------
    RuntimeError
        If the tensor is a leaf that requires grad.
    IndexError
        If there is no such dim.

    Examples
    --------
    >>> import autograd
    >>> x = autograd.zeros({x})
    >>> x.{name}({arguments}).shape, x.shape
    ({result}, {result})

    Source: ``torch.Tensor.{name}``.
    """


def _method(function: Callable[..., Any], name: str, example: str) -> Callable[..., Tensor]:
    """Make the method that takes a view in place; its example is ``x, arguments, result``."""

    def change(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
        try:
            return _become(name, self, function, arguments, options)
        except Exception as error:
            raise named(error, name, (self, *arguments)) from None

    x, given, result = example.split("; ")
    change.__name__ = change.__qualname__ = name
    change.__doc__ = DOCSTRING.format(
        name=name, base=name[:-1], x=x, arguments=given, result=result
    )
    return change


def _become(
    name: str, x: Tensor, function: Callable[..., Any], arguments: Any, options: Any
) -> Tensor:
    if isinstance(x.node, Leaf):
        raise RuntimeError(
            f"{name}: the shape of a leaf that requires grad, here {x.shape}, is that of its "
            f"gradient; assign the result of {name[:-1]}"
        )
    storage = x.share()
    owner = x if x.view_of is not None else handle(x.payload, x._node, storage)
    token = MODE.set(MODE.get().but(recording=True))
    try:
        taken = function(owner, *arguments, **options)
    finally:
        MODE.reset(token)
    if taken.view_of is not None:  # otherwise there was nothing to change
        before = x._node
        x.payload, x._node, x.view_of = taken.payload, taken._node, taken.view_of
        move_retention(before, x._node)
    return x


squeeze_ = _method(shape.squeeze, "squeeze_", "1, 3; 0; (3,)")
unsqueeze_ = _method(shape.unsqueeze, "unsqueeze_", "3; 0; (1, 3)")
transpose_ = _method(axes.transpose, "transpose_", "2, 3; 0, 1; (3, 2)")
swapaxes_ = _method(axes.transpose, "swapaxes_", "2, 3; 0, 1; (3, 2)")
swapdims_ = _method(axes.transpose, "swapdims_", "2, 3; 0, 1; (3, 2)")
t_ = _method(axes.t, "t_", "2, 3; ; (3, 2)")
