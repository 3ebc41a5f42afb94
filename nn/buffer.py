"""Buffer: a tensor that is state of a module and is not trained, registered by assignment."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

__all__ = ["Buffer"]


class Buffer(Tensor):
    """A tensor that is registered as a buffer when it is assigned to a ``Module``.

    The same as ``register_buffer`` with the attribute's name.

    Parameters
    ----------
    data : Tensor or array-like
        The values to start from; they are copied.
    persistent : bool
        Whether the buffer is part of ``state_dict``.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.Module()
    >>> layer.mean, layer.cache = nn.Buffer([0.0]), nn.Buffer([1.0], persistent=False)
    >>> [name for name, _ in layer.named_buffers()], list(layer.state_dict())
    (['mean', 'cache'], ['mean'])

    Source: ``torch.nn.Buffer``.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any, *, persistent: bool = True) -> None:
        super().__init__(data)
        self.persistent = persistent

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        again: Any = super().__deepcopy__(memo)
        again.persistent = self.persistent
        return again

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _made_again, (type(self), self.payload, self.persistent)


def _made_again(cls: type[Buffer], payload: Any, persistent: bool) -> Buffer:
    """Copy a buffer, for ``pickle``."""
    return cls(payload, persistent=persistent)
