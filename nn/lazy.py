"""Lazy layers: their number of input features is that of the first input.

A lazy layer has parameters without elements until it is called, or until a state dict with shapes
is loaded; then it becomes the layer itself, class and all. Its parameters stay the same objects, so
that an optimizer may have them before.
"""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import Any

from autograd.hollow import is_hollow

from . import hooks
from .batch_normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .functional.arguments import check_tensor
from .hollow import empty, shape_only
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class _Lazy(Module):
    """A layer of 0 input features, to be replaced by ``becomes`` of the right number."""

    becomes: type[Module]
    sized = "in_channels"  # the attribute, which is the constructor's first argument
    axis = 1  # of the input, along which features lie; from the end where a batch may lack
    of_weight = 1  # axis of the weight along which they lie

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        bound = inspect.signature(self.becomes).bind(0, *args, **kwargs)
        bound.apply_defaults()
        super().__init__(bound.arguments.get("groups", 0), *args, **kwargs)
        self._arguments = {**bound.arguments}
        setattr(self, self.sized, 0)
        if self.weight is not None and 0 not in self.weight.shape:
            shape = list(self.weight.shape)
            shape[self.of_weight] = 0
            self.weight.data = Parameter(empty(tuple(shape), self.weight.dtype)).detach()
        hooks.register(self._forward_pre_hooks, _become, with_kwargs=True)

    @property
    def _lazy_names(self) -> list[str]:
        """The parameters and buffers that take the shapes of a state dict."""
        return [*self._parameters, *self._buffers]

    def _loaded(self) -> int:
        """Return the features of the weight that was loaded, or 0."""
        for name, axis in (("weight", self.of_weight), ("running_mean", 0)):
            tensor = getattr(self, name, None)
            if tensor is not None:
                groups = self._arguments.get("groups", 1) if self.of_weight == 1 else 1
                return tensor.shape[axis] * groups
        return 0

    def _features(self, x: Any) -> int:
        """Return how many features an input has."""
        check_tensor(type(self).__name__, input=x)
        if not -x.ndim <= self.axis < x.ndim:
            raise ValueError(
                f"{type(self).__name__}: input of shape {tuple(x.shape)} has no axis of features"
            )
        return x.shape[self.axis]

    def _grow(self, features: int) -> None:
        """Take the shapes and the start of the layer of so many features."""
        own = {**self._parameters, **self._buffers}
        there = [tensor for tensor in own.values() if tensor is not None]
        dtype = next((t.dtype for t in there if t.dtype.kind == "f"), None)
        hollow = any(is_hollow(t.payload) for t in there)
        with shape_only() if hollow else nullcontext():
            grown = self.becomes(**self._arguments | {self.sized: features, "dtype": dtype})
        for name, tensor in (*grown._parameters.items(), *grown._buffers.items()):
            if own[name] is not None:
                own[name].data = tensor.detach()

    def _become(self, x: Any) -> None:
        """Become the layer that an input asks for, or that was loaded."""
        features = self._loaded()
        if not features:
            features = self._features(x)
            self._grow(features)
        setattr(self, self.sized, features)
        table = self._forward_pre_hooks
        for key in [key for key, hook in table.items() if hook.function is _become]:
            del table[key]
        del self.__dict__["_arguments"]
        self.__class__ = self.becomes


def _become(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Size a lazy layer by the input of its first call (a pre-hook)."""
    module._become(args[0] if args else kwargs.get("input"))


class _LazyInstanceNorm(_Lazy):
    """As PyTorch's with other defaults than the layers: affine, and tracking."""

    sized = "num_features"
    of_weight = 0

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            eps, momentum, affine, track_running_stats, device=device, dtype=dtype, bias=bias
        )


class LazyLinear(_Lazy, Linear):
    """:class:`Linear` without its first argument, in_features: as the first input has.

    Shapes, start and errors are those of :class:`Linear`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyLinear(2)
    >>> layer(autograd.ones(4, 3)).shape, type(layer).__name__
    ((4, 2), 'Linear')

    Source: ``torch.nn.LazyLinear``.
    """

    becomes = Linear
    sized = "in_features"
    axis = -1


class LazyConv1d(_Lazy, Conv1d):
    """:class:`Conv1d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`Conv1d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConv1d(4, 3)
    >>> layer(autograd.ones(1, 2, 5)).shape, type(layer).__name__
    ((1, 4, 3), 'Conv1d')

    Source: ``torch.nn.LazyConv1d``.
    """

    becomes = Conv1d
    axis = -2


class LazyConv2d(_Lazy, Conv2d):
    """:class:`Conv2d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`Conv2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConv2d(4, 3)
    >>> layer(autograd.ones(1, 2, 5, 5)).shape, type(layer).__name__
    ((1, 4, 3, 3), 'Conv2d')

    Source: ``torch.nn.LazyConv2d``.
    """

    becomes = Conv2d
    axis = -3


class LazyConv3d(_Lazy, Conv3d):
    """:class:`Conv3d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`Conv3d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConv3d(4, 3)
    >>> layer(autograd.ones(1, 2, 5, 5, 5)).shape, type(layer).__name__
    ((1, 4, 3, 3, 3), 'Conv3d')

    Source: ``torch.nn.LazyConv3d``.
    """

    becomes = Conv3d
    axis = -4


class LazyConvTranspose1d(_Lazy, ConvTranspose1d):
    """:class:`ConvTranspose1d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`ConvTranspose1d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConvTranspose1d(4, 3)
    >>> layer(autograd.ones(1, 2, 5)).shape, type(layer).__name__
    ((1, 4, 7), 'ConvTranspose1d')

    Source: ``torch.nn.LazyConvTranspose1d``.
    """

    becomes = ConvTranspose1d
    axis = -2
    of_weight = 0


class LazyConvTranspose2d(_Lazy, ConvTranspose2d):
    """:class:`ConvTranspose2d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConvTranspose2d(4, 3)
    >>> layer(autograd.ones(1, 2, 5, 5)).shape, type(layer).__name__
    ((1, 4, 7, 7), 'ConvTranspose2d')

    Source: ``torch.nn.LazyConvTranspose2d``.
    """

    becomes = ConvTranspose2d
    axis = -3
    of_weight = 0


class LazyConvTranspose3d(_Lazy, ConvTranspose3d):
    """:class:`ConvTranspose3d` without its first argument, in_channels: as the first input has.

    Shapes, start and errors are those of :class:`ConvTranspose3d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyConvTranspose3d(4, 3)
    >>> layer(autograd.ones(1, 2, 5, 5, 5)).shape, type(layer).__name__
    ((1, 4, 7, 7, 7), 'ConvTranspose3d')

    Source: ``torch.nn.LazyConvTranspose3d``.
    """

    becomes = ConvTranspose3d
    axis = -4
    of_weight = 0


class LazyBatchNorm1d(_Lazy, BatchNorm1d):
    """:class:`BatchNorm1d` without its first argument, num_features: as the first input has.

    Shapes, start and errors are those of :class:`BatchNorm1d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyBatchNorm1d()
    >>> layer(autograd.ones(2, 3, 5)).shape, type(layer).__name__
    ((2, 3, 5), 'BatchNorm1d')

    Source: ``torch.nn.LazyBatchNorm1d``.
    """

    becomes = BatchNorm1d
    sized = "num_features"
    axis = 1
    of_weight = 0


class LazyBatchNorm2d(_Lazy, BatchNorm2d):
    """:class:`BatchNorm2d` without its first argument, num_features: as the first input has.

    Shapes, start and errors are those of :class:`BatchNorm2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyBatchNorm2d()
    >>> layer(autograd.ones(2, 3, 5, 5)).shape, type(layer).__name__
    ((2, 3, 5, 5), 'BatchNorm2d')

    Source: ``torch.nn.LazyBatchNorm2d``.
    """

    becomes = BatchNorm2d
    sized = "num_features"
    axis = 1
    of_weight = 0


class LazyBatchNorm3d(_Lazy, BatchNorm3d):
    """:class:`BatchNorm3d` without its first argument, num_features: as the first input has.

    Shapes, start and errors are those of :class:`BatchNorm3d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyBatchNorm3d()
    >>> layer(autograd.ones(2, 3, 5, 5, 5)).shape, type(layer).__name__
    ((2, 3, 5, 5, 5), 'BatchNorm3d')

    Source: ``torch.nn.LazyBatchNorm3d``.
    """

    becomes = BatchNorm3d
    sized = "num_features"
    axis = 1
    of_weight = 0


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """:class:`InstanceNorm1d` without its first argument, num_features: as the first input has.

    Affine and with running statistics, if nothing else is said.

    Shapes, start and errors are those of :class:`InstanceNorm1d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyInstanceNorm1d()
    >>> layer(autograd.ones(2, 3, 5)).shape, type(layer).__name__
    ((2, 3, 5), 'InstanceNorm1d')

    Source: ``torch.nn.LazyInstanceNorm1d``.
    """

    becomes = InstanceNorm1d
    axis = -2


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """:class:`InstanceNorm2d` without its first argument, num_features: as the first input has.

    Affine and with running statistics, if nothing else is said.

    Shapes, start and errors are those of :class:`InstanceNorm2d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyInstanceNorm2d()
    >>> layer(autograd.ones(2, 3, 5, 5)).shape, type(layer).__name__
    ((2, 3, 5, 5), 'InstanceNorm2d')

    Source: ``torch.nn.LazyInstanceNorm2d``.
    """

    becomes = InstanceNorm2d
    axis = -3


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    """:class:`InstanceNorm3d` without its first argument, num_features: as the first input has.

    Affine and with running statistics, if nothing else is said.

    Shapes, start and errors are those of :class:`InstanceNorm3d`.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.LazyInstanceNorm3d()
    >>> layer(autograd.ones(2, 3, 5, 5, 5)).shape, type(layer).__name__
    ((2, 3, 5, 5, 5), 'InstanceNorm3d')

    Source: ``torch.nn.LazyInstanceNorm3d``.
    """

    becomes = InstanceNorm3d
    axis = -4
