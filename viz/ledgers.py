"""What the page shows beside the frames: each card's ledger, the edges, the source.

A ledger lists the contributions that a card receives, one line for each consumer's use of it. The
page fills it in as the frames go by, so the lines here are whole and carry the id of their edge.
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from viz.frames import Board, Card, Frame, Link, product_of
from viz.saying import say
from viz.scene import Scene

__all__ = ["page_data"]


def page_data(
    scene: Scene, board: Board, frames: Collection[Frame], *, forward: bool
) -> dict[str, Any]:
    """Return what the page needs besides the frames, JSON-able.

    Parameters
    ----------
    scene : Scene
    board : Board
    frames : collection of Frame
        Only what they step through is listed.
    forward : bool
        Whether the values of operations are hidden at first.
    """
    stepped = {edge for frame in frames if frame.phase == "backward" for edge in frame.edges}
    arriving: dict[str, list[Link]] = {}
    for card in board.cards:
        for link in card.links:
            if link.id in stepped:
                arriving.setdefault(link.source, []).append(link)
    return {
        "nodes": {card.id: _entry(board, card, arriving.get(card.id, [])) for card in board.cards},
        "edges": {edge.id: [edge.source, edge.target] for edge in scene.edges},
        "lines": [list(line) for line in board.lines],
        "lines_title": "Source" if any(number for number, _ in board.lines) else "Expressions",
        "given": [card.id for card in board.cards if card.leaf or not forward],
        "prefix": scene.prefix,
        "scope": f"#{scene.prefix}figure",
        "theme": scene.theme,
        "size": [scene.width, scene.height],
    }


def _entry(board: Board, card: Card, links: list[Link]) -> dict[str, Any]:
    root = board[board.root]
    rows = [
        [link.id, f"from {board[link.consumer].name}", product_of(link, board.number),
         say(link.contribution, board.number)]
        for link in links
    ]  # fmt: skip
    return {
        "name": card.name,
        "gradient_name": board.derivative(card.id),
        "value": say(card.value, board.number),
        "cells": bool(np.ndim(card.value)),
        "contributions": rows,
        "adds": not card.parts and all(not np.ndim(link.contribution) for link in links),
        "sum_word": "outputs" if card.parts else "sum",
        "none": f"no path to {root.name}" if card.id != board.root else "",
        "seed": board.derivative(root.id) if card.id == board.root else "",
        "terms": [list(term) for term in card.terms],
        "terms_end": card.terms_end,
    }
