"""The classes that layer pictures add to the theme: prints, ribbons, gauges, chips, tints.

Lines and fills carry Okabe and Ito's own blue and vermilion, which 3:1 suffices for; text takes
the theme's darker tokens. Prints keep their white in the dark, like photographs.
"""

from collections.abc import Mapping

from viz.render.svg import clean_style
from viz.theme import DARK as INK_DARK
from viz.theme import LIGHT as INK_LIGHT
from viz.theme import style_sheet

__all__ = ["layer_style"]

SHAPES = (
    ".s15{font-size:15px}.vs,.gs,.ax,.okring{fill:none}.ax,.pl,.clu,.parbox,.unlit{stroke-width:1}"
    ".ringed{stroke-width:1.6}.okring{stroke-width:1.2}.hp{stroke-width:2.4;fill:none}"
    ".faint{opacity:.55}"
)
LIGHT: Mapping[str, str] = {
    "clu": "fill:#F0F3F7;stroke:#D9E0E7",
    "vf": "fill:#0072B2", "gf": "fill:#D55E00", "vs": "stroke:#0072B2", "gs": "stroke:#D55E00",
    "vh": "fill:#66AAD6", "gh": "fill:#F0A36B", "neg": "fill:#3D4650",
    "ringed": "stroke:#1B2430", "okring": "stroke:#009E73",
    "pl": "fill:#FFFFFF;stroke:#D3DAE2", "ax": "stroke:#9AA5B1",
    "parbox": "fill:#FFFAF0;stroke:#E3C98F", "partab": "fill:#E69F00",
    "hb": "fill:#DFE4EA", "hp": "stroke:#3D4650", "unlit": "fill:#EEF1F4;stroke:#D3DAE2",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "clu": "fill:#171E26;stroke:#2B3641",
    "vf": "fill:#56B4E9", "gf": "fill:#F0803C", "vs": "stroke:#56B4E9", "gs": "stroke:#F0803C",
    "vh": "fill:#2F78A5", "gh": "fill:#A85A2B", "neg": "fill:#AAB5C0",
    "ringed": "stroke:#EAEFF5", "okring": "stroke:#4CC9A0",
    "pl": "fill:#FFFFFF;stroke:#2F3945", "ax": "stroke:#66727F",
    "parbox": "fill:#262218;stroke:#6B5A33", "partab": "fill:#E69F00",
    "hb": "fill:#2A343F", "hp": "stroke:#B5C0CB", "unlit": "fill:#171E26;stroke:#2B3641",
}  # fmt: skip


def layer_style(
    prefix: str,
    theme: str = "auto",
    shapes: str = "",
    light: Mapping[str, str] | None = None,
    dark: Mapping[str, str] | None = None,
) -> str:
    """Return the style sheet of a layer picture: the theme's, and what is added here.

    Parameters
    ----------
    prefix, theme : str
        As for `viz.theme.style_sheet`.
    shapes : str
        More rules that do not change with the theme.
    light, dark : mapping of class to declarations, optional
        More colours.
    """
    lit, unlit = {**LIGHT, **(light or {})}, {**DARK, **(dark or {})}
    sheet = style_sheet(prefix, theme, SHAPES + shapes)
    bright, night = _rules(prefix, lit, INK_LIGHT), _rules(prefix, unlit, INK_DARK)
    sheet += night if theme == "dark" else bright
    if theme == "auto":
        sheet += f"@media (prefers-color-scheme:dark){{{night}}}"
    return clean_style(sheet)


def _rules(prefix: str, paints: Mapping[str, str], tokens: Mapping[str, str]) -> str:
    return f"#{prefix}figure text{{fill:{tokens['ink']}}}" + "".join(
        f"#{prefix}figure .{name}{{{body}}}" for name, body in paints.items()
    )
