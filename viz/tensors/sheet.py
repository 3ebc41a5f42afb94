"""The pen of the layer pictures: the common one, plus lines of several styles and hatching."""

from __future__ import annotations

from collections.abc import Iterable

from viz.render.svg import Pen, clean, coordinate

__all__ = ["Sheet"]

HATCH = (
    '<defs><pattern id="{id}" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hb" width="5" height="5"/>'
    '<path class="hp" d="M0 0V5"/></pattern></defs>'
)


class Sheet(Pen):
    """A pen that also writes lines whose words differ in style, and hatched areas.

    Examples
    --------
    >>> sheet = Sheet("f-")
    >>> sheet.spans(0, 11, [("dies", "b"), (" here", "")])
    >>> "hatch" in sheet.content, "<tspan>" in sheet.content
    (True, True)
    """

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix)
        self.raw(HATCH.format(id=clean(f"{prefix}hatch")))

    def spans(self, x: float, y: float, parts: Iterable[tuple[str, str]], cls: str = "") -> None:
        """Write one line from (words, class) parts."""
        spans = "".join(
            f'<tspan class="{clean(style)}">{clean(words)}</tspan>'
            if style
            else f"<tspan>{clean(words)}</tspan>"
            for words, style in parts
        )
        style = f' class="{clean(cls)}"' if cls else ""
        where = f'x="{coordinate(x)}" y="{coordinate(y)}"'
        self.raw(f'<text {where}{style} xml:space="preserve">{spans}</text>')

    def hatch(self, x: float, y: float, width: float, height: float, faint: bool = False) -> None:
        """Hatch an area: stopped here, or zero throughout (faint)."""
        fill = f"url(#{self.prefix}hatch)"
        cls = "faint" if faint else "full"
        self.element("rect", x=x, y=y, width=width, height=height, cls=cls, fill=fill)
