"""The tokens of the look: colours of the light and the dark theme, type, distances, and their CSS.

Hues are Okabe and Ito's, moved in lightness until text on every ground passes a contrast of 4.5
to 1.  A figure's style sheet holds literal colours and one ``prefers-color-scheme`` block: librsvg
and Inkscape know no ``var()``, skip the block, and draw the light theme.  Inline, a style sheet is
global to its page, so every selector is scoped to the figure's id.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DARK", "LIGHT", "MONO_FONT", "SANS_FONT", "THEMES", "style_sheet"]

THEMES = ("auto", "light", "dark")

SANS_FONT = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
)
MONO_FONT = (
    "ui-monospace,SFMono-Regular,Menlo,Consolas,"
    '"DejaVu Sans Mono","Liberation Mono",monospace'
)  # fmt: skip

LIGHT: Mapping[str, str] = {
    "ground": "#FFFFFF", "card": "#FFFFFF", "zero": "#F3F5F8", "note": "#F6F8FA",
    "border": "#B9C3CE", "rule": "#E1E6EC",
    "ink": "#1B2430", "ink2": "#465264", "ink3": "#5E6B7B",
    "edge": "#56657A", "dead": "#A9B4C1",
    "value": "#0068A3", "grad": "#B54800", "vchip": "#E4F1FA", "gchip": "#FDEBDF",
    "pill": "#D98A57", "ok": "#00704F",
    "param": "#FBE6B8", "input": "#D3EAF8", "op": "#E6EBF1", "result": "#CDEBDF",
    "win1": "#EFEBF8", "win2": "#E1F1E9", "win3": "#F8E9F1", "win4": "#F1EFE2",
    "cluster": "#F6F8FA",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "ground": "#12171E", "card": "#1A212B", "zero": "#161C24", "note": "#1A212B",
    "border": "#46535F", "rule": "#2F3945",
    "ink": "#EAEFF5", "ink2": "#B9C4D0", "ink3": "#97A4B4",
    "edge": "#9DABBC", "dead": "#56626F",
    "value": "#6FC0F0", "grad": "#FFA06B", "vchip": "#173247", "gchip": "#3D2A1E",
    "pill": "#A8683F", "ok": "#4CC9A0",
    "param": "#4D3C12", "input": "#17405A", "op": "#2C3642", "result": "#12463A",
    "win1": "#352E54", "win2": "#17402F", "win3": "#4A2A3E", "win4": "#3B3A20",
    "cluster": "#161C24",
}  # fmt: skip

# class -> (property, token) pairs: what changes with the theme.
PAINTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bg": (("fill", "ground"),),
    **{name: (("fill", name),) for name in (
        "card", "zero", "note", "ink", "ink2", "ink3", "value", "grad", "vchip", "gchip", "ok",
        "param", "input", "op", "result", "win1", "win2", "win3", "win4", "cluster",
    )},
    "inv": (("fill", "ink"),),  # not finite: an inverted chip
    "paper": (("fill", "ground"),),
    "cs": (("stroke", "border"),),
    "rl": (("stroke", "rule"),),
    "e": (("stroke", "edge"),),
    "ed": (("stroke", "dead"),),
    "ah": (("fill", "edge"),),
    "ahd": (("fill", "dead"),),
    "bk": (("fill", "grad"),),
    "halo": (("stroke", "ground"),),
    "p": (("fill", "card"), ("stroke", "pill")),
    "pm": (("fill", "card"), ("stroke", "dead")),
    "pz": (("fill", "card"), ("stroke", "dead")),
    "ring": (("stroke", "ink"),),
    "tie": (("stroke", "ink"),),
    "hg": (("stroke", "grad"),),
    "hgd": (("stroke", "ink3"),),
    "gc": (("stroke", "pill"),),
    "kn": (("stroke", "ink3"),),
    "clb": (("stroke", "rule"),),
}  # fmt: skip

SHAPES = (
    ".m{font-family:%MONO%}"
    ".s12{font-size:12px}.s13{font-size:13px}.s14{font-size:14px}"
    ".b{font-weight:700}.sb{font-weight:600}.end{text-anchor:end}.mid{text-anchor:middle}"
    ".e,.ed,.halo,.cs,.rl,.ring,.tie,.hg,.hgd,.gc,.kn,.clb{fill:none}"
    ".e{stroke-width:1.5}.ed{stroke-width:1;stroke-dasharray:4 3}.ew{stroke-width:2.5}"
    ".halo{stroke-width:5}.cs,.p,.pm{stroke-width:1}.pz{stroke-width:1;stroke-dasharray:2 2}"
    ".ring{stroke-width:1.5}.tie{stroke-width:1.5;stroke-dasharray:4 2.5}"
    ".hg,.hgd{stroke-width:1.2}.far{visibility:hidden}"
    ".edge:hover .far,.edge.active .far{visibility:visible}"
    ".edge:hover .near,.edge.active .near{visibility:hidden}"
    ".hit{fill:none;stroke:transparent;stroke-width:9}"
)


def style_sheet(prefix: str, theme: str = "auto", extra: str = "") -> str:
    """Return the CSS of a figure whose root element has the id ``{prefix}figure``.

    Parameters
    ----------
    prefix : str
        The figure's id prefix.
    theme : {"auto", "light", "dark"}
        ``auto`` follows the reader's system.
    extra : str
        More rules, unscoped (``.thing{...}``); they are scoped here.
    """
    if theme not in THEMES:
        raise ValueError(f"theme: expected one of {', '.join(THEMES)}, got {theme!r}")
    scope = f"#{prefix}figure"
    shapes = SHAPES.replace("%MONO%", MONO_FONT)
    paints = _paints(scope, DARK if theme == "dark" else LIGHT)
    sheet = (
        f"{scope} text{{font-family:{SANS_FONT};font-size:11px}}"
        + _scoped(scope, shapes)
        + paints
        + _scoped(scope, extra)
    )
    if theme == "auto":
        sheet += f"@media (prefers-color-scheme:dark){{{_paints(scope, DARK)}}}"
    return sheet


def _paints(scope: str, tokens: Mapping[str, str]) -> str:
    return "".join(
        f"{scope} .{name}{{{';'.join(f'{prop}:{tokens[token]}' for prop, token in pairs)}}}"
        for name, pairs in PAINTS.items()
    )


def _scoped(scope: str, rules: str) -> str:
    """Put the figure's scope before every selector of flat rules."""
    scoped = []
    for rule in rules.split("}"):
        if rule:
            selectors, body = rule.split("{")
            scoped.append(",".join(f"{scope} {s}" for s in selectors.split(",")) + f"{{{body}}}")
    return "".join(scoped)
