"""SVG primitives: a pen that escapes everything, and the names of the parts of a figure.

Ids, all behind the figure's prefix (``Scene.prefix``), so that a page may hold many figures and a
stepper may find every part; ``N`` is a node's id, ``E`` an edge's (``z2-v1``; a second use of the
same value is ``x-y.2``):

    figure             the <svg> itself; every CSS selector is scoped to it
    n-N   .node        a card;  .nb in it is its border
    v-N   .vb          the value, triangle and number
    g-N   .gb          the gradient, chip, triangle and number (data-s: its font size)
    x-N   .expr        the expression with numbers
    sum-N .sum         "= 10 + 5" behind a gradient
    br-N               the bracket that joins the rows of a leaf
    why-N .why         the sentence why
    seed-N             the word "seed" beside the root's gradient
    e-E   .edge        an edge: .halo, then .e or .ed (the line), .ah or .ahd (its head at the
                       consumer), .bk (the gradient's head at the producer);
                       .won .dies .dead .pending by what it carries
    p-E   .pill        the local derivative at the consumer's border
    c-E   .cand        an input of a max, with its value: .won .lost .tied
    r-E   .row         the ledger row at the producer
    m-PATH .module     the ground behind the cards of a module
    legend findings notes
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

__all__ = ["Pen", "clean", "coordinate", "safe_id"]

# Characters that XML 1.0 forbids even as references.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    r"""Return text that may stand in XML, escaped, for content and attributes alike.

    Examples
    --------
    >>> clean('<script>"&\x00]]>')
    '&lt;script&gt;&quot;&amp;]]&gt;'
    """
    return escape(FORBIDDEN.sub("", str(text)), quote=True)


def safe_id(name: str) -> str:
    """Return a name that may stand in an id and in a CSS selector; distinct names stay distinct.

    >>> safe_id("z2"), safe_id("fc.weight"), safe_id("x[0]")
    ('z2', 'fc.weight', 'x_5b_0_5d_')
    """
    return re.sub(r"[^A-Za-z0-9.]", lambda found: f"_{ord(found[0]):x}_", name) or "_"


def coordinate(value: float) -> str:
    """Write a coordinate with two decimals at most.

    >>> coordinate(16.0), coordinate(0.1 + 0.2), coordinate(-0.001)
    ('16', '0.3', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Pen:
    """Writes SVG elements one after the other.

    Parameters
    ----------
    prefix : str
        Put before every id.

    Examples
    --------
    >>> pen = Pen("f-")
    >>> with pen.group(id="n-x", cls="node", title="a < b"):
    ...     pen.text(1, 2, "x & y")
    >>> print(pen.content)
    <g id="f-n-x" class="node"><title>a &lt; b</title><text x="1" y="2">x &amp; y</text></g>
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._parts: list[str] = []

    @property
    def content(self) -> str:
        """All that was drawn so far."""
        return "".join(self._parts)

    def element(self, name: str, content: str | None = None, /, **attributes: object) -> None:
        """Write one element; ``cls`` is its class, ``_`` in a name stands for ``-``.

        ``content`` is text, and escaped. Attributes that are None are left out.
        """
        opening = f"<{name}{self._attributes(attributes)}"
        self._parts.append(
            f"{opening}/>" if content is None else f"{opening}>{clean(content)}</{name}>"
        )

    @contextmanager
    def group(
        self, *, id: str | None = None, cls: str | None = None, title: str | None = None,
        **attributes: object,
    ) -> Iterator[None]:  # fmt: skip
        """Wrap what is drawn within the block; `title` is the tooltip."""
        self._parts.append(f"<g{self._attributes({'id': id, 'cls': cls, **attributes})}>")
        if title:
            self._parts.append(f"<title>{clean(title)}</title>")
        yield
        self._parts.append("</g>")

    def rect(
        self, x: float, y: float, width: float, height: float, cls: str, rx: float | None = None,
        **attributes: object,
    ) -> None:  # fmt: skip
        """Draw a rectangle."""
        self.element("rect", x=x, y=y, width=width, height=height, rx=rx, cls=cls, **attributes)

    def path(self, d: str, cls: str, **attributes: object) -> None:
        """Draw a path."""
        self.element("path", d=d, cls=cls, **attributes)

    def text(self, x: float, y: float, content: str, cls: str = "", **attributes: object) -> None:
        """Write one line of text with its baseline at y."""
        if content.startswith(" ") or content.endswith(" ") or "  " in content:
            attributes["xml:space"] = "preserve"
        self.element("text", content, x=x, y=y, cls=cls or None, **attributes)

    def image(self, x: float, y: float, width: float, height: float, uri: str) -> None:
        """Place a picture given as a data URI."""
        self.element("image", x=x, y=y, width=width, height=height, href=uri,
                     preserveAspectRatio="none")  # fmt: skip

    def raw(self, markup: str) -> None:
        """Put in markup that another pen wrote."""
        self._parts.append(markup)

    def document(
        self, width: float, height: float, *, title: str, description: str = "", style: str = ""
    ) -> str:
        """Return the whole SVG around what was drawn."""
        w, h = coordinate(width), coordinate(height)
        labels = f"{self.prefix}title" + (f" {self.prefix}desc" if description else "")
        desc = f'<desc id="{self.prefix}desc">{clean(description)}</desc>' if description else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{self.prefix}figure" '
            f'viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
            f'aria-labelledby="{labels}">'
            f'<title id="{self.prefix}title">{clean(title)}</title>{desc}'
            f"<style>{clean_style(style)}</style>"
            f'<rect x="0" y="0" width="{w}" height="{h}" rx="8" class="bg"/>'
            f"{self.content}</svg>"
        )

    def _attributes(self, attributes: dict[str, object]) -> str:
        written = []
        for name, value in attributes.items():
            if value is None:
                continue
            key = "class" if name == "cls" else name.replace("_", "-")
            if key == "id":
                value = f"{self.prefix}{value}"
            text = coordinate(value) if isinstance(value, int | float) else clean(value)
            written.append(f' {key}="{text}"')
        return "".join(written)


def clean_style(sheet: str) -> str:
    """Return CSS that can stand in a <style> of both XML and HTML (it holds no ``<`` or ``&``)."""
    return FORBIDDEN.sub("", sheet).replace("<", "").replace("&", "")
