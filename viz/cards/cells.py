"""Arrays on a card: every number in a cell if there are few, else prints with their scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from viz.cards.parts import text_cells
from viz.metrics import MONO
from viz.numbers import number
from viz.render.svg import Pen

__all__ = ["CELL", "Grid", "Prints", "is_small", "summary"]

CELL = 24  # height
NARROW, WIDE = 40.0, 72.0
MOST_COLUMNS, MOST_ROWS = 8, 6
PRINT, PRINT_GAP, MOST_PRINTS = 34, 4, 3
LONE = 110  # width of a print that stands alone


def is_small(shape: tuple[int, ...]) -> bool:
    """Tell whether an array's numbers are drawn one by one: up to 6 rows of 8."""
    if len(shape) > 2 or not all(shape):
        return False
    rows, columns = (1, *shape)[-2:]
    return columns <= MOST_COLUMNS and rows <= MOST_ROWS


class Grid:
    """Numbers in cells.

    Parameters
    ----------
    array : (n,) or (m, n) array or None
    precision : int
    """

    def __init__(self, array: Any, precision: int) -> None:
        self.array = None if array is None else np.atleast_2d(np.asarray(array))
        self.texts = [] if array is None else [
            [number(v, precision) for v in row] for row in self.array
        ]  # fmt: skip

    @property
    def cell_width(self) -> float:
        """What the widest number needs."""
        widest = max((len(t) for row in self.texts for t in row), default=0)
        return MONO * 13 * widest + 10

    def draw(self, pen: Pen, x: float, y: float, width: float, role: str) -> None:
        """Draw the cells, each `width` wide, with chips of the role's colour."""
        for i, row in enumerate(self.texts):
            for j, text in enumerate(row):
                left, top = x + j * (width + 2), y + i * (CELL + 2)
                value = self.array[i, j]
                if not np.isfinite(value):
                    pen.rect(left, top, width, CELL, "inv", 4)
                    ink = "b s13 paper"
                elif role == "grad" and not value:
                    ink = "s13 ink3"
                else:
                    pen.rect(left, top, width, CELL, "gchip" if role == "grad" else "vchip", 4)
                    ink = f"b s13 {role}"
                pen.text(left + width / 2, top + 16.5, text, f"m mid {ink}")


def product_texts(upstream: Any, local: Any, sent: Any, precision: int) -> list[str]:
    """Return what stands in a ledger row's cells: products where they are numbers.

    A negative factor stands in parentheses; a cell too narrow for the product holds the
    contribution.
    """
    sent = np.ravel(np.asarray(sent))
    if local is not None and upstream is not None:
        try:
            up = np.ravel(np.broadcast_to(upstream, sent.shape))
            rate = np.ravel(np.broadcast_to(local, sent.shape))
        except ValueError:
            return [number(v, precision) for v in sent]
        texts = [
            f"{number(u, precision)}×{number(d, precision)}" for u, d in zip(up, rate, strict=True)
        ]
        if all(text_cells(text) <= WIDE for text in texts):
            return texts
    return [number(v, precision) for v in sent]


def cell_width(texts: Sequence[str], grids: Sequence[Grid]) -> float:
    """Return the width of all cells of a card."""
    widest = max([NARROW, *(grid.cell_width for grid in grids),
                  *(text_cells(text) + 8 for text in texts)])  # fmt: skip
    return float(-(-widest // 2) * 2)


def summary(array: Any, role: str, precision: int) -> str:
    """Say how large an array's entries are: range, then mean and deviation, or the norm."""
    values = np.asarray(array, dtype=np.float64)
    if not values.size:
        return "empty"
    finite = np.isfinite(values)
    if not finite.all():
        return f"{int(values.size - finite.sum())} of {values.size} not finite"
    span = f"±{number(float(f'{np.abs(values).max():.3g}'), precision)}"
    if role == "grad":
        return f"{span}  ‖g‖ {number(float(f'{np.linalg.norm(values):.3g}'), precision)}"
    mean, deviation = float(f"{values.mean():.3g}"), float(f"{values.std():.3g}")
    return f"{span}  μ {number(mean, precision)} σ {number(deviation, precision)}"


class Prints:
    """An array as up to three thumbnails on one scale."""

    def __init__(self, array: Any, role: str) -> None:
        from viz.tensors.thumbnails import diverging, fold

        values = np.asarray(array, dtype=np.float64)
        if not values.size:
            maps = np.zeros((0, 1, 1))
        elif values.ndim > 2 and values.shape[-2] > 1:
            maps = values.reshape(-1, *values.shape[-2:])[:MOST_PRINTS]
        elif values.ndim == 2:
            maps = values[None]
        else:
            maps = fold(values)[None]
        finite = np.abs(values[np.isfinite(values)])
        limit = float(finite.max()) if finite.size else 0.0
        self.prints = [diverging(m, limit, "gradient" if role == "grad" else "value")
                       if np.any(m) else None for m in maps]  # fmt: skip

    @property
    def width(self) -> float:
        """Room for all of them."""
        return len(self.prints) * (PRINT + PRINT_GAP) - PRINT_GAP

    def draw(self, pen: Pen, x: float, y: float) -> None:
        """Draw them side by side; one that is all zero is an empty frame with a 0."""
        for i, thumbnail in enumerate(self.prints):
            left = x + i * (PRINT + PRINT_GAP)
            if thumbnail is None:
                pen.rect(left + 0.5, y + 0.5, PRINT - 1, PRINT - 1, "cs", 2, stroke_dasharray="3 2")
                pen.text(left + PRINT / 2, y + PRINT / 2 + 4, "0", "m mid ink3")
                continue
            dx, dy, width, height = thumbnail.fit(LONE if len(self.prints) == 1 else PRINT, PRINT)
            dx = 0.0 if len(self.prints) == 1 else dx
            pen.image(left + dx, y + dy, width, height, thumbnail.uri)
            pen.rect(left + dx, y + dy, width, height, "cs", 1)
