"""Noise: units, feature maps, weights or branches drop while training; nothing does afterwards."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from autograd import Tensor

from . import functional as F
from .functional.arguments import check_probability
from .functional.noise import check_convention, check_mode
from .module import Module

__all__ = [
    "AlphaDropout",
    "DropConnect",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "StochasticDepth",
]


class _Dropout(Module):
    """What all have: the probability p, and whether the input itself is changed."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(type(self).__name__, p)
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Inverted dropout: in training each element is 0 with probability p, else x / (1 - p).

    ``p`` is the probability of dropping, as in PyTorch: a course's "keep .8" is ``Dropout(0.2)``.
    In eval mode the layer is the identity. The backward pass uses the mask of the forward pass.

    With ``convention="keep"`` it is the dropout of the first papers: ``p`` is the probability of
    keeping, training gives x or 0, and evaluation p x.

    Shapes: x of any shape -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Dropout(0.5).eval()(autograd.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    >>> nn.Dropout(0.5, convention="keep").eval()(autograd.ones(3)).tolist()
    [0.5, 0.5, 0.5]

    Source: ``torch.nn.Dropout``; Srivastava et al., 2014.
    """

    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, convention: str = "inverted"
    ) -> None:
        super().__init__(p, inplace)
        check_convention("Dropout", convention)
        self.convention = convention

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.dropout(input, self.p, self.training, self.inplace, convention=self.convention)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return super().extra_repr() + _other(self.convention)


class Dropout1d(_Dropout):
    """Drop whole channels: in training each x[n, c] is 0 with probability p, else x / (1 - p).

    Neighbours of one channel are alike, so that dropping single ones would only shrink the step.

    Shapes: x (N, C, L) or (C, L) -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    RuntimeError
        The input has another number of axes.

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.Dropout1d(0.5)(autograd.ones(4, 3, 5))
    >>> bool((y == y[:, :, :1]).all())
    True

    Source: ``torch.nn.Dropout1d``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Drop whole feature maps: in training each x[n, c] is 0 with probability p, else x / (1 - p).

    Shapes: x (N, C, H, W) -> the same; (N, C, L) too, with a warning (use ``Dropout1d``).

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.Dropout2d(0.5)(autograd.ones(4, 3, 5, 5))
    >>> bool((y == y[:, :, :1, :1]).all())
    True

    Source: ``torch.nn.Dropout2d``; Tompson et al., 2015.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Drop whole volumes: in training each x[n, c] is 0 with probability p, else x / (1 - p).

    Shapes: x (N, C, D, H, W) or (C, D, H, W) -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> nn.Dropout3d(1.0)(autograd.ones(1, 1, 1, 1, 2)).tolist()
    [[[[[0.0, 0.0]]]]]

    Source: ``torch.nn.Dropout3d``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout after SELU: in training z = a x + b, what is dropped first set to -1.758...

    That is where SELU saturates; a and b (see ``functional.alpha_dropout``) bring mean 0 and
    variance 1 back, which dropping to 0 would not keep. In eval mode the layer is the identity.

    Shapes: x of any shape -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.AlphaDropout(0.2)(autograd.randn(10000))
    >>> bool(abs(y.mean()) < 0.1), bool(abs(y.std() - 1) < 0.1)
    (True, True)

    Source: ``torch.nn.AlphaDropout``; Klambauer et al., 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(_Dropout):
    """Alpha dropout of whole channels: all of x[n, c] is dropped, or nothing of it.

    Shapes: x (N, C, ...) -> the same.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    RuntimeError
        The input has fewer than 2 axes.

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.FeatureAlphaDropout(0.5)(autograd.zeros(4, 3, 5))
    >>> bool((y == y[:, :, :1]).all())
    True

    Source: ``torch.nn.FeatureAlphaDropout``.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)


class DropConnect(Module):
    """Drop weights, not units: in training each weight of ``layer`` is 0 with probability p.

    The others are divided by 1 - p, so that E[y] is the output of the full weights, which eval
    mode uses. A masked weight gets gradient 0. With ``convention="keep"`` p is the probability of
    keeping, training only masks (E[y] = p W x), and evaluation uses p W.

    Each call draws one mask, which all samples of the batch share. The parameters are the layer's:
    "layer.weight", "layer.bias".

    Parameters
    ----------
    layer : Module
        ``Linear``, ``Conv2d``, ...
    p : float
        Probability of dropping; with ``convention="keep"`` of keeping.
    name : str
        Which of its parameters is masked.
    convention : {'inverted', 'keep'}
        See above.

    Raises
    ------
    ValueError
        p is not in [0, 1].
    TypeError, AttributeError
        ``layer`` is no Module, or has no such parameter.

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.DropConnect(nn.Linear(3, 2), p=0.5)
    >>> layer(autograd.ones(4, 3)).shape, list(layer.state_dict())
    ((4, 2), ['layer.weight', 'layer.bias'])

    Source: Wan et al., 2013.
    """

    def __init__(
        self, layer: Module, p: float = 0.5, name: str = "weight", *, convention: str = "inverted"
    ) -> None:
        super().__init__()
        check_probability("DropConnect", p)
        check_convention("DropConnect", convention)
        if not isinstance(layer, Module):
            raise TypeError(f"DropConnect: layer must be a Module, got {type(layer).__name__}")
        if layer._parameters.get(name) is None:
            raise AttributeError(
                f"DropConnect: {type(layer).__name__} has no parameter {name!r}; it has "
                f"{[known for known, value in layer._parameters.items() if value is not None]}"
            )
        self.layer = layer
        self.p = p
        self.name = name
        self.convention = convention

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Run the layer with its weight masked."""
        full = self.layer._parameters[self.name]
        if args and 0 in np.shape(args[0]):  # no samples: nothing to draw for
            return self.layer(*args, **kwargs)
        weight = F.drop_connect(full, self.p, self.training, convention=self.convention)
        if weight is full:
            return self.layer(*args, **kwargs)
        # The layer itself is left alone: another thread may be calling it.
        masked = copy.copy(self.layer)
        masked.__dict__["_parameters"] = {**self.layer._parameters, self.name: weight}
        return masked(*args, **kwargs)

    def extra_repr(self) -> str:
        """Return the arguments."""
        which = "" if self.name == "weight" else f", name={self.name!r}"
        return f"p={self.p}{which}{_other(self.convention)}"


class StochasticDepth(Module):
    """Drop a residual branch: in training its output is 0 with probability p, else x / (1 - p).

    Put it behind the branch, before the shortcut is added: y = x + drop(F(x)). A dropped block is
    then the identity, and the network shorter by one; with survival probabilities that fall
    linearly to .5 over L blocks, (3 L - 1) / 4 blocks are expected. In eval mode it is the
    identity. With ``convention="keep"``, the paper's, ``p`` is the probability of survival,
    training gives x or 0, and evaluation p x.

    Shapes: x (N, ...) -> the same.

    Parameters
    ----------
    p : float
        Probability of dropping; with ``convention="keep"`` of survival.
    mode : {'row', 'batch'}
        Whether each sample is drawn for itself, or the whole batch at once.
    convention : {'inverted', 'keep'}
        See above.

    Raises
    ------
    ValueError
        p is not in [0, 1], or the mode is another one.

    Examples
    --------
    >>> import autograd, nn
    >>> y = nn.StochasticDepth(0.5, "row")(autograd.ones(4, 3, 2))
    >>> bool((y == y[:, :1, :1]).all())
    True

    Source: ``torchvision.ops.StochasticDepth``; Huang et al., 2016.
    """

    def __init__(self, p: float, mode: str = "row", *, convention: str = "inverted") -> None:
        super().__init__()
        check_probability("StochasticDepth", p)
        check_mode("StochasticDepth", mode)
        check_convention("StochasticDepth", convention)
        self.p = p
        self.mode = mode
        self.convention = convention

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training mode."""
        return F.stochastic_depth(
            input, self.p, self.mode, self.training, convention=self.convention
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, mode={self.mode}{_other(self.convention)}"


def _other(convention: str) -> str:
    return "" if convention == "inverted" else f", convention={convention!r}"
