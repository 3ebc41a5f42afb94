"""The figure that `viz.backprop` returns: a backward pass as a sequence of frames.

It is immutable, like every figure. Its picture is the end of the walk; a frame says what becomes
known at one step, and the page (viz/render/html.py) shows the picture as far as it is known.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, overload

from viz.figure import Figure
from viz.frames import Frame
from viz.painting import paint
from viz.render.html import stepper_page
from viz.scene import plain
from viz.storyboard import storyboard

__all__ = ["Stepper"]

LIVE = (
    "(s=>{const b=s.parentElement,i=b.querySelector('img');if(!i)return;"
    "const f=document.createElement('iframe');f.title=i.alt;f.srcdoc=%s;"
    "f.style.cssText='width:100%%;height:%dpx;border:0;border-radius:8px';"
    "f.onload=()=>{try{f.style.height=Math.min(1200,"
    "f.contentDocument.body.scrollHeight+8)+'px'}catch{}};i.replaceWith(f)"
    "})(document.currentScript)"
)


class Stepper(Figure):
    """A backward pass, frame by frame: an immutable figure that is also a sequence of `Frame`.

    ``stepper[i]`` and iteration give frames as data, ``stepper.frame(i)`` the picture at a frame,
    ``stepper.storyboard()`` the key frames side by side, ``stepper.save("page.html")`` the page
    with its keys, its scrubber and its quiz.

    Parameters
    ----------
    picture : Figure
        The figure in its final state.
    frames : sequence of Frame
    page : mapping
        What the page needs besides the frames: ``nodes``, ``edges``, ``lines``, ``given``,
        ``prefix``, ``scope``, ``theme``, ``size``.
    title : str
        The document's title.
    """

    def __init__(
        self, picture: Figure, frames: Sequence[Frame], page: Mapping[str, Any], *, title: str
    ) -> None:
        data = {
            "title": title,
            "frames": [plain(frame) for frame in frames],
            **{name: plain(value) for name, value in page.items()},
        }
        super().__init__(
            svg=picture.svg,
            data=data,
            dot=picture.dot,
            text=partial(_lines, title, tuple(frames)),
            title=title,
            alt=picture.alt,
        )
        object.__setattr__(self, "_frames", tuple(frames))
        object.__setattr__(self, "_page", {
            "title": title, "frames": [plain(frame.page()) for frame in frames], **page,
        })  # fmt: skip

    def __len__(self) -> int:
        """Return the number of frames, the first and the last included."""
        return len(self._frames)

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Frame, ...]: ...

    def __getitem__(self, index: int | slice) -> Frame | tuple[Frame, ...]:
        """Return a frame, or several."""
        return self._frames[index]

    def __iter__(self) -> Iterator[Frame]:
        """Iterate over the frames."""
        return iter(self._frames)

    def frame(self, index: int) -> Figure:
        """Return the picture as it stands at one frame.

        Raises
        ------
        IndexError
            If there is no such frame.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame: index {index} of a step-through of {len(self)} frames")
        at = index % len(self)
        frame = self[at]
        return Figure(
            svg=lambda: paint(self.svg(), self._page, at), data=plain(frame),
            text=f"{at} / {len(self) - 1}  {frame.text}", title=f"{self.title}: {frame.words}",
            alt=frame.text,
        )  # fmt: skip

    def storyboard(
        self, frames: Sequence[int] | None = None, *, columns: int | None = None
    ) -> Figure:
        """Return the key frames as one static picture.

        Parameters
        ----------
        frames : sequence of int, optional
            Which; by default the seed, the end of each operation and the last one, eight at most.
        columns : int, optional
            Panels in a row.
        """
        return Figure(
            svg=lambda: storyboard(
                self.svg(), self._page, self._page["size"], indices=frames, columns=columns
            ),
            data=self.data, text=self.text, title=self.title, alt=self.title,
        )  # fmt: skip

    def html(self) -> str:
        """Return the page: the figure, its frames, keys and quiz in one file, without a network."""
        page = self._page
        return stepper_page(
            self.svg(), page, title=self.title, prefix=page["prefix"], theme=page["theme"]
        )

    def _repr_html_(self) -> str:
        encoded = base64.b64encode(self.svg().encode()).decode()
        source = json.dumps(self.html(), ensure_ascii=True)
        source = source.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        height = min(1100, round(self._page["size"][1]) + 480)
        return (
            f'<div><img src="data:image/svg+xml;base64,{encoded}" alt="{escape(self.alt)}" '
            f'style="max-width:100%"><script>{LIVE % (source, height)}</script></div>'
        )


def _lines(title: str, frames: Sequence[Frame]) -> str:
    """Tell the walk in lines of text: number, direction, sentence, and under it the formula."""
    width = len(str(len(frames) - 1))
    lines = [title, ""]
    for number, frame in enumerate(frames):
        mark = {"forward": "▶", "backward": "◀"}.get(frame.phase, "·")
        lines.append(f"{number:>{width}} {mark} {frame.words}")
        if frame.phase != "start":
            lines.append(f"{'':>{width}}   {frame.formula_text}")
    return "\n".join(lines) + "\n"
