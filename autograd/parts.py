"""Parts: the outputs of an op that has several, or what arrives for each of them.

Such an op (``svd``, ``sort``, ``var_mean``) is one node; a part of it that can carry a gradient
has a small node of its own, ``Output(i)``, through which the part's upstream comes in.  An op's
upstream is then one ``Parts`` with None for the outputs that nothing was sent to.
"""

from __future__ import annotations

from typing import Any


class Parts:
    """A tuple of arrays (or Tensors, or None) that adds up like one array."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts

    @classmethod
    def only(cls, i: int, number: int, part: Any) -> Parts:
        """Return ``part`` at place ``i`` of ``number``, and None elsewhere."""
        return cls((None,) * i + (part,) + (None,) * (number - i - 1))

    def __add__(self, other: Parts) -> Parts:
        pairs = zip(self.parts, other.parts, strict=True)
        return Parts(tuple(b if a is None else a if b is None else a + b for a, b in pairs))

    def __iter__(self) -> Any:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, i: int) -> Any:
        return self.parts[i]

    def copy(self) -> Parts:
        """Return copies of the arrays."""
        return Parts(tuple(None if part is None else part.copy() for part in self.parts))

    @property
    def payload(self) -> Parts:
        """The arrays of Tensors."""
        return Parts(tuple(None if part is None else part.payload for part in self.parts))

    @property
    def nbytes(self) -> int:
        """Bytes of the elements of all parts."""
        return sum(int(part.nbytes) for part in self.parts if part is not None)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shapes of the parts."""
        return tuple(None if part is None else part.shape for part in self.parts)

    def __repr__(self) -> str:
        return f"Parts{self.parts!r}"
