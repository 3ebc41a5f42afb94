"""``viz.backprop``: step through a backward pass, contribution by contribution.

What is stepped through is the engine itself. On a graph that was not walked yet the numbers come
from ``autograd.steps``, which `viz.trace` drains without touching any ``.grad``; on one that was,
they are what the engine kept. The figure is the one that `viz.graph` draws.
"""

from __future__ import annotations

import re
import sys
from types import FrameType
from typing import Any

from viz.board import board_of
from viz.draw import Graph, draw
from viz.extract import extract
from viz.frames import Board, frames
from viz.layer_frames import layer_data, layer_frames
from viz.ledgers import page_data
from viz.names import find_names
from viz.passes import is_layered
from viz.stepper import Stepper
from viz.tensors import layer_graph, layers_of
from viz.trace import trace

__all__ = ["backprop"]

GRANULARITIES = ("auto", "contribution", "node", "layer")
MOST = 1000  # cards: more than a still picture holds, since the page scrolls to the receiver
FIGURE = re.compile(r'<svg[^>]*? id="([^"]*)figure"[^>]*? viewBox="0 0 ([\d.]+) ([\d.]+)"')


def backprop(
    root: Any, *, wrt: Any = None, granularity: str = "auto", forward: bool = False,
    names: Any = None, params: Any = None, theme: str = "auto", title: str | None = None,
    **options: Any,
) -> Stepper:  # fmt: skip
    """Step through the backward pass of a value.

    Nothing changes by stepping: no ``.grad`` is touched, and a graph that can be walked can still
    be walked. A graph that backward has passed is replayed from what the engine kept.

    Parameters
    ----------
    root : Tensor
        What is differentiated.
    wrt : Tensor or sequence of Tensor, optional
        Step only through the contributions that lead to these.
    granularity : {"auto", "contribution", "node", "layer"}
        A frame is one contribution, all contributions of an operation, or the backward rule of a
        whole layer. ``"auto"``: layers for a network that `viz.graph` draws by layer, else
        contributions.
    forward : bool
        Whether the values are stepped through before the gradients.
    names : mapping of str to Tensor, optional
        Names beside those of the caller's variables.
    params : Module, mapping or iterable of Tensors, optional
        What counts as a parameter.
    theme : {"auto", "light", "dark"}
    title : str, optional
        The document's title.
    **options
        More for the picture: of `viz.graph`, or, for layers, of `viz.tensors.layer_graph`
        (``model``, ``optimizer``, ``labels`` ...).

    Returns
    -------
    Stepper
        A ``Figure`` that is also a sequence of frames.

    Raises
    ------
    TypeError, ValueError
        If `root` is no Tensor or needs no gradient, `wrt` is not part of its graph, or an option
        is not one of those named here.

    Examples
    --------
    >>> import autograd, viz
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> stepper = viz.backprop(y)
    >>> print(stepper[-2].text.split("   ")[-1])
    now 1 + 3 + 3 = 7
    >>> x.grad is None
    True
    """
    if granularity not in GRANULARITIES:
        raise ValueError(
            f"backprop: granularity must be one of {', '.join(GRANULARITIES)}, got {granularity!r}"
        )
    caller = sys._getframe(1)
    called = {"names": names, "params": params, "theme": theme}
    try:
        return _step_through(root, caller, wrt, granularity, forward, title, called, options)
    except (TypeError, ValueError) as error:
        if not str(error).startswith("graph:"):
            raise
        raise type(error)(f"backprop:{str(error).removeprefix('graph:')}") from None


def _step_through(
    root: Any, caller: FrameType, wrt: Any, granularity: str, forward: bool, title: str | None,
    called: dict[str, Any], options: dict[str, Any],
) -> Stepper:  # fmt: skip
    """Do what `backprop` does, with the variables of a given frame."""
    view = options.get("view", "auto")
    recording = extract(root)
    if granularity == "auto":
        layered = view == "layers" or (view == "auto" and is_layered(recording))
        granularity = "layer" if layered and wrt is None else "contribution"
    if granularity == "layer":
        if wrt is not None:
            raise ValueError("backprop: wrt goes with contributions or nodes, not with layers")
        return _by_layers(root, caller, forward, title=title, **called, **options)
    if view in ("auto", "layers"):
        options["view"] = "names" if is_layered(recording) else "auto"
    options.setdefault("max_nodes", MOST)
    picture = draw(root, caller, **called, **options)
    board = board_of(picture.scene, picture.recording, picture.groups, picture.names.constant)
    script = frames(
        board,
        granularity=granularity,
        forward=forward,
        wrt=None if wrt is None else _cards_of(wrt, picture, board),
    )
    page = page_data(picture.scene, board, script, forward=forward)
    name = title or f"Step through {board[board.root].name}"
    return Stepper(picture, script, page, title=name)


def _cards_of(wrt: Any, picture: Graph, board: Board) -> frozenset[str]:
    """Return the cards of the tensors that the caller asks about."""
    tensors = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    index = {id(record.node): record.index for record in picture.recording.records}
    heads = {node.records[-1]: node.id for node in picture.scene.nodes if node.records}
    cards = [heads.get(index.get(id(getattr(tensor, "node", None)), -1)) for tensor in tensors]
    if None in cards:
        raise ValueError(
            f"backprop: wrt[{cards.index(None)}] is no card of the graph of "
            f"{board[board.root].name}; name it, or use view='op'"
        )
    return frozenset(card for card in cards if card)


def _by_layers(
    root: Any, frame: FrameType, forward: bool, *, names: Any, params: Any, theme: str,
    title: str | None, view: str = "layers", model: Any = None, optimizer: Any = None,
    depth: int | None = None, **options: Any,
) -> Stepper:  # fmt: skip
    """Step through the layer picture, with the gradients of a walk that the nodes did not keep."""
    recording = extract(root)
    called = find_names(recording, frame, names, params)
    walk = trace(root, recording)
    backward = {
        record.node: (
            walk.arrived(record.index)[0],
            tuple(walk.contributions.get((record.index, at)) for at in range(len(record.operands))),
        )
        for record in recording.operations
        if walk.arrived(record.index)
    }
    common = {
        "model": called.model if model is None else model, "depth": depth, "backward": backward,
        "names": {recording.records[index].node: name for index, name in called.of.items()},
    }  # fmt: skip
    picture = layer_graph(
        root, optimizer=called.optimizer if optimizer is None else optimizer, theme=theme,
        title=title, **common, **options,
    )  # fmt: skip
    layers = layers_of(root, **common)
    found = FIGURE.search(picture.svg())
    if found is None:
        raise RuntimeError("backprop: the layer picture bears no id: nothing can be stepped")
    page = {
        **layer_data(layers, forward=forward), "prefix": found[1], "scope": f"#{found[1]}figure",
        "theme": theme, "size": [float(found[2]), float(found[3])],
    }  # fmt: skip
    name = title or f"Step through {picture.title[:1].lower()}{picture.title[1:]}"
    return Stepper(picture, layer_frames(layers, forward=forward), page, title=name)
