"""The summary of a model: a row for each layer, with what ``nn.geometry.trace`` found, and totals.

It is text for a terminal, an HTML table for a notebook (plain enough to survive where scripts and
styles are stripped), and an SVG. Numbers are for one sample.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from nn import Module
from nn.geometry import Layer, Trace, trace
from viz.figure import Figure
from viz.metrics import MONO
from viz.render.svg import Pen, clean
from viz.theme import style_sheet

__all__ = ["Summary", "summary"]

COLUMNS = (
    ("layer", "path of the module"),
    ("type", "class of the module; F. stands before a function"),
    ("output", "shape without the batch"),
    ("parameters", "weights and biases"),
    ("multiply-adds", "products that are added up, for one sample"),
    ("field", "receptive field in the input"),
    ("jump", "distance of neighbours' fields in the input"),
    ("activations", "memory of what is made for one sample, elementwise results in place"),
)
LEFT = 3  # columns of words; the others are numbers and end at the right
SIZE, LINE, PAD = 12, 20, 16  # pixels of the SVG


class Summary(Figure):
    """A table of a model's layers; ``print`` it, or let a notebook show it.

    Attributes
    ----------
    trace : nn.geometry.Trace
        The numbers.

    Examples
    --------
    >>> import nn, viz
    >>> viz.summary(nn.Linear(2, 3), (2,)).trace.parameters
    9
    """

    trace: Trace

    def __init__(self, found: Trace, rows: Sequence[Layer], theme: str) -> None:
        table = [_cells(layer, found.itemsize) for layer in rows]
        notes = _notes(found)
        shapes = ", ".join("×".join(map(str, shape)) for shape in found.inputs)
        title = f"{found.model} on {shapes}"
        super().__init__(
            svg=lambda: _svg(title, table, notes, theme),
            text=lambda: _text(title, table, notes),
            ledger=lambda: _html(title, table, notes),
            title=title,
            alt=f"{title}: {'. '.join(notes)}.",
            data={
                "model": found.model,
                "inputs": [list(shape) for shape in found.inputs],
                "layers": [_row_data(layer) for layer in rows],
                "totals": {
                    "parameters": found.parameters,
                    "weights": found.weights,
                    "trainable": found.trainable,
                    "parameter_bytes": found.parameter_bytes,
                    "multiply_adds": found.multiply_adds,
                    "activations": found.activations,
                    "activation_bytes": found.activation_bytes,
                },
            },
        )
        object.__setattr__(self, "trace", found)

    def __str__(self) -> str:
        return self.text()

    def _details(self) -> str:
        return ""  # the table is what is shown

    def _repr_html_(self) -> str:
        return self._face("ledger")


def summary(
    model: Module,
    input_shape: Sequence[Any],
    *,
    depth: int | None = None,
    dtype: Any = None,
    spatial: Sequence[int] | None = None,
    batch_axis: int = 0,
    theme: str = "auto",
) -> Summary:
    """List the layers of a model with shapes, parameters, multiply-adds, fields and memory.

    The model runs once, on an empty batch, in eval mode, and is left as it was; it may have been
    built under ``nn.shape_only()``.

    Parameters
    ----------
    model : nn.Module
    input_shape : tuple of ints, or list of such
        Of one sample, (3, 224, 224).
    depth : int, optional
        Join the rows of modules whose paths are longer: with 1, a row for each part of the model.
    dtype, spatial, batch_axis
        As of ``nn.geometry.trace``.
    theme : {"auto", "light", "dark"}
        Of the SVG.

    Raises
    ------
    ValueError
        ``depth`` is less than 1, or as ``nn.geometry.trace``.

    Examples
    --------
    >>> import nn, viz
    >>> print(viz.summary(nn.Sequential(nn.Conv2d(1, 10, 5, padding=2), nn.MaxPool2d(2)),
    ...                   (1, 32, 32)))
    Sequential on 1×32×32
    layer  type       output    parameters  multiply-adds  field  jump  activations
    0      Conv2d     10×32×32         260        256,000      5     1     40.0 KiB
    1      MaxPool2d  10×16×16           0              0      6     2     10.0 KiB
    parameters 260 (250 weights, 10 biases), 1.0 KiB
    multiply-adds 256,000
    activations 13,824 values with the input, 54.0 KiB

    Source: ``torchinfo.summary``, and the course's tables of shapes and parameters.
    """
    found = trace(model, input_shape, dtype=dtype, spatial=spatial, batch_axis=batch_axis)
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
        raise ValueError(f"summary: depth must be an int of at least 1, got {depth!r}")
    rows = list(found) if depth is None else _joined(model, found, depth)
    return Summary(found, rows, theme)


def _joined(model: Module, found: Trace, depth: int) -> list[Layer]:
    """Make one row of neighbours whose paths agree in their first parts."""
    joined = []
    start = lambda row: ".".join(row.path.split(".")[:depth])  # noqa: E731
    for path, group in groupby(found, key=start):
        rows = list(group)
        if len(rows) == 1 and rows[0].path == path or not path:
            joined += rows
            continue
        called = [row for row in rows if row.output is not None] or rows
        joined.append(
            replace(
                called[-1],
                path=path,
                kind=type(model.get_submodule(path)).__name__,
                weights=sum(row.weights for row in rows),
                biases=sum(row.biases for row in rows),
                multiply_adds=sum(row.multiply_adds for row in rows),
                activations=sum(row.activations for row in rows),
                direct=(),
            )
        )
    return joined


# ---------------------------------------------------------------- cells


def _cells(layer: Layer, itemsize: int) -> tuple[str, ...]:
    return (
        layer.path,
        layer.kind,
        "not called" if layer.output is None else "×".join(map(str, layer.output)) or "one value",
        f"{layer.parameters:,}",
        f"{layer.multiply_adds:,}",
        _alike(layer.field),
        _alike(layer.jump),
        _bytes(layer.activations * itemsize),
    )


def _alike(numbers: tuple[Any, ...]) -> str:
    """Write what is equal on all axes once."""
    if not any(numbers):
        return "—"
    return str(numbers[0]) if len(set(numbers)) == 1 else "×".join(map(str, numbers))


def _bytes(number: int) -> str:
    """Write an amount of memory.

    >>> _bytes(0), _bytes(1000), _bytes(60_950_432)
    ('0', '1000 B', '58.1 MiB')
    """
    if number < 1024:
        return f"{number} B" if number else "0"
    size, unit = number / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if size >= 1024:
            size, unit = size / 1024, larger
    return f"{size:.1f} {unit}"


def _notes(found: Trace) -> list[str]:
    frozen = found.parameters - found.trainable
    parts = f"{found.weights:,} weights, {found.parameters - found.weights:,} biases"
    if frozen:
        parts += f"; {frozen:,} frozen"
    return [
        f"parameters {found.parameters:,} ({parts}), {_bytes(found.parameter_bytes)}",
        f"multiply-adds {found.multiply_adds:,}",
        f"activations {found.activations:,} values with the input, "
        f"{_bytes(found.activation_bytes)}",
    ]


def _row_data(layer: Layer) -> dict[str, Any]:
    return {
        "path": layer.path,
        "kind": layer.kind,
        "output": None if layer.output is None else list(layer.output),
        "weights": layer.weights,
        "biases": layer.biases,
        "multiply_adds": layer.multiply_adds,
        "activations": layer.activations,
        "direct": list(layer.direct),
        "field": list(layer.field),
        "jump": [float(n) for n in layer.jump],
        "start": [float(n) for n in layer.start],
    }


# ---------------------------------------------------------------- faces


def _widths(table: Sequence[Sequence[str]]) -> list[int]:
    headings = [name for name, _ in COLUMNS]
    return [max(map(len, column)) for column in zip(headings, *table, strict=True)]


def _text(title: str, table: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    widths = _widths(table)
    lines = [title]
    for row in ([name for name, _ in COLUMNS], *table):
        cells = [
            cell.ljust(width) if k < LEFT else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, *notes])


def _html(title: str, table: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    head = "".join(
        f'<th title="{clean(words)}" style="{_aligned(k)}">{clean(name)}</th>'
        for k, (name, words) in enumerate(COLUMNS)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_aligned(k)}">{clean(cell)}</td>' for k, cell in enumerate(row))
        + "</tr>"
        for row in table
    )
    foot = "".join(f"<div>{clean(note)}</div>" for note in notes)
    return (
        f'<div style="overflow-x:auto"><table><caption>{clean(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}</div>"
    )


def _aligned(column: int) -> str:
    return "text-align:left" if column < LEFT else "text-align:right"


def _svg(title: str, table: Sequence[Sequence[str]], notes: Sequence[str], theme: str) -> str:
    prefix = f"bl{zlib.crc32(_text(title, table, notes).encode()):08x}-"
    pen = Pen(prefix)
    em = SIZE * MONO
    lefts, x = [], float(PAD)
    widths = _widths(table)
    for width in widths:
        lefts.append(x)
        x += (width + 2) * em
    right = max(x - 2 * em, PAD + max(map(len, (title, *notes))) * em)
    y = PAD + SIZE
    pen.text(PAD, y, title, "ink m s12 b")
    for number, row in enumerate(([name for name, _ in COLUMNS], *table)):
        y += LINE
        if number == 1:
            y += 6
            pen.path(f"M{PAD} {y - LINE + 6}H{right:.1f}", "cs")
        for k, cell in enumerate(row):
            cls = ("ink2 m s12" if number == 0 else "ink m s12") + (" end" if k >= LEFT else "")
            if cell:
                pen.text(lefts[k] + (widths[k] * em if k >= LEFT else 0), y, cell, cls)
    y += 6
    pen.path(f"M{PAD} {y}H{right:.1f}", "cs")
    for note in notes:
        y += LINE
        pen.text(PAD, y, note, "ink2 m s12")
    return pen.document(
        right + PAD,
        y + PAD,
        title=title,
        description=". ".join(notes),
        style=style_sheet(prefix, theme),
    )
