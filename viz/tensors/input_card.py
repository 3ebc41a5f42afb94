"""The card that a chain starts from: the input as it is, and the gradient that reaches it.

An image is ink on white (or in its own colours), because a learner must recognise it; everything
else is printed around zero like any value.
"""

import numpy as np

from viz.metrics import shorten, text_width
from viz.tensors import thumbnails
from viz.tensors.cards import CardContent, card_title, draw_bars, draw_frame, triangle
from viz.tensors.measures import first_sample
from viz.tensors.placement import Box
from viz.tensors.sheet import Sheet
from viz.tensors.words import measured

__all__ = ["draw_input", "picture_of"]

SIDE = 64


def draw_input(sheet: Sheet, box: Box, content: CardContent) -> None:
    """Draw the narrow input card: 124 × 216."""
    layer = content.layer
    with sheet.group(id=f"n-{layer.id}", cls="node", title=card_title(content)):
        draw_frame(sheet, box, layer, "input")
        x, y = box.x + 8, box.y + 48
        with sheet.group(id=f"v-{layer.id}", cls="vb"):
            if layer.value is None or content.value is None:
                sheet.text(x, y + 14, f"— {layer.why_value}", "ink2")
            else:
                _value(sheet, box, x, y, content)
        with sheet.group(id=f"g-{layer.id}", cls="gb"):
            if layer.gradient is None or content.gradient is None:
                sheet.text(x - 2, y + 88, "— no gradient:", "ink2")
                sheet.text(x - 2, y + 103, layer.why_gradient, "ink2")
            else:
                _gradient(sheet, box, x, y + 74, content)


def picture_of(value: np.ndarray) -> np.ndarray | None:
    """Return what to print as an image: (H, W) or (3, H, W), or None for plain numbers.

    A vector whose length is a square of at least 8 × 8 is most likely an image laid flat.

    >>> picture_of(np.zeros((5, 784))).shape, picture_of(np.zeros((1, 2)))
    ((28, 28), None)
    """
    first = first_sample(value)
    if first.ndim == 4 and first.shape[1] in (1, 3):
        return first[0, 0] if first.shape[1] == 1 else first[0]
    if first.ndim == 3:
        return first[0]
    side = round(first.size**0.5)
    if first.ndim <= 2 and side >= 8 and side * side == first.size:
        return first.reshape(side, side)
    return None


def _value(sheet: Sheet, box: Box, x: float, y: float, content: CardContent) -> None:
    value, numbers = content.layer.value, content.value
    shown = picture_of(value)
    if shown is not None:
        print_ = thumbnails.image(shown) if shown.ndim == 3 else thumbnails.ink(shown)
        _framed(sheet, x, y, print_)
        triangle(sheet, box.x + 80, y + 8, "value")
        low, high = measured(numbers.low, 2), measured(numbers.high, 2)
        room = box.right - (box.x + 79) - 4
        words = [f"{low}…{high}"]
        if text_width(words[0], 11, mono=True) > room:
            words = [shorten(f"{low}…", room, mono=True), shorten(high, room, mono=True)]
        for number, line in enumerate(words):
            sheet.text(box.x + 79, y + 26 + 14 * number, line, "m value")
        return
    _numbers(sheet, box, x, y, value, numbers.limit, "value", content)
    if first_sample(value).ndim == 4:  # the print is as high as an image's
        triangle(sheet, box.x + 80, y + 8, "value")
        words = shorten(f"±{measured(numbers.limit, 2)}", box.right - (box.x + 79) - 4, mono=True)
        sheet.text(box.x + 79, y + 26, words, "m value")
        return
    triangle(sheet, x, y + 58, "value")
    sheet.text(x + 11, y + 62, f"±{measured(numbers.limit)}", "m value")
    spread = f"σ {measured(numbers.std)}"
    if 11 + text_width(f"±{measured(numbers.limit)} {spread}", 11, mono=True) < box.width - 16:
        sheet.text(box.right - 7, y + 62, spread, "m end ink2")


def _gradient(sheet: Sheet, box: Box, x: float, y: float, content: CardContent) -> None:
    gradient, numbers = content.layer.gradient, content.gradient
    shown = picture_of(gradient)
    if shown is not None:
        plane = shown.sum(axis=0) if shown.ndim == 3 else shown
        limit = float(np.max(np.abs(np.nan_to_num(plane)))) if shown.ndim == 3 else numbers.limit
        if thumbnails.is_dead(plane):
            sheet.rect(x - 0.5, y - 0.5, SIDE + 1, SIDE + 1, "pl")
            sheet.hatch(x, y, SIDE, SIDE, faint=True)
        else:
            _framed(sheet, x, y, thumbnails.diverging(plane, limit, "gradient"))
    else:
        _numbers(sheet, box, x, y, gradient, numbers.limit, "gradient", content)
    base = box.y + 206
    size, words = f"±{measured(numbers.limit)}", f"‖g‖ {measured(numbers.norm)}"
    triangle(sheet, x, base - 4, "gradient")
    if 11 + text_width(f"{size} {words}", 11, mono=True) < box.width - 14:
        sheet.text(x + 11, base, size, "m grad")
        sheet.text(box.right - 7, base, words, "m end grad b")
    else:
        sheet.text(x + 11, base, words, "m grad b")


def _framed(sheet: Sheet, x: float, y: float, print_: thumbnails.Thumbnail) -> None:
    dx, dy, w, h = print_.fit(SIDE, SIDE)
    sheet.rect(x - 0.5, y - 0.5, SIDE + 1, SIDE + 1, "pl")
    sheet.image(x + dx, y + dy, w, h, print_.uri)


def _numbers(
    sheet: Sheet,
    box: Box,
    x: float,
    y: float,
    array: np.ndarray,
    limit: float,
    role: str,
    content: CardContent,
) -> None:
    first, width = first_sample(array), box.width - 16
    if first.ndim == 4:  # many channels: the chosen one, or the first
        channel = content.channels[0] if content.channels else 0
        _framed(sheet, x, y, thumbnails.diverging(first[0, channel], limit, role))
    elif first.size <= 10:
        draw_bars(sheet, x, y + 24, width, 20, first.ravel(), role, None)
    else:
        cells = first[0] if first.ndim == 3 else thumbnails.fold(first)
        sheet.rect(x - 0.5, y - 0.5, width + 1, 41, "pl")
        sheet.image(x, y, width, 40, thumbnails.diverging(cells, limit, role).uri)
