"""The page of the stepper: one file, the static figure inside it, and no network.

The figure stands in the page as it is drawn (its final state), so a reader without JavaScript
loses the stepping and nothing else. The frames ride along as JSON in a script element of a data
type; the page's own scripts and styles are package files (viz/assets), read once.
"""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["embed_json", "stepper_page"]

SCRIPTS = (
    "stepper-panes.js",
    "stepper-figure.js",
    "stepper-track.js",
    "stepper-quiz.js",
    "stepper.js",
)
NOSCRIPT = "Stepping needs JavaScript. The figure below shows the end: every value and gradient."


def stepper_page(
    svg: str, data: Mapping[str, Any], *, title: str, prefix: str = "", theme: str = "auto"
) -> str:
    """Return the page that steps through `data` over the picture `svg`, as one HTML document.

    Parameters
    ----------
    svg : str
        The figure in its final state, ids prefixed by `prefix`.
    data : mapping
        What `viz.stepper` derives: ``frames``, ``nodes``, ``edges``, ``lines``. JSON-able.
    title : str
        The document's title and the accessible name of the stepper; any text.
    prefix : str
        The prefix of the figure's ids.
    theme : {"auto", "light", "dark"}
        ``auto`` follows the reader's system.

    Examples
    --------
    >>> data = {"frames": [], "nodes": {}, "edges": {}, "lines": []}
    >>> page = stepper_page("<svg/>", data, title="<script>alert(1)</script>")
    >>> "&lt;script&gt;alert(1)&lt;/script&gt;" in page, "<script>alert" in page
    (True, False)
    """
    parts = {
        "theme": f' data-theme="{theme}"' if theme in ("light", "dark") else "",
        "title": html.escape(title),
        "prefix": html.escape(prefix),
        "noscript": html.escape(NOSCRIPT),
        "style": _asset("stepper.css"),
        "svg": svg,
        "frames": embed_json(data),
        "script": "\n".join(map(_asset, SCRIPTS)),
    }
    # One pass: what is put in is never searched for placeholders again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("stepper.html"))


def embed_json(data: Any) -> str:
    """Write JSON that may stand inside a script element, whatever text it holds.

    Examples
    --------
    >>> print(embed_json(["</script>", "a & b"]))
    ["\\u003c/script\\u003e","a \\u0026 b"]
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub(r"[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


@cache
def _asset(name: str) -> str:
    return resources.files("viz").joinpath("assets", name).read_text(encoding="utf-8").rstrip()
