"""A walk on paper: its key frames side by side, each with its sentence and its formula.

A panel is the figure at its own size as it stands at one frame, so every text keeps its size; the
strip is as wide as its columns need. It is plain SVG: for print, for slides, for a page without
JavaScript.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from viz.metrics import shorten
from viz.painting import paint, scope_ids
from viz.render.html import colours
from viz.theme import MONO_FONT, SANS_FONT

__all__ = ["key_frames", "storyboard"]

MARGIN, GAP, CAPTION = 16, 24, 64


def key_frames(frames: Sequence[Mapping[str, Any]], most: int = 8) -> tuple[int, ...]:
    """Choose what to show of a walk: the seed, the end of each operation, the last frame.

    When there are more than `most`, sums of several contributions come first, then the
    operations nearest to the root.

    Examples
    --------
    >>> walk = [{"phase": "start", "node": None, "formula": []}]
    >>> walk += [{"phase": "backward", "node": n, "formula": []} for n in "Lyyv"]
    >>> key_frames(walk)
    (1, 3, 4)
    """
    last = len(frames) - 1
    ends = [
        k for k, frame in enumerate(frames)
        if frame["phase"] == "backward"
        and (k == last or frames[k + 1]["node"] != frame["node"] or _is_seed(frames, k))
    ]  # fmt: skip
    sums = [k for k, f in enumerate(frames) if any(role == "now" for _, role in f["formula"])]
    chosen = ends if len(ends) < most else sorted({*ends[:1], *sums[: most // 2]})
    for k in ends:
        if len(chosen) >= most - 1:
            break
        chosen = sorted({*chosen, k})
    if frames[last]["phase"] == "end":
        chosen = [*chosen, last]
    return tuple(chosen)


def _is_seed(frames: Sequence[Mapping[str, Any]], k: int) -> bool:
    return frames[k - 1]["phase"] != "backward" if k else False


def storyboard(
    svg: str,
    data: Mapping[str, Any],
    size: tuple[float, float],
    *,
    indices: Sequence[int] | None = None,
    columns: int | None = None,
) -> str:
    """Return the key frames of a walk as one SVG.

    Parameters
    ----------
    svg : str
        The figure in its final state.
    data : mapping
        The stepper's data.
    size : (width, height)
        Of the figure.
    indices : sequence of int, optional
        The frames to show, by default `key_frames`.
    columns : int, optional
        Panels in a row; two for a figure of up to 1,200 px, else one.
    """
    indices = key_frames(data["frames"]) if indices is None else indices
    columns = columns or (2 if size[0] <= 1200 and len(indices) > 1 else 1)
    width, height = size
    step_x, step_y = width + GAP, height + CAPTION + GAP
    rows = -(-len(indices) // columns)
    total = (2 * MARGIN + columns * step_x - GAP, 2 * MARGIN + rows * step_y - GAP)
    panels = [
        _panel(svg, data, index, number, (MARGIN + (number % columns) * step_x,
               MARGIN + (number // columns) * step_y), size)
        for number, index in enumerate(indices)
    ]  # fmt: skip
    title = escape(data["title"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="storyboard" role="img" '
        f'viewBox="0 0 {total[0]:g} {total[1]:g}" width="{total[0]:g}" height="{total[1]:g}">'
        f"<title>{title}</title><style>{_style(data)}</style>"
        f'<rect class="sb-page" width="100%" height="100%"/>{"".join(panels)}</svg>'
    )


def _panel(
    svg: str, data: Mapping[str, Any], index: int, number: int, at: tuple[float, float],
    size: tuple[float, float],
) -> str:  # fmt: skip
    frame, (x, y), (width, height) = data["frames"][index], at, size
    figure = scope_ids(paint(svg, data, index), data["prefix"], f"p{number}-")
    figure = figure.replace("<svg ", f'<svg x="{x:g}" y="{y + CAPTION:g}" ', 1)
    formula = "".join(("   " if role == "now" else "") + part for part, role in frame["formula"])
    place = f"{index} / {len(data['frames']) - 1}"
    words = escape(shorten(frame["words"], width - 80, 13, bold=True))
    formula = escape(shorten(formula, width, 12, mono=True))
    return (
        f'<g><text class="sb-words" x="{x:g}" y="{y + 18:g}">{words}</text>'
        f'<text class="sb-place" x="{x + width:g}" y="{y + 18:g}">{place}</text>'
        f'<text class="sb-formula" x="{x:g}" y="{y + 42:g}">{formula}</text>'
        f"{figure}"
        f'<rect class="sb-frame" x="{x + 0.5:g}" y="{y + CAPTION + 0.5:g}" width="{width - 1:g}" '
        f'height="{height - 1:g}" rx="8"/></g>'
    )


def _style(data: Mapping[str, Any]) -> str:
    def paint(of: str) -> str:
        colour = colours(of)
        return (
            f".sb-page{{fill:{colour['page']}}}.sb-words{{fill:{colour['ink']}}}"
            f".sb-formula,.sb-place{{fill:{colour['ink2']}}}"
            f".sb-frame{{fill:none;stroke:{colour['line']}}}"
        )

    theme = data.get("theme", "auto")
    fixed = paint("dark" if theme == "dark" else "light")
    media = f"@media(prefers-color-scheme:dark){{{paint('dark')}}}" if theme == "auto" else ""
    return (
        f".sb-words{{font:600 13px {SANS_FONT}}}"
        f".sb-place{{font:12px {MONO_FONT};text-anchor:end}}"
        f".sb-formula{{font:12px {MONO_FONT};white-space:pre}}{fixed}{media}"
    )
