"""``viz.graph``: the graph of a value, with what flowed forward and what came back."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from viz.build import build_scene
from viz.extract import Recording, extract
from viz.figure import Figure
from viz.fold import Group
from viz.names import Names, find_names
from viz.passes import at_most, density, fold_level, is_layered, show_only, within
from viz.render.picture import place
from viz.render.text import dot_text, ledger_html, plain_text
from viz.scene import Scene
from viz.trace import Trace, trace

__all__ = ["VIEWS", "Graph", "draw", "graph"]

VIEWS = ("auto", "names", "op", "layers")


class Graph(Figure):
    """The picture of a graph, and what it was made from.

    Attributes
    ----------
    scene : Scene
        All cards and edges, placed.
    recording, trace, names : Recording, Trace, Names
        The records, the backward pass over them, and what they are called.
    groups : dict of node id to Group
        Which records share a card.
    """

    scene: Scene
    recording: Recording
    trace: Trace
    names: Names
    groups: dict[str, Group]

    def __init__(
        self, scene: Scene, recording: Recording, trace: Trace, names: Names,
        groups: dict[str, Group], engine: str | None = None,
    ) -> None:  # fmt: skip
        picture = place(scene, engine=engine)
        scene = picture.scene
        super().__init__(
            svg=picture.svg, data=scene.to_dict(), dot=lambda: dot_text(scene),
            text=lambda: plain_text(scene), title=scene.title,
            alt=f"{scene.title}. {scene.description}", ledger=lambda: ledger_html(scene),
        )  # fmt: skip
        parts = {"scene": scene, "recording": recording, "trace": trace, "names": names,
                 "groups": groups}  # fmt: skip
        for name, part in parts.items():
            object.__setattr__(self, name, part)


def graph(
    root: Any, *, params: Any = None, names: Any = None, view: str = "auto",
    depth: int | None = None, max_nodes: int = 300, collapse: Any = "auto", roll: bool = True,
    show: Sequence[str] = ("value", "grad", "local"), precision: int = 3, focus: Any = None,
    rankdir: str = "LR", theme: str = "auto", engine: str | None = None, **layers: Any,
) -> Any:  # fmt: skip
    """Draw the graph that computed a value: values, gradients, local derivatives and their sums.

    Nothing changes by drawing: no ``.grad`` is touched, and a graph that can be walked later can
    still be walked. On a graph that backward has passed, what the engine kept is shown.

    Parameters
    ----------
    root : Tensor
        What was differentiated, or is going to be.
    params : Module, mapping, or iterable of Tensors, optional
        What counts as a parameter. Without it parameters of modules do, and leaves not called
        ``x`` and the like.
    names : mapping of str to Tensor, optional
        Names beside those of the caller's variables, which are looked up.
    view : {"auto", "names", "op", "layers"}
        ``"names"``: unnamed temporaries fold into the named value that uses them. ``"op"``: every
        operation is a card. ``"layers"``: one card a layer of a network. ``"auto"`` chooses.
    depth : int, optional
        Of a network drawn by layers: fold modules below that many parts of their path.
    max_nodes : int
        More cards than that are never drawn; a line under the picture says what was folded.
    collapse, roll : "auto", bool
        Of a network drawn by layers: modules fold, and repeated blocks are drawn once, where the
        picture would not be readable otherwise. Only these defaults are offered so far.
    show : sequence of {"value", "grad", "local"}
    precision : int
        Significant digits.
    focus : Tensor, optional
        Draw only what lies on a path through it.
    rankdir : {"LR"}
        Values flow to the right, gradients to the left.
    theme : {"auto", "light", "dark"}
    engine : {"graphviz-pure", "dot", "layered"}, optional
        The layout engine; without it each is tried in turn.
    **layers
        For the view of layers: ``title``, ``model``, ``optimizer``, ``lr``, ``labels``,
        ``legend``, ``prefix``, as in `viz.tensors.layer_graph`.

    Returns
    -------
    Graph or Figure
        A ``Graph`` is a ``Figure``; layers are a ``Figure`` whose data lists them.

    Raises
    ------
    TypeError, ValueError
        If `root` is no Tensor, needs no gradient, or an option is not one of those named here.

    Examples
    --------
    >>> import autograd, viz
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x + x
    >>> picture = viz.graph(y)
    >>> [row["contribution"] for row in picture.data["nodes"][0]["rows"]]
    [3.0, 3.0, 1.0]
    """
    return draw(
        root, sys._getframe(1), params=params, names=names, view=view, depth=depth,
        max_nodes=max_nodes, collapse=collapse, roll=roll, show=show, precision=precision,
        focus=focus, rankdir=rankdir, theme=theme, engine=engine, **layers,
    )  # fmt: skip


def _layers(
    root: Any, traced: Trace, called: Names, depth: int | None, theme: str, options: dict[str, Any]
) -> Figure:
    """Draw a network layer by layer, with gradients that the nodes did not keep."""
    from viz.tensors import layer_graph  # not needed for scalars

    records = traced.recording.records
    backward = None
    if traced.source == "walk":
        backward = {
            records[i].node: (
                traced.arrived(i)[0],
                tuple(traced.contributions.get((i, p)) for p in range(len(records[i].operands))),
            )
            for i in traced.order
        }
    names = {records[i].node: name for i, name in called.of.items()}
    found = {"model": called.model, "optimizer": called.optimizer}
    return layer_graph(
        root, names=names, backward=backward, depth=depth, theme=theme, **(found | options)
    )


def draw(
    root: Any, frame: FrameType | None, *, params: Any = None, names: Any = None,
    view: str = "auto", depth: int | None = None, max_nodes: int = 300, collapse: Any = "auto",
    roll: bool = True, show: Sequence[str] = ("value", "grad", "local"), precision: int = 3,
    focus: Any = None, rankdir: str = "LR", theme: str = "auto", engine: str | None = None,
    **layers: Any,
) -> Any:  # fmt: skip
    """Do what :func:`graph` does, with the variables of a given frame."""
    if view not in VIEWS:
        raise ValueError(f"graph: view must be one of {', '.join(VIEWS)}, got {view!r}")
    if collapse != "auto" or roll is not True:
        raise ValueError(
            "graph: collapse must be 'auto' and roll True; give depth= to fold modules"
        )
    if rankdir != "LR":
        raise ValueError(f"graph: rankdir must be 'LR', got {rankdir!r}")
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"graph: max_nodes must be a positive number, got {max_nodes!r}")
    if not isinstance(precision, int) or not 1 <= precision <= 17:
        raise ValueError(f"graph: precision must be 1 to 17 digits, got {precision!r}")
    recording = extract(root)
    called = find_names(recording, frame, names, params)
    traced = trace(root, recording)
    if view == "layers" or (view == "auto" and focus is None and is_layered(recording)):
        return _layers(root, traced, called, depth, theme, layers)
    if layers:
        unknown = ", ".join(sorted(layers))
        verb = "belong" if layers.keys() - {min(layers)} else "belongs"
        raise TypeError(f"graph: {unknown} {verb} to view='layers', not to {view!r} here")
    level = fold_level(recording, called, view)
    scene, groups = build_scene(
        recording, traced, called, level=level, precision=precision, theme=theme
    )
    if focus is not None:
        scene = within(scene, groups, recording, focus)
    scene = at_most(scene, max_nodes)
    scene = show_only(scene, show)
    scene = dataclasses.replace(scene, density=density(scene))
    return Graph(scene, recording, traced, called, groups, engine)
