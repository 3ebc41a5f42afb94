"""The wide card of a classification loss: class by class what the network says and will unlearn.

For cross entropy of one sample the gradient at the logits is ``p − y``: the softmax minus one at
the target. The card shows both as bars with every number printed, and says what the step does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viz.metrics import shorten, text_width
from viz.tensors.cards import CardContent, card_title, draw_frame, triangle
from viz.tensors.placement import Box
from viz.tensors.sheet import Sheet
from viz.tensors.words import compact, measured

__all__ = ["ClassTable", "class_table", "draw_loss"]

SHOWN = 10
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class ClassTable:
    """Per shown class: its number and name, softmax, and gradient at the logits.

    ``scale`` is by what the kept gradient was multiplied to be that of one sample (the batch
    size under a mean); ``exact`` whether it then is ``p − y`` (no weights, no smoothing).
    """

    classes: tuple[int, ...]
    names: tuple[str, ...]
    p: tuple[float, ...]
    gradient: tuple[float, ...] | None
    target: int
    total: int
    scale: float
    exact: bool
    feeder: str

    @property
    def sentence(self) -> str:
        """Say what a gradient step does to the logits."""
        if self.gradient is None or not np.all(np.isfinite(self.gradient)):
            return ""
        pairs = list(zip(self.gradient, self.names, strict=True))
        up = [name for g, name in sorted(pairs) if g <= -0.005][:2]
        down = [name for g, name in sorted(pairs, key=lambda pair: -pair[0]) if g >= 0.005][:3]
        parts = [f"raises logit {', '.join(up)}"] if up else []
        parts += [f"lowers {', '.join(down)}"] if down else []
        return "the step " + ", ".join(parts) if parts else "the step hardly moves the logits"


def class_table(
    logits: np.ndarray,
    gradient: np.ndarray | None,
    target: int,
    labels: Sequence[str] | None,
    feeder: str,
) -> ClassTable:
    """Measure the classes of the first sample.

    Parameters
    ----------
    logits : (N, K) or (K,) array
    gradient : array like logits, or None
        dL/dlogits as recorded.
    target : int
        The class of the first sample.
    labels : sequence of str, optional
        Names of the classes.
    feeder : str
        What made the logits.

    Examples
    --------
    >>> t = class_table(np.zeros((1, 4)), np.array([[0.25, -0.75, 0.25, 0.25]]), 1, None, "fc")
    >>> t.p, t.exact, t.sentence
    ((0.25, 0.25, 0.25, 0.25), True, 'the step raises logit 1, lowers 0, 2, 3')
    """
    batch = logits.shape[0] if logits.ndim > 1 else 1
    first = (logits[0] if logits.ndim > 1 else logits).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(first - np.max(first))
        p = powers / powers.sum()
    wish = p - (np.arange(first.size) == target)
    sent, scale, exact = None, 1.0, False
    if gradient is not None:
        sent = (gradient[0] if gradient.ndim > 1 else gradient).astype(np.float64)
        for scale in (1.0, float(batch)):
            exact = bool(np.allclose(sent * scale, wish, rtol=1e-3, atol=1e-5))
            if exact:
                break
        else:
            scale = 1.0
        sent = sent * scale
    shown = range(first.size)
    if first.size > SHOWN:
        best = [int(c) for c in np.argsort(-np.nan_to_num(p), kind="stable")[:SHOWN]]
        shown = sorted(best if target in best else [*best[:-1], target])
    return ClassTable(
        tuple(shown),
        tuple(str(labels[c]) if labels is not None else str(c) for c in shown),
        tuple(float(p[c]) for c in shown),
        None if sent is None else tuple(float(sent[c]) for c in shown),
        target,
        int(first.size),
        scale,
        exact,
        feeder,
    )


def draw_loss(sheet: Sheet, box: Box, content: CardContent, table: ClassTable) -> None:
    """Draw the wide card."""
    layer = content.layer
    with sheet.group(id=f"n-{layer.id}", cls="node", title=card_title(content)):
        draw_frame(sheet, box, layer, "result")
        _totals(sheet, box, content)
        x, y, left = box.x, box.y, box.x + 84
        pitch = (box.right - 12 - left) / len(table.classes)
        unit = _unit(table)
        some = table.total > len(table.classes)
        heading = f"{len(table.classes)} of {table.total}" if some else "class"
        sheet.text(x + 12, y + 62, heading, "ink2")
        _target_ring(sheet, table, left, pitch, y)
        sheet.path(f"M{left:g} {y + 116:g}H{box.right - 12:g}", "ax")
        with sheet.group(id=f"v-{layer.id}.p"):
            sheet.text(x + 12, y + 100, "p", "b value")
            sheet.text(x + 12, y + 116, "softmax", "ink2")
            for number, value in enumerate(table.p):
                _bar(sheet, left + pitch * (number + 0.5), y + 116, pitch, value, "value", unit)
        for number, name in enumerate(table.names):
            style = "m mid b" if table.classes[number] == table.target else "m mid"
            middle = left + pitch * (number + 0.5)
            sheet.text(middle, y + 62, shorten(name, pitch - 4, 11, mono=True), style)
        with sheet.group(id=f"g-{layer.id}.logits"):
            _gradient_row(sheet, box, table, left, pitch, unit, layer.why_gradient)
            ring = left + pitch * (table.classes.index(table.target) + 0.5)
            _foot(sheet, box, table, ring)


def _foot(sheet: Sheet, box: Box, table: ClassTable, ring: float) -> None:
    """Say what the step does, on the side of the target's ring where there is more room."""
    sides = (ring - 20 - (box.x + 12), box.right - 12 - (ring + 20))
    room = max(sides)
    full = table.sentence
    forms = (
        full,
        full.removeprefix("the step "),
        full.removeprefix("the step ").replace("logit ", ""),
    )
    words = next((form for form in forms if text_width(form) <= room), shorten(forms[-1], room))
    if words and sides[1] >= sides[0]:
        sheet.text(box.right - 12, box.y + 208, words, "ink2 end")
    elif words:
        sheet.text(box.x + 12, box.y + 208, words, "ink2")


def _totals(sheet: Sheet, box: Box, content: CardContent) -> None:
    value, gradient = content.value, content.gradient
    y, x = box.y + 20, box.x + box.width / 2 + 6
    with sheet.group(id=f"v-{content.layer.id}", cls="vb"):
        _total(sheet, x, y, "value", "—" if value is None else measured(value.mean))
    with sheet.group(id=f"g-{content.layer.id}", cls="gb"):
        x += 92
        if gradient is None:
            sheet.text(x, y + 4.5, "—", "ink2")
            return
        end = _total(sheet, x, y, "gradient", measured(gradient.mean))
        if content.is_root:
            sheet.text(end + 6, y + 4.5, "seed", "ink2")


def _total(sheet: Sheet, x: float, y: float, role: str, number: str) -> float:
    """Write a number on a chip of its hue; returns the chip's right end."""
    width = text_width(number, 12, mono=True, bold=True) + 21
    sheet.rect(x - 4, y - 9, width, 18, "vchip" if role == "value" else "gchip", rx=4)
    triangle(sheet, x, y, role, 8)
    style = "value" if role == "value" else "grad"
    sheet.text(x + 13, y + 4.5, number, f"m {style} s12 b")
    return x - 4 + width


def _target_ring(sheet: Sheet, table: ClassTable, left: float, pitch: float, y: float) -> None:
    middle = left + pitch * (table.classes.index(table.target) + 0.5)
    width = min(28.4, pitch - 2)
    sheet.rect(middle - width / 2, y + 47, width, 165, "okring", rx=4)


def _gradient_row(
    sheet: Sheet, box: Box, table: ClassTable, left: float, pitch: float, unit: float, why: str
) -> None:
    x, base = box.x, box.y + 160
    name = "p − y" if table.exact or table.gradient is None else f"∂L/∂{table.feeder}"
    sheet.text(x + 12, base - 6, shorten(name, 56, bold=True), "b grad")
    sheet.path(f"M{left:g} {base:g}H{box.right - 12:g}", "ax")
    if table.gradient is None:
        sheet.text(left + 4, base + 14, f"— {why or 'not kept'}", "ink2")
        return
    if table.exact:
        times = f"{table.scale:g} " if table.scale != 1 else ""
        sheet.text(x + 12, base + 10, shorten(f"= {times}∂L/∂{table.feeder}", 68), "ink2")
    for number, value in enumerate(table.gradient):
        _bar(sheet, left + pitch * (number + 0.5), base, pitch, value, "gradient", unit)


def _bar(
    sheet: Sheet, middle: float, base: float, pitch: float, value: float, role: str, unit: float
) -> None:
    thick, tall = min(18.4, pitch - 6), max(0.8, unit * abs(np.nan_to_num(value)))
    style = "neg" if value < 0 and tall > 0.8 else "vf" if role == "value" else "gf"
    sheet.rect(middle - thick / 2, base if value < 0 else base - tall, thick, tall, style)
    if not abs(value) < 0.005:
        y = base + tall + 12 if value < 0 else base - tall - 4
        places = 2 if value > -0.995 else 1  # five characters would leave the ring
        sheet.text(
            middle, y, compact(value, places), "m mid " + ("value" if role == "value" else "grad")
        )


def _unit(table: ClassTable) -> float:
    """Pixels of one unit of probability, so that both rows keep to their room."""
    sent = [g for g in table.gradient or () if np.isfinite(g)]
    shown = [p for p in table.p if np.isfinite(p)]
    rooms = [
        (34, max(shown, default=0)),
        (26, max(sent, default=0)),
        (38, -min(sent, default=0)),
    ]
    return min([62.0, *(room / size for room, size in rooms if size > 0)])
