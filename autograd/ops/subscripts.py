"""Subscripts of einsum: what is written, ``"...ij,jk"``, and what it says of the operands' axes.

Each axis gets one letter.  Those that ``...`` stands for get letters that were not used, counted
from the right, so that they broadcast.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

# PyTorch's alphabetical order, in which capitals come first.
LETTERS = string.ascii_uppercase + string.ascii_lowercase


class Parsed(NamedTuple):
    """Terms of the operands, that of the result (None: not said), and the operands."""

    terms: list[str]
    result: str | None
    operands: list[Any]


def parse(arguments: Sequence[Any]) -> Parsed:
    """Read the arguments of einsum, in either of its two forms.

    Raises
    ------
    RuntimeError
        If the subscripts are malformed, or not as many as the operands.
    """
    if not arguments:
        raise RuntimeError("einsum: expected subscripts and operands, got nothing")
    if isinstance(arguments[0], str):
        terms, result = _read(arguments[0])
        operands = list(arguments[1:])
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = list(operands[0])
    else:
        pairs = len(arguments) // 2
        operands = [arguments[2 * i] for i in range(pairs)]
        terms = [_letters(arguments[2 * i + 1]) for i in range(pairs)]
        result = _letters(arguments[-1]) if len(arguments) % 2 else None
    if len(terms) != len(operands):
        raise RuntimeError(
            f"einsum: subscripts {','.join(terms)!r} are for {len(terms)} operands, got "
            f"{len(operands)}"
        )
    return Parsed(terms, result, operands)


def _read(text: str) -> tuple[list[str], str | None]:
    inputs, arrow, result = text.replace(" ", "").partition("->")
    terms = inputs.split(",")
    for term in (*terms, result):
        if strange := re.sub(r"\.\.\.", "", term, count=1).strip(string.ascii_letters):
            raise RuntimeError(
                f"einsum: subscripts {text!r}: expected letters and at most one '...' a term, got "
                f"{strange[0]!r} in {term!r}"
            )
    return terms, result if arrow else None


def _letters(axes: Any) -> str:
    """Return letters for axes given as integers; Ellipsis stays."""
    try:
        return "".join("..." if i is Ellipsis else LETTERS[range(52)[i]] for i in axes)
    except (TypeError, IndexError):
        raise RuntimeError(
            f"einsum: expected a list of integers from 0 to 51 after each operand, got {axes!r}"
        ) from None


class Subscripts:
    """The terms of an einsum with one letter an axis, and the length of each index.

    Raises
    ------
    RuntimeError
        If the terms do not fit the operands' shapes, or the result is no choice of their indices.
    """

    def __init__(self, terms: Sequence[str], result: str | None, operands: Sequence[Any]) -> None:
        self.operands = list(operands)
        self.sizes: dict[str, int] = {}
        used = set("".join(terms)) | set(result or "")
        self._spare = "".join(i for i in LETTERS if i not in used)
        self._unnamed = ""
        self.terms = [self._named(term, x) for term, x in zip(terms, operands, strict=True)]
        for term, x in zip(self.terms, operands, strict=True):
            self._measure(term, x.shape)
        self.result = self._result(result)

    def _named(self, term: str, x: Any) -> str:
        """Give the axes that ``...`` stands for letters, counted from the right."""
        named = len(term.replace("...", ""))
        if named != x.ndim and ("..." not in term or named > x.ndim):
            raise RuntimeError(
                f"einsum: {term!r} has {named} indices, but its operand has shape {x.shape}"
            )
        letters = self._spare[: x.ndim - named][::-1]
        if named + len(letters) < x.ndim:
            raise RuntimeError(f"einsum: at most {len(LETTERS)} different indices can be told")
        if "..." in term and len(letters) > len(self._unnamed):
            self._unnamed = letters
        return term.replace("...", letters)

    def _measure(self, term: str, shape: tuple[int, ...]) -> None:
        """Note the length of each index; 1 broadcasts."""
        own: dict[str, int] = {}
        for i, n in zip(term, shape, strict=True):
            if own.setdefault(i, n) != n:
                raise RuntimeError(f"einsum: {term!r} repeats {i!r}, but the shape is {shape}")
            if self.sizes.setdefault(i, n) != n:
                if 1 not in (n, self.sizes[i]):
                    shapes = " and ".join(str(x.shape) for x in self.operands)
                    what = repr(i) if i not in self._spare else "an axis under '...'"
                    raise RuntimeError(
                        f"einsum: {what} has length {self.sizes[i]} and {n}; the operands have "
                        f"shapes {shapes}"
                    )
                self.sizes[i] = n if self.sizes[i] == 1 else self.sizes[i]

    def _result(self, result: str | None) -> str:
        written = "".join(self.terms)
        if result is None:
            named = [i for i in LETTERS if i not in self._spare]
            once = "".join(i for i in named if written.count(i) == 1)
            return self._unnamed + once
        result = result.replace("...", self._unnamed)
        for i in result:
            if i not in self.sizes:
                raise RuntimeError(f"einsum: the result's index {i!r} is in no operand")
            if result.count(i) > 1:
                raise RuntimeError(f"einsum: the result {result!r} repeats {i!r}")
        return result

    def order(self, left: Sequence[tuple[str, tuple[int, ...]]]) -> list[tuple[int, int]]:
        """Return which two of the operands that are left to multiply, step by step.

        Three and more are ordered by ``np.einsum_path``, which takes the cheapest pair first.
        """
        if len(left) < 3:
            return [(0, 1)] * (len(left) - 1)
        written = ",".join(term for term, _ in left) + "->" + self.result
        arrays = [np.broadcast_to(np.float32(0), shape) for _, shape in left]
        path, _ = np.einsum_path(written, *arrays, optimize="greedy")
        steps: list[tuple[int, int]] = []
        for chosen in path[1:]:
            *rest, last = sorted(chosen)
            if not rest:
                continue
            steps.append((rest[-1], last))
            for i in rest[-2::-1]:  # more than two at once: the product is the last operand now
                steps.append((i, len(left) - len(steps) - 1))
        return steps
