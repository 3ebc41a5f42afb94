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

from viz.theme import DARK, LIGHT, MONO_FONT, SANS_FONT

__all__ = ["colours", "embed_json", "states_style", "stepper_page"]

SCRIPTS = (
    "stepper-figure.js",
    "stepper-panes.js",
    "stepper-track.js",
    "stepper-quiz.js",
    "stepper.js",
)
TOKENS = {  # the page's variable -> the figure's token
    "ground": "ground", "card": "card", "ink": "ink", "ink2": "ink2", "ink3": "ink3",
    "faint": "dead", "value": "value", "value-chip": "vchip", "gradient": "grad",
    "gradient-chip": "gchip", "pill": "pill", "won": "ok",
}  # fmt: skip
PAGE_LIGHT = {"page": "#F6F8FA", "line": "#D5DCE4", "quiet": "#EEF1F5"}
PAGE_DARK = {"page": "#0D1117", "line": "#2F3945", "quiet": "#232C37"}
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
        What `viz.stepper` derives: ``frames``, ``nodes``, ``edges``, ``lines``, ``given`` and the
        figure's ``scope``. JSON-able.
    title : str
        The document's title and the accessible name of the stepper; any text.
    prefix : str
        The prefix of the figure's ids.
    theme : {"auto", "light", "dark"}
        ``auto`` follows the reader's system.

    Examples
    --------
    >>> data = {"frames": [], "nodes": {}, "edges": {}, "lines": [], "scope": "#bl-figure"}
    >>> page = stepper_page("<svg/>", data, title="<script>alert(1)</script>")
    >>> "&lt;script&gt;alert(1)&lt;/script&gt;" in page, "<script>alert" in page
    (True, False)
    """
    parts = {
        "title": html.escape(title),
        "prefix": html.escape(prefix),
        "noscript": html.escape(NOSCRIPT),
        "style": "\n".join([_variables(theme), _asset("stepper.css"), _states(data["scope"])]),
        "svg": svg,
        "frames": embed_json(data),
        "script": "\n".join(map(_asset, SCRIPTS)),
    }
    # One pass: what is put in is never searched for placeholders again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("stepper.html"))


def embed_json(data: Any) -> str:
    r"""Write JSON that may stand inside a script element, whatever text it holds.

    Examples
    --------
    >>> print(embed_json(["</script>", "a & b"]))
    ["\u003c/script\u003e","a \u0026 b"]
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub(r"[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def states_style(scope: str, theme: str = "auto") -> str:
    """Return the rules of a figure in mid-walk with literal colours, for a free-standing SVG.

    Parameters
    ----------
    scope : str
        The selector of the figure, ``"#bl-figure"``.
    theme : {"auto", "light", "dark"}
    """
    rules = re.sub(r"/\*.*?\*/|transition:[^;]*;", "", _states(scope), flags=re.S)

    def literal(of: str) -> str:
        known = colours(of)
        return re.sub(r"var\(--([\w-]+)\)", lambda found: known[found[1]], rules)

    if theme != "auto":
        return literal(theme)
    dark = literal("dark")
    return f"{literal('light')}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _states(scope: str) -> str:
    """Scope the rules of a figure in mid-walk: they must weigh more than the figure's own."""
    return _asset("stepper-states.css").replace(".figure ", f"{scope} ")


def colours(theme: str) -> dict[str, str]:
    """Return the page's colours by variable, of the light or the dark theme."""
    tokens, page = (DARK, PAGE_DARK) if theme == "dark" else (LIGHT, PAGE_LIGHT)
    return {variable: tokens[token] for variable, token in TOKENS.items()} | page


def _variables(theme: str) -> str:
    def root(of: str, scheme: str) -> str:
        written = " ".join(f"--{name}: {colour};" for name, colour in colours(of).items())
        return f":root {{ color-scheme: {scheme}; {written} }}"

    fonts = f":root {{ --sans: {SANS_FONT}; --mono: {MONO_FONT}; }}"
    if theme != "auto":
        return f"{fonts}\n{root(theme, theme)}"
    dark = f"@media (prefers-color-scheme: dark) {{ {root('dark', 'light dark')} }}"
    return f"{fonts}\n{root('light', 'light dark')}\n{dark}"


@cache
def _asset(name: str) -> str:
    return resources.files("viz").joinpath("assets", name).read_text(encoding="utf-8").rstrip()
