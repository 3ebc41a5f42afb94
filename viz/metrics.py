"""Widths of text without a font library, and text cut to a width.

Advance widths of DejaVu Sans, the widest face that a reader is likely to get: text in a narrower
font only gains air.  DejaVu Sans Mono advances .602 em, whatever the character.
"""

from __future__ import annotations

import unicodedata

__all__ = ["MONO", "shorten", "text_width"]

MONO = 0.602  # em
UNITS = 2048  # of the tables, per em

EXTRA = "−×·∂½²³→←…’“”≤≥∑√σμαβθ⁻–—¹±‖∇Δ°ληεπφ⁰⁴⁵⁶⁷⁸⁹"


def _widths(table: str) -> dict[str, int]:
    characters = [*map(chr, range(32, 127)), *EXTRA]
    return dict(zip(characters, map(int, table.split()), strict=True))


REGULAR = _widths(
    "651 821 942 1716 1303 1946 1597 563 799 799 1024 1716 651 739 651 690 1303 1303 1303 "
    "1303 1303 1303 1303 1303 1303 1303 690 690 1716 1716 1716 1087 2048 1401 1405 1430 1577 "
    "1294 1178 1587 1540 604 604 1343 1141 1767 1532 1612 1235 1612 1423 1300 1251 1499 1401 "
    "2025 1403 1251 1403 799 690 799 1716 1024 1024 1255 1300 1126 1300 1260 721 1300 1298 "
    "569 569 1186 569 1995 1298 1253 1300 1300 842 1067 803 1298 1212 1675 1212 1212 1075 "
    "1303 690 1303 1716 1716 1716 651 1059 1985 821 821 1716 1716 2048 651 1061 1061 1716 "
    "1716 1380 1305 1298 1303 1350 1307 1253 1081 1024 2048 821 1716 1024 1370 1401 1024 1212 "
    "1298 1107 1233 1351 821 821 821 821 821 821 821 "
)
BOLD = _widths(
    "713 934 1067 1716 1425 2052 1786 627 936 936 1071 1716 778 850 778 748 1425 1425 1425 "
    "1425 1425 1425 1425 1425 1425 1425 819 819 1716 1716 1716 1188 2048 1585 1561 1503 1700 "
    "1399 1399 1681 1714 762 762 1587 1305 2038 1714 1741 1501 1741 1577 1475 1397 1663 1585 "
    "2259 1579 1483 1485 936 748 936 1716 1024 1024 1382 1466 1214 1466 1389 891 1466 1458 "
    "702 702 1362 702 2134 1458 1407 1466 1466 1010 1219 979 1458 1335 1892 1321 1335 1192 "
    "1458 748 1458 1716 1716 1716 778 1114 2120 897 897 1716 1716 2048 778 1346 1346 1716 "
    "1716 1470 1366 1595 1507 1407 1466 1407 1081 1024 2048 897 1716 1024 1427 1585 1024 1296 "
    "1458 1140 1620 1602 897 897 897 897 897 897 897 "
)


def text_width(text: str, size: float = 11, *, mono: bool = False, bold: bool = False) -> float:
    """Return the width of one line of text in pixels.

    Examples
    --------
    >>> round(text_width("value", 11), 1), round(text_width("−1.5", 12, mono=True), 1)
    (30.0, 28.9)
    """
    table = BOLD if bold else REGULAR
    em = sum(_mono(c) if mono else _sans(c, table) for c in text)
    return em * size


def shorten(text: str, width: float, size: float = 11, *, mono: bool = False,
            bold: bool = False) -> str:  # fmt: skip
    """Return text that fits a width: whole, or with its middle left out.

    Examples
    --------
    >>> shorten("features.block1.conv.weight", 90, mono=True)
    'featur…weight'
    """
    if text_width(text, size, mono=mono, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        cut = text[: kept // 2] + "…" + text[len(text) - (kept - kept // 2) :]
        if text_width(cut, size, mono=mono, bold=bold) <= width:
            return cut
    return "…"


def _mono(character: str) -> float:
    return _unusual(character, MONO)


def _sans(character: str, table: dict[str, int]) -> float:
    known = table.get(" " if character == "\N{NO-BREAK SPACE}" else character)
    return known / UNITS if known is not None else _unusual(character, 0.75)


def _unusual(character: str, usual: float) -> float:
    """Return the width of a character: none for a combining one, an em for a wide one."""
    if character.isascii():
        return usual
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else usual
