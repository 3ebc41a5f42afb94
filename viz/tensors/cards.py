"""A layer's card: header, the value's row, the gradient's row, and what hangs below.

Each row is a line of numbers over prints of the tensor: three channels of a feature map, a folded
vector, or bars for ten numbers or fewer, then a histogram. What is missing says why.
"""

from dataclasses import dataclass

import numpy as np

from viz.metrics import shorten, text_width
from viz.render.svg import safe_id
from viz.tensors import thumbnails
from viz.tensors.captions import shape_text
from viz.tensors.layers import Bypass, Layer, Weight
from viz.tensors.measures import Row, first_sample, norm, update_ratio
from viz.tensors.placement import ARC, CHIP, CHIP_GAP, CHIPS, GAP, GAUGE, Box
from viz.tensors.placement import CARD as CARD_WIDTH
from viz.tensors.sheet import Sheet
from viz.tensors.words import fixed, measured, percent, two_digits

__all__ = ["CardContent", "draw_card"]

THUMB, THUMB_GAP, HISTOGRAM = 34, 3, 38
VALUE_LINE, VALUE_PRINT, GRADIENT_LINE, GRADIENT_PRINT = 54, 61, 112, 119  # from the card's top
VALUE_LANE, GRADIENT_LANE = 78, 136
SLOT = 56  # at the right of a parameter's chip: how far the step moves it
BARS = 10  # at most so many numbers are bars, each its own


@dataclass(frozen=True)
class CardContent:
    """All that a card shows, measured: a layer, its two rows, its channels, the step's size."""

    layer: Layer
    value: Row | None
    gradient: Row | None
    channels: tuple[int, ...] = ()
    fold_rows: int | None = None  # a vector that was maps: one row a channel
    ring: bool = False
    target: int | None = None  # the class to mark among ten numbers or fewer
    lr: float | None = None
    note: str = ""
    is_root: bool = False  # its gradient is the seed


def draw_card(sheet: Sheet, box: Box, content: CardContent) -> None:
    """Draw one card and what is attached to it."""
    layer = content.layer
    with sheet.group(id=f"n-{layer.id}", cls="node", title=card_title(content)):
        draw_frame(sheet, box, layer)
        narrow = box.width < 140
        for role, array, row in (
            ("value", layer.value, content.value),
            ("gradient", layer.gradient, content.gradient),
        ):
            with sheet.group(id=f"{role[0]}-{layer.id}", cls=f"{role[0]}b"):
                _numbers_line(sheet, box, role, row, layer, narrow)
                _prints(sheet, box, role, array, row, content, narrow)
    _attachments(sheet, box, content)


def draw_frame(sheet: Sheet, box: Box, layer: Layer, head: str = "") -> None:
    """Draw the body and the tinted header with name, shape and caption."""
    head = head or ("result" if not layer.shape else "input" if layer.kind == "input" else "op")
    x, y, w = box.x, box.y, box.width
    sheet.rect(x, y, w, box.height, "card", rx=8)
    arc = f"a8 8 0 0 1 8 -8H{x + w - 8:g}a8 8 0 0 1 8 8"
    sheet.path(f"M{x:g} {y + 40:g}V{y + 8:g}{arc}V{y + 40:g}Z", head)
    sheet.rect(x, y, w, box.height, "cs nb", rx=8)  # last, over body and header
    shape = "(" + ", ".join(map(str, layer.shape)) + ("," if len(layer.shape) == 1 else "") + ")"
    room = w - 16
    if box.width < 140:  # no room beside the name
        sheet.text(x + 8, y + 16, shorten(layer.name, room, 12, bold=True), "s12 b")
        sheet.text(x + 8, y + 32, shorten(shape, room), "ink2")
        return
    used = text_width(layer.name, 12, bold=True) + 8
    forms = (shape, shape_text(layer.shape), "")
    shape = next(f for f in forms if used + text_width(f, 11, mono=True) <= room or not f)
    sheet.text(x + 8, y + 16, shorten(layer.name, room, 12, bold=True), "s12 b")
    if shape:
        sheet.text(x + w - 8, y + 16, shape, "m end ink2")
    if not layer.caption:
        return
    half = w > CARD_WIDTH  # a wide card has its totals in the other half
    sheet.text(x + 8, y + 32, shorten(layer.caption, w / 2 - 8 if half else room), "ink2")


def card_title(content: CardContent) -> str:
    """Say the card in words, for a tooltip and a screen reader."""
    layer, row = content.layer, content.gradient
    words = f"{layer.path}: {layer.caption or layer.kind}, output {layer.shape}"
    if row is None:
        return f"{words}; gradient: {layer.why_gradient or 'none'}"
    words += f"; gradient norm {measured(row.norm)}, {percent(row.zero_share)} of it exactly zero"
    if content.channels:
        shown = ", ".join(map(str, content.channels))
        rest = layer.shape[1] - len(content.channels)
        words += f"; channels {shown} shown" + (f", +{rest} more" if rest else "")
    return words


def triangle(sheet: Sheet, x: float, y: float, role: str, size: float = 7) -> None:
    """Draw the mark of a value (pointing right) or of a gradient (pointing left)."""
    half = size / 2
    if role == "value":
        sheet.path(f"M{x:g} {y - half:g}L{x + size:g} {y:g}L{x:g} {y + half:g}Z", "vf")
    else:
        sheet.path(f"M{x + size:g} {y - half:g}L{x:g} {y:g}L{x + size:g} {y + half:g}Z", "gf")


def _numbers_line(
    sheet: Sheet, box: Box, role: str, row: Row | None, layer: Layer, narrow: bool
) -> None:
    y = box.y + (VALUE_LINE if role == "value" else GRADIENT_LINE)
    left, right = box.x + 7, box.right - 7
    if row is None:
        return
    triangle(sheet, left, y - 4, role)
    size = "±" + measured(row.limit)
    if row.size == 1:
        style = "m b value" if role == "value" else "m b grad"
        sheet.text(left + 11, y, measured(row.mean), style)
        if role == "gradient" and layer.shape:
            sheet.text(right, y, f"‖g‖ {measured(row.norm)}", "m end grad b")
        return
    room = right - left - 11 - text_width(size, 11, mono=True) - 5
    if row.bad:
        choices = [f"{row.bad} not finite", "not finite", "nan"]
    elif role == "value":
        spread = f"σ {measured(row.std)}"
        choices = [f"μ {fixed(row.mean)} {spread}", spread]
    else:
        choices = [f"‖g‖ {measured(row.norm)}"]
    words = next((w for w in choices if text_width(w, 11, mono=True) <= room), None)
    if words is None and role == "gradient":  # no room for both: the norm counts
        sheet.text(left + 11, y, choices[0], "m b grad")
        return
    sheet.text(left + 11, y, size, "m " + ("value" if role == "value" else "grad"))
    if words is not None:
        style = "warn b" if row.bad else "ink2" if role == "value" else "grad b"
        sheet.text(right, y, words, "m end " + style)


def _prints(
    sheet: Sheet,
    box: Box,
    role: str,
    array: np.ndarray | None,
    row: Row | None,
    content: CardContent,
    narrow: bool,
) -> None:
    layer = content.layer
    y = box.y + (VALUE_PRINT if role == "value" else GRADIENT_PRINT)
    x, width = box.x + 7, box.width - 14
    if array is None or row is None:
        why = layer.why_value if role == "value" else layer.why_gradient
        lines = [f"— {why}"] if text_width(f"— {why}") <= width else ["—", shorten(why, width)]
        for number, line in enumerate(lines):
            sheet.text(x, y + 8 + 14 * number, line, "ink2")
        return
    shown = first_sample(array)
    if shown.size <= 1:
        return
    if shown.ndim == 4:
        for number, channel in enumerate(content.channels):
            left = x + number * (THUMB + THUMB_GAP)
            name = f"channel {channel}, {role}"
            _print(sheet, left, y, THUMB, THUMB, shown[0, channel], row.limit, role, name)
        start = x + 3 * (THUMB + THUMB_GAP) + 1
    elif shown.size <= BARS:
        draw_bars(sheet, x + 1, y + 17, width - 2, 18, shown.ravel(), role, content.target)
        return
    else:
        maps = shown[0] if shown.ndim == 3 else thumbnails.fold(shown, content.fold_rows)
        wide = width if narrow else THUMB * 3 + THUMB_GAP * 2
        name = f"{role}, {maps.shape[0]} rows of {maps.shape[1]}"
        _print(sheet, x, y, wide, THUMB, maps, row.limit, role, name, stretch=shown.ndim < 3)
        start = x + wide + 4
    if not narrow:
        draw_histogram(sheet, start, y, box.right - 7 - start, row, role)


def _print(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    cells: np.ndarray,
    limit: float,
    role: str,
    name: str,
    stretch: bool = False,
) -> None:
    dead = thumbnails.is_dead(cells)
    with sheet.group(title=f"{name}: all zero" if dead else name):
        sheet.rect(x - 0.5, y - 0.5, width + 1, height + 1, "pl")
        if dead:
            sheet.hatch(x, y, width, height, faint=True)
            return
        print_ = thumbnails.diverging(cells, limit, role)
        dx, dy, w, h = (0, 0, width, height) if stretch else print_.fit(width, height)
        sheet.image(x + dx, y + dy, w, h, print_.uri)


def draw_histogram(sheet: Sheet, x: float, y: float, width: float, row: Row, role: str) -> None:
    """Draw 17 bars on an axis, and the share of exact zeros above them."""
    base = y + THUMB
    pitch = width / len(row.histogram.counts)
    sheet.path(f"M{x:g} {base:g}h{width:g}", "ax")
    bars = [
        f"M{x + i * pitch:.2f} {base:g}v{-max(1, 24 * height):.2f}h{pitch * 0.82:.2f}V{base:g}Z"
        for i, height in enumerate(row.histogram.heights)
        if height
    ]
    if bars:
        sheet.path("".join(bars), "vh" if role == "value" else "gh")
    if row.histogram.zero_share >= 0.005:
        share = percent(row.histogram.zero_share).replace(" ", "")
        words = f"0:{share}" if row.histogram.zero_share < 1 else "all 0"
        sheet.text(x + width, y + 6, words, "end ink2")


def draw_bars(
    sheet: Sheet,
    x: float,
    middle: float,
    width: float,
    reach: float,
    values: np.ndarray,
    role: str,
    target: int | None,
) -> None:
    """Draw ten numbers or fewer as bars on a zero line, the target's ringed."""
    limit = float(np.max(np.abs(np.nan_to_num(values)))) or 1.0
    pitch = width / len(values)
    thick = min(pitch - 4, 24)
    if target is not None and target < len(values):
        left = x + target * pitch + (pitch - thick) / 2 - 2
        sheet.rect(left, middle - reach - 1, thick + 4, 2 * reach + 2, "okring", rx=3)
    sheet.path(f"M{x:g} {middle:g}h{width:g}", "ax")
    for number, value in enumerate(values):
        tall = max(0.8, reach * abs(float(np.nan_to_num(value))) / limit)
        left = x + number * pitch + (pitch - thick) / 2
        style = "neg" if value < 0 and tall > 0.8 else "vf" if role == "value" else "gf"
        sheet.rect(left, middle if value < 0 else middle - tall, thick, tall, style)


def _attachments(sheet: Sheet, box: Box, content: CardContent) -> None:
    layer = content.layer
    y = box.y + box.height + GAP
    if layer.gate is not None:
        _gauge(sheet, box.x, y, box.width, content)
        y += GAUGE + CHIP_GAP
    chips = layer.weights[:CHIPS]
    slot = SLOT if any(chip_delta(weight, content.lr) for weight in chips) else 0
    for weight in chips:
        _chip(sheet, box.x, y, box.width, weight, content.lr, slot)
        y += CHIP + CHIP_GAP
    if len(layer.weights) > CHIPS:
        rest = layer.weights[CHIPS:]
        with sheet.group(title=", ".join(w.path for w in rest)):
            sheet.text(box.x + 8, y + 14, f"+{len(rest)} more parameters", "ink2")
    if layer.bypass is not None:
        draw_arc(sheet, box.x, y, box.width, layer.id, layer.bypass)
    elif content.note and layer.gate is None and not layer.weights:
        for number, line in enumerate(content.note.split("\n")):
            sheet.text(box.x, y + 16 + 14 * number, line, "ink2")


def draw_arc(sheet: Sheet, x: float, y: float, width: float, name: str, bypass: Bypass) -> None:
    """Draw the way around a block, as wide as its share of the gradient."""
    title = (
        f"at the fork before the block gradients add up: ‖branch‖ {measured(bypass.branch)}, "
        f"‖bypass‖ {measured(bypass.bypass)}, ‖sum‖ {measured(bypass.total)}"
    )
    with sheet.group(id=f"a-{name}", title=title):
        left, right, level = x + 14, x + width - 14, y + ARC - 8
        thick = max(1.5, 12 * bypass.share)
        way = (
            f"M{right:g} {y:g}V{level - 8:g}a8 8 0 0 1 -8 8H{left + 8:g}a8 8 0 0 1 -8 -8V{y + 7:g}"
        )
        sheet.path(way, "gs", stroke_width=round(thick, 2))
        half = 4 + thick / 2
        sheet.path(
            f"M{left - half:g} {y + 8:g}L{left:g} {y - 1:g}L{left + half:g} {y + 8:g}Z", "gf"
        )
        words = f"{percent(bypass.share)} by the bypass"
        wide = text_width(words) + 12
        middle = x + width / 2
        sheet.rect(middle - wide / 2, level - 8, wide, 16, "p", rx=8)
        sheet.text(middle, level + 4, words, "mid grad")


def _gauge(sheet: Sheet, x: float, y: float, width: float, content: CardContent) -> None:
    gate = content.layer.gate
    with sheet.group(
        id=f"k-{content.layer.id}",
        title=f"of {gate.size} input positions {gate.passing} pass gradient, {gate.stopped} stop "
        f"it ({gate.word}), {gate.size - gate.passing - gate.stopped} had none on arrival",
    ):
        sheet.rect(x, y, width, GAUGE, "card ringed" if content.ring else "card cs", rx=6)
        room = width - 16
        passing, stopped = room * gate.passing_share, room * gate.stopped_share
        sheet.rect(x + 8, y + 7, room, 11, "unlit", rx=2)
        if passing:
            sheet.rect(x + 8, y + 7, passing, 11, "gf")
        if stopped:
            sheet.hatch(x + 8 + passing, y + 7, stopped, 11)
        left = [(percent(gate.passing_share), "grad b"), (" pass", "")]
        right = [(percent(gate.stopped_share), "b"), (f" {gate.word}", "")]
        if not gate.passing and not gate.stopped:
            left, right = [("no gradient arrives", "ink2")], []
        sheet.spans(x + 8, y + 34, left)
        if right:
            sheet.spans(x + width - 8, y + 34, right, "end")


def _chip(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    weight: Weight,
    lr: float | None,
    slot: float,
) -> None:
    with sheet.group(id=f"p-{safe_id(weight.path)}", cls="pill", title=chip_title(weight, lr)):
        sheet.rect(x, y, width, CHIP, "parbox", rx=5)
        tab = "a5 5 0 0 0 -5 5v11a5 5 0 0 0 5 5z"
        sheet.path(f"M{x + 5:g} {y:g}{tab}", "partab")
        base = y + 14.5
        delta = chip_delta(weight, lr)
        edge = x + width - 6
        if delta:
            sheet.text(edge, base, delta, "end ink2")
        middle = edge - max(slot, text_width(delta, 11) + 8 if delta else 0)
        if weight.gradient is None:
            sheet.text(middle, base, "—", "m end ink2")
            start = middle - 8
        else:
            number = measured(norm(weight.gradient))
            sheet.text(middle, base, number, "m end grad")
            start = middle - text_width(number, 11, mono=True) - 10
            triangle(sheet, start, base - 4, "gradient", 6)
        room = start - x - 14
        fits = text_width(weight.name) <= room or room >= 44
        sheet.text(x + 10, base, shorten(weight.name, room) if fits else _initial(weight.name))


def _initial(name: str) -> str:
    """Return one letter for a parameter's name, also of ``in_proj_weight`` or ``bias_ih_l0``."""
    return next((word[0] for word in ("weight", "bias") if word in name), name[:1])


def chip_delta(weight: Weight, lr: float | None) -> str:
    """Say how far the step moves a parameter, or what keeps that from being said."""
    if weight.gradient is None:
        return weight.why
    if weight.changed:
        return "changed"
    if lr is None or weight.value is None:
        return ""
    ratio = update_ratio(weight.gradient, weight.value, lr)
    return "Δ —" if ratio is None else f"Δ {two_digits(100 * ratio)} %"


def chip_title(weight: Weight, lr: float | None) -> str:
    """Say a parameter in words."""
    words = f"{weight.path} {weight.shape}"
    if weight.value is not None:
        words += f": ‖w‖ {measured(norm(weight.value))}"
    if weight.gradient is None:
        return f"{words}; gradient: {weight.why}"
    words += f", ‖g‖ {measured(norm(weight.gradient))}"
    ratio = (
        update_ratio(weight.gradient, weight.value, lr) if lr and weight.value is not None else 0
    )
    if ratio:
        words += f", lr ‖g‖ / ‖w‖ = {measured(ratio)}"
    if weight.changed:
        words += "; changed in place since the forward pass used it"
    return words
