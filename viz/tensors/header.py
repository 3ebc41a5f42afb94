"""The block above a picture: title, what was read, the headline, and remarks, each on its lines."""

from collections.abc import Sequence

from viz.metrics import text_width
from viz.tensors.sheet import Sheet

__all__ = ["Heading", "wrap"]

Part = tuple[str, str]  # words and their classes
LINE = 16


class Heading:
    """A heading broken into lines for a width; ``bottom`` is where the picture may begin."""

    def __init__(
        self,
        title: str,
        summary: Sequence[Part],
        headline: Sequence[Part],
        remarks: Sequence[str],
        width: float,
    ) -> None:
        room = width - 64
        beside = text_width(title, 15, bold=True) + 32 + parts_width(summary) <= room
        self.title, self.summary, self.beside = title, tuple(summary), beside
        self.lines: list[list[Part]] = []
        if summary and not beside:
            self.lines += wrap(summary, room)
        self.lines += wrap(headline, room)
        for remark in remarks:
            self.lines += wrap([(remark, "ink2")], room)
        self.bottom = 54 + LINE * max(1, len(self.lines))

    def draw(self, sheet: Sheet, width: float) -> None:
        """Write the lines."""
        sheet.text(24, 32, self.title, "s15 b")
        if self.beside and self.summary:
            sheet.spans(width - 40, 32, self.summary, "end")
        with sheet.group(id="findings"):
            for number, line in enumerate(self.lines):
                sheet.spans(24, 54 + LINE * number, line)


def parts_width(parts: Sequence[Part]) -> float:
    """Return the width of a line of parts."""
    return sum(text_width(words, 11, bold=" b" in f" {style}") for words, style in parts)


def wrap(parts: Sequence[Part], room: float) -> list[list[Part]]:
    """Break parts into lines at spaces."""
    lines: list[list[Part]] = [[]]
    used = 0.0
    for words, style in parts:
        bold = " b" in f" {style}"
        for number, word in enumerate(words.split(" ")):
            piece = word if number == 0 else " " + word
            wide = text_width(piece, 11, bold=bold)
            if used + wide > room and lines[-1] and number:
                lines.append([])
                piece, used = word, 0.0
                wide = text_width(piece, 11, bold=bold)
            if lines[-1] and lines[-1][-1][1] == style:
                lines[-1][-1] = (lines[-1][-1][0] + piece, style)
            elif piece:
                lines[-1].append((piece, style))
            used += wide
    return [line for line in lines if line]
