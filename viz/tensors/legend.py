"""How to read the picture: only what the picture uses, with its own widths and numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viz.metrics import text_width
from viz.tensors import thumbnails
from viz.tensors.cards import CardContent, triangle
from viz.tensors.lanes import Ribbons, draw_pill
from viz.tensors.sheet import Sheet
from viz.tensors.words import measured

__all__ = ["Entry", "draw_legend", "legend_entries", "legend_height", "strip_height"]

STRIP = 22  # a line of a legend across the page


@dataclass(frozen=True)
class Entry:
    """One line of the key: its words, its size, and how its sample is drawn at (x, baseline)."""

    words: str
    sample: Callable[[Sheet, float, float], None]
    indent: float
    gap: float = 0  # extra room above
    mono: bool = False


def legend_entries(contents: Sequence[CardContent], ribbons: Ribbons, lr: bool) -> list[Entry]:
    """Choose the lines that this picture needs."""
    layers = [content.layer for content in contents]
    gradients = any(content.gradient is not None for content in contents)
    prints = [c for c in contents if c.value is not None and c.layer.value.size > 10]
    entries = [Entry("value, forward", _mark("value"), 14)]
    if gradients:
        entries.append(Entry("gradient, back", _mark("gradient"), 14))
    if prints:
        entries.append(Entry("− 0 +", _bar("value"), 70, 4, True))
        if gradients:
            entries.append(Entry("− 0 +", _bar("gradient"), 70, 0, True))
        if any(_has_dead(content) for content in prints):
            entries.append(Entry("map all zero", _hatch(True), 20, 2))
        shares = [c.value.histogram.zero_share for c in prints]
        if max(shares) >= 0.005:
            entries.append(Entry("0:74%  exact zeros", _nothing, 0, 2))
    if gradients and ribbons.high > 0:
        entries.append(Entry("width = ‖g‖", _nothing, 0, 6))
        for norm in sorted({ribbons.low, ribbons.high}):
            entries.append(Entry(measured(norm, 1), _ribbon(ribbons.width(norm)), 44, 0, True))
        entries.append(Entry("gain of rule", _pill, 46, 8))
    if any(layer.gate for layer in layers):
        entries.append(Entry("passes", _swatch("gf"), 20, 4))
        entries.append(Entry("stopped here", _hatch(False), 20))
        entries.append(Entry("0 on arrival", _swatch("unlit"), 20))
    if lr and gradients and any(layer.weights for layer in layers):
        entries.append(Entry("Δ = lr·‖g‖ / ‖w‖", _swatch("partab"), 20, 2))
    return entries


def legend_height(entries: Sequence[Entry]) -> float:
    """Return the height of a legend in one column, its title included."""
    return 20 + sum(15 + entry.gap for entry in entries)


def strip_height(entries: Sequence[Entry], width: float) -> float:
    """Return the height of a legend in lines across a width."""
    return 16 + STRIP * max((line for _, line in _strip(entries, width)), default=0)


def draw_legend(sheet: Sheet, entries: Sequence[Entry], x: float, y: float, width: float) -> None:
    """Draw the key from ``(x, y)``: a column where it is narrow, lines across a wider place."""
    sheet.text(x, y + 12, "How to read", "b")
    if width < 200:
        y += 20
        for entry in entries:
            y += 15 + entry.gap
            _draw(sheet, entry, x, y)
        return
    for entry, (left, line) in zip(entries, _strip(entries, width), strict=True):
        _draw(sheet, entry, x + left, y + 12 + STRIP * line)


def _strip(entries: Sequence[Entry], width: float) -> list[tuple[float, int]]:
    places, left, line = [], 92.0, 0
    for entry in entries:
        wide = entry.indent + text_width(entry.words, 11) + 24
        if left + wide > width and left > 92:
            left, line = 92.0, line + 1
        places.append((left, line))
        left += wide
    return places


def _draw(sheet: Sheet, entry: Entry, x: float, baseline: float) -> None:
    entry.sample(sheet, x, baseline)
    sheet.text(x + entry.indent, baseline, entry.words, "m ink2" if entry.mono else "ink2")


def _has_dead(content: CardContent) -> bool:
    layer = content.layer
    arrays = [a for a in (layer.value, layer.gradient) if a is not None and a.ndim == 4]
    return any(not a[0, c].any() for a in arrays for c in content.channels)


def _mark(role: str) -> Callable[[Sheet, float, float], None]:
    return lambda sheet, x, y: triangle(sheet, x, y - 4, role)


def _bar(role: str) -> Callable[[Sheet, float, float], None]:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.rect(x - 0.5, y - 8.5, 65, 9, "pl")
        sheet.image(x, y - 8, 64, 8, thumbnails.colour_bar(role).uri)

    return draw


def _hatch(faint: bool) -> Callable[[Sheet, float, float], None]:
    return lambda sheet, x, y: sheet.hatch(x, y - 10, 14, 11, faint=faint)


def _swatch(style: str) -> Callable[[Sheet, float, float], None]:
    return lambda sheet, x, y: sheet.rect(x, y - 9, 14, 10, style)


def _ribbon(width: float) -> Callable[[Sheet, float, float], None]:
    return lambda sheet, x, y: sheet.path(
        f"M{x:g} {y - 4:g}h36", "gs", stroke_width=round(width, 2)
    )


def _pill(sheet: Sheet, x: float, y: float) -> None:
    draw_pill(sheet, x + 20, y - 12, "×0.71")


def _nothing(sheet: Sheet, x: float, y: float) -> None:
    """Leave the sample out: the words are the sample."""
