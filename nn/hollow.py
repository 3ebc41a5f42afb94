"""Shape-only networks: built at no cost in memory or time, to be counted and not to be run.

Within ``with nn.shape_only():`` every ``Parameter`` is hollow (``autograd.hollow``): it has a shape
and a dtype and occupies nothing, and initialisers, like any write to it, do nothing. VGG-19 and its
574 MB are then there at once. Such a network runs on *empty batches*, (0, 3, 224, 224), which pass
every shape through every line of ``forward``, the user's own included; this is how ``nn.geometry``
and ``viz.summary`` look at a model. Where values would be needed it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.hollow import BUILDING, hollow, is_hollow

from . import hooks

__all__ = ["empty", "guard", "shape_only"]


@contextmanager
def shape_only() -> Iterator[None]:
    """Build modules whose parameters have shapes and no values, within a ``with`` block.

    The model takes empty batches, counts, prints and copies. It refuses, with a RuntimeError, a
    batch that has samples, a change of its parameters, an optimizer, ``autograd.save``, and
    ``load_state_dict`` unless with ``assign=True``, which gives it values. The block holds for its
    own thread and its own async task; buffers, which are small, are real.

    Examples
    --------
    >>> import autograd, nn
    >>> with nn.shape_only():
    ...     layer = nn.Linear(25088, 4096)  # 411 MB
    >>> layer.weight.shape, layer(autograd.zeros(0, 25088)).shape
    ((4096, 25088), (0, 4096))
    >>> layer(autograd.zeros(1, 25088))
    Traceback (most recent call last):
    RuntimeError: Linear: the model was built under nn.shape_only() and holds no values, so it \
takes empty batches only, got an input of shape (1, 25088)

    Source: PyTorch's ``torch.device("meta")``.
    """
    token = BUILDING.set(True)
    try:
        yield
    finally:
        BUILDING.reset(token)


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """Return an array for a new parameter: its values are arbitrary, and under `shape_only` none.

    Examples
    --------
    >>> empty((2, 3), np.float32).shape
    (2, 3)
    """
    return hollow(shape, dtype) if BUILDING.get() else np.empty(shape, dtype)


def guard(module: Any) -> None:
    """See to it that a module with hollow parameters refuses a batch that has samples."""
    table = module._forward_pre_hooks
    if not any(hook.function is _refuse_samples for hook in table.values()):
        hooks.register(table, _refuse_samples, with_kwargs=True)


def _refuse_samples(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise if an input has elements and a parameter of the module has no values (a pre-hook)."""
    own = module._parameters.values()
    if not any(parameter is not None and is_hollow(parameter.payload) for parameter in own):
        return  # it has been replaced
    for x in (*args, *kwargs.values()):
        if isinstance(x, (Tensor, np.ndarray)) and np.size(x):
            raise RuntimeError(
                f"{type(module).__name__}: the model was built under nn.shape_only() and holds no "
                f"values, so it takes empty batches only, got an input of shape {tuple(x.shape)}"
            )
