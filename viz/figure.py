"""What every picture function returns: an immutable figure, to be looked at, saved or tested.

A figure's faces are computed when they are asked for, once.  In a notebook it is HTML: the SVG as
an image with a true text alternative (so it survives where scripts and inline SVG are stripped),
the ledger to fold out, and a script that puts the live figure, with its tooltips, in its place.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viz.raster import png
from viz.render.svg import clean

__all__ = ["Figure"]

Face = str | Callable[[], str]

LIVE = (
    "(s=>{const b=s.parentElement,i=b.querySelector('img');if(!i)return;"
    "const t=new TextDecoder().decode(Uint8Array.from(atob(i.src.split(',')[1]),"
    "c=>c.charCodeAt(0)));"
    "const d=new DOMParser().parseFromString(t,'image/svg+xml').documentElement;"
    "if(d.nodeName!=='svg')return;"
    "d.style.cssText=i.style.cssText;i.replaceWith(document.importNode(d,true));"
    "})(document.currentScript)"
)


class Figure:
    """A picture and the data that it shows.

    Parameters
    ----------
    svg : str or callable
        The picture, or what draws it.
    data : dict
        All that the picture shows, JSON-able.
    dot, text : str or callable
        The graph as DOT text and as lines for a terminal.
    title, alt : str
        A name for the document, and what stands for the picture where it cannot be seen.
    ledger : str or callable
        HTML under the picture: the same as a table.

    Examples
    --------
    >>> figure = Figure(svg="<svg/>", data={"answer": 42}, title="nothing")
    >>> figure.data["answer"], figure.svg()
    (42, '<svg/>')
    """

    def __init__(
        self, *, svg: Face, data: Any, dot: Face = "", text: Face = "", title: str = "",
        alt: str = "", ledger: Face = "",
    ) -> None:  # fmt: skip
        faces = {"svg": svg, "dot": dot, "text": text, "ledger": ledger}
        object.__setattr__(self, "_faces", faces)
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "alt", alt or title)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a figure is immutable."""
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def _face(self, name: str) -> str:
        face = self._faces[name]
        if callable(face):
            self._faces[name] = face = face()
        return face

    def svg(self) -> str:
        """Return the picture as SVG text."""
        return self._face("svg")

    def dot(self) -> str:
        """Return the graph as DOT text."""
        return self._face("dot")

    def text(self) -> str:
        """Return the picture in lines of text, for a terminal."""
        return self._face("text")

    def html(self) -> str:
        """Return a page of its own, without any reference to the network."""
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{clean(self.title)}</title><style>:root{{color-scheme:light dark}}"
            "body{margin:16px;font:14px/1.5 system-ui,sans-serif}svg{max-width:100%;height:auto}"
            "table{border-collapse:collapse}td,th{padding:2px 10px;text-align:left}"
            f"</style></head><body>\n{self.svg()}\n{self._details()}</body></html>\n"
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the figure to a file; its suffix says as what.

        Parameters
        ----------
        path : path
            Ends in ``.svg``, ``.html``, ``.dot``, ``.txt`` or ``.png``. The file appears whole:
            it is written under a temporary name and renamed.

        Raises
        ------
        ValueError
            If the suffix is another one.
        FileNotFoundError
            If the folder is not there.
        RuntimeError
            For ``.png``, if nothing is installed that turns SVG into pixels.
        """
        target = Path(path)
        faces: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: _bytes(self.svg()),
            ".html": lambda: _bytes(self.html()),
            ".dot": lambda: _bytes(self.dot()),
            ".txt": lambda: _bytes(self.text()),
            ".png": lambda: png(self.svg()),
        }
        if target.suffix.lower() not in faces:
            raise ValueError(
                f"save: cannot write {target.name!r}; the suffix must be one of {', '.join(faces)}"
            )
        if not target.parent.is_dir():
            raise FileNotFoundError(
                f"save: cannot write {target.name!r}; there is no folder {str(target.parent)!r}"
            )
        content = faces[target.suffix.lower()]()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return target

    def _details(self) -> str:
        ledger = self._face("ledger")
        return f"<details><summary>Ledger</summary>{ledger}</details>" if ledger else ""

    def _fit(self) -> str:
        """Return a style under which a wide figure scrolls instead of becoming unreadable."""
        found = re.search(r'width="([\d.]+)"', self.svg()[:400])
        least = 0.8 * float(found[1]) if found else 0
        return f"max-width:100%;min-width:{least:.0f}px;height:auto"

    def _repr_html_(self) -> str:
        encoded = base64.b64encode(_bytes(self.svg())).decode()
        return (
            f'<div style="overflow-x:auto"><img src="data:image/svg+xml;base64,{encoded}" '
            f'alt="{clean(self.alt)}" style="{self._fit()}">{self._details()}'
            f"<script>{LIVE}</script></div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            "text/html": self._repr_html_(),
            "image/svg+xml": self.svg(),
            "text/plain": self.text() or repr(self),
        }

    def __repr__(self) -> str:
        """Name the figure."""
        return f"<{type(self).__name__} {self.title!r}>"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
