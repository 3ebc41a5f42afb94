"""One sentence for one contribution: why the local derivative is what it is.

A contribution enters a card at one operand of one op and passes through the ops folded into the
card, up to the card's own value. That passage decides the sentence: a product is explained by the
other factor, a sum by 1, a max by who won, and what has no short reason is said as a rate.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from viz.passage import Entry, Passage
from viz.phrases import RULES

__all__ = ["contribution_words", "zero_words"]

SUMS = frozenset({"add", "subtract", "negative", "cast", "alias"})


def contribution_words(passage: Passage, number: Callable[[Any], str]) -> str:
    """Say in one sentence what decides the contribution.

    Examples
    --------
    >>> entry = Entry("multiply", 1, ("k1", "x2"), (1.0, 2.0), 2.0)
    >>> print(contribution_words(Passage("x2", "z2", (entry,), 1.0), "{:g}".format))
    x2 is multiplied by k1 = 1, so k1 is its local derivative.
    """
    if passage.contestants:
        return _contest(passage, number)
    essential = [entry for entry in passage.entries if entry.name not in SUMS]
    if passage.entries and not essential:
        return _sum(passage, number)
    if len(essential) == 1 and not _turned(passage.entries):
        rule = RULES.get(essential[0].name)
        words = rule and rule(essential[0], passage, number)
        if words:
            return words
    return _rate(passage, number)


def zero_words(consumer: str, reason: str, inputs: int) -> str:
    """Say that a card without gradient passes 0 on.

    >>> zero_words("z3", "lost to z2", 7)
    'z3 lost to z2, so its gradient is 0, and all 7 of its inputs receive 0.'
    >>> zero_words("h", "", 1)
    'The gradient of h is 0, so its input receives 0.'
    """
    each = "both" if inputs == 2 else f"all {inputs}"
    whom = "its input receives 0" if inputs == 1 else f"{each} of its inputs receive 0"
    if reason:
        return f"{consumer} {reason}, so its gradient is 0, and {whom}."
    return f"The gradient of {consumer} is 0, so {whom}."


def _turned(entries: Sequence[Entry]) -> bool:
    """Whether a minus on the way turns the sign of what the essential op says."""
    return any(e.name == "negative" or (e.name == "subtract" and e.position) for e in entries)


def _sum(passage: Passage, number: Callable[[Any], str]) -> str:
    turns = sum(e.name == "negative" or (e.name == "subtract" and e.position == 1)
                for e in passage.entries)  # fmt: skip
    names = {entry.name for entry in passage.entries}
    if turns % 2 and names == {"negative"}:
        return f"{passage.consumer} is −{passage.operand}, so the local derivative is −1."
    if turns % 2:
        return f"{passage.operand} is subtracted, so its local derivative is −1."
    if names == {"subtract"}:
        return f"{passage.operand} enters with a plus, so its local derivative is 1."
    if names & {"add", "subtract"}:
        return f"{passage.operand} is added, so its local derivative is 1."
    return f"{passage.consumer} is {passage.operand} itself, so the local derivative is 1."


def _rate(passage: Passage, number: Callable[[Any], str]) -> str:
    if passage.local is None or np.ndim(passage.local):
        return _way(passage)
    return (
        f"{passage.consumer} changes {number(passage.local)} times as fast "
        f"as {passage.operand} does."
    )


def _way(passage: Passage) -> str:
    """Name the operations that the gradient goes back through."""
    called = [entry.name.partition(".")[0] for entry in reversed(passage.entries)]
    names = [WAYS.get(name, name) for name in called]
    if not names:
        return f"{passage.consumer} sends {passage.operand} its part of the gradient."
    if set(names) <= {"product", "sum", "addition"} and names.count("product") == 1:
        factor = next(e for e in passage.entries if WAYS.get(e.name) == "product")
        other = factor.operands[factor.other] or "the other factor"
        return (
            f"{passage.operand} is multiplied by {other} and summed, so each element receives "
            f"{passage.consumer}’s gradient times its factor."
        )
    *first, last = dict.fromkeys(names)
    way = f"{', '.join(first)} and {last}" if first else last
    if " and " in passage.consumer:
        return f"Back through {way}, the gradients of {passage.consumer} reach {passage.operand}."
    return f"Back through {way}, the gradient of {passage.consumer} reaches {passage.operand}."


WAYS = {
    "add": "addition", "subtract": "subtraction", "multiply": "product", "divide": "quotient",
    "getitem": "slicing", "amax": "max", "amin": "min", "concatenate": "joining",
    "matmul": "matrix product",
    "permute": "permuting", "reshape": "reshaping",
}  # fmt: skip


def _contest(passage: Passage, number: Callable[[Any], str]) -> str:
    local = passage.local
    lowest = any(entry.name.startswith("minimum") for entry in passage.entries)
    superlative, sign = ("smallest", ">") if lowest else ("largest", "<")
    values = [float(c.value) for c in passage.contestants]
    best = min(values) if lowest else max(values)
    mine = next((v for c, v in zip(passage.contestants, values, strict=True)
                 if c.name == passage.operand), best)  # fmt: skip
    winners = [c for c, v in zip(passage.contestants, values, strict=True) if v == best]
    *first, last = (c.name for c in passage.contestants)
    of = f"{', '.join(first)} and {last}"
    if np.isnan(best) or np.isnan(mine):
        return f"One of {of} is not a number, and so is what comes back."
    if mine != best:
        constant = [c for c in winners if c.constant]
        if constant:
            won = f"The constant {constant[0].name} wins {passage.consumer}"
            compared = f"{number(mine)} {sign} {number(best)}"
            return f"{won} ({compared}), so {passage.operand} gets nothing."
        return (
            f"{passage.operand} lost {passage.consumer} to {winners[0].name} "
            f"({number(mine)} {sign} {number(best)}), so nothing passes to it."
        )
    if len(winners) == 1:
        return (
            f"{passage.operand} is the {superlative} of {of}, so all of {passage.consumer}’s "
            "gradient passes to it."
        )
    if any(c.constant for c in winners):
        tie = f"{passage.operand} ties with the constant {number(best)}"
        return f"{tie}, which wins: nothing passes."
    policy = passage.entries[0].ties if passage.entries else "torch"
    policy = "even" if policy == "torch" else policy
    tied = " and ".join(c.name for c in winners)
    share = "nothing" if not local else "all of it" if local == 1 else f"a share of {number(local)}"
    return f"{tied} tie at {number(best)}; policy “{policy}”: {passage.operand} gets {share}."
