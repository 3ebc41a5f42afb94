"""Edges of a branching graph that cannot run straight from card to card.

An edge between rows of neighbouring columns steps down or up in the gap; a bypass runs under the
cards in its track, value and gradient side by side, and its pill says how much of the gradient at
the fork came by it.
"""

from collections.abc import Mapping, Sequence

from viz.render.svg import coordinate
from viz.tensors.branching import Track
from viz.tensors.cards import GRADIENT_LANE, VALUE_LANE
from viz.tensors.lanes import (
    Ribbons,
    arrow_left,
    arrow_right,
    draw_pill,
    gain_text,
    gradient_group,
    shaft,
    value_group,
)
from viz.tensors.layers import Layer
from viz.tensors.measures import Link
from viz.tensors.placement import HEAD, Box
from viz.tensors.sheet import Sheet
from viz.tensors.words import percent

__all__ = ["draw_step", "draw_step_gain", "draw_track", "fork_shares"]


def fork_shares(links: tuple[Link, ...]) -> dict[tuple[int, int], float]:
    """Return each edge's share of the norms that meet at its fork, where gradients add up."""
    total: dict[int, float] = {}
    count: dict[int, int] = {}
    for link in links:
        if link.norm is not None:
            total[link.source] = total.get(link.source, 0.0) + link.norm
            count[link.source] = count.get(link.source, 0) + 1
    return {
        (k.source, k.target): k.norm / total[k.source]
        for k in links
        if k.norm is not None and total[k.source] and count[k.source] > 1
    }


def draw_step(
    sheet: Sheet, link: Link, ends: tuple[Layer, Layer], boxes: tuple[Box, Box], ribbons: Ribbons
) -> None:
    """Draw an edge between neighbouring columns of different rows."""
    left, right = boxes
    middle = (left.right + right.x) / 2
    with value_group(sheet, *ends):
        _value_way(sheet, left, right, middle - 8, None)
    with gradient_group(sheet, link, *ends):
        _gradient_way(sheet, left, right, middle + 8, None, link, ribbons)


def draw_step_gain(sheet: Sheet, link: Link, boxes: tuple[Box, Box]) -> None:
    """Draw an edge's gain; after all edges, of which others run through the same gutter."""
    left, right = boxes
    if link.gain is not None and link.norm is not None:
        middle = (left.right + right.x) / 2
        draw_pill(sheet, middle + 8, max(left.y, right.y) - HEAD - 24, gain_text(link))


def draw_track(
    sheet: Sheet,
    track: Track,
    link: Link,
    ends: tuple[Layer, Layer],
    boxes: tuple[Box, Box],
    ribbons: Ribbons,
    shares: Mapping[tuple[int, int], float],
) -> None:
    """Draw a bypass in its track under the cards."""
    left, right = boxes
    with value_group(sheet, *ends):
        _value_way(sheet, left, right, None, track.y)
    with gradient_group(sheet, link, *ends):
        if link.norm is None:
            return
        _gradient_way(sheet, left, right, None, track.y + 14, link, ribbons)
        share = shares.get((track.source, track.target))
        words = gain_text(link) if share is None else f"{percent(share)} this way"
        if share is not None or link.gain is not None:
            draw_pill(sheet, (left.right + right.x) / 2, track.y + 6, words)


def _value_way(
    sheet: Sheet, left: Box, right: Box, middle: float | None, track: float | None
) -> None:
    start, end = left.y + VALUE_LANE, right.y + VALUE_LANE
    out, back = left.right + 14, right.x - 22
    bends = [(middle, end)] if track is None else [(out, track), (back, end)]
    sheet.path(_rounded(left.right + 3, start, bends, right.x - 11), "vs", stroke_width=2)
    arrow_right(sheet, right.x - 3, end)


def _gradient_way(
    sheet: Sheet,
    left: Box,
    right: Box,
    middle: float | None,
    track: float | None,
    link: Link,
    ribbons: Ribbons,
) -> None:
    if link.norm is None:
        return
    start, end = right.y + GRADIENT_LANE, left.y + GRADIENT_LANE
    width = ribbons.width(link.norm)
    tip = arrow_left(sheet, left.right + 3, end, width)
    out, back = left.right + 30, right.x - 36
    bends = [(middle, end)] if track is None else [(back, track), (out, end)]
    shaft(sheet, _rounded(right.x - 3, start, bends, tip), width, link)


def _rounded(x: float, y: float, bends: Sequence[tuple[float, float]], stop: float) -> str:
    """Write a path that runs to each bend's x, turns, runs to its y, turns, and ends at a x."""
    way = [f"M{coordinate(x)} {coordinate(y)}"]
    ends = [*(bend[0] for bend in bends[1:]), stop]
    for (turn, level), after in zip(bends, ends, strict=True):
        radius = min(8.0, abs(level - y) / 2, abs(turn - x), abs(after - turn) / 2)
        along = radius if turn > x else -radius
        down = radius if level > y else -radius
        onward = radius if after > turn else -radius
        way.append(f"H{coordinate(turn - along)}")
        way.append(f"Q{coordinate(turn)} {coordinate(y)} {coordinate(turn)} {coordinate(y + down)}")
        way.append(f"V{coordinate(level - down)}")
        corner = f"{coordinate(turn)} {coordinate(level)}"
        way.append(f"Q{corner} {coordinate(turn + onward)} {coordinate(level)}")
        x, y = turn + onward, level
    return "".join([*way, f"H{coordinate(stop)}"])
