"""What a trace reports: a row for each layer, and totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, prod

__all__ = ["Layer", "Trace"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One row: a call of a module, or an operation that was called as a function.

    Attributes
    ----------
    path : str
        Of the module, ``features.0``; of a function, that of the module which called it.
    kind : str
        Class of the module, or ``F.`` and the name of the operation.
    output : tuple or None
        Shape of (the first tensor of) what it returned, without the batch; None if it was never
        called by itself.
    weights, biases : int
        Parameters of its own, biases being those with "bias" in their name; 0 where the module was
        called before.
    multiply_adds : int
        Products that are added up; what is elementwise counts as none.
    activations : int
        Values that it makes and a backward would keep: results that are neither elementwise (they
        can be written in place of their operand) nor views.
    direct, field : tuple
        Receptive field, for each spatial axis, in its own input and in the network's; () without
        spatial axes.
    jump, start : tuple
        Distance of neighbours' fields in the network's input, and where the first begins; fractions
        where fields do not begin at whole inputs (``covers`` says which inputs a unit sees).
    """

    path: str
    kind: str
    output: Shape | None
    weights: int = 0
    biases: int = 0
    multiply_adds: int = 0
    activations: int = 0
    direct: Shape = ()
    field: Shape = ()
    jump: tuple[int | Fraction, ...] = ()
    start: tuple[int | Fraction, ...] = ()

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    def covers(self, *unit: int) -> tuple[tuple[int, int], ...]:
        """Return the first and the last input in the field of a unit, for each spatial axis."""
        lines = zip(unit, self.field, self.jump, self.start, strict=True)
        firsts = [(ceil(start + index * jump), size) for index, size, jump, start in lines]
        return tuple((first, first + size - 1) for first, size in firsts)


@dataclass(frozen=True)
class Trace:
    """What ``trace`` found: rows and their totals.

    Attributes
    ----------
    layers : tuple of Layer
        The rows; a trace is also iterable, and indexed by position or path.
    inputs, output : tuple
        Shapes without the batch.
    parameters, trainable, buffers : int
        Numbers of values, what is shared counted once.
    itemsize : int
        Bytes of one value.
    field, jump, start : tuple
        Of the output, as of a ``Layer``.

    Examples
    --------
    >>> import nn
    >>> found = nn.geometry.trace(nn.Linear(3, 2), (3,))
    >>> len(found), found[0].parameters, found.parameters, found[""].kind
    (1, 8, 8, 'Linear')

    Source: its numbers are those of ``torchinfo`` and the like; its fields are ours.
    """

    model: str
    inputs: tuple[Shape, ...]
    output: Shape | None
    layers: tuple[Layer, ...]
    parameters: int
    trainable: int
    buffers: int
    itemsize: int
    field: Shape = ()
    jump: tuple[int | Fraction, ...] = ()
    start: tuple[int | Fraction, ...] = ()

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, key: int | str) -> Layer:
        """Return the row at a position, or the first of a path."""
        if isinstance(key, str):
            for layer in self.layers:
                if layer.path == key:
                    return layer
            raise KeyError(f"no row has the path {key!r}; rows: {[row.path for row in self]}")
        return self.layers[key]

    covers = Layer.covers

    @property
    def weights(self) -> int:
        """Parameters without biases."""
        return sum(layer.weights for layer in self)

    @property
    def multiply_adds(self) -> int:
        """Of all rows, for one sample."""
        return sum(layer.multiply_adds for layer in self)

    @property
    def activations(self) -> int:
        """Values that one sample makes, its input included; elementwise results in place."""
        return sum(map(prod, self.inputs)) + sum(layer.activations for layer in self)

    @property
    def activation_bytes(self) -> int:
        """Memory of ``activations``, in the dtype of the model."""
        return self.activations * self.itemsize

    @property
    def parameter_bytes(self) -> int:
        """Memory of the parameters."""
        return self.parameters * self.itemsize
