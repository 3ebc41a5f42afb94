"""What a configuration of a layer is, and the random source that families draw it from.

A layer's own arguments are plain values; an input is a ``Given`` array, of which each library makes
a tensor in the same layout.
"""

import random
from dataclasses import dataclass, field

import numpy as np

LAYOUTS = ("plain", "plain", "plain", "transposed", "strided", "reversed", "channels last")


@dataclass(frozen=True)
class Given:
    """An input: its values, whether it is differentiated, and how it lies in memory."""

    array: np.ndarray
    grad: bool = False
    layout: str = "plain"

    def __repr__(self):
        words = f"{self.array.dtype}{self.array.shape}"
        return words + (" differentiated" if self.grad else "") + f" {self.layout}"


@dataclass(frozen=True)
class Built:
    """An argument that is a layer itself."""

    name: str
    args: tuple
    kwargs: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Configuration:
    """A layer (or, in lower case, a function), its arguments and those of the call."""

    name: str
    args: tuple
    kwargs: dict
    inputs: list
    call: dict = field(default_factory=dict)
    dtype: str = "float64"
    spoilt: bool = False
    lengths: tuple = ()  # of sequences that are packed
    shared: bool = False  # the first input stands for all
    tolerance: float = 1.0


class Draw:
    """A random source with the words of the families below."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.dtype = self.pick("float32", "float64")

    def upto(self, low, high):
        return self.random.randint(low, high)

    def pick(self, *values):
        return self.random.choice(values)

    def chance(self, share):
        return self.random.random() < share

    def each(self, rank, one):
        """Draw one number, or one for each of the axes."""
        return tuple(one() for _ in range(rank)) if self.chance(0.4) else one()

    def sizes(self, rank, low, high):
        return tuple(self.upto(low, high) for _ in range(rank))

    def batch(self):
        """Draw the axis of a batch: none, an empty one, or some samples."""
        return () if self.chance(0.15) else (self.pick(0, 1, 2, 2, 3),)

    def x(self, *shape, kind="normal", grad=True):
        values = self.numbers.standard_normal(shape)
        if kind == "positive":
            values = np.abs(values) + 0.1
        elif kind == "probable":
            values = 1 / (1 + np.exp(-2 * values))
        elif kind == "signs":
            values, grad = np.where(values < 0, -1.0, 1.0), False
        elif kind == "shares":
            values = np.exp(values)
            values = values / values.sum(1 if values.ndim > 1 else 0, keepdims=True)
        return Given(values.astype(self.dtype), grad, self.random.choice(LAYOUTS))

    def classes(self, number, *shape):
        return Given(self.numbers.integers(0, number, shape))

    def weights(self, number):
        return self.x(number, kind="positive", grad=False)

    def mask(self, *shape):
        """Draw an attention mask, that leaves something to look at, or None."""
        hidden = self.numbers.random(shape) < 0.3
        hidden[..., 0] = False
        scores = self.numbers.standard_normal(shape)
        as_scores = np.where(hidden, -np.inf, scores).astype(self.dtype)
        return self.pick(None, Given(hidden), Given(as_scores))
