"""Max-pool, close up: each window sends its whole gradient to its winner.

``pool`` draws part of a recorded max-pool number by number: the input with winners ringed and
tied losers dashed, the output over its upstream, and where each gradient lands. Windows that
overlap add up; what lands where the relu before gave 0 dies one step later; and the sums are
checked, not claimed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.figure import Figure
from viz.layers.crop import Crop, choose_crop
from viz.layers.pool_drawing import draw_pool, pool_style
from viz.layers.routing import PoolRecord, Window, added, agrees, landing, read_pool, route
from viz.numbers import number
from viz.scene import plain
from viz.tensors.captions import caption
from viz.tensors.words import measured, percent

__all__ = ["PoolView", "pool"]

POLICIES = {
    "torch": "the first cell in row order wins",
    "first": "the first cell in row order wins",
    "even": "equal cells share the gradient evenly",
    "none": "no cell receives anything",
}
Parts = list[tuple[str, str]]


@dataclass(frozen=True)
class PoolView:
    """All that the picture shows of a pool: the crop, its windows, what lands, what adds up.

    ``landed`` maps a cell to the windows that sent to it and their shares. ``sums`` are Σ upstream
    and Σ landed over the windows shown; ``checked`` whether they agree and the engine sent what
    the routing says.
    """

    record: PoolRecord
    crop: Crop
    windows: list[Window]
    landed: dict[tuple[int, int], list[tuple[Window, float]]]
    sums: tuple[float, float] | None
    checked: bool | None
    cut: bool  # windows that are not shown reach into the cells that are
    subject: str

    @property
    def inputs(self) -> int:
        """How many cells of the image are shown."""
        height, width = self.record.x.shape[2:]
        rows = sum(0 <= r < height for r in self.crop.cell_rows)
        return rows * sum(0 <= c < width for c in self.crop.cell_columns)

    def dies(self, cell: tuple[int, int]) -> bool:
        """Whether gradient that lands here ends in the relu before the pool."""
        closed = self.record.closed
        at = (self.crop.sample, self.crop.channel, *cell)
        return cell in self.landed and closed is not None and bool(closed[at])


def pool(
    t: Any,
    channel: int | None = None,
    window: tuple[int, int] | None = None,
    *,
    sample: int = 0,
    subject: str = "",
    theme: str = "auto",
    prefix: str | None = None,
) -> Figure:
    """Draw how a max-pool routes its gradient.

    Parameters
    ----------
    t : Tensor or Op
        The output of a recorded ``max_pool2d`` (or the op), best after ``backward()``.
    channel : int, optional
        By default the channel and the crop with most to see.
    window : (int, int), optional
        The window (row, column of the output) in the upper left corner.
    sample : int
        Which sample of the batch.
    subject : str
        What the input is, for the line under the title: ``"the digit 2"``.
    theme : {"auto", "light", "dark"}
    prefix : str, optional
        Of the ids; by default it follows from the content.

    Returns
    -------
    Figure
        ``figure.data["windows"]`` lists winners, losers and gradients; ``figure.data["landed"]``
        what each input receives.

    Raises
    ------
    ValueError
        If the tensor was not made by a max-pool, its input is no longer held, or its windows are
        too large to draw.
    IndexError
        If the sample, channel or window does not exist.

    Examples
    --------
    >>> import autograd
    >>> import nn.functional as F
    >>> x = autograd.tensor([[[[1.0, 3.0, 2.0, 2.0], [0.0, 1.0, 2.0, 0.0]]]], requires_grad=True)
    >>> y = F.max_pool2d(x, 2)
    >>> (y * autograd.tensor([2.0, 5.0])).sum().backward()
    >>> figure = pool(y)
    >>> [w["winners"] for w in figure.data["windows"]]
    [[[0, 1]], [[0, 2]]]
    >>> figure.data["lines"][0]
    '2 of 8 inputs receive gradient (25 %). Σ upstream = Σ landed = 7 ✓'
    """
    record = read_pool(t)
    view = look(record, choose_crop(record, sample, channel, window), subject)
    lines = [*sum_lines(view), *tie_lines(view)]
    data = plain(_data(view, lines))
    title, where = _title(record), _where(view)
    if prefix is None:
        prefix = f"bl{zlib.crc32(json.dumps([title, data], sort_keys=True).encode()):08x}-"

    def svg() -> str:
        sheet, width, height = draw_pool(view, title, where, lines, prefix)
        words = " ".join(data["lines"]) or record.why
        style = pool_style(prefix, theme)
        return sheet.document(width, height, title=title, description=words, style=style)

    words = "\n".join([title, _plain(where), *data["lines"]])
    return Figure(svg=svg, data=data, text=words, title=title, alt=f"{title}. {_plain(where)}")


def look(record: PoolRecord, crop: Crop, subject: str = "") -> PoolView:
    """Route the windows of a crop and check the sums."""
    windows = route(record, crop.sample, crop.channel, crop.rows, crop.columns)
    landed = landing(windows)
    height, width = record.z.shape[2:]
    whole = len(crop.rows) == height and len(crop.columns) == width
    sums = checked = None
    if record.upstream is not None:
        cut = record.overlapping and not whole
        upstream = float(np.sum([w.upstream for w in windows], dtype=np.float64))
        if cut:  # a cell at the edge holds more than these windows sent
            arrived = float(np.sum([share for parts in landed.values() for _, share in parts]))
        else:
            plane = record.landed[crop.sample, crop.channel].astype(np.float64)
            cells = {cell for w in windows for cell in w.cells}
            arrived = float(np.sum([plane[cell] for cell in cells]))
        sums = upstream, arrived
        size = float(np.sum(np.abs([w.upstream for w in windows]))) or 1.0
        engine = agrees(record, crop.sample, crop.channel)
        checked = bool(abs(upstream - arrived) <= 1e-5 * size) and bool(engine)
    return PoolView(record, crop, windows, landed, sums, checked,
                    record.overlapping and not whole, subject)  # fmt: skip


def sum_lines(view: PoolView) -> list[Parts]:
    """Say how many inputs receive, and that what was sent has landed."""
    if view.sums is None:
        return [[(f"Values only, no gradient: {view.record.why}.", "ink2")]]
    count, inputs = len(view.landed), view.inputs
    parts: Parts = [(f"{count} of {inputs}", "b"), (" inputs receive gradient ", "")]
    several = sum(len(sent) > 1 for sent in view.landed.values())
    parts.append((f"({percent(count / inputs)})" if inputs else "", ""))
    if several:
        parts.append((f", {several} of them from more than one window", ""))
    upstream, arrived = view.sums
    if view.checked:
        parts += [(". Σ upstream = Σ landed = ", ""), (measured(upstream), "grad b"), (" ✓", "")]
    else:
        parts += [(". Σ upstream = ", ""), (measured(upstream), "grad b"), (", Σ landed = ", ""),
                  (measured(arrived), "grad b")]  # fmt: skip
        parts.append((". They differ" + _why_different(view) + ".", ""))
    lines = [parts]
    if view.cut:
        lines.append([("The windows shown only: cells at the edge also belong to others.", "ink2")])
    return lines


def tie_lines(view: PoolView) -> list[Parts]:
    """Say how ties were decided, and which gradient dies in the relu before."""
    parts: Parts = []
    ties = sum(w.is_tie for w in view.windows)
    policy = POLICIES.get(view.record.ties, view.record.ties)
    if ties:
        words = f"{ties} window{' is a tie' if ties == 1 else 's are ties'}"
        dashed = any(w.tied for w in view.windows)
        parts += [(words, "b"), (f"{' (dashed)' if dashed else ''}; {policy}.", "")]
    dying = [cell for cell in view.landed if view.dies(cell)]
    if dying:
        total = sum(share for cell in dying for _, share in view.landed[cell])
        parts.append((" One gradient, " if len(dying) == 1 else f" {len(dying)} gradients, Σ ", ""))
        ends = "lands" if len(dying) == 1 else "land"
        parts += [(measured(total), "grad b"), (f", {ends} where relu gave 0 ", ""),
                  (f"and {'dies' if len(dying) == 1 else 'die'} one step later", "b"),
                  (" (hatched).", "")]  # fmt: skip
    lines = [parts] if parts else []
    image = view.record.x.shape[2:]
    reach = view.crop.cell_rows, view.crop.cell_columns
    if any(r[0] < 0 or r[-1] >= size for r, size in zip(reach, image, strict=True)):
        lines.append([("Grey cells lie outside the image: padding never wins.", "ink2")])
    return lines


def _why_different(view: PoolView) -> str:
    lost = [w for w in view.windows if w.upstream and not w.winners]
    if lost:
        return f": {len(lost)} tied window{'s' * (len(lost) > 1)} sent nothing"
    return ": the gradient was not sent by this routing"


def _title(record: PoolRecord) -> str:
    if record.overlapping:
        return "Max-pool with overlapping windows: the gradients add up"
    if record.ties == "even":
        return "Max-pool: every window shares its gradient among its winners"
    return "Max-pool: every window sends its whole gradient to one winner"


def _where(view: PoolView) -> Parts:
    record, crop = view.record, view.crop
    height, width = record.x.shape[2:]
    spans = [
        range(max(r[0], 0), min(r[-1], size - 1) + 1)
        for r, size in zip((crop.cell_rows, crop.cell_columns), (height, width), strict=True)
    ]
    places = [
        f"{name} {span[0]}–{span[-1]}"
        for name, span, size in zip(("rows", "columns"), spans, (height, width), strict=True)
        if len(span) < size
    ]
    words = caption(record.name, record.attributes, {})
    note = [words, f"channel {crop.channel}" if record.x.shape[1] > 1 else "", ", ".join(places)]
    if record.x.shape[0] > 1:
        note.insert(1, f"sample {crop.sample}")
    text = " · ".join(part for part in note if part)
    return [(record.path, "b"), (f" · {text}" + (f" of {view.subject}" if view.subject else ""),
                                 "ink2")]  # fmt: skip


def _plain(parts: Sequence[tuple[str, str]]) -> str:
    return "".join(words for words, _ in parts)


def _data(view: PoolView, lines: list[Parts]) -> dict[str, Any]:
    record, crop = view.record, view.crop
    return {
        "kind": "max_pool",
        "path": record.path,
        "kernel_size": record.kernel,
        "stride": record.stride,
        "padding": record.padding,
        "ties": record.ties,
        "sample": crop.sample,
        "channel": crop.channel,
        "rows": [crop.rows[0], crop.rows[-1]],
        "columns": [crop.columns[0], crop.columns[-1]],
        "windows": [
            {
                "index": w.index,
                "value": w.value,
                "upstream": w.upstream,
                "winners": w.winners,
                "tied": w.tied,
            }
            for w in view.windows
        ],
        "landed": [
            {
                "cell": cell,
                "sum": added([share for _, share in parts]),
                "from": [{"window": w.index, "gradient": share} for w, share in parts],
                "dies": view.dies(cell),
                "text": sum_text([share for _, share in parts]),
            }
            for cell, parts in sorted(view.landed.items())
        ],
        "receiving": len(view.landed),
        "inputs": view.inputs,
        "sums": view.sums,
        "checked": view.checked,
        "why": record.why,
        "lines": [_plain(parts) for parts in lines],
    }


def sum_text(parts: Sequence[float]) -> str:
    """Write a sum of contributions.

    >>> sum_text([0.5, -1.0]), sum_text([2.0])
    ('0.5 + (−1) = −0.5', '2')
    """
    texts = [number(part) for part in parts]
    if len(parts) == 1:
        return texts[0]
    terms = [texts[0], *(f"({t})" if t.startswith("−") else t for t in texts[1:])]
    return f"{' + '.join(terms)} = {number(added(parts))}"
