"""The source pane: the user's own lines where they are known, else the cards' expressions.

Lines are known under ``autograd.inspect()``. Of each file the stretch from the first to the last
line that made an operation is shown, long gaps cut out.
"""

import linecache
import os
from collections.abc import Hashable, Sequence
from typing import NamedTuple

__all__ = ["Listing", "listing"]

GAP = 3  # lines without an operation that are still shown
WIDEST = 160


class Listing(NamedTuple):
    """Lines as (number, text) with None for a heading, and the line of each key."""

    lines: tuple[tuple[str | None, str], ...]
    at: dict[Hashable, int]


def listing(
    entries: Sequence[tuple[Hashable, tuple[str, int] | None, str]],
) -> Listing:
    """Lay out the source of several cards.

    Parameters
    ----------
    entries : sequence of (key, source, expression)
        ``source`` is (filename, line number) or None; ``expression`` stands in where the file
        cannot be read.

    Examples
    --------
    >>> listing([("a", None, "y = x·x"), ("b", None, "z = y + 1")])
    Listing(lines=(('', 'y = x·x'), ('', 'z = y + 1')), at={'a': 0, 'b': 1})
    """
    known = {key: source for key, source, _ in entries if source and linecache.getline(*source)}
    if not known:
        lines = [("", expression[:WIDEST]) for _, _, expression in entries]
        return Listing(tuple(lines), {key: k for k, (key, _, _) in enumerate(entries)})
    files: dict[str, set[int]] = {}
    for filename, number in known.values():
        files.setdefault(filename, set()).add(number)
    laid: list[tuple[str | None, str]] = []
    place: dict[tuple[str, int], int] = {}
    for filename, numbers in files.items():
        if len(files) > 1:
            laid.append((None, os.path.basename(filename)))
        previous = None
        for number in sorted(numbers):
            if previous is not None and number - previous > GAP + 1:
                laid.append((None, "⋮"))
                previous = number - 1
            for shown in range((previous or number - 1) + 1, number + 1):
                place[filename, shown] = len(laid)
                text = linecache.getline(filename, shown).rstrip("\n").expandtabs(4)
                laid.append((str(shown), text[:WIDEST]))
            previous = number
    return Listing(_dedent(laid), {key: place[source] for key, source in known.items()})


def _dedent(lines: Sequence[tuple[str | None, str]]) -> tuple[tuple[str | None, str], ...]:
    indents = [len(text) - len(text.lstrip()) for number, text in lines if number and text.strip()]
    cut = min(indents, default=0)
    return tuple((number, text[cut:] if number else text) for number, text in lines)
