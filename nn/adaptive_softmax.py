"""Adaptive softmax: rare classes in clusters, which are opened only when one of them is meant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor

from . import functional as F
from .container import ModuleList, Sequential
from .functional.arguments import check_count, check_tensor
from .functional.reductions import array_of
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class AdaptiveOutput(NamedTuple):
    """What the layer returns: the log-probability of each target, and the mean of its negative."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Softmax of many classes in two steps: log p(class) = log p(cluster) + log p(class | cluster).

    The frequent classes below the first cutoff are scored with the clusters, by ``head``; the
    classes of cluster i by ``tail[i]``, from features that are fewer by ``div_value`` a cluster.
    Classes have to be sorted, the frequent ones first.

    Shapes: x (N, in_features), target (N,) -> output (N,), loss (); or (in_features,) and ().

    Parameters
    ----------
    in_features, n_classes : int
        Numbers of features and of classes.
    cutoffs : sequence of int
        Where the clusters begin, rising, between 1 and n_classes - 1.
    div_value : float
        By which the features of each further cluster are fewer.
    head_bias : bool
        Whether the head has a bias.
    device : optional
        Only the CPU.
    dtype : dtype, optional
        Of the parameters.

    Raises
    ------
    ValueError
        The cutoffs do not rise, or leave [1, n_classes - 1].

    Examples
    --------
    >>> import autograd, nn
    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(8, 100, [10, 50])
    >>> layer(autograd.ones(3, 8), autograd.tensor([3, 20, 99])).output.shape
    (3,)

    Source: ``torch.nn.AdaptiveLogSoftmaxWithLoss``; Grave et al. (2017).
    """

    in_features: int
    n_classes: int
    cutoffs: list[int]

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_count("AdaptiveLogSoftmaxWithLoss", 1, in_features=in_features, n_classes=n_classes)
        ends = [0, *cutoffs, n_classes]
        rising = all(int(b) == b and a < b for a, b in pairwise(ends))
        if len(ends) < 3 or not rising:
            raise ValueError(
                "AdaptiveLogSoftmaxWithLoss: cutoffs must be rising integers between 1 and "
                f"{n_classes - 1}, got {list(cutoffs)}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = ends[1:]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, dtype=dtype)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            features = int(in_features // div_value ** (i + 1))
            classes = self.cutoffs[i + 1] - self.cutoffs[i]
            narrow = Linear(in_features, features, bias=False, dtype=dtype)
            self.tail.append(Sequential(narrow, Linear(features, classes, bias=False, dtype=dtype)))

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def forward(self, input: Tensor, target: Any) -> AdaptiveOutput:
        """Return the log-probability of each target, and the mean of its negative."""
        check_tensor("AdaptiveLogSoftmaxWithLoss", input=input)
        classes = array_of(target)
        if classes.ndim > 1 or input.ndim != classes.ndim + 1 or input.shape[:-1] != classes.shape:
            raise RuntimeError(
                "AdaptiveLogSoftmaxWithLoss: expected input of shape (N, in_features) and target "
                f"of shape (N,), or (in_features,) and (), got {input.shape} and {classes.shape}"
            )
        if classes.size and not (0 <= classes.min() and classes.max() < self.n_classes):
            raise RuntimeError(
                f"AdaptiveLogSoftmaxWithLoss: targets must be in [0, {self.n_classes - 1}], got "
                f"values from {classes.min()} to {classes.max()}"
            )
        x, classes = input.reshape((-1, input.shape[-1])), classes.reshape(-1).astype(np.int64)
        cluster = np.searchsorted(self.cutoffs, classes, side="right")
        column = np.where(cluster == 0, classes, self.shortlist_size + cluster - 1)
        output = _chosen(F.log_softmax(self.head(x), 1), column)
        for i, tail in enumerate(self.tail):
            rows = np.flatnonzero(cluster == i + 1)
            if len(rows):
                within = _chosen(F.log_softmax(tail(x[rows]), 1), classes[rows] - self.cutoffs[i])
                output = autograd.index_add(output, 0, autograd.tensor(rows), within)
        loss = autograd.mean(-output)
        return AdaptiveOutput(output.reshape(np.shape(array_of(target))), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probability of every class: (N, in_features) -> (N, n_classes).

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.AdaptiveLogSoftmaxWithLoss(4, 6, cutoffs=[2])
        >>> layer.log_prob(autograd.ones(3, 4)).exp().sum(1).round(decimals=4).tolist()
        [1.0, 1.0, 1.0]
        """
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, tail in enumerate(self.tail):
            column = self.shortlist_size + i
            parts.append(head[:, column : column + 1] + F.log_softmax(tail(input), 1))
        return autograd.cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the most probable class: (N, in_features) -> (N,).

        Examples
        --------
        >>> import autograd, nn
        >>> layer = nn.AdaptiveLogSoftmaxWithLoss(4, 6, cutoffs=[2])
        >>> layer.predict(autograd.ones(3, 4)).shape
        (3,)
        """
        return autograd.argmax(self.log_prob(input), 1)


def _chosen(scores: Tensor, columns: Any) -> Tensor:
    """Return one score of each row."""
    return autograd.gather(scores, 1, columns[:, None]).reshape(-1)
